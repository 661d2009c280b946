"""Optax as a first-class path: any gradient transformation, from many starts at once, on the centred problem."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem
from lawjax.fitting.solve import Solution
from lawjax.fitting.starts import first_point
from lawjax.fitting.status import Status
from lawjax.fitting.step import objective

SETTLED = 1e-5
"""Largest gradient, relative to the objective, of a descent that counts as converged."""


def descend(
    problem: Problem,
    loss: Loss,
    optimizer: optax.GradientTransformation | None,
    starts: Any,
    weights: Any,
    *,
    num_steps: int,
) -> Solution:
    """Run `num_steps` updates from every start, by L-BFGS where no `optimizer` is given; result as for `solve`."""
    optimizer = _default() if optimizer is None else optimizer
    point, *rest = _run_lanes(problem, loss, optimizer, jnp.asarray(starts), jnp.asarray(weights), num_steps)
    vector, extra = np.split(np.asarray(point), [problem.layout.num_free], axis=1)
    return Solution(vector, extra, *(np.asarray(part) for part in rest))


@functools.cache
def _default() -> optax.GradientTransformation:
    """One object, so that a program compiled for it is found again."""
    return optax.lbfgs()


@functools.partial(jax.jit, static_argnames=("loss", "optimizer", "num_steps"))
def _run_lanes(problem: Problem, loss: Loss, optimizer: Any, starts: Any, weights: Any, num_steps: int) -> Any:
    optimizer = optax.with_extra_args_support(optimizer)
    points = jax.vmap(lambda start: first_point(problem, loss, weights, start))(starts)
    target = jnp.median(jnp.abs(jax.vmap(lambda point: objective(problem, loss, loss.width, weights, point))(points)))
    # The sum is brought to about 1: line searches and Adam's epsilon are written for objectives of that size.
    scale = jnp.where(jnp.isfinite(target) & (target > 0), target, 1.0)

    def scaled(point: Any) -> Any:
        return objective(problem, loss, loss.width, weights, point) / scale

    def one(start: Any) -> Any:
        def update(carry: Any, _: None) -> tuple[Any, None]:
            point, state = carry
            value, gradient = jax.value_and_grad(scaled)(point)
            gradient = jnp.where(jnp.isfinite(gradient), gradient, 0.0)
            step, state = optimizer.update(gradient, state, point, value=value, grad=gradient, value_fn=scaled)
            return (optax.apply_updates(point, step), state), None

        (point, _), _ = jax.lax.scan(update, (start, optimizer.init(start)), length=num_steps)
        value, gradient = jax.value_and_grad(scaled)(point)
        finite = jnp.isfinite(value)
        settled = jnp.max(jnp.abs(gradient)) <= SETTLED * jnp.abs(value)
        status = jnp.where(finite, jnp.where(settled, Status.CONVERGED, Status.MAX_STEPS), Status.NONFINITE)
        return point, jnp.where(finite, value * scale, jnp.inf), status, jnp.int32(num_steps)

    return jax.vmap(one)(points)
