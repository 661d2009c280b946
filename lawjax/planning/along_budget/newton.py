"""Newton's method on the surface that a budget allows: where most draws' optima are found, in a few fused steps.

On the surface the last coordinate, the spender, follows from the others. Each step corrects it to the budget and moves
the others by the curvature of the Lagrangian along the surface. There is no loop that waits for a slow lane: what has
not arrived after the last step, or lies at an edge where that cannot be told, is left to the search that cannot miss.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lawjax.planning.constrained.factor import factored, solved

STEPS = 7
ARRIVED = 1e-11
"""Slope along the surface, and excess over the budget, up to which a lane has arrived."""
FARTHEST = 2.0
"""The longest step in any coordinate."""

Function = Callable[[Any], Any]


class Arrived(NamedTuple):
    """Where a lane is, and its slope along the surface; the last coordinate follows from the others.

    Attributes:
        point: the coordinates, shape (coordinate,).
        slope: of the loss along the surface in all but the last coordinate, shape (coordinate - 1,).
        excess: log of the cost over the budget.
    """

    point: Any
    slope: Any
    excess: Any


def descend(loss: Function, excess: Function, start: Any) -> Arrived:
    """Where Newton's method gets to from a point on the surface."""

    def step(_: Any, point: Any) -> Any:
        move = _move(loss, excess, point)
        longest = jnp.max(jnp.abs(move))
        return point + move * jnp.minimum(1.0, FARTHEST / jnp.where(longest > 0, longest, 1.0))

    point = jax.lax.fori_loop(0, STEPS, step, start)
    return along(loss, excess, point)


def along(loss: Function, excess: Function, point: Any) -> Arrived:
    """The slope along the surface at a point."""
    slope, across = jax.grad(loss)(point), jax.grad(excess)(point)
    return Arrived(point, slope[:-1] - slope[-1] / across[-1] * across[:-1], excess(point))


def tolerance(loss: Any) -> Any:
    """How steep the surface may be, and by how much the loss may seem to rise, at rest at a loss of this size."""
    return ARRIVED * (1 + jnp.abs(loss))


def settled(here: Arrived, box: Any, level: Any) -> Any:
    """Whether a lane is inside the bounds, on the surface, and at rest to a tolerance."""
    inside = jnp.all((here.point > box[:, 0]) & (here.point < box[:, 1]))
    return inside & (jnp.max(jnp.abs(here.slope)) <= level) & (jnp.abs(here.excess) <= ARRIVED)


def _move(loss: Function, excess: Function, point: Any) -> Any:
    """Newton's step."""
    slope, across = jax.grad(loss)(point), jax.grad(excess)(point)
    price = slope[-1] / across[-1]
    bend = across[:-1] / across[-1]
    lagrangian = jax.jacfwd(jax.grad(lambda z: loss(z) - price * excess(z)))(point)
    crossed = lagrangian[:-1, -1:] * bend[None, :]
    curvature = lagrangian[:-1, :-1] - crossed - crossed.T + lagrangian[-1, -1] * bend[:, None] * bend[None, :]
    correction = -excess(point) / across[-1]
    along_surface = slope[:-1] - price * across[:-1]
    right = -along_surface - correction * (lagrangian[:-1, -1] - lagrangian[-1, -1] * bend)
    floor = 1e-9 * jnp.max(jnp.abs(curvature)) + jnp.finfo(curvature.dtype).tiny
    move = solved(factored(curvature, floor), right)
    return jnp.append(move, correction - bend @ move)
