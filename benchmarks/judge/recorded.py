"""Judges recorded canaries, each looked at every minute with the rules that a policy has when it says nothing."""

import json
from collections.abc import Iterable
from functools import partial
from multiprocessing import get_context
from typing import Any, TextIO

from benchmarks.judge.canaries import Canary, Unreadable, canary_of, document_of, id_of
from sluice.core.judge import first_rollback_minute, judge
from sluice.model.judging import JudgeRule, MetricRule, Verdict

METRIC = MetricRule("errors")


def answer_all(lines: Iterable[bytes], answers: TextIO, *, alpha: float, jobs: int = 1) -> int:
    """Answer each line with one, in order and at once; 0 when every line was understood, 1 when any was not."""
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    answer = partial(answer_to, alpha=alpha)
    if jobs == 1:
        return _written(map(answer, numbered), answers)
    with get_context("spawn").Pool(jobs) as pool:
        return _written(pool.imap(answer, numbered), answers)


def _written(found: Iterable[dict[str, Any]], answers: TextIO) -> int:
    code = 0
    for answer in found:
        print(json.dumps(answer, ensure_ascii=False), file=answers, flush=True)
        code = 1 if "error" in answer else code
    return code


def answer_to(numbered: tuple[int, bytes], *, alpha: float) -> dict[str, Any]:
    """What is said about one line: when the canary goes back and what holds at its end, or why it is no canary."""
    number, line = numbered
    document: Any = None
    try:
        document = document_of(line)
        canary = canary_of(document)
    except Unreadable as wrong:
        return {"id": id_of(document), "line": number, "error": str(wrong)}
    minute = first_rollback_minute(METRIC, canary.reading, alpha=alpha)
    verdict = Verdict.ROLL_BACK if minute else verdict_at_end(canary, alpha=alpha)
    return {"id": canary.id, "roll_back_minute": minute, "verdict_end": verdict}


def verdict_at_end(canary: Canary, *, alpha: float) -> Verdict:
    """What the last look says: the recording is all there will be."""
    rule = JudgeRule((METRIC,), alpha=alpha)
    return judge(rule, {METRIC.name: canary.reading}, is_last_step=True, final=True).verdict
