"""What people do in the local Slack reaches the app as Slack would send it."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk import WebClient
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.webhook import WebhookClient

from local.slack import server
from local.slack.acting import NothingToPress
from local.slack.server import SlackServer
from sluice.core.card import approval_card
from sluice.core.reason_modal import REASON_BLOCK, given_reason, reason_modal, refusal
from sluice.model.approval import Choice
from sluice.model.ids import ApprovalId
from tests.approvals import NOW, an_approval

CHANNEL = "C0MODELS"
SIM_NOW = 1_780_000_000.0


class App:
    """An app that notes what it is sent; `answer` is what it says to it: status and body."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answer: Callable[[dict[str, Any]], tuple[int, str]] = lambda _: (200, "")
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/slack"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def form(self) -> dict[str, str]:
        """The last form."""
        return {k: v[0] for k, v in parse_qs(self.requests[-1][1].decode(), keep_blank_values=True).items()}

    @property
    def payload(self) -> dict[str, Any]:
        """The last interaction."""
        return dict(json.loads(self.form["payload"]))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        app = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                app.requests.append((dict(self.headers), body))
                form = app.form
                status, text = app.answer(json.loads(form["payload"]) if "payload" in form else form)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


@pytest.fixture
def app() -> Iterator[App]:
    running = App()
    yield running
    running.stop()


@pytest.fixture
def slack(app: App) -> Iterator[SlackServer]:
    running = server.start(wall=lambda: SIM_NOW)
    running.connect(app.url, app.url)
    yield running
    running.stop()


@pytest.fixture
def client(slack: SlackServer) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.url)


@pytest.fixture
def card(client: WebClient) -> str:
    drawn = approval_card(an_approval(), NOW)
    return str(client.chat_postMessage(channel=CHANNEL, text=drawn.text, blocks=list(drawn.blocks))["ts"])


class Then(Clock):
    """The simulated moment, for the SDK's verifier."""

    def now(self) -> float:
        return SIM_NOW


def test_a_click_is_signed_so_that_the_sdks_verifier_agrees(slack: SlackServer, app: App, card: str) -> None:
    slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)

    headers, body = app.requests[-1]
    assert SignatureVerifier(slack.signing_secret, clock=Then()).is_valid_request(body, headers)
    assert not SignatureVerifier("another", clock=Then()).is_valid_request(body, headers)
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["X-Slack-Request-Timestamp"] == str(int(SIM_NOW))


def test_a_click_says_who_pressed_what_on_which_message(slack: SlackServer, app: App, card: str) -> None:
    slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)

    payload = app.payload
    assert payload["type"] == "block_actions"
    assert (payload["user"]["id"], payload["user"]["team_id"], payload["team"]["id"]) == (
        "U0CHEN",
        "T0SLUICE",
        "T0SLUICE",
    )
    assert payload["container"] == {"type": "message", "message_ts": card, "channel_id": CHANNEL, "is_ephemeral": False}
    [action] = payload["actions"]
    assert (action["action_id"], action["block_id"]) == ("decide_approve", "decide")
    assert action["value"] == an_approval().id


def test_a_button_that_is_gone_cannot_be_pressed(slack: SlackServer, client: WebClient, card: str) -> None:
    client.chat_update(channel=CHANNEL, ts=card, text="settled", blocks=[{"type": "divider"}])

    with pytest.raises(NothingToPress):
        slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)


def test_a_late_answer_is_shown_as_a_time_out_to_whoever_pressed(slack: SlackServer, app: App, card: str) -> None:
    slack.app.acknowledge_within_s = 0.2
    released = threading.Event()
    app.answer = lambda _: (released.wait(5), (200, ""))[1]

    delivery = slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)
    released.set()

    assert delivery.status == 0
    assert "operation timed out" in slack.workspace.ephemerals("U0CHEN")[-1].text
    assert slack.workspace.ephemerals("U0BEN") == []


def test_an_error_of_the_app_is_shown_to_whoever_pressed(slack: SlackServer, app: App, card: str) -> None:
    app.answer = lambda _: (401, "no")

    delivery = slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)

    assert (delivery.status, delivery.answer) == (401, "no")
    assert "Status Code 401" in slack.workspace.ephemerals("U0CHEN")[-1].text
    assert slack.app.deliveries == [delivery]


def opened(slack: SlackServer, app: App, client: WebClient, card: str) -> None:
    """Ben presses Reject and the app opens the modal with his trigger, while Slack waits for the answer."""

    def answer(payload: dict[str, Any]) -> tuple[int, str]:
        view = reason_modal(ApprovalId(payload["actions"][0]["value"]), Choice.REJECT)
        client.views_open(trigger_id=payload["trigger_id"], view=view)
        return 200, ""

    app.answer = answer
    slack.workspace.click("U0BEN", "decide_reject", CHANNEL, card)


def test_a_modal_is_submitted_with_its_values_and_closes(
    slack: SlackServer, app: App, client: WebClient, card: str
) -> None:
    opened(slack, app, client, card)
    app.answer = lambda _: (200, "")

    submission = slack.workspace.submit_modal("U0BEN", {REASON_BLOCK: " too few merchants "})

    assert submission.errors == {}
    assert app.payload["type"] == "view_submission"
    assert app.payload["user"]["id"] == "U0BEN"
    assert app.payload["view"]["private_metadata"] == an_approval().id
    assert given_reason(app.payload["view"]) == "too few merchants"
    assert slack.workspace.modal("U0BEN") is None


def test_errors_of_the_app_keep_the_modal_open(slack: SlackServer, app: App, client: WebClient, card: str) -> None:
    opened(slack, app, client, card)
    app.answer = lambda _: (200, json.dumps(refusal("This approval has expired.")))

    submission = slack.workspace.submit_modal("U0BEN", {REASON_BLOCK: "because"})

    modal = slack.workspace.modal("U0BEN")
    assert submission.errors == {REASON_BLOCK: "This approval has expired."}
    assert modal is not None
    assert modal.errors == submission.errors


def test_a_required_field_left_empty_is_never_sent(slack: SlackServer, app: App, client: WebClient, card: str) -> None:
    opened(slack, app, client, card)
    sent = len(app.requests)

    submission = slack.workspace.submit_modal("U0BEN", {})

    assert submission.delivery is None
    assert "required" in submission.errors[REASON_BLOCK]
    assert len(app.requests) == sent


def test_a_modal_whose_app_fails_stays_open(slack: SlackServer, app: App, client: WebClient, card: str) -> None:
    opened(slack, app, client, card)
    app.answer = lambda _: (500, "")

    submission = slack.workspace.submit_modal("U0BEN", {REASON_BLOCK: "because"})

    assert "trouble connecting" in submission.errors[REASON_BLOCK]
    assert slack.workspace.modal("U0BEN") is not None


def test_a_command_is_a_form_and_its_answer_is_for_the_typist(slack: SlackServer, app: App) -> None:
    app.answer = lambda _: (200, json.dumps({"response_type": "ephemeral", "text": "3 open approvals"}))

    slack.workspace.command("U0OLGA", "/sluice", "status & more")

    assert (app.form["command"], app.form["text"], app.form["user_id"]) == ("/sluice", "status & more", "U0OLGA")
    assert slack.workspace.ephemerals("U0OLGA")[-1].text == "3 open approvals"
    assert slack.workspace.messages(CHANNEL) == []


def test_a_response_url_works_five_times(slack: SlackServer, app: App, card: str) -> None:
    slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)
    url = app.payload["response_url"]

    answers = [WebhookClient(url).send(text=f"heard {n}") for n in range(6)]

    assert ['"ok": true' in a.body for a in answers] == [True] * 5 + [False]
    assert [e.text for e in slack.workspace.ephemerals("U0CHEN")] == [f"heard {n}" for n in range(5)]


def test_many_people_press_at_once(slack: SlackServer, app: App, card: str) -> None:
    began = threading.Barrier(8)

    def press() -> None:
        began.wait()
        slack.workspace.click("U0CHEN", "decide_approve", CHANNEL, card)

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    triggers = {json.loads(parse_qs(body.decode())["payload"][0])["trigger_id"] for _, body in app.requests}
    assert len(triggers) == 8
