"""Structured logs: one event name per line of code, facts as keys, never an event or the environment as a whole."""

from functools import cache
from typing import Any

from aws_lambda_powertools import Logger


@cache
def logger() -> Logger:
    """The function's logger (service and level come from Powertools' own variables)."""
    return Logger(utc=True)


def begin(context: Any) -> None:
    """Append what every line of this invocation carries: the request id that ties it to the platform's logs."""
    log = logger()
    log.remove_keys([key for key in log.get_current_keys() if key in ("subject", "message_id")])
    log.append_keys(request_id=getattr(context, "aws_request_id", None))
