"""The constrained search: every draw's optimum in every scenario, from several starts, for every listed combination.

One draw near the middle is searched from many starts, which finds the distinct optima that there are; every other draw
starts from each of those, and what still fails goes through starts all over the box. Listed values are tried one
combination after another, each with the ranges searched anew.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

import jax
import numpy as np

from lawjax.draws import Draws
from lawjax.parallel.cores import in_batches
from lawjax.planning.constrained.interior_point import FEASIBLE, Ended, minimum
from lawjax.planning.constrained.program import Lane, Program, program_of, with_scales
from lawjax.planning.constrained.ranking import SAME, distinct, expand, least, ranked, usable
from lawjax.planning.problem import Bound
from lawjax.planning.status import SolutionStatus

LANES = 256
"""Lanes that are searched together, always as many, so that one program serves all."""
STARTS = 16
"""Starts of the middle draw."""
RETRIES = 8
"""Starts all over the box for a draw that none of those led anywhere."""
SAMPLED = 64


@dataclasses.dataclass(frozen=True)
class Found:
    """Optima, one per scenario and draw, or one plan per scenario.

    Attributes:
        inputs: what is chosen, each input with the leading axes.
        objective: value of the objective; NaN where no choice keeps to the constraints.
        status, residual, violation: how the search ended; the residual of the KKT conditions and the worst violation.
        above, equal, low, high: multipliers, as in `interior_point.Ended`, a further axis at the end.
    """

    inputs: dict[str, np.ndarray]
    objective: np.ndarray
    status: np.ndarray
    residual: np.ndarray
    violation: np.ndarray
    above: np.ndarray
    equal: np.ndarray
    low: np.ndarray
    high: np.ndarray
    combination: np.ndarray


class Search:
    """The searches of one call: what they share is made once."""

    def __init__(self, bound: Bound, draws: Draws) -> None:
        self.bound, self.draws = bound, draws
        self.params = {name: np.asarray(array) for name, array in draws.params.items()}
        self.combinations = bound.choices.combinations()
        self.starts = _spread(bound.choices.coordinates.size, max(STARTS, RETRIES, SAMPLED))
        self.scales = np.ones(1 + len(bound.problem.subject_to))
        self.program, self.scales = with_scales(program_of(bound), self._sampled(), bound.limits)
        self.agreement = np.ones(bound.num_scenarios)

    @property
    def num_combinations(self) -> int:
        """Number of combinations of listed values."""
        return self.bound.choices.num_combinations

    @cached_property
    def middle(self) -> int:
        """The draw nearest to the median of all, each parameter in units of its spread."""
        columns = np.concatenate([a.reshape(len(self.draws), -1) for a in self.params.values()], axis=1)
        spread = columns.std(axis=0)
        off = (columns - np.median(columns, axis=0)) / np.where(spread > 0, spread, 1.0)
        return int(np.argmin((off**2).sum(axis=1)))

    def _sampled(self) -> np.ndarray:
        """The quantities at points all over the box, in the first scenario and every combination in turn."""
        program, points = program_of(self.bound), self.starts[:SAMPLED]
        turn = np.arange(len(points)) % self.num_combinations
        lane = self.lane(np.zeros(len(points), int), turn)
        params = {name: array[np.full(len(points), self.middle)] for name, array in self.params.items()}
        return np.asarray(_at_points(program, lane, params, points))

    def lane(self, scenario: np.ndarray, combination: np.ndarray) -> Lane:
        """What lanes are made of; all that has an axis of lanes leads with it."""
        held = {n: a[scenario if len(a) > 1 else np.zeros_like(scenario)] for n, a in self.bound.held.items()}
        listed = {name: column[combination] for name, column in self.combinations.items()}
        return Lane(
            box=self.bound.choices.box,
            held=held | listed,
            limits=self.bound.limits[scenario],
            scales=self.scales,
            least=np.zeros(1),
            widths=np.ones_like(self.scales),
        )

    def solved(self, scenario: np.ndarray, combination: np.ndarray, draw: np.ndarray, starts: np.ndarray) -> Ended:
        """Lanes searched to their ends, in batches of one size, on every core."""

        def batch(index: np.ndarray) -> Ended:
            lane = self.lane(scenario[index], combination[index])
            params = {name: array[draw[index]] for name, array in self.params.items()}
            return _searched(self.program, lane, params, starts[index])

        return in_batches(batch, len(draw), LANES)

    def per_draw(self) -> tuple[Found, Ended]:
        """Every draw's optimum in every scenario; and of every combination, (scenario, combination, draw)."""
        shape = (self.bound.num_scenarios, self.num_combinations, len(self.draws))
        basins = self._basins()
        best = self._best(shape, basins)
        failed = np.argwhere(self._worth_more(best))
        if len(failed):
            best = self._retried(best, failed)
        return self._winner(best), best

    def _basins(self) -> np.ndarray:
        """Distinct optima of the middle draw, best first, shape (scenario, combination, basin, coordinate)."""
        num_scenarios, num_combinations = self.bound.num_scenarios, self.num_combinations
        lanes = np.indices((num_scenarios, num_combinations, STARTS)).reshape(3, -1)
        ended = self.solved(lanes[0], lanes[1], np.full(lanes.shape[1], self.middle), self.starts[lanes[2]])
        shape = (num_scenarios, num_combinations, STARTS)
        objective = np.where(usable(ended), ended.objective, np.inf).reshape(shape)
        points = ended.point.reshape(*shape, ended.point.shape[-1])
        best = objective.min(axis=(1, 2), keepdims=True)
        reached = (objective <= best + SAME * (1 + np.abs(best))) & np.isfinite(objective)
        finite = np.isfinite(objective) & np.isfinite(best)
        self.agreement = (reached.any(axis=1).sum(axis=1) / np.maximum(finite.any(axis=1).sum(axis=1), 1)).astype(float)
        kept = [[distinct(objective[s, k], points[s, k]) for k in range(shape[1])] for s in range(shape[0])]
        most = max(len(found) for row in kept for found in row)
        padded = [[np.pad(f, [(0, most - len(f)), (0, 0)], mode="edge") for f in row] for row in kept]
        return np.array(padded).reshape(*shape[:2], most, points.shape[-1])

    def _best(self, shape: tuple[int, ...], basins: np.ndarray) -> Ended:
        lanes = np.indices((*shape, basins.shape[2])).reshape(4, -1)
        starts = basins[lanes[0], lanes[1], lanes[3]]
        ended = self.solved(lanes[0], lanes[1], lanes[2], starts)
        return least(jax.tree.map(lambda a: a.reshape(*shape, basins.shape[2], *a.shape[1:]), ended), axis=3)

    def _worth_more(self, best: Ended) -> np.ndarray:
        """Which did not converge, though the combination is possible, or no other is for that draw."""
        able = usable(best)
        possible = able.any(axis=2, keepdims=True) | ~able.any(axis=1, keepdims=True)
        return (best.status != SolutionStatus.OK) & possible

    def _retried(self, best: Ended, failed: np.ndarray) -> Ended:
        """Draws that did not converge, from starts all over the box; the better end of old and new."""
        lanes = np.repeat(failed, RETRIES, axis=0)
        starts = np.tile(self.starts[:RETRIES], (len(failed), 1))
        ended = self.solved(lanes[:, 0], lanes[:, 1], lanes[:, 2], starts)
        anew = jax.tree.map(lambda a: a.reshape(len(failed), RETRIES, *a.shape[1:]), ended)
        place = tuple(failed.T)
        both = jax.tree.map(lambda old, new: np.concatenate([old[place][:, None], new], axis=1), best, anew)
        better = least(both, axis=1)
        merged = jax.tree.map(np.copy, best)
        for old, new in zip(merged, better, strict=True):
            old[place] = new
        return merged

    def _winner(self, best: Ended) -> Found:
        """The best combination of each scenario and draw."""
        combination = np.argmin(ranked(best), axis=1)
        won = jax.tree.map(lambda a: np.take_along_axis(a, expand(combination, a.ndim, 1), axis=1)[:, 0], best)
        return self.found(won, combination)

    def found(self, ended: Ended, combination: np.ndarray) -> Found:
        """What lanes ended at, as inputs."""
        flat = ended.point.reshape(combination.size, ended.point.shape[-1])
        scenario = np.broadcast_to(
            np.arange(len(ended.point)).reshape(-1, *[1] * (combination.ndim - 1)), combination.shape
        )
        lane = self.lane(scenario.ravel(), combination.ravel())
        inputs = inputs_at(self.program, lane, flat)
        chosen = {n: np.asarray(inputs[n]) for n in self.bound.choices.inputs}
        sign = self.bound.problem.sign
        objective = (
            np.exp(sign * ended.objective) if self.program.logged[0] else sign * ended.objective * self.scales[0]
        )
        return Found(
            inputs={n: a.reshape(*combination.shape, *a.shape[1:]) for n, a in chosen.items()},
            objective=np.where(ended.violation <= FEASIBLE, objective, np.nan),
            status=ended.status,
            residual=ended.residual,
            violation=ended.violation,
            above=ended.above,
            equal=ended.equal,
            low=ended.low,
            high=ended.high,
            combination=combination,
        )

    def inputs(self, found: Found) -> dict[str, np.ndarray]:
        """Every input that is not derived, at one plan per scenario."""
        return {**self.lane(np.arange(self.bound.num_scenarios), found.combination).held, **found.inputs}

    def values(self, found: Found) -> np.ndarray:
        """The quantities of every draw at one plan per scenario, shape (scenario, draw, constraint + 1)."""
        return np.asarray(quantities_over_draws(self.program, self.inputs(found), self.params))

    def responses(self, found: Found) -> np.ndarray:
        """The law's response in every draw at one plan per scenario, shape (scenario, draw)."""
        return np.asarray(_responses(self.program, self.inputs(found), self.params))


LANE_AXES = Lane(box=None, held=0, limits=0, scales=None, least=None, widths=None)  # pyright: ignore[reportArgumentType]


@partial(jax.jit, static_argnums=0)
def _searched(program: Program, lane: Lane, params: Mapping[str, Any], starts: Any) -> Ended:
    def one(lane: Lane, draw: Any, start: Any) -> Ended:
        return minimum(partial(program.in_draw, lane, draw), start)

    return jax.vmap(one, in_axes=(LANE_AXES, 0, 0))(lane, dict(params), starts)


@partial(jax.jit, static_argnums=0)
def _at_points(program: Program, lane: Lane, params: Mapping[str, Any], points: Any) -> Any:
    each: Callable[..., Any] = lambda lane, draw, point: program.at(program.inputs(lane, point), draw)
    return jax.vmap(each, in_axes=(LANE_AXES, 0, 0))(lane, dict(params), points)


@partial(jax.jit, static_argnums=0)
def inputs_at(program: Program, lane: Lane, points: Any) -> dict[str, Any]:
    """Every input at points of the unit box, one per lane."""
    return jax.vmap(program.inputs, in_axes=(LANE_AXES, 0))(lane, points)


@partial(jax.jit, static_argnums=0)
def quantities_over_draws(program: Program, inputs: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    """The quantities of every draw at choices, shape (choice, draw, constraint + 1)."""
    return jax.vmap(lambda x: jax.vmap(lambda draw: program.at(x, draw))(dict(params)))(dict(inputs))


@partial(jax.jit, static_argnums=0)
def _responses(program: Program, inputs: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    """The law's response of every draw at choices, shape (choice, draw)."""
    return jax.vmap(lambda x: jax.vmap(lambda draw: program.response(x, draw))(dict(params)))(dict(inputs))


def _spread(dim: int, num: int) -> np.ndarray:
    """Points that fill the unit box, the middle first."""
    if not dim:
        return np.zeros((num, 0))
    from scipy.stats import qmc

    points = qmc.Sobol(dim, scramble=True, rng=np.random.default_rng(0)).random(1 << (num - 1).bit_length())
    return np.concatenate([np.full((1, dim), 0.5), points])[:num]
