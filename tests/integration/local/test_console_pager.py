"""The console's pager view without a browser: what reached people, and what they do about it there."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from flask.testing import FlaskClient

from local.console.pages import create_app
from local.engine.process import free_port
from local.hooks.server import HookReceiver, Post
from local.pager import server as pager_server
from local.pager.server import PagerServer
from local.slack import server as slack_server
from sluice.core.incident.page_forms import pagerduty_events, topic_message
from tests.pages import a_page, a_paged_incident

HOST = {"Host": "127.0.0.1:8000"}
HTMX = {"HX-Request": "true", **HOST}
VIEW = "/fragments/pager?as=U0CHEN&in=C0MODELS"


@pytest.fixture
def pager() -> Iterator[PagerServer]:
    running = pager_server.start(wall=lambda: 1_780_000_000.0)
    yield running
    running.stop()


@pytest.fixture
def hooks() -> Iterator[HookReceiver]:
    running = HookReceiver()
    yield running
    running.stop()


@pytest.fixture
def engine() -> Iterator[str]:
    """Nothing of the engine but what was published."""
    message = topic_message(a_page())
    told = {
        "at_s": 1_780_000_000.0,
        "topic_arn": "arn:aws:sns:us-east-1:111122223333:phones",
        "subject": message.subject,
        "texts": dict(message.texts),
        "attributes": {},
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"messages": [told]}).encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    http = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{http.server_address[1]}"
    http.shutdown()
    http.server_close()


@pytest.fixture
def outputs(pager: PagerServer, hooks: HookReceiver, engine: str) -> Iterator[dict[str, str]]:
    slack = slack_server.start(wall=lambda: 1_780_000_000.0)
    yield {
        "aws_endpoint_url": engine,
        "region": "us-east-1",
        "account_id": "111122223333",
        "slack_url": slack.root_url,
        "pager_root_url": pager.root_url,
        "hook_root_url": hooks.root_url,
    }
    slack.stop()


@pytest.fixture
def client(outputs: dict[str, str]) -> FlaskClient:
    return create_app(outputs).test_client()


@pytest.fixture
def called(pager: PagerServer) -> str:
    """An incident has called by PagerDuty; answers the alert's id."""
    incident = a_paged_incident()
    for event in pagerduty_events(a_page(incident=incident), incident, anew=False):
        pager.pager.enqueue({"routing_key": pager.routing_key, **event})
    return pager.pager.alerts[0].id


def test_an_alert_shows_what_a_person_needs_and_no_routing_key(
    client: FlaskClient, pager: PagerServer, called: str
) -> None:
    shown = client.get(VIEW, headers=HOST).text

    assert f'data-alert="{called}" data-status="triggered"' in shown
    for words in ("5.2 % of requests fail", "error rate: is too high: 0.052", "approved by Ben, Chen", "as Chen Wei"):
        assert words in shown
    assert 'href="https://wiki.example.com/fraud"' in shown
    assert pager.routing_key not in shown


@pytest.mark.parametrize("action,status", [("acknowledge", "acknowledged"), ("resolve", "resolved")])
def test_a_button_is_what_a_person_does_at_pagerduty(
    client: FlaskClient, pager: PagerServer, called: str, action: str, status: str
) -> None:
    answer = client.post("/pager/respond", data={"as": "U0CHEN", "alert": called, "action": action}, headers=HTMX)

    shown = client.get(VIEW, headers=HOST).text
    assert (answer.status_code, pager.pager.alerts[0].status) == (200, status)
    assert f"{status.capitalize()} by Chen Wei" in shown
    assert ('value="resolve"' in shown) is (status == "acknowledged")


def test_what_cannot_be_done_any_more_is_told(client: FlaskClient, pager: PagerServer, called: str) -> None:
    form = {"as": "U0CHEN", "alert": called, "action": "resolve"}
    client.post("/pager/respond", data=form, headers=HTMX)

    again = client.post("/pager/respond", data=form, headers=HTMX)

    assert f"nobody can resolve {called}" in again.text
    assert client.post("/pager/respond", data=form | {"action": "explode"}, headers=HTMX).text.count("explode") == 1


def test_a_form_of_another_site_is_turned_away(client: FlaskClient, pager: PagerServer, called: str) -> None:
    answer = client.post("/pager/respond", data={"alert": called, "action": "resolve"}, headers=HOST)

    assert (answer.status_code, pager.pager.alerts[0].status) == (403, "triggered")


def test_a_guest_is_not_on_call(client: FlaskClient, called: str) -> None:
    shown = client.get("/fragments/pager?as=U0GUEST&in=C0MODELS", headers=HOST).text

    assert "Gil Guest is not on call at PagerDuty" in shown
    assert "<form" not in shown


def test_phones_show_the_short_text_and_mailboxes_the_long_one(client: FlaskClient) -> None:
    shown = client.get(VIEW, headers=HOST).text

    assert '<p class="bubble">[Sluice] CRITICAL: fraud-scoring' in shown
    assert "The same as an e-mail: [Sluice] CRITICAL: fraud-scoring" in shown


def test_a_webhook_says_whether_it_was_genuine(client: FlaskClient, hooks: HookReceiver) -> None:
    for genuine in (True, False):
        hooks.posts.append(Post("/sluice", genuine, {"action": "trigger", "summary": "requests <b>fail</b>"}))

    shown = client.get(VIEW, headers=HOST).text

    assert ("Signature verified" in shown, "Forged" in shown) == (True, True)
    assert "<b>fail</b>" not in shown


def test_the_view_has_an_address_of_its_own(client: FlaskClient) -> None:
    answer = client.get("/pager?as=U0CHEN", headers=HOST, follow_redirects=True)

    assert answer.status_code == 200
    assert re.search(r'hx-get="/fragments/pager\?as=U0CHEN', answer.text)
    assert "aria-current=page>Pager" in client.get("/fragments/tabs?as=U0CHEN&view=pager", headers=HOST).text


def test_without_a_pager_the_page_says_so_and_goes_on(outputs: dict[str, str]) -> None:
    gone = outputs | {"pager_root_url": f"http://127.0.0.1:{free_port()}"}

    shown = create_app(gone).test_client().get(VIEW, headers=HOST)

    assert shown.status_code == 200
    assert "it does not answer" in shown.text
