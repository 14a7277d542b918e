"""The `rollout` part of a policy document: where an approved version goes, how fast, and what holds it back."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from sluice.model.approval import RoleNeed
from sluice.model.document_fields import DAY_S, MINUTE_S, Document, Duration, Name, SlackGroup, SlackPerson
from sluice.model.ids import SlackUserId
from sluice.model.policy_judge import JudgePlan
from sluice.model.policy_steps import GuardedUpdate, ShadowStep, TrafficStep
from sluice.model.policy_target import Count, TargetEndpoint
from sluice.model.refusal import FieldErrors, FieldPath
from sluice.model.rollout_rules import Autoscaling, EndpointKind, Queueing, RolloutRules, Strategy

MOST_ALARMS = 8
"""SageMaker takes ten rollback alarms; two are kept for Sluice's own."""

AlarmName = Annotated[
    str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")
]


class ManagerRole(Document):
    """People who may pause, promote now and take back. Name them, or a Slack user group, but not both."""

    role: Name
    """Name of the role."""
    people: Annotated[tuple[SlackPerson, ...], Field(max_length=50)] = ()
    """Slack ids of the people of this role."""
    user_group: SlackGroup | None = None
    """Slack id of the user group whose members have this role."""

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if bool(self.people) == (self.user_group is not None):
            raise ValueError(f"role {self.role}: name either people or a user_group")
        return self

    def need(self) -> RoleNeed:
        """The role as decisions read it: one of its people is enough."""
        return RoleNeed(self.role, 1, tuple(SlackUserId(p) for p in self.people), self.user_group)


class RolloutPlan(Document):
    """How an approved version gets to production. Without it Sluice approves, and others deploy."""

    target: TargetEndpoint
    """The endpoint."""
    strategy: Strategy
    """`weighted`: both versions side by side, traffic by steps; `guardrails`: SageMaker's own blue/green update.
    Default: `weighted`; `guardrails` where SageMaker has no traffic weights."""
    steps: Annotated[tuple[TrafficStep, ...], Field(max_length=10)] = ()
    """The steps of `weighted`, rising. After the last one the new version gets all traffic."""
    shadow: ShadowStep | None = None
    """A first step without users, of either strategy; real-time endpoints only."""
    guardrails: GuardedUpdate | None = None
    """The update of `guardrails`."""
    judge: JudgePlan = Field(default_factory=JudgePlan)
    """How the new version is judged."""
    alarms: Annotated[tuple[AlarmName, ...], Field(max_length=MOST_ALARMS)] = ()
    """Names of CloudWatch alarms of yours in its region: one in ALARM takes the new version back at once."""
    when_busy: Queueing = Queueing.WAIT
    """If another version is on its way to the endpoint: `wait`, or `supersede` it. Of several that wait the latest goes
    first; an older one goes only if no later one was promoted."""
    managers: Annotated[tuple[ManagerRole, ...], Field(max_length=10)] = ()
    """Who may pause, promote now and take back. Default: the approvers."""
    min_instances: Count
    """The endpoint has at least so many instances. SageMaker spreads them over availability zones; a network of
    one subnet is refused, and that several lie in different zones is yours to see to."""
    data_capture: Literal["required", "optional"] = "optional"
    """`required`: no rollout to an endpoint that does not capture its data."""
    autoscaling: Autoscaling = Autoscaling.KEEP
    """`keep`: what there is, is kept; `required`: no rollout to an endpoint that does not scale."""
    give_up_after: Duration
    """An undecided version is taken back after this, without being rejected; at most 14d. Default: 24h."""

    @model_validator(mode="after")
    def _sagemaker_takes_it(self) -> Self:
        refused = [*self._by_kind(), *self._by_strategy(), *self._by_size(), *self._by_time(), *self._unseen()]
        refused += [(("judge", *path), reason) for path, reason in self._unreadable()]
        if refused:
            raise FieldErrors(*refused)
        return self

    @property
    def first_percent(self) -> float:
        """How much of the traffic meets the new version first."""
        if self.guardrails is not None:
            return self.guardrails.size
        return self.steps[0].percent if self.steps else 100

    def rules(self, approvers: Sequence[RoleNeed]) -> RolloutRules:
        """The plan as decisions read it."""
        managers = tuple(role.need() for role in self.managers)
        kind = self.target.kind
        guarded = self.guardrails
        return RolloutRules(
            target=self.target.target(self.min_instances),
            judge=self.judge.rule(sticky=self.target.sticky_routing),
            sources=tuple(metric.source(kind) for metric in self.judge.metrics),
            strategy=self.strategy,
            steps=tuple(step.step() for step in self.steps),
            shadow=self.shadow.step() if self.shadow else None,
            guardrails=guarded.guardrails(managed=kind is not EndpointKind.SERVERLESS) if guarded else None,
            queueing=self.when_busy,
            managers=managers or tuple(approvers),
            min_instances=self.min_instances,
            data_capture=self.data_capture == "required",
            autoscaling=self.autoscaling,
            alarms=self.alarms,
            give_up_after_s=self.give_up_after,
        )

    def _by_kind(self) -> Iterator[tuple[FieldPath, str]]:
        kind = self.target.kind
        if kind is EndpointKind.REALTIME:
            return
        if self.strategy is Strategy.WEIGHTED:
            yield ("strategy",), f"SageMaker has no traffic weights on {kind} endpoints: use guardrails"
        if self.shadow is not None:
            yield ("shadow",), f"SageMaker makes no copies of requests on {kind} endpoints"
        if kind is EndpointKind.SERVERLESS:
            yield from self._without_instances()

    def _unseen(self) -> Iterator[tuple[FieldPath, str]]:
        if self.shadow is not None and all(metric.is_own for metric in self.judge.metrics):
            reason = "needs errors or latency to be judged by: what serves nobody is not in figures of your own"
            yield ("shadow",), reason

    def _without_instances(self) -> Iterator[tuple[FieldPath, str]]:
        if self.guardrails is not None and self.guardrails.type != "all_at_once":
            yield (
                ("guardrails", "type"),
                "SageMaker moves all traffic of a serverless endpoint at once: use all_at_once",
            )
        if self.data_capture == "required":
            yield ("data_capture",), "a serverless endpoint captures no data"
        if self.autoscaling is Autoscaling.REQUIRED:
            yield ("autoscaling",), "a serverless endpoint scales by itself"
        if self.min_instances > 1:
            yield ("min_instances",), "a serverless endpoint has no instances"

    def _by_strategy(self) -> Iterator[tuple[FieldPath, str]]:
        if self.strategy is Strategy.WEIGHTED:
            if not self.steps:
                yield ("steps",), "strategy weighted needs at least one step"
            if self.guardrails is not None:
                yield ("guardrails",), "are for strategy guardrails only"
            return
        if self.steps:
            yield ("steps",), "are for strategy weighted only: under guardrails SageMaker moves the traffic"
        if self.guardrails is None:
            yield ("guardrails",), "strategy guardrails needs them"

    def _by_size(self) -> Iterator[tuple[FieldPath, str]]:
        percents = [step.percent for step in self.steps]
        for i in range(1, len(percents)):
            if percents[i] <= percents[i - 1]:
                yield ("steps", i, "percent"), "must be more than in the step before"
        shares = self.guardrails is not None and self.guardrails.type != "all_at_once"
        if shares and self.min_instances < 2:
            reason = (
                "must be at least 2 for canary and linear: SageMaker gives the first share no more than half of them"
            )
            yield ("min_instances",), reason
        if (self.target.instances or self.min_instances) < self.min_instances:
            yield ("target", "instances"), f"must be at least min_instances, which is {self.min_instances}"
        if self.data_capture == "required" and self.target.instance_type and not self.target.capture_to:
            yield ("target", "capture_to"), "is needed where data capture is required and the first endpoint is made"

    def _by_time(self) -> Iterator[tuple[FieldPath, str]]:
        longest = sum(step.bake.maximum for step in self.steps)
        if self.shadow is not None:
            longest += self.shadow.bake.maximum
        if self.guardrails is not None:
            longest += self.guardrails.maximum_execution
        if not longest <= self.give_up_after <= 14 * DAY_S:
            yield (
                ("give_up_after",),
                f"must be at least as long as all steps together, {longest // MINUTE_S}m, and at most 14d",
            )

    def _unreadable(self) -> Iterator[tuple[FieldPath, str]]:
        return self.judge.unreadable(self.target.kind, side_by_side=self.strategy is Strategy.WEIGHTED)
