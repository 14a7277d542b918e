"""The rows of an approval card: gates, comparison with production, and who has answered."""

import math
from collections import Counter
from collections.abc import Sequence
from itertools import batched
from typing import Final

from sluice.core.slack_text import CONTEXT_ELEMENTS, FIELDS, Block, code, mention, moment, mrkdwn, one_line, plain
from sluice.model.approval import Choice, GateLine, GateVerdict, MetricLine, Vote

_VERDICTS: Final = {
    GateVerdict.FAILED: ("❌", "Failed"),
    GateVerdict.MISSING: ("❔", "Missing"),
    GateVerdict.PASSED: ("✅", "Passed"),
}
_TRENDS: Final = {"better": "▲ better", "worse": "▼ worse", "same": "= same", "new": "new"}
_CHOICES: Final = {
    Choice.APPROVE: ("✅", "approved"),
    Choice.REJECT: ("❌", "rejected"),
    Choice.REQUEST_CHANGES: ("✏️", "asked for changes"),
}


def gate_rows(gates: Sequence[GateLine], *, at_most: int, reason_limit: int) -> list[Block]:
    """One row a gate, the worst first: verdict by icon and word on the left, the reason with numbers on the right."""
    ranked = sorted(gates, key=_urgency)
    rows = [cell for g in ranked[:at_most] for cell in (mrkdwn(_gate_name(g)), plain(g.reason, reason_limit))]
    blocks = _sections(rows)
    hidden = ranked[at_most:]
    if hidden:
        blocks.append(context(mrkdwn(f"…and {gate_summary(hidden)} more, in the evidence.")))
    return blocks


def gate_summary(gates: Sequence[GateLine]) -> str:
    """How the gates came out, in numbers and words: `5 passed, 1 failed (advisory)`."""
    found = Counter((g.verdict, g.required or g.verdict is GateVerdict.PASSED) for g in gates)
    kinds = [(v, r) for v in (GateVerdict.PASSED, GateVerdict.FAILED, GateVerdict.MISSING) for r in (True, False)]
    told = (f"{found[v, r]} {v.value}{'' if r else ' (advisory)'}" for v, r in kinds if found[v, r])
    return ", ".join(told) or "none configured"


def _urgency(gate: GateLine) -> tuple[bool, bool]:
    return gate.verdict is GateVerdict.PASSED, not gate.required


def _gate_name(gate: GateLine) -> str:
    icon, word = _VERDICTS[gate.verdict]
    advisory = "" if gate.required else " (advisory)"
    return f"{icon} *{word}*{advisory}  {code(gate.gate, 80)}"


def comparison_rows(lines: Sequence[MetricLine], *, at_most: int) -> list[Block]:
    """One row a metric: its name on the left, candidate against production on the right; the worse ones first."""
    ranked = sorted(lines, key=lambda m: m.trend != "worse")
    rows = [cell for m in ranked[:at_most] for cell in (mrkdwn(code(m.metric, 80)), mrkdwn(_movement(m)))]
    blocks = _sections(rows)
    if len(ranked) > at_most:
        blocks.append(context(mrkdwn(f"…and {len(ranked) - at_most} more metrics, in the evidence.")))
    return blocks


def _movement(line: MetricLine) -> str:
    trend = _TRENDS.get(line.trend) or code(line.trend, 20)
    if line.production is None:
        return f"*{number(line.candidate)}*  {trend}"
    return f"*{number(line.candidate)}*  was {number(line.production)}  {trend}{_difference(line)}"


def _difference(line: MetricLine) -> str:
    if line.candidate is None or line.production is None or line.trend == "same":
        return ""
    difference = line.candidate - line.production
    return f" by {number(abs(difference))}" if math.isfinite(difference) else ""


def number(value: float | None) -> str:
    """A metric to five significant digits, or `n/a`."""
    return "n/a" if value is None or math.isnan(value) else f"{value:.5g}"


def vote_rows(votes: Sequence[Vote], *, at_most: int, reason_limit: int) -> list[Block]:
    """The standing answers, the newest last: who, what, when, and the reason in the person's own words."""
    cells: list[Block] = []
    for vote in votes[-at_most:]:
        icon, word = _CHOICES[vote.choice]
        cells.append(mrkdwn(f"{icon} {mention(vote.person)} *{word}* {moment(vote.at)}"))
        if one_line(vote.reason):
            cells.append(plain(f"“{one_line(vote.reason)}”", reason_limit))
    blocks = [context(*some) for some in batched(cells, CONTEXT_ELEMENTS, strict=False)]
    if len(votes) > at_most:
        blocks.insert(0, context(mrkdwn(f"{len(votes) - at_most} earlier answers are in the ledger.")))
    return blocks


def context(*elements: Block) -> Block:
    """A line of small print."""
    return {"type": "context", "elements": list(elements)}


def section(text: str) -> Block:
    """A paragraph of Sluice's own words."""
    return {"type": "section", "text": mrkdwn(text)}


def _sections(cells: Sequence[Block]) -> list[Block]:
    return [{"type": "section", "fields": list(some)} for some in batched(cells, FIELDS, strict=False)]
