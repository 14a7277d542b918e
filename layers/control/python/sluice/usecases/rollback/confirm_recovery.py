"""What served before serves again: whether that has helped, and what the registry is to be told."""

from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.rollback.recovery import POLL_S, Recovery, recovery
from sluice.core.rollback.rejecting import is_at_fault, is_rejected_here, rejection, rejection_token
from sluice.model.commit import Commit, Save
from sluice.model.ids import PackageArn
from sluice.model.records import PackageRecord
from sluice.model.rollback import Rollback
from sluice.ports import Alarms, Clock, Records
from sluice.usecases.remembering import Known, keep, recall, settling_races
from sluice.usecases.rollback.holding import Call, present
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.source import sound_of


class Route(StrEnum):
    """The one field that the machine's choice compares."""

    WAIT = "wait"
    REJECT = "reject"
    CONCLUDE = "conclude"


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Which way the machine goes: looks again after `wait_s`, or rejects the package first."""

    route: Route
    wait_s: int = 0
    package_arn: str = ""
    status: str = ""
    description: str = ""
    client_token: str = ""


@dataclass(frozen=True, slots=True)
class Confirming:
    """The ports of confirm_recovery."""

    records: Records
    alarms: Alarms
    clock: Clock


def confirm_recovery(call: Call, world: Confirming) -> Confirmed:
    """Say how the return has ended, or that it has still to show; raises LockLost for an execution that was replaced.

    The rejection is noted before it is made, so that its event is recognised when it comes back.
    """
    return settling_races(lambda: _attempt(call, world))


def _attempt(call: Call, world: Confirming) -> Confirmed:
    known = present(world.records, call)
    if known.value.outcome is not None or known.value.is_over:
        return _rejected(known.value, world)
    found = recovery(known.value, sound_of(known.value, world.records, world.alarms), world.clock.now())
    if found is None:
        return Confirmed(Route.WAIT, POLL_S)
    return _rejected(_noted(known, found, world), world)


def _noted(known: Known[Rollback], found: Recovery, world: Confirming) -> Rollback:
    """The rollback with its outcome, and the rejection that follows from it."""
    now = world.clock.now()
    because = f"{known.value.because} {found.reason}".strip()
    ended = replace(known.value, outcome=found.outcome, because=because)
    ended = replace(ended, rejects=is_at_fault(ended))
    saves: tuple[Save, ...] = (save_rollback(ended, known, now),)
    package = _package(ended, world) if is_rejected_here(ended) else None
    if package is not None and package.value.awaiting:
        ended = replace(ended, rejects=False)  # it came back to pending since: it is another release's by now
        saves = (save_rollback(ended, known, now),)
    elif package is not None:
        noted = replace(package.value, intent=rejection(ended, now))
        saves = (*saves, keep(package, noted, package.id))
    world.records.commit(Commit(saves), at=now)
    return ended


def _rejected(rollback: Rollback, world: Confirming) -> Confirmed:
    if not is_rejected_here(rollback) or rollback.left is None or rollback.is_over:
        return Confirmed(Route.CONCLUDE)
    intent = rejection(rollback, world.clock.now())
    arn, token = rollback.left.package_arn, rejection_token(rollback)
    return Confirmed(Route.REJECT, 0, arn, intent.status, intent.description, token)


def _package(rollback: Rollback, world: Confirming) -> Known[PackageRecord] | None:
    left = rollback.left
    return None if left is None else recall(world.records, PackageRecord, PackageArn.parse(left.package_arn).key)
