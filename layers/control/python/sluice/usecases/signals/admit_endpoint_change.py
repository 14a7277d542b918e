"""An endpoint has changed, or somebody asked SageMaker to change it: what that says of production becomes signals."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from sluice.core.signals.production import (
    Standing,
    Topic,
    Word,
    approval,
    approved_again,
    availability,
    deleted,
    drift,
    moved_weights,
    reweighted,
    updated,
)
from sluice.model.endpoint import EndpointOwner, EndpointRecord, endpoint_id
from sluice.model.endpoint_event import EndpointEvent
from sluice.model.governing import Mode
from sluice.model.ids import GroupName, PackageArn
from sluice.model.package import RegistryStatus
from sluice.model.production import ProductionRecord
from sluice.model.signal import Signal
from sluice.model.trail_event import ApiCall, Operation
from sluice.ports import Clock, Endpoints, Records, Registry
from sluice.usecases.policies import DefaultPolicy, policy_held
from sluice.usecases.remembering import recall
from sluice.usecases.signals.concerned import Concerned, by_endpoint, by_group
from sluice.usecases.signals.raised import raised_on
from sluice.usecases.signals.taking import SignalAdmission, Take, ignored, taken


@dataclass(frozen=True, slots=True)
class AdmittingEndpointSignals:
    """What admission works with; `account` and `region` are our own, `own_roles` the ARNs of the stack's roles."""

    records: Records
    endpoints: Endpoints
    registry: Registry
    default_policy: DefaultPolicy
    take: Take
    clock: Clock
    account: str
    region: str
    own_roles: frozenset[str]


def admit_endpoint_change(told: EndpointEvent | ApiCall, world: AdmittingEndpointSignals) -> SignalAdmission:
    """Handle either event; what it says is not believed, the endpoint is read again. Only who called is."""
    if (told.account, told.region) != (world.account, world.region):
        return ignored(f"it is {told.account}'s in {told.region}")
    if isinstance(told, EndpointEvent):
        return _looked_at(told.name, world)
    if told.failed:
        return ignored(f"the call was refused ({told.failed}): nothing has happened")
    if told.operation is Operation.UPDATE_PACKAGE:
        return _package(told, world)
    return _called(told, world)


def look_at_endpoint(owner: EndpointOwner, world: AdmittingEndpointSignals) -> SignalAdmission:
    """Look at an endpoint as if its event had come: it may have been lost."""
    return _looked_at(owner.endpoint, world)


def _looked_at(name: str, world: AdmittingEndpointSignals) -> SignalAdmission:
    concerned = next(iter(by_endpoint((name,), world.records)), None)
    if concerned is None:
        return ignored(f"no policy names {name} as its target")
    standing = _standing(concerned, world)
    return _said([*_found(standing, world), *_approved_again(standing, world)], concerned, world)


def _called(call: ApiCall, world: AdmittingEndpointSignals) -> SignalAdmission:
    """Ours is what one of our roles did, as far as our records say so; what they do not know is found by looking."""
    concerned = next(iter(by_endpoint((call.endpoint,), world.records)), None)
    if concerned is None:
        return ignored(f"no policy names {call.endpoint} as its target")
    standing = _standing(concerned, world)
    found = _found(standing, world)
    if call.role in world.own_roles:
        return _said(found, concerned, world)
    word = _WORDS[call.operation](standing, call)
    # What is told with its author is not told without.
    others = [other for other in found if word is None or other.topic is not word.topic]
    return _said([word, *others] if word is not None else others, concerned, world)


_WORDS: Mapping[Operation, Callable[[Standing, ApiCall], Word | None]] = {
    Operation.UPDATE_ENDPOINT: updated,
    Operation.SET_WEIGHTS: reweighted,
    Operation.DELETE_ENDPOINT: deleted,
}


def _found(standing: Standing, world: AdmittingEndpointSignals) -> list[Word]:
    words = (availability(standing, world.clock.now()), drift(standing), moved_weights(standing))
    return [word for word in words if word is not None]


def _approved_again(standing: Standing, world: AdmittingEndpointSignals) -> Iterator[Word]:
    """Nothing tells of an approval that Sluice itself gives back, or of a rollback to a version that has one."""
    if f"{Topic.PACKAGE.value}/{standing.endpoint}" not in raised_on(standing.endpoint, world.region, world.records):
        return
    package = world.registry.describe(PackageArn.parse(standing.package)) if standing.package else None
    if package is not None and package.status is RegistryStatus.APPROVED:
        yield approved_again(standing, world.clock.now())


def _standing(concerned: Concerned, world: AdmittingEndpointSignals) -> Standing:
    record_id = endpoint_id(world.region, concerned.endpoint)
    # The endpoint first: a change of ours that is recorded after it was seen is only waited for.
    seen = world.endpoints.describe(concerned.endpoint)
    record = recall(world.records, EndpointRecord, record_id)
    production = recall(world.records, ProductionRecord, record_id)
    policy = policy_held(world.records, concerned.group, world.default_policy).policy
    return Standing(
        concerned.endpoint,
        seen,
        None if record is None else record.value,
        None if production is None else production.value,
        observed=policy.mode is Mode.OBSERVE,
    )


def _package(call: ApiCall, world: AdmittingEndpointSignals) -> SignalAdmission:
    """The approval of a version that serves was taken away, or given back."""
    arn = PackageArn.parse(call.package)
    if call.role in world.own_roles or not call.moves:
        return ignored("one of Sluice's own roles did it" if call.moves else "an edit that leaves the approval alone")
    concerned = next(iter(by_group(arn.group, world.records)), None)
    if concerned is None:
        return ignored(f"no policy of {arn.group} has an endpoint")
    standing = _standing(concerned, world)
    if standing.observed or standing.package.lower() != arn.key:
        return ignored(f"version {arn.version} does not serve, or others decide what does")
    package = world.registry.describe(arn)
    return _said([approval(standing, call, None if package is None else package.status)], concerned, world)


def _said(words: Iterable[Word], concerned: Concerned, world: AdmittingEndpointSignals) -> SignalAdmission:
    """Hand over what is news: who did something always is, what is found by looking only where it was not known."""
    raised = raised_on(concerned.endpoint, world.region, world.records)
    news = [word for word in words if word.by_call or word.raised is not (word.source in raised)]
    if not news:
        return ignored("nothing has changed about what serves")
    return taken((_signal(word, concerned.group, world.region) for word in news), world.take)


def _signal(word: Word, group: GroupName, region: str) -> Signal:
    return Signal(
        key=f"{word.source}|{word.occurrence}",
        source=word.source,
        kind=word.kind,
        cause=word.cause,
        raised=word.raised,
        group=group,
        region=region,
        endpoint=word.endpoint,
        at=word.at,
        summary=word.told,
        config=word.config,
    )
