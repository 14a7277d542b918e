"""A small SageMaker in memory: models, configurations, and endpoints that take their time."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from sluice.errors import CapacityRefused, EndpointBusy, PermanentFailure, TransientFailure
from sluice.model.endpoint import BUSY, EndpointConfig, EndpointSeen, EndpointStatus, ModelSeen, VariantSeen
from sluice.model.ids import Micros
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.faults import Faulty
from tests.fakes.hosting_rules import confirm_guardrails, confirm_models, confirm_shadows, models_of
from tests.fakes.scaling import FakeScaling
from tests.fakes.serving import End, Served, UnderWay, alarms_of, retained, takes, variants_of

_ARN = "arn:aws:sagemaker:us-east-1:111122223333:endpoint/"


class Effect(NamedTuple):
    """Something that SageMaker really did; a repeated call that changes nothing is none."""

    operation: str
    name: str
    detail: str


class FakeEndpoints(Faulty):
    """`Endpoints`: a change takes `takes_s` on the clock, one of weights or counts `resize_s`; `effects` tells all.

    Planted: `refuse` for capacity, `end_next` for how the next change ends, `lose_answer` for a call that takes effect
    and seems to fail. What others do is called `somebody_...` and is no effect of ours.
    """

    def __init__(
        self, clock: FakeClock, *, alarms: FakeAlarms | None = None, scaling: FakeScaling | None = None
    ) -> None:
        super().__init__()
        self.clock = clock
        self.alarms = alarms
        self.scaling = scaling
        self.takes_s = 300.0
        self.resize_s = 60.0
        self.effects: list[Effect] = []
        self.configs: dict[str, EndpointConfig] = {}
        self.models: dict[str, tuple[str | None, Mapping[str, Any]]] = {}
        self.several: set[str] = set()
        self.tags: dict[str, Mapping[str, str]] = {}
        self.endpoints: dict[str, Served] = {}
        self._refusals: list[str] = []
        self._end: tuple[End, str] = (End.COMES_TRUE, "")
        self._lost = False

    def count(self, operation: str) -> int:
        """How often an operation took effect."""
        return sum(effect.operation == operation for effect in self.effects)

    def repeated(self) -> list[Effect]:
        """Effects that took place more than once."""
        return [effect for effect, times in Counter(self.effects).items() if times > 1]

    def refuse(self, reason: str = "the account-level limit is 2 instances") -> None:
        """AWS has no room for the next creation, update or change of counts."""
        self._refusals.append(reason)

    def end_next(self, end: End, reason: str = "") -> None:
        """How the next change ends."""
        self._end = (end, reason)

    def lose_answer(self) -> None:
        """The next effect takes place, but its caller hears of a failure."""
        self._lost = True

    def serve(self, name: str, config: EndpointConfig, *, package_arn: str | None = None) -> None:
        """An endpoint has been serving for long; its models are of that package, or were made otherwise."""
        self._know(config, package_arn)
        self.endpoints[name.lower()] = Served(
            name,
            config["EndpointConfigName"],
            EndpointStatus.IN_SERVICE,
            self.clock.now(),
            variants_of(config),
            variants_of(config, "ShadowProductionVariants"),
        )

    def somebody_updates(self, name: str, config: EndpointConfig) -> None:
        """Somebody else begins to deploy a configuration of theirs."""
        self._know(config)
        self._begin(self._present(name), config["EndpointConfigName"], retain=False, deployment=None)

    def somebody_sets_weights(self, name: str, weights: Mapping[str, float]) -> None:
        """Somebody else changes weights, at once."""
        served = self._present(name)
        served.variants = tuple(
            replace(v, weight=weights.get(v.name, v.weight), desired_weight=weights.get(v.name, v.weight))
            for v in served.variants
        )
        served.modified_at = self.clock.now()

    def somebody_scales(self, name: str, counts: Mapping[str, int]) -> None:
        """Scaling, or somebody else, begins to change instance counts."""
        served = self._resizable(name, counts)
        self._resize(
            served,
            {v.name: replace(v, desired_instances=counts.get(v.name, v.desired_instances)) for v in served.variants},
        )

    def fails_under_way(self, name: str, reason: str) -> None:
        """What is being deployed turns out not to work."""
        served = self._present(name)
        if served.under_way is not None:
            served.under_way = replace(served.under_way, end=End.RETURNS, reason=reason, ends_at=self._after(60))

    def somebody_deletes(self, name: str) -> None:
        """Somebody else deletes the endpoint."""
        del self.endpoints[name.lower()]

    def maintain(self, name: str, seconds: float) -> None:
        """AWS itself works on the endpoint (SystemUpdating)."""
        served = self._present(name)
        change = UnderWay(None, served.variants, served.shadows, self._after(seconds))
        served.accept(change, EndpointStatus.SYSTEM_UPDATING, self.clock.now())

    def describe(self, name: str) -> EndpointSeen | None:
        self.check()
        return self.as_it_is(name)

    def as_it_is(self, name: str) -> EndpointSeen | None:
        """An endpoint whether or not AWS answers; nobody of ours sees it so."""
        served = self._found(name)
        return None if served is None else served.seen(_ARN + served.name.lower())

    def config(self, name: str) -> EndpointConfig | None:
        self.check()
        return self.configs.get(name)

    def model_package_of(self, model: str) -> str | None:
        self.check()
        return self.models.get(model, (None, {}))[0]

    def model_settings(self, name: str) -> Mapping[str, Any]:
        self.check()
        if name not in self.models:
            raise PermanentFailure(f"DescribeModel: there is no model {name}")
        return self.models[name][1]

    def model(self, name: str) -> ModelSeen | None:
        self.check()
        if name not in self.models:
            return None
        return ModelSeen(self.models[name][1], several=name in self.several)

    def create_model(
        self, name: str, *, package_arn: str, settings: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        self.check()
        if name not in self.models:
            self.models[name], self.tags[name] = (package_arn, settings), tags
            self._took_effect("create_model", name, package_arn)
        elif (self.models[name][0] or "").lower() != package_arn.lower():
            raise PermanentFailure(f"CreateModel: {name} is there, of another package")

    def create_config(self, config: EndpointConfig, *, tags: Mapping[str, str]) -> None:
        self.check()
        name = str(config["EndpointConfigName"])
        if name in self.configs:
            if self.configs[name] != config:
                raise PermanentFailure(f"CreateEndpointConfig: {name} is there with other content")
            return
        confirm_shadows(config)
        confirm_models(config, self.models)
        self.configs[name], self.tags[name] = json.loads(json.dumps(config)), tags
        self._took_effect("create_config", name, "")

    def create(self, name: str, *, config: str, tags: Mapping[str, str]) -> None:
        self.check()
        served = self._found(name)
        if served is not None:
            if config not in (served.config, served.under_way and served.under_way.config):
                raise PermanentFailure(f"CreateEndpoint: {name} is there with {served.config}")
            return
        self._confirm_config(config)
        self._confirm_room()
        served = Served(name, config, EndpointStatus.CREATING, self.clock.now())
        self.endpoints[name.lower()], self.tags[name] = served, tags
        self._begin(served, config, retain=False, deployment=None)
        served.status = EndpointStatus.CREATING
        self._took_effect("create", name, config)

    def update(
        self, name: str, *, config: str, retain: bool = False, deployment: Mapping[str, Any] | None = None
    ) -> None:
        self.check()
        served = self._present(name)
        if served.under_way is not None and served.under_way.config == config:
            return
        self._confirm_idle(served)
        if served.config == config and served.status is EndpointStatus.IN_SERVICE:
            return
        self._confirm_config(config)
        self._confirm_scaling(served, config)
        if deployment is not None:
            confirm_guardrails(deployment, self.configs[config], served)
        self._confirm_room()
        self._begin(served, config, retain=retain, deployment=deployment)
        self._took_effect("update", name, config)

    def set_weights(self, name: str, weights: Mapping[str, float]) -> None:
        self.check()
        served = self._resizable(name, weights)
        told = {v.name: replace(v, desired_weight=weights.get(v.name, v.desired_weight)) for v in served.variants}
        self._resize(served, told)
        self._took_effect("set_weights", name, json.dumps(dict(weights), sort_keys=True))

    def set_counts(self, name: str, counts: Mapping[str, int]) -> None:
        self.check()
        served = self._resizable(name, counts)
        self._confirm_room()
        told = {v.name: replace(v, desired_instances=counts.get(v.name, v.desired_instances)) for v in served.variants}
        self._resize(served, told)
        self._took_effect("set_counts", name, json.dumps(dict(counts), sort_keys=True))

    def delete_config(self, name: str) -> None:
        self.check()
        for served in self.endpoints.values():
            using = (served.config, served.under_way and served.under_way.config)
            # SageMaker would take it, and the endpoint could not be updated any more.
            assert name not in using, f"{name} is in use by {served.name}"
        if self.configs.pop(name, None) is not None:
            self._took_effect("delete_config", name, "")

    def _know(self, config: EndpointConfig, package_arn: str | None = None) -> None:
        self.configs[config["EndpointConfigName"]] = config
        for model in models_of(config):
            self.models.setdefault(model, (package_arn, {}))

    def _found(self, name: str) -> Served | None:
        served = self.endpoints.get(name.lower())
        if served is not None:
            if self.alarms is not None:
                served.ring(self.alarms.ringing, self.clock.at, self.takes_s)
            served.settle(self.clock.at)
        return served

    def _present(self, name: str) -> Served:
        served = self._found(name)
        if served is None:
            raise PermanentFailure(f"there is no endpoint {name}")
        return served

    def _begin(self, served: Served, config: str, *, retain: bool, deployment: Mapping[str, Any] | None) -> None:
        content, (end, reason) = self.configs[config], self._end
        self._end = (End.COMES_TRUE, "")
        variants = variants_of(content)
        change = UnderWay(
            config=config,
            variants=retained(variants, served.variants) if retain else variants,
            shadows=variants_of(content, "ShadowProductionVariants"),
            ends_at=self._after(takes(deployment, self.takes_s)),
            end=end,
            reason=reason,
            alarms=alarms_of(deployment),
        )
        served.accept(change, EndpointStatus.UPDATING, self.clock.now())

    def _resizable(self, name: str, named: Mapping[str, Any]) -> Served:
        served = self._present(name)
        self._confirm_idle(served)
        unknown = set(named) - {v.name for v in served.variants}
        if unknown:
            raise PermanentFailure(f"UpdateEndpointWeightsAndCapacities: {name} has no variant {min(unknown)}")
        return served

    def _resize(self, served: Served, told: Mapping[str, VariantSeen]) -> None:
        served.variants = tuple(told.values())
        after = tuple(replace(v, weight=v.desired_weight, instances=v.desired_instances) for v in told.values())
        (end, reason), self._end = self._end, (End.COMES_TRUE, "")
        change = UnderWay(None, after, served.shadows, self._after(self.resize_s), end, reason)
        served.accept(change, EndpointStatus.UPDATING, self.clock.now())

    def _confirm_idle(self, served: Served) -> None:
        if served.status in BUSY:
            raise EndpointBusy(f"{served.name} is {served.status.value}")
        if served.status is EndpointStatus.FAILED:
            raise PermanentFailure(f"{served.name} is Failed: it can only be deleted")

    def _confirm_config(self, config: str) -> None:
        if config not in self.configs:
            raise PermanentFailure(f"could not find endpoint configuration {config}")

    def _confirm_room(self) -> None:
        if self._refusals:
            raise CapacityRefused(f"ResourceLimitExceeded: {self._refusals.pop(0)}")

    def _confirm_scaling(self, served: Served, config: str) -> None:
        """A scaled variant may neither go nor change its instance type while its scalable target is registered."""
        if self.scaling is None:
            return
        types = {v["VariantName"]: v.get("InstanceType") for v in self.configs[config]["ProductionVariants"]}
        for variant in self.configs[served.config]["ProductionVariants"]:
            name = variant["VariantName"]
            scaled = self.scaling.targets.get((served.name, name)) is not None
            if scaled and types.get(name) != variant.get("InstanceType"):
                raise PermanentFailure(f"UpdateEndpoint: {name} is scaled: deregister its scalable target first")

    def _took_effect(self, operation: str, name: str, detail: str) -> None:
        self.effects.append(Effect(operation, name, detail))
        if self._lost:
            self._lost = False
            raise TransientFailure(f"{operation}: ReadTimeoutError")

    def _after(self, seconds: float) -> Micros:
        return Micros(self.clock.at + int(seconds * 1_000_000))
