"""A page as Slack shows it, to a person alone or in a channel. Block Kit as plain values."""

from collections.abc import Sequence
from typing import Final

from sluice.core.card import Card
from sluice.core.card_rows import context, section
from sluice.core.incident.page import what_is_wrong
from sluice.core.incident.words import ICONS
from sluice.core.slack_text import HEADER_TEXT, MESSAGE_TEXT, SECTION_TEXT, Block, code, cut, mention, mrkdwn, plain
from sluice.model.incident import Incident
from sluice.model.page import Page, PageAction
from sluice.model.response_rules import Severity

_ACTIONS: Final = {PageAction.ACKNOWLEDGE: "🙋", PageAction.RESOLVE: "✅", PageAction.UPDATE: "📣"}
_IN_ROWS: Final = ("What Sluice did", "Found")
_FIELD: Final = 300
_REASON: Final = 300
# Whom a page of a channel wakes: there, nobody is mentioned by name.
_LOUD: Final = (Severity.CRITICAL, Severity.ERROR)


def page_card(page: Page, incident: Incident, *, in_channel: bool, buttons: Sequence[Block] = ()) -> Card:
    """The page, with the buttons of the incident's card."""
    calls = page.action is PageAction.TRIGGER
    loud = "<!channel> " if in_channel and calls and page.severity in _LOUD else ""
    sign = _ACTIONS.get(page.action) or ICONS[page.severity]
    text = cut(page.summary, MESSAGE_TEXT - 40)
    if not calls and page.action is not PageAction.UPDATE:
        return Card(text, (section(f"{sign} {cut(page.summary, SECTION_TEXT - 10)}"),))
    head: Block = {
        "type": "header",
        "text": plain(f"{sign} {incident.endpoint}: {what_is_wrong(incident)}", HEADER_TEXT),
    }
    rows = (*_loud(loud, incident), *_rows(page), *buttons, *_small_print(page, incident))
    return Card(f"{loud}{text}", (head, *rows))


def undelivered(drawn: Card, target: str, reason: str) -> Card:
    """The page with a first line that says for whom it was, and why it did not get there."""
    told = f"☎️ This page is for {code(target, 120)}, which did not take it: {cut(reason, _REASON)}"
    return Card(drawn.text, (context(mrkdwn(told)), *drawn.blocks))


def unreachable(drawn: Card, person: str) -> Card:
    """The page with a first line that calls a person who takes no direct message."""
    told = f"☎️ {mention(person)}, this page is for you: it could not be sent to you alone."
    return Card(drawn.text, (section(told), *drawn.blocks))


def _loud(loud: str, incident: Incident) -> list[Block]:
    return [section(f"{loud}{code(incident.group)} on {code(incident.endpoint)}")] if loud else []


def _rows(page: Page) -> list[Block]:
    facts = dict(page.facts)
    tall = [(label, facts[label]) for label in _IN_ROWS if label in facts]
    rows: list[Block] = [section(f"*{label}*\n{cut(text, SECTION_TEXT - 200)}") for label, text in tall]
    fields = [mrkdwn(f"*{label}*\n{cut(text, _FIELD)}") for label, text in page.facts if label not in _IN_ROWS]
    rows += [{"type": "section", "fields": some} for some in _by_ten(fields)]
    return rows


def _by_ten(fields: Sequence[Block]) -> list[list[Block]]:
    return [list(fields[start : start + 10]) for start in range(0, len(fields), 10)]


def _small_print(page: Page, incident: Incident) -> list[Block]:
    links = "  ·  ".join(f"<{cut(url, 2500)}|{cut(label, 100)}>" for label, url in page.links)
    card = f"The incident's card is in <#{incident.posted_in or incident.channel}>."
    return [section(links[:SECTION_TEXT]), context(mrkdwn(card))] if links else [context(mrkdwn(card))]
