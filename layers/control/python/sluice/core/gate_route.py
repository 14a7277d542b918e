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
    """How the release ends on its gates, or None when people are to be asked."""
    if policy.mode is Mode.OBSERVE:
        return Answer(Route.CONCLUDE, Outcome.OBSERVED, description=_would_have(report, policy))
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


def _would_have(report: GateReport, policy: PolicyInForce) -> str:
    if report.verdict is not GateVerdict.PASSED:
        return f"it would have been rejected. {rejection_text(report)}"
    roles = ", ".join(f"{need.count} of {need.role}" for need in policy.approvers)
    return f"people would have been asked ({roles})" if roles else "people would have been asked"
