"""The surface that a budget allows: every point of a unit cube is a choice that spends it within the bounds.

Each free input in turn takes a share t of the interval that the bounds, the budget and the inputs before it leave; the
last spends what is left. So edges of the cube are the active bounds, and nothing inside it is infeasible.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.costs import Cost
from lawjax.laws.base import Law, namespace
from lawjax.planning.along_budget.budget_line import BudgetLine

Inputs = dict[str, Any]
ROOT_STEPS = 60


@dataclasses.dataclass(frozen=True)
class Setup:
    """The part of a problem that is compiled in."""

    law: Law
    cost: Cost
    free: tuple[str, ...]
    logged: tuple[bool, ...]

    @property
    def dim(self) -> int:
        """Number of shares to search."""
        return len(self.free) - 1


def setup_of(problem: BudgetLine) -> tuple[Setup, np.ndarray, dict[str, np.ndarray]]:
    """What is compiled in, the bounds in search coordinates, shape (free, 2), and the held values."""
    box = np.array([problem.bounds[name] for name in problem.free])
    logged = np.array(problem.logged)
    box = np.where(logged[:, None], np.log(np.where(logged[:, None], box, 1.0)), box)
    return Setup(problem.law, problem.cost, problem.free, problem.logged), box, dict(problem.fixed)


def choice(setup: Setup, box: Any, fixed: Inputs, budget: Any, first: Any, shares: Any) -> Inputs:
    """The inputs that a point of the unit cube stands for; `first` is `interval` of the first, worked out once."""
    chosen: list[Any] = []
    for index in range(setup.dim):
        low, high = first if index == 0 else interval(setup, box, fixed, budget, chosen)
        chosen.append(low + shares[index] * (high - low))
    excess = partial(excess_at, setup, fixed, budget)
    chosen.append(_root(lambda z: excess([*chosen, z]), box[-1, 0], box[-1, 1]))
    return {**fixed, **natural(setup, chosen)}


def interval(setup: Setup, box: Any, fixed: Inputs, budget: Any, chosen: list[Any]) -> tuple[Any, Any]:
    """Between what the next input may lie: its bounds, and what the budget leaves with the later ones at theirs."""
    index = len(chosen)
    low, high = box[index, 0], box[index, 1]
    if setup.free[index] not in setup.cost.inputs:
        return low, high

    def with_rest(side: int) -> Callable[[Any], Any]:
        return lambda z: excess_at(setup, fixed, budget, [*chosen, z, *box[index + 1 :, side]])

    return _root(with_rest(1), low, high), _root(with_rest(0), low, high)


def excess_at(setup: Setup, fixed: Inputs, budget: Any, point: Any) -> Any:
    """Logarithm of the cost over the budget."""
    return jnp.log(setup.cost({**fixed, **natural(setup, point)})) - jnp.log(budget)


def chooser(setup: Setup, box: Any, fixed: Inputs, budget: Any) -> Callable[[Any], Inputs]:
    """`choice` at a budget, as a function of the point of the cube."""
    first = interval(setup, box, fixed, budget, []) if setup.dim else None
    return partial(choice, setup, box, fixed, budget, first)


def natural(setup: Setup, point: Any) -> Inputs:
    """Free inputs at a point in search coordinates."""
    return {name: jnp.exp(z) if logged else z for name, logged, z in zip(setup.free, setup.logged, point, strict=True)}


def _root(excess: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """Where an increasing function crosses zero, or the edge nearest to it; differentiable to any order."""
    root = jax.lax.custom_root(
        excess,
        0.5 * (low + high),
        lambda function, start: _bracketed_newton(function, start, low, high),
        lambda linear, y: y / linear(1.0),
    )
    return jnp.where(excess(low) >= 0, low, jnp.where(excess(high) <= 0, high, root))


def _bracketed_newton(function: Callable[[Any], Any], start: Any, low: Any, high: Any) -> Any:
    """Newton's method, bisecting whenever a step would leave the bracket.

    Whether a lane goes on is part of its state. Worked out anew by the loop's condition, it could round otherwise than
    in the loop's body, and a lane that the one calls settled and the other does not would run for ever.
    """

    def step(state: tuple[Any, ...]) -> tuple[Any, ...]:
        z, bottom, top, count, _ = state
        value, slope = jax.value_and_grad(function)(z)
        bottom, top = jnp.where(value < 0, z, bottom), jnp.where(value < 0, top, z)
        newton = z - value / slope
        onward = jnp.where((newton > bottom) & (newton < top), newton, 0.5 * (bottom + top))
        goes_on = (jnp.abs(value) > 4e-16) & (top - bottom > 1e-15 * (1 + jnp.abs(z)))
        return jnp.where(goes_on, onward, z), bottom, top, count + 1, goes_on & (count + 1 < ROOT_STEPS)

    return jax.lax.while_loop(lambda state: state[-1], step, (start, low, high, 0, jnp.asarray(True)))[0]


def loss_at(setup: Setup, inputs: Inputs, params: Mapping[str, Any]) -> Any:
    """The law at one choice, one draw; not a number becomes infinite, so that no search settles on it."""
    value = setup.law.fn(
        *(inputs[name] for name in setup.law.inputs), **{name: params[name] for name in setup.law.params}
    )
    return jnp.where(jnp.isnan(value), jnp.inf, value)


def coordinates(setup: Setup, inputs: Inputs) -> Any:
    """Free inputs in search coordinates."""
    return jnp.stack(list(on_scale(setup, inputs).values()))


def on_scale(setup: Setup, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Free inputs by name, each in its search coordinate."""
    named = zip(setup.free, setup.logged, strict=True)
    return {name: namespace(inputs[name]).log(inputs[name]) if logged else inputs[name] for name, logged in named}


@partial(jax.jit, static_argnums=0)
def losses_at(setup: Setup, fixed: Inputs, free: Inputs, params: Mapping[str, Any]) -> Any:
    """The loss of every draw at one choice per budget, shape (budget, draw)."""
    return jax.vmap(lambda x: jax.vmap(partial(loss_at, setup, {**fixed, **x}))(dict(params)))(dict(free))


@partial(jax.jit, static_argnums=0)
def losses_at_optima(setup: Setup, fixed: Inputs, free: Inputs, params: Mapping[str, Any]) -> Any:
    """The loss of every draw at its own choice, shape (budget, draw)."""
    each = jax.vmap(lambda x, draw: loss_at(setup, {**fixed, **x}, draw))
    return jax.vmap(each, in_axes=(0, None))(dict(free), dict(params))
