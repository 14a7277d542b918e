"""The policy of a model group as its team writes it: `/sluice/policies/{group}` in Parameter Store, validated whole.

It costs pydantic, so only what reads documents imports it; decisions read model/policy_in_force.py.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from sluice.model.approval import Mode, OnExpiry, RoleNeed, Tier, Timing
from sluice.model.codec import decode
from sluice.model.document_fields import (
    DAY_S,
    MINUTE_S,
    Document,
    Duration,
    Label,
    Name,
    SlackChannel,
    SlackGroup,
    SlackPerson,
    WholeDocument,
    duration_s,
)
from sluice.model.ids import GroupName, SlackUserId
from sluice.model.policy_gates import Gates
from sluice.model.policy_in_force import GateRules, PolicyInForce
from sluice.model.policy_paging import PagingPlan
from sluice.model.policy_response import Response
from sluice.model.policy_rollback import RollbackPlan
from sluice.model.policy_rollout import RolloutPlan
from sluice.model.policy_watch import WatchPlan
from sluice.model.refusal import FieldErrors, FieldPath, refusal_of
from sluice.model.rollout_rules import EndpointKind
from sluice.model.staffing import unfilled_role
from sluice.model.tiers import FLOORS, with_tier_defaults


def _is_absent(value: object) -> bool:
    """A part that is not there is no part of the digest, so that a new one leaves the digests of old policies alone."""
    return value is None


EscalationTarget = Annotated[str, Field(pattern=r"^([UW][A-Z0-9]{1,20}|schedule:[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62})$")]


class Owner(Document):
    """Who answers for the model group."""

    team: Label
    """Name of the team."""
    contacts: Annotated[tuple[SlackPerson, ...], Field(max_length=20)] = ()
    """Slack ids of people who are told when the policy is refused, deleted or tampered with. At least one,
    except in `observe` below the tier `critical`, where the stack's channel is told instead."""


class ApproverRole(Document):
    """So many distinct people of one role. Name them, or a Slack user group, but not both."""

    role: Name
    """Name of the role, such as `data_science`, `ml_engineering`, `risk`."""
    people: Annotated[tuple[SlackPerson, ...], Field(max_length=50)] = ()
    """Slack ids of the people of this role."""
    user_group: SlackGroup | None = None
    """Slack id of the user group whose members have this role."""
    count: Annotated[int, Field(strict=True, ge=1, le=20)] = 1
    """How many of them must approve. One person counts for one role only."""

    @model_validator(mode="after")
    def _can_be_filled(self) -> Self:
        if bool(self.people) == (self.user_group is not None):
            raise ValueError(f"role {self.role}: name either people or a user_group")
        if len(set(self.people)) != len(self.people):
            raise ValueError(f"role {self.role}: somebody is listed twice")
        if self.people and self.count > len(self.people):
            raise ValueError(f"role {self.role}: {self.count} must approve, but {len(self.people)} are listed")
        return self


class Escalation(Document):
    """Who is called in when nobody decides."""

    after: Duration
    """How long after the card was delivered."""
    to: Annotated[tuple[EscalationTarget, ...], Field(min_length=1, max_length=10)]
    """Slack ids, or `schedule:NAME` for who is on call in `/sluice/schedules/NAME` at that moment."""


class ApprovalRules(Document):
    """The times of an approval, counted from the delivery of the card in Slack."""

    expires_after: Duration
    """How long people have to decide; from 1m to 30d."""
    on_expiry: OnExpiry
    """`reject`: the package is rejected in the registry; `keep_pending`: it stays pending. Time never approves."""
    remind_after: Annotated[tuple[Duration, ...], Field(max_length=10)] = ()
    """When those who still have to decide are reminded, in rising order."""
    escalate: Escalation | None = None
    """Who is called in, and when. `null` switches the tier's default off."""

    @model_validator(mode="after")
    def _times_are_in_order(self) -> Self:
        errors: list[tuple[FieldPath, str]] = []
        if not MINUTE_S <= self.expires_after <= 30 * DAY_S:
            errors.append((("expires_after",), "must be from 1m to 30d"))
        if list(self.remind_after) != sorted(set(self.remind_after)):
            errors.append((("remind_after",), "must rise, each reminder later than the one before"))
        if any(after >= self.expires_after for after in self.remind_after):
            errors.append((("remind_after",), "must lie before expires_after"))
        if self.escalate and self.escalate.after >= self.expires_after:
            errors.append((("escalate", "after"), "must lie before expires_after"))
        if errors:
            raise FieldErrors(*errors)
        return self


class PolicyDocument(WholeDocument):
    """How the versions of one model group get to production: what they must show, and who decides."""

    version: Annotated[int, Field(strict=True, ge=1, le=1)]
    """Version of this format: 1."""
    owner: Owner
    """Who answers for the model group."""
    channel: SlackChannel | None = None
    """Slack id of the channel where decisions are asked for; without it the channel of the stack."""
    tier: Tier
    """How much is at stake: `pilot`, `standard` or `critical`. It sets defaults and a floor."""
    mode: Mode
    """How far Sluice may go: `observe` records only, `recommend` asks people, `enforce` acts by itself."""
    gates: Gates = Gates()
    """What the evidence must show."""
    approvers: Annotated[tuple[ApproverRole, ...], Field(max_length=10)] = ()
    """Who decides. May be left out in `observe`, except in the tier `critical`."""
    approval: ApprovalRules
    """The times of an approval. What is left out comes from the tier."""
    rollout: Annotated[RolloutPlan | None, Field(exclude_if=_is_absent)] = None
    """How an approved version gets to production. Without it Sluice approves, and others deploy."""
    watch: Annotated[WatchPlan | None, Field(exclude_if=_is_absent)] = None
    """What is listened to while a version serves. What is left out comes from the tier."""
    rollback: Annotated[RollbackPlan | None, Field(exclude_if=_is_absent)] = None
    """When the endpoint goes back by itself. What is left out comes from the tier."""
    paging: Annotated[PagingPlan | None, Field(exclude_if=_is_absent)] = None
    """Who hears of an incident. What is left out comes from the tier."""

    @model_validator(mode="before")
    @classmethod
    def _fill_from_tier(cls, values: Any) -> Any:
        return with_tier_defaults(values)

    @model_validator(mode="after")
    def _quorum_can_be_reached(self) -> Self:
        roles = [a.role for a in self.approvers]
        for i, role in enumerate(roles):
            if role in roles[:i]:
                raise FieldErrors((("approvers", i), f"role {role} is listed twice: give it one entry, a higher count"))
        short = unfilled_role(self.needs)
        if short is not None:
            reason = f"role {roles[short]} cannot be filled, because one person counts for one role only"
            raise FieldErrors((("approvers", short), reason))
        return self

    @model_validator(mode="after")
    def _parts_go_together(self) -> Self:
        errors = list(self._response.refused())
        if errors:
            raise FieldErrors(*errors)
        return self

    @model_validator(mode="after")
    def _keeps_to_the_floor_of_its_tier(self) -> Self:
        errors = [*self._people_below_floor(), *self._gates_below_floor(), *self._times_below_floor()]
        errors += [(("rollout", *path), reason) for path, reason in self._rollout_below_floor()]
        errors += self._response.below_floor()
        if errors:
            raise FieldErrors(*((path, f"tier {self.tier} {reason}") for path, reason in errors))
        return self

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Validate plain values; raises DocumentRefused with every problem and the field it is about."""
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise refusal_of(error) from error

    @property
    def needs(self) -> tuple[RoleNeed, ...]:
        """The approvers as decisions count them."""
        return tuple(
            RoleNeed(a.role, a.count, tuple(SlackUserId(p) for p in a.people), a.user_group) for a in self.approvers
        )

    def in_force(self, group: GroupName, *, parameter_version: int | None = None) -> PolicyInForce:
        """The view that decisions read."""
        return PolicyInForce(
            group=group,
            digest=self.digest,
            tier=self.tier,
            mode=self.mode,
            team=self.owner.team,
            contacts=tuple(SlackUserId(c) for c in self.owner.contacts),
            timing=self._timing(),
            approvers=self.needs,
            gates=decode(GateRules, self.gates.model_dump(mode="json")),
            channel=self.channel,
            parameter_version=parameter_version,
            rollout=self.rollout.rules(self.needs) if self.rollout else None,
            response=self._response.rules(),
        )

    @property
    def _response(self) -> Response:
        return Response(
            tier=self.tier,
            contacts=self.owner.contacts,
            approvers=self.needs,
            rollout=self.rollout,
            watch=self.watch,
            rollback=self.rollback,
            paging=self.paging,
        )

    def _timing(self) -> Timing:
        approval, escalate = self.approval, self.approval.escalate
        return Timing(
            expires_after_s=approval.expires_after,
            on_expiry=approval.on_expiry,
            remind_after_s=approval.remind_after,
            escalate_after_s=escalate.after if escalate else None,
            escalate_to=escalate.to if escalate else (),
        )

    def _people_below_floor(self) -> Iterator[tuple[FieldPath, str]]:
        floor, count = FLOORS[self.tier], sum(a.count for a in self.approvers)
        only_watches = self.mode is Mode.OBSERVE and self.tier is not Tier.CRITICAL
        if not self.owner.contacts and not only_watches:
            yield ("owner", "contacts"), "needs at least one contact"
        if not self.approvers and only_watches:
            return
        if count < floor.approvals or len(self.approvers) < floor.roles:
            yield ("approvers",), f"needs at least {floor.approvals} approver(s) from at least {floor.roles} role(s)"

    def _gates_below_floor(self) -> Iterator[tuple[FieldPath, str]]:
        floor = FLOORS[self.tier]
        for name in floor.gates:
            if not _asks(getattr(self.gates, name)):
                yield ("gates", name), "needs this gate, and required"
        known = self.gates.lineage.require if self.gates.lineage else ()
        unknown = [fact for fact in floor.lineage if fact not in known]
        if unknown:
            yield ("gates", "lineage", "require"), f"also needs {', '.join(unknown)}"

    def _times_below_floor(self) -> Iterator[tuple[FieldPath, str]]:
        floor = FLOORS[self.tier]
        if self.approval.expires_after > duration_s(floor.expires_within):
            yield ("approval", "expires_after"), f"allows at most {floor.expires_within}"
        if self.approval.on_expiry is OnExpiry.KEEP_PENDING and not floor.may_keep_pending:
            yield ("approval", "on_expiry"), "allows only reject"

    def _rollout_below_floor(self) -> Iterator[tuple[FieldPath, str]]:
        floor, plan = FLOORS[self.tier], self.rollout
        if plan is None:
            return
        has_instances = plan.target.kind is not EndpointKind.SERVERLESS
        if has_instances and plan.min_instances < floor.min_instances:
            yield ("min_instances",), f"needs at least {floor.min_instances}, so that one zone may fail"
        if has_instances and plan.first_percent > floor.first_percent:
            part = ("steps", 0, "percent") if plan.steps else ("guardrails", "size")
            yield part, f"lets at most {floor.first_percent} % of the traffic meet a new version first"
        if floor.judges_errors and not any(metric.errors for metric in plan.judge.metrics):
            yield ("judge", "metrics"), "needs errors among them"


def _asks(gate: Any) -> bool:
    """Whether a gate (or one of several) is there and required."""
    gates = gate if isinstance(gate, tuple) else (gate,)
    return any(g is not None and g.required for g in gates)
