"""By what a band must be widened for the runs beyond earlier cuts to lie in it as often as it says."""

import math
from typing import NamedTuple

import numpy as np

COMPARABLE = 1 / 3
"""Runs count that lay at least this share of the way, in log distance, to the furthest comparable one."""
FEWEST = 5
"""Runs beyond earlier cuts that a widening may rest on."""
MOST = 5.0
"""Widest that a band is made: more says that no law here foresees such a run."""


class Misses(NamedTuple):
    """How far runs beyond earlier cuts lay from the forecast, in half widths of the band; shape (run,).

    Attributes:
        distance: log of how many times beyond the cut.
        size: 1 at the edge of the band.
    """

    distance: np.ndarray
    size: np.ndarray


def widenings(misses: Misses, distance: np.ndarray, prob: float) -> np.ndarray:
    """What the half widths of a band are multiplied by at each distance, 1 or more, shape (row,).

    It is the split-conformal factor of the runs that lay comparably far beyond earlier cuts; a band is never narrowed.

    Args:
        misses: what the past says.
        distance: log of how many times beyond the runs each row lies, shape (row,).
        prob: nominal probability of the band.
    References:
        Vovk, Gammerman and Shafer 2005, doi:10.1007/b106715.
    Example:
        >>> past = Misses(distance=np.ones(9), size=np.linspace(0.2, 1.8, 9))
        >>> widenings(past, np.array([1.0]), prob=0.8).round(2)
        array([1.6])
    """
    return np.array([_widening(misses, one, prob) for one in distance])


def _widening(misses: Misses, distance: float, prob: float) -> float:
    if len(misses.size) < FEWEST:
        return 1.0
    comparable = misses.size[misses.distance >= COMPARABLE * min(distance, misses.distance.max())]
    if len(comparable) < FEWEST:
        comparable = misses.size[np.argsort(misses.distance)[-FEWEST:]]
    rank = min(math.ceil(prob * (len(comparable) + 1) - 1e-9), len(comparable))
    return float(np.clip(np.sort(comparable)[rank - 1], 1.0, MOST))
