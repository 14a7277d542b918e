"""A refused rollout is tried again on a person's word: whether it can be, and how it begins anew. Pure.

Nothing of a refused rollout was ever made, so that it begins as if it were new: the lock, the checks and the policy's
rules are all taken anew. Other ends have changed production, and are looked at by people before a version comes again.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from sluice.model.governing import Mode
from sluice.model.ids import EPOCH
from sluice.model.package import RegistryStatus
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Wish

if TYPE_CHECKING:
    from sluice.model.endpoint import EndpointRecord
    from sluice.model.records import PackageRecord


def can_be_tried_again(rollout: Rollout) -> bool:
    """Whether the card offers it: it was refused, and somebody is named who may say so."""
    refused = rollout.is_over and rollout.outcome is RolloutOutcome.REFUSED
    return refused and rollout.mode is not Mode.OBSERVE and bool(rollout.rules and rollout.rules.managers)


def not_to_be_tried(rollout: Rollout) -> str:
    """Why a rollout cannot be tried again, from its own record; empty when it can."""
    if not rollout.is_over:
        return "It is under way already. Nothing was changed."
    if not can_be_tried_again(rollout):
        outcome = "" if rollout.outcome is None else f": {rollout.outcome.value}"
        return f"This rollout is over{outcome}. Only one that was refused can be tried again. Nothing was changed."
    if not rollout.told:
        return (
            "Its release is only just hearing that it was refused. Please press again in a minute. Nothing was changed."
        )
    return ""


def standing_against(rollout: Rollout, package: "PackageRecord | None", endpoint: "EndpointRecord | None") -> str:
    """What has come between the refusal and now; empty when nothing has.

    An older version is not brought to production after a newer one, nor after one that people asked for later: the
    press gives it no new place. What the registry says is read again at the begin.
    """
    request = rollout.request
    if package is None:
        return "Its release runs in another region: have the version approved anew there."
    if package.generation != request.generation:
        return "The package came back to pending since: people are asked about it anew."
    if package.status != RegistryStatus.APPROVED.value:
        return f"The registry says {package.status}, no longer Approved."
    if endpoint is None:
        return ""
    good = endpoint.good
    newer = good is not None and endpoint.group == request.group and good.version > request.version
    if good is not None and (newer or good.requested_at > rollout.requested_at):
        anew = f"To have version {request.version} in its place, have it approved anew."
        return f"Version {good.version} has been promoted since. {anew}"
    others = ((endpoint.holder, endpoint.holder_since), (endpoint.waiting, endpoint.waiting_since))
    if any(other is not None and since > rollout.requested_at for other, since in others):
        return "A later release wants the endpoint."
    return ""


def begun_anew(rollout: Rollout, wish: Wish) -> Rollout:
    """The record as it stands when it is asked for once more, by another execution."""
    return replace(
        rollout,
        phase=Phase.REQUESTED,
        phase_since=EPOCH,
        tried_at=wish.at,
        begun_at=EPOCH,
        attempt=rollout.attempt + 1,
        tries=rollout.tries + 1,
        fence=0,
        outcome=None,
        because="",
        told=False,
        heard=wish,
    )
