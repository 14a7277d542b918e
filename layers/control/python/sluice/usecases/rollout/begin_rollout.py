"""A rollout begins: the endpoint's lock, the snapshot of what serves, the pre-flight, the plan."""

from dataclasses import dataclass, replace

from sluice.core.rollout.begin import Began, busy, first_way, frozen, is_later, taken_up_again, turn
from sluice.core.rollout.configs import production_variant
from sluice.core.rollout.planned import names_of
from sluice.core.rollout.preflight import Facts, Quota, blocking, instances_needed, preflight
from sluice.errors import TransientFailure
from sluice.model.commit import Commit, Entry, Save
from sluice.model.endpoint import EndpointRecord, EndpointSeen, LastKnownGood, ModelSeen
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH, Micros, PackageArn, RolloutId
from sluice.model.rollout import Phase, Rollout, RolloutOutcome, Route, Snapshot
from sluice.model.rollout_rules import RolloutRules
from sluice.ports import Alarms, Clock, Endpoints, Quotas, Records, Registry, Scaling
from sluice.usecases.incident.freeze import frozen_by
from sluice.usecases.messages import rollout_card
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, keep, recall, settling_races
from sluice.usecases.rollout.alarm_watch import watched
from sluice.usecases.rollout.allowing import asked_back
from sluice.usecases.rollout.changing import Call, Held, endpoint_of, held, present
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.pledged import pledge_broken_now
from sluice.usecases.rollout.remembered import save


@dataclass(frozen=True, slots=True)
class Beginning:
    """The ports of begin_rollout."""

    records: Records
    endpoints: Endpoints
    scaling: Scaling
    quotas: Quotas
    alarms: Alarms
    registry: Registry
    default_policy: DefaultPolicy
    clock: Clock
    channel: str


def begin_rollout(rollout_id: RolloutId, attempt: int, world: Beginning) -> Began:
    """Say which way to go; called again while it has to wait.

    `attempt` is the number of the execution that asks. Raises LockLost for one that was thought dead and replaced.
    """
    try:
        return settling_races(lambda: _attempt(rollout_id, attempt, world))
    except TransientFailure as failure:
        return _unanswered(Call(rollout_id, attempt), failure, world)


def _attempt(rollout_id: RolloutId, attempt: int, world: Beginning) -> Began:
    known = present(world.records, Call(rollout_id, attempt))
    if known.value.is_over:
        return Began(Route.CONCLUDE)
    ruled = _ruled(known, world)
    rules = ruled.value.rules
    if rules is None:
        return _ended(ruled, Began(Route.CONCLUDE, "The policy has no rollout.", outcome=RolloutOutcome.REFUSED), world)
    endpoint = endpoint_of(world.records, ruled.value)
    endpoint = _without_lost(endpoint, ruled.value, world)
    record, now = _record_of(endpoint, ruled.value, rules), world.clock.now()
    freeze = frozen_by(world.records, ruled.value.request.group)
    blocked = turn(ruled.value, record, rules, now) or frozen(ruled.value, record, freeze, rules, now)
    if blocked is not None:
        return _queued(ruled, endpoint, rules, blocked, world)
    locked = _locked(ruled, endpoint, rules, world)
    seen = world.endpoints.describe(rules.target.endpoint)
    if locked.rollout.value.planned_by == attempt:
        return first_way(locked.rollout.value, rules, seen, world.clock.now())
    again = taken_up_again(locked.rollout.value, seen)
    return again if again is not None else _planned(locked, rules, seen, world)


def _unanswered(call: Call, failure: TransientFailure, world: Beginning) -> Began:
    """An AWS that does not answer is waited for while nothing of the version is there, though not for ever.

    Where something may be there already, the way back asks for as long as it takes.
    """
    rollout = present(world.records, call).value
    if rollout.rules is None or rollout.snapshot is not None:
        raise failure
    now = world.clock.now()
    if now - rollout.begun_at > rollout.rules.give_up_after_s * 1_000_000:
        raise failure
    return busy(rollout, f"AWS does not answer now: {failure}", now)


def _ruled(known: Known[Rollout], world: Beginning) -> Known[Rollout]:
    """The rollout with the rules of the policy in force now; once it has the lock they stay as they are."""
    rollout = known.value
    if rollout.fence:
        return known
    policy = policy_held(world.records, rollout.request.group, world.default_policy).policy
    channel = policy.channel or world.channel
    ruled = replace(rollout, rules=policy.rollout, mode=policy.mode, tier=policy.tier, channel=channel)
    return replace(known, value=ruled)


def _record_of(endpoint: Known[EndpointRecord] | None, rollout: Rollout, rules: RolloutRules) -> EndpointRecord:
    if endpoint is not None:
        return endpoint.value
    return EndpointRecord(rollout.request.region, rules.target.endpoint, rollout.request.group)


def _without_lost(
    endpoint: Known[EndpointRecord] | None, rollout: Rollout, world: Beginning
) -> Known[EndpointRecord] | None:
    """The endpoint, where a later release that waits but could not begin any more is in nobody's way."""
    if endpoint is None or not is_later(endpoint.value.waiting, endpoint.value.waiting_since, rollout):
        return endpoint
    other = recall(world.records, Rollout, endpoint.value.waiting or "")
    if other is not None and not other.value.is_over and _could_begin(other.value, world):
        return endpoint
    return replace(endpoint, value=replace(endpoint.value, waiting=None, waiting_since=EPOCH))


def _could_begin(rollout: Rollout, world: Beginning) -> bool:
    try:
        return not pledge_broken_now(rollout, world.registry)
    except TransientFailure:
        return True  # nobody loses a place because the registry does not answer


def _queued(
    known: Known[Rollout],
    endpoint: Known[EndpointRecord] | None,
    rules: RolloutRules,
    blocked: Began,
    world: Beginning,
) -> Began:
    """Not yet, or not at all: noted, with the place in the queue."""
    if blocked.outcome is not None:
        return _ended(known, blocked, world)
    now = world.clock.now()
    record = _record_of(endpoint, known.value, rules)
    waits = replace(known.value, phase=Phase.QUEUED, because=blocked.reason)
    saves: list[Save] = [save(waits, known, now)]
    if record.waiting != waits.id and not is_later(record.waiting, record.waiting_since, waits):
        queued = replace(record, waiting=waits.id, waiting_since=waits.requested_at)
        saves.append(keep(endpoint, queued, record.id))
    messages = () if known.value.phase is Phase.QUEUED else (rollout_card(waits, now),)
    world.records.commit(Commit(tuple(saves), messages=messages), at=now)
    return blocked


def _locked(
    known: Known[Rollout], endpoint: Known[EndpointRecord] | None, rules: RolloutRules, world: Beginning
) -> Held:
    """Take the lock, or find that it is already ours; the fence rises, so that whoever held it before is shut out."""
    record, rollout, now = _record_of(endpoint, known.value, rules), known.value, world.clock.now()
    if record.is_locked_by(rollout.id, rollout.fence):
        return held(world.records, Call(rollout.id, rollout.attempt))
    taken = replace(
        record,
        group=rollout.request.group,
        fence=record.fence + 1,
        holder=rollout.id,
        holder_since=rollout.requested_at,
        intent=None,
    )
    if record.waiting == rollout.id or record.waiting_since <= rollout.requested_at:
        taken = replace(taken, waiting=None, waiting_since=EPOCH)
    holds = replace(rollout, fence=taken.fence, begun_at=rollout.begun_at or now, because="")
    if holds.phase in (Phase.REQUESTED, Phase.QUEUED):
        holds = replace(holds, phase=Phase.PREPARING)
    entry = rollout_entry(holds, EntryKind.ENDPOINT_LOCKED, str(taken.fence), {"fence": taken.fence})
    saves = (keep(endpoint, taken, record.id), save(holds, known, now))
    world.records.commit(Commit(saves, (entry,), (rollout_card(holds, now),)), at=now)
    return held(world.records, Call(rollout.id, rollout.attempt))


def _planned(locked: Held, rules: RolloutRules, seen: EndpointSeen | None, world: Beginning) -> Began:
    """Snapshot, checks and names; refused with every failed check, or on its way."""
    rollout, now = locked.rollout.value, world.clock.now()
    back = asked_back(rollout, deployed=False)
    if back is not None:
        return _ended(locked.rollout, Began(Route.CONCLUDE, back.reason, outcome=back.outcome), world)
    way = first_way(rollout, rules, seen, now)
    if way.route is Route.WAIT:
        return _awaited(locked, rules, way, world)
    snapshot = _snapshot(locked, rules, seen, world, now)
    checks = preflight(_facts(rollout, rules, seen, snapshot, world))
    entry = rollout_entry(
        rollout, EntryKind.PREFLIGHT_CHECKED, str(now), {c.name: [c.status.value, c.sentence] for c in checks}
    )
    failed = blocking(checks)
    if failed:
        refusal = "\n".join(check.sentence for check in failed)
        refused = Began(Route.CONCLUDE, refusal, outcome=RolloutOutcome.REFUSED)
        return _ended(locked.rollout, refused, world, checks=(entry,))
    names = names_of(rules.target.endpoint, rollout.request.version, rollout.fence)
    planned = replace(
        rollout,
        snapshot=snapshot,
        planned_by=rollout.attempt,
        model=names.model,
        shadow_config=names.shadow if rules.shadow is not None else "",
        candidate_config=names.candidate,
        final_config=names.final,
        phase=Phase.WATCHING if way.route is Route.WATCH else Phase.PREPARING,
        phase_since=seen.modified_at if way.route is Route.WATCH and seen is not None else now,
    )
    good = locked.endpoint.value.good or snapshot.good
    saves = (
        save(planned, locked.rollout, now),
        keep(locked.endpoint, replace(locked.endpoint.value, good=good), locked.endpoint.id),
        *watched(planned, world.records),
    )
    world.records.commit(Commit(saves, (entry,), (rollout_card(planned, now),)), at=now)
    return way


def _awaited(locked: Held, rules: RolloutRules, way: Began, world: Beginning) -> Began:
    """An endpoint that others change is waited for, though not for ever."""
    if world.clock.now() - locked.rollout.value.begun_at <= rules.give_up_after_s * 1_000_000:
        return way
    refused = Began(Route.CONCLUDE, f"It was waited for in vain: {way.reason}.", outcome=RolloutOutcome.REFUSED)
    return _ended(locked.rollout, refused, world)


def _snapshot(locked: Held, rules: RolloutRules, seen: EndpointSeen | None, world: Beginning, now: Micros) -> Snapshot:
    if seen is None:
        return Snapshot(None)
    config = world.endpoints.config(seen.config)
    variant = seen.variant(rules.target.variant)
    good = LastKnownGood(seen.config, "", 0, now)
    return Snapshot(
        config=config,
        instances=0 if variant is None else variant.desired_instances,
        scaling=world.scaling.of_variant(rules.target.endpoint, rules.target.variant),
        good=locked.endpoint.value.good or good,
    )


def _facts(
    rollout: Rollout, rules: RolloutRules, seen: EndpointSeen | None, snapshot: Snapshot, world: Beginning
) -> Facts:
    package = world.registry.describe(PackageArn.parse(rollout.request.package_arn))
    types = instances_needed(rules, snapshot.config, snapshot.instances)
    model = _serving_model(rules, snapshot, world)
    quotas = {t: Quota(world.quotas.endpoint_instances(t), world.quotas.instances_in_use(t)) for t in types}
    return Facts(
        package=package,
        rollout=rollout,
        rules=rules,
        seen=seen,
        snapshot=snapshot,
        quotas=quotas,
        settings=None if model is None else model.settings,
        several_models=model is not None and model.several,
        alarms=world.alarms.states(rules.alarms) if rules.alarms else {},
    )


def _serving_model(rules: RolloutRules, snapshot: Snapshot, world: Beginning) -> ModelSeen | None:
    """The model that serves, without settings where it is gone; None where there is none to be read."""
    variant = None if snapshot.config is None else production_variant(snapshot.config, rules.target.variant)
    name = (variant or {}).get("ModelName")
    return None if name is None else world.endpoints.model(name) or ModelSeen({})


def _ended(known: Known[Rollout], began: Began, world: Beginning, *, checks: tuple[Entry, ...] = ()) -> Began:
    """Decide the end here, with its reason; concluding it is the machine's next state."""
    now = world.clock.now()
    over = replace(known.value, outcome=began.outcome, because=began.reason)
    world.records.commit(Commit((save(over, known, now),), checks), at=now)
    return began
