"""Two systems at the knots of one grid, draw beside draw: what is worked out of both at once."""

import dataclasses
import functools

import numpy as np

from lawjax.decisions.systems.curves import Responses, System, unit_of
from lawjax.decisions.systems.grid import Grid
from lawjax.decisions.systems.meeting import Curves, rounding
from lawjax.decisions.systems.result import SystemComparison, quantiles
from lawjax.errors import InputError
from lawjax.verdict import Verdict


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two systems at the knots of a grid, one draw of A beside one of B.

    Attributes:
        systems: A and B.
        given: what each gives at the knots.
        grid: the knots.
        usable: the draws that can be compared, shape (draw,).
        better: "lower" or "higher".
    """

    systems: list[System]
    given: list[Responses]
    grid: Grid
    usable: np.ndarray
    better: str

    @functools.cached_property
    def values(self) -> tuple[np.ndarray, np.ndarray]:
        """The responses of both, of the draws that can be compared, shape (knot, draw)."""
        first, second = (self.grid.filled(one.values[:, self.usable]) for one in self.given)
        return first, second

    @functools.cached_property
    def curves(self) -> tuple[Curves, Curves]:
        """The same as curves that are better where they are lower, in logarithm where all are above 0."""
        first, second = (Curves.through(self.grid.knots, self._lowered(values)) for values in self.values)
        return first, second

    @functools.cached_property
    def logged(self) -> bool:
        """Whether responses are compared in logarithm."""
        return all(bool(np.all(values > 0)) for values in self.values)

    def _lowered(self, values: np.ndarray) -> np.ndarray:
        values = np.log(values) if self.logged else values
        return values if self.better == "lower" else -values

    def compared(self, target: float | None, prob: float, how: str) -> SystemComparison:
        """The comparison, without its verdict."""
        (a, b), rows = self.curves, self.grid.rows
        first, second = (values[rows] for values in self.values)
        crossover, crossings = self.grid.within(a).less(self.grid.within(b)).last_zero()
        gain = np.exp(b.first_below(a.values[rows]) - self.grid.knots[rows][:, None])
        low, middle, high = quantiles(first - second, prob)
        least, typical, most = quantiles(gain, prob)
        one, other = self.systems
        return SystemComparison(
            names=(one.name, other.name),
            laws=(one.law.name, other.law.name),
            along=(one.along, other.along),
            unit=unit_of(self.systems),
            response=one.law.response,
            better=self.better,
            paired=how,
            prob=prob,
            budgets=self.grid.amounts[rows],
            response_a=np.median(first, axis=1),
            response_b=np.median(second, axis=1),
            difference=middle,
            difference_low=low,
            difference_high=high,
            prob_a_better=_share_lower(a.values[rows], b.values[rows]),
            gain=typical,
            gain_low=least,
            gain_high=most,
            prob_never=np.mean(np.isposinf(gain), axis=1),
            crossover=np.exp(crossover),
            crossings=crossings,
            verdict=Verdict(),
            bases=(one.draws.basis, other.draws.basis),
            target=target,
            ratio=None if target is None else self._ratio(target),
        )

    def _ratio(self, target: float) -> np.ndarray:
        """How many times what A needs for the target B needs, shape (draw,)."""
        if self.logged and target <= 0:
            raise InputError(f"`target` must be above 0, as all responses are, got {target:g}.")
        level = np.broadcast_to(self._lowered(np.array(target)), (1, int(self.usable.sum())))
        a, b = (curves.first_below(level)[0] for curves in self.curves)
        with np.errstate(invalid="ignore"):  # Where neither gets there, or both long before, there is no ratio.
            return np.exp(b - a)


def _share_lower(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Share of the draws in which the first is lower, half of those in which both are one, shape (budget,)."""
    same = np.abs(first - second) <= rounding(first, second)
    return np.mean(~same & (first < second), axis=1) + 0.5 * np.mean(same, axis=1)


def usable_in_both(systems: list[System], given: list[Responses], grid: Grid) -> np.ndarray:
    """The draws that have a response at every budget in both systems, shape (draw,).

    Raises:
        InputError: there is none.
    """
    finite = [np.isfinite(one.values[grid.inside]) for one in given]
    for system, known in zip(systems, finite, strict=True):
        empty = np.flatnonzero(~known.any(axis=1))
        if len(empty):
            raise InputError(
                f"system {system.name} has no response at {grid.amounts[grid.inside][empty[0]]:.3g} {system.unit}: "
                "its bounds leave no choice that costs so much, or its law gives no number. Give other budgets."
            )
    usable = np.all([known.all(axis=0) for known in finite], axis=0)
    if not usable.any():
        raise InputError("no draw has a response of both systems at every budget, so there is nothing to compare.")
    return usable
