"""A page leaves: to the one target of its order, if it is still due, drawn from what is true now."""

from typing import assert_never

from sluice.core.incident.page import is_due, page_of
from sluice.core.incident.page_card import page_card, undelivered, unreachable
from sluice.core.incident.page_forms import hook_document, pagerduty_events, topic_message
from sluice.core.incident.page_targets import Medium, Target, target_of
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


def send_page(order: PageOrder, world: Delivering, *, ordered_at: Micros, attempt: int) -> None:
    """Deliver what was ordered at a moment; nothing when it is not due any more.

    What a pager refuses for good, or has not taken after several tries, is shown in the incident's channel.
    """
    incident = incident_of(world.records, order.incident_id).value
    if not is_due(incident, order, ordered_at):
        return
    page = page_of(incident, _rollback(incident, world), order, world.clock.now())
    try:
        _deliver(page, order, incident, world, attempt)
    except (PermanentFailure, InvalidInput) as failure:
        _tell_channel(page, order, incident, world, str(failure))
        _note(EntryKind.PAGE_REFUSED, order, incident, world, reason=str(failure)[:500])
        raise
    except TransientFailure as failure:
        if attempt == _TOLD_AT:
            _tell_channel(page, order, incident, world, f"{failure}. It is tried further.")
        raise
    _note(EntryKind.PAGE_DELIVERED, order, incident, world, summary=page.summary)
    _close_if_over(order, world)


def _rollback(incident: Incident, world: Delivering) -> Rollback | None:
    known = recall(world.records, Rollback, incident.rollback) if incident.rollback else None
    return None if known is None else known.value


def _deliver(page: Page, order: PageOrder, incident: Incident, world: Delivering, attempt: int) -> None:
    target = target_of(order.target)
    match target.medium:
        case Medium.PERSON:
            _tell_person(page, target.name, incident, world, attempt)
        case Medium.CHANNEL:
            world.post(incident.channel, page_card(page, incident, in_channel=True), attempt=attempt)
        case Medium.PAGERDUTY:
            _tell_pagerduty(page, incident, world, anew=order.anew)
        case Medium.SNS:
            _publish(page, target, incident, world)
        case Medium.WEBHOOK:
            _post(page, order, target, incident, world)
        case _ as never:
            assert_never(never)


def _tell_person(page: Page, person: str, incident: Incident, world: Delivering, attempt: int) -> None:
    """A direct message; in the channel, by name, once it was not to be sent several times."""
    drawn = page_card(page, incident, in_channel=False)
    try:
        world.chat.post(person, text=drawn.text, blocks=drawn.blocks)
    except ChannelUnavailable:
        if attempt < TRIES:
            raise
        world.post(incident.channel, unreachable(drawn, person), attempt=attempt)


def _tell_pagerduty(page: Page, incident: Incident, world: Delivering, *, anew: bool = False) -> None:
    if not incident.paging.pagerduty_secret:
        raise PermanentFailure("the policy names no secret with a routing key of PagerDuty")
    for event in pagerduty_events(page, incident, anew=anew):
        world.paging().pager.send(event, secret_arn=incident.paging.pagerduty_secret)


def _publish(page: Page, target: Target, incident: Incident, world: Delivering) -> None:
    arn = incident.paging.topics.get(target.name)
    if arn is None:
        raise PermanentFailure(f"the policy names no topic {target.name}")
    message = topic_message(page)
    world.paging().topics.publish(arn, subject=message.subject, texts=message.texts, attributes=message.attributes)


def _post(page: Page, order: PageOrder, target: Target, incident: Incident, world: Delivering) -> None:
    hook = incident.paging.webhooks.get(target.name)
    if hook is None:
        raise PermanentFailure(f"the policy names no webhook {target.name}")
    document = hook_document(page, incident, order)
    world.paging().hooks.post(hook.url, document, secret_arn=hook.secret_arn, at=world.clock.now())


def _tell_channel(page: Page, order: PageOrder, incident: Incident, world: Delivering, reason: str) -> None:
    if order.target == Medium.CHANNEL:
        return
    drawn = page_card(page, incident, in_channel=True)
    # The stack's channel at once where the own one takes nothing: there is no later try for this.
    world.post(incident.channel, undelivered(drawn, order.target, reason), attempt=TRIES)


def _note(kind: EntryKind, order: PageOrder, incident: Incident, world: Delivering, **told: str) -> None:
    body = {"target": order.target, "action": order.action.value, "round": order.round, **told}
    entry = incident_entry(incident, kind, f"{order.round}|{order.action.value}|{order.target}", body)
    world.records.commit(Commit(entries=(entry,)), at=world.clock.now())


def _close_if_over(order: PageOrder, world: Delivering) -> None:
    """An incident that ended while its page was on the way: the alert that it opened is closed again."""
    if order.action is PageAction.TRIGGER and order.target == Medium.PAGERDUTY:
        incident = incident_of(world.records, order.incident_id).value
        if incident.is_over:
            closing = PageOrder(order.incident_id, order.target, PageAction.RESOLVE, order.round)
            _tell_pagerduty(page_of(incident, None, closing, world.clock.now()), incident, world)
