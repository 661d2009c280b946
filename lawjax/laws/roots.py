"""Roots of monotone functions, with gradients by the implicit function theorem.

An implicit law, the inverse of a law and the crossing of two laws are each one root. All trace, vmap and
differentiate; where there is no root the answer is NaN.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

BISECTIONS = 58
POLISH = 3


def root(fn: Callable[[Any], Any], low: Any, high: Any, *, logarithmic: bool = True) -> Any:
    """Where a continuous function crosses zero between `low` and `high`.

    Args:
        fn: function of one number with at most one crossing in the interval.
        low, high: the interval; both above zero where `logarithmic`.
        logarithmic: whether to halve the interval by ratio.
    Returns:
        The crossing; NaN where the signs at both ends agree.
    Example:
        >>> round(float(root(lambda x: x**2 - 2.0, 1.0, 2.0)), 6)
        1.414214
    """
    to, back = (jnp.log, jnp.exp) if logarithmic else (lambda x: x, lambda x: x)
    low, high = jnp.asarray(low, float), jnp.asarray(high, float)
    # Signs are taken at the ends as given: exp(log(high)) may be a rounding short of a root at the end.
    crosses = jnp.sign(fn(low)) * jnp.sign(fn(high)) <= 0
    return jnp.where(crosses, back(_root(lambda z: fn(back(z)), to(low), to(high))), jnp.nan)


def invert(fn: Callable[[Any], Any], target: Any, low: Any, high: Any, *, logarithmic: bool = True) -> Any:
    """The x between `low` and `high` at which a monotone function reaches `target`; NaN where it does not.

    Example:
        >>> round(float(invert(lambda N: 10 * N**-0.5, 0.1, 1.0, 1e9)), 1)
        10000.0
    """
    return root(lambda x: fn(x) - target, low, high, logarithmic=logarithmic)


def crossing(
    first: Callable[[Any], Any], second: Callable[[Any], Any], low: Any, high: Any, *, logarithmic: bool = True
) -> Any:
    """The x between `low` and `high` at which two functions are equal; NaN where they do not cross.

    Example:
        >>> round(float(crossing(lambda n: n**2, lambda n: 100 * n, 1.0, 1e6)), 3)
        100.0
    """
    return root(lambda x: first(x) - second(x), low, high, logarithmic=logarithmic)


def _root(fn: Callable[[Any], Any], low: Any, high: Any) -> Any:
    def solve(fn: Callable[[Any], Any], start: Any) -> Any:
        below, above = _bracket(fn, low, high)
        return _polish(fn, 0.5 * (below + above), below, above)

    def tangent(linear: Callable[[Any], Any], value: Any) -> Any:
        return value / linear(jnp.ones_like(value))

    return jax.lax.custom_root(fn, 0.5 * (low + high), solve, tangent)


def _bracket(fn: Callable[[Any], Any], low: Any, high: Any) -> tuple[Any, Any]:
    """The interval halved until it is as narrow as rounding allows."""
    rising = fn(high) >= fn(low)

    def halve(_: Any, ends: tuple[Any, Any]) -> tuple[Any, Any]:
        below, above = ends
        middle = 0.5 * (below + above)
        left = (fn(middle) > 0) == rising
        return jnp.where(left, below, middle), jnp.where(left, middle, above)

    return jax.lax.fori_loop(0, BISECTIONS, halve, (low, high))


def _polish(fn: Callable[[Any], Any], start: Any, below: Any, above: Any) -> Any:
    """Newton steps that stay near the bracket: bisection ends a few roundings away from the root."""
    slack = 1e-9 * (1.0 + jnp.abs(above))

    def step(_: Any, x: Any) -> Any:
        value, slope = jax.jvp(fn, (x,), (jnp.ones_like(x),))
        moved = x - jnp.where(slope == 0, 0.0, value / jnp.where(slope == 0, 1.0, slope))
        near = jnp.isfinite(moved) & (moved >= below - slack) & (moved <= above + slack)
        return jnp.where(near, moved, x)

    return jax.lax.fori_loop(0, POLISH, step, start)
