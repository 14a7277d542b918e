"""`SageMaker Endpoint State Change` as a hint: which endpoint to look at; everything else is read from SageMaker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sluice.errors import InvalidInput

DETAIL_TYPE = "SageMaker Endpoint State Change"

_ARN = re.compile(
    r"arn:aws[a-z-]*:sagemaker:(?P<region>[a-z0-9-]{9,16}):(?P<account>\d{12}):"
    r"endpoint/(?P<name>[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62})",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class EndpointEvent:
    """What is taken from the event; `name` may be lower-cased, as SageMaker does in ARNs."""

    account: str
    region: str
    name: str

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not this event."""
        if not isinstance(envelope, Mapping) or not isinstance(envelope.get("detail"), Mapping):
            raise InvalidInput("not an EventBridge event with a detail object")
        if envelope.get("source") != "aws.sagemaker" or envelope.get("detail-type") != DETAIL_TYPE:
            raise InvalidInput(f"not a {DETAIL_TYPE} of aws.sagemaker: {str(envelope.get('detail-type'))[:100]!r}")
        arn = envelope["detail"].get("EndpointArn")
        match = _ARN.fullmatch(arn) if isinstance(arn, str) else None
        if match is None:
            raise InvalidInput(f"not the ARN of an endpoint: {str(arn)[:200]!r}")
        account, region = envelope.get("account"), envelope.get("region")
        if (account, region) != (match["account"], match["region"]):
            raise InvalidInput(f"sent by {str(account)[:50]} in {str(region)[:50]}, but about {arn}")
        return cls(match["account"], match["region"], match["name"])
