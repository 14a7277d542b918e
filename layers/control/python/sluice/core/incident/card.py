"""The card of an incident: what is wrong, what Sluice has done, who was called and who came; how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.card_size import fits
from sluice.core.incident.done import what_was_done
from sluice.core.incident.folding import worst_first
from sluice.core.incident.pointers import pointers
from sluice.core.incident.presses import responding
from sluice.core.incident.words import ICONS, finding, who
from sluice.core.slack_text import (
    HEADER_TEXT,
    MESSAGE_TEXT,
    SECTION_TEXT,
    Block,
    code,
    cut,
    duration,
    lines_within,
    link,
    mention,
    mentions,
    moment,
    mrkdwn,
    one_line,
    plain,
)
from sluice.model.governing import Mode, Tier
from sluice.model.ids import Micros, SlackUserId
from sluice.model.incident import Answered, Incident, IncidentStatus, SignalSeen
from sluice.model.rollback import Rollback

_TIERS: Final = {Tier.PILOT: "Pilot", Tier.STANDARD: "Standard", Tier.CRITICAL: "Critical"}
_MODES: Final = {
    Mode.OBSERVE: "👁 *Observe* · Sluice changes nothing and calls nobody",
    Mode.RECOMMEND: "💬 *Recommend* · Sluice asks before it goes back",
    Mode.ENFORCE: "🔒 *Enforce* · Sluice goes back by itself",
}


@dataclass(frozen=True, slots=True)
class Beside:
    """What a card shows beside the incident: its rollback, the owners, the last of its ledger, whether it holds."""

    rollback: Rollback | None = None
    contacts: tuple[SlackUserId, ...] = ()
    happened: Sequence[str] = ()
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much of each list a card shows; less is taken when the whole would be refused."""

    signals: int
    findings: int
    happened: int


_DETAILS: Final = (_Detail(6, 6, 8), _Detail(4, 4, 5), _Detail(3, 2, 3), _Detail(2, 0, 0))


def incident_card(incident: Incident, beside: Beside, now: Micros) -> Card:
    """Draw an incident as it stands, as fully as Slack takes it."""
    cards = (_draw(incident, beside, now, detail) for detail in _DETAILS)
    blocks = next((c for c in cards if fits(c)), _draw(incident, beside, now, _DETAILS[-1]))
    return Card(text=cut(one_line(fallback(incident, beside)), MESSAGE_TEXT), blocks=tuple(blocks))


def fallback(incident: Incident, beside: Beside) -> str:
    """The state in plain words, for notifications and screen readers."""
    state = {
        IncidentStatus.OPEN: f"{incident.severity.value}, nobody has it yet",
        IncidentStatus.ACKNOWLEDGED: f"{incident.severity.value}, {_taken(incident)}",
        IncidentStatus.RESOLVED: "over",
    }[incident.status]
    return f"{incident.endpoint} in {incident.region} ({state}): {incident.summary} {what_was_done(beside.rollback)}"


def _draw(incident: Incident, beside: Beside, now: Micros, detail: _Detail) -> list[Block]:
    return [
        _header(incident),
        section(_state(incident, now)),
        {"type": "section", "text": plain(incident.summary, 900)},
        context(mrkdwn(f"{_MODES[incident.mode]}  ·  *{_TIERS[incident.tier]}* tier")),
        *_signals(incident, detail),
        section(f"*Sluice*  {cut(one_line(what_was_done(beside.rollback)), 900)}"),
        *_changed(incident),
        *_people(incident, beside),
        *_happened(beside, detail),
        *responding(incident, beside.rollback, held=beside.held),
        *_pointers(incident, beside),
        _small_print(incident),
    ]


def _header(incident: Incident) -> Block:
    icon = "✅" if incident.is_over else ICONS[incident.severity]
    where = f"{one_line(incident.endpoint)[:70]} ({incident.region})"
    return {"type": "header", "text": plain(f"{icon} {incident.severity.value.capitalize()}: {where}", HEADER_TEXT)}


def _state(incident: Incident, now: Micros) -> str:
    lasts = duration((now - incident.opened_at) // 1_000_000)
    match incident.status:
        case IncidentStatus.OPEN:
            nobody = "" if incident.mode is Mode.OBSERVE else ": nobody has it yet"
            return f"*Open*{nobody}, since {moment(incident.opened_at)}{_back(incident)}"
        case IncidentStatus.ACKNOWLEDGED:
            taken = incident.acknowledged
            by = "" if taken is None else f" by {_who(taken)} {moment(taken.at)}"
            return f"🙋 *Acknowledged*{by}, open since {moment(incident.opened_at)}{_back(incident)}"
        case IncidentStatus.RESOLVED:
            return _ended(incident, lasts)


def _ended(incident: Incident, lasts: str) -> str:
    over = incident.resolved
    if over is None:
        return f"✅ *Over* after {lasts}"
    lasted = duration((over.at - incident.opened_at) // 1_000_000)
    by = "what was raised is cleared" if over.via == "signal" else f"resolved by {_who(over)}"
    said = f"\n> {cut(one_line(over.reason), 300)}" if one_line(over.reason) and over.via != "signal" else ""
    return f"✅ *Over* after {lasted}, {moment(over.at)}: {by}{said}"


def _back(incident: Incident) -> str:
    return f"; it came back {incident.reopened} times" if incident.reopened else ""


def _who(answered: Answered) -> str:
    return mention(answered.person) if answered.person else code(who(answered), 80)


def _taken(incident: Incident) -> str:
    return "acknowledged" if incident.acknowledged is None else f"acknowledged by {who(incident.acknowledged)}"


def _signals(incident: Incident, detail: _Detail) -> list[Block]:
    told = [seen for seen in worst_first(incident.signals) if not seen.inhibited] or list(incident.signals)
    lines = [line for seen in told[: detail.signals] for line in _signal(seen, detail)]
    hidden = len(incident.signals) - min(len(told), detail.signals)
    more = [f"…and {hidden} more, in the ledger."] if hidden else []
    return [section(lines_within(["*What was found*", *lines, *more], SECTION_TEXT))] if lines else []


def _signal(seen: SignalSeen, detail: _Detail) -> list[str]:
    icon = "❗" if seen.raised else "✔️"
    times = f" ({seen.times} times)" if seen.times > 1 else ""
    state = "" if seen.raised else ", cleared"
    head = f"{icon} {code(seen.source, 120)} {moment(seen.last_at)}{times}{state}"
    if seen.summary:
        head += f": {cut(one_line(seen.summary), 200)}"
    found = [f"      {code(f.name, 60)} {cut(finding(f), 120)}" for f in seen.findings[: detail.findings]]
    return [head, *found] if seen.raised else [head]


def _changed(incident: Incident) -> list[Block]:
    changed = incident.changed
    if not changed.at:
        return [section(f"*Changed last*  nothing that Sluice put there  ·  group {code(incident.group, 80)}")]
    what = f"version *{changed.version}*" if changed.version else f"configuration {code(changed.config, 80)}"
    by = ", ".join(_approver(person) for person in changed.approved_by[:6]) or "nobody on record"
    canary = f"\nIts canary: {cut(one_line(changed.canary), 300)}" if one_line(changed.canary) else ""
    told = f"*Changed last*  {code(incident.group, 80)} {what} {moment(changed.at)}, approved by {by}{canary}"
    return [section(told)]


def _approver(person: str) -> str:
    """A name as it is known, or the person by mention."""
    shown = mention(person)
    return shown if shown.startswith("<@") else cut(one_line(person), 60)


def _people(incident: Incident, beside: Beside) -> list[Block]:
    owners = f" ({mentions(beside.contacts)})" if beside.contacts else ""
    lines = [f"*Owner*  {cut(one_line(incident.team) or '-', 80)}{owners}"]
    if incident.paged:
        lines.append(f"*Called*  {_targets(incident.paged)}, last {moment(incident.paged_at)}")
    return [section("\n".join(lines))]


def _targets(paged: Sequence[str]) -> str:
    named = ", ".join(mention(target) if target[:1] in "UW" else code(target, 60) for target in paged[:8])
    return named if len(paged) <= 8 else f"{named} and {len(paged) - 8} more"


def _happened(beside: Beside, detail: _Detail) -> list[Block]:
    lines = list(beside.happened[-detail.happened :]) if detail.happened else []
    return [context(mrkdwn(lines_within(lines, SECTION_TEXT)))] if lines else []


def _pointers(incident: Incident, beside: Beside) -> list[Block]:
    shown = [link(url, label) for label, url in pointers(incident, beside.rollback)]
    return [context(mrkdwn(lines_within(["  ·  ".join(shown[:6])], SECTION_TEXT)))] if shown else []


def _small_print(incident: Incident) -> Block:
    return context(mrkdwn(f"Incident {code(incident.id, 40)}  ·  number {incident.number} of this endpoint"))
