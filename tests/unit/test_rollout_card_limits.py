"""Whatever names, numbers and reasons a rollout holds, Slack takes its card and its notices, and nothing in them is markup."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.slack.block_kit import view_problems
from sluice.core.detour import detoured
from sluice.core.rollout.card import rollout_card
from sluice.core.rollout.notices import ended_notice, hold_cleared
from sluice.core.rollout.presses import FORMS, rollout_form
from sluice.model.approval import Mode, RoleNeed, Tier
from sluice.model.ids import GroupName, Micros, RolloutId, SlackUserId
from sluice.model.judging import Caveat, JudgeRule, MetricKind, MetricRule, MetricVerdict, Verdict
from sluice.model.rollout import LookRecord, Phase, Rollout, RolloutOutcome, RolloutRequest, Wish, WishKind
from sluice.model.rollout_rules import GuardrailKind, Guardrails, RolloutRules, Step, Strategy, Target
from tests.hostile import UNHURRIED, is_harmless, moments, numbers, people, words
from tests.rollout_records import ROLLOUT, a_rollout

counts = st.integers(0, 10**12)
metrics = st.lists(
    st.builds(
        MetricVerdict,
        name=words,
        verdict=st.sampled_from(Verdict),
        evidence=st.floats(),
        threshold=st.floats(),
        sentence=words,
        effect=numbers,
        effect_low=numbers,
        effect_high=numbers,
        baseline_requests=counts,
        baseline_events=st.floats(0, 1e12),
        candidate_requests=counts,
        candidate_events=st.floats(0, 1e12),
        requests_needed=st.none() | counts,
        minutes_needed=st.none() | counts,
        caveats=st.lists(st.sampled_from(Caveat), max_size=5, unique=True).map(tuple),
    ),
    max_size=30,
).map(tuple)
steps = st.builds(Step, st.floats(0, 100), st.integers(0, 10**7), st.integers(0, 10**7))
needs = st.lists(
    st.builds(RoleNeed, words, st.integers(1, 3), st.lists(people, max_size=9).map(tuple), st.none() | words),
    max_size=4,
)
plans = st.builds(
    RolloutRules,
    target=st.builds(Target, words),
    judge=st.builds(
        JudgeRule, st.lists(st.builds(MetricRule, words, st.sampled_from(MetricKind)), max_size=3).map(tuple)
    ),
    strategy=st.sampled_from(Strategy),
    steps=st.lists(steps, max_size=12).map(tuple),
    shadow=st.none() | steps,
    guardrails=st.none() | st.builds(Guardrails, st.sampled_from(GuardrailKind)),
    managers=needs.map(tuple),
)
wishes = st.builds(Wish, st.sampled_from(WishKind), people, words, words, moments)
rollouts = st.builds(
    a_rollout,
    request=st.builds(
        RolloutRequest,
        rollout_id=st.text(min_size=1, max_size=60).map(RolloutId),
        release_id=words,
        package_arn=words,
        group=words.map(GroupName),
        version=st.integers(1, 10**9),
        generation=st.just(1),
        region=words,
        digest=words,
    ),
    mode=st.sampled_from(Mode),
    tier=st.sampled_from(Tier),
    rules=st.none() | plans,
    phase=st.sampled_from(Phase),
    phase_since=moments,
    begun_at=moments,
    step=st.integers(0, 12),
    look=st.none()
    | st.builds(
        LookRecord, st.integers(1, 999), moments, st.sampled_from(Verdict), words, metrics, st.integers(0, 9999)
    ),
    next_look_at=moments,
    wish=st.none() | wishes,
    heard=st.none() | wishes,
    paused_at=st.none() | moments,
    asked=st.sampled_from(["", *Verdict]),
    outcome=st.none() | st.sampled_from(RolloutOutcome),
    because=words | st.lists(words, max_size=30).map("\n".join),
    cleared_by=st.none() | people,
)


@UNHURRIED
@given(rollouts, moments)
def test_every_card_of_a_rollout_is_within_limits_and_free_of_strangers_markup(rollout: Rollout, now: Micros) -> None:
    is_harmless(rollout_card(rollout, now))
    is_harmless(detoured(rollout_card(rollout, now), "C0FRAUD"))


@UNHURRIED
@given(rollouts, st.sampled_from(RolloutOutcome), people, words)
def test_every_notice_about_a_rollout_is_harmless(
    rollout: Rollout, outcome: RolloutOutcome, person: SlackUserId, reason: str
) -> None:
    changes: dict[str, Any] = {"outcome": outcome, "phase": Phase.DONE}
    ended = ended_notice(
        a_rollout(**{n: getattr(rollout, n) for n in ("request", "rules", "look", "because")} | changes)
    )

    assert ended is not None
    is_harmless(ended)
    is_harmless(hold_cleared(rollout, person, reason))


@pytest.mark.parametrize("action_id", sorted(FORMS))
def test_every_form_is_one_that_slack_takes_and_carries_only_the_id(action_id: str) -> None:
    view = rollout_form(action_id, ROLLOUT)

    assert view_problems(view) == []
    assert (view["callback_id"], view["private_metadata"]) == (action_id, ROLLOUT)
