"""What CloudTrail tells of calls that change what serves, right away instead of minutes late."""

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge

from local import clock
from local.engine.cloudwatch.alarms import watching
from local.engine.sagemaker.errors import ApiError

_TOLD = frozenset(
    {"CreateEndpoint", "UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "DeleteEndpoint", "UpdateModelPackage"}
)


def tell(name: str, request: dict[str, Any], caller: dict[str, Any], outcome: dict[str, Any] | ApiError) -> None:
    """Emit `AWS API Call via CloudTrail`, of a call that was carried out or refused."""
    if name not in _TOLD:
        return
    refused = isinstance(outcome, ApiError)
    detail: dict[str, Any] = {
        "eventVersion": "1.08",
        "userIdentity": _identity(caller["IamIdentity"]["Arn"]),
        "eventTime": datetime.fromtimestamp(clock.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "sagemaker.amazonaws.com",
        "eventName": name,
        "awsRegion": get_region(),
        "sourceIPAddress": "127.0.0.1",
        "userAgent": "local",
        "requestParameters": _camel(request),
        "responseElements": None if isinstance(outcome, ApiError) else _camel(outcome) or None,
        "requestID": str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": get_account_id(),
        "eventCategory": "Management",
    }
    if refused:
        detail |= {"errorCode": outcome.code, "errorMessage": str(outcome)}  # type: ignore[union-attr]  # it is the error
    entry = {
        "Source": "aws.sagemaker",
        "DetailType": "AWS API Call via CloudTrail",
        "Resources": [],
        "Detail": json.dumps(detail),
    }
    watching.later(lambda: eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True))


def _identity(arn: str) -> dict[str, Any]:
    account = get_account_id()
    if ":assumed-role/" not in arn:
        kind = "Root" if arn.endswith(":root") else "IAMUser"
        return {"type": kind, "arn": arn, "accountId": account}
    role = arn.split("/")[1]
    issuer = {"type": "Role", "arn": f"arn:aws:iam::{account}:role/{role}", "accountId": account, "userName": role}
    return {"type": "AssumedRole", "arn": arn, "accountId": account, "sessionContext": {"sessionIssuer": issuer}}


def _camel(value: Any) -> Any:
    """As CloudTrail spells parameters; keys that people choose are spelled so as well, which is near enough."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _camel(inner) for key, inner in value.items()}
    return [_camel(inner) for inner in value] if isinstance(value, list) else value
