"""EventBridge delivers only where it may: queue policies for rules, the target's role for schedules.

ministack delivers to every queue. On AWS a rule's event for a queue whose policy does not let events.amazonaws.com
send goes to the target's dead-letter queue, and a schedule's target is called with the rights of its role.
"""

import logging
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.arn import parse_arn
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge, sqs

from local.engine.patches.expected import replace
from local.engine.patches.step_functions_role import role_session

_ACTIONS = {"sqs": "sqs:SendMessage", "lambda": "lambda:InvokeFunction", "states": "states:StartExecution"}
_log = logging.getLogger("sluice.delivery")
_original: dict[str, Any] = {}


def apply() -> None:
    """Ask before each delivery."""
    _original["invoke"] = replace(eventbridge, "_invoke_target", _invoke_target, parameters="target event rule view")


def _invoke_target(target: Any, event: Any, rule: Any, view: Any = None) -> None:
    refusal = _schedule_refusal(target) if "GroupName" in rule else _rule_refusal(target, rule)
    if refusal is None:
        _original["invoke"](target, event, rule, view)
        return
    _log.error("not delivered to %s: %s", target.get("Arn"), refusal)
    dead_letters = {"Arn": (target.get("DeadLetterConfig") or {}).get("Arn", "")}
    if dead_letters["Arn"] and "GroupName" not in rule and _rule_refusal(dead_letters, rule) is None:
        _original["invoke"](dead_letters, event, rule, view)


def _rule_refusal(target: Any, rule: Any) -> str | None:
    arn, rule_arn = target.get("Arn", ""), rule.get("Arn", "")
    if ":sqs:" not in arn or sqs.queue_policy_allows(arn, "events.amazonaws.com", rule_arn, get_account_id()):
        return None
    return "the queue's policy does not let events.amazonaws.com send"


def _schedule_refusal(target: Any) -> str | None:
    arn, role = target.get("Arn", ""), target.get("RoleArn", "")
    service = parse_arn(arn).service
    action = _ACTIONS.get(service)
    if action is None:
        return None
    key, principal = role_session(role, "scheduler")
    denied = iam_evaluator.enforce(key, action, service, get_region(), resource_arn=arn)
    return None if denied is None else f"{principal} may not {action}"
