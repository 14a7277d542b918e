"""All metrics of a step become one verdict."""

from collections.abc import Mapping

from sluice.core.judge.counts import judge_counts
from sluice.model.judging import Judgement, JudgeRule, MetricReading, Verdict


def judge(
    rule: JudgeRule,
    readings: Mapping[str, MetricReading],
    *,
    is_last_step: bool = False,
    final: bool = False,
) -> Judgement:
    """Judge a step by all its raw counts so far; the same counts give the same answer.

    `readings` are by the metric's name; one that is missing has no data. `final` says that nobody will look again
    (the longest bake is over for the caller). Step by step, the caller fills bake times, requests and share into the rule.
    """
    found = tuple(judge_counts(m, readings[m.name], alpha=rule.alpha) for m in rule.metrics if m.name in readings)
    minutes = max((len(r.candidate.requests) for r in readings.values()), default=0)
    if any(metric.verdict is Verdict.ROLL_BACK for metric in found):
        return Judgement(Verdict.ROLL_BACK, "worse", found, minutes)
    if minutes >= rule.bake_min:
        return Judgement(Verdict.PROMOTE if is_last_step else Verdict.ADVANCE, "good enough", found, minutes)
    return Judgement(Verdict.EXTEND if final else Verdict.CONTINUE, "not decided", found, minutes)
