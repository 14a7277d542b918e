"""The local PagerDuty over HTTP: POST `/v2/enqueue`, and GET `/_admin/events` for whoever looks on."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local import clock
from local.pager.events import MAX_BODY, Pager


class PagerServer:
    """A running local PagerDuty; `url` is where events are posted, `pager` what became of them."""

    def __init__(self, port: int, wall: Callable[[], float]) -> None:
        self.pager = Pager(wall)
        self._http = _Server(("127.0.0.1", port), _Handler)
        self._http.pager = self.pager
        self.root_url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self.url = f"{self.root_url}/v2/enqueue"
        self._thread = threading.Thread(target=self._http.serve_forever, name="local-pager", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)


def start(*, port: int = 0, wall: Callable[[], float] = clock.now) -> PagerServer:
    """Start a local PagerDuty on a free (or the given) port of 127.0.0.1."""
    return PagerServer(port, wall)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    pager: Pager


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:  # the name that http.server calls
        if self.path != "/_admin/events":
            self._answer(404, {"status": "not found"})
            return
        alerts = [asdict(a) for a in self.server.pager.alerts]
        self._answer(200, {"received": self.server.pager.received, "alerts": alerts})

    def do_POST(self) -> None:  # the name that http.server calls
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(min(length, MAX_BODY + 1))
        if self.path != "/v2/enqueue":
            self._answer(404, {"status": "not found"})
        elif length > MAX_BODY:
            self.close_connection = True
            self._answer(413, {"status": "invalid event", "message": "Event is too large"})
        else:
            verdict = self.server.pager.enqueue(_parsed(body))
            self._answer(verdict.status, verdict.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's signature
        """Say nothing: the routing key is the secret."""

    def _answer(self, status: int, answer: Mapping[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
