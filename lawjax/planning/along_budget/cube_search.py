"""The search of a unit cube that needs no start: a dense grid, zooms about its best point, and Newton steps.

Newton steps on the derivative go below the square root of rounding, where comparing values stalls.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

COARSE = {0: 1, 1: 129, 2: 33, 3: 15}
FINE = {0: 1, 1: 33, 2: 9, 3: 7}
ZOOMS = {0: 0, 1: 5, 2: 9, 3: 10}
NEWTON_STEPS = 6
EDGE = 1e-9


def refine(value: Callable[[Any], Any], coarse: Any, values: Any, dim: int) -> Any:
    """The shares with the least value, from a grid of shares and its values."""
    if dim == 0:
        return coarse[0]
    shares, best = coarse[jnp.argmin(values)], jnp.min(values)
    offsets = jnp.asarray(cube_of(FINE[dim], dim)) * 2 - 1
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


def cube_of(num: int, dim: int) -> np.ndarray:
    """A grid of the unit cube, shape (num**dim, dim)."""
    edge = np.linspace(0.0, 1.0, num)
    return np.stack(np.meshgrid(*[edge] * dim, indexing="ij"), axis=-1).reshape(-1, dim) if dim else np.zeros((1, 0))


def over_cube(value: Callable[[Any], Any], cube: Any, dim: int) -> Any:
    """A function over a grid of the cube, one slab after another."""
    return jax.lax.map(jax.vmap(value), cube.reshape(-1, COARSE[dim], dim)).reshape(-1)
