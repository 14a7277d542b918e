"""Kayenta's judge (`NetflixACAJudge`) by its description: a Mann-Whitney interval of the shift, and the ratio of means.

Where all values are tied, Kayenta breaks the ties with random noise; here they stay tied, and nothing is high.
"""

from math import sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from benchmarks.judge.traffic import Floats

CONFIDENCE = 0.98
TOLERANCE = 0.25
ALLOWED_INCREASE = 1.0


def is_high(control: Floats, experiment: Floats) -> NDArray[np.bool_]:
    """Whether each row of the experiment is "High" against its row of the control.

    High is a lower bound of the shift above a quarter of the shift itself (Hodges-Lehmann: the median of all pairwise
    differences), with a ratio of means of at least the allowed increase.
    """
    lower, shift = bounds(control, experiment)
    means = experiment.mean(axis=1), control.mean(axis=1)
    return (lower > TOLERANCE * np.abs(shift)) & (means[0] >= ALLOWED_INCREASE * means[1])


def bounds(control: Floats, experiment: Floats) -> tuple[Floats, Floats]:
    """The lower confidence bound of the shift, and the shift, from the normal approximation of the rank sum."""
    m, n = control.shape[1], experiment.shape[1]
    differences = (experiment[:, :, None] - control[:, None, :]).reshape(len(control), m * n)
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    rank = max(0, int(m * n / 2 - z * sqrt(m * n * (m + n + 1) / 12)))
    middle = (m * n - 1) // 2, m * n // 2
    ordered = np.partition(differences, sorted({rank, *middle}), axis=1)
    return ordered[:, rank], (ordered[:, middle[0]] + ordered[:, middle[1]]) / 2
