"""Why a version is rejected, in the registry's own field, so that whoever registered it knows what to do."""

from sluice.model.gates import GateReport, GateResult

MAX_CHARS = 1024
"""Limit of ApprovalDescription, which may not hold line breaks either."""


def rejection_text(report: GateReport) -> str:
    """Every required gate that did not pass, with its numbers and what to do; the last ones only counted if need be."""
    blocking = report.blocking
    text = f"Sluice: {len(blocking)} required gate{'' if len(blocking) == 1 else 's'} did not pass."
    for number, result in enumerate(blocking, start=1):
        rest = len(blocking) - number
        room = MAX_CHARS - len(text) - len(_more(rest))
        item = _fitting(number, result, room)
        if not item:
            return text + _more(rest + 1)
        text += item
    return text


def _fitting(number: int, result: GateResult, room: int) -> str:
    """As much of a result as fits: with advice, without, or nothing."""
    reason = _one_line(f" ({number}) {result.reason}.")
    full = reason + _one_line(f" To do: {result.advice}.")
    if len(full) <= room:
        return full
    if len(reason) <= room:
        return reason
    return reason[: room - 1] + "…" if number == 1 else ""


def _more(count: int) -> str:
    return f" And {count} more, see the evidence." if count else ""


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
