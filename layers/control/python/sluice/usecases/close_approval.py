"""The registry status was decided around Sluice and stays so: close the question and let the execution end."""

from sluice.core.modes import Situation
from sluice.model.commands import DecidedElsewhere
from sluice.model.ids import ApprovalId
from sluice.model.records import PackageRecord
from sluice.usecases.deciding import Case, Deciding, settlement_commit
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.resume_release import resume_release


def close_approval(command: DecidedElsewhere, world: Deciding) -> None:
    """Settle the package's open approval as decided elsewhere; without one, the request for it will find the status."""
    approval_id = settling_races(lambda: _settle(command, world))
    if approval_id is not None:
        resume_release(approval_id, world)


def _settle(command: DecidedElsewhere, world: Deciding) -> ApprovalId | None:
    package = recall(world.records, PackageRecord, command.package_arn)
    if package is None or package.value.approval is None:
        return None
    case = Case.load(world.records, package.value.approval)
    if case is None:
        return None
    if case.approval.value.is_open:
        because = f"The package was set to {command.status} by {command.by}, outside Sluice."
        now = world.clock.now()
        world.records.commit(settlement_commit(case, Situation.DECIDED_ELSEWHERE, at=now, because=because), at=now)
    return case.approval.value.id
