"""Where one function meets another, however often they cross: a scan in cells, and a root inside the chosen one."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.laws.roots import root

CELLS = 512
"""Cells that a range is cut into; two crossings within one cell go unseen."""
ROUNDING = 64
"""Roundings of the larger value within which two values are one."""
MEETS = 1e-3
"""Share of the gap at the ends of a cell that may be left at a crossing; at a jump or a pole more is."""

Fn = Callable[[Any], Any]


def crossings(
    first: Fn, second: Fn, low: Any, high: Any, near: tuple[Any, Any], *, logarithmic: bool = True, ends: bool = False
) -> dict[str, Any]:
    """The crossing of two functions that lies nearest to a span, the first and the last, and their number.

    Functions that only touch, or come together and stay so, do not cross.

    Args:
        first, second: functions of one number.
        low, high: the range that is scanned; both above zero where `logarithmic`.
        near: the span to which the crossing shall be near; of several inside it, the lowest is taken.
        logarithmic: whether cells are cut, and distances taken, by ratio.
        ends: whether functions that meet just at an end of the range cross there.
    Returns:
        `nearest`, `first` and `last`, NaN where there is none, and `number`.
    Example:
        >>> found = crossings(lambda x: (x - 2.0) * (x - 50.0), lambda x: 0.0 * x, 1e-3, 1e6, (10.0, 90.0))
        >>> [round(float(found[name])) for name in ("nearest", "first", "last", "number")]
        [50, 2, 50, 2]
    """
    to, back = (jnp.log, jnp.exp) if logarithmic else (lambda x: x, lambda x: x)
    low, high = jnp.asarray(low, float), jnp.asarray(high, float)
    places = jnp.linspace(to(low), to(high), CELLS + 1)
    # The ends are taken as given: exp(log(high)) may be a rounding short of a root at the end.
    grid = back(places).at[0].set(low).at[-1].set(high)
    signs = jax.vmap(lambda x: _order(first(x), second(x)))(grid)
    flips, before = _flips(signs, ends)

    def solve(cell: Any) -> Any:
        left, right = grid[before[cell]], grid[cell + 1]
        inside = root(lambda x: first(x) - second(x), left, right, logarithmic=logarithmic)
        place = jnp.where(signs[before[cell]] == 0, left, jnp.where(signs[cell + 1] == 0, right, inside))
        widest = jnp.maximum(jnp.abs(first(left) - second(left)), jnp.abs(first(right) - second(right)))
        one, other = first(place), second(place)
        meets = (jnp.abs(one - other) <= MEETS * widest) | (_order(one, other) == 0)
        return jnp.where(flips.any() & meets, place, jnp.nan)

    left, right = places[before], places[1:]
    below, above = (to(jnp.asarray(end, float)) for end in near)
    distance = jnp.maximum(jnp.maximum(below - right, left - above), 0.0)
    return {
        "nearest": solve(jnp.argmin(jnp.where(flips, distance, jnp.inf))),
        "first": solve(jnp.argmax(flips)),
        "last": solve(CELLS - 1 - jnp.argmax(flips[::-1])),
        "number": jnp.sum(flips, dtype=float),
    }


def reached(fn: Fn, target: Any, held: Mapping[str, Any], near: Any, *, logarithmic: bool = True) -> dict[str, Any]:
    """Where a function is at a target between the `low` and the `high` that are held, as `crossings` gives it."""
    # A target that is only just reached, at an end, counts.
    return crossings(fn, lambda x: target, held["low"], held["high"], near, logarithmic=logarithmic, ends=True)


def _order(one: Any, other: Any) -> Any:
    """1 or -1 where the first is larger or smaller, 0 where they are one but for rounding, NaN where unknown."""
    gap, size = jnp.asarray(one - other, float), jnp.maximum(jnp.abs(one), jnp.abs(other))
    alike = jnp.isfinite(size) & (jnp.abs(gap) <= ROUNDING * jnp.finfo(gap.dtype).eps * size)
    return jnp.where(alike, 0.0, jnp.sign(gap))


def _flips(signs: Any, ends: bool) -> tuple[Any, Any]:
    """Whether the order flips by the end of each cell, and the grid point at which it last was the other one."""
    if ends:
        signs = signs.at[0].set(jnp.where(signs[0] == 0, -signs[1], signs[0]))
        signs = signs.at[-1].set(jnp.where(signs[-1] == 0, -signs[-2], signs[-1]))
    # A stretch without order is passed over, one that is not known is not: a pole may hide in it.
    told = jax.lax.cummax(jnp.where(signs != 0, jnp.arange(CELLS + 1), 0))
    before = told[:-1]
    return signs[before] * signs[1:] < 0, before
