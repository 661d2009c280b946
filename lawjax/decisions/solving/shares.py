"""Where a curve over the shares from 0 to 1 keeps below zero, and the best of those shares by another curve.

Losses need be neither monotone nor convex in a share, so every cell of a grid is looked at before a root is taken.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.decisions.solving.least import lowest
from lawjax.laws.roots import root

SHARES = 0.5 - 0.5 * np.cos(np.linspace(0.0, np.pi, 801))
"""Shares from 0 to 1, closer together towards both ends, where a power of a small share bends most."""


def first_and_last_below(excess: Callable[[Any], Any]) -> tuple[Any, Any]:
    """The least and the largest share at which a smooth curve is not above zero; NaN where it is above throughout."""
    shares = _sorted(lowest(excess, SHARES))
    below = jax.vmap(excess)(shares) <= 0
    first, last = jnp.argmax(below), len(shares) - 1 - jnp.argmax(below[::-1])
    start = _edge(excess, shares[jnp.maximum(first - 1, 0)], shares[first])
    end = _edge(excess, shares[jnp.minimum(last + 1, len(shares) - 1)], shares[last])
    return jnp.where(below.any(), start, jnp.nan), jnp.where(below.any(), end, jnp.nan)


def best_below(fn: Callable[[Any], Any], excess: Callable[[Any], Any]) -> Any:
    """The share at which a smooth function is least among those where `excess` is not above zero; NaN where none is."""
    shares = _sorted(lowest(excess, SHARES), lowest(fn, SHARES))
    below = jax.vmap(excess)(shares) <= 0
    best = jnp.argmin(jnp.where(below, jax.vmap(fn)(shares), jnp.inf))
    before, after = (shares[jnp.clip(best + step, 0, len(shares) - 1)] for step in (-1, 1))
    stationary = root(jax.grad(fn), before, after, logarithmic=False)
    tried = jnp.stack([
        shares[best],
        jnp.where(excess(stationary) <= 0, stationary, jnp.nan),
        _edge(excess, before, shares[best]),
        _edge(excess, after, shares[best]),
    ])  # fmt: skip
    values = jax.vmap(fn)(tried)
    found = tried[jnp.argmin(jnp.where(jnp.isfinite(values), values, jnp.inf))]
    return jnp.where(below.any(), found, jnp.nan)


def _edge(excess: Callable[[Any], Any], outside: Any, inside: Any) -> Any:
    """The share nearest to the first that keeps below zero, up to the second, which does."""
    crosses = excess(outside) > 0
    return jnp.where(crosses, root(excess, outside, inside, logarithmic=False), outside)


def _sorted(*more: Any) -> Any:
    """The shares of the grid and some more, rising."""
    return jnp.sort(jnp.concatenate([jnp.asarray(SHARES), jnp.stack(more)]))
