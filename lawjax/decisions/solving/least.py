"""The least of a smooth function of one number."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.laws.roots import root

GRID = 400


def least(fn: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """Where a smooth function is least: the best cell of a grid, then the root of the derivative; NaN at an end."""
    grid = jnp.linspace(low, high, GRID)
    best = jnp.argmin(jax.vmap(fn)(grid))
    inside = (best > 0) & (best < GRID - 1)
    best = jnp.clip(best, 1, GRID - 2)
    return jnp.where(inside, root(jax.grad(fn), grid[best - 1], grid[best + 1], logarithmic=False), jnp.nan)


def lowest(fn: Callable[[Any], Any], grid: Any) -> Any:
    """Where a smooth function is least from the first to the last point of a rising grid, the ends included."""
    grid = jnp.asarray(grid)
    best = jnp.argmin(jax.vmap(fn)(grid))
    inner = root(
        jax.grad(fn), grid[jnp.maximum(best - 1, 0)], grid[jnp.minimum(best + 1, len(grid) - 1)], logarithmic=False
    )
    return jnp.where(fn(inner) < fn(grid[best]), inner, grid[best])
