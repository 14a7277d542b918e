"""PagerDuty on a bad day: down, unreachable, too busy, or answering into the void. Times run on the simulated clock."""

import threading
from collections.abc import Callable


class Faults:
    """What is switched on now."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """A good day again."""
        with self._lock:
            self.says_how_long = True
            self._down_until_s = self._unreachable_until_s = self._busy_until_s = 0.0
            self._to_lose = 0

    def go_down(self, for_s: float, *, unreachable: bool = False) -> None:
        """Answer 503 for a time, or nothing at all."""
        with self._lock:
            if unreachable:
                self._unreachable_until_s = self._wall() + for_s
            else:
                self._down_until_s = self._wall() + for_s

    def throttle(self, for_s: float, *, says_how_long: bool = True) -> None:
        """Answer 429 for a time, with Retry-After or without."""
        with self._lock:
            self._busy_until_s, self.says_how_long = self._wall() + for_s, says_how_long

    def lose(self, answers: int) -> None:
        """Lose the next answers: the events are accepted, and nobody hears of it."""
        with self._lock:
            self._to_lose = answers

    @property
    def is_down(self) -> bool:
        """Whether 503 is answered."""
        return self._wall() < self._down_until_s

    @property
    def is_unreachable(self) -> bool:
        """Whether connections end without an answer."""
        return self._wall() < self._unreachable_until_s

    @property
    def wait_s(self) -> int:
        """Seconds for which 429 is answered still."""
        return max(0, round(self._busy_until_s - self._wall() + 0.5))

    def loses_answer(self) -> bool:
        """Whether this answer is lost; each call takes one from those to lose."""
        with self._lock:
            lost = self._to_lose > 0
            self._to_lose -= lost
            return lost
