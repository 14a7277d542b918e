import pytest

from sluice.core.policy_text import read_document
from sluice.core.registrant import resolve
from sluice.errors import InvalidInput
from sluice.model.codec import decode, encode
from sluice.model.package import NOBODY, Actor
from sluice.model.people import People, RegistrationFacts
from sluice.model.people_document import PeopleDocument
from sluice.model.principals import Principal
from sluice.model.refusal import DocumentRefused

STS = "arn:aws:sts::111122223333:assumed-role"
IAM = "arn:aws:iam::111122223333"
TEXT = f"""\
people:
  - slack: U0ANNA
    name: Anna
    principals: ["{IAM}:user/team/anna", "{STS}/AWSReservedSSO_DataScientist_0123456789abcdef/anna@example.com", "{STS}/notebook/anna-*"]
    source_identities: [anna]
    studio_profiles: [d-abc123/anna]
    git_emails: [Anna@Example.com]
  - slack: U0BEN
    name: Ben
    principals: ["{IAM}:role/people/ben-only"]
    source_identities: [ben]
    studio_profiles: [d-abc123/ben]
    git_emails: [ben@example.com]
delegates:
  - {{role: "{IAM}:role/pipeline", resolves_to: pipeline_starter}}
  - {{role: "{IAM}:role/ci/build", resolves_to: commit_author}}
"""
PEOPLE = read_document(PeopleDocument, TEXT).in_force
PIPELINE = Actor(principal_arn=f"{STS}/pipeline/SageMaker")
BUILD = Actor(principal_arn=f"{STS}/build/run-17")
ANNA = Actor(studio_profile="d-abc123/anna", principal_arn=f"{STS}/execution/SageMaker")


def person(actor: Actor, starter: Actor = NOBODY, email: str | None = None) -> str | None:
    found = resolve(RegistrationFacts(actor, starter, email), PEOPLE)
    assert (found.person is None) == bool(found.reason)
    return found.person


def arn(text: str) -> Actor:
    return Actor(principal_arn=text)


@pytest.mark.parametrize(
    "actor, expected",
    [
        (arn(f"{IAM}:user/team/anna"), "U0ANNA"),
        (arn(f"{IAM}:user/anna"), None),
        (arn(f"{IAM}:user/team/Anna"), None),
        (arn("arn:aws:iam::999900001111:user/team/anna"), None),
        (arn(f"{STS}/AWSReservedSSO_DataScientist_0123456789abcdef/anna@example.com"), "U0ANNA"),
        (arn(f"{STS}/AWSReservedSSO_DataScientist_0123456789abcdef/Anna@example.com"), None),
        (arn(f"{STS}/AWSReservedSSO_Admin_0123456789abcdef/anna@example.com"), None),
        (arn(f"{STS}/notebook/anna-1"), "U0ANNA"),
        (arn(f"{STS}/notebook/anna-"), "U0ANNA"),
        (arn(f"{STS}/notebook/anna"), None),
        (arn(f"{STS}/ben-only/whatever"), "U0BEN"),
        (arn(f"{STS}/ben-only2/whatever"), None),
        (arn(f"{IAM}:root"), None),
        (arn("sagemaker.amazonaws.com"), None),
        (Actor(source_identity="anna"), "U0ANNA"),
        (Actor(source_identity="Anna"), None),
        (Actor(studio_profile="d-abc123/ben"), "U0BEN"),
        (Actor(studio_profile="d-other/ben"), None),
        (ANNA, "U0ANNA"),
        (NOBODY, None),
        (Actor(principal_id="AROAEXAMPLE:anna"), None),
    ],
)
def test_an_identity_names_the_person_that_people_says_and_nobody_else(actor: Actor, expected: str | None) -> None:
    assert person(actor) == expected


def test_identities_of_different_people_name_nobody() -> None:
    found = resolve(RegistrationFacts(Actor(source_identity="ben", studio_profile="d-abc123/anna")), PEOPLE)

    assert found.person is None
    assert found.reason == "its identities stand for different people: Anna, Ben"


def test_a_session_named_after_somebody_else_does_not_hide_the_source_identity() -> None:
    """Whoever picks a session name freely could register as another and then vote on their own model."""
    session = f"{STS}/notebook/anna-1"

    assert person(Actor(principal_arn=session, source_identity="ben")) is None
    assert person(Actor(principal_arn=session, source_identity="stranger")) is None
    assert person(Actor(principal_arn=session, source_identity="anna")) == "U0ANNA"


@pytest.mark.parametrize(
    "starter, email, expected",
    [
        (ANNA, None, "U0ANNA"),
        (NOBODY, "anna@example.com", None),
        (arn(f"{STS}/pipeline/SageMaker"), None, None),
        (arn(f"{STS}/stranger/x"), "anna@example.com", None),
        (BUILD, "ben@example.com", "U0BEN"),
        (BUILD, None, None),
    ],
)
def test_a_pipelines_role_stands_for_who_started_it(starter: Actor, email: str | None, expected: str | None) -> None:
    assert person(PIPELINE, starter, email) == expected


@pytest.mark.parametrize(
    "email, expected",
    [
        ("anna@example.com", "U0ANNA"),
        ("ANNA@EXAMPLE.COM", "U0ANNA"),
        ("stranger@example.com", None),
        ("", None),
        (None, None),
    ],
)
def test_a_build_systems_role_stands_for_the_author_of_the_commit(email: str | None, expected: str | None) -> None:
    assert person(BUILD, NOBODY, email) == expected
    assert person(BUILD, ANNA, email) == expected


def test_the_commits_author_counts_for_no_role_that_is_not_a_delegate() -> None:
    assert person(arn(f"{STS}/stranger/x"), ANNA, "anna@example.com") is None


def test_a_person_known_by_studio_profile_stands_for_themselves_even_under_the_pipelines_role() -> None:
    assert person(Actor(principal_arn=f"{STS}/pipeline/SageMaker", studio_profile="d-abc123/ben"), ANNA) == "U0BEN"


def test_how_a_person_was_found_is_shown() -> None:
    assert resolve(RegistrationFacts(PIPELINE, ANNA), PEOPLE).shown_as == "Anna (started the pipeline)"
    assert resolve(RegistrationFacts(BUILD, NOBODY, "ben@example.com"), PEOPLE).shown_as == "Ben (wrote the commit)"
    assert resolve(RegistrationFacts(arn(f"{STS}/x/y")), People()).shown_as == "assumed-role/x/y"


def test_while_nobody_is_known_nobody_is_named() -> None:
    found = resolve(RegistrationFacts(ANNA), People())

    assert found.person is None
    assert found.reason == "Studio profile d-abc123/anna stands for nobody in /sluice/people"


def test_the_people_in_force_survive_being_stored() -> None:
    assert decode(People, encode(PEOPLE)) == PEOPLE


def people(*entries: str, delegates: str = "[]") -> str:
    return f"people: [{', '.join(entries)}]\ndelegates: {delegates}\n"


@pytest.mark.parametrize(
    "text, field",
    [
        (people("{slack: U1, name: A}", "{slack: U1, name: B}"), "people[1].slack"),
        (people("{slack: U1, name: A, source_identities: [xy]}", "{slack: U2, name: B, source_identities: [xy]}"), "people[1].source_identities[0]"),
        (people("{slack: U1, name: A, git_emails: [a@b.c]}", "{slack: U2, name: B, git_emails: [A@B.C]}"), "people[1].git_emails[0]"),
        (people("{slack: U1, name: A, studio_profiles: [d-1/a]}", "{slack: U2, name: B, studio_profiles: [d-1/a]}"), "people[1].studio_profiles[0]"),
        (people(f"{{slack: U1, name: A, principals: ['{STS}/r/a*']}}", f"{{slack: U2, name: B, principals: ['{STS}/r/anna']}}"), "people[1].principals[0]"),
        (people(f"{{slack: U1, name: A, principals: ['{STS}/r/anna']}}", f"{{slack: U2, name: B, principals: ['{IAM}:role/p/r']}}"), "people[1].principals[0]"),
        (people(f"{{slack: U1, name: A, principals: ['{STS}/r/anna']}}", delegates=f"[{{role: '{IAM}:role/r', resolves_to: commit_author}}]"), "delegates[0].role"),
        (people(delegates=f"[{{role: '{IAM}:role/r', resolves_to: commit_author}}, {{role: '{IAM}:role/p/r', resolves_to: pipeline_starter}}]"), "delegates[1].role"),
        (people(delegates=f"[{{role: '{STS}/r/s', resolves_to: commit_author}}]"), "delegates[0].role"),
        (people(delegates=f"[{{role: '{IAM}:role/r', resolves_to: anybody}}]"), "delegates[0].resolves_to"),
        (people(f"{{slack: U1, name: A, principals: ['{IAM}:root']}}"), "people[0].principals[0]"),
        (people(f"{{slack: U1, name: A, principals: ['{STS}/r*/anna']}}"), "people[0].principals[0]"),
        (people("{slack: U1, name: A, principals: ['*']}"), "people[0].principals[0]"),
    ],
)  # fmt: skip
def test_what_could_stand_for_two_is_refused(text: str, field: str) -> None:
    with pytest.raises(DocumentRefused) as caught:
        read_document(PeopleDocument, text)

    assert caught.value.problems[0].field == field


def test_one_person_may_say_the_same_twice() -> None:
    entry = f"{{slack: U1, name: A, principals: ['{STS}/r/a*', '{STS}/r/anna']}}"

    assert len(read_document(PeopleDocument, people(entry)).people) == 1


@pytest.mark.parametrize(
    "text",
    [
        f"{STS}/r",
        f"{STS}/a/b/c",
        "arn:aws:iam::1:user/a",
        "arn:aws:sts::111122223333:user/a",
        f"{STS}/r/a*b",
        f"{STS}/ü/a",
        "x" * 2000,
    ],
)
def test_what_is_no_principal_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        Principal.parse(text)
