"""Slack on a bad day: gone, refusing, slow, or counting messages. Switched by tests and by the console."""

import threading
from collections.abc import Callable
from enum import StrEnum

from local.slack.workspace import ApiError


class Down(StrEnum):
    """How a Slack that is down shows itself."""

    NO = "no"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"


class RateLimited(Exception):  # the fact, as HTTP 429 says it
    """Too many messages to a channel; `retry_after_s` is what the header says."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("ratelimited")
        self.retry_after_s = retry_after_s


class Faults:
    """What is switched on now. Times run on the simulated clock, slowness is real."""

    def __init__(self, wall: Callable[[], float]) -> None:
        self._wall = wall
        self._lock = threading.Lock()
        self.clear()

    def clear(self) -> None:
        """A good day again."""
        with self._lock:
            self._down, self._down_until_s = Down.NO, 0.0
            self.limits_rate = False
            self.delay_s = 0.0
            self._last_post_s: dict[str, float] = {}
            self._failing: dict[str, tuple[str, int]] = {}

    def go_down(self, for_s: float, how: Down = Down.UNAVAILABLE) -> None:
        """Be unreachable for a time."""
        with self._lock:
            self._down, self._down_until_s = how, self._wall() + for_s

    def fail(self, method: str, error: str, times: int = 1) -> None:
        """Answer the next calls of one method with an error code of Slack's."""
        with self._lock:
            self._failing[method] = (error, times)

    def down(self) -> Down:
        """Whether and how Slack is down now."""
        return self._down if self._wall() < self._down_until_s else Down.NO

    def check(self, method: str) -> None:
        """Raise the error planted for a method, as often as was asked."""
        with self._lock:
            error, left = self._failing.get(method, ("", 0))
            if left > 0:
                self._failing[method] = (error, left - 1)
                raise ApiError(error)

    def admit(self, channel: str) -> None:
        """Raise RateLimited when a channel got its message of this second already (only when switched on)."""
        with self._lock:
            now = self._wall()
            if self.limits_rate and now - self._last_post_s.get(channel, 0.0) < 1.0:
                raise RateLimited(retry_after_s=1)
            self._last_post_s[channel] = now
