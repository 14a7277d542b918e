"""`Hooks` over HTTPS."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from sluice.adapters.outgoing import Outgoing
from sluice.adapters.secrets import Secret
from sluice.core.incident.hook_signature import signed
from sluice.errors import PermanentFailure
from sluice.model.ids import Micros
from sluice.model.web_address import public_address


class SignedHooks:
    """Posts documents; `secret` finds the secret of an ARN."""

    def __init__(self, secret: Callable[[str], Secret]) -> None:
        self._secret = secret
        self._outgoing = Outgoing()

    def post(self, url: str, document: Mapping[str, Any], *, secret_arn: str, at: Micros) -> None:
        """Post a document, signed with each value of the secret; failures name the host, since a path may be secret."""
        try:
            name = f"the webhook at {urlsplit(public_address(url)).hostname}"
        except ValueError as error:
            raise PermanentFailure(f"nothing is sent to this webhook: its address {error}") from None
        secret = self._secret(secret_arn)
        secret.value()  # one without a value is put right by people, and waited for
        body = json.dumps(document, allow_nan=False).encode()
        headers = signed(body, at_s=at // 1_000_000, secrets=secret.values())
        self._outgoing.post(url, body, headers=headers, to=name, public=True).must_be_accepted(name)
