"""Many things are gone through, and one that fails does not keep the rest from it."""

from collections.abc import Callable, Iterable

from sluice.errors import SluiceError


def each[T](found: Iterable[T], handle: Callable[[T], bool], failures: list[SluiceError]) -> int:
    """Handle everything that is found; how often there was something to do. What failed is added to `failures`."""
    done = 0
    for item in gathered(found, failures):
        try:
            done += handle(item)
        except SluiceError as failure:
            failures.append(failure)
    return done


def gathered[T](found: Iterable[T], failures: list[SluiceError]) -> list[T]:
    """All that is found, or what was found until the listing failed; whole before handling, which changes the list."""
    items: list[T] = []
    try:
        items.extend(found)
    except SluiceError as failure:
        failures.append(failure)
    return items
