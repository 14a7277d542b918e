"""A page: what a person needs at three in the morning, drawn from what is true when it leaves. Pure."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, assert_never

from sluice.core.incident.done import what_was_done
from sluice.core.incident.page_targets import Medium
from sluice.core.incident.pointers import pointers
from sluice.core.incident.words import finding
from sluice.core.slack_text import duration, one_line
from sluice.model.ids import Micros
from sluice.model.incident import Answered, Changed, Incident, IncidentStatus, SignalSeen
from sluice.model.page import Page, PageAction, PageOrder
from sluice.model.rollback import Rollback

MAX_SUMMARY: Final = 1024
"""Characters that PagerDuty takes."""
_MAX_FACT: Final = 1500
_FINDINGS: Final = 12
_LINE: Final = 300
_LINKS: Final = 10


def is_due(incident: Incident, order: PageOrder, ordered_at: Micros) -> bool:
    """Whether what was ordered is still to be said.

    Nobody is called for what is over, nor for what somebody took before the call left; one ordered later is meant.
    """
    match order.action:
        case PageAction.TRIGGER:
            return not incident.is_over and not _was_taken(incident, since=ordered_at)
        case PageAction.UPDATE:
            return not incident.is_over
        case PageAction.ACKNOWLEDGE:
            return incident.status is IncidentStatus.ACKNOWLEDGED
        case PageAction.RESOLVE:
            # What came back since has another alert at PagerDuty: the one before is over.
            return incident.is_over or (incident.reopened > 0 and order.target == Medium.PAGERDUTY)
        case _ as never:
            assert_never(never)


def _was_taken(incident: Incident, *, since: Micros) -> bool:
    taken = incident.acknowledged if incident.status is IncidentStatus.ACKNOWLEDGED else None
    return taken is not None and taken.at >= since


def page_of(incident: Incident, rollback: Rollback | None, order: PageOrder, now: Micros) -> Page:
    """What one target is told, the same for all of them; how each shows it is its own."""
    return Page(
        dedup_key=incident.dedup_key,
        action=order.action,
        severity=incident.severity,
        summary=shortened(one_line(_summary(incident, rollback, order, now)), MAX_SUMMARY),
        source=incident.endpoint,
        component=incident.group,
        group_name=incident.team,
        klass=incident.cause.value,
        at=incident.opened_at,
        facts=tuple((label, shortened(text, _MAX_FACT)) for label, text in _facts(incident, rollback, now) if text),
        links=tuple(_links(incident, rollback))[:_LINKS],
    )


def shortened(text: str, limit: int) -> str:
    """A text of at most `limit` characters; what was cut ends in an ellipsis."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def what_is_wrong(incident: Incident) -> str:
    """The incident in one line, without the endpoint that it begins with."""
    return one_line(incident.summary).removeprefix(f"{incident.endpoint}: ")


def utc(at: Micros) -> str:
    """A moment as people read it anywhere."""
    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _summary(incident: Incident, rollback: Rollback | None, order: PageOrder, now: Micros) -> str:
    version = _version(incident, rollback)
    model = f"{incident.group} version {version}" if version else incident.group
    where = f"{incident.endpoint} in {incident.region} ({model})"
    what = shortened(what_is_wrong(incident).rstrip("."), 500)
    lasted = duration((now - incident.opened_at) // 1_000_000)
    match order.action:
        case PageAction.TRIGGER:
            again = f" (open for {lasted})" if order.round > 1 else ""
            return f"{where}{again}: {what}. {what_was_done(rollback)}"
        case PageAction.UPDATE:
            return f"{where}: {what_was_done(rollback)} ({what})"
        case PageAction.ACKNOWLEDGE:
            return f"{where}: {_answered('taken', incident.acknowledged)}: {what}"
        case PageAction.RESOLVE:
            return f"{where}: {_answered('over', incident.resolved)}, after {lasted}: {what}"
        case _ as never:
            assert_never(never)


def _answered(word: str, answered: Answered | None) -> str:
    if answered is None or answered.via == "signal":
        return f"{word}, since what was raised is cleared" if answered else word
    return f"{word} by {one_line(answered.name) or answered.person or answered.via}"


def _facts(incident: Incident, rollback: Rollback | None, now: Micros) -> Iterator[tuple[str, str]]:
    yield "What Sluice did", what_was_done(rollback)
    yield "Found", "\n".join(_found(incident))
    yield "Model", incident.group
    yield "Version", _version(incident, rollback)
    yield "Endpoint", incident.endpoint
    yield "Region", incident.region
    yield "Owner", incident.team
    yield "Changed last", _changed(incident.changed)
    yield "Canary", one_line(incident.changed.canary)
    yield "Severity", f"{incident.severity.value} ({incident.tier.value} tier, {incident.mode.value})"
    yield "Since", f"{utc(incident.opened_at)}, {duration((now - incident.opened_at) // 1_000_000)} ago"
    yield "Came back", f"{incident.reopened} times" if incident.reopened else ""
    yield "Raised by", ", ".join(_source(s) for s in _raised(incident))
    yield "Taken", _answered("taken", incident.acknowledged) if incident.acknowledged else ""
    yield "Incident", f"{incident.id} (number {incident.number} of this endpoint)"


def _raised(incident: Incident) -> list[SignalSeen]:
    """What is raised now and tells something of its own; of an incident that is over, all that ever was."""
    speaking = [s for s in incident.signals if not s.inhibited]
    return [s for s in speaking if s.raised] or speaking


def _source(seen: SignalSeen) -> str:
    times = f", {seen.times} times" if seen.times > 1 else ""
    return f"{one_line(seen.source)} ({seen.cause.value}{times})"


def _found(incident: Incident) -> Iterator[str]:
    findings = [each for seen in _raised(incident) for each in seen.findings]
    yield from (shortened(f"{one_line(each.name)}: {finding(each)}", _LINE) for each in findings[:_FINDINGS])
    if len(findings) > _FINDINGS:
        yield f"and {len(findings) - _FINDINGS} more"


def _version(incident: Incident, rollback: Rollback | None) -> str:
    at_fault = rollback.left.version if rollback and rollback.left else incident.changed.version
    return str(at_fault) if at_fault else ""


def _changed(changed: Changed) -> str:
    if not changed.at:
        return "nothing that Sluice put there"
    what = f"version {changed.version}" if changed.version else f"configuration {changed.config}"
    who = ", ".join(map(one_line, changed.approved_by)) or "nobody"
    return f"{what}, {utc(changed.at)}, approved by {who}"


def _links(incident: Incident, rollback: Rollback | None) -> Iterator[tuple[str, str]]:
    for label, url in pointers(incident, rollback):
        if _is_linked(url):
            yield shortened(one_line(label), 100), url


def _is_linked(url: str) -> bool:
    """Nothing but https, and nothing that would break out of a link where it is shown."""
    return url.startswith("https://") and len(url) <= 2000 and not any(c.isspace() or c in '<>|"' for c in url)
