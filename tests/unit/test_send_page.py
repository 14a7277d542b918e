"""Pages leave: to each kind of target once, whatever happens on the way, and never for what is over or taken."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.errors import ChannelUnavailable, PermanentFailure, Throttled, TransientFailure
from sluice.model.commit import Commit, Message, MessageKind
from sluice.model.ids import Micros
from sluice.model.incident import Incident, IncidentStatus
from sluice.model.page import PageAction
from sluice.usecases.deliver_outbox import Delivered
from tests.fakes.deaths import Died, Life
from tests.packages import CHANNEL
from tests.pages import PAGING, TARGETS, PagedWorld, over, taken_by_ben

DOWN = TransientFailure("PagerDuty: ConnectTimeoutError")


def last_text(world: PagedWorld, channel: str = CHANNEL) -> str:
    """All that is to be read in the newest message of a channel."""
    shown = [m for m in world.chat.messages.values() if m.channel == channel][-1]
    return f"{shown.text} {shown.blocks}"


def test_each_target_is_told_by_its_own_way_and_the_ledger_says_when() -> None:
    world = PagedWorld()
    world.order(*TARGETS)

    done = world.deliver()

    assert done == Delivered(sent=5)
    assert [alert.dedup_key for alert in world.pager.open] == [world.incident.dedup_key]
    assert world.pager.secrets == [PAGING.pagerduty_secret]
    assert [sent.topic_arn for sent in world.topics.published] == [PAGING.topics["phones"]]
    assert [(url, secret) for url, _, secret in world.hooks.posted] == [
        (PAGING.webhooks["ops"].url, PAGING.webhooks["ops"].secret_arn)
    ]
    assert (len(world.chat.texts("D0BEN")), len(world.chat.texts(CHANNEL))) == (1, 1)
    assert sorted(world.noted()) == sorted(("PageDelivered", target) for target in TARGETS)


def test_whoever_is_called_in_slack_can_take_it_there() -> None:
    world = PagedWorld()
    world.order("U0BEN")

    world.deliver()

    assert "'action_id': 'incident_acknowledge'" in last_text(world, "D0BEN")


def test_a_pager_that_is_down_for_an_hour_loses_nothing_and_gets_it_within_five_minutes_of_its_end() -> None:
    world = PagedWorld()
    world.pager.down = DOWN
    world.order("pagerduty")
    world.minutes(60)

    world.pager.down = None
    world.minutes(4)

    assert len(world.pager.open) == 1
    assert world.states() == {"pagerduty": "sent"}


def test_while_a_pager_is_down_the_channel_sees_the_page_once_and_with_the_reason() -> None:
    world = PagedWorld()
    world.pager.down = DOWN
    world.order("pagerduty")

    world.minutes(30)

    assert len(world.chat.texts(CHANNEL)) == 1
    assert "ConnectTimeoutError. It is tried further." in last_text(world)


def test_a_lost_answer_makes_no_second_alert() -> None:
    world = PagedWorld()
    world.pager.lose(TransientFailure("PagerDuty: ReadTimeoutError"))
    world.order("pagerduty")

    world.deliver()
    world.minutes(2)

    assert (len(world.pager.events), len(world.pager.alerts)) == (2, 1)
    assert world.noted() == [("PageDelivered", "pagerduty")]


def test_a_pager_that_asks_to_wait_is_left_alone_as_long_as_it_says() -> None:
    world = PagedWorld()
    world.pager.fail(Throttled("PagerDuty answered 429", 200))
    world.order("pagerduty")
    world.deliver()

    world.clock.advance(190)
    early = world.deliver()
    world.clock.advance(20)
    late = world.deliver()

    assert (early, late) == (Delivered(), Delivered(sent=1))


@pytest.mark.parametrize("target", [t for t in TARGETS if t != "channel"])
def test_what_a_target_refuses_for_good_is_shown_in_the_channel_with_its_words(target: str) -> None:
    world = PagedWorld()
    for port in (world.pager, world.topics, world.hooks):
        port.fail(PermanentFailure("it answered 400: no such key"))
    if target == "U0BEN":
        world.chat.fail(PermanentFailure("it answered 400: no such key"))
    world.order(target)

    done = world.deliver()

    assert done == Delivered(dead=1)
    assert "no such key" in last_text(world)
    assert world.noted() == [("PageRefused", target)]


@pytest.mark.parametrize("target", ["sns:nobody", "webhook:nobody", "schedule:night", "pagerduty"])
def test_a_target_that_leads_nowhere_is_told_to_the_channel(target: str) -> None:
    world = PagedWorld(**({"paging": type(PAGING)()} if target == "pagerduty" else {}))
    world.order(target)

    done = world.deliver()

    assert done == Delivered(dead=1)
    assert f"`{target}`" in last_text(world)


def test_a_person_who_takes_no_direct_message_is_called_in_the_channel_by_name() -> None:
    world = PagedWorld()
    world.chat.closed["U0BEN"] = "channel_not_found"
    world.order("U0BEN")

    world.deliver()
    world.minutes(1)

    assert world.states() == {"U0BEN": "sent"}
    assert "<@U0BEN>, this page is for you" in last_text(world)


def test_pages_leave_before_everything_else_and_machines_before_slack() -> None:
    world = PagedWorld()
    notice = Message("notice|1", MessageKind.NOTICE, {"channel": CHANNEL, "text": "hello"})
    world.records.commit(Commit(messages=(notice,)), at=world.clock.now())
    world.order("U0BEN", "pagerduty")
    left = iter([60_000, 60_000, 0])
    world.time_left_ms = lambda: next(left)

    done = world.deliver()

    assert (done.sent, done.left) == (2, 1)
    assert world.states() == {"U0BEN": "sent", "pagerduty": "sent"}


def test_a_pager_that_hangs_holds_up_no_page_that_was_tried_less() -> None:
    world = PagedWorld()
    world.pager.down = DOWN
    world.order("pagerduty")
    world.deliver()
    world.clock.advance(120)
    world.order("sns:phones")
    left = iter([60_000, 0])
    world.time_left_ms = lambda: next(left)

    world.deliver()

    assert len(world.topics.published) == 1


@pytest.mark.parametrize("target", TARGETS)
def test_nobody_is_called_for_what_was_taken_before_the_call_left(target: str) -> None:
    world = PagedWorld()
    world.order(target)
    world.put(taken_by_ben(world.incident, world.clock.now()))

    done = world.deliver()

    assert done == Delivered(sent=1)
    assert (world.pager.events, world.topics.published, world.hooks.posted, world.chat.messages) == ([], [], [], {})
    assert world.noted() == []


@pytest.mark.parametrize("action", [PageAction.TRIGGER, PageAction.UPDATE, PageAction.ACKNOWLEDGE])
def test_nobody_is_told_of_what_is_over_but_its_end(action: PageAction) -> None:
    world = PagedWorld()
    world.order(*TARGETS, action=action)
    world.put(over(world.incident, world.clock.now()))

    world.deliver()

    assert (world.pager.events, world.topics.published, world.hooks.posted, world.chat.messages) == ([], [], [], {})


def test_after_silence_who_was_paged_is_called_again_and_pagerduty_makes_a_new_alert_of_it() -> None:
    world = PagedWorld()
    world.order("pagerduty")
    world.deliver()
    world.pager.acknowledge(world.incident.dedup_key)
    world.clock.advance(4 * 3600)

    world.order("pagerduty", round=2, anew=True)
    world.deliver()

    assert [alert.status for alert in world.pager.alerts] == ["resolved", "triggered"]


def test_a_repeated_call_does_not_begin_pagerdutys_escalation_again() -> None:
    world = PagedWorld()
    world.order("pagerduty")
    world.deliver()

    world.order("pagerduty", round=2)
    world.deliver()

    assert [(alert.status, len(alert.summaries)) for alert in world.pager.alerts] == [("triggered", 2)]


def test_an_acknowledgement_and_the_end_reach_pagerduty() -> None:
    world = PagedWorld()
    world.order("pagerduty")
    world.deliver()

    world.put(taken_by_ben(world.incident, world.clock.now()))
    world.order("pagerduty", action=PageAction.ACKNOWLEDGE)
    world.deliver()
    taken = [alert.status for alert in world.pager.alerts]
    world.put(over(world.incident, world.clock.now()))
    world.order("pagerduty", action=PageAction.RESOLVE)
    world.deliver()

    assert (taken, world.pager.open) == (["acknowledged"], [])


def test_an_end_that_is_told_late_does_not_close_the_alert_of_an_incident_that_came_back() -> None:
    world = PagedWorld()
    world.order("pagerduty")
    world.deliver()
    world.pager.down = DOWN
    world.order("pagerduty", action=PageAction.RESOLVE)
    world.put(over(world.incident, world.clock.now()))
    world.minutes(5)
    world.put(_came_back(world))
    world.order("pagerduty", round=2)

    world.pager.down = None
    world.minutes(4)

    key = world.incident.dedup_key
    assert {a.dedup_key: a.status for a in world.pager.alerts} == {key: "resolved", f"{key}/1": "triggered"}


def test_a_page_for_a_channel_that_takes_nothing_is_shown_in_the_stacks_at_once() -> None:
    world = PagedWorld(channel="C0GONE")
    world.chat.closed["C0GONE"] = "is_archived"
    world.order("channel")

    done = world.deliver()

    assert done == Delivered(sent=1)
    assert "Meant for <#C0GONE>" in last_text(world)


def test_an_incident_that_ends_while_its_page_is_on_the_way_leaves_no_alert_open() -> None:
    world = PagedWorld()
    world.order("pagerduty")
    send = world.pager.send

    def late(event: Any, *, secret_arn: str) -> None:
        if event["event_action"] == "trigger":
            world.put(over(world.incident, world.clock.now()))
        send(event, secret_arn=secret_arn)

    world.pager.send = late  # type: ignore[method-assign]  # what happens while it is on its way

    world.deliver()

    assert [alert.status for alert in world.pager.alerts] == ["resolved"]


def test_a_deliverer_that_dies_at_any_moment_calls_everybody_and_opens_one_alert() -> None:
    moments = 0
    while True:
        moments += 1
        world = PagedWorld()
        world.order(*TARGETS)
        world.revive(Life(moments))
        try:
            world.deliver()
        except Died:
            world.revive()
            world.minutes(3)
        else:
            break

        assert set(world.states().values()) == {"sent"}, moments
        assert len(world.pager.alerts) == 1, moments
        assert sorted(world.noted()) == sorted(("PageDelivered", target) for target in TARGETS), moments
    assert moments > 40


def test_the_page_of_an_incident_that_nobody_knows_is_given_up() -> None:
    world = PagedWorld()
    world.order("pagerduty")
    row = next(iter(world.records.outbox.values()))
    body = {**row.message.body, "incident_id": "0" * 32}
    row.message = Message(row.message.id, row.message.kind, body)

    assert world.deliver() == Delivered(dead=1)


def test_a_slack_that_is_down_keeps_the_refusal_for_later_instead_of_losing_it() -> None:
    world = PagedWorld()
    world.pager.fail(*[PermanentFailure("PagerDuty answered 400")] * 3)
    world.chat.fail(ChannelUnavailable("chat.postMessage: is_archived"), TransientFailure("chat.postMessage: timeout"))
    world.order("pagerduty")

    first = world.deliver()
    world.minutes(2)

    assert (first.put_off, world.states()) == (1, {"pagerduty": "dead"})
    assert "PagerDuty answered 400" in last_text(world)


def _came_back(world: PagedWorld) -> Incident:
    return replace(
        world.incident, status=IncidentStatus.OPEN, resolved=None, reopened=1, last_at=Micros(world.clock.at)
    )
