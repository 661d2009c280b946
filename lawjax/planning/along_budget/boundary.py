"""The search along the budget: every point of a unit cube is a choice that spends the budget within the bounds.

Each free input in turn takes a share t of the interval that the bounds, the budget and the inputs before it leave; the
last spends what is left. So edges of the cube are the active bounds, and nothing inside it is infeasible. The search is
a dense grid, zooms about its best point, and Newton steps on the derivative, which goes below the square root of
rounding where comparing values stalls.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.costs import Cost
from lawjax.laws.base import Law
from lawjax.planning.along_budget.budget_line import BudgetLine

Inputs = dict[str, Any]
COARSE = {0: 1, 1: 129, 2: 33, 3: 15}
FINE = {0: 1, 1: 33, 2: 9, 3: 7}
ZOOMS = {0: 0, 1: 5, 2: 9, 3: 10}
NEWTON_STEPS = 6
ROOT_STEPS = 60
BATCH = 512
EDGE = 1e-9


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
    excess = partial(_excess, setup, fixed, budget)
    chosen.append(_root(lambda z: excess([*chosen, z]), box[-1, 0], box[-1, 1]))
    return {**fixed, **_natural(setup, chosen)}


def interval(setup: Setup, box: Any, fixed: Inputs, budget: Any, chosen: list[Any]) -> tuple[Any, Any]:
    """Between what the next input may lie: its bounds, and what the budget leaves with the later ones at theirs."""
    index = len(chosen)
    low, high = box[index, 0], box[index, 1]
    if setup.free[index] not in setup.cost.inputs:
        return low, high

    def with_rest(side: int) -> Callable[[Any], Any]:
        return lambda z: _excess(setup, fixed, budget, [*chosen, z, *box[index + 1 :, side]])

    return _root(with_rest(1), low, high), _root(with_rest(0), low, high)


def _excess(setup: Setup, fixed: Inputs, budget: Any, coordinates: list[Any]) -> Any:
    """Logarithm of the cost over the budget."""
    return jnp.log(setup.cost({**fixed, **_natural(setup, coordinates)})) - jnp.log(budget)


def _chooser(setup: Setup, box: Any, fixed: Inputs, budget: Any) -> Callable[[Any], Inputs]:
    first = interval(setup, box, fixed, budget, []) if setup.dim else None
    return partial(choice, setup, box, fixed, budget, first)


def _natural(setup: Setup, coordinates: list[Any]) -> Inputs:
    return {
        name: jnp.exp(z) if logged else z for name, logged, z in zip(setup.free, setup.logged, coordinates, strict=True)
    }


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


def refine(value: Callable[[Any], Any], coarse: Any, values: Any, dim: int) -> Any:
    """The shares with the least value, from a grid of shares and its values."""
    if dim == 0:
        return coarse[0]
    shares, best = coarse[jnp.argmin(values)], jnp.min(values)
    offsets = jnp.asarray(_cube(FINE[dim], dim)) * 2 - 1
    width = 1.0 / (COARSE[dim] - 1)

    def zoom(_: Any, state: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        shares, best, width = state
        around = jnp.clip(shares[None, :] + width * offsets, 0.0, 1.0)
        tried = jax.vmap(value)(around)
        index = jnp.argmin(tried)
        better = tried[index] < best
        return (
            jnp.where(better, around[index], shares),
            jnp.where(better, tried[index], best),
            width * 3 / (FINE[dim] - 1),
        )

    shares, best, _ = jax.lax.fori_loop(0, ZOOMS[dim], zoom, (shares, best, width))
    return _polish(value, shares)


def _polish(value: Callable[[Any], Any], shares: Any) -> Any:
    """Newton steps on the derivative, each kept only if it does no harm; shares that pull at an edge are held."""
    identity = jnp.eye(shares.shape[0])

    def slope_of(shares: Any) -> tuple[Any, tuple[Any, Any]]:
        loss, slope = jax.value_and_grad(value)(shares)
        return slope, (loss, slope)

    def step(_: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
        tried, kept, least, steepness = state
        curvature, (loss, slope) = jax.jacfwd(slope_of, has_aux=True)(tried)
        held = ((tried <= EDGE) & (slope > 0)) | ((tried >= 1 - EDGE) & (slope < 0))
        slope = jnp.where(held, 0.0, slope)
        flatter = jnp.linalg.norm(slope) < steepness
        good = flatter & (loss <= least + 1e-14 * jnp.abs(least))
        curvature = jnp.where(held[:, None] | held[None, :], identity, curvature)
        onward = tried - jnp.linalg.solve(curvature, slope)
        inside = jnp.all((onward >= 0) & (onward <= 1))
        kept, least = jnp.where(good, tried, kept), jnp.where(good, loss, least)
        steepness = jnp.where(good, jnp.linalg.norm(slope), steepness)
        return jnp.where(good & inside, onward, kept), kept, least, steepness

    return jax.lax.fori_loop(0, NEWTON_STEPS, step, (shares, shares, jnp.inf, jnp.inf))[1]


def _cube(num: int, dim: int) -> np.ndarray:
    """A grid of the unit cube, shape (num**dim, dim)."""
    edge = np.linspace(0.0, 1.0, num)
    return np.stack(np.meshgrid(*[edge] * dim, indexing="ij"), axis=-1).reshape(-1, dim) if dim else np.zeros((1, 0))


def _over_cube(value: Callable[[Any], Any], cube: Any, dim: int) -> Any:
    """A function over a grid of the cube, one slab after another."""
    return jax.lax.map(jax.vmap(value), cube.reshape(-1, COARSE[dim], dim)).reshape(-1)


@partial(jax.jit, static_argnums=0)
def optima(setup: Setup, box: Any, fixed: Inputs, budgets: Any, params: Mapping[str, Any]) -> tuple[Inputs, Any]:
    """The optimum of every draw at every budget and its loss, shape (budget, draw)."""
    cube = jnp.asarray(_cube(COARSE[setup.dim], setup.dim))

    def at_budget(budget: Any) -> tuple[Inputs, Any]:
        choose = _chooser(setup, box, fixed, budget)
        coarse = jax.vmap(choose)(cube)

        def of_draw(draw: Any) -> tuple[Inputs, Any]:
            values = jax.vmap(lambda free: loss_at(setup, {**fixed, **free}, draw))({n: coarse[n] for n in setup.free})
            inputs = choose(refine(lambda shares: loss_at(setup, choose(shares), draw), cube, values, setup.dim))
            return {name: inputs[name] for name in setup.free}, loss_at(setup, inputs, draw)

        return _over_draws(of_draw, dict(params))

    return jax.lax.map(at_budget, budgets)


def _over_draws(of_draw: Callable[[Any], Any], params: Mapping[str, Any]) -> Any:
    """A function of one draw over all, in equal batches: memory stays bounded and one program serves them all."""
    num = len(next(iter(params.values())))
    rounds = -(-num // BATCH)
    size = -(-num // rounds)
    padded = {
        name: jnp.pad(a, [(0, rounds * size - num)] + [(0, 0)] * (a.ndim - 1), mode="edge")
        for name, a in params.items()
    }
    batches = {name: array.reshape(rounds, size, *array.shape[1:]) for name, array in padded.items()}
    out = jax.lax.map(jax.vmap(of_draw), batches)
    return jax.tree.map(lambda array: array.reshape(rounds * size, *array.shape[2:])[:num], out)


@partial(jax.jit, static_argnums=(0, 1))
def one_plan(
    setup: Setup,
    criterion: Any,
    box: Any,
    fixed: Inputs,
    budgets: Any,
    params: Mapping[str, Any],
    least: Any,
    prob: Any,
) -> Inputs:
    """At every budget the choice with the least `criterion(losses, least, prob)` over all draws, shape (budget,)."""
    cube = jnp.asarray(_cube(COARSE[setup.dim], setup.dim))

    def at_budget(pair: tuple[Any, Any]) -> Inputs:
        budget, best = pair
        choose = _chooser(setup, box, fixed, budget)

        def value(shares: Any) -> Any:
            losses = jax.vmap(partial(loss_at, setup, choose(shares)))(dict(params))
            return criterion(losses, best, prob)

        shares = refine(value, cube, _over_cube(value, cube, setup.dim), setup.dim)
        inputs = choose(shares)
        return {name: inputs[name] for name in setup.free}

    return jax.lax.map(at_budget, (budgets, least))


@partial(jax.jit, static_argnums=0)
def losses_at(setup: Setup, fixed: Inputs, free: Inputs, params: Mapping[str, Any]) -> Any:
    """The loss of every draw at one choice per budget, shape (budget, draw)."""
    return jax.vmap(lambda x: jax.vmap(partial(loss_at, setup, {**fixed, **x}))(dict(params)))(dict(free))


@partial(jax.jit, static_argnums=0)
def losses_at_optima(setup: Setup, fixed: Inputs, free: Inputs, params: Mapping[str, Any]) -> Any:
    """The loss of every draw at its own choice, shape (budget, draw)."""
    each = jax.vmap(lambda x, draw: loss_at(setup, {**fixed, **x}, draw))
    return jax.vmap(each, in_axes=(0, None))(dict(free), dict(params))
