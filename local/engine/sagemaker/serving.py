"""What takes the traffic of the endpoints, at any moment: what traffic and metrics are made from."""

from bisect import bisect_right
from dataclasses import dataclass, field

from local.engine.sagemaker import store


@dataclass(frozen=True, slots=True)
class Serving:
    """The instances of one variant of one configuration of an endpoint, and their part of its requests.

    During a blue/green update the old and the new fleet are two of these, mostly under one variant name and always with
    different configurations. `share` is of all requests of the endpoint, 0 to 1; the shares of production fleets add up
    to 1. A shadow fleet's share is the part of the requests that is copied to it, beside the others. A fleet without
    traffic (weight 0) has share 0 and its instances. A serverless fleet has no instances and no instance type.
    `artefact` is the address of the model's artefact (ModelDataUrl), empty if there is none. With `config_dimension`
    the fleet's metrics are published by EndpointConfigName as well, because a deployment is going on.
    """

    endpoint: str
    config: str
    variant: str
    model: str
    model_package_arn: str | None
    artefact: str
    share: float
    instances: int
    instance_type: str
    shadow: bool
    config_dimension: bool


@dataclass
class History:
    """What served one endpoint, and from when on."""

    since: list[float] = field(default_factory=list)
    fleets: list[tuple[Serving, ...]] = field(default_factory=list)

    def note(self, at: float, fleets: tuple[Serving, ...]) -> None:
        """Note what serves from now on; moments come in their order."""
        if self.fleets and self.fleets[-1] == fleets:
            return
        self.since.append(at)
        self.fleets.append(fleets)

    def at(self, moment: float) -> tuple[Serving, ...]:
        """What served at a moment."""
        index = bisect_right(self.since, moment) - 1
        return self.fleets[index] if index >= 0 else ()


def serving(at: float) -> list[Serving]:
    """What takes traffic at a moment, on all endpoints of this account and region, and of those gone since.

    `lockstep.catch_up` tells up to which moment this is known for good.
    """
    return [fleet for history in list(store.served.values()) for fleet in history.at(at)]
