"""Endpoints, and what is measured, scaled and allowed around them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sluice.model.endpoint import EndpointConfig, EndpointSeen, ModelSeen, ScalingSeen
    from sluice.model.ids import Micros
    from sluice.model.metric_query import AlarmPlan, AlarmState, MetricQuery, MinuteValues


class Endpoints(Protocol):
    """SageMaker endpoints with their configurations and models. Every name is given, so that a repeat is one effect.

    A change raises TransientFailure when the same call may succeed later, CapacityRefused when AWS has no room, and
    EndpointBusy when the endpoint takes no change now.
    """

    def describe(self, name: str) -> EndpointSeen | None:
        """An endpoint as it is now, or None when there is none."""
        ...

    def config(self, name: str) -> EndpointConfig | None:
        """A configuration in the shape that CreateEndpointConfig takes, or None when there is none."""
        ...

    def model_package_of(self, model: str) -> str | None:
        """ARN of the package that a model was made of, or None when it was made otherwise or is gone."""
        ...

    def create_model(
        self, name: str, *, package_arn: str, settings: Mapping[str, Any], tags: Mapping[str, str]
    ) -> None:
        """Make a model of a package, with `settings` as `model_settings` gives them.

        One that is there under the name, of the same package, is fine; of another it is a PermanentFailure.
        """
        ...

    def model_settings(self, name: str) -> Mapping[str, Any]:
        """ExecutionRoleArn, VpcConfig and EnableNetworkIsolation of a model, as CreateModel takes them."""
        ...

    def model(self, name: str) -> ModelSeen | None:
        """A model as it is, or None when it is gone."""
        ...

    def create_config(self, config: EndpointConfig, *, tags: Mapping[str, str]) -> None:
        """Make a configuration; the same under the same name is fine, another under it is a PermanentFailure."""
        ...

    def create(self, name: str, *, config: str, tags: Mapping[str, str]) -> None:
        """Make an endpoint; one that is there with that configuration is fine, with another a PermanentFailure."""
        ...

    def update(
        self, name: str, *, config: str, retain: bool = False, deployment: Mapping[str, Any] | None = None
    ) -> None:
        """Change to another configuration; one that serves or is being deployed already is fine.

        `retain` keeps counts and weights of variants that are in both. `deployment` is a DeploymentConfig; without it
        SageMaker replaces the fleet all at once.
        """
        ...

    def set_weights(self, name: str, weights: Mapping[str, float]) -> None:
        """Change the weights of variants."""
        ...

    def set_counts(self, name: str, counts: Mapping[str, int]) -> None:
        """Change the instance counts of variants."""
        ...

    def delete_config(self, name: str) -> None:
        """Delete a configuration that serves nowhere; one that is gone is fine.

        SageMaker deletes one in use as well, and the endpoint could not be updated any more: the caller has looked.
        """
        ...


class Scaling(Protocol):
    """Application Auto Scaling of production variants."""

    def of_variant(self, endpoint: str, variant: str) -> ScalingSeen | None:
        """The scalable target of a variant with its policies, or None when it is not scaled."""
        ...

    def register(self, seen: ScalingSeen) -> None:
        """Register the target and put policies and scheduled actions as they were seen; repeating changes nothing."""
        ...

    def deregister(self, endpoint: str, variant: str) -> None:
        """Take the target away, with its policies and scheduled actions; one that is gone is fine."""
        ...


class Metrics(Protocol):
    """CloudWatch metrics."""

    def by_minute(self, queries: Sequence[MetricQuery], *, start: Micros, end: Micros) -> Mapping[str, MinuteValues]:
        """Each query's values by minute (index 0 is the minute of `start`); None where CloudWatch has none.

        Only minutes that are over by `end` are asked for; those of the last 15 days are kept. Raises TransientFailure
        for an answer that CloudWatch itself calls incomplete: silence and a partial answer are not the same.
        """
        ...

    def publish_verdict(self, *, endpoint: str, rollout_id: str, rejected: bool, at: Micros) -> None:
        """Tell the alarm that a guarded deployment watches what the judge says."""
        ...


class Alarms(Protocol):
    """CloudWatch alarms: those that a rollout makes for its own time, and the states of any."""

    def put(self, alarm: AlarmPlan) -> None:
        """Make or replace an alarm."""
        ...

    def delete(self, names: Sequence[str]) -> None:
        """Delete alarms; those that are gone are fine."""
        ...

    def states(self, names: Sequence[str]) -> Mapping[str, AlarmState]:
        """The state now of each of these that exists, whatever kind of alarm it is."""
        ...


class Quotas(Protocol):
    """Service Quotas of SageMaker hosting."""

    def endpoint_instances(self, instance_type: str) -> int | None:
        """How many instances of a type endpoints may use in this region, or None when it cannot be told."""
        ...

    def instances_in_use(self, instance_type: str) -> int | None:
        """How many instances of a type endpoints use now, or None when it cannot be told."""
        ...
