"""The least of a convex function of a mixture, by Newton steps inside a logarithmic barrier that is lowered.

Projected and softmax descents crawl where the best mixture leaves a domain out; a barrier does not.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

HEIGHTS = tuple(0.2**step for step in range(16))
"""Heights of the barrier, from 1 to 3e-11; the answer is within twice the number of domains times the last."""
NEWTONS = 6
LENGTHS = 0.5 ** np.arange(30)


def least_on_simplex(fn: Callable[[Any], Any], most: Any, cap: Callable[[Any], Any] | None = None) -> Any:
    """The mixture at which a convex function is least, where a convex `cap` is not above zero.

    Args:
        fn: function of a mixture, shape (domain,).
        most: most of each domain, above 0 and summing to more than 1, shape (domain,).
        cap: function of a mixture that must not be above zero; None for no condition.
    Returns:
        The mixture, shape (domain,); NaN where no mixture keeps below the cap.
    """

    def wall(x: Any) -> Any:
        """High near the edges; NaN beyond them, where no step is taken."""
        return -jnp.sum(jnp.log(x) + jnp.log(most - x))

    start = most / jnp.sum(most)
    if cap is None:
        return _descend(lambda x, height: fn(x) + height * wall(x), start)
    lowest = _descend(lambda x, height: cap(x) + height * wall(x), start)
    inside = _first(lambda x: cap(x) < 0, start[None, :] + jnp.outer(1.0 - LENGTHS, lowest - start), lowest)

    def walled(x: Any, height: Any) -> Any:
        return fn(x) + height * (wall(x) - jnp.log(-cap(x)))

    return jnp.where(cap(inside) < 0, _descend(walled, inside), jnp.nan)


def _descend(objective: Callable[[Any, Any], Any], start: Any) -> Any:
    """Newton steps along the simplex at each height; a step that helps at no length is not taken."""

    def step(x: Any, height: Any) -> tuple[Any, None]:
        direction = _newton(jax.hessian(objective)(x, height), jax.grad(objective)(x, height))
        value = objective(x, height)
        return _first(lambda y: objective(y, height) < value, x[None, :] + jnp.outer(LENGTHS, direction), x), None

    heights = jnp.repeat(jnp.asarray(HEIGHTS), NEWTONS)
    return jax.lax.scan(step, start, heights)[0]


def _first(accept: Callable[[Any], Any], tried: Any, otherwise: Any) -> Any:
    """The first of the points that is accepted."""
    accepted = jax.vmap(accept)(tried)
    return jnp.where(jnp.any(accepted), tried[jnp.argmax(accepted)], otherwise)


def _newton(hessian: Any, gradient: Any) -> Any:
    """The Newton step that keeps the sum."""
    size = len(gradient)
    edge = jnp.ones((size, 1))
    system = jnp.block([[hessian, edge], [edge.T, jnp.zeros((1, 1))]])
    return jnp.linalg.solve(system, jnp.append(-gradient, 0.0))[:size]
