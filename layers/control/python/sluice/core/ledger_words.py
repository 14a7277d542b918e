"""A ledger record in words: who decided what, on which evidence."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sluice.core.incident import ledger_words as incident
from sluice.core.ledger_parts import Body, person, reason
from sluice.core.rollout.ledger_words import (
    approval_withdrawn,
    ask_refused,
    asked,
    canary_judged,
    change_done,
    change_failed,
    change_intended,
    deployment_observed,
    locked,
    preflight_checked,
)
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.ledger import LedgerRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Each line reads what it knows and leaves out what an older or newer writer did not say.
_ACCEPTED = (EntryKind.POLICY_ACCEPTED, EntryKind.PEOPLE_ACCEPTED, EntryKind.SCHEDULE_ACCEPTED)
_REFUSED = (EntryKind.POLICY_REFUSED, EntryKind.PEOPLE_REFUSED, EntryKind.SCHEDULE_REFUSED)
_DELETED = (
    EntryKind.POLICY_PARAMETER_DELETED,
    EntryKind.PEOPLE_PARAMETER_DELETED,
    EntryKind.SCHEDULE_PARAMETER_DELETED,
)
_TOLD: Mapping[str, Callable[[Body], str]] = {
    EntryKind.PACKAGE_ADMITTED: lambda b: _said("admitted", b, generation="generation", reason="because"),
    EntryKind.EVIDENCE_COLLECTED: lambda b: _said("evidence collected", b) + _on(b),
    EntryKind.EVIDENCE_TOUCHED: lambda b: _said("the package was edited", b, reason="because"),
    EntryKind.GATES_CHECKED: lambda b: _said("gates checked", b, verdict="verdict", route="route") + _on(b),
    EntryKind.APPROVAL_REQUESTED: lambda b: _said("approval asked", b, tier="tier") + _on(b),
    EntryKind.APPROVAL_DELIVERED: lambda b: f"card delivered{_until(b)}",
    EntryKind.APPROVERS_REMINDED: lambda b: f"approvers reminded ({b.get('number')})",
    EntryKind.APPROVAL_ESCALATED: lambda b: f"escalated to {', '.join(map(str, b.get('to', ())))}",
    EntryKind.VOTE_CAST: lambda b: f"{person(b)} voted {b.get('choice')}{reason(b, 'reason')}{_on(b)}",
    EntryKind.VOTE_REFUSED: lambda b: f"vote of {person(b)} ({b.get('choice')}) refused{reason(b, 'why')}{_on(b)}",
    EntryKind.VOTES_VOIDED: lambda b: f"{len(b.get('votes', ()))} votes voided: the evidence changed" + _on(b),
    EntryKind.APPROVAL_SETTLED: lambda b: f"settled as {b.get('status')}{_voters(b)}{reason(b, 'because')}{_on(b)}",
    EntryKind.REGISTRY_STATUS_SET: lambda b: f"registry status set to {b.get('status')}",
    EntryKind.REGISTRY_STATUS_UNCHANGED: lambda b: f"registry says {b.get('status')}, wanted was {b.get('wanted')}",
    EntryKind.DECISION_ELSEWHERE: lambda b: f"decided elsewhere: {b.get('status')} by {_actor(b)}",
    EntryKind.RELEASE_CONCLUDED: lambda b: f"ended: {b.get('outcome')}, registry says {b.get('status')}",
    EntryKind.RECONCILE_MENDED: lambda b: f"mended by reconcile{reason(b, 'reason')}",
    EntryKind.ROLLOUT_REQUESTED: lambda b: f"rollout asked for in {b.get('region')}" + _on(b),
    EntryKind.ROLLOUT_FINISHED: lambda b: f"rollout ended: {b.get('outcome')}{reason(b, 'because')}",
    EntryKind.LEFTOVERS_KEPT: lambda b: f"not deleted{reason(b, 'because')}",
    EntryKind.ROLLOUT_ASKED: asked,
    EntryKind.ROLLOUT_ASK_REFUSED: ask_refused,
    EntryKind.HOLD_CLEARED: lambda b: f"{person(b)} cleared the hold on {_reason_on(b, 'reason')}",
    EntryKind.HOLD_NOT_CLEARED: lambda b: f"{person(b)} may not clear the hold on {_reason_on(b, 'why')}",
    EntryKind.ENDPOINT_LOCKED: locked,
    EntryKind.PREFLIGHT_CHECKED: preflight_checked,
    EntryKind.CHANGE_INTENDED: change_intended,
    EntryKind.CHANGE_DONE: change_done,
    EntryKind.CHANGE_FAILED: change_failed,
    EntryKind.APPROVAL_WITHDRAWN: approval_withdrawn,
    EntryKind.DEPLOYMENT_OBSERVED: deployment_observed,
    EntryKind.CANARY_JUDGED: canary_judged,
    EntryKind.SIGNAL_MUTED: lambda b: f"{b.get('source')} is raised, and keeps quiet for now{reason(b, 'reason')}",
    EntryKind.INCIDENT_OPENED: incident.opened,
    EntryKind.INCIDENT_REOPENED: incident.reopened,
    EntryKind.SIGNAL_JOINED: incident.joined,
    EntryKind.SIGNAL_CLEARED: incident.cleared,
    EntryKind.SEVERITY_RAISED: incident.severity_raised,
    EntryKind.PEOPLE_PAGED: incident.paged,
    EntryKind.PAGE_DELIVERED: incident.page_delivered,
    EntryKind.PAGE_REFUSED: incident.page_refused,
    EntryKind.INCIDENT_ACKNOWLEDGED: incident.acknowledged,
    EntryKind.INCIDENT_RESOLVED: incident.resolved,
    EntryKind.INCIDENT_ASK_REFUSED: incident.ask_refused,
    EntryKind.INCIDENT_NOTED: incident.noted,
    EntryKind.REVIEW_DRAFTED: incident.review_drafted,
    EntryKind.ROLLBACK_REQUESTED: incident.rollback_requested,
    EntryKind.ROLLBACK_DECIDED: incident.rollback_decided,
    EntryKind.ROLLBACK_INTENDED: incident.rollback_intended,
    EntryKind.ROLLBACK_DONE: incident.rollback_done,
    EntryKind.ROLLBACK_FAILED: incident.rollback_failed,
    EntryKind.ROLLBACK_FINISHED: incident.rollback_finished,
    EntryKind.RETRAINING_STARTED: incident.retraining_started,
    EntryKind.LIVE_LABEL_MOVED: lambda b: f"label live found on version {b.get('labelled')}, moved by somebody else",
    EntryKind.LIVE_LABEL_NOT_SET: lambda b: f"label live not set on version {b.get('live_version')}: no room for it",
    **{kind: lambda b: f"version {b.get('live_version')} taken into force{_writer(b)}" for kind in _ACCEPTED},
    **{kind: lambda b: f"refused, {len(b.get('problems', ()))} problems{_writer(b)}" for kind in _REFUSED},
    **{kind: lambda _: "parameter deleted; what was in force stays" for kind in _DELETED},
}


def told(record: LedgerRecord) -> str:
    """One line for people; a kind or body that is not known here is shown as its facts, never an error."""
    try:
        body = json.loads(record.body)
    except ValueError:
        return f"{record.kind}: {record.body}"[:500]
    if not isinstance(body, dict):
        return f"{record.kind}: {record.body}"[:500]
    words = _TOLD.get(record.kind)
    try:
        line = words(body) if words else _facts(record.kind, body)
    except (AttributeError, LookupError, TypeError, ValueError, OverflowError):
        line = _facts(record.kind, body)
    # Terminals obey control characters, and the texts come from anybody.
    return "".join(c if c.isprintable() else "�" for c in line)[:500]


def moment(at: Micros) -> str:
    """A moment as people read it, UTC."""
    try:
        return (_EPOCH + timedelta(microseconds=at)).strftime("%Y-%m-%d %H:%M:%S")
    except OverflowError:
        return str(at)


def _said(what: str, body: Body, **names: str) -> str:
    parts = [f"{label} {body[name]}" for name, label in names.items() if body.get(name) not in (None, "")]
    return ", ".join([what, *parts])


def _on(body: Body) -> str:
    digest = str(body.get("digest") or "")
    return f" on evidence {digest.removeprefix('sha256:')[:12]}" if digest else ""


def _until(body: Body) -> str:
    deadline = body.get("deadline")
    return f", to be decided until {moment(Micros(deadline))} UTC" if isinstance(deadline, int) else ""


def _writer(body: Body) -> str:
    return f", written by {body['written_by']}" if body.get("written_by") else ""


def _reason_on(body: Body, name: str) -> str:
    return f"{body.get('endpoint')}{reason(body, name)}"


def _voters(body: Body) -> str:
    votes = [f"{person(vote)} {vote.get('choice')}" for vote in body.get("votes", ())]
    return f" by {', '.join(votes)}" if votes else ""


def _actor(body: Body) -> str:
    by = body.get("last_modified_by") or {}
    return str(by.get("studio_profile") or by.get("source_identity") or by.get("principal_arn") or "somebody unnamed")


def _facts(kind: str, body: Body) -> str:
    plain = [f"{name}={value}" for name, value in sorted(body.items()) if isinstance(value, (str, int, float))]
    return f"{kind} {', '.join(plain)}".strip()
