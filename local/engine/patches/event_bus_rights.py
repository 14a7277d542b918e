"""IAM knows the condition keys of PutEvents (`events:source`, `events:detail-type`), and buses have their policies."""

import json
from typing import Any

from ministack.core import iam_actions, iam_evaluator
from ministack.core.arn import parse_arn
from ministack.services import eventbridge

from local.engine.patches.expected import PatchMismatch, replace

_original: dict[str, Any] = {}


def apply() -> None:
    """Wrap the context of a request, and name the place of bus policies to the evaluator."""
    _original["context"] = replace(
        iam_actions, "request_tag_context", _request_context, parameters="service iam_action body params"
    )
    if "events" in iam_evaluator._RESOURCE_POLICY_LOOKUPS:
        raise PatchMismatch("this ministack looks at bus policies itself: look whether ours is still needed")
    setattr(eventbridge, "bus_policy_for_arn", _bus_policy)  # noqa: B010  # where the evaluator looks it up by name
    iam_evaluator._RESOURCE_POLICY_LOOKUPS["events"] = ("eventbridge", "bus_policy_for_arn")


def _request_context(service: str, iam_action: str, body: bytes, params: Any) -> Any:
    context = _original["context"](service, iam_action, body, params)
    if iam_action != "events:PutEvents":
        return context
    entries = json.loads(body or b"{}").get("Entries") or []
    return {
        **context,
        "events:source": _one_or_all([e.get("Source", "") for e in entries]),
        "events:detail-type": _one_or_all([e.get("DetailType", "") for e in entries]),
    }


def _one_or_all(values: list[str]) -> Any:
    distinct = list(dict.fromkeys(values))
    return distinct[0] if len(distinct) == 1 else distinct


def _bus_policy(arn: str) -> tuple[str, str] | None:
    spec = parse_arn(arn)
    policy = eventbridge._event_bus_policies.get(spec.resource.removeprefix("event-bus/"))
    return (json.dumps(policy), spec.account_id) if policy else None
