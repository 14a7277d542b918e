"""What Slack's Events API tells is read strictly: only what a person wrote in a thread is taken."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluice.errors import InvalidInput
from sluice.model.interaction import MAX_BODY, Other, Presser
from sluice.model.thread_event import Challenge, WroteInThread, read_event
from tests.event_samples import sample
from tests.packages import BEN, TEAM
from tests.signals import ANY_JSON


def told(**changes: Any) -> bytes:
    """The body of the sample, with the message changed."""
    payload = json.loads(sample("deliveries/slack_events.json")["body"])
    payload["event"] = {name: value for name, value in (payload["event"] | changes).items() if value is not None}
    return json.dumps(payload).encode()


def test_what_a_person_wrote_is_read_with_who_and_where() -> None:
    event = read_event(told(text="it is &lt;slow&gt; &amp; late"))

    assert event == WroteInThread(
        Presser(BEN, TEAM), "C0MODELS", "1780000000.000100", "1780000300.000200", "it is <slow> & late"
    )


def test_the_question_whether_the_address_is_ours_is_answered() -> None:
    body = json.dumps({"token": "unused", "type": "url_verification", "challenge": "3eZbrw1aB"}).encode()

    assert read_event(body) == Challenge("3eZbrw1aB")


@pytest.mark.parametrize(
    "changes",
    [
        {"thread_ts": None},
        {"bot_id": "B0SLUICE"},
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"subtype": "channel_join"},
        {"type": "reaction_added"},
    ],
)
def test_what_no_person_wrote_in_a_thread_is_left_alone(changes: dict[str, Any]) -> None:
    assert isinstance(read_event(told(**changes)), Other)


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
def test_a_file_and_an_answer_that_is_shown_in_the_channel_are_words_too(subtype: str) -> None:
    assert isinstance(read_event(told(subtype=subtype)), WroteInThread)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"type": "event_callback"}',
        b'{"type": "event_callback", "event": 7}',
        b'{"type": "url_verification", "challenge": 7}',
        b'{"type": "url_verification", "challenge": "' + b"x" * 300 + b'"}',
        b'{"type": "a", "type": "b"}',
        b'{"type": NaN}',
        b" " * (MAX_BODY + 1),
        told(thread_ts="yesterday"),
        told(ts="1.2"),
        told(user=7),
        told(channel=""),
    ],
)
def test_what_is_not_of_slacks_form_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        read_event(body)


@given(st.dictionaries(st.sampled_from(["type", "event", "challenge", "team_id"]), ANY_JSON) | ANY_JSON)
def test_whatever_comes_is_read_or_refused(payload: Any) -> None:
    try:
        read_event(json.dumps(payload).encode())
    except InvalidInput:
        return
