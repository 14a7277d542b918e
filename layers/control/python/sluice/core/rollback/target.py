"""Which version an endpoint can go back to, and why not to another. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from sluice.core.rollback.situation import Situation
from sluice.core.rollback.ways import ways_back
from sluice.model.ids import Micros
from sluice.model.package import PackageStatus, RegistryStatus
from sluice.model.production import Served
from sluice.model.signal import Cause


@dataclass(frozen=True, slots=True)
class Way:
    """The version to go back to, or why there is none."""

    target: Served | None
    reason: str = ""


def named(served: Served) -> str:
    """A version in words."""
    return f"version {served.version} ({served.config})" if served.package_arn else served.config


def way_back(situation: Situation, left: Served) -> Way:
    """The newest version that may serve again."""
    return _by_itself(situation, left) if situation.automatic else _for_a_person(situation, left)


def _by_itself(situation: Situation, left: Served) -> Way:
    """Automation stays this side of what a person decided, and does not flap between versions that are both bad."""
    theirs = _put_there_by_others(situation, left)
    if theirs:
        return Way(None, theirs)
    floor, told = _floor(situation), []
    for each in ways_back(situation.production, left):
        if floor is not None and each.since < floor.since:
            told.append(f"A person decided that {named(floor)} serves ({floor.decided_by}): nobody goes behind that.")
            break
        why_not = _unfit(situation, each)
        if not why_not and _is_blamed(situation, each):
            source = situation.rollback.signal.source
            reason = f"{source} was raised while {named(each)} served, too: the cause lies elsewhere."
            return Way(None, f"{reason} Going back would not help.")
        if not why_not:
            return Way(each)
        told.append(why_not)
    return Way(None, " ".join(told) or "Nothing else is known to have served here: there is no way back.")


def _floor(situation: Situation) -> Served | None:
    """The newest version that a person put there against the judge, or by a rollback of their own."""
    return next((each for each in reversed(situation.production.served) if each.decided_by is not None), None)


def _put_there_by_others(situation: Situation, left: Served) -> str:
    """Why what serves is not left without a person's word."""
    unknown = situation.production.serving(left.config) is None and situation.production.served
    if unknown and situation.rollback.signal.cause is not Cause.CHANGED:
        return f"Somebody put {left.config} there, and not by Sluice: automation does not go behind that."
    return ""


def _for_a_person(situation: Situation, left: Served) -> Way:
    """Whatever can serve: rather what nothing speaks against, rather what was approved, rather the newest."""
    ways = ways_back(situation.production, left)
    unfit = {each.config: _unfit(situation, each, approved=bool(each.package_arn)) for each in ways}
    fit = [each for each in ways if not unfit[each.config]]
    if not fit:
        told = " ".join(unfit.values())
        return Way(None, told or "Nothing else is known to have served here: there is no way back.")
    return Way(min(fit, key=lambda each: (_is_blamed(situation, each), not each.package_arn)))


def _unfit(situation: Situation, served: Served, *, approved: bool = True) -> str:
    """Why a version can or may not serve; empty when it may. `approved`: only what the registry approves of."""
    return next(_reasons(situation, served, approved=approved), "")


def _reasons(situation: Situation, served: Served, *, approved: bool) -> Iterator[str]:
    if served.rejected:
        yield f"{named(served)} was taken back itself."
    if served.document is None:
        yield f"What {named(served)} was made of is not known."
    if not approved:
        return
    if not served.package_arn:
        yield f"{served.config} was not put there by Sluice: nobody approved it here."
        return
    package = situation.packages.get(served.package_arn)
    if package is None:
        yield f"The package of {named(served)} is not in the registry any more."
    elif package.status is not RegistryStatus.APPROVED:
        yield f"The registry says that {named(served)} is {package.status.value}, not Approved."
    elif package.package_status is not PackageStatus.COMPLETED:
        yield f"The package of {named(served)} is {package.package_status.value}, not Completed."


def _is_blamed(situation: Situation, served: Served) -> bool:
    """Whether what speaks against the version that serves has spoken against this one, too."""
    source = situation.rollback.signal.source
    if any(each.source == source for each in served.condemned):
        return True
    times = [(each.since, each.until) for each in situation.production.served if each.config == served.config]
    return any(since <= at < until for since, until in times for at in _raised_alone(situation))


def _raised_alone(situation: Situation) -> tuple[Micros, ...]:
    """When its source was raised, but for the time in which two versions served: then it may be either's."""
    handed = situation.handed
    return tuple(at for at in situation.raised_at if handed is None or at < handed.begun_at)
