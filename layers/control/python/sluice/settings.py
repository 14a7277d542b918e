"""What a function is told by its environment: small frozen pieces, read once, nothing guessed."""

import dataclasses
import os
from dataclasses import dataclass

from sluice.errors import PermanentFailure


def read[T](cls: type[T]) -> T:
    """Read a settings dataclass: field `control_table` is variable CONTROL_TABLE; PermanentFailure names what lacks."""
    names = [f.name for f in dataclasses.fields(cls)]  # type: ignore[arg-type]  # callers pass dataclasses only
    lacking = [name.upper() for name in names if name.upper() not in os.environ]
    if lacking:
        raise PermanentFailure(f"the environment lacks {', '.join(lacking)}")
    return cls(**{name: os.environ[name.upper()] for name in names})


@dataclass(frozen=True, slots=True)
class RecordsSettings:
    """Where records, ledger and outbox are."""

    control_table: str
    ledger_table: str
    outbox_table: str


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How the bot reaches Slack."""

    slack_api_url: str
    slack_token_secret_arn: str


@dataclass(frozen=True, slots=True)
class TimerSettings:
    """Where timers are kept and what they send to."""

    timer_group: str
    timer_role_arn: str
    timer_dlq_arn: str
    decisions_queue_arn: str
