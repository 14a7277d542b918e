"""The evidence that the candidate's rate of events is higher than the margin allows, minute by minute.

Universal inference (Wasserman, Ramdas, Balakrishnan 2020) over a family of behaviours: the mixture of the likelihoods
of ratios above the margin, divided by that of the best explanation at the margin. Were the family all there is and no
explanation discounted, this would be an e-process: by Ville's inequality it exceeds 1/alpha with probability of at
most alpha, however often one looks. The discounts (module `discounts`) buy speed where the baseline is calm; they are
bounded, and what they cost is measured: docs/judge.md.
"""

from collections.abc import Sequence
from math import exp, log, log1p

from sluice.core.judge.discounts import Seen, discount
from sluice.core.judge.minute import Minute, split
from sluice.core.judge.paths import Onset, Path, path_of
from sluice.core.judge.restlessness import Restlessness
from sluice.core.judge.sticky import Split
from sluice.core.judge.unrest import BURSTS, CALM, FAMILY, QUIET, UNEVEN, WANDERING, Unrest, of_two
from sluice.model.judging import Direction, MetricKind, MetricRule

HISTORY_MINUTES = 180
"""The latest minutes of the history that are looked at: enough to know calm from restless, and soon computed."""

_USUAL_MARGIN = 0.05
_LOG_RATIOS = (0.3, 0.55, 0.8, 1.05, 1.3, 1.55, 1.8, 2.05, 2.3, 2.6, 2.9, 3.3, 3.7, 4.1, 4.5, 5.0)
_DOUBLE, _FIVEFOLD = (log(2), 0.2, 0.6), (log(5), 0.35, 0.4)
_SELDOM = 0.006


def _chances() -> list[float]:
    """How likely each ratio of a bad candidate is: most often about twice or five times, now and then anything."""
    heights = [
        sum(part * exp(-0.5 * ((ratio - middle) / width) ** 2) for middle, width, part in (_DOUBLE, _FIVEFOLD))
        for ratio in _LOG_RATIOS
    ]
    chances = [height / sum(heights) + _SELDOM for height in heights]
    return [chance / sum(chances) for chance in chances]


_RATIOS = tuple(zip(_LOG_RATIOS, _chances(), strict=True))
_FEW_RATIOS = ((log(2), 0.45), (log(5), 0.35), (log(20), 0.20))
_BAD = ((CALM, 0.85, _RATIOS), (UNEVEN, 0.05, _FEW_RATIOS), (WANDERING, 0.05, _FEW_RATIOS), (BURSTS, 0.05, _FEW_RATIOS))
"""How a bad candidate behaves: a constant ratio, mostly, or one of a few on a metric that is restless by itself."""


class Trial:
    """One metric of one step, fed minute by minute."""

    __slots__ = (
        "_bad",
        "_cautious",
        "_good",
        "_history",
        "_information",
        "_latency",
        "_minutes",
        "_requests",
        "_restlessness",
        "_swapped",
    )

    def __init__(self, metric: MetricRule, history: Sequence[tuple[float, float]], *, cautious: bool = False) -> None:
        margin = metric.margin
        # Where more is better, the baseline is the side whose rate must not be higher.
        self._swapped = metric.direction is Direction.HIGHER_IS_BETTER
        self._good: list[Path] = [path_of(of_two(unrest), log1p(margin)) for unrest in FAMILY]
        above = log1p(margin) - log1p(_USUAL_MARGIN)
        self._bad = [
            (FAMILY.index(unrest), log(chance * part), _bad_path(unrest, ratio + above))
            for unrest, chance, ratios in _BAD
            for ratio, part in ratios
        ]
        self._restlessness = Restlessness()
        for requests, events in history[-HISTORY_MINUTES:]:
            self._restlessness.step(requests, events)
        self._history = self._restlessness.log_likelihoods
        self._information, self._minutes = 0.0, 0
        self._latency = metric.kind is MetricKind.LATENCY
        self._requests = Split()
        self._cautious = cautious

    def step(self, baseline: tuple[float, float], candidate: tuple[float, float]) -> None:
        """Take in a minute of both variants, each as (requests, events)."""
        if baseline[0] > 0:
            self._restlessness.step(*baseline)
        self._requests.step(baseline[0], candidate[0])
        if baseline[0] > 0 and candidate[0] > 0:
            self._compare(split(candidate, baseline) if self._swapped else split(baseline, candidate))

    def _compare(self, minute: Minute) -> None:
        for path in self._good:
            path.step(minute)
        for _, _, path in self._bad:
            path.step(minute)
        self._information += minute.information
        self._minutes += 1

    @property
    def evidence(self) -> float:
        """The natural logarithm of the e-value by now."""
        discounts = self._discounts()
        good = max(path.log_likelihood - off for path, off in zip(self._good, discounts, strict=True))
        whole = log(sum(chance * exp(-discounts[FAMILY.index(unrest)]) for unrest, chance, _ in _BAD))
        bad = [path.log_likelihood + weight - discounts[member] - whole for member, weight, path in self._bad]
        return log_sum(bad) - good

    def _discounts(self) -> list[float]:
        """How much less than calm each behaviour is believed, in nats; none where clients stay with one variant."""
        if self._cautious or self._requests.is_sticky:
            return [0.0] * len(FAMILY)
        during = [now - before for now, before in zip(self._restlessness.log_likelihoods, self._history, strict=True)]
        calm_before, calm_during = max(self._history[: len(QUIET)]), max(during[: len(QUIET)])
        seen = Seen(self._minutes, self._information, self._latency)
        return [
            discount(unrest, calm_before - before, calm_during - now, seen)
            for unrest, before, now in zip(FAMILY, self._history, during, strict=True)
        ]


def _bad_path(unrest: Unrest, ratio: float) -> Path:
    return Onset(ratio) if unrest is CALM else path_of(of_two(unrest), ratio)


def log_sum(logarithms: Sequence[float]) -> float:
    """The logarithm of the sum, without overflow."""
    highest = max(logarithms)
    return highest + log(sum(exp(value - highest) for value in logarithms))
