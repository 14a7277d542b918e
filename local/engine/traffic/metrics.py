"""The metrics of endpoints, named, dimensioned and measured as SageMaker and a team's application publish them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from local.engine.cloudwatch.distribution import Distribution, merged
from local.engine.cloudwatch.series import SeriesKey
from local.engine.traffic.figures import Figures
from local.engine.traffic.routing import Route

INVOCATIONS = "AWS/SageMaker"
INSTANCES = "/aws/sagemaker/Endpoints"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: its unit, and its values in a fleet's minute."""

    unit: str
    values: Callable[[Figures], Distribution]


def _each_request(value: Callable[[Figures], float]) -> Callable[[Figures], Distribution]:
    return lambda figures: Distribution({value(figures): float(figures.requests)} if figures.requests else {})


def _ones(count: Callable[[Figures], int]) -> Callable[[Figures], Distribution]:
    """SageMaker sends 1 for a request that failed and 0 for every other."""

    def values(figures: Figures) -> Distribution:
        ones = count(figures)
        return Distribution({value: float(n) for value, n in ((0.0, figures.requests - ones), (1.0, ones)) if n})

    return values


OF_REQUESTS: dict[str, Metric] = {
    "Invocations": Metric("None", _each_request(lambda _: 1.0)),
    "InvocationsPerInstance": Metric("None", _each_request(lambda f: 1.0 / max(1, f.fleet.instances))),
    "Invocation4XXErrors": Metric("None", _ones(lambda f: f.errors_4xx)),
    "Invocation5XXErrors": Metric("None", _ones(lambda f: f.errors_5xx)),
    "InvocationModelErrors": Metric("None", _ones(lambda f: f.model_errors)),
    "ModelLatency": Metric("Microseconds", Figures.latencies),
    "OverheadLatency": Metric("Microseconds", Figures.overheads),
}
OF_INSTANCES: dict[str, Metric] = {
    "CPUUtilization": Metric("Percent", Figures.cpu),
    "MemoryUtilization": Metric("Percent", Figures.memory),
    "DiskUtilization": Metric("Percent", Figures.disk),
}
OF_ACCELERATORS: dict[str, Metric] = {
    "GPUUtilization": Metric("Percent", Figures.gpu),
    "GPUMemoryUtilization": Metric("Percent", Figures.gpu_memory),
}
VALUE = Metric("None", Figures.values)
"""The business metric that a team's application puts for the answers it has used."""


def keys(route: Route, value: tuple[str, str]) -> Iterable[SeriesKey]:
    """The metrics of a fleet; `value` is namespace and name of the business metric."""
    both = [("EndpointName", route.endpoint), ("VariantName", route.variant)]
    with_config = [*both, ("EndpointConfigName", route.config)]
    for dimensions in (both, with_config) if route.by_config else (both,):
        yield from (SeriesKey.of(INVOCATIONS, name, dimensions) for name in OF_REQUESTS)
        yield from (SeriesKey.of(INSTANCES, name, dimensions) for name in OF_INSTANCES)
        if accelerators(route.instance_type):
            yield from (SeriesKey.of(INSTANCES, name, dimensions) for name in OF_ACCELERATORS)
    if not route.is_shadow:
        yield SeriesKey.of(*value, both)


def find(key: SeriesKey, value: tuple[str, str]) -> Metric | None:
    """The metric of a key."""
    if key.namespace == INVOCATIONS:
        return OF_REQUESTS.get(key.name)
    if key.namespace == INSTANCES:
        return OF_INSTANCES.get(key.name) or OF_ACCELERATORS.get(key.name)
    return VALUE if (key.namespace, key.name) == value else None


def values(metric: Metric, fleets: Sequence[Figures]) -> Distribution:
    """The values of a metric over the fleets of a variant."""
    served = [f for f in fleets if not (metric is VALUE and f.fleet.is_shadow)]
    return metric.values(served[0]) if len(served) == 1 else merged(metric.values(figures) for figures in served)


def accelerators(instance_type: str) -> int:
    """How many GPUs an instance has, as far as the names tell."""
    family, _, size = instance_type.removeprefix("ml.").partition(".")
    if not family.startswith(("g4", "g5", "g6", "p3", "p4", "p5")):
        return 0
    return {"12xlarge": 4, "16xlarge": 8, "24xlarge": 8, "48xlarge": 8}.get(size, 1)


def cores(instance_type: str) -> int:
    """How many cores an instance has, as its size tells."""
    size = instance_type.rpartition(".")[2]
    if size.endswith("xlarge"):
        return 4 * int(size.removesuffix("xlarge") or 1)
    return 2
