"""The local Slack answers the real client as Slack does."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import server
from local.slack.faults import Down
from local.slack.server import SlackServer
from sluice.core.card import approval_card
from sluice.core.reason_modal import reason_modal
from sluice.model.approval import Choice
from sluice.model.ids import ApprovalId
from tests.approvals import NOW, an_approval

CHANNEL = "C0MODELS"


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.s = 1_780_000_000.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def slack(time: Time) -> Iterator[SlackServer]:
    running = server.start(wall=time)
    yield running
    running.stop()


@pytest.fixture
def client(slack: SlackServer) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.url)


def refused(call: Any, **arguments: Any) -> str:
    """The error code with which a call is refused."""
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_an_approval_card_is_posted_and_updated_in_place(slack: SlackServer, client: WebClient) -> None:
    card = approval_card(an_approval(), NOW)

    posted = client.chat_postMessage(channel=CHANNEL, text=card.text, blocks=list(card.blocks))
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="settled", blocks=[{"type": "divider"}])

    [message] = slack.workspace.messages(CHANNEL)
    assert (message.ts, message.text, message.revisions) == (posted["ts"], "settled", 1)
    assert [b["type"] for b in message.blocks] == ["divider"]


def test_forms_with_json_in_them_are_understood_too(slack: SlackServer) -> None:
    body = {"channel": CHANNEL, "text": "x", "blocks": json.dumps([{"type": "divider"}])}

    answer = WebClient(token=slack.bot_token, base_url=slack.url).api_call("chat.postMessage", data=body)

    assert answer["message"]["blocks"][0]["type"] == "divider"


def test_each_message_has_a_ts_of_its_own_from_the_simulated_clock(client: WebClient, time: Time) -> None:
    stamps = [client.chat_postMessage(channel=CHANNEL, text=str(n))["ts"] for n in range(3)]

    assert len(set(stamps)) == 3
    assert stamps == sorted(stamps)
    assert int(stamps[0].split(".")[0]) == int(time.s)


def test_a_user_as_channel_means_direct_messages(slack: SlackServer, client: WebClient) -> None:
    answer = client.chat_postMessage(channel="U0ANNA", text="hello")

    assert answer["channel"] == "D0ANNA"
    assert [m.text for m in slack.workspace.messages("U0ANNA")] == ["hello"]


def test_tokens_are_checked(slack: SlackServer) -> None:
    assert refused(WebClient(base_url=slack.url).auth_test) == "not_authed"
    assert refused(WebClient(token="xoxb-wrong", base_url=slack.url).auth_test) == "invalid_auth"


def test_errors_have_slacks_codes(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=CHANNEL, text="x")["ts"]
    whispered = client.chat_postEphemeral(channel=CHANNEL, user="U0BEN", text="x")["message_ts"]

    assert refused(client.chat_postMessage, channel="C0NONE", text="x") == "channel_not_found"
    assert refused(client.api_call, api_method="chat.postMessage", json={"channel": CHANNEL}) == "no_text"
    assert refused(client.chat_postMessage, channel=CHANNEL, text="x" * 40_001) == "msg_too_long"
    assert refused(client.chat_postEphemeral, channel=CHANNEL, user="U0NONE", text="x") == "user_not_found"
    assert refused(client.chat_update, channel=CHANNEL, ts="1.000000", text="x") == "message_not_found"
    assert refused(client.chat_update, channel=CHANNEL, ts=whispered, text="x") == "cant_update_message"
    assert refused(client.chat_update, channel="C0NONE", ts=ts, text="x") == "channel_not_found"
    assert refused(client.api_call, api_method="chat.unknown") == "unknown_method"


@pytest.mark.parametrize(
    "blocks,pointer",
    [
        ([{"type": "divider"}] * 51, "/blocks"),
        ([{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}], "/blocks/0/text/text"),
        ([{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}], "/blocks/0/text/type"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "/blocks/0/text/text"),
        ([{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "/blocks/0/text/text"),
        ([{"type": "section", "fields": [{"type": "mrkdwn", "text": "x"}] * 11}], "/blocks/0/fields"),
        ([{"type": "context", "elements": []}], "/blocks/0/elements"),
        ([{"type": "nonsense"}], "/blocks/0/type"),
        ([{"type": "divider", "block_id": "a"}, {"type": "divider", "block_id": "a"}], "/blocks"),
    ],
)
def test_blocks_beyond_slacks_limits_are_refused_with_the_place(client: WebClient, blocks: Any, pointer: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CHANNEL, text="x", blocks=blocks)

    assert caught.value.response["error"] == "invalid_blocks"
    assert f"[json-pointer:{pointer}]" in caught.value.response["response_metadata"]["messages"][0]


def test_a_button_value_of_a_task_tokens_length_is_refused(client: WebClient) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": "a", "value": "t" * 2001}

    assert (
        refused(client.chat_postMessage, channel=CHANNEL, text="x", blocks=[{"type": "actions", "elements": [button]}])
        == "invalid_blocks"
    )


def test_too_many_characters_over_all_blocks_are_refused(client: WebClient) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}

    assert refused(client.chat_postMessage, channel=CHANNEL, text="x", blocks=[section] * 5) == "msg_blocks_too_long"


def test_people_and_groups_can_be_looked_up(client: WebClient) -> None:
    assert client.users_info(user="U0ANNA")["user"]["real_name"] == "Anna Ferreira"
    assert client.users_info(user="U0GUEST")["user"]["is_restricted"] is True
    assert client.users_lookupByEmail(email="ben@example.com")["user"]["id"] == "U0BEN"
    assert client.usergroups_users_list(usergroup="S0MLENG")["users"] == ["U0CHEN", "U0DANA"]
    assert refused(client.users_lookupByEmail, email="nobody@example.com") == "users_not_found"
    assert refused(client.usergroups_users_list, usergroup="S0NONE") == "no_such_subteam"


@pytest.mark.parametrize(
    "method, arguments, answer",
    [
        ("users.info", {"user": "U0ANNA"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "ben@example.com"}, "users_not_found"),
        ("usergroups.users.list", {"usergroup": "S0MLENG"}, "no_such_subteam"),
    ],
)
def test_methods_that_read_do_not_see_a_json_body(
    client: WebClient, method: str, arguments: dict[str, str], answer: str
) -> None:
    """Slack documents them as form-encoded only: what is said in JSON counts as not said."""
    assert refused(client.api_call, api_method=method, json=arguments) == answer


def test_a_trigger_opens_one_modal_within_three_seconds(slack: SlackServer, client: WebClient) -> None:
    view = reason_modal(ApprovalId("apr"), Choice.REJECT)
    trigger = slack.state.new_trigger("U0BEN")
    stale = slack.state.new_trigger("U0BEN")
    slack.state._triggers[stale].born_s -= 3.1

    client.views_open(trigger_id=trigger, view=view)

    modal = slack.workspace.modal("U0BEN")
    assert modal is not None
    assert modal.view["private_metadata"] == "apr"
    assert slack.workspace.modal("U0CHEN") is None
    assert refused(client.views_open, trigger_id=trigger, view=view) == "exchanged_trigger_id"
    assert refused(client.views_open, trigger_id=stale, view=view) == "expired_trigger_id"
    assert refused(client.views_open, trigger_id="made.up", view=view) == "invalid_trigger_id"


def test_a_modal_with_a_long_title_is_refused(slack: SlackServer, client: WebClient) -> None:
    view = reason_modal(ApprovalId("apr"), Choice.REJECT) | {"title": {"type": "plain_text", "text": "x" * 25}}

    assert refused(client.views_open, trigger_id=slack.state.new_trigger("U0BEN"), view=view) == "invalid_arguments"


def test_the_second_message_of_a_second_is_told_to_wait(slack: SlackServer, client: WebClient, time: Time) -> None:
    slack.faults.limits_rate = True
    client.chat_postMessage(channel=CHANNEL, text="first")

    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CHANNEL, text="second")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"
    client.chat_postMessage(channel="C0FRAUD", text="another channel")
    time.s += 1.0
    client.chat_postMessage(channel=CHANNEL, text="third")


def test_slack_is_down_for_an_hour_and_then_back(slack: SlackServer, client: WebClient, time: Time) -> None:
    slack.faults.go_down(3600)

    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=CHANNEL, text="x")

    assert caught.value.response.status_code == 503
    time.s += 3600
    assert client.chat_postMessage(channel=CHANNEL, text="x")["ok"]


def test_a_slack_that_hangs_up_gives_no_answer(slack: SlackServer, client: WebClient) -> None:
    slack.faults.go_down(3600, Down.REFUSED)

    with pytest.raises((urllib.error.URLError, ConnectionError, OSError)):
        client.auth_test()

    assert slack.workspace.messages(CHANNEL) == []


def test_an_error_can_be_planted_for_the_next_call(slack: SlackServer, client: WebClient) -> None:
    slack.faults.fail("chat.postMessage", "internal_error")

    assert refused(client.chat_postMessage, channel=CHANNEL, text="x") == "internal_error"
    assert client.chat_postMessage(channel=CHANNEL, text="x")["ok"]


def test_the_admin_page_shows_what_one_person_sees(slack: SlackServer, client: WebClient) -> None:
    client.chat_postMessage(channel=CHANNEL, text="for all")
    client.chat_postEphemeral(channel=CHANNEL, user="U0BEN", text="for Ben")

    with urllib.request.urlopen(  # noqa: S310  # http on loopback
        f"{slack.root_url}/_admin/view?user=U0CHEN&channel={CHANNEL}"
    ) as answer:
        seen = json.load(answer)

    assert [m["text"] for m in seen["messages"]] == ["for all"]
    assert seen["ephemerals"] == []
