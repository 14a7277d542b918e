"""What a policy document says about production that goes wrong: `watch`, `rollback` and `paging`, as decisions read it.

A policy that says nothing gets what its tier fills in; that is no part of its digest, as what is not said is not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sluice.model.governing import RoleNeed, Tier
from sluice.model.policy_paging import PagingPlan
from sluice.model.policy_rollback import RollbackPlan
from sluice.model.policy_rollout import RolloutPlan
from sluice.model.policy_routes import MOST_TARGETS
from sluice.model.policy_watch import WatchPlan
from sluice.model.refusal import FieldPath
from sluice.model.response_rules import (
    Level,
    PageRoute,
    PagingRules,
    ResponseRules,
    RollbackRules,
    Severity,
    WatchRules,
)
from sluice.model.tiers import FLOORS, NEXT_LEVEL_S, RESPONSE_DEFAULTS

URGENT = (Severity.CRITICAL, Severity.ERROR)
_QUIET = (Severity.WARNING, Severity.INFO)
_REACH_NOBODY = ("channel", "webhook:")
"""Targets by which no person is called by name or by pager."""


@dataclass(frozen=True, slots=True)
class Response:
    """The three parts as they are written, beside what else of the policy counts for them."""

    tier: Tier
    contacts: tuple[str, ...]
    approvers: tuple[RoleNeed, ...]
    rollout: RolloutPlan | None
    watch: WatchPlan | None
    rollback: RollbackPlan | None
    paging: PagingPlan | None

    def rules(self) -> ResponseRules:
        """Everything about production that goes wrong, as decisions read it."""
        if self.rollout is None:  # others deploy, and nothing of theirs is taken back
            return ResponseRules(WatchRules(), RollbackRules(on=(), at_most=0), self._paging())
        usual = RESPONSE_DEFAULTS[self.tier]
        watch = self.watch or WatchPlan.model_validate(usual["watch"])
        rollback = self.rollback or RollbackPlan.model_validate(usual["rollback"])
        return ResponseRules(watch.rules(self.rollout), rollback.rules(), self._paging())

    def refused(self) -> Iterator[tuple[FieldPath, str]]:
        """What does not go together with the rest of the policy."""
        if self.rollout is None:
            for name in ("watch", "rollback", "paging"):
                if getattr(self, name) is not None:
                    yield (name,), "needs a rollout section: it says which endpoint is looked after"
        elif self.watch is not None:
            yield from ((("watch", *path), reason) for path, reason in self.watch.unknown(self.rollout))

    def below_floor(self) -> Iterator[tuple[FieldPath, str]]:
        """What is less than the tier accepts."""
        floor, plan = FLOORS[self.tier], self.paging
        if not floor.calls_people or plan is None:
            return
        if plan.freeze == "never":
            yield ("paging", "freeze"), "needs a severity here: releases wait while something is critical"
        if plan.repeat > 3600:
            yield ("paging", "repeat"), "allows at most 1h"
        yield from ((("paging", *path), reason) for path, reason in self._unheard(self._paging().routes))

    def _paging(self) -> PagingRules:
        plan = self.paging or PagingPlan.model_validate(RESPONSE_DEFAULTS[self.tier]["paging"])
        rules = plan.rules()
        return replace(
            rules,
            routes=rules.routes or self._usual_routes(plan),
            responders=rules.responders or self._managers(),
        )

    def _usual_routes(self, plan: PagingPlan) -> tuple[PageRoute, ...]:
        """The channel and the contacts at once, then those who manage; what is not urgent waits in the channel."""
        calls = self.tier is not Tier.PILOT
        people = self.contacts if calls else ()
        first = _once("channel", *((*people, *plan.machines) if plan.call is None else plan.call))
        named = self._people_of(self._managers()) if calls else ()
        later = _once(*(named if plan.then is None else plan.then))
        levels = [Level(0, first)]
        if set(later) - set(first):
            # Who was called first is called again with them: the last level is the one that is repeated.
            again = (target for target in first if target not in ("channel", *plan.machines))
            levels.append(Level(NEXT_LEVEL_S[self.tier], _once(*later, *again)))
        quiet = _once("channel", *(target for target in plan.machines if target.startswith("webhook:")))
        return PageRoute(URGENT, tuple(levels)), PageRoute(_QUIET, (Level(0, quiet),))

    def _managers(self) -> tuple[RoleNeed, ...]:
        return self.rollout.rules(self.approvers).managers if self.rollout else self.approvers

    def _people_of(self, managers: Sequence[RoleNeed]) -> tuple[str, ...]:
        """By name: a user group cannot be called. Where managers are named by group alone, the approvers by name."""
        named = [person for role in managers for person in role.people]
        return tuple(named or (person for role in self.approvers for person in role.people))[:MOST_TARGETS]

    def _unheard(self, routes: Sequence[PageRoute]) -> Iterator[tuple[FieldPath, str]]:
        """Where a critical incident calls nobody, at some hour or at all."""
        written = self.paging is not None and self.paging.routes is not None
        for i, route in enumerate(routes):
            if Severity.CRITICAL not in route.severities:
                continue
            if not _calls_somebody(route):
                path: FieldPath = ("routes", i) if written else ("call",)
                yield path, "needs somebody to call for what is critical: a person, a schedule, PagerDuty or a topic"
            if route.hours is None:
                return
        yield ("routes",), "needs a route without hours for severity critical: somebody has to be called at any time"


def _calls_somebody(route: PageRoute) -> bool:
    return any(not target.startswith(_REACH_NOBODY) for level in route.levels for target in level.to)


def _once(*targets: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(targets))
