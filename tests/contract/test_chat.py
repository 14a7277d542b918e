"""`SlackChat` against the local Slack: which refusals pass, and which are final."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from local.slack import server
from local.slack.faults import Down
from local.slack.server import SlackServer
from sluice.adapters.chat import SlackChat
from sluice.errors import ChannelUnavailable, PermanentFailure, TransientFailure

CHANNEL = "C0MODELS"
NOW_S = 1_780_000_000.0


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A Slack of its own for each test."""
    running = server.start(wall=lambda: NOW_S)
    yield running
    running.stop()


@pytest.fixture
def chat(slack: SlackServer) -> SlackChat:
    """The adapter, with the bot's token."""
    return SlackChat(slack.url, lambda: slack.bot_token, timeout_s=2)


def test_a_message_is_posted_and_replaced(slack: SlackServer, chat: SlackChat) -> None:
    posted = chat.post(CHANNEL, text="first")
    chat.update(posted.channel, posted.ts, text="second")

    assert "second" in [m.text for m in slack.workspace.messages(CHANNEL)]
    assert "first" not in [m.text for m in slack.workspace.messages(CHANNEL)]


def test_a_message_has_an_address_and_one_that_is_gone_has_none(chat: SlackChat) -> None:
    posted = chat.post(CHANNEL, text="first")

    assert chat.permalink(posted.channel, posted.ts).endswith(f"/archives/{CHANNEL}/p{posted.ts.replace('.', '')}")
    with pytest.raises(PermanentFailure, match="message_not_found"):
        chat.permalink(posted.channel, "1.000001")


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived", "invalid_auth", "ratelimited"])
def test_what_people_or_time_put_right_may_work_later(slack: SlackServer, chat: SlackChat, code: str) -> None:
    slack.faults.fail("chat.postMessage", code)

    with pytest.raises(TransientFailure, match=f"chat.postMessage: {code}"):
        chat.post(CHANNEL, text="x")

    assert chat.post(CHANNEL, text="x").channel == CHANNEL


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived"])
def test_what_is_wrong_with_the_channel_alone_is_told_apart(slack: SlackServer, chat: SlackChat, code: str) -> None:
    posted = chat.post(CHANNEL, text="x")
    slack.faults.fail("chat.postMessage", code)
    slack.faults.fail("chat.update", code)

    with pytest.raises(ChannelUnavailable, match=f"chat.postMessage: {code}"):
        chat.post(CHANNEL, text="y")
    with pytest.raises(ChannelUnavailable, match=f"chat.update: {code}"):
        chat.update(CHANNEL, posted.ts, text="y")


@pytest.mark.parametrize("code", ["msg_too_long", "invalid_blocks", "no_text"])
def test_what_is_wrong_with_the_message_itself_is_final(slack: SlackServer, chat: SlackChat, code: str) -> None:
    slack.faults.fail("chat.postMessage", code)

    with pytest.raises(PermanentFailure, match=code):
        chat.post(CHANNEL, text="x")


@pytest.mark.parametrize("how", [Down.REFUSED, Down.UNAVAILABLE])
def test_a_slack_that_is_away_may_be_back_later(slack: SlackServer, chat: SlackChat, how: Down) -> None:
    slack.faults.go_down(3600, how)

    with pytest.raises(TransientFailure):
        chat.post(CHANNEL, text="x")


def test_a_slack_that_hangs_up_is_called_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's own second try, after a pause of its own, is too late for a form: its trigger lives 3 seconds."""
    calls: list[str] = []
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)

    class HangsUp(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            calls.append(self.path)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    away = HTTPServer(("127.0.0.1", 0), HangsUp)
    Thread(target=away.serve_forever, daemon=True).start()
    chat = SlackChat(f"http://127.0.0.1:{away.server_port}/", lambda: "xoxb-1", timeout_s=2)

    with pytest.raises(TransientFailure, match=r"views\.open"):
        chat.open_view("trigger", {})

    away.shutdown()
    away.server_close()
    assert (calls, slept) == (["/views.open"], [])


def test_a_token_that_is_not_there_may_be_put_right_later(slack: SlackServer) -> None:
    def token() -> str:
        raise TransientFailure("the secret arn holds no value")

    with pytest.raises(TransientFailure, match="holds no value"):
        SlackChat(slack.url, token, timeout_s=2).post(CHANNEL, text="x")


@pytest.mark.parametrize("answer", [b"<html>Maintenance: back soon</html>", b"", b'{"ok": false}'])
def test_a_page_that_is_not_slacks_own_answer_is_no_final_refusal(answer: bytes) -> None:
    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    away = HTTPServer(("127.0.0.1", 0), Page)
    Thread(target=away.serve_forever, daemon=True).start()
    chat = SlackChat(f"http://127.0.0.1:{away.server_port}/", lambda: "xoxb-1", timeout_s=2)

    with pytest.raises(TransientFailure, match=r"chat\.postMessage: 200"):
        chat.post(CHANNEL, text="x")

    away.shutdown()
    away.server_close()
