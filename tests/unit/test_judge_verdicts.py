from dataclasses import replace

import pytest

from sluice.core.judge import judge
from sluice.model.codec import decode, encode
from sluice.model.judging import (
    Caveat,
    Comparison,
    Judgement,
    JudgeRule,
    MetricKind,
    MetricReading,
    MetricRule,
    Minutes,
    Verdict,
)
from tests.judged_traffic import canary

RULE = JudgeRule((MetricRule("errors", tolerance_absolute=0.005),), bake_min=10, bake_max=60)
TWO = (MetricRule("errors"), MetricRule("latency", MetricKind.LATENCY))
GOOD = canary(1, minutes=40, split=(5400, 600))
BAD = canary(1, minutes=40, factor=5.0, split=(5400, 600))


def _flat(minutes: int, errors: int = 0, requests: int = 60) -> MetricReading:
    return MetricReading(Minutes((540,) * minutes, (0,) * minutes), Minutes((requests,) * minutes, (errors,) * minutes))


def test_a_good_candidate_goes_on_and_at_the_last_step_is_promoted() -> None:
    assert judge(RULE, {"errors": GOOD}).verdict is Verdict.ADVANCE
    assert judge(RULE, {"errors": GOOD}, is_last_step=True).verdict is Verdict.PROMOTE


def test_a_bad_candidate_is_taken_back_with_its_numbers() -> None:
    found = judge(RULE, {"errors": BAD})

    metric = found.metrics[0]
    assert found.verdict is Verdict.ROLL_BACK
    assert "errors: higher than the margin allows" in found.sentence
    assert metric.evidence >= metric.threshold == 100
    assert metric.effect_low is not None
    assert metric.effect_high is not None
    assert metric.effect_low < 5 < metric.effect_high
    assert metric.candidate_events == sum(e or 0 for e in BAD.candidate.events)


@pytest.mark.parametrize("final", [False, True])
def test_nothing_known_is_neither_a_pass_nor_a_failure(*, final: bool) -> None:
    silent = MetricReading(Minutes((None,) * 30, (None,) * 30), Minutes((None,) * 30, (None,) * 30))

    verdicts = {judge(RULE, {"errors": reading}, final=final).verdict for reading in (silent, _flat(30, requests=0))}

    assert verdicts == {Verdict.EXTEND if final else Verdict.CONTINUE}
    assert judge(RULE, {}, final=final).verdict in verdicts


def test_too_little_says_how_much_more_is_needed_and_for_how_long() -> None:
    early = judge(replace(RULE, bake_max=6), {"errors": canary(2, minutes=6)})

    metric = early.metrics[0]
    assert early.verdict is Verdict.EXTEND
    assert metric.requests_needed is not None
    assert metric.minutes_needed is not None
    assert metric.requests_needed == 60 * metric.minutes_needed > 0
    assert f"{metric.minutes_needed} minutes" in early.sentence


def test_a_step_does_not_pass_before_its_shortest_bake_nor_before_its_requests() -> None:
    assert judge(replace(RULE, bake_min=41), {"errors": GOOD}).verdict is Verdict.CONTINUE
    few = judge(replace(RULE, min_requests=24_600), {"errors": GOOD})
    assert few.verdict is Verdict.CONTINUE
    assert (few.metrics[0].requests_needed, few.metrics[0].minutes_needed) == (600, 1)
    assert judge(replace(RULE, min_requests=24_000), {"errors": GOOD}).verdict is Verdict.ADVANCE


def test_a_step_that_only_has_to_last_longer_says_so() -> None:
    found = judge(replace(RULE, bake_min=50), {"errors": GOOD})

    assert found.metrics[0].verdict is Verdict.ADVANCE
    assert found.sentence == "Good enough so far; the step has not lasted long enough yet"


def test_counts_are_read_whole_however_large() -> None:
    many = MetricReading(Minutes((9_000_000,) * 3, (41_234,) * 3), Minutes((1_000_000,) * 3, (4_581.5,) * 3))

    sentence = judge(RULE, {"errors": many}).metrics[0].sentence

    assert "13,744 of 3,000,000" in sentence
    assert "123,702 of 27,000,000" in sentence


def test_where_nobody_fails_the_absolute_tolerance_decides() -> None:
    assert judge(RULE, {"errors": _flat(5)}).verdict is Verdict.CONTINUE
    assert judge(RULE, {"errors": _flat(20)}).verdict is Verdict.ADVANCE


def test_the_same_counts_give_the_same_judgement_also_after_a_record() -> None:
    first, second = judge(RULE, {"errors": BAD}), judge(RULE, {"errors": BAD})

    assert first == second
    assert decode(Judgement, encode(first)) == first


def test_one_metric_that_is_not_critical_stops_the_candidate_but_does_not_take_it_back() -> None:
    soft = JudgeRule((TWO[0], replace(TWO[1], critical=False, weight=0.5)), bake_max=60)

    found = judge(soft, {"errors": GOOD, "latency": BAD})

    assert [metric.verdict for metric in found.metrics] == [Verdict.ADVANCE, Verdict.ROLL_BACK]
    assert found.verdict is Verdict.CONTINUE
    assert judge(replace(soft, rollback_weight=0.3), {"errors": GOOD, "latency": BAD}).verdict is Verdict.ROLL_BACK
    assert judge(JudgeRule(TWO), {"errors": GOOD, "latency": BAD}).verdict is Verdict.ROLL_BACK


def test_metrics_share_alpha_by_their_weight() -> None:
    rule = JudgeRule((TWO[0], replace(TWO[1], weight=3.0)), alpha=0.04)

    found = judge(rule, {"errors": GOOD, "latency": GOOD})

    assert [metric.threshold for metric in found.metrics] == pytest.approx([100, 100 / 3])


def test_nobody_waits_for_a_quality_that_comes_late() -> None:
    late = JudgeRule((RULE.metrics[0], MetricRule("accuracy", MetricKind.QUALITY)))

    assert judge(late, {"errors": GOOD}).verdict is Verdict.ADVANCE
    assert judge(JudgeRule((late.metrics[1],)), {}).verdict is Verdict.CONTINUE


def test_weaker_ground_is_named() -> None:
    before = replace(GOOD, comparison=Comparison.BEFORE_AFTER)
    holes = replace(GOOD, candidate=Minutes((None, *GOOD.candidate.requests[1:]), GOOD.candidate.events))

    def caveats(reading: MetricReading, rule: JudgeRule = RULE) -> tuple[Caveat, ...]:
        return judge(rule, {"errors": reading}).metrics[0].caveats

    assert caveats(GOOD) == (Caveat.NO_HISTORY,)
    assert caveats(canary(1, history=True)) == ()
    assert Caveat.BEFORE_AFTER in caveats(before)
    assert Caveat.MINUTES_MISSING in caveats(holes)
    assert Caveat.STICKY_DECLARED in caveats(GOOD, replace(RULE, sticky=True))


def test_clients_that_stay_with_one_variant_show_in_the_requests() -> None:
    restless = (60, 180, 20, 90, 10, 150) * 6
    swinging = MetricReading(Minutes((540,) * 36, (5,) * 36), Minutes(restless, (1,) * 36))

    assert Caveat.STICKY_SUSPECTED in judge(RULE, {"errors": swinging}).metrics[0].caveats
    assert Caveat.STICKY_SUSPECTED in judge(replace(RULE, share=0.3), {"errors": GOOD}).metrics[0].caveats
    assert Caveat.STICKY_SUSPECTED not in judge(replace(RULE, share=0.1), {"errors": GOOD}).metrics[0].caveats


def test_declared_stickiness_never_makes_the_judge_bolder() -> None:
    reading = canary(4, minutes=15, factor=5.0)

    bold, careful = (judge(replace(RULE, sticky=sticky), {"errors": reading}) for sticky in (False, True))

    assert careful.metrics[0].evidence <= bold.metrics[0].evidence
