"""A page leaves: to the one target of its order, if it is still due, drawn from what is true now."""

from dataclasses import dataclass
from typing import assert_never

from sluice.core.card import Card
from sluice.core.incident.page import is_due, page_of
from sluice.core.incident.page_card import page_card, undelivered, unreachable
from sluice.core.incident.page_forms import hook_document, pagerduty_events, topic_message
from sluice.core.incident.page_targets import Medium, target_of
from sluice.core.incident.responding import responding
from sluice.errors import ChannelUnavailable, InvalidInput, PermanentFailure, TransientFailure
from sluice.model.commit import Commit
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros
from sluice.model.incident import Incident
from sluice.model.page import Page, PageAction, PageOrder
from sluice.model.rollback import Rollback
from sluice.usecases.delivering import TRIES, Delivering
from sluice.usecases.incident.entries import incident_entry
from sluice.usecases.incident.remembered import incident_of
from sluice.usecases.remembering import recall

_TOLD_AT = 2
"""The delivery whose failure the channel hears of: about a minute after the first."""


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A page with what it was drawn from."""

    order: PageOrder
    incident: Incident
    rollback: Rollback | None
    page: Page

    @classmethod
    def drawn(cls, order: PageOrder, incident: Incident, world: Delivering) -> "_Leaving":
        known = recall(world.records, Rollback, incident.rollback) if incident.rollback else None
        rollback = None if known is None else known.value
        return cls(order, incident, rollback, page_of(incident, rollback, order, world.clock.now()))

    def card(self, *, in_channel: bool) -> Card:
        buttons = responding(self.incident, self.rollback, held=False)
        return page_card(self.page, self.incident, in_channel=in_channel, buttons=buttons)


def send_page(order: PageOrder, world: Delivering, *, ordered_at: Micros, attempt: int) -> None:
    """Deliver what was ordered at a moment; nothing when it is not due any more.

    What a pager refuses for good, or has not taken after a while, is shown in the incident's channel.
    """
    incident = incident_of(world.records, order.incident_id).value
    if not is_due(incident, order, ordered_at):
        return
    leaving = _Leaving.drawn(order, incident, world)
    try:
        _deliver(leaving, world, attempt)
    except (PermanentFailure, InvalidInput) as failure:
        _tell_why(leaving, world, str(failure))
        _note(EntryKind.PAGE_REFUSED, leaving, world, reason=str(failure)[:500])
        raise
    except TransientFailure as failure:
        if attempt == _TOLD_AT:
            _tell_why(leaving, world, f"{failure}. It is tried further.")
        raise
    _note(EntryKind.PAGE_DELIVERED, leaving, world, summary=leaving.page.summary)
    _close_if_over(order, world)


def _deliver(leaving: _Leaving, world: Delivering, attempt: int) -> None:
    target = target_of(leaving.order.target)
    match target.medium:
        case Medium.PERSON:
            _tell_person(leaving, target.name, world, attempt)
        case Medium.CHANNEL:
            _tell_channel(leaving.card(in_channel=True), leaving, world)
        case Medium.PAGERDUTY:
            _tell_pagerduty(leaving, world)
        case Medium.SNS:
            _publish(leaving, target.name, world)
        case Medium.WEBHOOK:
            _post(leaving, target.name, world)
        case _ as never:
            assert_never(never)


def _tell_person(leaving: _Leaving, person: str, world: Delivering, attempt: int) -> None:
    """A direct message; in the channel, by name, when it could not be sent a second time."""
    drawn = leaving.card(in_channel=False)
    try:
        world.chat.post(person, text=drawn.text, blocks=drawn.blocks)
    except ChannelUnavailable:
        if attempt < _TOLD_AT:
            raise
        _tell_channel(unreachable(drawn, person), leaving, world)


def _tell_pagerduty(leaving: _Leaving, world: Delivering) -> None:
    secret = leaving.incident.paging.pagerduty_secret
    if not secret:
        raise PermanentFailure("the policy names no secret with a routing key of PagerDuty")
    for event in pagerduty_events(leaving.page, leaving.incident, anew=leaving.order.anew):
        world.paging().pager.send(event, secret_arn=secret)


def _publish(leaving: _Leaving, name: str, world: Delivering) -> None:
    arn = leaving.incident.paging.topics.get(name)
    if arn is None:
        raise PermanentFailure(f"the policy names no topic {name}")
    message = topic_message(leaving.page)
    world.paging().topics.publish(arn, subject=message.subject, texts=message.texts, attributes=message.attributes)


def _post(leaving: _Leaving, name: str, world: Delivering) -> None:
    hook = leaving.incident.paging.webhooks.get(name)
    if hook is None:
        raise PermanentFailure(f"the policy names no webhook {name}")
    document = hook_document(leaving.page, leaving.incident, leaving.order)
    world.paging().hooks.post(hook.url, document, secret_arn=hook.secret_arn, at=world.clock.now())


def _tell_why(leaving: _Leaving, world: Delivering, reason: str) -> None:
    if leaving.order.target != Medium.CHANNEL:
        drawn = undelivered(leaving.card(in_channel=True), leaving.order.target, reason)
        _tell_channel(drawn, leaving, world)


def _tell_channel(drawn: Card, leaving: _Leaving, world: Delivering) -> None:
    """Where the own channel takes nothing, the stack's is told at once: a call waits for nobody to mend that."""
    world.post(leaving.incident.channel, drawn, attempt=TRIES)


def _note(kind: EntryKind, leaving: _Leaving, world: Delivering, **told: str) -> None:
    order = leaving.order
    body = {"target": order.target, "action": order.action.value, "round": order.round, **told}
    entry = incident_entry(leaving.incident, kind, f"{order.round}|{order.action.value}|{order.target}", body)
    world.records.commit(Commit(entries=(entry,)), at=world.clock.now())


def _close_if_over(order: PageOrder, world: Delivering) -> None:
    """An incident that ended while its page was on the way: the alert that it opened is closed again."""
    if order.action is PageAction.TRIGGER and order.target == Medium.PAGERDUTY:
        incident = incident_of(world.records, order.incident_id).value
        if incident.is_over:
            closing = PageOrder(order.incident_id, order.target, PageAction.RESOLVE, order.round)
            _tell_pagerduty(_Leaving.drawn(closing, incident, world), world)
