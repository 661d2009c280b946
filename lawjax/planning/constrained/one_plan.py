"""One plan over all draws: the constrained search with every quantity taken over the draws by a criterion."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import jax
import numpy as np

from lawjax.planning.constrained.interior_point import Ended, minimum
from lawjax.planning.constrained.program import Lane, Program
from lawjax.planning.constrained.ranking import middle, ranked, usable
from lawjax.planning.constrained.search import LANE_AXES, Found, Search, inputs_at, quantities_over_draws
from lawjax.planning.criteria import CRITERIA, OF_REGRET

LANES_BY_DRAWS = 1 << 16
"""Lanes times draws that are searched together."""
COMBINATIONS = 8
"""Combinations of listed values that are searched: those that are best where the draws' optima have their middle."""
WIDTHS = (0.3, 0.03, 0.003)
"""Stages of a rounded criterion, as shares of the spread over draws."""


def one_plan(search: Search, own: Found, each: Ended, criterion: str, prob: float) -> Found:
    """One plan per scenario, best by a criterion over all draws.

    Args:
        search: the search of the call.
        own: each draw's optimum.
        each: the optimum of each combination, with the axes (scenario, combination, draw).
        criterion: name of the criterion.
        prob: its probability.
    """
    asked = [_OneScenario(search, own, i, criterion, prob) for i in range(search.bound.num_scenarios)]
    rows = [one.plan(jax.tree.map(lambda array, i=i: array[i], each)) for i, one in enumerate(asked)]
    ended = jax.tree.map(lambda *arrays: np.stack(arrays), *(row[0] for row in rows))
    return search.found(ended, np.array([row[1] for row in rows]))


class _OneScenario:
    """The plan of one scenario: the likeliest combinations, each from the middle of the draws' optima."""

    def __init__(self, search: Search, own: Found, scenario: int, criterion: str, prob: float) -> None:
        self.search, self.scenario, self.criterion, self.prob = search, scenario, criterion, prob
        found = own.objective[scenario]
        self.least = np.where(np.isfinite(found), found, np.nanmean(found) if np.isfinite(found).any() else 0.0)

    def plan(self, each: Ended) -> tuple[Ended, int]:
        """The plan, and its combination."""
        able = usable(each)
        middles = np.array([middle(each.point[k], able[k]) for k in range(len(able))])
        judged = [self._judged(k, point) for k, point in enumerate(middles)]
        likely = np.argsort(judged, kind="stable")[:COMBINATIONS]
        starts = middles[likely]
        for width in WIDTHS[:-1] if self._has_kinks else ():
            ended = self._searched(likely, starts, width)
            starts = np.where(np.isfinite(ended.point), ended.point, starts)
        ended = self._searched(likely, starts, WIDTHS[-1])
        place = int(np.argmin(ranked(ended)))
        return jax.tree.map(lambda array: array[place], ended), int(likely[place])

    @property
    def _has_kinks(self) -> bool:
        return self.criterion != "mean" or any(share is not None for _, _, share in self.search.program.constraints)

    def _judged(self, combination: int, point: np.ndarray) -> float:
        """The criterion itself at a point; infinite where it is not finite."""
        sign = self.search.bound.problem.sign
        worth = float(
            CRITERIA[self.criterion](sign * self._values(combination, point)[:, 0], sign * self.least, self.prob)
        )
        return worth if np.isfinite(worth) else np.inf

    def _values(self, combination: int, point: np.ndarray) -> np.ndarray:
        """The quantities in every draw at a point, shape (draw, constraint + 1)."""
        lane = self.search.lane(np.array([self.scenario]), np.array([combination]))
        inputs = inputs_at(self.search.program, lane, point[None])
        return np.asarray(quantities_over_draws(self.search.program, inputs, self.search.params))[0]

    def _searched(self, combinations: np.ndarray, starts: np.ndarray, width: float) -> Ended:
        """The plans of several combinations, as many together as memory allows."""
        together = max(1, LANES_BY_DRAWS // len(self.least))
        parts = [
            self._together(combinations[begin : begin + together], starts[begin : begin + together], width)
            for begin in range(0, len(combinations), together)
        ]
        return jax.tree.map(lambda *arrays: np.concatenate(arrays), *parts)

    def _together(self, combinations: np.ndarray, starts: np.ndarray, width: float) -> Ended:
        widths = np.array([self._spread(k, point) for k, point in zip(combinations, starts, strict=True)])
        lane = self.search.lane(np.full(len(combinations), self.scenario), combinations)
        lane = lane._replace(least=self.least, widths=width * widths)
        ended = _searched_over_draws(self.search.program, self.criterion, lane, self.search.params, self.prob, starts)
        return jax.tree.map(np.asarray, ended)

    def _spread(self, combination: int, point: np.ndarray) -> np.ndarray:
        """The spread over draws of what is judged at a point, a little above 0 where there is none."""
        values = np.array(self._values(combination, point))
        if self.criterion in OF_REGRET:
            values[:, 0] -= self.least
        values = np.where(np.isfinite(values), values, np.nan)
        least = 1e-9 * np.abs(np.nanmean(values, axis=0)) + np.finfo(float).tiny
        return np.fmax(np.nanstd(values, axis=0), least)


@partial(jax.jit, static_argnums=(0, 1))
def _searched_over_draws(
    program: Program, criterion: str, lane: Lane, params: Mapping[str, Any], prob: Any, starts: Any
) -> Ended:
    def one(lane: Lane, start: Any) -> Ended:
        return minimum(partial(program.over_draws, lane, dict(params), criterion, prob), start)

    return jax.vmap(one, in_axes=(LANE_AXES._replace(widths=0), 0))(lane, starts)
