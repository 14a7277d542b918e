"""A rollout has its end: give the lock back or hold the endpoint, answer the release, tell everybody."""

from dataclasses import dataclass, replace

from sluice.core.rollout.ending import outcome_of
from sluice.core.rollout.leftovers import by_hand, made_of
from sluice.core.rollout.notices import ended_notice
from sluice.core.rollout.sweeping import sweep_is_over
from sluice.errors import PermanentFailure, TransientFailure
from sluice.model.commit import Commit, Message, Save
from sluice.model.endpoint import EndpointRecord, LastKnownGood
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import EPOCH, Micros
from sluice.model.rollout import Phase, Rollout, RolloutOutcome
from sluice.ports import Alarms, Clock, Endpoints, Records
from sluice.usecases.messages import domain_event, notice, rollout_card
from sluice.usecases.remembering import Known, settling_races
from sluice.usecases.rollback.promotion import promotion
from sluice.usecases.rollout.alarm_watch import unwatched
from sluice.usecases.rollout.changing import Call, endpoint_of, rollout_of
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.remembered import save, save_endpoint
from sluice.usecases.rollout.saying import said_of_end


@dataclass(frozen=True, slots=True)
class ConcludingRollout:
    """The ports of conclude_rollout."""

    records: Records
    endpoints: Endpoints
    alarms: Alarms
    clock: Clock


def conclude_rollout(call: Call, world: ConcludingRollout, *, held: str = "") -> RolloutOutcome | None:
    """Record the end once; `held` is why the return failed. None: another execution has taken over, and concludes."""
    return settling_races(lambda: _attempt(call, world, held))


def _attempt(call: Call, world: ConcludingRollout, held: str) -> RolloutOutcome | None:
    known, rollout_id = rollout_of(world.records, call.rollout_id), call.rollout_id
    if known.value.attempt != call.attempt:
        return None
    if known.value.is_over and known.value.outcome is not None:
        return _swept(known, known.value.outcome, world)
    outcome, because = outcome_of(known.value, error=call.error, held=held)
    leftovers, left = _left_behind(replace(known.value, outcome=outcome), world)
    because = f"{because} {left}".strip()
    now = world.clock.now()
    # Nobody waits for what was only observed: no release asked for it.
    told = outcome is RolloutOutcome.OBSERVED
    ended = replace(known.value, phase=Phase.DONE, outcome=outcome, because=because, asked="", wish=None, told=told)
    rejects = known.value.is_faulty or ended.is_faulty
    ended = replace(ended, leftovers=leftovers, ended_at=now, rejects=rejects)
    saves: list[Save] = [save(ended, known, now), *unwatched(ended, world.records)]
    endpoint = endpoint_of(world.records, known.value)
    if endpoint is not None and rollout_id in (endpoint.value.holder, endpoint.value.waiting):
        saves.append(save_endpoint(_given_back(endpoint.value, ended, now), endpoint, now))
    messages = _messages(ended, world.records, now)
    if outcome is RolloutOutcome.PROMOTED:
        serves = promotion(ended, world.records, world.endpoints, now)
        saves, messages = [*saves, *serves.saves], [*messages, *serves.messages]
    body = {"outcome": outcome.value, "because": because, "error": call.error[:2000], "config": ended.final_config}
    entry = rollout_entry(ended, EntryKind.ROLLOUT_FINISHED, _end_of_try(ended), body)
    world.records.commit(Commit(tuple(saves), (entry,), tuple(messages)), at=now)
    return outcome


def finished(rollout: Rollout) -> Message:
    """The event that answers whoever asked for the rollout; it can be sent again."""
    request, outcome = rollout.request, rollout.outcome or RolloutOutcome.FAILED
    detail: dict[str, object] = {
        "rollout_id": request.rollout_id,
        "release_id": request.release_id,
        "package_arn": request.package_arn,
        "group": request.group,
        "version": request.version,
        "generation": request.generation,
        "region": request.region,
        "endpoint": rollout.endpoint,
        "outcome": outcome.value,
        "because": rollout.because,
        "reject": rollout.is_faulty,
    }
    return domain_event(f"{request.rollout_id}|{_end_of_try(rollout)}", "RolloutFinished", detail)


def _end_of_try(rollout: Rollout) -> str:
    """What tells this end from that of an earlier try."""
    outcome = (rollout.outcome or RolloutOutcome.FAILED).value
    return f"{outcome}|{rollout.tries}" if rollout.tries else outcome


def _given_back(endpoint: EndpointRecord, ended: Rollout, now: Micros) -> EndpointRecord:
    if endpoint.waiting == ended.id:
        endpoint = replace(endpoint, waiting=None, waiting_since=EPOCH)
    if endpoint.holder != ended.id:
        return endpoint
    free = replace(endpoint, holder=None, intent=None)
    if ended.outcome is RolloutOutcome.HELD:
        return replace(free, hold=f"{ended.id}: {ended.because}")
    if ended.outcome is RolloutOutcome.PROMOTED:
        request = ended.request
        good = LastKnownGood(ended.final_config, request.package_arn, request.version, now, ended.requested_at)
        return replace(free, good=good)
    return free


def _swept(known: Known[Rollout], outcome: RolloutOutcome, world: ConcludingRollout) -> RolloutOutcome:
    """What could not be deleted at the end is deleted now, or for a week as often as reconcile comes here."""
    if not known.value.leftovers:
        return outcome
    leftovers, left = _left_behind(known.value, world)
    now = world.clock.now()
    if leftovers and not sweep_is_over(known.value, now):
        return outcome
    if leftovers:
        left = by_hand(known.value, "AWS could not be reached for it in a week.")
    swept = replace(known.value, leftovers=False, because=f"{known.value.because} {left}".strip())
    kept = rollout_entry(swept, EntryKind.LEFTOVERS_KEPT, _end_of_try(swept), {"because": left})
    saves, messages = (save(swept, known, now),), (rollout_card(swept, now),)
    world.records.commit(Commit(saves, (kept,) if left else (), messages), at=now)
    return outcome


def _left_behind(rollout: Rollout, world: ConcludingRollout) -> tuple[bool, str]:
    """Whether something is left to be deleted later, and what will have to be by hand, in words.

    The end, the lock and the release do not wait for an AWS that cannot be reached, nor for one that forbids it.
    """
    try:
        _clear_away(rollout, world)
    except TransientFailure:
        return True, ""
    except PermanentFailure as failure:
        return False, by_hand(rollout, f"{failure}.")
    return False, ""


def _clear_away(rollout: Rollout, world: ConcludingRollout) -> None:
    alarms, configs = made_of(rollout)
    if alarms:
        world.alarms.delete(alarms)
    for config in configs:
        world.endpoints.delete_config(config)


def _messages(ended: Rollout, records: Records, now: Micros) -> list[Message]:
    messages = [finished(ended), rollout_card(ended, now)]
    drawn = ended_notice(ended)
    if drawn is not None:
        messages.append(notice(f"rollout|{ended.id}|{_end_of_try(ended)}", ended.channel, drawn))
    return [*messages, *said_of_end(ended, records, now)]
