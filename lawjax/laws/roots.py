"""Roots of monotone functions, with gradients by the implicit function theorem.

An implicit law, the inverse of a law and the crossing of two laws are each one root. All trace, vmap and
differentiate; where there is no root the answer is NaN.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer

from lawjax.errors import InputError

BISECTIONS = 58
POLISH = 3


def root(fn: Callable[[Any], Any], low: Any, high: Any, *, logarithmic: bool = True) -> Any:
    """Where a continuous function crosses zero between `low` and `high`.

    Args:
        fn: function of one number with at most one crossing in the interval.
        low, high: the interval; both above zero where `logarithmic`.
        logarithmic: whether to halve the interval by ratio.
    Returns:
        The crossing, in the precision in which `fn` computes; NaN where the signs at both ends agree, where the
        function is zero at both or changes sign at a pole, where a step of the search meets NaN, and where an end is
        not finite.
    Raises:
        InputError: an end that is a number (not traced) and not above zero, where `logarithmic`.
    Example:
        >>> round(float(root(lambda x: x**2 - 2.0, 1.0, 2.0)), 6)
        1.414214
    """
    if logarithmic:
        _check_positive(low, high)
    to, back = (jnp.log, jnp.exp) if logarithmic else (lambda x: x, lambda x: x)
    dtype = _precision(fn, low, high)
    low, high = jnp.asarray(low, dtype), jnp.asarray(high, dtype)
    # Signs are taken at the ends as given: exp(log(high)) may be a rounding short of a root at the end.
    first, last = fn(low), fn(high)
    # Zero at both ends says nothing, unless the interval is a point.
    crosses = (jnp.sign(first) * jnp.sign(last) <= 0) & ((first != 0) | (last != 0) | (low == high))
    inside = jnp.isfinite(to(low)) & jnp.isfinite(to(high))
    found = back(_root(lambda z: fn(back(z)), to(low), to(high)))
    # A sign changes at a pole too; there the function is larger than at the ends, at a root it is smaller.
    left = jnp.abs(fn(found))
    solved = jnp.isfinite(left) & (left <= jnp.maximum(jnp.abs(first), jnp.abs(last)))
    return jnp.where(crosses & inside & solved, found, jnp.nan)


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


def _check_positive(*ends: Any) -> None:
    for end in ends:
        if not isinstance(end, Tracer) and np.any(np.asarray(end) <= 0):
            raise InputError(
                f"a search by ratio needs ends above 0, got {end}. Give others, or pass logarithmic=False."
            )


def _precision(fn: Callable[[Any], Any], low: Any, high: Any) -> Any:
    """The float type of what `fn` gives for a plain number; of the ends where that is plain too."""
    seen = jax.eval_shape(fn, jax.ShapeDtypeStruct((), jnp.result_type(float), weak_type=True))
    typed = [seen] if not seen.weak_type else [end for end in (low, high) if hasattr(end, "dtype")]
    floats = [part.dtype for part in typed if jnp.issubdtype(part.dtype, jnp.floating)]
    return jax.dtypes.canonicalize_dtype(np.result_type(*floats)) if floats else jnp.result_type(float)


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
        value = fn(middle)
        left = (value > 0) == rising
        # Which half holds the root is not known where the function has no value: NaN stays to the end.
        middle = jnp.where(jnp.isnan(value), jnp.nan, middle)
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
