"""What monitors tell: SageMaker's `Processing Job State Change`, a hint, and `ViolationFound` of a team's own."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sluice.errors import InvalidInput
from sluice.model.ids import Micros
from sluice.model.iso_time import iso_moment
from sluice.model.signal import Cause, Finding
from sluice.model.web_address import web_address

JOB_DETAIL_TYPE = "SageMaker Processing Job State Change"
VIOLATION_SOURCE = "sluice.monitor"
VIOLATION_DETAIL_TYPE = "ViolationFound"
MOST_FINDINGS = 50

MONITORED = frozenset(Cause) - {Cause.CHANGED, Cause.ROLLOUT}
"""Causes that a monitor can find; the rest is what Sluice itself finds."""

_SAGEMAKER_NAME = re.compile(r"[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}", re.ASCII)
_MONITOR_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.:@-]{0,62}", re.ASCII)
_REQUIRED = frozenset({"monitor", "cause", "state", "at"})
_KNOWN = _REQUIRED | {"endpoint", "group", "findings", "link"}
_NAME_CHARS, _WHAT_CHARS = 200, 1000


@dataclass(frozen=True, slots=True)
class JobEvent:
    """A processing job that changed: all else is read from SageMaker."""

    account: str
    region: str
    name: str

    @classmethod
    def parse(cls, envelope: Mapping[str, Any]) -> Self:
        """Read the event; raises InvalidInput for anything else."""
        name = _detail(envelope).get("ProcessingJobName")
        if not isinstance(name, str) or not _SAGEMAKER_NAME.fullmatch(name):
            raise InvalidInput(f"not the name of a processing job: {str(name)[:100]!r}")
        return cls(*_place(envelope), name)


@dataclass(frozen=True, slots=True)
class ViolationEvent:
    """A violation that a team's own monitor found, or that it finds no more (`raised` is False).

    `endpoint` or `group` says what it is about; with neither a policy has to name the monitor.
    """

    account: str
    region: str
    monitor: str
    endpoint: str
    group: str
    cause: Cause
    raised: bool
    at: Micros
    findings: tuple[Finding, ...] = ()
    link: str = ""

    @classmethod
    def parse(cls, envelope: Mapping[str, Any]) -> Self:
        """Read the event; raises InvalidInput for anything that its schema does not allow."""
        detail = _detail(envelope)
        unknown, lacking = set(detail) - _KNOWN, _REQUIRED - set(detail)
        if unknown or lacking:
            raise InvalidInput(f"its detail lacks {sorted(lacking)}, and does not know {sorted(map(str, unknown))[:5]}")
        at = iso_moment(detail["at"])
        if at is None:
            raise InvalidInput("`at` is no moment such as 2026-05-28T20:26:40Z")
        if detail["state"] not in ("raised", "cleared"):
            raise InvalidInput("`state` is neither raised nor cleared")
        return cls(
            *_place(envelope),
            monitor=_matched("monitor", detail["monitor"], _MONITOR_NAME),
            endpoint=_matched("endpoint", detail["endpoint"], _SAGEMAKER_NAME) if "endpoint" in detail else "",
            group=_matched("group", detail["group"], _SAGEMAKER_NAME) if "group" in detail else "",
            cause=_cause(detail["cause"]),
            raised=detail["state"] == "raised",
            at=at,
            findings=_findings(detail.get("findings", [])),
            link=_link(detail["link"]) if "link" in detail else "",
        )


def monitor_event(envelope: Any) -> JobEvent | ViolationEvent:
    """Read an EventBridge envelope of either event; raises InvalidInput for anything else."""
    if not isinstance(envelope, Mapping):
        raise InvalidInput("not an EventBridge event")
    told = (envelope.get("source"), envelope.get("detail-type"))
    if told == ("aws.sagemaker", JOB_DETAIL_TYPE):
        return JobEvent.parse(envelope)
    if told == (VIOLATION_SOURCE, VIOLATION_DETAIL_TYPE):
        return ViolationEvent.parse(envelope)
    raise InvalidInput(f"no word of a monitor: {str(told[1])[:100]!r} of {str(told[0])[:100]!r}")


def _detail(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    detail = envelope.get("detail")
    if not isinstance(detail, Mapping):
        raise InvalidInput("not an EventBridge event with a detail object")
    return detail


def _place(envelope: Mapping[str, Any]) -> tuple[str, str]:
    account, region = envelope.get("account"), envelope.get("region")
    if not isinstance(account, str) or not isinstance(region, str):
        raise InvalidInput("an event that lacks its account or region")
    return account, region


def _matched(field: str, value: Any, form: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise InvalidInput(f"`{field}` is no name: {str(value)[:100]!r}")
    return value


def _cause(value: Any) -> Cause:
    if not isinstance(value, str) or value not in MONITORED:
        raise InvalidInput(f"`cause` is none of {', '.join(sorted(MONITORED))}")
    return Cause(value)


def _findings(value: Any) -> tuple[Finding, ...]:
    if not isinstance(value, list) or len(value) > MOST_FINDINGS:
        raise InvalidInput(f"`findings` is no list of at most {MOST_FINDINGS}")
    return tuple(map(_finding, value))


def _finding(value: Any) -> Finding:
    if not isinstance(value, Mapping) or not {"name", "what"} <= set(value) <= {"name", "what", "value", "limit"}:
        raise InvalidInput("a finding has a name and says what; it may have a value and a limit, and nothing else")
    name, what = _text("name", value["name"], _NAME_CHARS), _text("what", value["what"], _WHAT_CHARS)
    return Finding(name, what, _number("value", value.get("value")), _number("limit", value.get("limit")))


def _text(field: str, value: Any, most: int) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= most:
        raise InvalidInput(f"`{field}` of a finding is no text of up to {most} characters")
    return value


def _number(field: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInput(f"`{field}` of a finding is no number")
    try:
        number = float(value)
    except OverflowError as error:
        raise InvalidInput(f"`{field}` of a finding is out of range") from error
    if not math.isfinite(number):
        raise InvalidInput(f"`{field}` of a finding is out of range")
    return number


def _link(value: Any) -> str:
    try:
        return web_address(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidInput(f"`link` {error}") from error
