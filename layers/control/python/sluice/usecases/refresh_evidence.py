"""The package was edited while people decide: hold the votes and have the evidence collected again."""

from dataclasses import replace

from sluice.model.approval import Approval
from sluice.model.approval_commands import EvidenceTouched
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import ApprovalId
from sluice.model.records import PackageRecord
from sluice.model.release import Answer, Outcome, Route
from sluice.usecases.deciding import Case, Deciding, save
from sluice.usecases.messages import card
from sluice.usecases.remembering import recall, settling_races

AGAIN = Answer(Route.COLLECT_AGAIN, Outcome.EVIDENCE_CHANGED)


def refresh_evidence(command: EvidenceTouched, world: Deciding) -> None:
    """Send the waiting execution back to its start; votes stay until the new digest says whether they still hold."""
    approval_id = settling_races(lambda: _hold(command, world))
    if approval_id is None:
        return
    token = world.tokens.get(approval_id)
    if token is not None:
        world.waiting.resume(token, encode(AGAIN))


def _hold(command: EvidenceTouched, world: Deciding) -> ApprovalId | None:
    package = recall(world.records, PackageRecord, command.package_arn)
    if package is None or package.value.approval is None:
        return None
    case = Case.load(world.records, package.value.approval)
    if case is None or not _outdated(case.approval.value, package.value):
        return None
    if not case.approval.value.on_hold:
        held, now = replace(case.approval.value, on_hold=True), world.clock.now()
        commit = Commit(saves=(save(held, case.approval),), messages=(card(held, now),))
        world.records.commit(commit, at=now)
    return case.approval.value.id


def _outdated(approval: Approval, package: PackageRecord) -> bool:
    return approval.is_open and approval.epoch < package.evidence_epoch
