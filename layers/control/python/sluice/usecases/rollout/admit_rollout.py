"""`RolloutRequested` arrives where the endpoint is: compare it with the record, start the execution once."""

from dataclasses import dataclass

from sluice.core.rollout.naming import rollout_execution, rollout_id_of
from sluice.errors import InvalidInput
from sluice.model.codec import encode
from sluice.model.commit import Commit
from sluice.model.ids import RolloutId
from sluice.model.rollout import Rollout
from sluice.model.rollout_event import RolloutRequestedEvent
from sluice.ports import Clock, Executions, Records
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import recall, settling_races
from sluice.usecases.rollout.remembered import save
from sluice.usecases.rollout.waiting_release import take_up_release, waiting_execution


@dataclass(frozen=True, slots=True)
class AdmittingRollouts:
    """What admission works with; `account` and `region` are our own, `home_region` is the one that runs releases.

    `executions` are those of `rollout`, `releases` those that wait for them.
    """

    records: Records
    executions: Executions
    releases: Executions
    default_policy: DefaultPolicy
    clock: Clock
    account: str
    region: str
    home_region: str
    channel: str


@dataclass(frozen=True, slots=True)
class RolloutAdmission:
    """What an event led to: the execution that runs, or why none was started."""

    rollout_id: RolloutId
    execution: str
    reason: str


def admit_rollout(told: RolloutRequestedEvent, world: AdmittingRollouts) -> RolloutAdmission:
    """Start a rollout once; raises InvalidInput for one that no release of ours asked for."""
    request = told.request
    if (told.account, told.region) != (world.account, world.home_region):
        raise InvalidInput(f"sent from {told.account} in {told.region}, where no release of ours runs")
    if request.region != world.region:
        raise InvalidInput(f"a rollout in {request.region}; this is {world.region}")
    if request.rollout_id != rollout_id_of(request.release_id, request.region):
        raise InvalidInput(f"{request.rollout_id} is not the rollout of {request.release_id}")
    rollout = settling_races(lambda: _recorded(told, world))
    if rollout.is_over:
        return RolloutAdmission(rollout.id, "", "it is over already")
    if rollout.tries and world.region == world.home_region:
        # Its release ended with the refusal; it waits once more before the rollout begins, as the first time.
        take_up_release(rollout, waiting_execution(rollout), world.releases)
    return RolloutAdmission(rollout.id, start_rollout(rollout, world.executions), "asked for by its release")


def start_rollout(rollout: Rollout, executions: Executions) -> str:
    """Start the present attempt of a rollout, once; its execution's name."""
    name = rollout_execution(rollout.id, rollout.attempt)
    executions.start(name, {"rollout_id": rollout.id, "attempt": rollout.attempt})
    return name


def _recorded(told: RolloutRequestedEvent, world: AdmittingRollouts) -> Rollout:
    """The rollout on record. Only in a region that runs no releases can an event be the first to tell of one."""
    known = recall(world.records, Rollout, told.request.rollout_id)
    if known is not None:
        if encode(known.value.request) != encode(told.request):
            raise InvalidInput(f"the record of rollout {told.request.rollout_id} says otherwise")
        return known.value
    if world.region == world.home_region:
        raise InvalidInput(f"no release has asked for rollout {told.request.rollout_id}")
    policy = policy_held(world.records, told.request.group, world.default_policy).policy
    now = world.clock.now()
    rollout = Rollout(
        request=told.request,
        mode=policy.mode,
        tier=policy.tier,
        channel=policy.channel or world.channel,
        requested_at=now,
    )
    world.records.commit(Commit(saves=(save(rollout, None, now),)), at=now)
    return rollout
