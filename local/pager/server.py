"""The local PagerDuty over HTTP: POST `/v2/enqueue`, and `/_admin/` for whoever looks on (`local/pager/admin.py`)."""

import json
import secrets
import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local import clock
from local.pager.admin import Admin
from local.pager.events import MAX_BODY, ROUTING_KEY, Pager, Verdict
from local.pager.webhooks import Webhooks


class PagerServer:
    """A running local PagerDuty.

    `url` is where events are posted, under the `routing_key` of its service; `pager` is what became of them;
    `webhooks` are sent to where `connect` says, signed with `webhook_secret`.
    """

    def __init__(self, port: int, wall: Callable[[], float]) -> None:
        self.routing_key = secrets.token_hex(ROUTING_KEY // 2)
        self.webhook_secret = secrets.token_urlsafe(32)
        self.webhooks = Webhooks((self.webhook_secret,), wall)
        self.pager = Pager(wall, self.webhooks.heard)
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.pager, self._http.admin = self.pager, Admin(self.pager, self.webhooks)
        self.root_url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.url = f"{self.root_url}/v2/enqueue"
        self._thread = threading.Thread(target=self._http.serve_forever, name="local-pager", daemon=True)
        self._thread.start()

    def connect(self, url: str) -> None:
        """Tell PagerDuty where its webhooks go."""
        self.webhooks.connect(url)

    def stop(self) -> None:
        """Stop listening."""
        self.webhooks.stop()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def start(*, port: int = 0, wall: Callable[[], float] = clock.now) -> PagerServer:
    """Start a local PagerDuty on a free (or the given) port of 127.0.0.1."""
    return PagerServer(port, wall)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    pager: Pager
    admin: Admin


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # the name that http.server calls
        status, answer = self.server.admin.serve(self.path, {})
        self._answer(Verdict(status, answer))

    def do_POST(self) -> None:  # the name that http.server calls
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MAX_BODY + 1))
        if self.path.startswith("/_admin/"):
            given = _parsed(body) if body else {}
            self._answer(Verdict(*self.server.admin.serve(self.path, given if isinstance(given, dict) else {})))
        elif self.server.pager.faults.is_unreachable:
            self._hang_up()
        elif self.path != "/v2/enqueue":
            self._answer(Verdict(404, {"status": "not found"}))
        elif length > MAX_BODY:
            self.close_connection = True
            self._answer(Verdict(413, {"status": "invalid event", "message": "Event is too large"}))
        else:
            self._answer(self.server.pager.enqueue(_parsed(body)))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's signature
        """Say nothing: the routing key is the secret."""

    def _answer(self, verdict: Verdict) -> None:
        if verdict.lost:
            self._hang_up()
            return
        content = json.dumps(verdict.body).encode()
        self.send_response(verdict.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in verdict.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
