"""A clock that a test moves."""

from sluice.model.ids import Micros
from tests.approvals import NOW


class FakeClock:
    """`Clock` that never tells the same moment twice, as a real one hardly does: each look costs a microsecond."""

    def __init__(self, at: Micros = NOW) -> None:
        self.at = at

    def now(self) -> Micros:
        """The moment, and on to the next."""
        self.at = Micros(self.at + 1)
        return self.at

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.at = Micros(self.at + int(seconds * 1_000_000))
