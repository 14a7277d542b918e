"""`/sluice/people` as it is written: who is who, and which roles register for others."""

from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sluice.errors import InvalidInput
from sluice.model.codec import decode
from sluice.model.document_fields import Document, Label, SlackPerson, WholeDocument
from sluice.model.people import People, ResolvesTo
from sluice.model.principals import Principal
from sluice.model.refusal import FieldErrors, FieldPath


def _principal(text: str) -> str:
    try:
        Principal.parse(text)
    except InvalidInput as error:
        raise ValueError(str(error)) from error
    return text


def _delegate_role(text: str) -> str:
    if Principal.parse(_principal(text)).kind != "role" or ":assumed-role/" in text:
        raise ValueError("should be the ARN of an IAM role: arn:aws:iam::ACCOUNT:role/NAME")
    return text


PrincipalArn = Annotated[str, Field(max_length=700), AfterValidator(_principal)]
RoleArn = Annotated[str, Field(max_length=700), AfterValidator(_delegate_role)]
SourceIdentity = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_+=,.@-]{2,64}$")]
StudioProfile = Annotated[str, Field(pattern=r"^d-[a-z0-9-]{1,61}/[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")]
Email = Annotated[str, Field(max_length=254, pattern=r"^[^\s@<>]+@[^\s@<>]+$"), AfterValidator(str.lower)]


class PersonEntry(Document):
    """One person and the identities under which they work."""

    slack: SlackPerson
    """Slack id of the person."""
    name: Label
    """Name as people know it."""
    principals: Annotated[tuple[PrincipalArn, ...], Field(max_length=20)] = ()
    """ARNs of IAM users, of role sessions (`arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`, where `*` may end the
    session), or of a role that only this person can assume. Compared as written, including case."""
    source_identities: Annotated[tuple[SourceIdentity, ...], Field(max_length=20)] = ()
    """Values of SourceIdentity that stand for this person. Compared as written, including case."""
    studio_profiles: Annotated[tuple[StudioProfile, ...], Field(max_length=20)] = ()
    """SageMaker Studio profiles, as `DOMAIN-ID/PROFILE-NAME`. Compared as written, including case."""
    git_emails: Annotated[tuple[Email, ...], Field(max_length=20)] = ()
    """E-mail addresses of this person's commits. Case does not matter."""


class DelegateEntry(Document):
    """A role of a machine that registers models for people."""

    role: RoleArn
    """ARN of the IAM role."""
    resolves_to: ResolvesTo
    """Who stands behind it: `pipeline_starter` (who started the SageMaker pipeline execution) or `commit_author`."""


class PeopleDocument(WholeDocument):
    """Who is who. Nobody approves a model that they registered themselves, so Sluice must know who did."""

    version: Annotated[int, Field(strict=True, ge=1, le=1)] = 1
    """Version of this format: 1."""
    people: Annotated[tuple[PersonEntry, ...], Field(max_length=200)]
    """The people. No identity may stand for two of them."""
    delegates: Annotated[tuple[DelegateEntry, ...], Field(max_length=50)] = ()
    """Roles that register for someone else. Such a role cannot stand for a person as well."""

    @model_validator(mode="after")
    def _one_identity_one_person(self) -> Self:
        errors = [*self._repeated_people(), *self._shared_names(), *self._shared_principals(), *self._shared_roles()]
        if errors:
            raise FieldErrors(*errors)
        return self

    @property
    def in_force(self) -> People:
        """The view that decisions read."""
        return decode(People, {**self.model_dump(mode="json"), "digest": self.digest})

    def _repeated_people(self) -> Iterator[tuple[FieldPath, str]]:
        known: set[str] = set()
        for i, person in enumerate(self.people):
            if person.slack in known:
                yield ("people", i, "slack"), f"{person.slack} has two entries"
            known.add(person.slack)

    def _shared_names(self) -> Iterator[tuple[FieldPath, str]]:
        for kind in ("source_identities", "studio_profiles", "git_emails"):
            owner: dict[str, str] = {}
            for i, person in enumerate(self.people):
                for j, value in enumerate(getattr(person, kind)):
                    if owner.setdefault(value, person.slack) != person.slack:
                        yield ("people", i, kind, j), f"already stands for {owner[value]}"

    def _shared_principals(self) -> Iterator[tuple[FieldPath, str]]:
        seen: list[tuple[Principal, str]] = []
        for i, person in enumerate(self.people):
            for j, text in enumerate(person.principals):
                principal = Principal.parse(text)
                other = next((who for known, who in seen if who != person.slack and known.overlaps(principal)), None)
                if other:
                    yield ("people", i, "principals", j), f"could also stand for {other}"
                seen.append((principal, person.slack))

    def _shared_roles(self) -> Iterator[tuple[FieldPath, str]]:
        claimed = [(Principal.parse(text), p.slack) for p in self.people for text in p.principals]
        roles: list[Principal] = []
        for i, delegate in enumerate(self.delegates):
            role = Principal.parse(delegate.role)
            owner = next((who for principal, who in claimed if role.overlaps(principal)), None)
            if owner:
                yield ("delegates", i, "role"), f"also stands for {owner}: a role is a person's or a machine's"
            if role in roles:
                yield ("delegates", i, "role"), "has two entries"
            roles.append(role)
