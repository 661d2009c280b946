"""The valley floor of an objective along one parameter: that parameter held, all others refitted.

The held value is data of the compiled program, so every value shares it, and many are refitted in one batch. Each is
descended to from the fit's optima and ends, from where the fit's own geometry expects the floor, and from the floor
found at neighbouring values.
"""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, Self

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.fit_result import Fit
from lawjax.fitting.problem import Layout, Problem, padded_weights, tables_of
from lawjax.fitting.solve import Solution, Tasks, solve
from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws.base import Param
from lawjax.precision import to_numpy

NUM_ENDS = 6
"""Ends of the fit's starts, other than its optima, that a refit may begin at."""
FAR = 7.0
"""How far outside its usual range, on the line, a parameter is looked at that went to its edge: a factor of 1000."""
ROUNDS = 4
"""How often values may hand their floor to their neighbours."""
GAIN = 1e-10
"""A refit is better than another where its objective is lower by more than this share."""


@dataclasses.dataclass(frozen=True, eq=False)
class Floor:
    """What was found at some points, ascending.

    Attributes:
        points: the held parameter on its line, shape (point,).
        solution: the other entries of the vector, with how they were found; arrays lead with the point axis.
    """

    points: np.ndarray
    solution: Solution

    @property
    def objectives(self) -> np.ndarray:
        """The least objective at each point, infinite where none is finite."""
        return np.nan_to_num(self.solution.objective, nan=np.inf)

    def joined(self, other: "Floor") -> "Floor":
        """Both together; of a point that both have, the lower."""
        points = np.concatenate([self.points, other.points])
        both = Floor(points, Solution(*(np.concatenate(p) for p in zip(self.solution, other.solution, strict=True))))
        order = np.lexsort((both.objectives, points))
        first = order[np.diff(points[order], prepend=-np.inf) > 0]
        return both.take(first)

    def take(self, index: Any) -> "Floor":
        """The chosen points."""
        return Floor(self.points[index], self.solution.take(index))


@dataclasses.dataclass(frozen=True, eq=False)
class Valley:
    """The objective of a fit along one of its parameters.

    Attributes:
        fit: the fit.
        name: the parameter.
        place: its entry of the fit's vector.
        drift: how far the fit's vector is expected to move for each unit of the parameter's line, shape (free,).
        problem: that of the fit with the parameter among the fixed ones.
    """

    fit: Fit
    name: str
    place: int
    drift: np.ndarray
    problem: Problem

    @classmethod
    def of(cls, fit: Fit, name: str, drift: np.ndarray) -> Self:
        """The valley of a free scalar parameter."""
        param = fit.law.params[name]
        somewhere = 0.5 * (param.low + param.high)
        layout = Layout.of(fit.law, {**dict(fit.choices.fixed), name: somewhere}, dict(fit.choices.tied))
        place = fit.layout.labels.index(name)
        problem = dataclasses.replace(fit.problem, layout=layout, reach=np.delete(fit.problem.reach, place))
        return cls(fit, name, place, drift, problem)

    @property
    def param(self) -> Param:
        """The record of the parameter."""
        return self.fit.law.params[self.name]

    @functools.cached_property
    def here(self) -> float:
        """The fit's own value on the line; of one that went to an edge, a point near its usual range."""
        param = self.param
        point = float(to_line(param, np.float64(self.fit.params[self.name])))
        if self.name not in self.fit.edges:
            return point
        low, high = (float(to_line(param, np.float64(end))) for end in (param.low, param.high))
        return float(np.clip(point, low - FAR, high + FAR))

    def value(self, point: Any) -> Any:
        """The natural value of a point of the line."""
        return from_line(self.param, point)

    def found(self, points: np.ndarray, near: Floor | None = None) -> Floor:
        """The floor at new points, started from the fit and from the nearest points of `near`."""
        points = np.unique(points)
        starts = [*self._from_fit(points), *([] if near is None else _beside(near, points))]
        return self._descend(points, np.stack(starts, axis=1))

    def settled(self, floor: Floor) -> Floor:
        """The floor after points took over lower ground from their neighbours."""
        for _ in range(ROUNDS):
            vectors = floor.solution.vector
            beside = np.stack([np.roll(vectors, 1, axis=0), np.roll(vectors, -1, axis=0)], axis=1)
            lower = floor.joined(self._descend(floor.points, beside))
            gained = lower.objectives < floor.objectives - GAIN * np.abs(floor.objectives)
            floor = lower
            if not np.any(gained):
                break
        return floor

    def params(self, floor: Floor) -> dict[str, np.ndarray]:
        """All parameters along the floor, natural units, each leading with (point,)."""
        lanes = _natural(self._tables(floor.points), floor.solution.vector)
        return to_numpy({name: lanes[name] for name in self.fit.law.params})

    def _from_fit(self, points: np.ndarray) -> list[np.ndarray]:
        """Starts that the fit suggests, each of shape (point, free - 1)."""
        rest = [*self.fit.optimum_vectors, *self.fit.other_ends(NUM_ENDS)]
        same = [np.broadcast_to(np.delete(vector, self.place), (len(points), len(vector) - 1)) for vector in rest]
        moved = self.fit.vector + (points - self.here)[:, None] * self.drift
        return [*same, np.delete(moved, self.place, axis=1)]

    def _descend(self, points: np.ndarray, starts: np.ndarray) -> Floor:
        """The best end at each point from its starts, shape (point, start, free - 1)."""
        num, each, size = starts.shape
        weights = padded_weights(self.fit.runs)
        tasks = Tasks.of(starts.reshape(-1, size), weights, table=np.repeat(np.arange(num), each))
        choices = self.fit.choices
        ends = solve(self._tables(points), choices.make_loss(), tasks, max_steps=choices.max_steps)
        objective = np.nan_to_num(ends.objective, nan=np.inf).reshape(num, each)
        return Floor(points, ends.take(np.arange(num) * each + np.argmin(objective, axis=1)))

    def _tables(self, points: Sequence[float] | np.ndarray) -> Problem:
        """The problem of every point, along an axis over tables."""
        held = [{**self.problem.fixed, self.name: np.float64(self.value(np.float64(point)))} for point in points]
        return tables_of([dataclasses.replace(self.problem, fixed=fixed) for fixed in held])


def _beside(floor: Floor, points: np.ndarray) -> list[np.ndarray]:
    """The floor at the nearest known point on either side, each of shape (point, free - 1)."""
    right = np.searchsorted(floor.points, points)
    last = len(floor.points) - 1
    return [floor.solution.vector[np.clip(index, 0, last)] for index in (right - 1, right)]


@jax.jit
def _natural(tables: Problem, vectors: Any) -> dict[str, Any]:
    return jax.vmap(lambda problem, vector: problem.natural(vector))(tables, jnp.asarray(vectors))
