"""The draft of an incident's review: what is known of it, in Markdown, and the questions that people answer. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from sluice.core.incident.done import what_was_done
from sluice.core.incident.happenings import utc
from sluice.core.incident.words import finding, who
from sluice.core.ledger_words import told
from sluice.core.slack_text import duration, one_line
from sluice.model.ids import Micros
from sluice.model.incident import Answered, Incident
from sluice.model.ledger import LedgerRecord
from sluice.model.rollback import Rollback, RollbackOutcome

_TABLE: Final = ("\\", "`", "|", "<", ">", "*", "_", "[", "]", "#")
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a review is made of: the incident, its rollbacks from the first, and its ledger in order.

    `names` are those of people, by their Slack ids.
    """

    incident: Incident
    rollbacks: Sequence[Rollback] = ()
    records: Sequence[LedgerRecord] = ()
    impact: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def review_key(incident: Incident) -> str:
    """Where a review is kept: by group, then by day; one that came back has another."""
    day = datetime.fromtimestamp(incident.opened_at // _SECOND, UTC).strftime("%Y-%m-%d")
    again = f"-{incident.reopened + 1}" if incident.reopened else ""
    return f"reviews/{incident.group}/{day}-{incident.endpoint}-{incident.number}{again}-{incident.id[:8]}.md"


def review(known: Known) -> str:
    """The whole document."""
    parts = (
        [f"# Incident of {_where(known.incident)}, {_day(known.incident)}", ""],
        [_text(known.incident.summary), ""],
        ["A draft: Sluice wrote down what it knows. What it cannot know is asked at the end.", ""],
        ["| | |", "| --- | --- |", *_facts(known), ""],
        ["## Impact", "", *_impact(known), ""],
        ["## What was found", "", *_found(known.incident), ""],
        ["## Contributing change", "", *_change(known.incident), ""],
        ["## What Sluice did", "", *_done(known), ""],
        ["## Timeline", "", "Times are UTC.", "", "| when | what |", "| --- | --- |", *_timeline(known), ""],
        ["## Open questions", "", *_questions(known)],
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def summary(known: Known) -> str:
    """The review in a few words."""
    incident = known.incident
    times = [
        f"{name} {after}" for name, after in (("open", _lasted(incident)), ("restored", _restored(known))) if after
    ]
    rollback = known.rollbacks[-1] if known.rollbacks else None
    return one_line(f"{incident.summary} {', '.join(times).capitalize()}. {what_was_done(rollback)}")


def _facts(known: Known) -> Iterator[str]:
    incident = known.incident
    facts = {
        "Endpoint": f"{incident.endpoint} in {incident.region}",
        "Model group": incident.group,
        "Owner": incident.team,
        "Severity": f"{incident.severity.value} ({incident.tier.value} tier, {incident.mode.value})",
        "Cause": incident.cause.value,
        "Opened": utc(incident.opened_at),
        "Acknowledged": _answered(incident.acknowledged) or "by nobody",
        "Over": _answered(incident.resolved),
        "Came back": f"{incident.reopened} times" if incident.reopened else "",
        "Called": ", ".join(known.names.get(target, target) for target in incident.paged) or "nobody",
        "Incident": f"{incident.id}, number {incident.number} of this endpoint",
    }
    yield from (f"| {label} | {_text(text)} |" for label, text in facts.items() if text)


def _impact(known: Known) -> Iterator[str]:
    incident = known.incident
    began = min((seen.first_at for seen in incident.signals), default=incident.opened_at)
    yield f"- It lasted {_lasted(incident) or 'an unknown time'}."
    if incident.acknowledged is not None:
        yield f"- Acknowledged: {_after(incident.acknowledged.at, incident)} after it was opened."
    yield f"- Detection: {duration(max(0, incident.opened_at - began) // _SECOND)} after the first sign."
    if restored := _restored(known):
        yield f"- Restored: {restored} after it was opened, when another version was seen to serve."
    yield from (f"- {line}" for line in known.impact)


def _lasted(incident: Incident) -> str:
    return "" if incident.resolved is None else _after(incident.resolved.at, incident)


def _after(at: Micros, incident: Incident) -> str:
    return duration((at - incident.opened_at) // _SECOND)


def _restored(known: Known) -> str:
    """After how long what served before served again."""
    at = next((r.returned_at for r in known.rollbacks if r.returned_at and r.verified), 0)
    return duration((at - known.incident.opened_at) // _SECOND) if at else ""


def _found(incident: Incident) -> Iterator[str]:
    for seen in incident.signals:
        state = "explained by a worse one" if seen.inhibited else "raised to the end" if seen.raised else "cleared"
        times = "once" if seen.times == 1 else f"{seen.times} times"
        yield f"- {_text(seen.source)} ({seen.cause.value}, {times}, {state}): {_text(seen.summary)}"
        yield from (f"  - {_text(f.name)}: {_text(finding(f))}" for f in seen.findings)


def _change(incident: Incident) -> Iterator[str]:
    changed = incident.changed
    if not changed.at:
        yield "Nothing that Sluice put there is on record for this endpoint."
        return
    what = f"version {changed.version}" if changed.version else f"configuration {_text(changed.config)}"
    yield f"- What changed last: {what}, {utc(changed.at)}."
    yield f"- Approved by: {_text(', '.join(changed.approved_by) or 'nobody on record')}."
    if changed.canary:
        yield f"- Its canary: {_text(changed.canary)}"
    if changed.release_id or changed.rollout_id:
        yield f"- Release {_text(changed.release_id or 'unknown')}, rollout {_text(changed.rollout_id or 'unknown')}."


def _done(known: Known) -> Iterator[str]:
    if not known.rollbacks:
        yield "Nothing: what was raised asks for no answer by itself."
    for rollback in known.rollbacks:
        demand = rollback.demand
        by = "" if demand is None else f" (asked for by {_text(demand.name or demand.person)}: {_text(demand.reason)})"
        yield f"- {utc(rollback.requested_at)}{by}: {_text(what_was_done(rollback))}"


def _timeline(known: Known) -> Iterator[str]:
    yield from (f"| {utc(record.at)} | {_text(told(record))} |" for record in known.records)


def _questions(known: Known) -> Iterator[str]:
    incident = known.incident
    yield "- What did people who used the model notice, and how many of them?"
    yield "- What caused it, and how do you know?"
    if incident.changed.at:
        yield f"- Why did the checks before production let version {incident.changed.version} pass?"
    if incident.acknowledged is None and incident.paged:
        yield "- Nobody acknowledged: did the pages reach the right people?"
    if any(r.outcome in (RollbackOutcome.HELD, RollbackOutcome.NOT_RECOVERED) for r in known.rollbacks):
        yield "- Going back was not possible, or did not help: what would have been?"
    if incident.reopened:
        yield "- It came back: what would have shown that it was not over?"
    yield "- What will be done so that it does not happen again, by whom, and until when?"


def _answered(answered: Answered | None) -> str:
    if answered is None:
        return ""
    where = " at PagerDuty" if answered.via == "pagerduty" else ""
    said = f": {answered.reason}" if answered.reason else ""
    return f"{utc(answered.at)} {'' if answered.via == 'signal' else 'by '}{who(answered)}{where}{said}"


def _where(incident: Incident) -> str:
    return f"{_text(incident.endpoint)} in {_text(incident.region)}"


def _day(incident: Incident) -> str:
    return datetime.fromtimestamp(incident.opened_at // _SECOND, UTC).strftime("%Y-%m-%d")


def _text(text: str) -> str:
    """A text of a stranger in Markdown: on one line, and nothing in it is markup."""
    shown = one_line(text)
    for mark in _TABLE:
        shown = shown.replace(mark, f"\\{mark}")
    return shown
