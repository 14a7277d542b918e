"""What every `Chat` must do, the fake as well as the real client against the local Slack."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from local.slack import server
from local.slack.server import SlackServer
from sluice.adapters.chat import SlackChat
from sluice.core.card import approval_card
from sluice.core.reason_modal import reason_modal
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.approval import Choice
from sluice.model.ids import ApprovalId
from sluice.ports import Chat
from tests.approvals import NOW, an_approval
from tests.fakes.chat import FakeChat

CHANNEL, BEN = "C0MODELS", "U0BEN"


@dataclass
class Store:
    """A `Chat`, and a look at what is to be read in a channel."""

    chat: Chat
    texts: Callable[[str], list[str]]
    rate_limited: Callable[[], None]


def _fake() -> Store:
    fake = FakeChat({"S0MLENG": {"U0CHEN", "U0DANA"}})
    return Store(fake, fake.texts, lambda: fake.fail(TransientFailure("chat.postMessage: ratelimited")))


def _real(slack: SlackServer) -> Store:
    def rate_limited() -> None:
        slack.faults.limits_rate = True
        slack.faults.admit(CHANNEL)

    return Store(
        SlackChat(slack.url, lambda: slack.bot_token, timeout_s=5),
        lambda channel: [message.text for message in slack.workspace.messages(channel)],
        rate_limited,
    )


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    running = server.start(wall=lambda: 1_780_000_000.0)
    yield running
    running.stop()


@pytest.fixture(params=["fake", "slack"])
def store(request: pytest.FixtureRequest) -> Store:
    return _fake() if request.param == "fake" else _real(request.getfixturevalue("slack"))


def test_a_card_is_posted_and_replaced_in_place(store: Store) -> None:
    card = approval_card(an_approval(), NOW)
    posted = store.chat.post(CHANNEL, text=card.text, blocks=card.blocks)

    replaced = store.chat.update(posted.channel, posted.ts, text="settled")

    assert (replaced, posted.channel, store.texts(CHANNEL)) == (True, CHANNEL, ["settled"])


def test_a_person_is_reached_in_their_direct_messages(store: Store) -> None:
    posted = store.chat.post(BEN, text="for you")

    assert (posted.channel, store.texts(posted.channel)) == ("D0BEN", ["for you"])


def test_a_message_that_is_not_there_is_not_replaced(store: Store) -> None:
    assert store.chat.update(CHANNEL, "1.000001", text="x") is False
    assert store.texts(CHANNEL) == []


def test_a_whisper_is_not_to_be_read_in_the_channel(store: Store) -> None:
    store.chat.whisper(CHANNEL, BEN, text="only you")

    assert store.texts(CHANNEL) == []


def test_the_members_of_a_group_are_told(store: Store) -> None:
    assert store.chat.group_members("S0MLENG") == {"U0CHEN", "U0DANA"}


def test_a_group_that_is_not_there_is_refused_for_good(store: Store) -> None:
    with pytest.raises(PermanentFailure, match="no_such_subteam"):
        store.chat.group_members("S0NOBODY")


def test_too_many_messages_may_work_later(store: Store) -> None:
    store.rate_limited()

    with pytest.raises(TransientFailure, match="ratelimited"):
        store.chat.post(CHANNEL, text="x")


def test_a_press_opens_one_form_and_no_second(slack: SlackServer) -> None:
    chat = SlackChat(slack.url, lambda: slack.bot_token, timeout_s=5)
    trigger = slack.state.new_trigger(BEN)
    view = reason_modal(ApprovalId("f" * 32), Choice.REJECT)

    chat.open_view(trigger, view)

    with pytest.raises(PermanentFailure, match="trigger"):
        chat.open_view(trigger, view)


def test_a_refused_token_is_not_shown(slack: SlackServer) -> None:
    chat = SlackChat(slack.url, lambda: "xoxb-wrong-and-secret", timeout_s=5)

    with pytest.raises((PermanentFailure, TransientFailure)) as caught:
        chat.post(CHANNEL, text="x")

    assert "xoxb" not in str(caught.value)
