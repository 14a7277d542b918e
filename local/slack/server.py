"""The local Slack over HTTP: Web API under `/api/`, response URLs, an admin API for the console under `/_admin/`."""

import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from local import clock
from local.slack.acting import People
from local.slack.admin import Admin
from local.slack.faults import Down, Faults, RateLimited
from local.slack.interactions import AppConnection
from local.slack.web_api import FORM_ONLY, WebApi
from local.slack.workspace import ApiError, Workspace

_MAX_BODY = 1_000_000


class SlackServer:
    """A running local Slack. `url` is the base_url for slack_sdk; `workspace` is what people can do in it."""

    def __init__(self, bot_token: str, signing_secret: str, port: int, wall: Callable[[], float]) -> None:
        self.bot_token, self.signing_secret = bot_token, signing_secret
        self.state = Workspace(wall, time.monotonic)
        self.faults = Faults(wall)
        self.app = AppConnection(signing_secret, wall)
        self._http = _Server(("127.0.0.1", port), _Handler)
        self.root_url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.url = f"{self.root_url}/api/"
        self.workspace = People(self.state, self.app, self.root_url)
        self._http.api = WebApi(self.state, self.faults, bot_token)
        self._http.admin = Admin(self.state, self.faults, self.app, self.workspace)
        self._http.state, self._http.faults = self.state, self.faults
        self._thread = threading.Thread(target=self._http.serve_forever, name="local-slack", daemon=True)
        self._thread.start()

    def connect(self, interactions_url: str, commands_url: str) -> None:
        """Tell Slack where the app listens."""
        self.app.connect(interactions_url, commands_url)

    def stop(self) -> None:
        """Stop listening; can be called twice."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def start(
    *,
    bot_token: str | None = None,
    signing_secret: str | None = None,
    port: int = 0,
    wall: Callable[[], float] = clock.now,
) -> SlackServer:
    """Start a local Slack on a free (or the given) port of 127.0.0.1; secrets are made up unless given."""
    token = bot_token or f"xoxb-local-{secrets.token_hex(12)}"
    return SlackServer(token, signing_secret or secrets.token_hex(16), port, wall)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    api: WebApi
    admin: Admin
    state: Workspace
    faults: Faults


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # the name that http.server calls
        self._route()

    def do_POST(self) -> None:  # the name that http.server calls
        self._route()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's signature
        """Say nothing: requests carry tokens."""

    def _route(self) -> None:
        address = urlsplit(self.path)
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MAX_BODY))
        if address.path.startswith("/_admin/"):
            status, answer = self.server.admin.serve(address.path, dict(parse_qsl(address.query)), _object(body))
            self._answer(status, answer)
        elif self._is_reachable():
            arguments = {**dict(parse_qsl(address.query)), **self._arguments(address.path, body)}
            self._serve(address.path, arguments)

    def _is_reachable(self) -> bool:
        time.sleep(self.server.faults.delay_s)
        match self.server.faults.down():
            case Down.NO:
                return True
            case Down.UNAVAILABLE:
                self._answer(503, {"ok": False, "error": "service_unavailable"})
            case Down.REFUSED:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
        return False

    def _serve(self, path: str, arguments: Mapping[str, Any]) -> None:
        try:
            answer = self._called(path, arguments)
        except RateLimited as limited:
            headers = {"Retry-After": str(limited.retry_after_s)}
            self._answer(429, {"ok": False, "error": "ratelimited"}, headers)
        except ApiError as error:
            self._answer(200, _refusal(error))
        else:
            self._answer(200, answer)

    def _called(self, path: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        if path.startswith("/actions/"):
            self.server.state.respond(path, arguments)
            return {"ok": True}
        return self.server.api.call(path.removeprefix("/api/"), self._token(arguments), arguments)

    def _token(self, arguments: Mapping[str, Any]) -> str | None:
        scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
        return token.strip() if scheme == "Bearer" else arguments.get("token")

    def _arguments(self, path: str, body: bytes) -> dict[str, Any]:
        if (self.headers.get("Content-Type") or "").startswith("application/json"):
            return {} if path.removeprefix("/api/") in FORM_ONLY else _object(body)
        return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))

    def _answer(self, status: int, answer: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        content = json.dumps(answer, ensure_ascii=False).encode("utf-8", errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body) if body else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _refusal(error: ApiError) -> dict[str, Any]:
    answer: dict[str, Any] = {"ok": False, "error": error.code}
    if error.messages:
        answer |= {"errors": list(error.messages), "response_metadata": {"messages": list(error.messages)}}
    return answer
