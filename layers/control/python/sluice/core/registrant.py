"""Who registered a model package: from AWS identities to a person in Slack, or to the reason why nobody can be named.

A person is named only by what `/sluice/people` says, and only when everything known agrees: better nobody than the
wrong one, since the registrant is who may not vote.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.errors import InvalidInput
from sluice.model.approval import Registrant
from sluice.model.package import NOBODY, Actor
from sluice.model.people import Delegate, People, Person, RegistrationFacts, ResolvesTo
from sluice.model.principals import Principal

_UNNAMED = "somebody SageMaker does not name"


@dataclass(frozen=True, slots=True)
class _Claim:
    """One identity that is known, and those it stands for."""

    what: str
    people: tuple[Person, ...]


def resolve(facts: RegistrationFacts, people: People) -> Registrant:
    """The person who registered, or nobody and why.

    Studio profile and SourceIdentity name people whatever the role. A role that `people` calls a delegate stands
    for nobody itself; it resolves by the one way given there and by no other.
    """
    shown = describe(facts.registered_by)
    delegate = _delegate(facts.registered_by, people)
    claims = list(_claims(facts.registered_by, people, with_principal=delegate is None))
    unknown = next((c for c in claims if not c.people), None)
    if unknown is not None and (delegate is None or any(c.people for c in claims)):
        return Registrant(None, shown, f"{unknown.what} stands for nobody in /sluice/people")
    if delegate is not None and not any(c.people for c in claims):
        return _behind(delegate, facts, people, shown)
    return _agreed(claims, shown) if claims else Registrant(None, shown, "SageMaker does not say who registered it")


def describe(actor: Actor) -> str:
    """An actor in a few words, for people to recognise."""
    if actor.studio_profile:
        return f"Studio profile {actor.studio_profile}"
    if actor.source_identity:
        return actor.source_identity
    if actor.principal_arn:
        return actor.principal_arn.rsplit(":", 1)[-1]
    return actor.principal_id or _UNNAMED


def _claims(actor: Actor, people: People, *, with_principal: bool) -> Iterator[_Claim]:
    named = False
    if actor.studio_profile:
        named = True
        found = tuple(p for p in people.people if actor.studio_profile in p.studio_profiles)
        yield _Claim(f"Studio profile {actor.studio_profile}", found)
    if actor.source_identity:
        named = True
        found = tuple(p for p in people.people if actor.source_identity in p.source_identities)
        yield _Claim(f"SourceIdentity {actor.source_identity}", found)
    if actor.principal_arn and with_principal:
        found = _by_principal(actor.principal_arn, people)
        if found or not named:  # many share an execution role, so that nobody has it says nothing against a profile
            yield _Claim(actor.principal_arn, found)


def _agreed(claims: list[_Claim], shown: str) -> Registrant:
    """The one person for whom all claims stand."""
    everybody = {p.slack: p for c in claims for p in c.people}
    if len(everybody) != 1:
        names = ", ".join(sorted(p.name for p in everybody.values()))
        return Registrant(None, shown, f"its identities stand for different people: {names}")
    person = next(iter(everybody.values()))
    return Registrant(person.slack, person.name)


def _behind(delegate: Delegate, facts: RegistrationFacts, people: People, shown: str) -> Registrant:
    """The person for whom a delegate role acted."""
    match delegate.resolves_to:
        case ResolvesTo.COMMIT_AUTHOR:
            return _author(facts.commit_author_email, people, shown)
        case ResolvesTo.PIPELINE_STARTER:
            return _starter(facts, people, shown)


def _author(email: str | None, people: People, shown: str) -> Registrant:
    if not email:
        return Registrant(None, shown, f"{shown} acts for the author of the commit, who is not known")
    found = [p for p in people.people if email.lower() in p.git_emails]
    if len(found) != 1:
        return Registrant(None, shown, f"commit author {email} stands for {_count(found)} in /sluice/people")
    return Registrant(found[0].slack, f"{found[0].name} (wrote the commit)")


def _starter(facts: RegistrationFacts, people: People, shown: str) -> Registrant:
    starter = facts.pipeline_starter
    if starter == NOBODY:
        return Registrant(None, shown, f"{shown} acts for who started the pipeline, who is not known")
    # The starter may be a build system that acts for the author of a commit, but no second pipeline stands behind it.
    found = resolve(RegistrationFacts(starter, NOBODY, facts.commit_author_email), people)
    if found.person is None:
        return Registrant(None, shown, f"the pipeline was started by {found.shown_as}: {found.reason}")
    return Registrant(found.person, f"{found.shown_as} (started the pipeline)")


def _delegate(actor: Actor, people: People) -> Delegate | None:
    caller = _parsed(actor.principal_arn)
    if caller is None:
        return None
    return next((d for d in people.delegates if Principal.parse(d.role).covers(caller)), None)


def _by_principal(arn: str, people: People) -> tuple[Person, ...]:
    caller = _parsed(arn)
    if caller is None:
        return ()
    return tuple(p for p in people.people if any(Principal.parse(text).covers(caller) for text in p.principals))


def _parsed(arn: str | None) -> Principal | None:
    """The caller, or None for what is no ARN of one (root, a service): such a caller stands for nobody."""
    try:
        return Principal.parse(arn or "")
    except InvalidInput:
        return None


def _count(found: list[Person]) -> str:
    return "nobody" if not found else f"{len(found)} people"
