"""Parameters of Parameter Store that hold documents, and what Sluice remembers of each."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from sluice.model.commit import PLATFORM_CHAIN, group_chain
from sluice.model.ids import Micros

LIVE = "live"
"""Label of the version that is in force. Only Sluice sets it."""

POLICIES = "/sluice/policies"
PEOPLE = "/sluice/people"
SCHEDULES = "/sluice/schedules"

_POLICY = re.compile(POLICIES + r"/(?P<id>[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})")
_SCHEDULE = re.compile(SCHEDULES + r"/(?P<id>[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62})")


class Subject(StrEnum):
    """What a document is about. The words are those of ledger entries: `PolicyAccepted`, `PeopleRefused`…"""

    POLICY = "Policy"
    PEOPLE = "People"
    SCHEDULE = "Schedule"


@dataclass(frozen=True, slots=True)
class Address:
    """A parameter that Sluice reads: what it is about, and its id (model group, `people`, name of the schedule)."""

    parameter: str
    subject: Subject
    id: str

    @property
    def chain(self) -> str:
        """The ledger chain in which this document's history is told."""
        return group_chain(self.id) if self.subject is Subject.POLICY else PLATFORM_CHAIN


def address_of(parameter: str) -> Address | None:
    """What a parameter is to Sluice, or None when it is nothing."""
    if parameter == PEOPLE:
        return Address(parameter, Subject.PEOPLE, "people")
    for pattern, subject in ((_POLICY, Subject.POLICY), (_SCHEDULE, Subject.SCHEDULE)):
        if match := pattern.fullmatch(parameter):
            return Address(parameter, subject, match["id"])
    return None


@dataclass(frozen=True, slots=True)
class Parameter:
    """The newest version of a parameter as it was read."""

    name: str
    value: str
    version: int
    modified_at: Micros
    type: str = "String"


class Labelling(StrEnum):
    """What became of an attempt to label a version."""

    LABELLED = "labelled"
    FULL = "full"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """How a parameter was judged last (record kind `parameter`, id = its name); always on the list of what is due.

    `digest` is that of the text judged. `live_version` is the version in force, None when none of this parameter is
    (nothing accepted yet, or deleted since); `labelled_version` is the one that Sluice labelled last.
    """

    KIND: ClassVar[str] = "parameter"

    name: str
    version: int
    digest: str
    modified_at: Micros
    live_version: int | None = None
    labelled_version: int | None = None
    deleted: bool = False
