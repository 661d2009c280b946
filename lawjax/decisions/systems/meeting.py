"""Curves of many draws at once: piecewise cubics through shared knots, where they cross and where they reach a level.

The scaling curve of a law is smooth in the logarithm of compute, so that a cubic between knots an eighth of a decade
apart is off by 1e-8 to 1e-6 of the response; solving it instead of the law costs no further optimisation.
"""

import dataclasses
from collections.abc import Callable
from typing import Any, Self

import numpy as np

BISECTIONS = 46
ROUNDING = 64 * np.finfo(np.float64).eps
"""Share of the larger value, or of 1 for a logarithm near 0, within which two values are one."""


@dataclasses.dataclass(frozen=True)
class Curves:
    """One curve per draw; lower is better.

    Attributes:
        knots: places, increasing, shape (knot,).
        values: at the knots, shape (knot, draw).
        pieces: coefficients of the cubics between them, the highest power first, shape (4, knot - 1, draw).
    """

    knots: np.ndarray
    values: np.ndarray
    pieces: np.ndarray

    @classmethod
    def through(cls, knots: np.ndarray, values: np.ndarray) -> Self:
        """The smooth curves through the values, shape (knot, draw)."""
        from scipy.interpolate import CubicSpline

        return cls(knots, values, np.asarray(CubicSpline(knots, values, axis=0).c))

    def between(self, first: int, last: int) -> "Curves":
        """The same curves from one knot to another, both included."""
        return Curves(self.knots[first : last + 1], self.values[first : last + 1], self.pieces[:, first:last])

    def less(self, other: "Curves") -> "Curves":
        """How far these lie above others with the same knots."""
        gap = self.values - other.values
        gap = np.where(np.abs(gap) <= rounding(self.values, other.values), 0.0, gap)
        return Curves(self.knots, gap, self.pieces - other.pieces)

    def last_zero(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each curve changes sign for the last time, NaN where it does not, and how often, shape (draw,)."""
        signs = np.sign(self.values)
        # A stretch at zero belongs to what came before it; curves that only touch do not cross.
        told = np.maximum.accumulate(np.where(signs != 0, np.arange(len(signs))[:, None], 0), axis=0)
        signs = np.take_along_axis(signs, told, axis=0)
        flips = signs[:-1] * signs[1:] < 0
        cell = len(flips) - 1 - np.argmax(flips[::-1], axis=0)
        before = np.take_along_axis(signs, cell[None], axis=0)
        place = self._bisect(cell[None], lambda value: np.sign(value) == before)[0]
        return np.where(flips.any(axis=0), place, np.nan), flips.sum(axis=0).astype(float)

    def first_below(self, levels: np.ndarray) -> np.ndarray:
        """The first place at which each curve is down at its level, shape (level, draw).

        Args:
            levels: shape (level, draw).
        Returns:
            The places; infinite where the level is not reached by the last knot, minus infinity where it is at the
            first.
        """
        lowest = np.minimum.accumulate(self.values, axis=0)
        above = np.stack([np.sum(lowest > level + rounding(level), axis=0) for level in levels])
        cell = np.clip(above - 1, 0, len(self.knots) - 2)
        place = self._bisect(cell, lambda value: value > levels)
        return np.where(above == 0, -np.inf, np.where(above == len(self.knots), np.inf, place))

    def _bisect(self, cell: np.ndarray, onward: Callable[[np.ndarray], Any]) -> np.ndarray:
        """Where inside its cell each curve stops to satisfy a condition that holds at the cell's start."""
        pieces = self.pieces[:, cell, np.arange(cell.shape[1])]
        low, high = np.zeros(cell.shape), np.diff(self.knots)[cell]
        for _ in range(BISECTIONS):
            middle = 0.5 * (low + high)
            goes_on = onward(((pieces[0] * middle + pieces[1]) * middle + pieces[2]) * middle + pieces[3])
            low, high = np.where(goes_on, middle, low), np.where(goes_on, high, middle)
        return self.knots[cell] + high


def rounding(*values: np.ndarray) -> np.ndarray:
    """By how much values may differ and still be one."""
    return ROUNDING * np.maximum(1.0, np.max(np.abs(values), axis=0))
