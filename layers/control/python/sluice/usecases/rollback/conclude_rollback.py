"""A rollback has its end: the lock is given back, the history goes on, and everybody hears of it. Once."""

from dataclasses import dataclass

from sluice.core.rollback.ending import ended, given_back, signal_of, told_of
from sluice.core.rollback.history import returned
from sluice.core.rollback.notices import PRODUCTION, ended_notice
from sluice.model.commit import Commit, Entry, Message, Save
from sluice.model.endpoint import EndpointRecord, endpoint_id
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Micros, RolloutId
from sluice.model.incident_commands import RaiseSignal
from sluice.model.package import RegistryStatus
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.production import ProductionRecord
from sluice.model.rollback import Rollback, RollbackOutcome
from sluice.ports import Clock, Records
from sluice.usecases.messages import command, domain_event, notice
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import keep, recall, settling_races
from sluice.usecases.rollback.entries import rollback_entry, way
from sluice.usecases.rollback.holding import Call, endpoint_of, rollback_of
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.serving_changed import serving_changed
from sluice.usecases.rollback.telling import news
from sluice.usecases.rollout.remembered import save_endpoint


@dataclass(frozen=True, slots=True)
class HowItEnded:
    """What the machine knows of the end.

    `held` is what the decision or the return failed with, `error` what a later step did. `retraining` is the ARN of the
    pipeline execution that was started. `registry` is what the registry says of the package, or why that is not known;
    empty where it was not asked.
    """

    held: str = ""
    error: str = ""
    retraining: str = ""
    registry: str = ""


@dataclass(frozen=True, slots=True)
class ConcludingRollback:
    """The ports of conclude_rollback; `channel` is the stack's."""

    records: Records
    default_policy: DefaultPolicy
    clock: Clock
    channel: str


def conclude_rollback(call: Call, how: HowItEnded, world: ConcludingRollback) -> RollbackOutcome | None:
    """Record the end once. None: another execution has taken over, and concludes."""
    return settling_races(lambda: _attempt(call, how, world))


def _attempt(call: Call, how: HowItEnded, world: ConcludingRollback) -> RollbackOutcome | None:
    known = rollback_of(world.records, call.rollback_id)
    if known.value.attempt != call.attempt:
        return None
    if known.value.is_over:
        return known.value.outcome
    policy = policy_held(world.records, known.value.group, world.default_policy).policy
    error = how.error or (how.registry if how.registry not in _TOLD else "")
    over = ended(known.value, mode=policy.mode, error=error, held=how.held, retraining=how.retraining)
    now = world.clock.now()
    cards = _cards(over, world, now)
    saves = (save_rollback(over, known, now), *_endpoint(over, world, now), *_production(over, world), *cards.saves)
    messages = (*_messages(over, policy, world, now), *news(over, world.records, "ended", now), *cards.messages)
    world.records.commit(Commit(saves, tuple(_entries(over, how)), messages), at=now)
    return over.outcome


_TOLD = frozenset({"", *(status.value for status in RegistryStatus)})


def _endpoint(over: Rollback, world: ConcludingRollback, now: Micros) -> tuple[Save, ...]:
    """The lock, the last known good and the hold; nothing is written where none of them changes."""
    known = endpoint_of(world.records, over)
    before = EndpointRecord(over.region, over.endpoint, over.group) if known is None else known.value
    after = given_back(before, over)
    return () if after == before else (save_endpoint(after, known, now),)


def _production(over: Rollback, world: ConcludingRollback) -> tuple[Save, ...]:
    known = recall(world.records, ProductionRecord, endpoint_id(over.region, over.endpoint))
    if known is None:
        return ()
    after = returned(known.value, over)
    return () if after == known.value else (keep(known, after, known.id),)


def _cards(over: Rollback, world: ConcludingRollback, now: Micros) -> Commit:
    """The cards of the rollouts whose versions left, and serve again."""
    if over.left is None or over.target is None or not over.returned_at:
        return Commit()
    left = serving_changed(RolloutId(over.left.rollout_id), world.records, now, replaced=True)
    again = serving_changed(RolloutId(over.target.rollout_id), world.records, now, replaced=False)
    return Commit((*left.saves, *again.saves), messages=(*left.messages, *again.messages))


def _entries(over: Rollback, how: HowItEnded) -> list[Entry]:
    outcome = "" if over.outcome is None else over.outcome.value
    body = {"outcome": outcome, "because": over.because, "verified": over.verified, "reject": over.rejects}
    entries = [rollback_entry(over, EntryKind.ROLLBACK_FINISHED, outcome, body | way(over))]
    if over.retraining:
        started = {"execution": over.retraining, "cause": over.signal.cause.value}
        entries.insert(0, rollback_entry(over, EntryKind.RETRAINING_STARTED, over.retraining, started))
    if how.registry:
        set_so = how.registry == RegistryStatus.REJECTED.value
        kind = EntryKind.REGISTRY_STATUS_SET if set_so else EntryKind.REGISTRY_STATUS_UNCHANGED
        arn = "" if over.left is None else over.left.package_arn
        facts = {"package_arn": arn, "status": how.registry, "wanted": RegistryStatus.REJECTED.value}
        entries.insert(0, rollback_entry(over, kind, "registry", facts))
    return entries


def _messages(over: Rollback, policy: PolicyInForce, world: ConcludingRollback, now: Micros) -> tuple[Message, ...]:
    event = domain_event(over.id, "RollbackFinished", told_of(over))
    if over.incident_id and over.outcome not in PRODUCTION:
        return (event,)
    told = notice(f"rollback|{over.id}", policy.channel or world.channel, ended_notice(over))
    raised = signal_of(over, now)
    return (event, told) if raised is None else (event, told, command(raised.key, RaiseSignal(raised)))
