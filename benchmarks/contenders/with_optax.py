"""Optax under `vmap`, as its documentation shows it, in float64: raw coordinates and centred ones."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from harness import seconds

from contenders.outcome import Outcome, scaled_up
from contenders.problem import DELTA, Problem

GRADIENT_TOLERANCE = 1e-9


def objective(v: jax.Array, problem: Problem) -> jax.Array:
    """The same objective in JAX."""
    terms = jnp.stack([v[0] - v[3] * problem.log_n, v[1] - v[4] * problem.log_d, jnp.full_like(problem.log_n, v[2])])
    residual = jax.nn.logsumexp(terms, axis=0) - problem.log_loss
    return jnp.sum(problem.weights * optax.huber_loss(residual, delta=DELTA))


def lbfgs(max_steps: int) -> Callable[..., jax.Array]:
    """`optax.lbfgs` with its zoom line search until the gradient is small, as in Optax's L-BFGS example."""
    solver = optax.lbfgs()

    def descend(start: jax.Array, problem: Problem) -> jax.Array:
        def function(v: jax.Array) -> jax.Array:
            return objective(v, problem)

        value_and_grad = optax.value_and_grad_from_state(function)

        def step(carry: tuple[jax.Array, Any]) -> tuple[Any, Any]:
            v, state = carry
            value, gradient = value_and_grad(v, state=state)
            updates, state = solver.update(gradient, state, v, value=value, grad=gradient, value_fn=function)
            return optax.apply_updates(v, updates), state

        def unfinished(carry: tuple[jax.Array, Any]) -> jax.Array:
            _, state = carry
            count, gradient = (optax.tree.get(state, name) for name in ("count", "grad"))
            return (count == 0) | ((count < max_steps) & (optax.tree.norm(gradient) >= GRADIENT_TOLERANCE))

        return function(jax.lax.while_loop(unfinished, step, (start, solver.init(start)))[0])

    return descend


def adam(num_steps: int, rate: float = 0.1) -> Callable[..., jax.Array]:
    """`optax.adam` with a cosine schedule."""
    solver = optax.adam(optax.cosine_decay_schedule(rate, num_steps))

    def descend(start: jax.Array, problem: Problem) -> jax.Array:
        def step(carry: tuple[jax.Array, Any], _: None) -> tuple[Any, None]:
            v, state = carry
            updates, state = solver.update(jax.grad(objective)(v, problem), state)
            return (optax.apply_updates(v, updates), state), None

        return objective(jax.lax.scan(step, (start, solver.init(start)), length=num_steps)[0][0], problem)

    return descend


def centred(problem: Problem, starts: np.ndarray) -> tuple[Problem, np.ndarray]:
    """The problem with log N and log D less their means, and the same starts in its coordinates."""
    mean_n, mean_d = problem.log_n.mean(), problem.log_d.mean()
    moved = starts.copy()
    moved[..., 0] -= starts[..., 3] * mean_n
    moved[..., 1] -= starts[..., 4] * mean_d
    return problem._replace(log_n=problem.log_n - mean_n, log_d=problem.log_d - mean_d), moved


def from_starts(name: str, descend: Callable[..., jax.Array], problem: Problem, starts: np.ndarray) -> Outcome:
    """All starts under one `vmap`."""
    with jax.enable_x64(True):
        run = jax.jit(jax.vmap(descend, in_axes=(0, None)))
        found: list[np.ndarray] = []
        cold, warm = seconds(lambda: found.append(np.asarray(run(starts, problem))), repeats=1)
    objectives = np.where(np.isfinite(found[-1]), found[-1], np.inf)
    return Outcome(name=name, size=len(starts), objectives=objectives, cold=cold, warm=warm, batched=True)


def refit(name: str, problem: Problem, optimum: np.ndarray, weights: np.ndarray, size: int) -> Outcome:
    """L-BFGS on centred inputs for all resamples under one `vmap`, from the optimum of the whole table."""
    problem, start = centred(problem, optimum)
    with jax.enable_x64(True):
        run = jax.jit(jax.vmap(lambda row: lbfgs(100)(start, problem._replace(weights=row))))
        found: list[np.ndarray] = []
        cold, warm = seconds(lambda: found.append(np.asarray(run(weights))), repeats=1)
    outcome = scaled_up(name, size, found[-1], 0.0, warm)
    return dataclasses.replace(outcome, cold=outcome.warm + cold - warm)
