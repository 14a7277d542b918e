"""An incident in words, the same on its card, in its notices and in its review. Pure."""

from typing import Final

from sluice.core.figures import figures
from sluice.core.slack_text import one_line
from sluice.model.incident import Answered
from sluice.model.response_rules import Severity
from sluice.model.signal import Finding

ICONS: Final = {Severity.CRITICAL: "🚨", Severity.ERROR: "🔴", Severity.WARNING: "🟠", Severity.INFO: "🔵"}


def finding(found: Finding) -> str:
    """How far one thing is off."""
    what = one_line(found.what)
    if found.value is None:
        return what
    if found.limit is None:
        return f"{what}: {figures(found.value, found.value)[0]}".removeprefix(": ")
    value, limit = figures(found.value, found.limit)
    return f"{what}: {value}, the limit is {limit}".removeprefix(": ")


def who(answered: Answered) -> str:
    """Who took it or ended it, without markup."""
    if answered.via == "signal":
        return "by itself"
    return answered.name or answered.person or f"somebody at {answered.via}"
