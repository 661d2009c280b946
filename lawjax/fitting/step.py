r"""One step of the solver: damped Gauss-Newton and Newton for one small robust problem.

The objective is $F = \sum_i w_i \rho(r_i(v), e)$ over the vector $v$ on the line and the loss's own numbers $e$. Each
step linearises the residuals once and tries a few curvatures: the weights $\psi(r)/r$ of iteratively reweighted least
squares, which always descend and are slow near a kink; the weights $\psi'(r)$ of Newton's method, fast near the optimum
and lost far away, damped and undamped; and, where a problem is slow, the exact Hessian with the curvature of the law
itself. The best end is kept.
"""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.cholesky import solve_positive
from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem, free_linear, on_log_line

NEWTON_FLOOR = 0.02
"""Share of the reweighted curvature added to Newton's: near the optimum of a kinked loss fewer residuals than
parameters may lie inside the kink, and Newton's own curvature is then singular."""
RIDGE = 1e-13
"""Least damping, as a share of each diagonal entry: what float64 needs to factorise a nearly singular matrix."""
LEAST_SHARE = 0.95
"""Longest way towards its edge, as a share, of a parameter that enters linearly."""
EXTRA_REACH = 2.0
"""Longest step of a loss's own numbers on the line."""


class Local(NamedTuple):
    """An objective around one point.

    Attributes:
        value: the objective.
        gradient: shape (all,), the vector's entries before the loss's own.
        reweighted, newton: curvatures, shape (all, all).
        jacobian: of the residuals in the vector, shape (run, free).
        weights: Newton's weights of the residuals, shape (run,).
    """

    value: Any
    gradient: Any
    reweighted: Any
    newton: Any
    jacobian: Any
    weights: Any


def objective(problem: Problem, loss: Loss, width: Any, weight: Any, point: Any) -> Any:
    """The sum of losses at a point (vector, then the loss's own numbers); infinite where it is not finite."""
    num_free = problem.layout.num_free
    return _total(problem, loss, width, weight, problem.residuals(point[:num_free]), point[num_free:])


def _total(problem: Problem, loss: Loss, width: Any, weight: Any, residual: Any, extra: Any) -> Any:
    rows = jax.vmap(lambda r: row_cost(problem, loss, width, r, extra))(residual)
    total = jnp.sum(jnp.where(weight > 0, weight * rows, 0.0))
    return jnp.where(jnp.isfinite(total), total, jnp.inf)


def row_cost(problem: Problem, loss: Loss, width: Any, residual: Any, extra: Any) -> Any:
    """Cost of one residual; a likelihood sees it in units of the response's size, and is a density of the response."""
    if not loss.extra:
        return loss.rho(residual, width, extra)
    return loss.rho(residual / problem.level, width, extra) + jnp.log(problem.level)


def local(problem: Problem, loss: Loss, width: Any, weight: Any, point: Any) -> Local:
    """Value, gradient and curvatures at a point."""
    num_free = problem.layout.num_free
    vector, extra = point[:num_free], point[num_free:]
    residual, jacobian = linearise(problem, vector, weight)
    safe = jnp.where(weight > 0, residual, 0.0)

    psi, newton = _slope_and_bend(lambda r: row_cost(problem, loss, width, r, extra), safe)
    small = jnp.abs(safe) < 1e-12 * problem.level
    reweighted = jnp.maximum(jnp.where(small, newton, psi / jnp.where(small, 1.0, safe)), 0.0)
    newton = jnp.maximum(newton, 0.0)
    if np.isfinite(loss.width):
        newton += NEWTON_FLOOR * reweighted
    curves = jnp.stack([weight * reweighted, weight * newton])
    blocks = jnp.einsum("ri,cr,rj->cij", jacobian, curves, jacobian)
    gradient = jacobian.T @ (weight * psi)
    value = _total(problem, loss, width, weight, residual, extra)
    if not loss.extra:
        return Local(value, gradient, blocks[0], blocks[1], jacobian, curves[1])
    own, fisher, exact, cross = _of_extra(problem, loss, width, weight, safe, extra)
    cross = jacobian.T @ cross
    return Local(
        value,
        jnp.concatenate([gradient, own]),
        _bordered(blocks[0], jnp.zeros_like(cross), fisher),
        _bordered(blocks[1], cross, exact),
        jacobian,
        curves[1],
    )


def _slope_and_bend(cost: Callable[[Any], Any], residual: Any) -> tuple[Any, Any]:
    """First and second derivative of a cost at every residual, shape (run,) each."""
    ones = jnp.ones_like(residual)
    rows = jax.vmap(cost)
    return jax.jvp(lambda r: jax.jvp(rows, (r,), (ones,))[1], (residual,), (ones,))


def _of_extra(problem: Problem, loss: Loss, width: Any, weight: Any, residual: Any, extra: Any) -> tuple[Any, ...]:
    """Gradient in the loss's own numbers, their curvature by scores and exactly, and the cross terms by run."""

    def row(r: Any, own: Any) -> Any:
        return row_cost(problem, loss, width, r, own)

    per_run = functools.partial(jax.vmap, in_axes=(0, None))
    scores = per_run(jax.grad(row, argnums=1))(residual, extra)
    bends = per_run(jax.hessian(row, argnums=1))(residual, extra)
    crosses = per_run(jax.jacfwd(jax.grad(row, argnums=0), argnums=1))(residual, extra)
    fisher = jnp.einsum("r,ri,rj->ij", weight, scores, scores)
    return weight @ scores, fisher, jnp.einsum("r,rij->ij", weight, bends), weight[:, None] * crosses


def _bordered(block: Any, cross: Any, corner: Any) -> Any:
    return jnp.block([[block, cross], [cross.T, corner]])


def linearise(problem: Problem, vector: Any, weight: Any) -> tuple[Any, Any]:
    """Residuals, shape (run,), and their Jacobian, shape (run, free), zero where a run does not count."""
    basis = jnp.eye(len(vector), dtype=vector.dtype)
    residual, tangents = jax.vmap(
        lambda tangent: jax.jvp(problem.residuals, (vector,), (tangent,)), out_axes=(None, 1)
    )(basis)
    return residual, jnp.where((weight > 0)[:, None], tangents, 0.0)


def bend_of_law(problem: Problem, loss: Loss, width: Any, weight: Any, point: Any) -> Any:
    """What the law's own second derivatives add to the Hessian, shape (all, all)."""
    num_free = problem.layout.num_free
    vector, extra = point[:num_free], point[num_free:]
    slope = jax.vmap(jax.grad(lambda r: row_cost(problem, loss, width, r, extra)))
    residual = problem.residuals(vector)
    weighted = jnp.where(weight > 0, weight * slope(jnp.where(weight > 0, residual, 0.0)), 0.0)

    def along(at: Any) -> Any:
        return jnp.sum(jnp.where(weight > 0, weighted * problem.residuals(at), 0.0))

    bend = jax.hessian(along)(vector)
    rest = len(extra)
    return jnp.pad(jnp.where(jnp.isfinite(bend), bend, 0.0), ((0, rest), (0, rest)))


class Steps(NamedTuple):
    """Steps worth trying.

    Attributes:
        tried: on the line, shape (candidate, all).
        gain: what an undamped Newton step promises to gain.
    """

    tried: Any
    gain: Any


def candidate_steps(problem: Problem, point: Any, here: Local, damping: Any) -> Steps:
    """Reweighted and Newton's step, both damped."""
    return _chosen(problem, point, here, jnp.stack([here.reweighted, here.newton]), here.newton, damping)


def thorough_steps(
    problem: Problem, loss: Loss, width: Any, weight: Any, point: Any, here: Local, damping: Any
) -> Steps:
    """The same, a step by the exact Hessian, and Newton's step bent along the law (geodesic acceleration).

    Where a valley of the objective is curved, a straight step soon leaves it; half of the second-order correction
    $-H^{-1} J^\top W r''$ along the step's own direction keeps it inside (Transtrum & Sethna 2012, arXiv:1201.5885).
    """
    exact = here.newton + bend_of_law(problem, loss, width, weight, point)
    found = _chosen(problem, point, here, jnp.stack([here.reweighted, here.newton, exact]), exact, damping)
    reach = _reach(problem, point, natural=True)
    num_free = problem.layout.num_free
    step = _damped_step(here.newton, here.gradient, damping, reach)

    def residuals_along(share: Any) -> Any:
        return problem.residuals((point + _on_line(problem, share * step))[:num_free])

    one = jnp.ones((), point.dtype)
    second = jax.jvp(lambda t: jax.jvp(residuals_along, (t,), (one,))[1], (0 * one,), (one,))[1]
    counted = jnp.where(weight > 0, here.weights * second, 0.0)
    pull = jnp.pad(here.jacobian.T @ counted, (0, len(point) - num_free))
    down, up = reach
    bent = jnp.clip(step + 0.5 * _damped_step(here.newton, pull, damping, reach), -down, up)
    moved = _on_line(problem, bent)
    moved = jnp.where(jnp.all(jnp.isfinite(moved)), moved, 0.0)
    return Steps(jnp.concatenate([moved[None], found.tried]), found.gain)


def _chosen(problem: Problem, point: Any, here: Local, matrices: Any, best: Any, damping: Any) -> Steps:
    """A damped step by each curvature, and the promise of an undamped one by the best.

    The first is a step on the line and the others are natural: for a squared loss, where their curvatures agree, that
    makes two steps of them, one that suits ratios and one that suits what enters linearly.
    """
    reach = _reach(problem, point, natural=True)
    reaches = jnp.stack([_reach(problem, point, natural=False)] + [reach] * len(matrices))
    dampings = jnp.concatenate([jnp.full(len(matrices), damping), jnp.zeros(1, matrices.dtype)])
    solved = jax.vmap(_damped_step, in_axes=(0, None, 0, 0))
    steps = solved(jnp.concatenate([matrices, best[None]]), here.gradient, dampings, reaches)
    last = steps[-1]
    gain = -jnp.dot(here.gradient, last) - 0.5 * last @ best @ last
    natural = jax.vmap(lambda step: _on_line(problem, step))(steps[1:-1])
    tried = jnp.concatenate([steps[:1], natural])
    finite = jnp.all(jnp.isfinite(tried), axis=1, keepdims=True)
    return Steps(jnp.where(finite, tried, 0.0), jnp.where(jnp.isfinite(gain) & (gain >= 0), gain, jnp.inf))


def _on_line(problem: Problem, step: Any) -> Any:
    """A natural step as a change of the point on the line."""
    straight = np.pad(_straight(problem), (0, len(step) - len(problem.reach)))
    return jnp.where(straight, jnp.log1p(jnp.maximum(step, -LEAST_SHARE)), step)


def _straight(problem: Problem) -> np.ndarray:
    """Entries whose parameter enters the law linearly and is kept positive by its logarithm, shape (free,).

    There a Gauss-Newton step is exact as a change of the parameter, not of its logarithm: a step t stands for a
    multiplication by 1 + t, and never for more than nearly all the way to the edge.
    """
    linear, params = free_linear(problem.layout), problem.layout.law.params
    return np.array(
        [
            name in linear and np.isinf(params[name].edges[1]) and np.isfinite(params[name].edges[0])
            for name in problem.layout.labels
        ]
    )


def _reach(problem: Problem, point: Any, *, natural: bool) -> Any:
    """Longest step down and up of every entry, shape (2, all): of a natural step, or of one on the line."""
    layout, vector = problem.layout, point[: problem.layout.num_free]
    straight, ratios = jnp.asarray(_straight(problem)), jnp.asarray(on_log_line(layout))
    # On the whole line a range may be far from the answer: what enters linearly goes there at once, else by doubling.
    linear = jnp.asarray([label in free_linear(layout) for label in layout.labels])
    whole = jnp.where(linear, jnp.inf, jnp.maximum(problem.reach, jnp.abs(vector)))
    either = jnp.where(ratios, problem.reach, whole)
    down = jnp.where(straight, LEAST_SHARE, either) if natural else either
    up = jnp.where(straight, jnp.expm1(problem.reach), either) if natural else either
    return jnp.pad(jnp.stack([down, up]), ((0, 0), (0, len(point) - len(down))), constant_values=EXTRA_REACH)


def _damped_step(curvature: Any, gradient: Any, damping: Any, reach: Any) -> Any:
    """Levenberg-Marquardt step, no entry longer than its reach; NaN where the curvature is not positive.

    The matrix is brought to a diagonal of ones first, so that neither damping nor rounding depends on the units of the
    parameters; one without influence stays where it is. An entry that would go too far, such as a floor that ought to
    be negative, goes as far as it may, and the others are solved for once more beside it.
    """
    diagonal = jnp.abs(jnp.diagonal(curvature))
    moves = diagonal > 0
    size = jnp.sqrt(jnp.where(moves, diagonal, 1.0))
    scaled = curvature / (size[:, None] * size[None, :])
    down, up = reach

    def solved(held: Any, _: None) -> tuple[Any, Any]:
        free = moves & (held == 0)
        both = free[:, None] & free[None, :]
        matrix = jnp.where(both, scaled, 0.0) + jnp.diag(jnp.where(free, damping + RIDGE, 1.0))
        right = -(gradient / size) - scaled @ (held * size)
        step = solve_positive(matrix, jnp.where(free, right, 0.0)) / size + held
        return jnp.where((step < -down) | (step > up), jnp.clip(step, -down, up), held), step

    _, steps = jax.lax.scan(solved, jnp.zeros_like(gradient), length=2)
    return jnp.where(jnp.all(jnp.isfinite(steps)), jnp.clip(steps[-1], -down, up), jnp.nan)
