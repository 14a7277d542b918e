"""A signal is taken: it opens an incident of its endpoint, joins it, brings it back or clears it, in one commit."""

from dataclasses import dataclass, replace
from typing import assert_never

from sluice.core.incident.answering import wanted, with_answer
from sluice.core.incident.bounds import bounded
from sluice.core.incident.grouping import Action, Grouped, grouped
from sluice.core.incident.growth import Setting, joined, opened, reopened, silenced
from sluice.core.rollback.requesting import new_rollback
from sluice.model.commit import Commit, Save
from sluice.model.endpoint import endpoint_id
from sluice.model.ids import IncidentId, Micros
from sluice.model.incident import EndpointIncidents, Incident
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.rollback import Rollback
from sluice.model.signal import Signal
from sluice.ports import Clock, Executions, Records
from sluice.usecases.incident.changed import last_change
from sluice.usecases.incident.freeze import with_freeze
from sluice.usecases.incident.remembered import OfEndpoint, incidents_of, save_incident
from sluice.usecases.incident.starting import start_incident
from sluice.usecases.incident.telling import Step, entries_of, is_news, messages_of
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, keep, recall, settling_races
from sluice.usecases.rollback.remembered import save_rollback
from sluice.usecases.rollback.starting import start_rollback

_SURE = 15 * 60 * 1_000_000
"""Microseconds for which a signal that comes again starts what died before it was started; reconcile is later."""


@dataclass(frozen=True, slots=True)
class TakingSignals:
    """What taking a signal works with. `region` is our own, `channel` the stack's, for groups without one."""

    records: Records
    incidents: Executions
    rollbacks: Executions
    default_policy: DefaultPolicy
    clock: Clock
    region: str
    channel: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a signal, in which incident, and why."""

    action: Action
    incident_id: IncidentId | None
    reason: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What was decided, and the executions that have to run then."""

    taken: Taken
    incident: Incident | None = None
    rollback: Rollback | None = None


@dataclass(frozen=True, slots=True)
class _Case:
    """A signal with everything that was read for it. `last` is the newest answer to the incident's signals."""

    signal: Signal
    grouped: Grouped
    of: OfEndpoint
    policy: PolicyInForce
    last: Rollback | None
    now: Micros

    @property
    def before(self) -> Known[Incident] | None:
        """The incident that the signal belongs to; None where it opens one."""
        return None if self.grouped.action is Action.OPEN else self.of.newest

    @property
    def answering(self) -> bool:
        """Whether an answer is under way."""
        return self.last is not None and not self.last.is_over


def take_signal(signal: Signal, world: TakingSignals) -> Taken:
    """Take a signal once; told again it changes nothing, and only starts what was recorded but may not run."""
    if signal.region != world.region:
        return Taken(Action.IGNORE, None, f"it is about {signal.region}, where another Sluice takes it")
    short = bounded(signal, world.clock.now())
    outcome = settling_races(lambda: _attempt(short, world))
    if outcome.incident is not None:
        start_incident(outcome.incident, world.incidents)
    if outcome.rollback is not None:
        start_rollback(outcome.rollback, world.rollbacks)
    return outcome.taken


def _attempt(signal: Signal, world: TakingSignals) -> _Outcome:
    case = _case(signal, world)
    match case.grouped.action:
        case Action.IGNORE:
            return _Outcome(_taken(case, case.of.newest))
        case Action.DUPLICATE:
            return _told_again(case)
        case Action.OPEN | Action.JOIN | Action.REOPEN | Action.CLEAR:
            return _recorded(case, world)
        case _ as never:
            assert_never(never)


def _case(signal: Signal, world: TakingSignals) -> _Case:
    of = incidents_of(world.records, signal.region, signal.endpoint)
    newest = None if of.newest is None else of.newest.value
    policy = policy_held(world.records, signal.group, world.default_policy).policy
    found = grouped(signal, newest, policy.response.paging)
    last = None
    if newest is not None and newest.rollback is not None and found.action not in (Action.OPEN, Action.IGNORE):
        known = recall(world.records, Rollback, newest.rollback)
        last = None if known is None else known.value
    return _Case(signal, found, of, policy, last, world.clock.now())


def _told_again(case: _Case) -> _Outcome:
    """What died between its record and its start is started, as long as that can be; nothing is written."""
    known = case.of.newest
    taken = _taken(case, known)
    if known is None or known.value.is_over or case.now - max(known.value.opened_at, known.value.last_at) > _SURE:
        return _Outcome(taken)
    asked = case.answering and case.last is not None and case.last.signal.key == case.signal.key
    return _Outcome(taken, known.value, case.last if asked else None)


def _recorded(case: _Case, world: TakingSignals) -> _Outcome:
    after, rollback = _answered(_after(case, world), case)
    before = None if case.before is None else case.before.value
    if before is not None and _wakes(case, before, after):
        after = replace(after, told=False)
    step = Step(case.signal, case.grouped.action, before, after, rollback)
    saves = (
        save_incident(after, case.before, case.now),
        *(() if before is not None else (_indexed(after, case.of),)),
        *(() if rollback is None else (save_rollback(rollback, None, case.now),)),
        *(with_freeze(after, world.records) if _may_freeze(case, after) else ()),
    )
    world.records.commit(Commit(saves, entries_of(step), messages_of(step, case.now)), at=case.now)
    begins = case.grouped.action in (Action.OPEN, Action.REOPEN)
    return _Outcome(_taken(case, after), after if begins else None, rollback)


def _after(case: _Case, world: TakingSignals) -> Incident:
    signal, now = case.signal, case.now
    if case.before is None:
        return opened(signal, case.of.number + 1, _setting(case, world), now)
    incident = case.before.value
    if case.grouped.action is Action.REOPEN:
        return reopened(incident, signal, _setting(case, world), now)
    return joined(incident, signal, now) if signal.raised else silenced(incident, signal, now)


def _setting(case: _Case, world: TakingSignals) -> Setting:
    policy = case.policy
    return Setting(
        tier=policy.tier,
        mode=policy.mode,
        team=policy.team,
        channel=policy.channel or world.channel,
        paging=policy.response.paging,
        changed=last_change(world.records, case.signal.region, case.signal.endpoint),
    )


def _answered(incident: Incident, case: _Case) -> tuple[Incident, Rollback | None]:
    """The incident with the rollback that is asked for now, if one is."""
    asked = wanted(incident, case.signal, case.last)
    if asked is None:
        return incident, None
    rollback = new_rollback(incident, asked, at=case.now)
    return with_answer(incident, rollback), rollback


def _may_freeze(case: _Case, after: Incident) -> bool:
    """Whether it can have become severe enough just now."""
    before = case.before
    if before is None or case.grouped.action is Action.REOPEN:
        return True
    return not after.is_over and before.value.severity is not after.severity


def _wakes(case: _Case, before: Incident, after: Incident) -> bool:
    """Whether the execution that attends has to look now; while production goes back, its end will wake it."""
    if after.is_over or case.grouped.action is Action.REOPEN or not is_news(before, after):
        return False
    return case.signal.raised or not case.answering


def _indexed(incident: Incident, of: OfEndpoint) -> Save:
    index = EndpointIncidents(incident.region, incident.endpoint, incident.id, incident.number)
    return keep(of.index, index, endpoint_id(incident.region, incident.endpoint))


def _taken(case: _Case, about: Incident | Known[Incident] | None) -> Taken:
    incident = about.value if isinstance(about, Known) else about
    return Taken(case.grouped.action, None if incident is None else incident.id, case.grouped.reason)
