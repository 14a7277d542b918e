"""A function that dies: between any two calls of its ports, before or after the effect of the call."""

from collections.abc import Callable
from typing import Any, cast


class Died(BaseException):
    """The process is gone; no handler of ours may catch this."""


class Life:
    """Counts the calls of all ports of a process and ends it at one of them; 0 for never.

    The n-th call is number 2n-1 before its effect and 2n after it.
    """

    def __init__(self, ends_at: int = 0) -> None:
        self.ends_at = ends_at
        self.lived = 0

    def step(self) -> None:
        """One moment of a life."""
        self.lived += 1
        if self.lived == self.ends_at:
            raise Died(f"at moment {self.lived}")


def mortal[T](port: T, life: Life) -> T:
    """The port as a process sees it that may die."""
    return cast("T", _Mortal(port, life))


class _Mortal:
    def __init__(self, port: Any, life: Life) -> None:
        self._port = port
        self._life = life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._port, name)

        def lived(*args: Any, **kwargs: Any) -> Any:
            self._life.step()
            answer = call(*args, **kwargs)
            self._life.step()
            return answer

        return lived
