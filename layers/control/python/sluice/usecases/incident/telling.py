"""What taking a signal tells: the ledger, the card, the bus, and the execution that attends to the incident."""

from dataclasses import dataclass
from typing import Any

from sluice.core.incident.grouping import Action, source_of
from sluice.core.incident.sources import flaps, key_of
from sluice.model.codec import encode
from sluice.model.commit import Entry, Message
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.incident_commands import WakeIncident
from sluice.model.rollback import Rollback
from sluice.model.signal import Signal
from sluice.usecases.incident.entries import incident_entry
from sluice.usecases.messages import command, domain_event, incident_card

_KINDS = {
    Action.OPEN: EntryKind.INCIDENT_OPENED,
    Action.REOPEN: EntryKind.INCIDENT_REOPENED,
    Action.JOIN: EntryKind.SIGNAL_JOINED,
    Action.CLEAR: EntryKind.SIGNAL_CLEARED,
}


@dataclass(frozen=True, slots=True)
class Step:
    """A signal, and the incident before it (None: it opens one) and after it, with the rollback that it asked for."""

    signal: Signal
    action: Action
    before: Incident | None
    after: Incident
    rollback: Rollback | None = None


def is_news(before: Incident, after: Incident) -> bool:
    """Whether something changed that people, or who attends to the incident, want to know."""
    return _picture(before) != _picture(after)


def entries_of(step: Step) -> tuple[Entry, ...]:
    """What goes on record: each signal, except for more of a source that flaps and what came too late to matter."""
    entries = []
    if _is_on_record(step):
        body = _words(step.signal) | {"summary": step.after.summary}
        entries.append(incident_entry(step.after, _KINDS[step.action], key_of(step.signal), body))
    before = step.before
    if before is not None and step.action is Action.JOIN and before.severity is not step.after.severity:
        key = f"{step.after.reopened}|{step.after.severity.value}"
        body = {"from": before.severity.value, "cause": step.after.cause.value, "source": step.signal.source}
        entries.append(incident_entry(step.after, EntryKind.SEVERITY_RAISED, key, body))
    if step.rollback is not None:
        entries.append(requested_entry(step.after, step.rollback))
    return tuple(entries)


def requested_entry(incident: Incident, rollback: Rollback) -> Entry:
    """A rollback is asked for by a signal of an incident."""
    body = {"rollback_id": rollback.id, "round": incident.rounds} | _words(rollback.signal)
    return incident_entry(incident, EntryKind.ROLLBACK_REQUESTED, rollback.id, body)


def messages_of(step: Step, now: Micros) -> tuple[Message, ...]:
    """The card where there is news, the event of an incident that begins, and a word to the execution that waits."""
    before, after = step.before, step.after
    if step.action in (Action.OPEN, Action.REOPEN):
        return (incident_card(after, now), opened_event(after, step.signal))
    if before is None or not is_news(before, after):
        return ()
    # Until the card is posted there is one message, which is in the outbox since the begin.
    card = () if after.message_ts is None else (incident_card(after, now),)
    return (*card, woken(after, key_of(step.signal))) if before.told and not after.told else card


def woken(incident: Incident, key: str) -> Message:
    """The command that lets the execution of an incident look at what has changed."""
    return command(f"{incident.id}|{key}", WakeIncident(incident.id, "its signals have changed"))


def opened_event(incident: Incident, by: Signal) -> Message:
    """The event that says that an incident was opened, or has come back, by a signal."""
    detail: dict[str, object] = {
        "dedup_key": incident.dedup_key,
        "incident_id": incident.id,
        "number": incident.number,
        "reopened": incident.reopened,
        "severity": incident.severity.value,
        "cause": incident.cause.value,
        "source": by.source,
        "group": incident.group,
        "region": incident.region,
        "endpoint": incident.endpoint,
        "tier": incident.tier.value,
        "mode": incident.mode.value,
        "version": incident.changed.version,
        "rollout_id": incident.changed.rollout_id,
        "summary": incident.summary,
    }
    return domain_event(f"{incident.id}|{incident.reopened}", "IncidentOpened", detail)


def _is_on_record(step: Step) -> bool:
    if step.before is None or step.action is Action.REOPEN:
        return True
    seen = source_of(step.before, step.signal.source)
    if seen is None:
        return step.signal.raised
    late = step.signal.raised and step.signal.at < seen.cleared_at
    return not late and not flaps(seen, step.before.paging.group_s)


def _words(signal: Signal) -> dict[str, Any]:
    return {
        "source": signal.source,
        "kind": signal.kind.value,
        "cause": signal.cause.value,
        "said": signal.summary,
        "at": signal.at,
        "findings": encode(signal.findings),
        "links": dict(signal.links),
    }


def _picture(incident: Incident) -> tuple[object, ...]:
    sources = frozenset((seen.source, seen.raised, seen.inhibited) for seen in incident.signals)
    return (incident.status, incident.severity, incident.cause, incident.level, bool(incident.quiet_since), sources)
