"""The card of an incident: what is wrong, what Sluice has done, who was called and who came; how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.card_size import fits
from sluice.core.incident.done import what_was_done
from sluice.core.incident.folding import worst_first
from sluice.core.incident.pointers import pointers
from sluice.core.incident.responding import responding
from sluice.core.incident.routing import is_person
from sluice.core.incident.words import ICONS, finding, who
from sluice.core.slack_text import (
    FIELDS,
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
        *_reason(incident),
        {"type": "section", "text": plain(incident.summary, 900)},
        context(mrkdwn(f"{_MODES[incident.mode]}  ·  *{_TIERS[incident.tier]}* tier")),
        *_signals(incident, detail),
        _told("*What Sluice did*", what_was_done(beside.rollback)),
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
    return f"✅ *Over* after {lasted}, {moment(over.at)}: {by}"


def _reason(incident: Incident) -> list[Block]:
    """Why a person ended it, in their own words."""
    over = incident.resolved if incident.is_over else None
    if over is None or over.via == "signal" or not one_line(over.reason):
        return []
    return [context(plain(f"“{one_line(over.reason)}”", 500))]


def _back(incident: Incident) -> str:
    return f"; it came back {incident.reopened} times" if incident.reopened else ""


def _who(answered: Answered) -> str:
    return mention(answered.person) if answered.person else code(who(answered), 80)


def _taken(incident: Incident) -> str:
    return "acknowledged" if incident.acknowledged is None else f"acknowledged by {who(incident.acknowledged)}"


def _signals(incident: Incident, detail: _Detail) -> list[Block]:
    """One row a source, the worst first: what it is on the left, what it says with its numbers on the right."""
    told = [seen for seen in worst_first(incident.signals) if not seen.inhibited] or list(incident.signals)
    shown = told[: detail.signals]
    cells = [cell for seen in shown for cell in (mrkdwn(_source(seen)), plain(_said(seen, detail), 500))]
    rows: list[Block] = [{"type": "section", "fields": list(some)} for some in batched(cells, FIELDS, strict=False)]
    hidden = len(incident.signals) - len(shown)
    more = [context(mrkdwn(f"…and {hidden} more sources, in the ledger."))] if hidden else []
    return [section("*What was found*"), *rows, *more] if rows else []


def _source(seen: SignalSeen) -> str:
    icon, state = ("❗", "raised") if seen.raised else ("✔️", "cleared")
    times = f", {seen.times} times" if seen.times > 1 else ""
    return f"{icon} {code(seen.source, 120)} *{state}* {moment(seen.last_at)}{times}"


def _said(seen: SignalSeen, detail: _Detail) -> str:
    found = [f"{f.name}: {finding(f)}" for f in seen.findings[: detail.findings]] if seen.raised else []
    return " · ".join(part for part in (seen.summary, *found) if part)


def _changed(incident: Incident) -> list[Block]:
    changed, group = incident.changed, code(incident.group, 80)
    if not changed.at:
        return [section(f"*Changed last*  nothing that Sluice put there  ·  group {group}")]
    what = f"version *{changed.version}*" if changed.version else f"configuration {code(changed.config, 80)}"
    by = ", ".join(changed.approved_by[:6]) or "nobody on record"
    canary = f" Its canary: {changed.canary}" if one_line(changed.canary) else ""
    return [_told(f"*Changed last*  {group} {what} {moment(changed.at)}", f"Approved by {by}.{canary}")]


def _told(heading: str, words: str) -> Block:
    """A heading of our own over words that may be anybody's."""
    return {"type": "section", "text": mrkdwn(heading), "fields": [plain(words, 1500)]}


def _people(incident: Incident, beside: Beside) -> list[Block]:
    owners = f" ({mentions(beside.contacts)})" if beside.contacts else ""
    lines = [f"*Owner*  {code(incident.team, 80)}{owners}"]
    if incident.paged:
        lines.append(f"*Called*  {_targets(incident.paged)}, last {moment(incident.paged_at)}")
    return [section("\n".join(lines))]


def _targets(paged: Sequence[str]) -> str:
    named = ", ".join(mention(target) if is_person(target) else code(target, 60) for target in paged[:8])
    return named if len(paged) <= 8 else f"{named} and {len(paged) - 8} more"


def _happened(beside: Beside, detail: _Detail) -> list[Block]:
    lines = list(beside.happened[-detail.happened :]) if detail.happened else []
    if not lines:
        return []
    # Plain text keeps its lines, and nothing in it is markup.
    return [context({"type": "plain_text", "text": lines_within(lines, SECTION_TEXT), "emoji": False})]


def _pointers(incident: Incident, beside: Beside) -> list[Block]:
    shown = [link(url, label) for label, url in pointers(incident, beside.rollback)]
    return [context(mrkdwn(lines_within(["  ·  ".join(shown[:6])], SECTION_TEXT)))] if shown else []


def _small_print(incident: Incident) -> Block:
    return context(mrkdwn(f"Incident {code(incident.id, 40)}  ·  number {incident.number} of this endpoint"))
