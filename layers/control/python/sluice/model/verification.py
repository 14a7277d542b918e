"""What the verification of a chain found."""

from dataclasses import dataclass
from enum import StrEnum

from sluice.model.ledger import Head


class FaultKind(StrEnum):
    """What is wrong with a chain."""

    EDITED = "edited"
    MISSING = "missing"
    SWAPPED = "swapped"
    TRUNCATED = "truncated"
    FORGED = "forged"
    DUPLICATE = "duplicate"
    UNEXPORTED = "unexported"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place where a chain is not what it was, and what is wrong there in words."""

    seq: int
    kind: FaultKind
    words: str


@dataclass(frozen=True, slots=True)
class Verification:
    """`records` were found right, the newest of them is `head`; the locked export holds them up to `exported_up_to`."""

    chain: str
    records: int
    head: Head
    exported_up_to: int
    fault: Fault | None

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return self.fault is None

    @property
    def tail(self) -> range:
        """Numbers of the records that no export proves yet."""
        return range(self.exported_up_to + 1, self.records + 1)
