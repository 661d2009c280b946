"""What a constrained search computes: the quantities of a problem at a point of the unit box, in one draw or in all."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.costs.cost import Cost
from lawjax.costs.named import call
from lawjax.laws.base import Law
from lawjax.planning.constrained.interior_point import Values
from lawjax.planning.constraints import AT_LEAST, EQUAL, Change, Quantity
from lawjax.planning.criteria import OF_REGRET, rounded
from lawjax.planning.problem import LOSS, Bound
from lawjax.planning.variables import Coordinates

Inputs = dict[str, Any]
Params = Mapping[str, Any]


class Lane(NamedTuple):
    """The part of one search that is not compiled in.

    Attributes:
        box: ends of each coordinate, shape (coordinate, 2).
        held: inputs that are not searched.
        limits: limit of each constraint, shape (constraint,).
        scales: what the objective and each constraint are divided by where they are not compared in logarithm, shape
            (constraint + 1,).
        least: each draw's own optimum, shape (draw,); read by criteria of regret.
        widths: over what the kinks of a criterion are rounded, for the objective and each constraint, shape
            (constraint + 1,).
    """

    box: Any
    held: Inputs
    limits: Any
    scales: Any
    least: Any
    widths: Any


@dataclasses.dataclass(frozen=True)
class Program:
    """The part of a problem that is compiled in.

    Attributes:
        law: the law.
        coordinates: what is searched.
        derived: inputs that follow from others, in order.
        named: further quantities, in order.
        objective: what is minimised, and its sign.
        constraints: quantity, sense and probability of each constraint.
        logged: whether the objective, and each constraint, is compared in logarithm.
    """

    law: Law
    coordinates: Coordinates
    derived: tuple[tuple[str, Callable[..., Any]], ...]
    named: tuple[tuple[str, Quantity], ...]
    objective: Quantity
    sign: float
    constraints: tuple[tuple[Quantity, str, float | None], ...]
    logged: tuple[bool, ...] = ()

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The objective, then what each constraint limits."""
        return (self.objective, *(quantity for quantity, _, _ in self.constraints))

    def at(self, inputs: Inputs, params: Params) -> Any:
        """The quantities at inputs in one draw, shape (constraint + 1,); not a number becomes infinite."""
        inputs = self.completed(inputs)
        known = {**inputs, LOSS: self._response(inputs, params)}
        for name, function in self.named:
            known[name] = self._quantity(function, known, params)
        values = jnp.stack([jnp.asarray(self._quantity(q, known, params), dtype=float) for q in self.quantities])
        return jnp.where(jnp.isnan(values), jnp.inf, values)

    def completed(self, inputs: Inputs) -> Inputs:
        """The inputs with those that follow from them."""
        known = dict(inputs)
        for name, function in self.derived:
            known[name] = call(function, known)
        return known

    def response(self, inputs: Inputs, params: Params) -> Any:
        """The law's response at inputs in one draw."""
        return self._response(self.completed(inputs), params)

    def _response(self, inputs: Inputs, params: Params) -> Any:
        return self.law.fn(*(inputs[name] for name in self.law.inputs), **{n: params[n] for n in self.law.params})

    def _quantity(self, quantity: Quantity, known: Inputs, params: Params) -> Any:
        if isinstance(quantity, str):
            return known[quantity]
        if isinstance(quantity, Cost):
            return quantity(known)
        if isinstance(quantity, Change):
            return known[LOSS] - self.response({**known, **dict(quantity.held)}, params)
        return call(quantity, known)

    def in_draw(self, lane: Lane, params: Params, point: Any) -> Values:
        """What one draw's own optimum is sought by."""
        inputs = self.inputs(lane, point)
        return self._compared(lane, inputs, self.at(inputs, params))

    def over_draws(self, lane: Lane, params: Params, criterion: str, prob: float, point: Any) -> Values:
        """What the one plan over all draws is sought by; `params` lead with the draw axis."""
        inputs = self.inputs(lane, point)
        values = jax.vmap(lambda draw: self.at(inputs, draw))(dict(params))
        best = rounded(criterion, self.sign * values[:, 0], self.sign * lane.least, prob, lane.widths[0])
        kept = [
            _kept(values[:, i + 1], sense, share, lane.widths[i + 1])
            for i, (_, sense, share) in enumerate(self.constraints)
        ]
        compared = self._compared(lane, inputs, jnp.stack([self.sign * best, *kept]))
        return compared._replace(objective=best / lane.scales[0]) if criterion in OF_REGRET else compared

    def inputs(self, lane: Lane, point: Any) -> Inputs:
        """Every input at a point of the unit box."""
        return {**lane.held, **self.coordinates.natural(lane.box, point)}

    def _compared(self, lane: Lane, inputs: Inputs, values: Any) -> Values:
        """The quantities against their limits, in logarithm or as shares of a scale."""
        objective = self.sign * (jnp.log(values[0]) if self.logged[0] else values[0] / lane.scales[0])
        above: list[Any] = list(self.coordinates.leftovers(lane.box, inputs))
        equal: list[Any] = []
        for i, (_, sense, _) in enumerate(self.constraints):
            value, limit = values[i + 1], lane.limits[i]
            room = jnp.log(limit) - jnp.log(value) if self.logged[i + 1] else (limit - value) / lane.scales[i + 1]
            (equal if sense == EQUAL else above).append(-room if sense == AT_LEAST else room)
        return Values(objective, _stack(above), _stack(equal))


def _kept(values: Any, sense: str, share: float | None, width: Any) -> Any:
    """What one plan must keep to: the mean over draws, or the value that a share of the draws keeps to."""
    if share is None:
        return jnp.mean(values)
    sign = -1.0 if sense == AT_LEAST else 1.0
    return sign * rounded("quantile", sign * values, values, share, width)


def _stack(items: list[Any]) -> Any:
    return jnp.stack(items) if items else jnp.zeros(0)


def program_of(bound: Bound) -> Program:
    """The program of a problem; which quantities are compared in logarithm is yet to be seen."""
    problem = bound.problem
    return Program(
        law=bound.law,
        coordinates=bound.choices.coordinates,
        derived=tuple(bound.derived.items()),
        named=tuple(problem.quantities.items()),
        objective=problem.objective,
        sign=problem.sign,
        constraints=tuple((c.quantity, c.sense, c.prob) for c in problem.subject_to),
    )


def with_scales(program: Program, sampled: np.ndarray, limits: np.ndarray) -> tuple[Program, np.ndarray]:
    """The program, knowing which quantities to compare in logarithm, and what the others are divided by.

    Args:
        program: the program.
        sampled: the quantities at points all over the box, shape (point, constraint + 1).
        limits: the limits, shape (scenario, constraint).
    Returns:
        The program, and the scales, shape (constraint + 1,).
    """
    finite = np.isfinite(sampled)
    positive = np.array([np.all(column[ok] > 0) and ok.any() for column, ok in zip(sampled.T, finite.T)])
    positive[1:] &= np.all(limits > 0, axis=0)
    sizes = [np.median(np.abs(column[ok])) if ok.any() else 1.0 for column, ok in zip(sampled.T, finite.T)]
    sizes[1:] = [max(abs(limit), 1e-3 * size) for limit, size in zip(np.abs(limits).max(axis=0), sizes[1:])]
    scales = np.where(np.isfinite(sizes) & (np.array(sizes) > 0), sizes, 1.0)
    return dataclasses.replace(program, logged=tuple(map(bool, positive))), scales
