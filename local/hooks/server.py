"""A receiver of webhooks: keeps what is posted, and says whether it was signed with its secret."""

import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.hooks.way import port_file

HOST = "ops.example.com"
"""The name that a policy may give its webhook; every other leads here as well."""
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class Post:
    """One page that arrived; `genuine` as any receiver of the real webhook would find out."""

    path: str
    genuine: bool
    document: dict[str, Any]


class HookReceiver:
    """A running receiver; `status` is what it answers, `posts` what arrived while it answered 2xx."""

    def __init__(self) -> None:
        self.secret = secrets.token_urlsafe(32)
        self.status = 204
        self.posts: list[Post] = []
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.receiver = self
        port = self._http.server_address[1]
        self.root_url = f"http://127.0.0.1:{port}"
        file = port_file()
        if file is not None:
            file.write_text(str(port))
        self._thread = threading.Thread(target=self._http.serve_forever, name="local-hooks", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address for a policy."""
        return f"https://{HOST}/sluice"

    def stop(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(timeout=5)

    def take(self, path: str, body: bytes, timestamp: str, signatures: str) -> int:
        """Keep a post and tell the status to answer."""
        if self.status < 300:
            self.posts.append(Post(path, is_genuine(body, timestamp, signatures, self.secret), json.loads(body)))
        return self.status


def is_genuine(body: bytes, timestamp: str, signatures: str, secret: str) -> bool:
    """As docs/incidents.md tells receivers to look; the age is left out, since an hour passes here at once."""
    wanted = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(f"v1={wanted}".encode(), part.strip().encode()) for part in signatures.split(","))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: HookReceiver


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:  # the name that http.server calls
        content = json.dumps({"posts": [asdict(post) for post in self.server.receiver.posts]}).encode()
        self.send_response(200 if self.path == "/_admin/posts" else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:  # the name that http.server calls
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES))
        stamp, signatures = (self.headers.get(f"Sluice-{name}") or "" for name in ("Timestamp", "Signature"))
        self.send_response(self.server.receiver.take(self.path, body, stamp, signatures))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class's signature
        """Say nothing."""
