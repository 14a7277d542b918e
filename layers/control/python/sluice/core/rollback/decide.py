"""What follows from a signal about production: back, to whom it is handed over, whom it is left to, and why. Pure.

The version that a signal is about is not always the one that serves: what was said of an earlier one takes nobody back.
"""

from dataclasses import replace

from sluice.core.rollback.situation import Decided, Situation
from sluice.core.rollback.target import Way, named, way_back
from sluice.core.rollback.ways import DAY, served_at
from sluice.model.endpoint import EndpointSeen, EndpointStatus
from sluice.model.governing import Mode
from sluice.model.production import Served
from sluice.model.rollback import Decision, RollbackOutcome
from sluice.model.rollout import RolloutOutcome
from sluice.model.signal import Cause, SignalKind

_AT_FAULT = frozenset({Cause.ERRORS, Cause.LATENCY, Cause.KPI, Cause.MODEL_QUALITY, Cause.BIAS})
"""Causes that speak against the model. Data that drifts and an endpoint that is down are not its fault."""
_DOUBTED = _AT_FAULT | {Cause.OTHER}
"""A person who takes a version back doubts it, where nothing says what else was wrong."""
_CAME_BACK = frozenset(
    {RolloutOutcome.RETURNED, RolloutOutcome.UNDECIDED, RolloutOutcome.WITHDRAWN, RolloutOutcome.FAILED}
)
"""Outcomes of a rollout after which what served before serves again: an answer that has to be given its time."""
_STATED = frozenset({SignalKind.MONITOR, SignalKind.WATCH, SignalKind.PERSON})
"""Who says what they found once, and does not take it back before they look again."""
_LOST = {
    EndpointStatus.FAILED: "is Failed: nothing helps but to delete it",
    EndpointStatus.OUT_OF_SERVICE: "is OutOfService: it takes no change",
    EndpointStatus.DELETING: "is being deleted",
}
_SOONEST_S, _LATEST_S = 30, 900
"""Seconds until the next look at an endpoint that another holds: a tenth of what was waited so far."""
_RECOVERY_POLL_S = 60


def decide(situation: Situation) -> Decided:
    """The decision at one moment; with `wait_s` it is to be asked for again."""
    early = _cleared(situation) or _awaited(situation) or _given_time(situation)
    if early is not None:
        return early
    seen = situation.seen
    if seen is None:
        return _in_mode(situation, Decided(Decision.HOLD, f"There is no endpoint {situation.endpoint.name} any more."))
    left = _serving(situation, seen)
    meant = _meant(situation, seen)
    if meant != left.config:
        reason = f"It is about {meant or 'what served before'}, but {named(left)} serves by now."
        return Decided(None, reason, outcome=RollbackOutcome.NOT_NEEDED)
    return _in_mode(situation, _answer(situation, seen, left))


def _cleared(situation: Situation) -> Decided | None:
    if not situation.automatic or (situation.raised and not situation.settled):
        return None
    if situation.settled:
        return Decided(None, "A person has resolved its incident.", outcome=RollbackOutcome.NOT_NEEDED)
    if situation.handed is not None:
        return Decided(None, f"{_ended(situation)} What was raised is cleared.", outcome=RollbackOutcome.HANDED_OVER)
    return Decided(None, "What was raised is cleared by now.", outcome=RollbackOutcome.NOT_NEEDED)


def _awaited(situation: Situation) -> Decided | None:
    """Somebody else has the endpoint: a rollout hears of it at once, and whoever it is, it is waited for."""
    holder, rollback = situation.endpoint.holder, situation.rollback
    if holder is None or holder == rollback.id:
        return None
    wait_s = _wait_s(situation)
    if not situation.held_by_rollout:
        return Decided(None, "Another rollback has the endpoint: what it brings about is waited for.", wait_s=wait_s)
    if situation.automatic and situation.mode is Mode.OBSERVE:
        reason = "A rollout is under way: it would have been told, and its end waited for."
        return Decided(Decision.RECORD, _observed(reason), outcome=RollbackOutcome.RECORDED)
    reason = "A rollout is under way on the endpoint: its judge looks at once, and its end is waited for."
    return Decided(Decision.HAND_OVER, reason, wait_s=wait_s)


def _given_time(situation: Situation) -> Decided | None:
    """A rollout that took its version back has answered the signal; whether that helps shows within the usual time."""
    handed, seen = situation.handed, situation.seen
    if handed is None or handed.outcome not in _CAME_BACK or seen is None or not situation.automatic:
        return None
    back_at = seen.modified_at
    if situation.rollback.signal.kind in _STATED and situation.last_raised <= back_at:
        reason = f"{_ended(situation)} Whether that helped shows when it is looked at again."
        return Decided(None, reason, outcome=RollbackOutcome.HANDED_OVER)
    if situation.now < back_at + situation.rules.recover_within_s * 1_000_000:
        reason = f"{_ended(situation)} What was raised is given time to clear."
        return Decided(Decision.HAND_OVER, reason, wait_s=_RECOVERY_POLL_S)
    return None


def _serving(situation: Situation, seen: EndpointSeen) -> Served:
    """What serves now, as it is remembered; others may have put it there."""
    return situation.production.serving(seen.config) or Served(seen.config, "", 0, seen.modified_at)


def _meant(situation: Situation, seen: EndpointSeen) -> str:
    """The configuration that the signal is about; empty for one that served before anything that is remembered."""
    signal, production = situation.rollback.signal, situation.production
    if signal.config:
        return signal.config
    promoted = situation.handed is not None and situation.handed.outcome is RolloutOutcome.PROMOTED
    if not situation.automatic or promoted or not production.served or production.serving(seen.config) is None:
        return seen.config
    served = served_at(production, signal.at)
    return "" if served is None else served.config


def _answer(situation: Situation, seen: EndpointSeen, left: Served) -> Decided:
    """What would be done in `enforce`, or is to be done for a person."""
    if seen.status in _LOST:
        return Decided(Decision.HOLD, f"{seen.name} {_LOST[seen.status]}.", left)
    if situation.automatic:
        forbidden = _left_to_others(situation, left) or _limited(situation, left)
        if forbidden is not None:
            return forbidden
    way = way_back(situation, left)
    if way.target is None:
        return Decided(Decision.HOLD, way.reason, left)
    return Decided(Decision.ROLL_BACK, _back(situation, left, way), left, way.target, rejects=_rejects(situation, left))


def _left_to_others(situation: Situation, left: Served) -> Decided | None:
    """A cause that takes nobody back by itself: a new model is trained, or people decide."""
    rules, cause = situation.rules, situation.rollback.signal.cause
    if cause in rules.on:
        return None
    if cause in rules.retrain_on and rules.pipeline:
        return Decided(
            Decision.RETRAIN, f"By the policy {_word(cause)} is answered by pipeline {rules.pipeline}.", left
        )
    target = way_back(situation, left).target
    reason = f"The policy takes no version back for {_word(cause)} by itself: people decide."
    return Decided(Decision.ASK, reason, left, target, outcome=RollbackOutcome.ASKED)


def _limited(situation: Situation, left: Served) -> Decided | None:
    """What automation may not do again so soon, or at all before a person has been there."""
    rules, now, hold = situation.rules, situation.now, situation.endpoint.hold
    if hold:
        return Decided(Decision.HOLD, f"The endpoint is on hold already: {hold}", left)
    recent = [at for at in situation.production.returns if at > now - DAY]
    if recent and now - max(recent) < rules.cool_down_s * 1_000_000:
        minutes = rules.cool_down_s // 60
        return Decided(Decision.HOLD, f"It was taken back less than {minutes} minutes ago already.", left)
    if len(recent) >= rules.at_most:
        often = f"It was taken back {len(recent)} times within 24 hours, and the policy allows {rules.at_most}."
        return Decided(Decision.HOLD, often if recent else "The policy takes nobody back by itself.", left)
    return None


def _in_mode(situation: Situation, found: Decided) -> Decided:
    """`recommend` asks and `observe` records; a person's word is done in every mode."""
    mode = situation.mode
    if situation.automatic and mode is Mode.OBSERVE:
        reason = _observed(f"{_would(found)}{found.reason}")
        return replace(found, decision=Decision.RECORD, reason=reason, outcome=RollbackOutcome.RECORDED)
    if situation.automatic and mode is Mode.RECOMMEND:
        told = "" if found.decision is Decision.ASK else _would(found)
        reason = f"Mode recommend: people decide. {told}{found.reason}"
        return replace(found, decision=Decision.ASK, reason=reason, outcome=RollbackOutcome.ASKED)
    return replace(found, outcome=RollbackOutcome.HELD) if found.decision is Decision.HOLD else found


def _rejects(situation: Situation, left: Served) -> bool:
    at_fault = _AT_FAULT if situation.automatic else _DOUBTED
    return bool(left.package_arn) and situation.rollback.signal.cause in at_fault


def _back(situation: Situation, left: Served, way: Way) -> str:
    signal, demand = situation.rollback.signal, situation.rollback.demand
    why = f"{signal.source}: {signal.summary}" if demand is None else f"{demand.name or demand.person}: {demand.reason}"
    target = named(way.target) if way.target is not None else "nothing"
    return f"{named(left)} goes, {target} serves again. {why[:800].rstrip('. ')}."


def _ended(situation: Situation) -> str:
    outcome = situation.handed.outcome if situation.handed is not None else None
    return f"The rollout ended as {outcome.value if outcome is not None else 'unknown'}."


def _wait_s(situation: Situation) -> int:
    waited_s = (situation.now - situation.rollback.requested_at) // 1_000_000
    return max(_SOONEST_S, min(_LATEST_S, waited_s // 10))


def _observed(told: str) -> str:
    return f"Mode observe: nothing was changed. {told}"


def _word(cause: Cause) -> str:
    return cause.value.replace("_", " ")


def _would(found: Decided) -> str:
    return "" if found.decision is None else _WOULD[found.decision]


_WOULD = {
    Decision.ROLL_BACK: "It would be taken back. ",
    Decision.HAND_OVER: "It would be handed over. ",
    Decision.RETRAIN: "A new model would be trained. ",
    Decision.ASK: "People would be asked. ",
    Decision.RECORD: "",
    Decision.HOLD: "It would be held. ",
}
