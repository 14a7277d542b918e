"""How a rollout begins: whose endpoint it is, whether it can go well, and which way it goes first. Pure."""

from dataclasses import dataclass

from sluice.core.rollout.looks import patience_s, waits_s
from sluice.model.approval import Mode
from sluice.model.endpoint import BUSY, EndpointRecord, EndpointSeen
from sluice.model.ids import Micros, RollbackId, RolloutId
from sluice.model.incident import Freeze
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route
from sluice.model.rollout_rules import Queueing, RolloutRules, Strategy

LOCK_WAIT_S = 300
"""Fewest seconds between two looks at an endpoint that another rollout holds: that takes an hour and more."""
BUSY_WAIT_S = 60
"""Fewest seconds between two looks at an endpoint that is being updated."""


@dataclass(frozen=True, slots=True)
class Began:
    """Which way the machine goes. `outcome` is set where the rollout ends before it began.

    `waits_s` are the seconds between the looks, where the next thing is to look.
    """

    route: Route
    reason: str = ""
    wait_s: int = 0
    waits_s: tuple[int, ...] = ()
    outcome: RolloutOutcome | None = None


def turn(rollout: Rollout, endpoint: EndpointRecord, rules: RolloutRules, now: Micros) -> Began | None:
    """What stands before the lock; None when it can be taken.

    An older version is not brought to production after a newer one: of two that wait the later request goes first, and
    the older one has its turn only if the later comes to nothing. Where the policy says `supersede` it does not wait.
    """
    if endpoint.holder == rollout.id:
        return None
    if endpoint.hold:
        reason = f"The endpoint is on hold until a person clears it: {endpoint.hold}"
        return Began(Route.CONCLUDE, reason, outcome=RolloutOutcome.REFUSED)
    if endpoint.good is not None and endpoint.good.requested_at > rollout.requested_at:
        return Began(Route.CONCLUDE, "A later release has been promoted.", outcome=RolloutOutcome.SUPERSEDED)
    later_waits = is_later(endpoint.waiting, endpoint.waiting_since, rollout)
    later = later_waits or is_later(endpoint.holder, endpoint.holder_since, rollout)
    if later and rules.queueing is Queueing.SUPERSEDE:
        return Began(Route.CONCLUDE, "A later release wants the endpoint.", outcome=RolloutOutcome.SUPERSEDED)
    if endpoint.holder is None and not later_waits:
        return None
    waited = now - max(rollout.requested_at, rollout.tried_at)
    if waited > rules.give_up_after_s * 1_000_000:
        reason = f"Another rollout held {endpoint.name} for too long."
        return Began(Route.CONCLUDE, reason, outcome=RolloutOutcome.REFUSED)
    if endpoint.holder is None:
        return Began(Route.WAIT, "a later release goes first", patience_s(waited, LOCK_WAIT_S))
    who = "another rollout" if endpoint.holder_since else "a rollback"
    return Began(Route.WAIT, f"{who} holds {endpoint.name}", patience_s(waited, LOCK_WAIT_S))


def frozen(
    rollout: Rollout, endpoint: EndpointRecord, freeze: Freeze, rules: RolloutRules, now: Micros
) -> Began | None:
    """The wait of a rollout that has not begun, for the open incidents of its group. To watch changes nothing."""
    if not freeze.incidents or endpoint.holder == rollout.id or rollout.mode is Mode.OBSERVE:
        return None
    waited = now - max(rollout.requested_at, rollout.tried_at)
    number = len(freeze.incidents)
    reason = "an open incident holds" if number == 1 else f"{number} open incidents hold"
    reason = f"{reason} back releases of {freeze.group}"
    if waited > rules.give_up_after_s * 1_000_000:
        return Began(Route.CONCLUDE, f"It was waited for in vain: {reason}.", outcome=RolloutOutcome.REFUSED)
    return Began(Route.WAIT, reason, patience_s(waited, LOCK_WAIT_S))


def is_later(other: RolloutId | RollbackId | None, since: Micros, rollout: Rollout) -> bool:
    """Whether an endpoint's holder, or who waits for it, is another rollout that was requested later."""
    return other is not None and other != rollout.id and since > rollout.requested_at


def taken_up_again(rollout: Rollout, seen: EndpointSeen | None) -> Began | None:
    """Where a new execution goes on after the one before died; None when nothing had been changed yet.

    The known end is the way back, except where the new version already serves alone.
    """
    if rollout.is_over:
        return Began(Route.CONCLUDE)
    if rollout.phase in (Phase.REQUESTED, Phase.QUEUED) or rollout.snapshot is None:
        return None
    if rollout.phase is Phase.WATCHING:
        return _watch(rollout)
    if (
        rollout.phase is Phase.PROMOTING
        and seen is not None
        and rollout.final_config in (seen.config, seen.pending_config)
    ):
        return Began(Route.PROMOTE, "its execution died while it was being promoted")
    if rollout.outcome in (RolloutOutcome.DIVERGED, RolloutOutcome.REFUSED, RolloutOutcome.OBSERVED):
        return Began(Route.CONCLUDE, rollout.because)
    if not rollout.snapshot.config_name:
        return Began(Route.CREATE, "its execution died while the endpoint was being made")
    return Began(Route.RETURN, "its execution died")


def first_way(rollout: Rollout, rules: RolloutRules, seen: EndpointSeen | None, now: Micros) -> Began:
    """The first change, once the lock is held and the checks have passed."""
    if rollout.mode is Mode.OBSERVE:
        return _watch(rollout)
    if seen is None:
        return Began(Route.CREATE)
    if seen.status in BUSY or seen.pending_config is not None:
        return busy(rollout, f"the endpoint is {seen.status.value}", now)
    if rules.shadow is not None:
        return Began(Route.SHADOW)
    return Began(Route.GUARDED if rules.strategy is Strategy.GUARDRAILS else Route.CANDIDATE)


def busy(rollout: Rollout, reason: str, now: Micros) -> Began:
    """The wait of a rollout that has the lock, and can do nothing with it yet."""
    return Began(Route.WAIT, reason, patience_s(now - rollout.begun_at, BUSY_WAIT_S))


def _watch(rollout: Rollout) -> Began:
    steps = rollout.rules.steps if rollout.rules is not None else ()
    give_up_after_s = rollout.rules.give_up_after_s if rollout.rules is not None else 0
    return Began(Route.WATCH, waits_s=tuple(waits_s(steps[0].bake_min_s if steps else 0, give_up_after_s)))
