"""Messages that tell how an incident ended, and what people did: an update of its card calls nobody. Block Kit."""

from sluice.core.card import Card
from sluice.core.card_rows import section
from sluice.core.incident.words import who
from sluice.core.slack_text import (
    MESSAGE_TEXT,
    SECTION_TEXT,
    Block,
    code,
    cut,
    duration,
    link,
    mention,
    one_line,
    plain,
)
from sluice.model.ids import SlackUserId
from sluice.model.incident import Answered, Incident


def resolved_notice(incident: Incident) -> Card:
    """It is over: how, after how long, and why."""
    ended = incident.resolved
    if ended is None:
        raise ValueError(f"incident {incident.id} is not over")
    lasted = duration((ended.at - incident.opened_at) // 1_000_000)
    heading = f"✅ The incident on {_where(incident)} is *over* after {lasted}: {_by(ended)}."
    told = f"The incident on {incident.endpoint} in {incident.region} is over after {lasted}, {who(ended)}."
    return _notice(f"{told} {ended.reason}", [section(heading), *_said(ended.reason)])


def reviewed_notice(incident: Incident, address: str, summary: str) -> Card:
    """The draft of the review is there: what it says in short, and where it is."""
    heading = f"📝 *Review draft* of the incident on {_where(incident)}: {link(address, 'open it')}."
    told = f"The review draft of the incident on {incident.endpoint} in {incident.region} is written."
    return _notice(f"{told} {summary}", [section(heading), *_said(summary)])


def hold_cleared(incident: Incident, person: SlackUserId, reason: str) -> Card:
    """Somebody has put an endpoint right: who, and what they say about it."""
    heading = f"🔓 {mention(person)} *cleared the hold* on {_where(incident)}: rollouts may begin there again."
    told = f"The hold on {incident.endpoint} in {incident.region} was cleared."
    return _notice(f"{told} {reason}", [section(heading), *_said(reason)])


def _by(ended: Answered) -> str:
    if ended.via == "signal":
        return "what was raised is cleared"
    return f"resolved by {mention(ended.person)}" if ended.person else f"resolved by {code(who(ended), 80)}"


def _where(incident: Incident) -> str:
    return f"{code(incident.endpoint, 80)} in {code(incident.region, 30)}"


def _said(reason: str) -> list[Block]:
    return [{"type": "section", "text": plain(reason, SECTION_TEXT)}] if one_line(reason) else []


def _notice(text: str, blocks: list[Block]) -> Card:
    return Card(text=cut(one_line(text), MESSAGE_TEXT), blocks=tuple(blocks))
