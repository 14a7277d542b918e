"""Records of rollouts for tests of what people see and press: one that is ordinary in every way, to be changed."""

from typing import Any

from sluice.model.approval import Mode, RoleNeed, Tier
from sluice.model.endpoint import EndpointRecord
from sluice.model.ids import Digest, Micros, RolloutId
from sluice.model.judging import Caveat, JudgeRule, MetricKind, MetricRule, MetricVerdict, Verdict
from sluice.model.rollout import LookRecord, Phase, Rollout, RolloutOutcome, RolloutRequest, Snapshot, WishKind
from sluice.model.rollout_commands import AskRollout
from sluice.model.rollout_rules import GuardrailKind, Guardrails, RolloutRules, Step, Strategy, Target
from tests.approvals import NOW
from tests.packages import ARN, BEN, CHANNEL, GROUP, REGION, TEAM

ROLLOUT = RolloutId("7d1f0a3c5b9e4d2f8a6c1e0b4d3f2a19")
ENDPOINT = "fraud-prod"
MINUTE = 60_000_000
MANAGERS = (RoleNeed("sre", 1, (BEN,)), RoleNeed("ml_engineering", 1, (), "S0MLENG"))
STEPS = (Step(5, 300, 3600), Step(25, 600, 3600), Step(50, 600, 3600))
METRICS = (
    MetricRule("errors"),
    MetricRule("latency p95", MetricKind.LATENCY),
    MetricRule("approved", MetricKind.KPI_MEAN),
)
REQUEST = RolloutRequest(ROLLOUT, "rel-7", ARN.text, GROUP, 7, 1, REGION, Digest("sha256:" + "ab" * 32))

GOOD = MetricVerdict(
    "errors", Verdict.ADVANCE, 0.03, 100.0, "Errors are no higher than before.", 0.97, 0.81, 1.16, 21_400, 215, 7_130, 70
)  # fmt: skip
OPEN = MetricVerdict(
    "latency p95", Verdict.CONTINUE, 1.8, 100.0, "Latency is not decided yet.", 1.12, 0.96, 1.31,
    21_400, 1070, 7_130, 399, 8200, 41, (Caveat.NO_HISTORY,),
)  # fmt: skip
BAD = MetricVerdict(
    "errors", Verdict.ROLL_BACK, 4_300.0, 100.0, "Errors rose from 1.0 % to 3.1 %: at least 2.2 times as many.",
    3.08, 2.21, 4.29, 21_400, 214, 7_130, 220,
)  # fmt: skip


def rules(**changes: Any) -> RolloutRules:
    """Three steps, several metrics; Ben or an ML engineer may steer."""
    ordinary: dict[str, Any] = {
        "target": Target(ENDPOINT),
        "judge": JudgeRule(metrics=METRICS),
        "steps": STEPS,
        "managers": MANAGERS,
    }
    return RolloutRules(**(ordinary | changes))


def guarded_rules() -> RolloutRules:
    """SageMaker moves the traffic."""
    return rules(strategy=Strategy.GUARDRAILS, steps=(), guardrails=Guardrails(GuardrailKind.CANARY, 10))


def a_look(
    *metrics: MetricVerdict, verdict: Verdict = Verdict.CONTINUE, sentence: str = "Not decided yet."
) -> LookRecord:
    """A look at some metrics."""
    return LookRecord(4, Micros(NOW + 8 * MINUTE), verdict, sentence, metrics or (GOOD, OPEN), 8)


def a_rollout(**changes: Any) -> Rollout:
    """In its second step of three, watched for eight minutes."""
    ordinary: dict[str, Any] = {
        "request": REQUEST,
        "mode": Mode.ENFORCE,
        "tier": Tier.STANDARD,
        "channel": CHANNEL,
        "rules": rules(),
        "phase": Phase.STEP,
        "phase_since": NOW,
        "requested_at": Micros(NOW - 30 * MINUTE),
        "begun_at": Micros(NOW - 25 * MINUTE),
        "fence": 3,
        "step": 1,
        "snapshot": Snapshot({"EndpointConfigName": "fraud-v6"}, 4),
        "looks": 4,
        "look": a_look(),
        "next_look_at": Micros(NOW + 12 * MINUTE),
    }
    return Rollout(**(ordinary | changes))


def ended(outcome: RolloutOutcome, because: str = "", **changes: Any) -> Rollout:
    """A rollout that is over."""
    return a_rollout(phase=Phase.DONE, outcome=outcome, because=because, **changes)


def an_ask(kind: WishKind = WishKind.PAUSE, reason: str = "", **changes: Any) -> AskRollout:
    """Ben presses a button of the card, nine minutes into the step."""
    ordinary: dict[str, Any] = {
        "rollout_id": ROLLOUT,
        "person": BEN,
        "team": TEAM,
        "channel": CHANNEL,
        "kind": kind,
        "reason": reason,
        "pressed_at": Micros(NOW + 9 * MINUTE),
    }
    return AskRollout(**(ordinary | changes))


def an_endpoint(**changes: Any) -> EndpointRecord:
    """The endpoint of the rollout."""
    ordinary: dict[str, Any] = {"region": REGION, "name": ENDPOINT, "group": GROUP, "fence": 3}
    return EndpointRecord(**(ordinary | changes))
