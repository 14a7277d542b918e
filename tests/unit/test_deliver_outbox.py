"""Messages leave the outbox: each once, in spite of outages, and cards as their newest state."""

import json
from typing import Any

import pytest

from functions.deliver_outbox import app
from sluice import wiring
from sluice.core.patience import wait_before
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import Approval
from sluice.model.approval_commands import ResumeRelease
from sluice.model.codec import encode
from sluice.model.command_json import to_json
from sluice.model.commit import Commit, Message, MessageKind, RecordKey, Save
from sluice.model.ids import ApprovalId
from sluice.usecases.deliver_outbox import Delivered, deliver_outbox
from tests.fakes.deaths import Died, Life
from tests.packages import BEN, CHANNEL, CHEN, a_policy
from tests.world import World

NOTICE = Message("notice|1", MessageKind.NOTICE, {"channel": CHANNEL, "text": "hello", "blocks": [{"type": "divider"}]})
WHISPER = Message("whisper|1", MessageKind.EPHEMERAL, {"channel": CHANNEL, "user": BEN, "text": "psst"})
EVENT = Message("event|1", MessageKind.DOMAIN_EVENT, {"detail_type": "ReleaseApproved", "detail": {"version": 7}})
COMMAND = Message("command|1", MessageKind.COMMAND, to_json(ResumeRelease(ApprovalId("a" * 32))))
DOWN = TransientFailure("chat.postMessage: ConnectionError")


def with_messages(*messages: Message) -> World:
    """A world in whose outbox messages wait."""
    world = World()
    world.records.commit(Commit(messages=messages), at=world.clock.now())
    return world


def asked() -> World:
    """A world in which a card waits for its first delivery."""
    world = World(a_policy())
    world.register()
    world.run_executions()
    return world


def test_each_kind_of_message_goes_where_it_belongs() -> None:
    world = with_messages(NOTICE, WHISPER, EVENT, COMMAND)

    done = world.deliver()

    assert done == Delivered(sent=4)
    assert world.chat.texts(CHANNEL) == ["hello"]
    assert world.chat.told(BEN) == ["psst"]
    assert world.bus.events == [("ReleaseApproved", {"version": 7})]
    assert world.queue.waiting == [COMMAND.body]


def test_a_delivered_message_is_never_due_again() -> None:
    world = with_messages(NOTICE)
    world.deliver()

    world.clock.advance(365 * 86_400)

    assert world.deliver() == Delivered()


def test_two_deliverers_at_once_send_one_message() -> None:
    world = with_messages(NOTICE)
    [pending] = world.outbox.pending(before=world.clock.now())

    done = [deliver_outbox([pending], world.delivering) for _ in range(2)]

    assert (done, len(world.chat.messages)) == ([Delivered(sent=1), Delivered()], 1)


def test_slack_down_for_an_hour_delivers_each_message_once_after() -> None:
    world = with_messages(NOTICE, WHISPER, EVENT)
    world.chat.down = DOWN

    for _ in range(60):
        world.deliver()
        world.clock.advance(60)
    meanwhile = (len(world.bus.events), dict(world.chat.messages))
    world.chat.down = None
    world.clock.advance(120)
    done = world.deliver()

    assert meanwhile == (1, {})
    assert done == Delivered(sent=2)
    assert (world.chat.texts(CHANNEL), world.chat.told(BEN)) == (["hello"], ["psst"])


def test_a_message_put_off_is_not_due_before_its_time() -> None:
    world = with_messages(NOTICE)
    world.chat.fail(DOWN)

    first = world.deliver()
    at_once = world.deliver()
    world.clock.advance(6)
    later = world.deliver()

    assert (first, at_once, later) == (Delivered(put_off=1), Delivered(), Delivered(sent=1))


@pytest.mark.parametrize(
    "attempt,seconds", [(1, 5), (2, 5), (3, 10), (4, 20), (6, 80), (7, 120), (8, 120), (10**6, 120)]
)
def test_patience_doubles_up_to_two_minutes(attempt: int, seconds: int) -> None:
    assert wait_before(attempt) == seconds * 1_000_000


def test_what_slack_refuses_for_good_is_kept_as_dead_with_its_reason() -> None:
    world = with_messages(NOTICE, WHISPER)
    world.chat.fail(PermanentFailure("chat.postMessage: channel_not_found"))

    done = world.deliver()

    row = world.records.outbox["notice|1"]
    assert (done, row.state, row.reason) == (Delivered(sent=1, dead=1), "dead", "chat.postMessage: channel_not_found")


def test_a_card_of_an_approval_that_nobody_can_read_does_not_hold_its_neighbours_up() -> None:
    world = with_messages(Message("card|x|1", MessageKind.CARD, {"approval_id": "x"}), NOTICE)
    world.records.commit(Commit(saves=(Save(RecordKey(Approval.KIND, "x"), 0, {"id": 7}),)), at=world.clock.now())

    done = world.deliver()

    assert (done, world.records.outbox["card|x|1"].state) == (Delivered(sent=1, dead=1), "dead")


def test_a_card_of_no_approval_is_dead() -> None:
    world = with_messages(Message("card|x|1", MessageKind.CARD, {"approval_id": "x"}))

    assert world.deliver() == Delivered(dead=1)


def test_the_first_delivery_of_a_card_notes_where_it_is_and_starts_the_clock() -> None:
    world = asked()

    world.deliver()

    [(ts, shown)] = world.chat.messages.items()
    assert (world.approval.message_ts, world.approval.channel_id, shown.channel) == (ts, CHANNEL, CHANNEL)
    assert [command["command"] for command in world.queue.waiting] == ["CardDelivered"]


def test_a_card_that_waited_shows_the_newest_state() -> None:
    world = asked()
    world.chat.down = DOWN
    world.deliver()
    world.chat.down = None
    world.vote(BEN)
    world.clock.advance(300)

    world.work()

    [shown] = world.chat.messages.values()
    assert "`data_science` 1 of 1 approved" in repr(shown.blocks)


def test_all_cards_of_an_approval_are_one_message() -> None:
    world = asked()
    world.work()
    world.vote(BEN)
    world.work()
    world.vote(CHEN)
    world.work()

    [shown] = [m for m in world.chat.messages.values() if m.channel == CHANNEL]
    assert (shown.revisions >= 2, "approved" in shown.text.lower()) == (True, True)


def test_a_card_whose_approval_was_settled_before_its_delivery_starts_no_clock() -> None:
    world = asked()
    world.vote(BEN)
    world.vote(CHEN)

    world.work()

    assert world.timers.waiting == {}
    assert [c["command"] for c in world.queue.sent] == []


def test_when_the_queue_is_down_after_the_post_the_card_is_not_posted_again() -> None:
    world = asked()
    world.queue.fail(TransientFailure("SendMessage: ServiceUnavailable"))

    world.deliver()
    world.clock.advance(60)
    world.deliver()

    assert len(world.chat.messages) == 1


def test_without_time_for_another_delivery_none_is_begun_and_the_next_run_has_them() -> None:
    world = with_messages(NOTICE, WHISPER, EVENT)
    left = iter([25_000, 24_999, 24_998])
    world.time_left_ms = lambda: next(left)

    first = world.deliver()
    untouched = [row for row in world.records.outbox.values() if (row.state, row.attempts) == ("pending", 0)]
    world.time_left_ms = lambda: 60_000
    second = world.deliver()

    assert (first, len(untouched), second) == (Delivered(sent=1, left=2), 2, Delivered(sent=2))


@pytest.mark.parametrize("message", [NOTICE, WHISPER, EVENT, COMMAND], ids=lambda message: message.kind.value)
def test_a_death_at_any_moment_delivers_at_least_once_and_only_a_death_after_the_sending_twice(
    message: Message,
) -> None:
    world = with_messages(message)
    life = world.revive()
    world.deliver()

    for moment in range(1, life.lived + 1):
        world = with_messages(message)
        world.revive(Life(ends_at=moment))
        with pytest.raises(Died):
            world.deliver()
        world.revive()
        world.clock.advance(120)
        world.deliver()

        sent = len(world.chat.messages) + len(world.chat.whispers) + len(world.bus.events) + len(world.queue.sent)
        assert sent == (2 if moment in (4, 5) else 1)
        assert world.records.outbox[message.id].state == "sent"


class _Context:
    aws_request_id = "request-1"
    function_name = "deliver-outbox-1"

    def __init__(self, left_ms: int = 60_000) -> None:
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self) -> int:
        return self._left_ms


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with a waiting message behind the handler's wiring."""
    world = with_messages(NOTICE)
    for name, value in {"command_queue": "queue", "event_bus": "bus"}.items():
        monkeypatch.setattr(wiring, name, lambda value=value: getattr(world, value))
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Sluice")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "sluice")
    for name in ("outbox", "records", "chat", "clock"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(world, name))
    monkeypatch.setattr(wiring, "ledger", lambda: world.delivering.ledger)
    return world


def an_image(message: Message) -> dict[str, Any]:
    """A stream record of an inserted message."""
    image = {
        "pk": {"S": message.id},
        "kind": {"S": message.kind.value},
        "body": {"S": json.dumps(message.body)},
        "created_at": {"N": "1"},
        "due_at": {"N": "1"},
        "attempts": {"N": "0"},
    }
    return {"eventName": "INSERT", "dynamodb": {"NewImage": image}}


def test_the_stream_delivers_at_once(handled: World) -> None:
    answer = app.handler({"Records": [an_image(NOTICE)]}, _Context())

    assert (answer, handled.chat.texts(CHANNEL)) == (encode(Delivered(sent=1)), ["hello"])


def test_the_handler_begins_nothing_that_it_has_no_time_to_end(handled: World) -> None:
    first = app.handler({"Records": [an_image(NOTICE)]}, _Context(left_ms=14_000))
    handled.clock.advance(30)
    second = app.handler({}, _Context())

    assert (first["left"], second["sent"], len(handled.chat.messages)) == (1, 1, 1)


def figures(printed: str) -> dict[str, Any]:
    """The one line of the log that is a metric, too."""
    [line] = [json.loads(line) for line in printed.splitlines() if '"_aws"' in line]
    return dict(line)


def test_how_many_messages_died_is_a_metric(handled: World, capsys: pytest.CaptureFixture[str]) -> None:
    handled.chat.fail(PermanentFailure("chat.postMessage: invalid_blocks"))

    app.handler({"Records": [an_image(NOTICE)]}, _Context())

    told = figures(capsys.readouterr().out)
    assert (told["OutboxDead"], told["OutboxWait"]) == ([1.0], [0.0])


def test_how_long_the_oldest_message_has_waited_is_a_metric(handled: World, capsys: pytest.CaptureFixture[str]) -> None:
    handled.chat.down = DOWN
    app.handler({}, _Context())
    handled.clock.advance(1801)
    handled.records.commit(Commit(messages=(WHISPER,)), at=handled.clock.now())
    handled.clock.advance(30)

    app.handler({}, _Context())
    waited = figures(capsys.readouterr().out.splitlines()[-1])
    handled.chat.down = None
    handled.clock.advance(120)
    app.handler({}, _Context())
    over = figures(capsys.readouterr().out)

    assert (waited["OutboxWait"], over["OutboxWait"]) == ([1831.0], [0.0])


def test_a_message_that_is_left_for_want_of_time_counts_as_waiting(handled: World) -> None:
    handled.clock.advance(3600)

    answer = app.handler({}, _Context(left_ms=1000))

    assert (answer["left"], answer["longest_wait_s"]) == (1, 3600)


def test_the_metrics_are_those_that_the_alarms_watch(handled: World, capsys: pytest.CaptureFixture[str]) -> None:
    app.handler({}, _Context())

    told = figures(capsys.readouterr().out)
    [directive] = told["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "Sluice"
    assert [sorted(names) for names in directive["Dimensions"]] == [["function_name", "service"]]
    assert (told["function_name"], told["service"]) == ("deliver-outbox-1", "sluice")
    assert {m["Name"]: m["Unit"] for m in directive["Metrics"]} == {"OutboxDead": "Count", "OutboxWait": "Seconds"}


def test_the_minutes_run_leaves_new_messages_to_the_stream(handled: World) -> None:
    first = app.handler({"source": "aws.scheduler"}, _Context())
    handled.clock.advance(30)
    second = app.handler({"source": "aws.scheduler"}, _Context())

    assert (first["sent"], second["sent"]) == (0, 1)


def test_the_stream_and_the_minutes_run_send_one_message(handled: World) -> None:
    handled.clock.advance(30)

    app.handler({}, _Context())
    app.handler({"Records": [an_image(NOTICE)]}, _Context())

    assert len(handled.chat.messages) == 1
