"""Tells a person in the terminal what happens."""

import time
from collections.abc import Callable


class Teller:
    """Tells a person what happens, with the seconds since the start."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def say(self, text: str = "") -> None:
        """One line of the story."""
        print(f"[{time.monotonic() - self._begun:5.1f} s] {text}" if text else "", flush=True)

    def during[T](self, text: str, act: Callable[[], T]) -> T:
        """Say what is about to happen and let it happen."""
        self.say(text)
        return act()
