"""`AWS API Call via CloudTrail`: who asked SageMaker to change what serves. What came of it is read from SageMaker."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from sluice.errors import InvalidInput
from sluice.model.ids import Micros
from sluice.model.iso_time import iso_moment

DETAIL_TYPE = "AWS API Call via CloudTrail"

_NAME = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}", re.ASCII)
_CHARS = 300


class Operation(StrEnum):
    """Calls that change what serves."""

    UPDATE_ENDPOINT = "UpdateEndpoint"
    SET_WEIGHTS = "UpdateEndpointWeightsAndCapacities"
    DELETE_ENDPOINT = "DeleteEndpoint"
    UPDATE_PACKAGE = "UpdateModelPackage"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call. `who` is the caller's ARN, `role` that of the role behind it; where they called from is not kept.

    `endpoint` and `config` are those of the request, `package` is the ARN of UpdateModelPackage. `moves` says that
    weights or an approval status were given: other calls of these two change no version. `failed` is the error code.
    """

    account: str
    region: str
    event_id: str
    operation: Operation
    at: Micros
    who: str
    role: str = ""
    endpoint: str = ""
    config: str = ""
    package: str = ""
    moves: bool = True
    failed: str = ""

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not one of these calls."""
        if not isinstance(envelope, Mapping) or not isinstance(envelope.get("detail"), Mapping):
            raise InvalidInput("not an EventBridge event with a detail object")
        detail: Mapping[str, Any] = envelope["detail"]
        if envelope.get("source") != "aws.sagemaker" or envelope.get("detail-type") != DETAIL_TYPE:
            raise InvalidInput(f"not a call of aws.sagemaker: {str(envelope.get('detail-type'))[:100]!r}")
        operation, at = detail.get("eventName"), iso_moment(detail.get("eventTime"))
        if detail.get("eventSource") != "sagemaker.amazonaws.com" or operation not in list(Operation):
            raise InvalidInput(f"not a call that changes what serves: {str(operation)[:100]!r}")
        account, region, event_id = envelope.get("account"), envelope.get("region"), detail.get("eventID")
        if not isinstance(account, str) or not isinstance(region, str) or not isinstance(event_id, str) or at is None:
            raise InvalidInput("a call that lacks its account, region, id or time")
        asked, who = _object(detail.get("requestParameters")), _object(detail.get("userIdentity"))
        call = cls(
            account=account,
            region=region,
            event_id=event_id[:_CHARS],
            operation=Operation(operation),
            at=at,
            who=_who(who),
            role=_text(_object(_object(who.get("sessionContext")).get("sessionIssuer")).get("arn")),
            endpoint=_text(asked.get("endpointName")),
            config=_text(asked.get("endpointConfigName")),
            package=_text(asked.get("modelPackageArn")),
            moves=_moves(Operation(operation), asked),
            failed=_text(detail.get("errorCode")),
        )
        return call.checked()

    def checked(self) -> Self:
        """The call, if it says what it is about; raises InvalidInput otherwise. A refused call may say nothing."""
        about = (
            bool(self.package) if self.operation is Operation.UPDATE_PACKAGE else bool(_NAME.fullmatch(self.endpoint))
        )
        if not about and not self.failed:
            raise InvalidInput(f"an {self.operation.value} that says not of what")
        return self


def _moves(operation: Operation, asked: Mapping[str, Any]) -> bool:
    if operation is Operation.UPDATE_PACKAGE:
        return bool(asked.get("modelApprovalStatus"))
    if operation is Operation.SET_WEIGHTS:
        variants = asked.get("desiredWeightsAndCapacities")
        return any("desiredWeight" in _object(variant) for variant in (variants if isinstance(variants, list) else ()))
    return True


def _who(identity: Mapping[str, Any]) -> str:
    """The ARN, or for a service of AWS its name; of some kinds of callers only the kind is told."""
    told = (_text(identity.get(key)) for key in ("arn", "invokedBy", "userName", "type"))
    return next((text for text in told if text), "somebody")


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return value[:_CHARS] if isinstance(value, str) else ""
