"""Targets of a page, as a policy names them."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sluice.errors import InvalidInput


class Medium(StrEnum):
    """By what a target is reached."""

    PERSON = "person"
    CHANNEL = "channel"
    PAGERDUTY = "pagerduty"
    SNS = "sns"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a page is for; `name` is a person's Slack id, or that of a topic or webhook of the policy."""

    medium: Medium
    name: str = ""


_PERSON: Final = re.compile(r"[UW][A-Z0-9]{2,20}")


def target_of(text: str) -> Target:
    """Read a target; raises InvalidInput for what is none, such as a schedule that nobody resolved to a person."""
    head, _, name = text.partition(":")
    if _PERSON.fullmatch(text):
        return Target(Medium.PERSON, text)
    if head in (Medium.SNS, Medium.WEBHOOK) and name:
        return Target(Medium(head), name)
    if text in (Medium.CHANNEL, Medium.PAGERDUTY):
        return Target(Medium(text))
    raise InvalidInput(f"nobody can be paged as {text[:100]!r}")


def is_of_slack(text: str) -> bool:
    """Whether a target is reached by Slack."""
    return text == Medium.CHANNEL or _PERSON.fullmatch(text) is not None
