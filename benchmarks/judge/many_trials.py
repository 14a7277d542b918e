"""The evidence of the product's judge for many runs at once, held to what the product itself answers for some of them.

Two thousand runs of a day, one by one, would take hours; as arrays they take seconds. So that it stays the product that
is measured, the first runs of each block are judged by the product too, and any difference ends the benchmark.
"""

import numpy as np

from benchmarks.judge.many_paths import ManyPaths, split
from benchmarks.judge.traffic import Counts, Floats, Trials
from sluice.core.judge import discounts, restlessness, sticky
from sluice.core.judge.restlessness import Restlessness
from sluice.core.judge.trial import _BAD, HISTORY_MINUTES, Trial
from sluice.core.judge.unrest import FAMILY, QUIET
from sluice.model.judging import MetricKind, MetricRule

_MEMBERS = [FAMILY.index(unrest) for unrest, _, _ in _BAD]
_CHANCES = np.array([chance for _, chance, _ in _BAD])
_DOUBT = {name: np.array([getattr(unrest.doubt, name) for unrest in FAMILY]) for name in ("nats", "until", "half")}
_IN_LATENCY = np.array([unrest.doubt.in_latency for unrest in FAMILY])
_TRUST = np.array([unrest.trust for unrest in FAMILY])


def evidence_of_all(metric: MetricRule, trials: Trials) -> Floats:
    """As `evidence_by_minute`: a row a run, a column a minute. Every minute of the baseline must have requests."""
    many = ManyTrials(metric, trials)
    both = zip(_minutes(trials.baseline), _minutes(trials.canary), strict=True)
    return np.stack([many.step(baseline, candidate) for baseline, candidate in both], axis=1)


class ManyTrials:
    """As `Trial`."""

    def __init__(self, metric: MetricRule, trials: Trials) -> None:
        runs = len(trials.canary.requests)
        product = Trial(metric, [])
        self._good = ManyPaths(product._good, runs)  # noqa: SLF001 - the product's own choice of paths
        bad = product._bad  # noqa: SLF001 - see above
        self._bad = ManyPaths([path for _, _, path in bad], runs)
        self._member, self._weight = [member for member, _, _ in bad], np.array([weight for _, weight, _ in bad])
        self._restlessness = ManyRestlessness(runs)
        for before in _minutes(trials.history)[-HISTORY_MINUTES:] if trials.history else ():
            self._restlessness.step(*before)
        self._history = self._restlessness.log_likelihoods
        self._latency = metric.kind is MetricKind.LATENCY
        self._information, self._minutes = np.zeros(runs), np.zeros(runs)
        self._split = ManySplit(runs)

    def step(self, baseline: tuple[Floats, Floats], candidate: tuple[Floats, Floats]) -> Floats:
        """Take in a minute of both variants; the evidence by then."""
        self._restlessness.step(*baseline)
        self._split.step(baseline[0], candidate[0])
        counts = candidate[0] > 0
        minutes = split(baseline, candidate)
        self._good.step(minutes, counts)
        self._bad.step(minutes, counts)
        self._information += np.where(counts, minutes.information, 0.0)
        self._minutes += counts
        return self._evidence()

    def _evidence(self) -> Floats:
        off = np.where(self._split.is_sticky[:, None], 0.0, self._discounts())
        good = (self._good.log_likelihood - off).max(axis=1)
        whole = np.log((_CHANCES * np.exp(-off[:, _MEMBERS])).sum(axis=1))
        bad = self._bad.log_likelihood + self._weight - off[:, self._member]
        highest = bad.max(axis=1)
        mixed: Floats = highest + np.log(np.exp(bad - highest[:, None]).sum(axis=1)) - whole - good
        return mixed

    def _discounts(self) -> Floats:
        """As `discounts.discount`, for all runs and behaviours."""
        by_history = _calm_over(self._history)
        during = np.minimum(
            _calm_over(self._restlessness.log_likelihoods - self._history),
            discounts._MOST_BY_BASELINE,  # noqa: SLF001 - the product's number
        )
        doubt, trust = (_IN_LATENCY, discounts._LATENCY_TRUST) if self._latency else (_DOUBT["nats"], _TRUST)  # noqa: SLF001 - see above
        heeded = doubt if self._latency else doubt * self._heeded()
        history = np.minimum(np.maximum(by_history, -doubt), trust)
        off: Floats = np.clip(heeded + history + during, 0.0, discounts._MOST)  # noqa: SLF001 - see above
        return off

    def _heeded(self) -> Floats:
        lasting = np.clip((self._minutes[:, None] - discounts._BRIEF) / discounts._LONGER, 0.0, 1.0)  # noqa: SLF001 - see above
        heeded: Floats = _fading(self._information[:, None], _DOUBT["until"], _DOUBT["half"]) * lasting
        return heeded


class ManyRestlessness:
    """As `Restlessness`, where every minute has requests."""

    def __init__(self, runs: int) -> None:
        self._paths = ManyPaths(Restlessness().paths, runs)
        self._recent: list[tuple[Floats, Floats]] = []
        self._requests, self._events = np.zeros(runs), np.zeros(runs)

    @property
    def log_likelihoods(self) -> Floats:
        """As of the product."""
        return self._paths.log_likelihood

    def step(self, requests: Floats, events: Floats) -> None:
        """Take in the next minute of the variant."""
        if self._recent:
            minutes = split((self._requests, self._events), (requests, events))
            self._paths.step(minutes, np.ones(len(requests), dtype=bool))
        if len(self._recent) >= restlessness._WARM:  # noqa: SLF001 - the product's number
            usual = requests * self._events / self._requests
            events = np.minimum(events, restlessness._TIMES * usual + restlessness._MORE)  # noqa: SLF001 - see above
        self._recent.append((requests, events))
        self._requests, self._events = self._requests + requests, self._events + events
        if len(self._recent) > restlessness.RECENT:
            gone = self._recent.pop(0)
            self._requests, self._events = self._requests - gone[0], np.maximum(0.0, self._events - gone[1])


class ManySplit:
    """As `Split`, where every minute has requests."""

    def __init__(self, runs: int) -> None:
        self._minutes = 0
        self._ours, self._requests, self._squares = np.zeros(runs), np.zeros(runs), np.zeros(runs)

    def step(self, baseline: Floats, candidate: Floats) -> None:
        """Take in the requests of a minute."""
        self._minutes += 1
        self._ours = self._ours + candidate
        self._requests = self._requests + baseline + candidate
        self._squares = self._squares + candidate**2 / (baseline + candidate)

    @property
    def is_sticky(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """As of the product."""
        if self._minutes < sticky._FEWEST_MINUTES:  # noqa: SLF001 - the product's number
            return np.zeros(len(self._ours), dtype=bool)
        share = self._ours / self._requests
        inside = np.where((share > 0) & (share < 1), share * (1 - share), np.inf)
        scatter = (self._squares - self._ours * share) / inside
        return scatter > sticky._SCATTER * (self._minutes - 1)  # noqa: SLF001 - see above


def _calm_over(likelihoods: Floats) -> Floats:
    """How much better calm explains what was seen than each behaviour does."""
    return likelihoods[:, : len(QUIET)].max(axis=1, keepdims=True) - likelihoods


def _fading(information: Floats, until: Floats, half: Floats) -> Floats:
    return 1 / (1 + np.maximum(0.0, information - until) / half)


def _minutes(counts: Counts) -> list[tuple[Floats, Floats]]:
    """Requests and events of all runs, minute by minute."""
    return list(zip(counts.requests.T.astype(float), counts.failures.T.astype(float), strict=True))
