"""What a run of a monitor says: violations, none, or nothing since it failed. Pure."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote

from sluice.core.signals.violations import names_of
from sluice.model.monitor_seen import MonitorRun, RunStatus
from sluice.model.signal import Cause, Finding

VIOLATED = "CompletedWithViolations"
"""With what the ExitMessage of a job begins that has found violations; its status is `Completed` all the same."""

_BY_TYPE = {
    "DataQuality": Cause.DATA_QUALITY,
    "ModelQuality": Cause.MODEL_QUALITY,
    "ModelBias": Cause.BIAS,
    "ModelExplainability": Cause.ATTRIBUTION,
}
_OVER = frozenset({RunStatus.COMPLETED, RunStatus.COMPLETED_WITH_VIOLATIONS, RunStatus.FAILED})
_IN_A_ROW = 2
_TEXT_CHARS = 500


def cause_of_type(monitoring_type: str) -> Cause:
    """What a monitor of that type watches."""
    return _BY_TYPE.get(monitoring_type, Cause.OTHER)


def has_violations(exit_message: str) -> bool | None:
    """Whether a completed job has found any, by its ExitMessage; None where it says nothing."""
    return exit_message.strip().startswith(VIOLATED) if exit_message.strip() else None


def is_blind(newest_first: Iterable[MonitorRun]) -> bool:
    """Whether a monitor has failed twice in a row: nobody watches then. One failure may be a passing one."""
    ended = [run.status for run in newest_first if run.status in _OVER][:_IN_A_ROW]
    return ended == [RunStatus.FAILED] * _IN_A_ROW


def violated(monitor: str, cause: Cause, findings: tuple[Finding, ...], told: str) -> str:
    """One line on violations; `told` is what is known where no report names them."""
    what = cause.value.replace("_", " ") if cause is not Cause.OTHER else "what it watches"
    number = f"{len(findings)} violation{'s' if len(findings) != 1 else ''}"
    found = f"{number} of {what}: {names_of(findings)}" if findings else f"violations of {what}. {told}"
    return f"Monitor {monitor} found {found}"[:_TEXT_CHARS]


def report_link(uri: str, region: str) -> Mapping[str, str]:
    """Where a person sees a report."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    address = f"https://{region}.console.aws.amazon.com/s3/object/{quote(bucket)}?region={region}&prefix={quote(key)}"
    return {"Report": address} if uri.startswith("s3://") and key else {}
