"""The console's pages without a browser: who may call them, what they say while nothing is there or something is gone."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from local.console.pages import create_app
from local.engine.process import free_port
from local.slack import server
from local.slack.server import SlackServer

HTMX = {"HX-Request": "true"}
HOST = {"Host": "127.0.0.1:8000"}
BUTTON = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "decide_approve",
            "text": {"type": "plain_text", "text": "Approve"},
            "value": "1",
        }
    ],
}


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    running = server.start(wall=lambda: 1_780_000_000.0)
    yield running
    running.stop()


@pytest.fixture
def outputs(slack: SlackServer) -> dict[str, str]:
    nowhere = f"http://127.0.0.1:{free_port()}"
    return {
        "aws_endpoint_url": nowhere,
        "region": "us-east-1",
        "account_id": "111122223333",
        "slack_url": slack.root_url,
    }


@pytest.fixture
def client(outputs: dict[str, str]) -> FlaskClient:
    return create_app(outputs).test_client()


def test_the_page_runs_no_script_but_its_own(client: FlaskClient) -> None:
    answer = client.get("/", headers=HOST)

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert re.findall(r"<script(?! src=\"/static/)", answer.text) == []
    assert re.findall(r"\son\w+=", answer.text) == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:80", "evil.example:127.0.0.1"])
def test_another_name_for_this_machine_is_turned_away(client: FlaskClient, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("path", ["/press", "/modal", "/modal/close", "/command", "/register"])
def test_a_form_of_another_site_is_turned_away(client: FlaskClient, slack: SlackServer, path: str) -> None:
    answer = client.post(path, data={"line": "/sluice", "kind": "good"}, headers=HOST)

    assert answer.status_code == 403
    assert slack.app.deliveries == []


def test_what_the_reader_has_already_is_not_sent_again(client: FlaskClient, slack: SlackServer) -> None:
    first = client.get("/fragments/slack?as=U0BEN&in=C0MODELS", headers=HOST)
    found = re.search(r"seen=([0-9a-f]{16})", first.text)
    assert found is not None
    address = f"/fragments/slack?as=U0BEN&in=C0MODELS&seen={found[1]}"

    unchanged = client.get(address, headers=HOST)
    slack.state.post({"channel": "C0MODELS", "text": "news"})
    changed = client.get(address, headers=HOST)

    assert (unchanged.status_code, unchanged.text) == (204, "")
    assert changed.status_code == 200
    assert "news" in changed.text


def test_a_cloud_that_is_gone_is_named_and_breaks_nothing(outputs: dict[str, str]) -> None:
    client = create_app(
        outputs | {"ReleaseMachineArn": "arn:aws:states:us-east-1:111122223333:stateMachine:release"}
    ).test_client()

    answer = client.get("/fragments/releases", headers=HOST)

    assert answer.status_code == 200
    assert "Could not connect to the endpoint URL" in answer.text


def test_a_slack_that_is_gone_is_named(client: FlaskClient, slack: SlackServer) -> None:
    slack.stop()

    answer = client.get("/", headers=HOST)

    assert answer.status_code == 503
    assert "the local Slack does not answer" in answer.text


def test_a_press_that_nobody_could_have_done_is_told(client: FlaskClient) -> None:
    form = {"as": "U0BEN", "in": "C0MODELS", "ts": "1.000000", "action_id": "decide_approve"}

    answer = client.post("/press", data=form, headers=HOST | HTMX)

    assert "no message 1.000000" in answer.text


@pytest.mark.parametrize("path", ["/press", "/command", "/modal", "/modal/close"])
def test_whoever_is_not_there_does_nothing(client: FlaskClient, slack: SlackServer, path: str) -> None:
    """A misspelt name acted as the first person of the list, and cast that person's vote."""
    slack.state.post({"channel": "C0MODELS", "text": "asked", "blocks": [BUTTON]})
    ts = slack.state.messages("C0MODELS")[0].ts
    form = {"as": "U0GIL<", "in": "C0MODELS", "ts": ts, "action_id": "decide_approve", "line": "/sluice help"}

    answer = client.post(path, data=form, headers=HOST | HTMX)

    assert answer.status_code == 404
    assert slack.app.deliveries == []


def test_the_page_says_who_one_can_be_when_somebody_is_not_there(client: FlaskClient) -> None:
    answer = client.get("/?as=U0GIL<b>", headers=HOST)

    assert answer.status_code == 404
    assert "Nobody here is U0GIL&lt;b&gt;. You can be U0ANNA, U0BEN," in answer.text


def test_a_registry_that_is_gone_is_told_at_the_form(client: FlaskClient) -> None:
    answer = client.post("/register", data={"kind": "good"}, headers=HOST | HTMX)

    assert "The registry refused" in answer.text
