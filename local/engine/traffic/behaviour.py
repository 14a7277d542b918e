"""How a model answers: error rates, latency and business value, from the manifest of its artefact."""

from dataclasses import dataclass, fields, replace
from typing import Any, Self

_RATES = ("rate_4xx", "rate_5xx", "rate_model_errors", "kpi_mean")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A model's behaviour; `behaviour.json` beside the artefact holds any of these fields and `changes`.

    `changes` is a list of `{"after_minutes": n, ...}` whose other fields hold from that minute of traffic on.
    """

    rate_4xx: float = 0.002
    rate_5xx: float = 0.001
    rate_model_errors: float = 0.0
    """Failures of the container that have no HTTP status: time-outs, broken connections."""
    latency_ms: float = 40.0
    """Median of ModelLatency."""
    latency_spread: float = 0.35
    """Standard deviation of its logarithm."""
    overhead_ms: float = 4.0
    kpi_mean: float = 0.3
    """Mean business value of an answer, between 0 and 1."""
    kpi_steps: int = 10
    """The values that one answer can have: 1 is all or nothing."""
    memory_percent: float = 35.0
    changes: tuple[tuple[float, tuple[tuple[str, float], ...]], ...] = ()

    @classmethod
    def parsed(cls, document: dict[str, Any]) -> Self:
        """A behaviour from a manifest; raises ValueError for what no model can do."""
        changes = tuple(
            (float(change["after_minutes"]), tuple(_checked({k: v for k, v in change.items() if k != "after_minutes"})))
            for change in document.get("changes", ())
        )
        plain = dict(_checked({k: v for k, v in document.items() if k != "changes"}))
        return replace(cls(**plain), changes=tuple(sorted(changes)))

    def after(self, minutes: float) -> "Behaviour":
        """The behaviour so many minutes after the model began to take traffic."""
        current = self
        for begin, values in self.changes:
            if minutes >= begin:
                current = replace(current, **dict(values))  # type: ignore[arg-type]  # checked by name
        return current


def _checked(document: dict[str, Any]) -> list[tuple[str, Any]]:
    known = {field.name for field in fields(Behaviour)} - {"changes"}
    if unknown := sorted(set(document) - known):
        raise ValueError(f"a behaviour has no {', '.join(unknown)}")
    for name, value in document.items():
        if value < 0 or (name in _RATES and value > 1):
            raise ValueError(f"{name} cannot be {value}")
    return [(name, int(value) if name == "kpi_steps" else float(value)) for name, value in document.items()]
