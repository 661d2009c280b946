r"""The batched solver: damped Gauss-Newton on many small robust problems at once.

Each iteration linearises the residuals once and tries two steps: one with the weights $\psi(r)/r$ of iteratively
reweighted least squares, which always descends and is slow near a kink, and one with the weights $\psi'(r)$ of
Newton's method, which is fast near the optimum and lost far away. The better one is kept. A robust loss is
approached through a few stages of rounder kinks.
"""

import enum
import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem


class Status(enum.IntEnum):
    """How a solve ended."""

    CONVERGED = 0
    MAX_STEPS = 1
    NONFINITE = 2
    AT_EDGE = 3


ADVICE = {
    Status.CONVERGED: "Converged.",
    Status.MAX_STEPS: "Stopped at max_steps; the value may be usable. Raise max_steps.",
    Status.NONFINITE: "The law gave no finite value on the way. Check the inputs, the ranges and the law.",
    Status.AT_EDGE: "A parameter reached the edge of its support; the data may not identify it.",
}

STAGES = (0.1, 0.01, 1e-3, 1e-4, 1e-6, 1e-8)
"""Widths of the rounded kink, in units of the residual; stages at or below the width that was asked are left out."""
STAGE_STEPS = 12
"""Steps at most in each stage before the last."""
FIRST_DAMPING = 1e-3
TOLERANCE = 1e-13
"""A step that promises less than this share of the objective ends the solve."""


class Lane(NamedTuple):
    """What the next step needs, for one lane."""

    vector: Any
    objective: Any
    damping: Any
    stage: Any
    stage_steps: Any
    num_steps: Any
    settled: Any
    done: Any


class Solution(NamedTuple):
    """Where each lane ended; arrays lead with the lane axis."""

    vector: np.ndarray
    objective: np.ndarray
    status: np.ndarray
    num_steps: np.ndarray


def solve(
    problem: Problem, loss: Loss, starts: Any, weights: Any, *, shift: Any = 0.0, max_steps: int = 200
) -> Solution:
    """Descend from every start.

    Args:
        problem: the data, shared by all lanes.
        starts: vectors on the line, shape (lane, free).
        weights: weight of each run, shape (run,) if shared or (lane, run).
        shift: what is added to the observed response in the residual space, a number or shape (lane, run).
        max_steps: bound on the steps of the last stage.
    Returns:
        Where each lane ended; lanes never raise.
    """
    starts, weights, shift = (jnp.asarray(array, dtype=float) for array in (starts, weights, shift))
    lanes = _run_lanes(problem, loss, starts, weights, shift, stage_widths(loss), max_steps)
    return Solution(*(np.asarray(part) for part in lanes))


def stage_widths(loss: Loss) -> np.ndarray:
    """Widths of the kink from stage to stage; the last is the one that was asked, or as good as."""
    if not np.isfinite(loss.width):
        return np.array([1.0])
    last = loss.width if loss.width > 0 else STAGES[-1]
    return np.array([*(width for width in STAGES if width > last), last])


@functools.partial(jax.jit, static_argnames=("loss", "max_steps"))
def _run_lanes(problem: Problem, loss: Loss, starts: Any, weights: Any, shift: Any, widths: Any, max_steps: int) -> Any:
    one = functools.partial(_solve_one, problem, loss, widths, max_steps)
    own = (0, 0 if weights.ndim == 2 else None, 0 if shift.ndim == 2 else None)
    return jax.vmap(one, in_axes=own)(starts, weights, shift)


def _solve_one(problem: Problem, loss: Loss, widths: Any, max_steps: int, start: Any, weight: Any, shift: Any) -> Any:
    last_stage = len(widths) - 1

    def residuals(vector: Any) -> Any:
        return problem.residuals(vector) - shift

    def total(vector: Any, width: Any) -> Any:
        cost = jnp.sum(jnp.where(weight > 0, weight * loss.rho(residuals(vector), width), 0.0))
        return jnp.where(jnp.isfinite(cost), cost, jnp.inf)

    def advance(lane: Lane) -> Lane:
        width = widths[lane.stage]
        gradient, curvatures = linearise(residuals, loss, width, lane.vector, weight)
        steps = [_damped_step(curvature, gradient, lane.damping) for curvature in curvatures]
        objectives = [total(lane.vector + step, width) for step in steps]
        objective = jnp.minimum(*objectives)
        step = jnp.where(objectives[1] < objectives[0], steps[1], steps[0])
        better = objective < lane.objective
        stuck = jnp.where(better, lane.objective - objective <= TOLERANCE * lane.objective, lane.damping > 1e8)
        limit = jnp.where(lane.stage == last_stage, max_steps, STAGE_STEPS)
        ended = stuck | (lane.stage_steps + 1 >= limit)
        vector = jnp.where(better, lane.vector + step, lane.vector)
        stage = jnp.where(ended, jnp.minimum(lane.stage + 1, last_stage), lane.stage)
        kept = jnp.where(better, objective, lane.objective)
        damping = jnp.clip(jnp.where(better, lane.damping / 8, lane.damping * 6), 1e-10, 1e9)
        return Lane(
            vector=vector,
            objective=jnp.where(stage == lane.stage, kept, total(vector, widths[stage])),
            damping=jnp.where(ended, FIRST_DAMPING, damping),
            stage=stage,
            stage_steps=jnp.where(ended, 0, lane.stage_steps + 1),
            num_steps=lane.num_steps + 1,
            settled=stuck,
            done=ended & (lane.stage == last_stage) | ~jnp.isfinite(lane.objective),
        )

    zero = jnp.int32(0)
    first = Lane(
        start, total(start, widths[0]), jnp.asarray(FIRST_DAMPING), zero, zero, zero, jnp.bool_(False), jnp.bool_(False)
    )
    last = jax.lax.while_loop(lambda lane: ~lane.done, advance, first)
    cost = jnp.sum(jnp.where(weight > 0, weight * loss.cost(residuals(last.vector)), 0.0))
    finite = jnp.isfinite(cost)
    status = jnp.where(finite, jnp.where(last.settled, Status.CONVERGED, Status.MAX_STEPS), Status.NONFINITE)
    return last.vector, jnp.where(finite, cost, jnp.inf), status, last.num_steps


def linearise(
    residuals: Callable[[Any], Any], loss: Loss, width: Any, vector: Any, weight: Any
) -> tuple[Any, tuple[Any, Any]]:
    """Gradient, and the curvature by reweighting and by Newton's weights."""
    residual = residuals(vector)
    jacobian = jnp.where((weight > 0)[:, None], jax.jacfwd(residuals)(vector), 0.0)
    residual = jnp.where(weight > 0, residual, 0.0)
    psi_of = jax.grad(lambda r: loss.rho(r, width))
    psi = jax.vmap(psi_of)(residual)
    newton = jax.vmap(jax.grad(psi_of))(residual)
    small = jnp.abs(residual) < 1e-12
    reweighted = jnp.where(small, newton, psi / jnp.where(small, 1.0, residual))
    gradient = jacobian.T @ (weight * psi)
    return gradient, tuple(
        (jacobian * (weight * jnp.maximum(curve, 0.0))[:, None]).T @ jacobian for curve in (reweighted, newton)
    )


def _damped_step(curvature: Any, gradient: Any, damping: Any) -> Any:
    """Levenberg-Marquardt step, scaled by the diagonal; zero where it is not finite."""
    diagonal = jnp.diagonal(curvature)
    floor = 1e-12 * jnp.max(diagonal) + 1e-300
    damped = curvature + jnp.diag(damping * jnp.maximum(diagonal, floor) + floor)
    step = -solve_positive(damped, gradient)
    return jnp.where(jnp.all(jnp.isfinite(step)), jnp.clip(step, -5.0, 5.0), 0.0)


def solve_positive(matrix: Any, right: Any) -> Any:
    """Solve a small positive definite system by an unrolled Cholesky factorisation.

    Under `vmap` each entry is one array over the lanes, so thousands of systems cost a few fused loops; a
    library call would factorise them one at a time.
    """
    size = right.shape[0]
    if size > 12:
        return jnp.linalg.solve(matrix, right)
    lower: dict[tuple[int, int], Any] = {}
    for column in range(size):
        for row in range(column, size):
            rest = matrix[row, column] - sum(lower[row, k] * lower[column, k] for k in range(column))
            lower[row, column] = jnp.sqrt(rest) if row == column else rest / lower[column, column]
    forward: list[Any] = []
    for row in range(size):
        rest = right[row] - sum(lower[row, k] * forward[k] for k in range(row))
        forward.append(rest / lower[row, row])
    answer: list[Any] = [None] * size
    for row in reversed(range(size)):
        rest = forward[row] - sum(lower[k, row] * answer[k] for k in range(row + 1, size))
        answer[row] = rest / lower[row, row]
    return jnp.stack(answer)
