"""A deployment that SageMaker moves by itself: what guards it, what is compared, and who takes it back."""

from dataclasses import replace
from typing import Any

import pytest

from sluice.core.rollout.routing import decide
from sluice.core.rollout.sides import sides_of
from sluice.core.rollout.sight import Sight
from sluice.model.endpoint import EndpointSeen, EndpointStatus
from sluice.model.ids import Micros
from sluice.model.judging import Comparison, Judgement, JudgeRule, Verdict
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route
from sluice.model.rollout_rules import GuardrailKind, Guardrails, Strategy
from tests.approvals import NOW
from tests.rollout_records import OPEN, a_rollout, rules

SECOND = 1_000_000
CANARY = Guardrails(GuardrailKind.CANARY, 10)
AT_ONCE = Guardrails(GuardrailKind.ALL_AT_ONCE, wait_s=0)
ALONE = Guardrails(GuardrailKind.ALL_AT_ONCE, wait_s=0, termination_wait_s=600, managed=False)
WORSE = Judgement(Verdict.ROLL_BACK, "Errors rose.")
UNDECIDED = Judgement(Verdict.CONTINUE, "Not yet.", (OPEN,))
SILENT = Judgement(Verdict.CONTINUE, "No requests.", (replace(OPEN, candidate_requests=0),))


def deployed(guardrails: Guardrails, **changes: Any) -> Rollout:
    ruled = rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=guardrails)
    return a_rollout(rules=ruled, phase=Phase.GUARDED, final_config="fraud-v7", step=0, **changes)


def sight(config: str = "fraud-v7", *, after_s: int = 0, status: EndpointStatus = EndpointStatus.IN_SERVICE) -> Sight:
    """What a look sees, so long after the endpoint settled."""
    seen = EndpointSeen("fraud-prod", "arn", config, status, Micros(NOW + 300 * SECOND))
    return Sight(seen, Micros(NOW + (300 + after_s) * SECOND))


@pytest.mark.parametrize("guardrails", [CANARY, AT_ONCE])
def test_what_sagemaker_guarded_is_done_when_sagemaker_is(guardrails: Guardrails) -> None:
    decision = decide(deployed(guardrails), UNDECIDED, sight())

    assert (decision.route, decision.reason) == (
        Route.COMPLETE,
        "SageMaker has finished the deployment. Not yet.",
    )


@pytest.mark.parametrize("judgement", [None, SILENT, Judgement(Verdict.CONTINUE, "No metric.")])
@pytest.mark.parametrize("after_s, route", [(0, None), (7200, None), (25 * 3600, Route.RETURN)])
def test_what_nobody_has_judged_is_looked_at_further_and_taken_back_in_the_end(
    judgement: Judgement | None, after_s: int, route: Route | None
) -> None:
    """It was called promoted though every metric was silent: too little data is never a pass."""
    decision = decide(deployed(CANARY), judgement, sight(after_s=after_s))

    assert decision.route is route
    assert route is None or (decision.outcome, "could not be judged" in decision.reason) == (
        RolloutOutcome.UNDECIDED,
        True,
    )


@pytest.mark.parametrize("after_s, route", [(0, None), (25 * 3600, Route.RETURN)])
def test_what_could_not_be_seen_beside_the_figures_is_no_pass_either(after_s: int, route: Route | None) -> None:
    blind = replace(sight(after_s=after_s), unseen="DescribeAlarms: Throttling")

    assert decide(deployed(CANARY), UNDECIDED, blind).route is route


def test_where_the_policy_names_no_figures_none_are_waited_for() -> None:
    rollout = deployed(CANARY)
    assert rollout.rules is not None
    bare = replace(rollout, rules=replace(rollout.rules, judge=JudgeRule()))

    assert decide(bare, None, sight()).route is Route.COMPLETE


@pytest.mark.parametrize("after_s, route", [(0, None), (599, None), (600, Route.COMPLETE)])
def test_what_nothing_of_sagemakers_guards_is_watched_before_it_is_called_promoted(
    after_s: int, route: Route | None
) -> None:
    assert decide(deployed(ALONE), UNDECIDED, sight(after_s=after_s)).route is route


def test_sagemaker_is_told_to_take_back_what_it_guards() -> None:
    decision = decide(deployed(CANARY), WORSE, sight(status=EndpointStatus.UPDATING))

    assert (decision.route, decision.rejects, decision.outcome) == (None, True, RolloutOutcome.RETURNED)


def test_what_it_does_not_guard_is_taken_back_by_the_rollout_itself() -> None:
    decision = decide(deployed(ALONE), WORSE, sight(after_s=60))

    assert (decision.route, decision.rejects, decision.outcome) == (Route.RETURN, False, RolloutOutcome.RETURNED)


def test_a_version_found_worse_is_taken_back_even_if_sagemaker_was_done_before_the_alarm() -> None:
    """It used to be called promoted: the verdict had been published, but the deployment ended first."""
    rejected = deployed(CANARY, outcome=RolloutOutcome.RETURNED, because="Errors rose.")

    decision = decide(rejected, None, sight())

    assert (decision.route, decision.outcome, decision.reason) == (
        Route.RETURN,
        RolloutOutcome.RETURNED,
        "Errors rose.",
    )


def test_shares_are_compared_over_the_same_minutes_by_configuration() -> None:
    sides = sides_of(deployed(CANARY))

    assert sides is not None
    assert (sides.baseline.config, sides.candidate.config) == ("fraud-v6", "fraud-v7")
    assert (sides.comparison, sides.shift_s) == (Comparison.SIDE_BY_SIDE, 0)


@pytest.mark.parametrize("guardrails, config", [(AT_ONCE, "fraud-v7"), (ALONE, "")])
def test_what_moves_at_once_is_compared_with_the_minutes_before(guardrails: Guardrails, config: str) -> None:
    """The old version serves none of the minutes of the new one."""
    sides = sides_of(deployed(guardrails))

    assert sides is not None
    assert (sides.baseline.config, sides.candidate.config) == ("", config)
    assert sides.comparison is Comparison.BEFORE_AFTER
    assert sides.shift_s > guardrails.max_execution_s
