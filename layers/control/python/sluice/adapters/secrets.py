"""Secrets by ARN, remembered for a few minutes, so that a rotation is noticed without a restart."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from sluice.adapters.aws_errors import translated
from sluice.errors import PermanentFailure, TransientFailure

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_REMEMBERED_S = 300


class Secret:
    """One secret: plain text, or JSON with several values, each of them valid (two signing secrets in a rotation)."""

    def __init__(self, client: "SecretsManagerClient", arn: str, *, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._arn = arn
        self._monotonic = monotonic
        self._read: tuple[float, tuple[str, ...]] | None = None

    def values(self) -> tuple[str, ...]:
        """The valid values, at most five minutes old."""
        if self._read is None or self._monotonic() - self._read[0] > _REMEMBERED_S:
            with translated("GetSecretValue"):
                text = self._client.get_secret_value(SecretId=self._arn)["SecretString"]
            self._read = (self._monotonic(), _values(text))
        return self._read[1]

    def value(self) -> str:
        """The first valid value.

        Raises TransientFailure without one: people put a secret right, and what needs it is not to be lost meanwhile.
        """
        try:
            values = self.values()
        except PermanentFailure as failure:
            raise TransientFailure(f"{failure} ({self._arn})") from None
        if not values:
            raise TransientFailure(f"the secret {self._arn} holds no value")
        return values[0]

    def read_again(self) -> str:
        """The first valid value as it is now: what was remembered turned out to be of no use."""
        self._read = None
        return self.value()


def _values(text: str) -> tuple[str, ...]:
    if not text.startswith(("[", "{")):
        return (text.strip(),) if text.strip() else ()
    try:
        parsed = json.loads(text)
    except ValueError:
        # Not `from` the parser's error, which quotes the text.
        raise PermanentFailure("GetSecretValue: the secret begins like JSON, but is none") from None
    found = parsed.values() if isinstance(parsed, dict) else parsed
    return tuple(value for value in found if isinstance(value, str) and value)
