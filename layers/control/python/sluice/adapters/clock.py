"""The real clock."""

import time

from sluice.model.ids import Micros


def now_ns() -> int:
    """Nanoseconds since the Unix epoch, UTC."""
    return time.time_ns()


class SystemClock:
    """`Clock` by the system's time."""

    def now(self) -> Micros:
        """The present moment."""
        return Micros(now_ns() // 1000)
