"""HTTP to the world outside AWS: one request, no redirects, a few seconds, and nothing of it in an exception."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPException
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sluice.errors import PermanentFailure, Throttled, TransientFailure

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPConnectionPool, PoolManager

MAX_BODY = 512 * 1024
"""Bytes that PagerDuty takes; enough for anybody else."""
_CONNECT_S, _READ_S = 3, 5
_READ_BYTES = 16 * 1024
_LONGEST_WAIT_S = 300
_PASSING = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the beginning of the body, and how long the other side asks to be left alone."""

    status: int
    text: str
    wait_s: int

    def must_be_accepted(self, by: str, reason: str = "") -> None:
        """Return for 2xx; raise what the status means otherwise."""
        if 200 <= self.status < 300:
            return
        told = f"{by} answered {self.status}{f': {reason}' if reason else ''}"
        if self.status == 429:
            raise Throttled(told, self.wait_s)
        raise (TransientFailure if self.status in _PASSING or self.status >= 500 else PermanentFailure)(told)


class Outgoing:
    """Posts JSON; urllib3 (botocore's own) is imported when something is first posted."""

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str], to: str, public: bool = False) -> Answer:
        """Post and answer; `to` names the other side in failures, since an address may hold a secret.

        `public` is for addresses that others write down: what leads into a private network is refused.
        """
        from urllib3.exceptions import HTTPError

        if len(body) > MAX_BODY:
            raise PermanentFailure(f"{to}: {len(body)} bytes are more than it takes")
        told = {"Content-Type": "application/json", "User-Agent": "Sluice", **headers}
        try:
            return _answer(self._sent_outside(url, body, told, to) if public else self._sent(url, body, told))
        except (HTTPError, HTTPException, OSError) as error:
            # Not `from` the error, which quotes the address.
            raise TransientFailure(f"{to}: {type(error).__name__}") from None

    def _sent(self, url: str, body: bytes, headers: Mapping[str, str]) -> "BaseHTTPResponse":
        return self._pool.request(
            "POST", url, body=body, headers=headers, redirect=False, retries=False, preload_content=False
        )

    def _sent_outside(self, url: str, body: bytes, headers: Mapping[str, str], to: str) -> "BaseHTTPResponse":
        parts = urlsplit(url)
        host = parts.hostname or ""
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        pool = outside(host, to)
        headers = {**headers, "Host": host}
        return pool.request(
            "POST", path, body=body, headers=headers, redirect=False, retries=False, preload_content=False
        )

    @cached_property
    def _pool(self) -> "PoolManager":
        from urllib3 import PoolManager, Timeout

        return PoolManager(timeout=Timeout(connect=_CONNECT_S, read=_READ_S))


def outside(host: str, to: str) -> "HTTPConnectionPool":
    """Connections by TLS to a host, at the very address that was looked at: a name can lead elsewhere a moment later.

    Raises PermanentFailure when any of its addresses is not of the public Internet.
    """
    import socket

    from urllib3 import HTTPSConnectionPool, Timeout

    found = socket.getaddrinfo(host, 443, socket.AF_INET, socket.SOCK_STREAM)  # Lambda speaks IPv4
    addresses = [ip_address(str(address[0])) for *_, address in found]
    if not all(address.is_global and not address.is_multicast for address in addresses):
        raise PermanentFailure(f"{to}: its name leads into a private network")
    return HTTPSConnectionPool(
        str(addresses[0]),
        443,
        timeout=Timeout(connect=_CONNECT_S, read=_READ_S),
        server_hostname=host,
        assert_hostname=host,
    )


def _answer(response: "BaseHTTPResponse") -> Answer:
    """One read, so that an answer that never ends is not waited for."""
    try:
        text = response.read1(_READ_BYTES).decode(errors="replace")
        return Answer(response.status, text, _wait_s(response.headers.get("Retry-After", "")))
    finally:
        response.close()


def _wait_s(retry_after: str) -> int:
    """Seconds of a Retry-After; 0 for one that gives a date, or none."""
    return min(int(retry_after), _LONGEST_WAIT_S) if retry_after.isascii() and retry_after.isdigit() else 0
