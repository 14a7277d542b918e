"""`RolloutRequested` and `RolloutFinished` of Sluice's own bus as hints: what they say is compared with the records."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sluice.errors import InvalidInput
from sluice.model.codec import decode
from sluice.model.ids import PackageArn, RolloutId
from sluice.model.rollout import RolloutRequest

SOURCE = "sluice"
REQUESTED = "RolloutRequested"
FINISHED = "RolloutFinished"

_ROLLOUT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RolloutRequestedEvent:
    """A release asks for a rollout. `region` is the one that sent it: the home region, where releases run."""

    account: str
    region: str
    request: RolloutRequest

    @classmethod
    def parse(cls, envelope: Any) -> Self:
        """Read an EventBridge envelope; raises InvalidInput for anything that is not this event."""
        detail = _detail(envelope, REQUESTED)
        return cls(str(envelope["account"]), str(envelope["region"]), decode(RolloutRequest, detail))


def finished_rollout(envelope: Any) -> RolloutId:
    """Which rollout a `RolloutFinished` speaks of; raises InvalidInput for anything that is not this event."""
    return RolloutId(_detail(envelope, FINISHED)["rollout_id"])


def _detail(envelope: Any, detail_type: str) -> Mapping[str, Any]:
    """The event's detail, once it is known to be sent by the account and region of the package that it is about."""
    if not isinstance(envelope, Mapping) or not isinstance(envelope.get("detail"), Mapping):
        raise InvalidInput("not an EventBridge event with a detail object")
    kind = envelope.get("detail-type")
    if kind != detail_type or envelope.get("source") != SOURCE:
        raise InvalidInput(f"not a {detail_type} of {SOURCE}: {str(kind)[:100]!r}")
    detail: Mapping[str, Any] = envelope["detail"]
    rollout_id, arn = detail.get("rollout_id"), detail.get("package_arn")
    if not isinstance(rollout_id, str) or not _ROLLOUT_ID.fullmatch(rollout_id):
        raise InvalidInput(f"not the id of a rollout: {str(rollout_id)[:100]!r}")
    if not isinstance(arn, str):
        raise InvalidInput("the event names no package_arn")
    package = PackageArn.parse(arn)
    sender = (envelope.get("account"), envelope.get("region"))
    if sender != (package.account, _sent_from(detail_type, package, detail)):
        raise InvalidInput(f"sent by {str(sender)[:100]}, but about {package.text}")
    return detail


def _sent_from(detail_type: str, package: PackageArn, detail: Mapping[str, Any]) -> Any:
    """A rollout is asked for where its release runs, and ends where its endpoint is."""
    return package.region if detail_type == REQUESTED else detail.get("region")
