"""An incident in a few words, for its badges and lines. Pure."""

from sluice.model.incident import Answered, Incident, IncidentStatus, SignalSeen
from sluice.model.response_rules import Severity
from sluice.model.rollback import Rollback, RollbackOutcome, RollbackPhase

_SEVERITIES = {
    Severity.CRITICAL: "failed",
    Severity.ERROR: "failed",
    Severity.WARNING: "running",
    Severity.INFO: "calm",
}
_STATUSES = {
    IncidentStatus.OPEN: ("failed", "Open: nobody has it yet"),
    IncidentStatus.ACKNOWLEDGED: ("running", "Acknowledged"),
    IncidentStatus.RESOLVED: ("succeeded", "Resolved"),
}
_PHASES = {
    RollbackPhase.REQUESTED: "being decided",
    RollbackPhase.WAITING: "waiting for its turn",
    RollbackPhase.RETURNING: "taking the endpoint back",
    RollbackPhase.RECOVERING: "waiting for the signal to clear",
    RollbackPhase.DONE: "done",
}
_OUTCOMES = {
    RollbackOutcome.RECOVERED: "went back, and it helped",
    RollbackOutcome.RETURNED: "went back",
    RollbackOutcome.NOT_RECOVERED: "went back, and it did not help",
    RollbackOutcome.HANDED_OVER: "left to the rollout under way",
    RollbackOutcome.RETRAINING: "a retraining was started",
    RollbackOutcome.ASKED: "people are asked",
    RollbackOutcome.RECORDED: "only recorded",
    RollbackOutcome.NOT_NEEDED: "nothing to be done any more",
    RollbackOutcome.HELD: "on hold until a person has seen to it",
}
_HELPED = (RollbackOutcome.RECOVERED, RollbackOutcome.RETURNED, RollbackOutcome.NOT_NEEDED)


def severity_tone(severity: Severity) -> str:
    """The badge's tone of a severity."""
    return _SEVERITIES[severity]


def status_words(incident: Incident) -> tuple[str, str]:
    """The tone and the words of where an incident stands, with who has it or ended it."""
    tone, words = _STATUSES[incident.status]
    by = {IncidentStatus.ACKNOWLEDGED: incident.acknowledged, IncidentStatus.RESOLVED: incident.resolved}
    return tone, words + _by(by.get(incident.status))


def answer_words(rollback: Rollback) -> tuple[str, str]:
    """The tone and the words of what Sluice does about it."""
    if rollback.outcome is None:
        return "running", _PHASES[rollback.phase]
    verified = ", verified" if rollback.verified else ""
    return ("succeeded" if rollback.outcome in _HELPED else "failed"), f"{_OUTCOMES[rollback.outcome]}{verified}"


def signal_words(signal: SignalSeen) -> tuple[str, str]:
    """The tone and the words of what a source says now."""
    if signal.inhibited:
        return "calm", "explained by a worse one"
    return ("failed", "raised") if signal.raised else ("succeeded", "cleared")


def _by(answered: Answered | None) -> str:
    if answered is None:
        return ""
    who = answered.name or answered.person or ("its signals" if answered.via == "signal" else "")
    where = " at PagerDuty" if answered.via == "pagerduty" else ""
    return f" by {who}{where}" if who else where
