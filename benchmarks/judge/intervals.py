"""How sure a share of runs is."""

from math import sqrt
from statistics import NormalDist


def wilson(hits: int, runs: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval for a share, which stays honest at 0 of many."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, weight = hits / runs, z * z / runs
    middle = (share + weight / 2) / (1 + weight)
    half = z * sqrt(share * (1 - share) / runs + weight / (4 * runs)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)
