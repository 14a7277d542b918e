"""An endpoint has changed: a look that waits on it looks at once; in `observe` a deployment of others is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from sluice.core.rollout.naming import rollout_id_of
from sluice.core.rollout.observing import Deployment, newcomer
from sluice.model.approval import Mode
from sluice.model.commit import Commit
from sluice.model.endpoint import EndpointOwner, EndpointRecord, EndpointSeen, endpoint_id
from sluice.model.endpoint_event import EndpointEvent
from sluice.model.entry_kinds import EntryKind
from sluice.model.ids import Digest, GroupName, Micros, PackageArn
from sluice.model.policy_in_force import PolicyInForce
from sluice.model.rollout import LOOKED_AT, Rollout, RolloutRequest
from sluice.model.rollout_commands import WakeRollout
from sluice.ports import Clock, Endpoints, Executions, Records
from sluice.usecases.messages import command
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import Known, recall, settling_races
from sluice.usecases.rollout.admit_rollout import start_rollout
from sluice.usecases.rollout.entries import rollout_entry
from sluice.usecases.rollout.remembered import save, save_endpoint


class EndpointAction(StrEnum):
    """What an event led to."""

    IGNORE = "ignore"
    WAKE = "wake"
    REMEMBER = "remember"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class EndpointAdmission:
    """What an event led to, and why."""

    action: EndpointAction
    reason: str


@dataclass(frozen=True, slots=True)
class AdmittingEndpoints:
    """What admission of endpoint changes works with; `account` and `region` are our own."""

    records: Records
    endpoints: Endpoints
    executions: Executions
    default_policy: DefaultPolicy
    clock: Clock
    account: str
    region: str
    channel: str


@dataclass(frozen=True, slots=True)
class _Serving:
    """An endpoint with the package behind each of its variants, None where nobody can tell."""

    seen: EndpointSeen
    packages: Mapping[str, str] | None


def admit_endpoint_change(told: EndpointEvent, world: AdmittingEndpoints) -> EndpointAdmission:
    """Handle an event of an endpoint; what it says is not believed, the endpoint is read again."""
    if (told.account, told.region) != (world.account, world.region):
        return _ignored(f"it is {told.account}'s in {told.region}")
    owner = recall(world.records, EndpointOwner, told.name.lower())
    if owner is None:
        return _ignored(f"no policy names {told.name} as its target")
    return settling_races(lambda: _attempt(owner.value, world))


def admit_missed_change(owner: EndpointOwner, world: AdmittingEndpoints) -> EndpointAdmission:
    """Handle an endpoint as if its event had come, unless a rollout has it, whose looks come by themselves."""
    known = recall(world.records, EndpointRecord, endpoint_id(world.region, owner.endpoint))
    if known is not None and known.value.holder is not None:
        return _ignored("its rollout sees for itself")
    return settling_races(lambda: _attempt(owner, world))


def _attempt(owner: EndpointOwner, world: AdmittingEndpoints) -> EndpointAdmission:
    known = recall(world.records, EndpointRecord, endpoint_id(world.region, owner.endpoint))
    holder = known.value.holder if known is not None else None
    if holder is not None:
        return _woken(recall(world.records, Rollout, holder), world)
    policy = policy_held(world.records, GroupName(owner.group), world.default_policy).policy
    if policy.mode is not Mode.OBSERVE or policy.rollout is None:
        return _ignored(f"{owner.group} is not observed")
    seen = world.endpoints.describe(owner.endpoint)
    if seen is None:
        return _ignored(f"{owner.endpoint} is gone")
    before = known.value.served if known is not None else ""
    if before == seen.config or (before and not seen.settled):
        return _ignored(f"{seen.config} serves as before" if seen.settled else f"it is {seen.status.value}")
    serving = _Serving(seen, _packages(seen.config, world))
    deployment = None if known is None or not before else _deployed(known.value, serving, policy, world)
    return _remembered(owner, known, serving, deployment, policy, world)


def _promoted_by_us(known: EndpointRecord, seen: EndpointSeen) -> bool:
    """Whether Sluice itself put there what serves, before the group was only observed: others deployed nothing."""
    good = known.good
    return good is not None and bool(good.package_arn) and good.config == seen.config


def _woken(rollout: Known[Rollout] | None, world: AdmittingEndpoints) -> EndpointAdmission:
    if rollout is None or rollout.value.phase not in LOOKED_AT:
        return _ignored("its rollout is changing it and sees for itself")
    now = world.clock.now()
    wake = command(f"{rollout.id}|{now}", WakeRollout(rollout.value.id, "its endpoint changed"))
    world.records.commit(Commit(messages=(wake,)), at=now)
    return EndpointAdmission(EndpointAction.WAKE, f"the judge of {rollout.id} looks at once")


def _deployed(
    known: EndpointRecord, serving: _Serving, policy: PolicyInForce, world: AdmittingEndpoints
) -> Deployment | None:
    """Which package others have deployed; None when it is none of this group, or nobody can tell what served before."""
    if _promoted_by_us(known, serving.seen):
        return None
    before = known.served_packages
    before = _packages(known.served, world) if before is None else before
    found = None if before is None else newcomer(before, serving.packages or {})
    if found is None:
        return None
    arn = PackageArn.parse(found.package_arn)
    return found if arn.group.lower() == policy.group.lower() else None


def _packages(config: str, world: AdmittingEndpoints) -> Mapping[str, str] | None:
    """The package behind each production variant, where its model was made of one; None for a deleted configuration."""
    described = world.endpoints.config(config)
    if described is None:
        return None
    models = {v["VariantName"]: v.get("ModelName", "") for v in described.get("ProductionVariants", ())}
    packages = {variant: world.endpoints.model_package_of(model) for variant, model in models.items() if model}
    return {variant: arn for variant, arn in packages.items() if arn}


def _remembered(  # noqa: PLR0913, PLR0917  # everything that was read to decide
    owner: EndpointOwner,
    known: Known[EndpointRecord] | None,
    serving: _Serving,
    deployment: Deployment | None,
    policy: PolicyInForce,
    world: AdmittingEndpoints,
) -> EndpointAdmission:
    """Note what serves now, and begin to watch a deployment: recorded first, so that reconcile can start it too."""
    now = world.clock.now()
    record = known.value if known is not None else EndpointRecord(world.region, owner.endpoint, owner.group)
    seen = serving.seen
    serves = save_endpoint(replace(record, served=seen.config, served_packages=serving.packages), known, now)
    if deployment is None:
        world.records.commit(Commit((serves,)), at=now)
        return EndpointAdmission(EndpointAction.REMEMBER, f"{seen.config} serves, and no version of the group is new")
    rollout = _watching(deployment, seen, policy, world, now)
    entry = rollout_entry(rollout, EntryKind.DEPLOYMENT_OBSERVED, seen.config, {"config": seen.config})
    world.records.commit(Commit((serves, save(rollout, None, now)), (entry,)), at=now)
    start_rollout(rollout, world.executions)
    return EndpointAdmission(EndpointAction.WATCH, f"others deployed {deployment.package_arn}")


def _watching(
    deployment: Deployment, seen: EndpointSeen, policy: PolicyInForce, world: AdmittingEndpoints, now: Micros
) -> Rollout:
    arn = PackageArn.parse(deployment.package_arn)
    release_id = f"{policy.group}/{arn.version}/observed"
    request = RolloutRequest(
        rollout_id=rollout_id_of(f"{release_id}|{seen.config}|{seen.modified_at}", world.region),
        release_id=release_id,
        package_arn=arn.text,
        group=policy.group,
        version=arn.version,
        generation=0,
        region=world.region,
        digest=Digest(""),
    )
    return Rollout(
        request=request,
        mode=policy.mode,
        tier=policy.tier,
        channel=policy.channel or world.channel,
        rules=policy.rollout,
        requested_at=now,
        watched_variant=deployment.beside,
    )


def _ignored(reason: str) -> EndpointAdmission:
    return EndpointAdmission(EndpointAction.IGNORE, reason)
