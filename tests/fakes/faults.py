"""Faults on demand, for every fake that stands for a neighbour."""

from collections import deque

from sluice.errors import SluiceError


class Faulty:
    """`fail` lets the next calls raise before they have any effect; `down` lets every call raise until it is None."""

    def __init__(self) -> None:
        self.down: SluiceError | None = None
        self._failures: deque[SluiceError] = deque()

    def fail(self, *errors: SluiceError) -> None:
        """Let the next calls fail, each with one of these."""
        self._failures.extend(errors)

    def check(self) -> None:
        """Raise what is planted; each method of a fake calls this first."""
        if self._failures:
            raise self._failures.popleft()
        if self.down is not None:
            raise self.down
