"""The judges that others use, written anew from what their sources say; each sees the same counts a minute.

Each answers, for every run, the minute at which it takes the canary back; 0 is never.
"""

from collections.abc import Callable
from math import log

import numpy as np
from numpy.typing import NDArray

from benchmarks.judge.kayenta import is_high
from benchmarks.judge.traffic import RATES, Counts, Floats, Ints, Metric, Trials, World

type Flags = NDArray[np.bool_]
type Method = Callable[[Trials, World, float], Ints]

ALARM_ABOVE = {Metric.ERRORS: 0.01, Metric.LATENCY: 0.20}
"""What a team would have set: more than 1 % errors; twice the requests beyond the 90th percentile."""
KAYENTA_EVERY = 5
RATIOS = np.geomspace(1.25, 16, 16)


def alarm(k: int, m: int) -> Method:
    """A threshold alarm: the candidate's share of failures is above it in `k` of the last `m` minutes."""

    def judge(trials: Trials, world: World, _: float) -> Ints:
        above = shares(trials.canary) > ALARM_ABOVE[world.metric]
        counted = np.cumsum(above, axis=1)
        before = np.pad(counted, ((0, 0), (m, 0)))[:, : counted.shape[1]]
        return first(counted - before >= k)

    return judge


def kayenta_at_end(trials: Trials, world: World, _: float) -> Ints:
    """Kayenta's judge, asked once, when all minutes are there."""
    return np.where(is_high(shares(trials.baseline), shares(trials.canary)), world.minutes, 0)


def kayenta_each_5(trials: Trials, world: World, _: float) -> Ints:
    """Kayenta's judge, asked every five minutes about all minutes so far."""
    baseline, canary = shares(trials.baseline), shares(trials.canary)
    answer = np.zeros(len(baseline), dtype=np.int64)
    for minute in range(KAYENTA_EVERY, world.minutes + 1, KAYENTA_EVERY):
        open_still = answer == 0
        high = is_high(baseline[open_still, :minute], canary[open_still, :minute])
        answer[open_still] = np.where(high, minute, 0)
    return answer


def mixture(trials: Trials, _: World, alpha: float) -> Ints:
    """The plain split e-process: given all failures of a minute, the candidate's share follows that of the requests.

    The wealth of 16 bets on risk ratios from 1.25 to 16 is averaged; at 1/alpha the canary goes back.
    """
    requests = trials.baseline.requests + trials.canary.requests
    failures = trials.baseline.failures + trials.canary.failures
    wealths = []
    for ratio in RATIOS:
        tilted = trials.baseline.requests + ratio * trials.canary.requests
        lost = failures * np.log(np.maximum(tilted, 1) / np.maximum(requests, 1))
        wealths.append(np.cumsum(trials.canary.failures * log(ratio) - lost, axis=1))
    return first(log_mean(np.stack(wealths)) >= -log(alpha))


def multinomial(trials: Trials, world: World, alpha: float) -> Ints:
    """The anytime-valid multinomial test (Lindon, Malek 2022): all failures so far, against the split that was set.

    A uniform prior over the candidate's share gives the Bayes factor; it counts when that share is too high.
    """
    ours, theirs = np.cumsum(trials.canary.failures, axis=1), np.cumsum(trials.baseline.failures, axis=1)
    total = ours + theirs
    factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, total.max(initial=0) + 2)))])
    marginal = factorials[ours] + factorials[theirs] - factorials[total + 1]
    under_null = ours * log(world.split) + theirs * log(1 - world.split)
    return first((marginal - under_null >= -log(alpha)) & (ours > total * world.split))


def oracle(trials: Trials, world: World, alpha: float) -> Ints:
    """Wald's sequential test of the two rates, both known to it: no test can be told more."""
    good = RATES[world.metric](world.rate, np.ones((1, 1))).item()
    bad = RATES[world.metric](world.rate, np.full((1, 1), world.factor)).item()
    failures, fine = trials.canary.failures, trials.canary.requests - trials.canary.failures
    return first(np.cumsum(failures * log(bad / good) + fine * log((1 - bad) / (1 - good)), axis=1) >= -log(alpha))


def shares(counts: Counts) -> Floats:
    """Failures a request, minute by minute; a minute without requests counts as 0, as Kayenta replaces it."""
    return counts.failures / np.maximum(counts.requests, 1)


def first(fired: Flags) -> Ints:
    """The first minute, counted from 1, that fired in each run; 0 where none did."""
    return np.where(fired.any(axis=1), fired.argmax(axis=1) + 1, 0)


def log_mean(logarithms: Floats) -> Floats:
    """The logarithm of the mean over the first axis, without overflow."""
    highest = logarithms.max(axis=0)
    mean: Floats = highest + np.log(np.mean(np.exp(logarithms - highest), axis=0))
    return mean
