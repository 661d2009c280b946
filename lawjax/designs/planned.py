"""Planned runs: the rows of a design, and the information that they will hold."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lawjax.costs.cost import Cost
from lawjax.data.inputs import input_columns
from lawjax.designs.coordinates import Coordinates, predicted, slopes
from lawjax.designs.information import Precision, columns_of, information, noise_variances
from lawjax.designs.quantities import (
    Quantity,
    budget_at,
    function_of_params,
    least_response,
    optimal_inputs,
    optimum_of,
    parameters,
    response_at,
)
from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.fitting.problem import Problem
from lawjax.laws.base import Law


@dataclasses.dataclass(frozen=True)
class Rows:
    """Rows of a design: the law's inputs, the group of each, and all columns that were given."""

    inputs: dict[str, np.ndarray]
    group: np.ndarray | None
    given: Mapping[str, Any]
    repeats: int

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def cost(self, cost: Cost) -> tuple[float, str]:
        """What all rows cost together, and its unit; not a number where the cost takes what the design does not say."""
        if any(name not in self.given for name in cost.inputs):
            return float("nan"), cost.unit
        columns = {name: np.asarray(self.given[name], dtype=np.float64) for name in cost.inputs}
        return float(np.sum(np.broadcast_to(cost(columns), len(self)))) * self.repeats, cost.unit


def rows_of(law: Law, design: Any, group: Any = None, repeats: int = 1) -> Rows:
    """The rows of a design, checked.

    Raises:
        InputError: a missing input, values that an input cannot have, or groups of another length.
    """
    given = columns_of(law, design)
    inputs = input_columns(law, {name: given[name] for name in law.inputs})
    codes = getattr(design, "group", None) if group is None and hasattr(design, "origin") else group
    num = len(next(iter(inputs.values())))
    if codes is not None and np.shape(codes) != (num,):
        raise InputError(f"`group` must have one code for each of the {num} planned rows, got {np.shape(codes)}.")
    found = None if codes is None else np.unique(np.asarray(codes), return_inverse=True)[1]
    return Rows(inputs, found, given, repeats)


def checked_shared(shared: float) -> float:
    """A standard deviation of 0 or more.

    Raises:
        InputError: anything else.
    """
    if isinstance(shared, bool) or not isinstance(shared, int | float) or not 0 <= shared < np.inf:
        raise InputError(f"`shared` must be 0 or a positive number, the sd that a group shares, got {shared!r}.")
    return float(shared)


@dataclasses.dataclass(frozen=True, eq=False)
class Planned:
    """Planned runs, and those that are there, in the coordinates in which they are judged.

    Attributes:
        draws: the parameters that are supposed.
        plan: the planned runs.
        before: those that are there, or None.
        fixed: parameters that are known.
        noise: standard deviation of one run's response, or None for what the draws know.
        shared: standard deviation of what the rows of a group share.
        coordinates: of the parameters.
        problem: the planned runs as a fit would see them.
        vectors: the draws on the line, shape (draw, free).
        variances: of a planned run's response, shape (draw, row).
    """

    draws: Draws
    plan: Rows
    before: Rows | None
    fixed: tuple[str, ...]
    noise: float | None
    shared: float

    def __post_init__(self) -> None:
        whole = self.plan.inputs
        if self.before is not None:
            whole = {name: np.concatenate([column, self.before.inputs[name]]) for name, column in whole.items()}
        coordinates = Coordinates.of(self.draws, whole, self.fixed)
        space = self.draws.noise.space if self.draws.noise.known else _space_of(self.draws.law)
        problem = coordinates.problem(self.plan.inputs, space)
        object.__setattr__(self, "coordinates", coordinates)
        object.__setattr__(self, "problem", problem)
        object.__setattr__(self, "vectors", coordinates.vectors(self.draws.params))
        object.__setattr__(self, "variances", self._variances(self.plan))

    coordinates: Coordinates = dataclasses.field(init=False)
    problem: Problem = dataclasses.field(init=False)
    vectors: np.ndarray = dataclasses.field(init=False)
    variances: np.ndarray = dataclasses.field(init=False)

    def _variances(self, rows: Rows) -> np.ndarray:
        responses = np.asarray(predicted(self._problem_of(rows), self.vectors))
        return noise_variances(self.noise, self.draws, rows.inputs, responses)

    def _problem_of(self, rows: Rows) -> Problem:
        return self.coordinates.problem(rows.inputs, self.problem.space)

    def information_of(self, rows: Rows) -> np.ndarray:
        """The information of some rows, their repeats counted, shape (draw, free, free)."""
        jacobian = np.asarray(slopes(self._problem_of(rows), self.vectors))
        if not np.all(np.isfinite(jacobian)):
            raise InputError(
                "the law or its slopes are not finite at some of the runs for these parameters. Check the design's "
                "units, and leave out runs at the edge of an input."
            )
        return rows.repeats * information(jacobian, self._variances(rows), self.shared, rows.group)

    def precision(self, prior: bool) -> Precision:
        """How sure the estimates will be."""
        found = self.information_of(self.plan)
        if self.before is not None:
            found = found + self.information_of(self.before)
        if prior:
            level = float(np.median(np.abs(predicted(self.problem, self.vectors))))
            found = found + np.diag(self.coordinates.prior_precision(level))
        return Precision(found)

    @property
    def parameters(self) -> list[Quantity]:
        """Every free parameter."""
        return parameters(self.problem, self.vectors)

    @property
    def num_runs(self) -> int:
        """Planned runs: groups where rows belong to groups."""
        each = len(self.plan) if self.plan.group is None else int(self.plan.group.max()) + 1
        return each * self.plan.repeats


def _space_of(law: Law) -> str:
    return {"positive": "log", "unit": "raw", "real": "raw"}[law.support]


def asked_of(
    question: Planned,
    at: Any,
    functions: Mapping[str, Callable[..., Any]],
    cost: Cost,
    bounds: Mapping[str, Any] | None,
    held: Mapping[str, Any] | None,
) -> list[Quantity]:
    """What was asked for beside the parameters.

    Raises:
        InputError: neither a budget nor a mapping of inputs, or what `optimum_of` and `response_at` refuse.
    """
    draws, problem, vectors = question.draws, question.problem, question.vectors
    found: list[Quantity] = []
    for place in [] if at is None else at if isinstance(at, list | tuple) else [at]:
        if isinstance(place, Mapping):
            found.append(response_at(draws.law, place, problem, vectors))
        else:
            budget = budget_at(place, cost)
            best = optimum_of(draws, problem, vectors, budget, cost, bounds, held)
            found += [*optimal_inputs(best, budget), least_response(best, draws.law, budget)]
    return found + [function_of_params(name, fn, problem, vectors) for name, fn in functions.items()]
