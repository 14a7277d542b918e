"""What is kept of a signal, whatever somebody sends: a record has to fit into an item of DynamoDB (400 KB). Pure."""

from dataclasses import replace

from sluice.model.ids import Micros
from sluice.model.signal import Finding, Signal

_SUMMARY = 600
_NAME = 120
_WHAT = 200
_FINDINGS = 6
"""Forty sources with as much as this, and many more without it, take less than an item."""
_KEY = 1024
_LINKS = 10


def bounded(signal: Signal, now: Micros) -> Signal:
    """The signal with what is too long cut off, and not from the future: clocks of others may be ahead of ours."""
    return replace(
        signal,
        key=signal.key[:_KEY],
        source=cut(signal.source, _NAME * 3),
        summary=cut(" ".join(signal.summary.split()), _SUMMARY),
        findings=tuple(_short(finding) for finding in signal.findings[:_FINDINGS]),
        links=dict(list(signal.links.items())[:_LINKS]),
        at=min(signal.at, now),
    )


def cut(text: str, most: int) -> str:
    """The text in at most so many bytes of JSON in ASCII, as records are kept; what is cut off leaves an ellipsis."""
    if _size(text) <= most:
        return text
    kept, size = [], _size("…")
    for char in text:
        size += _size(char)
        if size > most:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def _short(finding: Finding) -> Finding:
    return replace(finding, name=cut(finding.name, _NAME), what=cut(finding.what, _WHAT))


def _size(text: str) -> int:
    """A character beyond ASCII takes 6 bytes there, one beyond the first plane two of these."""
    return sum(1 if ord(char) < 128 else 6 if ord(char) < 0x10000 else 12 for char in text)
