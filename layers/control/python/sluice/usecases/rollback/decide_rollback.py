"""What follows from a signal is decided on everything that is known now; with a return the endpoint's lock is taken.

The decision is written over the endpoint's record as it was read: nobody else can have taken the endpoint meanwhile.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.rollback.decide import decide
from sluice.core.rollback.situation import Decided, Situation
from sluice.core.rollback.ways import ways_back
from sluice.model.commit import Commit, Entry, Message, Save
from sluice.model.endpoint import EndpointRecord, EndpointSeen
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH, Micros, PackageArn, RolloutId
from sluice.model.package import ModelPackage
from sluice.model.production import ProductionRecord, Served
from sluice.model.rollback import Decision, Rollback, RollbackPhase
from sluice.model.rollout import Rollout
from sluice.model.rollout_commands import WakeRollout
from sluice.ports import Alarms, Clock, Endpoints, Records, Registry
from sluice.usecases.messages import command
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, recall, settling_races
from sluice.usecases.rollback.entries import rollback_entry, way
from sluice.usecases.rollback.holding import Call, endpoint_of, present
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.source import sound_of
from sluice.usecases.rollback.telling import news
from sluice.usecases.rollout.remembered import save_endpoint


class Route(StrEnum):
    """The one field that the machine's choice compares."""

    WAIT = "wait"
    TAKE_BACK = "take_back"
    RETRAIN = "retrain"
    CONCLUDE = "conclude"


@dataclass(frozen=True, slots=True)
class Next:
    """Which way the machine goes: after `wait_s` it asks again; `pipeline` is the one to start."""

    route: Route
    reason: str = ""
    wait_s: int = 0
    pipeline: str = ""


@dataclass(frozen=True, slots=True)
class DecidingRollback:
    """The ports of decide_rollback."""

    records: Records
    endpoints: Endpoints
    registry: Registry
    alarms: Alarms
    default_policy: DefaultPolicy
    clock: Clock


@dataclass(frozen=True, slots=True)
class _Case:
    """A rollback with its endpoint, and the situation that is made of them."""

    rollback: Known[Rollback]
    endpoint: Known[EndpointRecord] | None
    situation: Situation


def decide_rollback(call: Call, world: DecidingRollback) -> Next:
    """Decide, and record it; called again while it has to wait. Raises LockLost for an execution that was replaced."""
    return settling_races(lambda: _attempt(call, world))


def _attempt(call: Call, world: DecidingRollback) -> Next:
    known = present(world.records, call)
    endpoint = endpoint_of(world.records, known.value)
    if known.value.is_over or known.value.outcome is not None:
        return Next(Route.CONCLUDE, known.value.because)
    if known.value.fence and endpoint is not None and endpoint.value.holder == known.id:
        return Next(Route.TAKE_BACK, known.value.because)
    case = _Case(known, endpoint, _situation(known.value, endpoint, world))
    decided = decide(case.situation)
    _record(case, decided, world)
    return _next(case.situation, decided)


def _next(situation: Situation, decided: Decided) -> Next:
    if decided.wait_s:
        return Next(Route.WAIT, decided.reason, decided.wait_s)
    if decided.outcome is not None:
        return Next(Route.CONCLUDE, decided.reason)
    if decided.decision is Decision.RETRAIN:
        return Next(Route.RETRAIN, decided.reason, pipeline=situation.rules.pipeline)
    return Next(Route.TAKE_BACK, decided.reason)


def _situation(rollback: Rollback, endpoint: Known[EndpointRecord] | None, world: DecidingRollback) -> Situation:
    policy = policy_held(world.records, rollback.group, world.default_policy).policy
    record = EndpointRecord(rollback.region, rollback.endpoint, rollback.group) if endpoint is None else endpoint.value
    history = recall(world.records, ProductionRecord, record.id)
    production = ProductionRecord(rollback.region, rollback.endpoint, rollback.group)
    production = production if history is None else history.value
    seen, sound = world.endpoints.describe(rollback.endpoint), sound_of(rollback, world.records, world.alarms)
    handed = recall(world.records, Rollout, rollback.handed_to) if rollback.handed_to else None
    return Situation(
        rollback=rollback,
        mode=policy.mode,
        rules=policy.response.rollback,
        production=production,
        endpoint=record,
        seen=seen,
        now=world.clock.now(),
        raised=sound.raised,
        raised_at=sound.raised_at,
        settled=sound.settled,
        packages=_packages(production, seen, world.registry),
        held_by_rollout=record.holder is not None and recall(world.records, Rollout, record.holder) is not None,
        handed=None if handed is None else handed.value,
    )


def _packages(
    production: ProductionRecord, seen: EndpointSeen | None, registry: Registry
) -> dict[str, ModelPackage | None]:
    """The packages of the ways back as they are now: what has not served here is not asked for."""
    left = Served("" if seen is None else seen.config, "", 0, EPOCH)
    arns = {each.package_arn for each in ways_back(production, left) if each.package_arn and not each.rejected}
    return {arn: registry.describe(PackageArn.parse(arn)) for arn in sorted(arns)}


def _record(case: _Case, decided: Decided, world: DecidingRollback) -> None:
    """Once for each decision: a wait that is only asked about again changes nothing."""
    known, situation, now = case.rollback, case.situation, case.situation.now
    after = _after(known.value, situation, decided)
    if decided.wait_s and after == replace(known.value, decided_at=after.decided_at):
        return
    saves: tuple[Save, ...] = ()
    entries: tuple[Entry, ...] = ()
    if decided.decision is Decision.ROLL_BACK:
        fence = situation.endpoint.fence + 1
        after = replace(after, fence=fence)
        saves = (_locked(case, fence),)
        entries = (rollback_entry(after, EntryKind.ENDPOINT_LOCKED, str(fence), {}),)
    messages = (*_handed(after, known.value, now), *news(after, world.records, f"decided|{now}", now))
    commit = Commit((save_rollback(after, known, now), *saves), (_entry(after, decided), *entries), messages)
    world.records.commit(commit, at=now)


def _locked(case: _Case, fence: int) -> Save:
    """The endpoint is this rollback's; the fence rises, so that whoever held it before is shut out.

    Nothing that is asked for later comes too late after it, so it has no moment of its own in the queue.
    """
    holder = case.situation.rollback.id
    locked = replace(case.situation.endpoint, fence=fence, holder=holder, holder_since=EPOCH, intent=None)
    return save_endpoint(locked, case.endpoint, case.situation.now)


def _after(rollback: Rollback, situation: Situation, decided: Decided) -> Rollback:
    """The rollback as it is after the decision."""
    waits = RollbackPhase.WAITING if decided.wait_s else rollback.phase
    holder, handed = situation.endpoint.holder, rollback.handed_to
    if decided.decision is Decision.HAND_OVER and situation.held_by_rollout and holder is not None:
        handed = RolloutId(holder)
    return replace(
        rollback,
        phase=RollbackPhase.RETURNING if decided.decision is Decision.ROLL_BACK else waits,
        decision=decided.decision,
        because=decided.reason,
        mode=situation.mode,
        handed_to=handed,
        left=decided.left,
        target=decided.target,
        rejects=decided.rejects,
        recover_within_s=situation.rules.recover_within_s,
        decided_at=situation.now,
        outcome=decided.outcome,
    )


def _entry(rollback: Rollback, decided: Decided) -> Entry:
    decision = "" if decided.decision is None else decided.decision.value
    outcome = "" if decided.outcome is None else decided.outcome.value
    body = {"decision": decision, "because": decided.reason, "outcome": outcome, "source": rollback.signal.source}
    key = f"{decision}|{outcome}|{rollback.handed_to or ''}"
    return rollback_entry(rollback, EntryKind.ROLLBACK_DECIDED, key, body | way(rollback))


def _handed(after: Rollback, before: Rollback, now: Micros) -> tuple[Message, ...]:
    """The rollout under way hears of it once."""
    if after.handed_to is None or after.handed_to == before.handed_to:
        return ()
    reason = f"{after.signal.source} was raised: {after.signal.summary}"
    return (command(f"{after.handed_to}|{after.id}|{now}", WakeRollout(after.handed_to, reason)),)
