"""Numbers compared exactly and written so that a person sees the difference."""

import math
from decimal import Decimal


def exact(value: float) -> Decimal:
    """The decimal that a person wrote, so that 0.90 - 0.01 is 0.89 and not a little less."""
    return Decimal(repr(value))


def figure(value: float, digits: int = 6) -> str:
    """A number with so many significant digits, whole numbers in full."""
    if value.is_integer() and abs(value) < 1e15:
        return f"{value:.0f}"
    return f"{value:.{digits}g}"


def three_digits(value: float) -> str:
    """A number as a person reads it at a glance, whole from a thousand on: nobody reads `1.23e+04`."""
    if not math.isfinite(value):
        return "∞"
    if abs(value) >= 1e9:
        return f"{value:.1e}"
    return f"{value:,.0f}" if abs(value) >= 1000 or value == 0 else f"{value:.3g}"


def figures(value: float, limit: float) -> tuple[str, str]:
    """Two numbers with as many digits as it takes to tell them apart."""
    for digits in (6, 9, 12):
        texts = figure(value, digits), figure(limit, digits)
        if texts[0] != texts[1] or value == limit:
            return texts
    return repr(value), repr(limit)
