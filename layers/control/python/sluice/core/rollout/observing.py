"""What others have deployed, from the packages that served before and serve now. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deployment:
    """A package that is new on an endpoint. `beside` is its variant where the old version still serves beside it."""

    package_arn: str
    beside: str = ""


def newcomer(before: Mapping[str, str], now: Mapping[str, str]) -> Deployment | None:
    """The package that came, by variant before and now; None when no package is new.

    Two variants are compared side by side only where one of them still has a version that served before.
    """
    known = {arn.lower() for arn in before.values()}
    fresh = {variant: arn for variant, arn in now.items() if arn.lower() not in known}
    if not fresh:
        return None
    variant, arn = next(iter(fresh.items()))
    stays = len(fresh) < len(now)
    return Deployment(arn, variant if stays else "")
