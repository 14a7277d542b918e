"""A look: read what happened since the step began, judge it, and either decide or wait for the next look.

The token is kept before anything is decided, so that every decision can be handed over, and only once: a look that
took long must not put its spent token over the one of the look that followed it. What a person asked for while this ran
has changed the record, and is then seen by the attempt that follows.
"""

from dataclasses import dataclass, replace

from sluice.core.rollout.naming import look_token
from sluice.core.rollout.pauses import is_to_be_reminded, pause_ends_at
from sluice.core.rollout.questions import due_reminder
from sluice.core.rollout.routing import STAY, Decision, decide, is_moved
from sluice.core.rollout.sight import Sight, alarms_gone
from sluice.errors import StaleRecord, TransientFailure
from sluice.model.codec import encode
from sluice.model.commit import Commit, Entry, Message
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, RolloutId
from sluice.model.judging import Judgement
from sluice.model.metric_query import ringing
from sluice.model.rollout import LOOKED_AT, LookRecord, Phase, Rollout, RolloutAnswer, Route, WishKind
from sluice.model.rollout_commands import ResumeRollout
from sluice.model.rollout_rules import Queueing
from sluice.ports import Alarms, Clock, Endpoints, Metrics, Records, Registry, Tokens
from sluice.usecases.messages import command, notice, rollout_card
from sluice.usecases.remembering import Known, recall, settling_races
from sluice.usecases.rollout.changing import Call, Held, held
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.pledged import pledge_broken_now
from sluice.usecases.rollout.remembered import save
from sluice.usecases.rollout.weighing import Weighed, weigh

_TOKEN_LIFE = 7 * 24 * 3600 * 1_000_000
"""Microseconds that a token is kept: a look waits for minutes, a token that nobody asks for goes by itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the machine hands over: the wait that begins, its length in seconds, and the token to end it with."""

    rollout_id: RolloutId
    attempt: int
    next_look_s: int
    task_token: str

    @property
    def call(self) -> Call:
        """Which execution looks."""
        return Call(self.rollout_id, self.attempt)


@dataclass(frozen=True, slots=True)
class Judging:
    """The ports of judge_canary."""

    records: Records
    tokens: Tokens
    endpoints: Endpoints
    metrics: Metrics
    alarms: Alarms
    registry: Registry
    clock: Clock


def judge_canary(look: Look, world: Judging) -> Decision:
    """Look once. Raises LockLost when the endpoint is another rollout's by now."""
    found = held(world.records, look.call)
    expires = Micros(world.clock.now() + _TOKEN_LIFE)
    world.tokens.put(look_token(look.rollout_id), look.task_token, expires=expires)
    try:
        return _attempt(look, found, world)
    except StaleRecord:
        return settling_races(lambda: _attempt(look, held(world.records, look.call), world))


def _attempt(look: Look, found: Held, world: Judging) -> Decision:
    rollout = found.rollout.value
    if rollout.answer is not None and not rollout.answered:
        return _handed_over_again(rollout, world)
    if rollout.phase not in LOOKED_AT:
        return STAY  # the look that followed this one has decided, and the machine has gone on
    rollout = replace(rollout, answer=None, answered=False)
    sight = _sight(rollout, found, world)
    rollout = replace(rollout, alarms_gone=sight.gone, moved=is_moved(rollout, sight.seen))
    weighed = _weighed(rollout, sight, world)
    decision = decide(rollout, weighed.judgement, sight)
    if decision.rejects:
        _reject_guarded(rollout, world)
    _record(found.rollout, _after(rollout, look, weighed, decision, world.clock.now()), decision, world)
    return decision


def _weighed(rollout: Rollout, sight: Sight, world: Judging) -> Weighed:
    """What the judge says; nothing while CloudWatch cannot be read, for silence is no verdict."""
    try:
        return weigh(rollout, world.metrics, sight)
    except TransientFailure:
        return Weighed()


def _sight(rollout: Rollout, found: Held, world: Judging) -> Sight:
    """All that is seen beside the metrics; what cannot be read now is noted as such, and the rest still counts."""
    sight = Sight(seen=world.endpoints.describe(found.endpoint.value.name), now=world.clock.now())
    team = rollout.rules.alarms if rollout.rules is not None else ()
    try:
        states = world.alarms.states(team) if team else {}
        gone = tuple(name for name in dict.fromkeys(team) if name not in states)
        sight = replace(sight, alarms=ringing(states), gone=gone)
    except TransientFailure as failure:
        sight = replace(sight, unseen=str(failure))
    try:
        broken = "" if rollout.phase is Phase.WATCHING else pledge_broken_now(rollout, world.registry)
        return replace(sight, broken_pledge=broken, superseded_by=_superseding(found, world))
    except TransientFailure as failure:
        return replace(sight, unseen=str(failure))


def _superseding(found: Held, world: Judging) -> str:
    """The version that waits for this endpoint, if its policy lets it take this one's place and it could begin."""
    waiting = found.endpoint.value.waiting
    other = recall(world.records, Rollout, waiting) if waiting is not None else None
    if other is None or other.value.is_over or other.value.rules is None:
        return ""
    if other.value.requested_at < found.rollout.value.requested_at:
        return ""  # it waits in case this one comes to nothing
    elsewhere = other.value.rules.target.endpoint.lower() != found.endpoint.value.name.lower()
    if elsewhere or other.value.rules.queueing is not Queueing.SUPERSEDE:
        return ""
    if pledge_broken_now(other.value, world.registry):
        return ""
    return f"{other.value.request.group} v{other.value.request.version}"


def _reject_guarded(rollout: Rollout, world: Judging) -> None:
    """UpdateEndpoint cannot be cancelled; the alarm on this metric makes SageMaker take it back itself."""
    if rollout.rules is not None:
        endpoint = rollout.rules.target.endpoint
        world.metrics.publish_verdict(endpoint=endpoint, rollout_id=rollout.id, rejected=True, at=world.clock.now())


def _after(rollout: Rollout, look: Look, weighed: Weighed, decision: Decision, now: Micros) -> Rollout:
    """The rollout as this look leaves it; the next step's number is set with the decision to go there."""
    judgement = weighed.judgement
    seen = _look_record(rollout, judgement, now) if judgement is not None else rollout.look
    looked = replace(
        rollout,
        looks=rollout.looks + 1,
        look=seen,
        pins=weighed.pins or rollout.pins,
        asked=decision.asked,
        next_look_at=Micros(now + look.next_look_s * 1_000_000),
    )
    if decision.outcome is not None:
        looked = replace(looked, outcome=decision.outcome)
    if decision.outcome is not None or decision.route is not None:
        looked = replace(looked, because=decision.reason)
    if decision.route is None:
        # An agreement is to what was asked; once that is asked no more, it is worth nothing.
        agreed = rollout.wish is not None and rollout.wish.kind is WishKind.ADVANCE
        return replace(looked, wish=None) if agreed and decision.asked != rollout.asked else looked
    looked = replace(looked, wish=None, asked="", answer=RolloutAnswer(decision.route, decision.reason))
    match decision.route:
        case Route.SHIFT:
            return replace(looked, phase=Phase.SHIFTING, step=rollout.step + 1)
        case Route.CANDIDATE | Route.GUARDED:
            return replace(looked, phase=Phase.PREPARING)
        case Route.PROMOTE | Route.COMPLETE:
            return replace(looked, phase=Phase.PROMOTING)
        case Route.RETURN:
            return replace(looked, phase=Phase.RETURNING, emptied=rollout.phase is Phase.SHADOW)
        case _:
            return looked


def _look_record(rollout: Rollout, judgement: Judgement, now: Micros) -> LookRecord:
    return LookRecord(
        number=rollout.looks + 1,
        at=now,
        verdict=judgement.verdict,
        sentence=f"{judgement.sentence} {alarms_gone(rollout.alarms_gone)}".strip(),
        metrics=judgement.metrics,
        minutes=judgement.minutes,
    )


def _record(known: Known[Rollout], after: Rollout, decision: Decision, world: Judging) -> None:
    now = world.clock.now()
    after, messages = _reminding(after, now)
    messages.append(rollout_card(after, now))
    if after.answer is not None:
        messages.append(command(f"{after.id}|{after.looks}", ResumeRollout(after.id)))
    decides = decision.route is not None or decision.outcome not in (None, known.value.outcome)
    entries = (_looked(after, decision),) if after.look is not known.value.look or decides else ()
    world.records.commit(Commit((save(after, known, now),), entries, tuple(messages)), at=now)


def _reminding(after: Rollout, now: Micros) -> tuple[Rollout, list[Message]]:
    """Once a pause or a question, before it ends by itself, whoever may end it is called."""
    pause = pause_ends_at(after) if is_to_be_reminded(after, now) else None
    question = due_reminder(after, now)
    if after.outcome is not None or after.answer is not None or (pause is None and question is None):
        return after, []
    from sluice.core.rollout.notices import pause_ends, question_ends  # rarely said: must not slow every cold start

    if pause is not None:
        told = notice(f"pause|{after.id}|{after.paused_at}", after.channel, pause_ends(after, pause))
    else:
        told = notice(f"question|{after.id}|{now}", after.channel, question_ends(after, question or now))
    return replace(after, reminded=True), [told]


def _looked(after: Rollout, decision: Decision) -> Entry:
    body = {
        "look": after.looks,
        "phase": after.phase.value,
        "step": after.step,
        "route": "" if decision.route is None else decision.route.value,
        "reason": decision.reason,
        "asked": decision.asked,
        "alarms_gone": list(after.alarms_gone),
        "judgement": None if after.look is None else encode(after.look),
        "kinds": {} if after.rules is None else {m.name: m.kind.value for m in after.rules.judge.metrics},
    }
    return rollout_entry(after, EntryKind.CANARY_JUDGED, str(after.looks), body)


def _handed_over_again(rollout: Rollout, world: Judging) -> Decision:
    """A look that died after its decision: the decision stands, and is handed to the new token."""
    now, answer = world.clock.now(), rollout.answer
    again = command(f"{rollout.id}|{rollout.looks}|{now}", ResumeRollout(rollout.id))
    world.records.commit(Commit(messages=(again,)), at=now)
    return Decision() if answer is None else Decision(answer.route, answer.reason)
