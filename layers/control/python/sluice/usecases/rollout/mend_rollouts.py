"""A rollout that stands still is brought on: started, begun anew, its answers handed over again, its rest deleted."""

from dataclasses import dataclass, replace

from sluice.core.rollout.naming import rollout_execution
from sluice.model.command_json import to_json
from sluice.model.commit import Commit
from sluice.model.ids import PackageArn
from sluice.model.records import PackageRecord
from sluice.model.rollout import Rollout
from sluice.model.rollout_commands import FinishRollout, ResumeRollout
from sluice.ports import CommandQueue
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.rollout.admit_rollout import AdmittingRollouts, start_rollout
from sluice.usecases.rollout.remembered import save
from sluice.usecases.rollout.waiting_release import take_up_release, waiting_execution
from sluice.usecases.standing_still import GOING_ON, followed

_TAKEN_UP = 5
"""How often a release that cannot hear of its rollout's end is taken up again."""


@dataclass(frozen=True, slots=True)
class MendingRollouts:
    """What mending works with."""

    rollouts: AdmittingRollouts
    queue: CommandQueue


def mend_rollout(rollout: Rollout, world: MendingRollouts) -> str:
    """Bring on a rollout that is due; what was done in words, empty when it goes on by itself."""
    if rollout.is_over:
        return _swept(rollout, world.rollouts) if rollout.told else _told_again(rollout, world)
    owed = ""
    if rollout.answer is not None and not rollout.answered:
        world.queue.send(to_json(ResumeRollout(rollout.id)))
        owed = "its look is handed its answer again"
    status = world.rollouts.executions.status(rollout_execution(rollout.id, rollout.attempt))
    if status in GOING_ON:
        return owed
    return followed(
        status,
        rollout.attempt,
        start=lambda: start_rollout(rollout, world.rollouts.executions),
        begin_anew=lambda: _begun_anew(rollout, world.rollouts),
    )


def _begun_anew(stopped: Rollout, world: AdmittingRollouts) -> bool:
    """The next attempt, recorded first: it finds from the record and the endpoint where to go on."""
    known = recall(world.records, Rollout, stopped.id)
    if known is None or known.value.attempt != stopped.attempt or known.value.is_over is not stopped.is_over:
        return False
    if known.value.is_over and not known.value.leftovers:
        return False
    again, now = replace(known.value, attempt=stopped.attempt + 1), world.clock.now()
    world.records.commit(Commit(saves=(save(again, known, now),)), at=now)
    start_rollout(again, world.executions)
    return True


def _swept(rollout: Rollout, world: AdmittingRollouts) -> str:
    """What is left of a rollout that is over is deleted by the function that may do so, in another execution."""
    status = world.executions.status(rollout_execution(rollout.id, rollout.attempt))
    if status in GOING_ON:
        return ""
    if status is None:
        start_rollout(rollout, world.executions)
    elif not settling_races(lambda: _begun_anew(rollout, world)):
        return ""
    return "what is left of it is deleted"


def _told_again(rollout: Rollout, world: MendingRollouts) -> str:
    """A release that waits is told again; one that died is taken up where it waited."""
    request = rollout.request
    arn = PackageArn.parse(request.package_arn)
    first, releases = waiting_execution(rollout), world.rollouts.releases
    if arn.region != request.region or releases.status(first) in GOING_ON:
        return _finish(rollout, world)
    package = recall(world.rollouts.records, PackageRecord, arn.key)
    if package is None or package.value.generation != request.generation:
        return settling_races(lambda: _given_up(rollout, "a later release has taken its place", world.rollouts))
    for number in range(1, _TAKEN_UP + 1):
        status = releases.status(f"{first}-{number}")
        if status in GOING_ON:
            return _finish(rollout, world)
        if status is None:
            take_up_release(rollout, f"{first}-{number}", releases)
            return "its release died and is taken up again"
    return settling_races(lambda: _given_up(rollout, "its release could not be brought to an end", world.rollouts))


def _finish(rollout: Rollout, world: MendingRollouts) -> str:
    world.queue.send(to_json(FinishRollout(rollout.id)))
    return "its release is told of the outcome again"


def _given_up(rollout: Rollout, reason: str, world: AdmittingRollouts) -> str:
    """Nobody is to be told any more."""
    known = recall(world.records, Rollout, rollout.id)
    if known is None or known.value.told:
        return ""
    now = world.clock.now()
    world.records.commit(Commit(saves=(save(replace(known.value, told=True), known, now),)), at=now)
    return reason
