"""What is checked before the first change of a rollout, so that it does not fail half-way. Pure.

What cannot be told is no refusal: then SageMaker has the last word.
"""

from collections.abc import Iterator
from dataclasses import replace

from sluice.core.rollout.checks import Check, CheckStatus, Facts, Quota, blocking, failed, passed, unknown
from sluice.core.rollout.fleet import instances_needed
from sluice.core.rollout.hosting import hosting_checks, status_check
from sluice.core.rollout.pledge import broken_pledge, images_of
from sluice.model.approval import Mode
from sluice.model.metric_query import ringing

__all__ = ["Check", "CheckStatus", "Facts", "Quota", "blocking", "instances_needed", "preflight"]


def preflight(facts: Facts) -> tuple[Check, ...]:
    """Every check with what it found.

    In `observe`, which changes nothing, only whether there is anything to watch; a missing alarm is noted.
    """
    if facts.rollout.mode is Mode.OBSERVE:
        return (_watchable(facts), _alarms_there(facts))
    return (*_package(facts), *hosting_checks(facts), _alarms_there(facts), _alarms_quiet(facts))


def _package(facts: Facts) -> Iterator[Check]:
    request, package = facts.rollout.request, facts.package
    broken = broken_pledge(package, replace(request, images=()))
    yield failed("package", broken) if broken else passed("package", "It is Approved and Completed.")
    if not request.images:
        yield unknown("images", "It is not known which images were approved.")
    elif package is not None and images_of(package) != request.images:
        yield failed("images", "An image or artefact is no longer what people approved: register it as a new version.")
    else:
        yield passed("images", "Images and artefacts are those that people approved.")


def _alarms_there(facts: Facts) -> Check:
    """One that does not exist guards nothing, unnoticed; where nothing serves yet there is nothing to guard."""
    missing = [name for name in dict.fromkeys(facts.rules.alarms) if name not in facts.alarms]
    if not missing:
        return passed("alarms", "Every alarm of the team exists.")
    where = f"No alarm of this account in {facts.rollout.request.region} has this name"
    reason = f"{where}: {', '.join(missing)}. Make it there, or take it out of rollout.alarms."
    guards = facts.rollout.mode is not Mode.OBSERVE and facts.seen is not None
    return failed("alarms", reason) if guards else unknown("alarms", reason)


def _alarms_quiet(facts: Facts) -> Check:
    """One that rings already would take back whatever is rolled out, good or bad; a first endpoint has none yet."""
    rings = sorted(ringing(facts.alarms))
    if rings and facts.seen is not None:
        return failed("quiet", f"In ALARM before anything has been changed: {', '.join(rings)}. See to that first.")
    return passed("quiet", "No alarm of the team rings.")


def _watchable(facts: Facts) -> Check:
    if facts.seen is None:
        return failed("endpoint", f"{facts.rules.target.endpoint} does not exist: there is nothing to watch.")
    return replace(status_check(facts.seen), status=CheckStatus.PASSED)
