"""`Pager` over PagerDuty's Events API v2."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sluice.adapters.outgoing import Answer, Outgoing
from sluice.adapters.secrets import Secret
from sluice.errors import PermanentFailure, Throttled

_LOCAL = "http://127.0.0.1:"
_NAME = "PagerDuty"
_SHOWN = 300
_QUIET_S = 30
"""What PagerDuty advises where it does not say how long to wait: a storm of pages does not knock for each of them."""


class PagerDuty:
    """Sends events. `secret` finds the secret of an ARN; `monotonic` counts how long PagerDuty is left alone."""

    def __init__(self, url: str, secret: Callable[[str], Secret], *, monotonic: Callable[[], float]) -> None:
        self._url = url
        self._secret = secret
        self._monotonic = monotonic
        self._outgoing = Outgoing()
        self._quiet_until: dict[str, float] = {}

    def send(self, event: Mapping[str, Any], *, secret_arn: str) -> None:
        """Hand over one event; one that a key in memory was refused for is tried with the key that the secret holds."""
        if not self._url.startswith(("https://", _LOCAL)):
            raise PermanentFailure(f"{_NAME} is not spoken to but by https")
        left_s = self._quiet_until.get(secret_arn, 0.0) - self._monotonic()
        if left_s > 0:
            raise Throttled(f"{_NAME} asked to be left alone", int(left_s) + 1)
        secret = self._secret(secret_arn)
        key = secret.value()
        answer = self._posted(event, key)
        if answer.status == 400 and (newest := secret.read_again()) != key:
            key, answer = newest, self._posted(event, newest)
        if answer.status == 429:
            self._quiet_until[secret_arn] = self._monotonic() + (answer.wait_s or _QUIET_S)
        answer.must_be_accepted(_NAME, _reason(answer).replace(key, "…"))

    def _posted(self, event: Mapping[str, Any], key: str) -> Answer:
        body = json.dumps({"routing_key": key, **event}, allow_nan=False).encode()
        return self._outgoing.post(self._url, body, headers={}, to=_NAME)


def _reason(answer: Answer) -> str:
    """PagerDuty's own words: its errors, or its message."""
    try:
        told = json.loads(answer.text)
    except ValueError:
        return ""
    errors = told.get("errors") if isinstance(told, dict) else None
    words = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
    return (words or str(told.get("message", "") if isinstance(told, dict) else ""))[:_SHOWN]
