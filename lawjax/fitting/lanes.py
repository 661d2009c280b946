"""Lanes: the compiled loop that advances many small problems a few steps at a time.

A robust loss is approached through a few stages of rounder kinks, and each lane goes through them at its own pace.
"""

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem
from lawjax.fitting.status import Status
from lawjax.fitting.step import candidate_steps, local, objective, row_cost, thorough_steps

STAGES = (0.1, 0.01, 1e-3, 1e-4, 1e-6, 1e-8)
"""Widths of the rounded kink, as shares of the response's size; those at or below the one that was asked are left
out, and so are those above the residuals at the start."""
STAGE_STEPS = 12
"""Steps at most in each stage before the last."""
STAGE_GAIN = 1e-3
"""A step that promises less than this share of the objective ends a stage before the last."""
GAIN = 1e-12
"""A step that promises less than this share of the objective is taken whatever the objective says of it."""
FLAT = 1e-10
"""Share of the objective by which such a step may seem to raise it."""
LEAST_GAIN = 1e-18
"""A promise this small, or one that no longer falls, ends the solve."""
MOST_CLOSE = 20
"""Steps so near the end, at most."""
CREEP, CREEP_STEPS = 1e-5, 8
"""A lane that need not be fine ends where this many steps gain less than this share: parameters that run away along a
valley without end would take all steps for what is far inside any standard error."""
CLOSE_GAIN = 1e-11
"""A lane converged where the last step promised less than this share."""
ROUNDING = 1e-15
"""Share of a response's size to which residuals are known."""
FIRST_DAMPING = 1e-3
LEAST_DAMPING, LAST_DAMPING = 1e-12, 1e9
BLOCK = 4
"""Steps between two looks at which lanes have ended."""


class Lane(NamedTuple):
    """What the next step needs, for one lane.

    Attributes:
        point: the vector on the line, then the loss's own numbers.
        damping: of Levenberg and Marquardt.
        stage: which width of the kink it is at.
        stage_steps: steps in this stage.
        num_steps: steps since it was filled.
        value: the objective, kinks rounded as in its stage.
        close: steps running that promised next to nothing.
        mark: the objective some steps ago.
        promise: what the last step promised, as a share of the objective.
        done: whether it ended.
    """

    point: Any
    damping: Any
    stage: Any
    stage_steps: Any
    num_steps: Any
    value: Any
    close: Any
    mark: Any
    promise: Any
    done: Any


class Ended(NamedTuple):
    """What lanes have to tell once they are done."""

    point: Any
    objective: Any
    status: Any
    num_steps: Any


def idle_lanes(lanes: int, size: int) -> Lane:
    """Lanes that hold no problem."""
    count, one = np.zeros(lanes, dtype=np.int32), np.ones(lanes)
    return Lane(
        point=np.zeros((lanes, size)), damping=one, stage=count, stage_steps=count, num_steps=count, value=one,
        close=count, mark=one, promise=one, done=np.ones(lanes, dtype=bool),
    )  # fmt: skip


def _stage_widths(loss: Loss, level: Any) -> Any:
    """Widths of the kink from stage to stage; none is below the last, the one that was asked or as good as."""
    if not np.isfinite(loss.width):
        return jnp.ones(1)
    last = loss.width if loss.width > 0 else STAGES[-1] * level
    return jnp.maximum(jnp.stack([*(width * level for width in STAGES), jnp.asarray(last)]), last)


def _stage_from(widths: Any, stage: Any) -> Any:
    """The stage, or the last where its width is no rounder than that."""
    last = len(widths) - 1
    stage = jnp.minimum(stage, last)
    return jnp.where(widths[stage] <= widths[last], last, stage).astype(jnp.int32)


@functools.partial(jax.jit, static_argnames=("loss", "max_steps", "by_table", "exact"))
def advance_lanes(
    problem: Problem,
    weights: Any,
    starts: Any,
    loss: Loss,
    fresh: Any,
    lanes: Lane,
    max_steps: int,
    fine: Any,
    by_table: bool,
    exact: bool,
) -> tuple[Lane, Ended]:
    """Advance every lane by up to `BLOCK` steps; fresh ones begin at their start.

    Args:
        problem: the data; its responses lead with a lane axis, and so do all its arrays where lanes hold many tables.
        weights: weight of each run, shape (lane, run).
        starts: where fresh lanes begin, shape (lane, all); NaN where the loss's own numbers are to be guessed.
        loss: what a residual costs.
        fresh: which lanes begin, shape (lane,).
        lanes: where the others stand.
        max_steps: bound on the steps of the last stage.
        fine: whether lanes go on while Newton's step still shrinks, which is far inside any standard error.
        by_table: see `problem`.
        exact: use the exact Hessian, in the last stage only.
    """
    axes = dataclasses.replace(jax.tree.map(lambda _: 0 if by_table else None, problem), target=0)
    begin = jax.vmap(functools.partial(_begin, loss, exact), in_axes=(axes, 0, 0))

    def begun() -> Lane:
        first = begin(problem, weights, starts)
        return jax.tree.map(lambda new, old: jnp.where(_lead(fresh, new), new, old), first, lanes)

    lanes = jax.lax.cond(jnp.any(fresh), begun, lambda: jax.tree.map(jnp.asarray, lanes))
    step = jax.vmap(functools.partial(_advance, loss, max_steps, exact, fine), in_axes=(axes, 0, 0))

    def go_on(carry: tuple[Any, Lane]) -> Any:
        count, state = carry
        return (count < BLOCK) & ~jnp.all(state.done)

    def body(carry: tuple[Any, Lane]) -> tuple[Any, Lane]:
        count, state = carry
        return count + 1, step(problem, weights, state)

    _, lanes = jax.lax.while_loop(go_on, body, (jnp.int32(0), lanes))
    ended = jax.vmap(functools.partial(_end, loss, max_steps), in_axes=(axes, 0, 0))(problem, weights, lanes)
    return lanes, ended


def _lead(mask: Any, array: Any) -> Any:
    return mask.reshape(mask.shape + (1,) * (array.ndim - 1))


def _begin(loss: Loss, exact: bool, problem: Problem, weight: Any, start: Any) -> Lane:
    """A lane at its start: kinks rounder than the residuals are skipped, and all of them by the exact Hessian."""
    num_free = problem.layout.num_free
    residual = jnp.abs(problem.residuals(start[:num_free]))
    size = jnp.sum(jnp.where(weight > 0, weight * residual, 0.0)) / jnp.sum(weight)
    guessed = loss.first_extra(size / problem.level).astype(start.dtype)
    extra = jnp.where(jnp.isnan(start[num_free:]), guessed, start[num_free:])
    widths = _stage_widths(loss, problem.level)
    stage = _stage_from(widths, len(widths) if exact else jnp.sum(widths > size))
    zero = jnp.int32(0)
    damping = jnp.asarray(FIRST_DAMPING, start.dtype)
    one = jnp.ones_like(damping)
    point = jnp.concatenate([start[:num_free], extra])
    return Lane(point, damping, stage, zero, zero, jnp.inf * one, zero, jnp.inf * one, one, ~jnp.isfinite(size))


def _advance(loss: Loss, max_steps: int, exact: bool, fine: Any, problem: Problem, weight: Any, lane: Lane) -> Lane:
    """The lane after one step; unchanged where it is done."""
    widths = _stage_widths(loss, problem.level)
    width, last = widths[lane.stage], len(widths) - 1
    here = local(problem, loss, width, weight, lane.point)
    if exact:
        steps, gain = thorough_steps(problem, loss, width, weight, lane.point, here, lane.damping)
    else:
        steps, gain = candidate_steps(problem, lane.point, here, lane.damping)
    ends = jax.vmap(lambda step: objective(problem, loss, width, weight, lane.point + step))(steps)
    scale = jnp.abs(here.value) + grain_of(problem, loss, weight, width) / GAIN
    promise = gain / scale
    near = promise <= GAIN
    close = jnp.where(near, lane.close + 1, 0)
    # So near, the objective is flat to rounding and cannot judge: Newton's step is taken as it is.
    best = jnp.where(near & (ends[-1] <= here.value + FLAT * scale), len(steps) - 1, jnp.argmin(ends))
    better = (ends[best] < here.value) | (near & (ends[best] <= here.value + FLAT * scale))
    at_last = lane.stage == last
    at_rest = near & ~fine | (close >= 2) & (
        (promise >= 0.8 * lane.promise) | (promise <= LEAST_GAIN) | (close >= MOST_CLOSE)
    )
    look = (lane.stage_steps % CREEP_STEPS) == CREEP_STEPS - 1
    creeps = look & ~fine & at_last & (promise > CREEP) & (lane.mark - here.value <= CREEP * scale)
    stuck = creeps | ~better & (lane.damping >= LAST_DAMPING)
    settled = jnp.where(at_last, at_rest, promise <= STAGE_GAIN) | stuck
    ended = settled | (lane.stage_steps + 1 >= jnp.where(at_last, max_steps, STAGE_STEPS))
    damping = jnp.clip(jnp.where(better, lane.damping / 16, lane.damping * 6), LEAST_DAMPING, LAST_DAMPING)
    after = Lane(
        point=jnp.where(better, lane.point + steps[best], lane.point),
        damping=jnp.where(ended, FIRST_DAMPING, jnp.where(near, LEAST_DAMPING, damping)),
        stage=_stage_from(widths, jnp.where(ended, lane.stage + 1, lane.stage)),
        stage_steps=jnp.where(ended & ~at_last, 0, lane.stage_steps + 1),
        num_steps=lane.num_steps + 1,
        value=jnp.where(better, ends[best], here.value),
        mark=jnp.where(look, here.value, lane.mark),
        close=close.astype(lane.close.dtype),
        promise=promise,
        done=ended & at_last | ~jnp.isfinite(here.value),
    )
    return jax.tree.map(lambda new, old: jnp.where(lane.done, old, new), after, lane)


def grain_of(problem: Problem, loss: Loss, weight: Any, width: Any) -> Any:
    """What a change of the objective must exceed to be more than rounding of the responses."""
    if loss.extra:
        return jnp.sum(weight) * GAIN
    rounding = jnp.asarray(ROUNDING * problem.level)
    ends = (row_cost(problem, loss, width, end, jnp.zeros(0)) for end in (rounding, -rounding))
    most = jnp.maximum(*ends) - row_cost(problem, loss, width, 0.0 * rounding, jnp.zeros(0))
    return jnp.sum(weight) * jnp.maximum(most, rounding**2)


def _end(loss: Loss, max_steps: int, problem: Problem, weight: Any, lane: Lane) -> Ended:
    """What a lane has to tell; a kink that was rounded to the last is put back."""
    reached = lane.value if loss.width > 0 else objective(problem, loss, loss.width, weight, lane.point)
    stopped = jnp.where(lane.stage_steps >= max_steps, Status.MAX_STEPS, Status.STALLED)
    status = jnp.where(lane.promise <= CLOSE_GAIN, Status.CONVERGED, stopped)
    return Ended(lane.point, reached, jnp.where(jnp.isfinite(reached), status, Status.NONFINITE), lane.num_steps)
