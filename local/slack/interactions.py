"""What a person does in Slack, sent to the app as Slack sends it: signed, as a form, three seconds for the answer."""

import hashlib
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from local.slack.people import APP_ID, TEAM_ID

ACKNOWLEDGE_WITHIN_S = 3.0


@dataclass(frozen=True)
class Delivery:
    """One request to the app and its answer: `status` 0 when none came in time, `shown` what Slack tells the user."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    status: int
    answer: str
    took_s: float
    shown: str = ""

    @property
    def ok(self) -> bool:
        """Whether Slack would be content."""
        return self.status == http.client.OK

    def json(self) -> dict[str, Any]:
        """The answer as a JSON object; empty when it is none."""
        try:
            value = json.loads(self.answer) if self.answer else {}
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}


class AppConnection:
    """Where the app listens, and everything that was sent there."""

    def __init__(self, signing_secret: str, wall: Callable[[], float]) -> None:
        self.signing_secret = signing_secret
        self.interactions_url = ""
        self.commands_url = ""
        self.acknowledge_within_s = ACKNOWLEDGE_WITHIN_S
        self._wall = wall
        self._lock = threading.Lock()
        self._deliveries: list[Delivery] = []
        # Proxies of the environment are for the world outside; the app is on this machine.
        self._opener = build_opener(ProxyHandler({}))

    def connect(self, interactions_url: str, commands_url: str) -> None:
        """Set the request URLs, as on the app's configuration page."""
        self.interactions_url, self.commands_url = interactions_url, commands_url

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything sent so far, the oldest first."""
        with self._lock:
            return list(self._deliveries)

    def interact(self, payload: Mapping[str, Any]) -> Delivery:
        """Send an interaction: one form field `payload` with JSON in it."""
        return self.send(self.interactions_url, {"payload": json.dumps(payload, ensure_ascii=False)})

    def command(self, fields: Mapping[str, str]) -> Delivery:
        """Send a slash command."""
        return self.send(self.commands_url, fields)

    def send(self, url: str, fields: Mapping[str, str]) -> Delivery:
        """Sign and send a form, wait for the answer, and keep both."""
        body = urlencode(fields).encode()
        headers = self.signed_headers(body)
        began = time.monotonic()
        status, answer = self._exchange(url, body, headers)
        delivery = Delivery(url, body, headers, status, answer, time.monotonic() - began, _shown(status))
        with self._lock:
            self._deliveries.append(delivery)
        return delivery

    def signed_headers(self, body: bytes) -> dict[str, str]:
        """Headers of a request from Slack at this moment: signature v0 over timestamp and raw body."""
        timestamp = str(int(self._wall()))
        signed = b"v0:" + timestamp.encode() + b":" + body
        signature = hmac.new(self.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        return {
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": f"v0={signature}",
        }

    def _exchange(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        if not url.startswith(("http://", "https://")):
            return 0, "no request URL is configured"
        request = Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310  # scheme checked above
        try:
            with self._opener.open(request, timeout=self.acknowledge_within_s) as response:
                return response.status, response.read().decode(errors="replace")
        except HTTPError as error:
            with error:
                return error.code, error.read().decode(errors="replace")
        except (URLError, TimeoutError, OSError, http.client.HTTPException) as error:
            return 0, f"{type(error).__name__}: {error}"


def _shown(status: int) -> str:
    if status == 0:
        return "This app responded with an error: operation timed out (operation_timeout)"
    if status != http.client.OK:
        return f"This app responded with Status Code {status}"
    return ""


def envelope(user: Mapping[str, str], trigger_id: str) -> dict[str, Any]:
    """What every interaction carries: who, in which workspace, for which app."""
    return {
        "api_app_id": APP_ID,
        "token": "deprecated-verification-token",
        "team": {"id": TEAM_ID, "domain": "sluice-local"},
        "user": {**user, "team_id": TEAM_ID},
        "trigger_id": trigger_id,
        "is_enterprise_install": False,
        "enterprise": None,
    }
