"""Which way a release goes once its gates are checked: pure."""

from sluice.core.modes import Effect, Situation, effect_of
from sluice.core.rejection import rejection_text
from sluice.core.settlement import client_token
from sluice.model.approval import GateVerdict, Mode
from sluice.model.gates import GateReport
from sluice.model.ids import Digest
from sluice.model.package import RegistryStatus
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.release import Answer, Outcome, Route

_SITUATION = {
    GateVerdict.FAILED: Situation.GATE_FAILED,
    GateVerdict.MISSING: Situation.GATE_MISSING,
}


def gate_route(report: GateReport, policy: PolicyInForce, release_id: str, digest: Digest) -> Answer | None:
    """How the release ends on its gates, or None when people are to be asked.

    In `observe` people are asked too, so that it shows what a quorum would have done; not when the gates would have
    stopped the release, or when the policy names nobody to ask.
    """
    if policy.mode is Mode.OBSERVE and not (report.verdict is GateVerdict.PASSED and policy.approvers):
        return Answer(Route.CONCLUDE, Outcome.OBSERVED, description=_would_have(report))
    situation = _SITUATION.get(report.verdict)
    if situation is None or effect_of(policy.mode, situation) is not Effect.REJECT_PACKAGE:
        return None
    text = rejection_text(report)
    return Answer(
        route=Route.SET_STATUS,
        outcome=Outcome.GATES_FAILED,
        status=RegistryStatus.REJECTED.value,
        description=text,
        client_token=client_token("gates", release_id, digest, text),
    )


def _would_have(report: GateReport) -> str:
    if report.verdict is not GateVerdict.PASSED:
        return f"it would have been rejected. {rejection_text(report)}"
    return "people would have been asked, but the policy names nobody"
