"""The registry status was decided around Sluice and stays so: close the question and let the execution end."""

from sluice.core.modes import Situation
from sluice.model.approval_commands import DecidedElsewhere
from sluice.model.ids import ApprovalId
from sluice.usecases.deciding import Case, Deciding, settlement_commit
from sluice.usecases.remembering import settling_races
from sluice.usecases.resume_release import resume_release


def close_approval(command: DecidedElsewhere, world: Deciding) -> None:
    """Settle the approval that was open then as decided elsewhere; without one, asking for it will find the status."""
    approval_id = settling_races(lambda: _settle(command, world))
    if approval_id is not None:
        resume_release(approval_id, world)


def _settle(command: DecidedElsewhere, world: Deciding) -> ApprovalId | None:
    if command.approval_id is None:
        return None
    case = Case.load(world.records, command.approval_id)
    if case is None:
        return None
    if case.approval.value.is_open:
        because = f"The package was set to {command.status} by {command.by}, outside Sluice."
        now = world.clock.now()
        world.records.commit(settlement_commit(case, Situation.DECIDED_ELSEWHERE, at=now, because=because), at=now)
    return case.approval.value.id
