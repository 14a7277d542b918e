"""The values of one metric in one period: how often each value was seen, as CloudWatch keeps them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class StatisticSet:
    """A published summary whose single values are unknown."""

    count: float
    total: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True)
class Distribution:
    """Values with their counts, and summaries that cannot be taken apart."""

    counts: Mapping[float, float] = field(default_factory=dict)
    summaries: tuple[StatisticSet, ...] = ()

    @property
    def count(self) -> float:
        """SampleCount."""
        return sum(self.counts.values()) + sum(s.count for s in self.summaries)

    @property
    def total(self) -> float:
        """Sum."""
        return sum(v * n for v, n in self.counts.items()) + sum(s.total for s in self.summaries)

    @property
    def minimum(self) -> float:
        """Minimum."""
        return min((*self.counts, *(s.minimum for s in self.summaries)))

    @property
    def maximum(self) -> float:
        """Maximum."""
        return max((*self.counts, *(s.maximum for s in self.summaries)))

    def thinned(self, fraction: float) -> "Distribution":
        """What is known while the data points of a minute still arrive: the same part of all values."""
        if fraction >= 1 or self.summaries:
            return self
        seen, taken, kept = 0.0, 0.0, {}
        for value in sorted(self.counts):
            seen += self.counts[value]
            if more := seen * fraction // 1 - taken:
                kept[value], taken = more, taken + more
        return Distribution(kept)


def merged(parts: Iterable[Distribution]) -> Distribution:
    """All values of several distributions in one."""
    counts: Counter[float] = Counter()
    summaries: list[StatisticSet] = []
    for part in parts:
        for value, n in part.counts.items():
            counts[value] += n  # type: ignore[assignment]  # Counter is typed for whole numbers; counts may be fractions
        summaries += part.summaries
    return Distribution(counts, tuple(summaries))
