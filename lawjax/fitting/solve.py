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

from lawjax.fitting.cholesky import solve_positive
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
NEWTON_FLOOR = 0.02
"""Share of the reweighted curvature added to Newton's: near the optimum of a kinked loss fewer residuals than
parameters may lie inside the kink, and Newton's own curvature is then singular."""
TOLERANCE = 1e-13
"""A step that promises less than this share of the objective ends the solve."""


class Lane(NamedTuple):
    """What the next step needs, for one lane."""

    vector: Any
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

    def cost(residual: Any, width: Any) -> Any:
        total = jnp.sum(jnp.where(weight > 0, weight * loss.rho(residual, width), 0.0))
        return jnp.where(jnp.isfinite(total), total, jnp.inf)

    def advance(lane: Lane) -> Lane:
        width = widths[lane.stage]
        residual, gradient, curvatures = linearise(residuals, loss, width, lane.vector, weight)
        steps = jax.vmap(_damped_step, in_axes=(0, None, None))(curvatures, gradient, lane.damping)
        ends = jax.vmap(lambda step: cost(residuals(lane.vector + step), width))(steps)
        now, best = cost(residual, width), jnp.min(ends)
        better = best < now
        stuck = jnp.where(better, now - best <= TOLERANCE * jnp.abs(now), lane.damping > 1e8)
        limit = jnp.where(lane.stage == last_stage, max_steps, STAGE_STEPS)
        ended = stuck | (lane.stage_steps + 1 >= limit)
        damping = jnp.clip(jnp.where(better, lane.damping / 8, lane.damping * 6), 1e-10, 1e9)
        return Lane(
            vector=jnp.where(better, lane.vector + steps[jnp.argmin(ends)], lane.vector),
            damping=jnp.where(ended, FIRST_DAMPING, damping),
            stage=jnp.where(ended, jnp.minimum(lane.stage + 1, last_stage), lane.stage),
            stage_steps=jnp.where(ended, 0, lane.stage_steps + 1),
            num_steps=lane.num_steps + 1,
            settled=stuck,
            done=ended & (lane.stage == last_stage) | ~jnp.isfinite(now),
        )

    zero = jnp.int32(0)
    first = Lane(start, jnp.asarray(FIRST_DAMPING), zero, zero, zero, jnp.bool_(False), jnp.bool_(False))
    last = jax.lax.while_loop(lambda lane: ~lane.done, advance, first)
    reached = cost(residuals(last.vector), loss.width)
    ended = jnp.where(last.settled, Status.CONVERGED, Status.MAX_STEPS)
    return last.vector, reached, jnp.where(jnp.isfinite(reached), ended, Status.NONFINITE), last.num_steps


def linearise(
    residuals: Callable[[Any], Any], loss: Loss, width: Any, vector: Any, weight: Any
) -> tuple[Any, Any, Any]:
    """Residuals, gradient, and the curvatures by reweighting and by Newton's weights, shape (2, free, free)."""
    residual, tangents = jax.vmap(lambda tangent: jax.jvp(residuals, (vector,), (tangent,)), out_axes=(None, 1))(
        jnp.eye(len(vector), dtype=vector.dtype)
    )
    jacobian = jnp.where((weight > 0)[:, None], tangents, 0.0)
    safe = jnp.where(weight > 0, residual, 0.0)
    psi_of = jax.grad(lambda r: loss.rho(r, width))
    psi = jax.vmap(psi_of)(safe)
    newton = jax.vmap(jax.grad(psi_of))(safe)
    small = jnp.abs(safe) < 1e-12
    reweighted = jnp.where(small, newton, psi / jnp.where(small, 1.0, safe))
    newton += NEWTON_FLOOR * reweighted
    curves = jnp.stack([weight * jnp.maximum(curve, 0.0) for curve in (reweighted, newton)])
    curvatures = jnp.einsum("ri,cr,rj->cij", jacobian, curves, jacobian)
    return residual, jacobian.T @ (weight * psi), curvatures


def _damped_step(curvature: Any, gradient: Any, damping: Any) -> Any:
    """Levenberg-Marquardt step, scaled by the diagonal; zero where it is not finite."""
    diagonal = jnp.diagonal(curvature)
    floor = 1e-12 * jnp.max(diagonal) + 1e-300
    damped = curvature + jnp.diag(damping * jnp.maximum(diagonal, floor) + floor)
    step = -solve_positive(damped, gradient)
    return jnp.where(jnp.all(jnp.isfinite(step)), jnp.clip(step, -5.0, 5.0), 0.0)
