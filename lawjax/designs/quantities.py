r"""What a design is judged by: parameters, optima of a budget, responses, or any function, with their slopes.

The optimum of a budget moves with the parameters as the implicit function theorem says. At the optimum
$\nabla_z L = \lambda \nabla_z c$ on $c(z) = \log(\mathrm{cost}/C) = 0$, and

$$\begin{pmatrix} \nabla_z^2 (L - \lambda c) & -\nabla_z c \\ \nabla_z c^\top & 0 \end{pmatrix}
  \begin{pmatrix} \partial z / \partial \theta \\ \partial \lambda / \partial \theta \end{pmatrix}
  = -\begin{pmatrix} \nabla_z \partial_\theta L \\ 0 \end{pmatrix}.$$
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.costs.budget import Budget, as_budgets
from lawjax.costs.cost import Cost
from lawjax.data.inputs import input_columns
from lawjax.designs.coordinates import TOGETHER
from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.fitting.problem import Problem
from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws.base import Law, Param, positive, real, unit_interval
from lawjax.planning.along_budget.budget_line import budget_line
from lawjax.planning.along_budget.closed_form import closed_form, has_closed_form
from lawjax.planning.along_budget.optima import optima_of
from lawjax.planning.along_budget.surface import Setup, excess_at, loss_at, natural, on_scale, setup_of

Function = Callable[[Mapping[str, Any]], Any]
LOGGED, PLAIN = positive(0.1, 10.0), real(-1.0, 1.0)
"""The line of what is positive, and of what may be anything."""
LINES = {"positive": LOGGED, "unit": unit_interval(), "real": PLAIN}
"""The line of a law's response, by its support."""
AT_REST = 1e-6
"""Slope along the budget, as a share of the loss, up to which an optimum is inside its bounds."""


@dataclasses.dataclass(frozen=True, eq=False)
class Quantity:
    """Something worked out from the parameters, draw by draw.

    Attributes:
        name: how tables call it.
        value: natural units, shape (draw,).
        gradient: of its point on its line in the vector, shape (draw, free); NaN where it has none.
        scale: a parameter with its edges: the line on which it is normal, logarithmic where it is positive.
    """

    name: str
    value: np.ndarray
    gradient: np.ndarray
    scale: Param

    def width(self, sd: np.ndarray, quantile: float) -> np.ndarray:
        """Width of the interval of so many standard deviations on the line, natural units, shape (draw,)."""
        low, high = self.ends(sd, quantile)
        return high - low

    def ends(self, sd: np.ndarray, quantile: float) -> tuple[np.ndarray, np.ndarray]:
        """Both ends of that interval, natural units."""
        middle = np.asarray(to_line(self.scale, self.value))
        with np.errstate(over="ignore", invalid="ignore"):
            low, high = (np.asarray(from_line(self.scale, middle + side * quantile * sd)) for side in (-1, 1))
        return low, high


class Optimum(NamedTuple):
    """Each draw's optimum at a budget, and how it moves; arrays lead with the draw axis.

    Attributes:
        setup: what was chosen, in which coordinates.
        points: the optimum in those coordinates, shape (draw, coordinate).
        loss: there, shape (draw,).
        loss_slope: of the least loss in the vector, shape (draw, free).
        moves: of the optimum in the vector, shape (draw, coordinate, free).
        bend: curvature of the Lagrangian, shape (draw, coordinate, coordinate).
        inside: whether the draw's optimum lies within its bounds.
    """

    setup: Setup
    points: np.ndarray
    loss: np.ndarray
    loss_slope: np.ndarray
    moves: np.ndarray
    bend: np.ndarray
    inside: np.ndarray


def budget_at(place: Any, cost: Cost) -> Budget:
    """The budget that a caller names, a plain number in the unit of the cost.

    Raises:
        InputError: no number, or another unit than the cost's.
    """
    if not isinstance(place, Budget | int | float | np.number) or isinstance(place, bool):
        raise InputError(f"`at` takes budgets and mappings of inputs, as at=lj.flops(1e24), got {place!r}.")
    return next(iter(as_budgets(place, cost.unit)))


def parameters(problem: Problem, vectors: np.ndarray) -> list[Quantity]:
    """Every free parameter, an entry at a time."""
    law, layout = problem.layout.law, problem.layout
    values, gradients = (np.asarray(part) for part in _natural_lines(problem, vectors))
    params = [law.params[label.partition("[")[0]] for label in layout.labels]
    return [
        Quantity(label, np.asarray(from_line(param, values[:, i])), gradients[:, i], param)
        for i, (label, param) in enumerate(zip(layout.labels, params, strict=True))
    ]


@jax.jit
def _natural_lines(problem: Problem, vectors: Any) -> tuple[Any, Any]:
    line = lambda vector: problem.layout.pack(problem.natural(vector))
    return jax.vmap(line)(vectors), jax.vmap(jax.jacfwd(line))(vectors)


def function_of_params(name: str, function: Function, problem: Problem, vectors: np.ndarray) -> Quantity:
    """Any JAX function of the parameters in natural units.

    Raises:
        InputError: a function that does not return one number.
    """
    values, gradients = _values_and_slopes(function, problem, vectors)
    return Quantity(name, np.asarray(values), np.asarray(gradients), PLAIN)


@functools.partial(jax.jit, static_argnums=0)
def _values_and_slopes(function: Function, problem: Problem, vectors: Any) -> tuple[Any, Any]:
    def along(vector: Any) -> Any:
        result = function(problem.natural(vector))
        if jnp.shape(result) != ():
            name = getattr(function, "__name__", "quantity")
            raise InputError(f"`{name}` must return one number, got an array of the shape {jnp.shape(result)}.")
        return jnp.asarray(result, dtype=float)

    return jax.lax.map(jax.value_and_grad(along), vectors, batch_size=TOGETHER)


def response_at(law: Law, at: Mapping[str, Any], problem: Problem, vectors: np.ndarray) -> Quantity:
    """The law at given inputs, on the line of its response.

    Raises:
        InputError: missing or unknown inputs, or more than one place.
    """
    columns = input_columns(law, at)
    if len(next(iter(columns.values()))) != 1:
        raise InputError("`at` must be one place, a number for each input of the law. Ask for several one by one.")
    row = tuple(column[0] for column in columns.values())
    values, slopes = (np.asarray(part) for part in _responses(problem, row, vectors))
    line = LINES[law.support]
    place = ", ".join(f"{name}={_short(column[0])}" for name, column in columns.items())
    return Quantity(f"{law.response} at {place}", values, _stretch(line, values)[:, None] * slopes, line)


def _short(value: np.ndarray) -> str:
    return f"{float(value):.3g}" if np.ndim(value) == 0 else f"[{', '.join(f'{x:.3g}' for x in value)}]"


@jax.jit
def _responses(problem: Problem, row: tuple[Any, ...], vectors: Any) -> tuple[Any, Any]:
    law = problem.layout.law
    value = lambda vector: jnp.asarray(law.fn(*row, **problem.natural(vector)), dtype=float)
    return jax.vmap(jax.value_and_grad(value))(vectors)


def optimum_of(
    draws: Draws,
    problem: Problem,
    vectors: np.ndarray,
    budget: Budget,
    cost: Cost,
    bounds: Mapping[str, Any] | None,
    fixed: Mapping[str, Any] | None,
) -> Optimum:
    """Each draw's optimum at a budget, and how it moves with the parameters.

    Raises:
        InputError: as `allocate`, or an optimum at the edge of its bounds in more than half of the draws.
    """
    line = budget_line(draws.law, cost, (budget,), bounds=bounds, fixed=fixed, observed=draws.observed)
    reason = line.infeasible(budget)
    if reason:
        raise InputError(f"no choice within the bounds spends the budget: {reason}")
    setup, box, held = setup_of(line)
    params = {name: jnp.asarray(array) for name, array in draws.params.items()}
    amounts = np.array([budget.value])
    if has_closed_form(draws.law, cost, line.fixed) and not bounds:
        inputs = closed_form(draws.law, draws.params, amounts, cost)
    else:
        inputs = optima_of(setup, box, held, amounts, params)[0]
    points = np.stack([array[0] for array in on_scale(setup, inputs).values()], axis=-1)
    found = (np.asarray(part) for part in _moves(setup, problem, held, budget.value, points, vectors))
    optimum = Optimum(setup, points, *found)
    if np.mean(optimum.inside) < 0.5:
        raise InputError(
            f"at {budget} the optimum lies at the edge of its bounds in most draws, so it does not move with the "
            "parameters. Widen `bounds`, or ask for the response: at={...} with every input."
        )
    return optimum


@functools.partial(jax.jit, static_argnums=0)
def _moves(setup: Setup, problem: Problem, held: Any, budget: Any, points: Any, vectors: Any) -> Any:
    def one(point: Any, vector: Any) -> Any:
        loss = lambda z, v: loss_at(setup, {**held, **natural(setup, list(z))}, problem.natural(v))
        excess = lambda z: excess_at(setup, held, budget, list(z))
        slope, across = jax.grad(loss)(point, vector), jax.grad(excess)(point)
        price = slope @ across / (across @ across)
        bend = jax.hessian(lambda z: loss(z, vector) - price * excess(z))(point)
        mixed = jax.jacfwd(jax.grad(loss), argnums=1)(point, vector)
        top = jnp.concatenate([bend, -across[:, None]], axis=1)
        bottom = jnp.append(across, 0.0)[None]
        right = jnp.concatenate([mixed, jnp.zeros_like(mixed[:1])])
        moves = -jnp.linalg.solve(jnp.concatenate([top, bottom]), right)[:-1]
        value, loss_slope = jax.value_and_grad(loss, argnums=1)(point, vector)
        inside = jnp.max(jnp.abs(slope - price * across)) <= AT_REST * (1 + jnp.abs(value))
        return value, loss_slope, moves, bend, inside

    return jax.lax.map(lambda pair: one(*pair), (points, vectors), batch_size=TOGETHER)


def optimal_inputs(optimum: Optimum, budget: Budget) -> list[Quantity]:
    """Every input at the optimum of a budget."""
    setup = optimum.setup
    values = natural(setup, list(optimum.points.T))
    gradients = np.where(optimum.inside[:, None, None], optimum.moves, np.nan)
    return [
        Quantity(f"{name} at {budget}", np.asarray(values[name]), gradients[:, i], LOGGED if logged else PLAIN)
        for i, (name, logged) in enumerate(zip(setup.free, setup.logged, strict=True))
    ]


def least_response(optimum: Optimum, law: Law, budget: Budget) -> Quantity:
    """The least loss of a budget, on the line of its response: its slope is that at a held optimum."""
    line = LINES[law.support]
    gradient = _stretch(line, optimum.loss)[:, None] * optimum.loss_slope
    return Quantity(f"{law.response} at {budget}", optimum.loss, gradient, line)


def _stretch(line: Param, values: np.ndarray) -> np.ndarray:
    """How fast the point on the line moves with the value."""
    return np.asarray(jax.vmap(jax.grad(lambda value: to_line(line, value)))(values))


def regret_factor(optimum: Optimum) -> np.ndarray:
    r"""Roots F of the regret, shape (draw, free, coordinate): to second order it is $|F^\top \delta\theta|^2$.

    Acting on a wrong optimum $z + \delta z$ loses $\tfrac12 \delta z^\top H \delta z$, where H is the curvature of the
    Lagrangian and $\delta z$ moves along the budget.
    """
    moves = optimum.moves
    quadratic = 0.5 * np.einsum("sci,scd,sdj->sij", moves, optimum.bend, moves)
    values, directions = np.linalg.eigh((quadratic + quadratic.transpose(0, 2, 1)) / 2)
    rank = max(moves.shape[1] - 1, 1)
    return (directions * np.sqrt(np.clip(values, 0.0, None))[:, None, :])[:, :, -rank:]
