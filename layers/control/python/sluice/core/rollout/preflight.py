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

__all__ = ["Check", "CheckStatus", "Facts", "Quota", "blocking", "instances_needed", "preflight"]


def preflight(facts: Facts) -> tuple[Check, ...]:
    """Every check with what it found. In `observe`, which changes nothing, only whether there is anything to watch."""
    if facts.rollout.mode is Mode.OBSERVE:
        return (_watchable(facts),)
    return (*_package(facts), *hosting_checks(facts), _alarms(facts))


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


def _alarms(facts: Facts) -> Check:
    """One that rings already would take back whatever is rolled out, good or bad; a first endpoint has none yet."""
    if facts.ringing and facts.seen is not None:
        rings = ", ".join(sorted(facts.ringing))
        return failed("alarms", f"In ALARM before anything has been changed: {rings}. See to that first.")
    return passed("alarms", "No alarm of the team rings.")


def _watchable(facts: Facts) -> Check:
    if facts.seen is None:
        return failed("endpoint", f"{facts.rules.target.endpoint} does not exist: there is nothing to watch.")
    return replace(status_check(facts.seen), status=CheckStatus.PASSED)
