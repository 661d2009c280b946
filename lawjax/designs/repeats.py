"""How often a design must be repeated: the least whole number that is enough, and what to show around it."""

import math
from collections.abc import Callable

MOST = 2**60
AROUND = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Shares of the needed number that a table shows beside the design itself."""


def shown_repeats(needed: float, whole: bool) -> list[float]:
    """The repeats that the table shows."""
    if not math.isfinite(needed):
        return [1.0, 10.0, 100.0]
    around = [needed * share for share in AROUND]
    return sorted({1.0, *(max(float(round(x)), 1.0) if whole else x for x in around)})


def least_whole(sd_after: Callable[[float], float], enough: float) -> float:
    """The least whole number of repeats that is enough, 0 where what is there is; infinite where none is."""
    if sd_after(0.0) <= enough:
        return 0.0
    high = 1
    while not sd_after(float(high)) <= enough:
        high *= 2
        if high > MOST:
            return math.inf
    low = high // 2
    while high - low > 1:
        half = (low + high) // 2
        low, high = (low, half) if sd_after(float(half)) <= enough else (half, high)
    return float(high)
