"""Who is who: Slack people and the identities under which they register models, as decisions read them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sluice.model.ids import Digest, SlackUserId
from sluice.model.package import NOBODY, Actor


class ResolvesTo(StrEnum):
    """For whom a machine's role acts when it registers a model."""

    PIPELINE_STARTER = "pipeline_starter"
    COMMIT_AUTHOR = "commit_author"


@dataclass(frozen=True, slots=True)
class Person:
    """One person and everything that names them. `git_emails` are lower-case, the rest is compared as written."""

    slack: SlackUserId
    name: str
    principals: tuple[str, ...] = ()
    source_identities: tuple[str, ...] = ()
    studio_profiles: tuple[str, ...] = ()
    git_emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delegate:
    """A role that registers for someone else: it never stands for a person by itself."""

    role: str
    resolves_to: ResolvesTo


@dataclass(frozen=True, slots=True)
class People:
    """What `/sluice/people` says; the digest names the exact text."""

    people: tuple[Person, ...] = ()
    delegates: tuple[Delegate, ...] = ()
    digest: Digest | None = None


@dataclass(frozen=True, slots=True)
class PeopleRecord:
    """The people in force (record kind `people`, id `people`). `text` is the canonical JSON."""

    KIND: ClassVar[str] = "people"

    in_force: People
    text: str


@dataclass(frozen=True, slots=True)
class RegistrationFacts:
    """What may say who registered a package: SageMaker's caller, who started the pipeline, who wrote the commit."""

    registered_by: Actor
    pipeline_starter: Actor = NOBODY
    commit_author_email: str | None = None
