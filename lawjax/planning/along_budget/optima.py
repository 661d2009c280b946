"""Every draw's optimum at every budget, and the one plan at each: Newton's method, and a search where that fails."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.parallel.cores import in_batches, num_cores
from lawjax.planning.along_budget import newton
from lawjax.planning.along_budget.cube_search import COARSE, cube_of, over_cube, refine
from lawjax.planning.along_budget.surface import (
    Inputs,
    Setup,
    chooser,
    coordinates,
    excess_at,
    loss_at,
    natural,
    on_scale,
)
from lawjax.planning.criteria import CRITERIA

BATCH = 512


def optima_of(
    setup: Setup, box: Any, fixed: Inputs, budgets: np.ndarray, params: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """The optimum of every draw at every budget and its loss, shape (budget, draw).

    Newton's method from the best point of a grid finds most; those that it does not are searched.
    """
    found = _on_every_core(lambda part: _by_newton(setup, box, fixed, part, params), budgets)
    points, least, arrived = map(np.array, found)
    rest = np.argwhere(~arrived)
    if len(rest):

        def searched(index: np.ndarray) -> tuple[Any, Any]:
            budget, draw = rest[index].T
            draws = {name: array[draw] for name, array in params.items()}
            return _by_search(setup, box, fixed, np.asarray(budgets)[budget], draws)

        points[tuple(rest.T)], least[tuple(rest.T)] = in_batches(searched, len(rest), BATCH)
    return {name: np.asarray(column) for name, column in natural(setup, np.moveaxis(points, -1, 0)).items()}, least


def _on_every_core(run: Callable[..., Any], *arrays: np.ndarray) -> Any:
    """What a compiled function gives for arrays that lead with budgets, cut in equal parts, one for each core."""
    num = len(arrays[0])
    size = -(-num // min(num_cores(), num))
    return in_batches(lambda index: run(*(np.asarray(array)[index] for array in arrays)), num, size)


@partial(jax.jit, static_argnums=0)
def _by_newton(setup: Setup, box: Any, fixed: Inputs, budgets: Any, params: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Coordinates, losses, and whether Newton's method arrived, shape (budget, draw)."""

    def at_budget(budget: Any) -> tuple[Any, Any, Any]:
        coarse = _grid(setup, box, fixed, budget)
        excess = lambda point: excess_at(setup, fixed, budget, list(point))

        def of_draw(draw: Any) -> tuple[Any, Any, Any]:
            loss = lambda point: loss_at(setup, {**fixed, **natural(setup, point)}, draw)
            values = jax.vmap(loss)(coarse)
            best = jnp.argmin(values)
            start = coarse[best]
            if not setup.dim:
                return start, values[best], jnp.isfinite(values[best])
            here = newton.descend(loss, excess, start)
            end = loss(here.point)
            level = newton.tolerance(values[best])
            arrived = newton.settled(here, box, level) & (end <= values[best] + level)
            if setup.dim == 1:
                outward = newton.along(loss, excess, start).slope[0]
                at_end = ((best == 0) & (outward > 0)) | ((best == len(coarse) - 1) & (outward < 0))
                return jnp.where(at_end, start, here.point), jnp.where(at_end, values[best], end), arrived | at_end
            return here.point, end, arrived

        return _over_draws(of_draw, dict(params))

    return jax.lax.map(at_budget, budgets)


@partial(jax.jit, static_argnums=0)
def _by_search(setup: Setup, box: Any, fixed: Inputs, budgets: Any, params: Mapping[str, Any]) -> tuple[Any, Any]:
    """The same by a search that needs no start: coordinates and losses, a draw at a budget per lane."""
    cube = jnp.asarray(cube_of(COARSE[setup.dim], setup.dim))

    def of_lane(budget: Any, draw: Any) -> tuple[Any, Any]:
        choose = chooser(setup, box, fixed, budget)
        value = lambda shares: loss_at(setup, choose(shares), draw)
        inputs = choose(refine(value, cube, jax.vmap(value)(cube), setup.dim))
        return coordinates(setup, inputs), loss_at(setup, inputs, draw)

    return jax.vmap(of_lane)(budgets, dict(params))


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


def one_plan(
    setup: Setup,
    criterion: str,
    box: Any,
    fixed: Inputs,
    budgets: np.ndarray,
    params: Mapping[str, Any],
    least: np.ndarray,
    prob: float,
    starts: dict[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """At every budget the choice with the least criterion over all draws, shape (budget,).

    Args:
        setup, box, fixed, budgets, params: as for `optima_of`.
        criterion: one of `CRITERIA`.
        least: each draw's least loss, shape (budget, draw).
        prob: the criterion's probability.
        starts: choices from which Newton's method on the mean loss cannot but arrive at its least; where the mean has
            one minimum, any.
    """
    points, arrived = np.zeros((len(budgets), len(setup.free))), np.zeros(len(budgets), bool)
    if criterion == "mean" and setup.dim:
        begin = () if starts is None else (np.stack(list(on_scale(setup, starts).values()), axis=-1),)
        found = _on_every_core(lambda *part: _mean_by_newton(setup, box, fixed, params, *part), budgets, *begin)
        points, arrived = map(np.array, found)
    rest = np.flatnonzero(~arrived)
    if len(rest):
        points[rest] = _plan_by_search(setup, criterion, box, fixed, budgets[rest], params, least[rest], prob)
    return {name: np.asarray(column) for name, column in natural(setup, points.T).items()}


@partial(jax.jit, static_argnums=0)
def _mean_by_newton(
    setup: Setup, box: Any, fixed: Inputs, params: Mapping[str, Any], budgets: Any, starts: Any = None
) -> tuple[Any, Any]:
    """Coordinates with the least mean loss, and whether Newton's method arrived there, shape (budget,)."""

    def at_budget(pair: tuple[Any, Any]) -> tuple[Any, Any]:
        budget, start = pair
        excess = lambda point: excess_at(setup, fixed, budget, list(point))

        def loss(point: Any) -> Any:
            inputs = {**fixed, **natural(setup, point)}
            return jnp.mean(jax.vmap(partial(loss_at, setup, inputs))(dict(params)))

        first = start if starts is not None else _best_of_grid(setup, box, fixed, budget, loss)
        here = newton.descend(loss, excess, first)
        before = loss(first)
        level = newton.tolerance(before)
        lower = jnp.asarray(True) if starts is not None else loss(here.point) <= before + level
        return here.point, newton.settled(here, box, level) & lower

    if starts is None:
        return jax.lax.map(lambda budget: at_budget((budget, None)), budgets)
    return jax.lax.map(at_budget, (budgets, starts))


def _grid(setup: Setup, box: Any, fixed: Inputs, budget: Any) -> Any:
    """The coordinates of a grid of shares, shape (share, coordinate)."""
    choose = chooser(setup, box, fixed, budget)
    return jax.vmap(lambda shares: coordinates(setup, choose(shares)))(cube_of(COARSE[setup.dim], setup.dim))


def _best_of_grid(setup: Setup, box: Any, fixed: Inputs, budget: Any, loss: Callable[[Any], Any]) -> Any:
    """The best coordinates of a grid of shares."""
    coarse = _grid(setup, box, fixed, budget)
    slabs = coarse.reshape(-1, COARSE[setup.dim], len(setup.free))
    return coarse[jnp.argmin(jax.lax.map(jax.vmap(loss), slabs).reshape(-1))]


@partial(jax.jit, static_argnums=(0, 1))
def _plan_by_search(
    setup: Setup,
    criterion: str,
    box: Any,
    fixed: Inputs,
    budgets: Any,
    params: Mapping[str, Any],
    least: Any,
    prob: Any,
) -> Any:
    """Coordinates with the least criterion by a search that needs no start, shape (budget, coordinate)."""
    cube = jnp.asarray(cube_of(COARSE[setup.dim], setup.dim))

    def at_budget(pair: tuple[Any, Any]) -> Any:
        budget, best = pair
        choose = chooser(setup, box, fixed, budget)

        def value(shares: Any) -> Any:
            losses = jax.vmap(partial(loss_at, setup, choose(shares)))(dict(params))
            return CRITERIA[criterion](losses, best, prob)

        shares = refine(value, cube, over_cube(value, cube, setup.dim), setup.dim)
        return coordinates(setup, choose(shares))

    return jax.lax.map(at_budget, (budgets, least))
