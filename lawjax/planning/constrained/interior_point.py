"""Constrained minima, thousands at a time: a primal-dual interior-point method on the unit box.

Each lane minimises f(u) over 0 <= u <= 1 subject to c(u) >= 0 and e(u) = 0. The inequalities get slacks s > 0 and
multipliers y > 0 whose products are driven to zero; every step solves Newton's equations for that, condensed to the
variables, and a line search on the exact penalty function keeps each lane from running away. What a lane reports is
judged by the Karush-Kuhn-Tucker conditions at the point that it reached, never by the steps it took.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lawjax.planning.constrained.factor import factored, solved
from lawjax.planning.status import SolutionStatus

MAX_STEPS = 80
TOLERANCE = 1e-10
"""A lane ends where the KKT conditions hold to this."""
GOOD_ENOUGH = 1e-7
"""KKT residual up to which a lane that could not get further counts as converged."""
FEASIBLE = 1e-8
"""Violation, as a share, up to which a constraint counts as met."""
INSIDE = 1e-2
"""A start is moved at least this far inside the box, and its slacks are at least this."""
TO_BOUNDARY = 0.995
"""Share of the way to the nearest bound that a step may go."""
HALVINGS = 10
"""Step lengths that are tried at once: 1, 1/2, 1/4, ..."""
ARMIJO = 1e-4
PENALTY = 1.5
LEAST_PENALTY = 1e-3
"""The penalty on violations: this many times the greatest multiplier, and a little more."""
LEAST_BARRIER = 1e-13
PIVOT = 1e-9
"""Least pivot, as a share of the Lagrangian's curvature; a direction of less is not believed."""


class Values(NamedTuple):
    """The objective, the inequalities c >= 0, shape (inequality,), and the equalities e = 0, shape (equality,)."""

    objective: Any
    above: Any
    equal: Any


class Ended(NamedTuple):
    """What a lane found.

    Attributes:
        point: in the unit box, shape (variable,).
        objective: f there.
        violation: the worst violation of a constraint.
        residual: the worst of violation, complementarity, and slope of the Lagrangian over the largest term in it.
        above, equal, low, high: multipliers of the inequalities, the equalities and the sides of the box.
        status: a `SolutionStatus`.
        num_steps: steps taken.
    """

    point: Any
    objective: Any
    violation: Any
    residual: Any
    above: Any
    equal: Any
    low: Any
    high: Any
    status: Any
    num_steps: Any


class _State(NamedTuple):
    point: Any
    slack: Any
    above: Any
    equal: Any
    low: Any
    high: Any
    residual: Any
    stalls: Any
    num_steps: Any
    done: Any


class _Local(NamedTuple):
    """The functions at a point, with their slopes."""

    values: Values
    slope: Any
    above_slope: Any
    equal_slope: Any


Function = Callable[[Any], Values]


def minimum(function: Function, start: Any, num_steps: int = MAX_STEPS) -> Ended:
    """The constrained minimum that one lane reaches from a start, shape (variable,), in the unit box."""
    first = _first(function, start)
    if not start.shape[0]:
        return _ended(function, first._replace(above=jnp.zeros_like(first.above)))
    last = jax.lax.while_loop(
        lambda state: ~state.done, lambda state: _held(state, _step(function, num_steps, state)), first
    )
    return _ended(function, last)


def _held(before: _State, after: _State) -> _State:
    """A lane that is done stays as it is while others go on."""
    return jax.tree.map(lambda old, new: jnp.where(before.done, old, new), before, after)


def _first(function: Function, start: Any) -> _State:
    point = jnp.clip(start, INSIDE, 1 - INSIDE)
    values = function(point)
    slack = jnp.maximum(values.above, INSIDE)
    ones, zero = jnp.ones_like(point), jnp.zeros_like(values.objective)
    return _State(
        point=point,
        slack=slack,
        above=INSIDE / slack,
        equal=jnp.zeros_like(values.equal),
        low=INSIDE * ones,
        high=INSIDE * ones,
        residual=zero + jnp.inf,
        stalls=jnp.int32(0),
        num_steps=jnp.int32(0),
        done=~jnp.isfinite(_sum(values)),
    )


def _sum(values: Values) -> Any:
    return values.objective + jnp.sum(values.above) + jnp.sum(values.equal)


def _local(function: Function, point: Any) -> _Local:
    """Values and slopes, by as many forward passes as there are variables: there are few, and of functions several."""
    values, push = jax.linearize(function, point)
    slopes = jax.vmap(push)(jnp.eye(len(point), dtype=point.dtype))
    return _Local(values, slopes.objective, slopes.above.T, slopes.equal.T)


def _curvature(function: Function, state: _State) -> Any:
    """The Hessian of the Lagrangian."""

    def lagrangian(point: Any) -> Any:
        values = function(point)
        return values.objective - state.above @ values.above - state.equal @ values.equal

    return jax.jacfwd(jax.grad(lagrangian))(state.point)


def _gradient(state: _State, here: _Local) -> Any:
    """The slope of the Lagrangian without the box."""
    return here.slope - here.above_slope.T @ state.above - here.equal_slope.T @ state.equal


def _complementarity(state: _State) -> Any:
    return jnp.concatenate([state.above * state.slack, state.low * state.point, state.high * (1 - state.point)])


def _residual(state: _State, here: _Local) -> Any:
    """How far the KKT conditions are from met; the slopes as a share of the largest of those that must cancel."""
    terms = jnp.concatenate([here.slope, state.above * jnp.max(jnp.abs(here.above_slope), axis=1, initial=0.0)])
    scale = jnp.maximum(1e-3, jnp.max(jnp.abs(terms), initial=0.0))
    slope = jnp.max(jnp.abs(_gradient(state, here) - state.low + state.high), initial=0.0) / scale
    touching = jnp.max(jnp.abs(_complementarity(state)), initial=0.0) / scale
    return jnp.maximum(jnp.maximum(slope, touching), _violation(here.values))


def _violation(values: Values) -> Any:
    return jnp.maximum(jnp.max(-values.above, initial=0.0), jnp.max(jnp.abs(values.equal), initial=0.0))


def _barrier(state: _State) -> Any:
    """How small the products of slacks and multipliers shall become next: less, the more alike they are (LOQO)."""
    products = _complementarity(state)
    mean = jnp.mean(products)
    alike = jnp.min(products) / mean
    share = 0.1 * jnp.minimum(0.05 * (1 - alike) / alike, 2.0) ** 3
    return jnp.maximum(jnp.clip(share, 1e-3, 0.8) * mean, LEAST_BARRIER)


def _step(function: Function, num_steps: int, state: _State) -> _State:
    here = _local(function, state.point)
    residual = _residual(state, here)
    moved, found = _move(function, state, here)
    gains = (residual < 0.9 * state.residual) | found & (jnp.max(jnp.abs(moved.point - state.point)) > 1e-6)
    stalls = jnp.where(gains, 0, state.stalls + 1)
    best = jnp.minimum(residual, state.residual)
    done = (residual <= TOLERANCE) | (state.num_steps >= num_steps) | (stalls >= 6) | ~jnp.isfinite(residual)
    onward = moved._replace(residual=best, stalls=stalls, num_steps=state.num_steps + 1)
    stay = state._replace(residual=best, done=done)
    return jax.tree.map(lambda old, new: jnp.where(done, old, new), stay, onward)


def _move(function: Function, state: _State, here: _Local) -> tuple[_State, Any]:
    """The state after a damped Newton step, and whether the line search found one."""
    barrier = _barrier(state)
    low, high = state.point, 1 - state.point
    ratio = state.above / state.slack
    gap = here.values.above - state.slack
    box = state.low / low + state.high / high
    curvature = _curvature(function, state)
    floor = PIVOT * jnp.max(jnp.abs(curvature)) + jnp.finfo(curvature.dtype).tiny
    matrix = curvature + jnp.diag(box) + here.above_slope.T @ (ratio[:, None] * here.above_slope)
    to_barrier = barrier / state.slack - state.above - ratio * gap
    right = -_gradient(state, here) + here.above_slope.T @ to_barrier + barrier / low - barrier / high
    step, equal = _newton(matrix, right, here, state, floor)
    slack = here.above_slope @ step + gap
    above = barrier / state.slack - state.above - ratio * slack
    lows = barrier / low - state.low - state.low / low * step
    highs = barrier / high - state.high + state.high / high * step
    longest = _longest(jnp.concatenate([state.slack, low, high]), jnp.concatenate([slack, step, -step]))
    multipliers = jnp.concatenate([state.above, state.low, state.high])
    along = _longest(multipliers, jnp.concatenate([above, lows, highs]))
    penalty = _penalty(state, above, equal)
    share, found = _line_search(function, state, here, barrier, penalty, step, slack, longest)
    moved = state._replace(
        point=state.point + share * step,
        slack=jnp.maximum(state.slack + share * slack, function(state.point + share * step).above),
        above=state.above + along * above,
        equal=state.equal + share * equal,
        low=state.low + along * lows,
        high=state.high + along * highs,
    )
    return moved, found


def _newton(matrix: Any, right: Any, here: _Local, state: _State, floor: Any) -> tuple[Any, Any]:
    """The step, and that of the equalities' multipliers, which make it end where they hold to first order."""
    factor = factored(matrix, floor)
    step = solved(factor, right)
    if not here.equal_slope.shape[0]:
        return step, state.equal
    across = jax.vmap(partial(solved, factor))(here.equal_slope)
    inner = factored(here.equal_slope @ across.T, jnp.finfo(step.dtype).tiny)
    equal = solved(inner, -here.values.equal - here.equal_slope @ step)
    return step + across.T @ equal, equal


def _longest(values: Any, steps: Any) -> Any:
    """The share of a step, 1 at most, that keeps positive values positive."""
    reach = jnp.where(steps < 0, -TO_BOUNDARY * values / jnp.where(steps < 0, steps, -1.0), 1.0)
    return jnp.minimum(1.0, jnp.min(reach))


def _penalty(state: _State, above: Any, equal: Any) -> Any:
    most = jnp.maximum(
        jnp.max(jnp.abs(state.above + above), initial=0.0), jnp.max(jnp.abs(state.equal + equal), initial=0.0)
    )
    return PENALTY * most + LEAST_PENALTY


def _line_search(
    function: Function,
    state: _State,
    here: _Local,
    barrier: Any,
    penalty: Any,
    step: Any,
    slack: Any,
    longest: Any,
) -> tuple[Any, Any]:
    """The longest of the tried shares of a step that lowers the penalised barrier function, and whether one does."""

    def merit(values: Values, point: Any, slacks: Any) -> Any:
        inside = jnp.concatenate([slacks, point, 1 - point])
        off = jnp.sum(jnp.abs(values.above - slacks)) + jnp.sum(jnp.abs(values.equal))
        return values.objective - barrier * jnp.sum(jnp.log(inside)) + penalty * off

    def tried(share: Any) -> Any:
        point = state.point + share * step
        values = function(point)
        # A slack below what the constraint leaves may as well be that.
        return merit(values, point, jnp.maximum(state.slack + share * slack, values.above))

    now = merit(here.values, state.point, state.slack)
    off = jnp.sum(jnp.abs(here.values.above - state.slack)) + jnp.sum(jnp.abs(here.values.equal))
    descent = (
        here.slope @ step
        - barrier * (jnp.sum(slack / state.slack) + jnp.sum(step / state.point) - jnp.sum(step / (1 - state.point)))
        - penalty * off
    )
    shares = longest * 0.5 ** jnp.arange(HALVINGS, dtype=step.dtype)
    ends = jax.vmap(tried)(shares)
    rounding = 1e-13 * (1 + jnp.abs(now))
    good = ends <= now + ARMIJO * shares * jnp.minimum(descent, 0.0) + rounding
    first = jnp.argmax(good)
    found = jnp.any(good)
    return jnp.where(found, shares[first], shares[-1]), found


def _ended(function: Function, state: _State) -> Ended:
    here = _local(function, state.point)
    violation, residual = _violation(here.values), _residual(state, here)
    finite = jnp.isfinite(_sum(here.values)) & jnp.isfinite(residual)
    status = jnp.where(
        ~finite,
        SolutionStatus.NONFINITE,
        jnp.where(
            violation > FEASIBLE,
            SolutionStatus.INFEASIBLE,
            jnp.where(residual <= GOOD_ENOUGH, SolutionStatus.OK, SolutionStatus.NOT_CONVERGED),
        ),
    )
    return Ended(
        state.point, here.values.objective, violation, residual, state.above, state.equal, state.low, state.high,
        status.astype(jnp.int32), state.num_steps,
    )  # fmt: skip
