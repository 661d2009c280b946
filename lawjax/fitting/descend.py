"""Optax as a first-class path: any gradient transformation, from many starts at once, on the centred problem."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem
from lawjax.fitting.solve import Solution, Status

SETTLED = 1e-5
"""Largest gradient, relative to the objective, of a descent that counts as converged."""


def descend(
    problem: Problem, loss: Loss, optimizer: optax.GradientTransformation, starts: Any, weights: Any, *, num_steps: int
) -> Solution:
    """Run `num_steps` updates from every start; arguments and result as for `solve`."""
    lanes = _run_lanes(problem, loss, optimizer, jnp.asarray(starts), jnp.asarray(weights), num_steps)
    return Solution(*(np.asarray(part) for part in lanes))


@functools.partial(jax.jit, static_argnames=("loss", "optimizer", "num_steps"))
def _run_lanes(problem: Problem, loss: Loss, optimizer: Any, starts: Any, weights: Any, num_steps: int) -> Any:
    optimizer = optax.with_extra_args_support(optimizer)
    target = jnp.median(jax.vmap(lambda start: _total(problem, loss, start, weights))(starts))
    # The sum is brought to about 1: line searches and Adam's epsilon are written for objectives of that size.
    scale = jnp.where(jnp.isfinite(target) & (target > 0), target, 1.0)

    def objective(vector: Any) -> Any:
        return _total(problem, loss, vector, weights) / scale

    def one(start: Any) -> Any:
        def update(carry: Any, _: None) -> tuple[Any, None]:
            vector, state = carry
            value, gradient = jax.value_and_grad(objective)(vector)
            gradient = jnp.where(jnp.isfinite(gradient), gradient, 0.0)
            step, state = optimizer.update(gradient, state, vector, value=value, grad=gradient, value_fn=objective)
            return (optax.apply_updates(vector, step), state), None

        (vector, _), _ = jax.lax.scan(update, (start, optimizer.init(start)), length=num_steps)
        value, gradient = jax.value_and_grad(objective)(vector)
        finite = jnp.isfinite(value)
        settled = jnp.max(jnp.abs(gradient)) <= SETTLED * jnp.abs(value)
        status = jnp.where(finite, jnp.where(settled, Status.CONVERGED, Status.MAX_STEPS), Status.NONFINITE)
        return vector, jnp.where(finite, value * scale, jnp.inf), status, jnp.int32(num_steps)

    return jax.vmap(one)(starts)


def _total(problem: Problem, loss: Loss, vector: Any, weight: Any) -> Any:
    return jnp.sum(jnp.where(weight > 0, weight * loss.cost(problem.residuals(vector)), 0.0))
