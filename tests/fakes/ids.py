"""Ids in the order in which they were asked for."""

from itertools import count


class FakeIds:
    """`Ids` that a test can foresee, in the real form."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new(self) -> str:
        """The next id."""
        return f"{next(self._numbers):032x}"
