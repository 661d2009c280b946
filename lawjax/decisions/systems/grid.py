"""Where the curves of systems have their knots: at every budget, between them, and far beyond them."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Self

import numpy as np

from lawjax.axes import Axis
from lawjax.costs.budget import Budget
from lawjax.decisions.systems.meeting import Curves
from lawjax.errors import InputError

FILLED = 25
"""Budgets between two that are given as (low, high)."""
STEP, FAR_STEP = np.log(10) / 8, np.log(10) / 3
"""Widest step between knots, inside the range of the budgets and beyond it."""
REACH = 1e9
"""How many times beyond that range a system is followed to what the other gives."""


@dataclasses.dataclass(frozen=True)
class Grid:
    """Knots in the logarithm of the budget.

    Attributes:
        knots: increasing, shape (knot,).
        rows: the knot of each budget, shape (budget,).
    """

    knots: np.ndarray
    rows: np.ndarray

    @classmethod
    def around(cls, amounts: np.ndarray) -> Self:
        """The knots for budgets that rise."""
        ends = np.log(amounts)
        counts = np.maximum(np.ceil(np.diff(ends) / STEP).astype(int), 1)
        parts = [np.linspace(low, high, num, endpoint=False) for low, high, num in zip(ends[:-1], ends[1:], counts)]
        away = np.arange(1, round(np.log(REACH) / FAR_STEP) + 1) * FAR_STEP
        knots = np.concatenate([ends[0] - away[::-1], *parts, ends[-1:], ends[-1] + away])
        return cls(knots, len(away) + np.concatenate([[0], np.cumsum(counts)]))

    @property
    def amounts(self) -> np.ndarray:
        """The budgets at the knots, shape (knot,)."""
        return np.exp(self.knots)

    @property
    def inside(self) -> slice:
        """The knots from the lowest budget to the highest."""
        return slice(int(self.rows[0]), int(self.rows[-1]) + 1)

    def filled(self, values: np.ndarray) -> np.ndarray:
        """Values at the knots with those beyond the range that are no numbers as the last ones before, (knot, draw)."""
        middle, values = self.rows[0], values.copy()
        for step, stop in ((-1, -1), (1, len(values))):
            for knot in range(middle + step, stop, step):
                values[knot] = np.where(np.isfinite(values[knot]), values[knot], values[knot - step])
        return values

    def within(self, curves: Curves) -> Curves:
        """The curves from the lowest budget to the highest."""
        return curves.between(int(self.rows[0]), int(self.rows[-1]))


def amounts_of(budgets: Any, unit: str) -> np.ndarray:
    """Budgets as numbers in a unit, shape (budget,).

    Args:
        budgets: an axis, (low, high), or a list that rises.
        unit: what numbers are in, and budgets must be.
    Raises:
        InputError: fewer than two, budgets in another unit, above no zero, or that do not rise.
    Example:
        >>> amounts_of((1e18, 1e24), "FLOP").shape
        (25,)
    """
    if isinstance(budgets, Axis):
        return _rising(budgets.values)
    if isinstance(budgets, str) or not isinstance(budgets, Iterable):
        raise InputError(f"`budgets` takes (low, high), an axis or a list of two or more, got {budgets!r}.")
    items = list(budgets)
    for item in items:
        if isinstance(item, Budget) and item.unit != unit:
            raise InputError(f"a budget is in {item.unit}, the systems are compared in {unit or 'another unit'}.")
    found = _rising([item.value if isinstance(item, Budget) else item for item in items])
    return np.geomspace(found[0], found[-1], FILLED) if len(found) == 2 else found


def _rising(items: Any) -> np.ndarray:
    try:
        found = np.asarray(items, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"`budgets` must be numbers, got {items!r}.") from None
    if found.ndim != 1 or len(found) < 2 or not np.all(np.isfinite(found) & (found > 0)) or np.any(np.diff(found) <= 0):
        raise InputError(
            f"`budgets` must be two or more finite numbers above 0 that rise, got {items!r}. For one budget give a "
            "range around it, as (1e20, 1e24)."
        )
    return found
