"""Starts: space-filling points of the usual ranges, the linear parameters solved for, the best of many kept.

For fixed exponents a Chinchilla law is linear in E, A and B. Where a law has such parameters (declared, or found in
its formula) they are put at their best for each draw of the others (variable projection), so that a thousand points
cover the two exponents densely. The better half of the starts are the points of least objective; the others are the
first of the sequence, which spread, so that the share of starts that agree means something.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.cholesky import solve_positive
from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem, free_linear
from lawjax.fitting.step import objective
from lawjax.fitting.transforms import to_line

NUM_POINTS = 1024
"""Points whose objective is looked at before any is descended from."""
NUM_SCANNED = 16
"""Ends from which one parameter after the other is scanned."""
SCAN_PARTS = 3
"""Times that each parameter's range is gone through, at different values."""
RIDGE = 1e-9


def make_starts(
    problem: Problem, loss: Loss, low: np.ndarray, high: np.ndarray, weights: np.ndarray, num: int, seed: Any
) -> np.ndarray:
    """Vectors on the line to start from, shape (num, free); `low` and `high` bound the usual ranges."""
    points = low + (high - low) * space_filling(max(NUM_POINTS, num), len(low), seed)
    points, costs = project(problem, loss, free_linear(problem.layout), points, weights)
    order = np.argsort(np.asarray(costs), kind="stable")
    best = order[: (num + 1) // 2]
    others = np.setdiff1d(np.arange(len(points)), best)[: num - len(best)]
    return np.asarray(points)[np.concatenate([best, others])]


def scanned(
    problem: Problem, loss: Loss, low: np.ndarray, high: np.ndarray, weights: np.ndarray, ends: np.ndarray
) -> np.ndarray:
    """Better starts from where others ended: one parameter after the other is put at the best of many values.

    A sum of sinusoids has a basin for every set of frequencies, which no joint sample finds; one frequency at a time
    is found from almost anywhere.

    Args:
        problem: the data.
        loss: what a residual costs.
        low, high: of the usual ranges on the line, shape (free,).
        weights: of the runs, shape (run,).
        ends: vectors on the line, best first; the first few are used.
    Returns:
        Vectors on the line, shape (start, free).
    """
    linear = free_linear(problem.layout)
    points = ends[:NUM_SCANNED]
    values = NUM_POINTS // NUM_SCANNED
    bent = [index for index, label in enumerate(problem.layout.labels) if label not in linear]
    for index in bent:
        for part in range(SCAN_PARTS):
            share = (np.arange(values - 1) + (part + 0.5) / SCAN_PARTS) / (values - 1)
            tried = np.repeat(points[:, None], values, axis=1)
            tried[:, 1:, index] = low[index] + (high[index] - low[index]) * share
            moved, costs = project(problem, loss, linear, tried.reshape(-1, len(low)), weights)
            costs = np.nan_to_num(np.asarray(costs), nan=np.inf).reshape(len(points), values)
            best = costs.argmin(axis=1)
            points = np.asarray(moved).reshape(tried.shape)[np.arange(len(points)), best]
    return points


def space_filling(num: int, size: int, seed: Any) -> np.ndarray:
    """A scrambled Sobol sequence in the unit cube, shape (num, size)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(size, rng=np.random.default_rng(seed))
    return sampler.random_base2(max(int(np.ceil(np.log2(num))), 0))[:num]


@functools.partial(jax.jit, static_argnames=("loss", "linear"))
def project(problem: Problem, loss: Loss, linear: tuple[str, ...], points: Any, weights: Any) -> tuple[Any, Any]:
    """Points with their linear parameters at their best, shape (point, free), and their objectives, shape (point,)."""

    def one(point: Any) -> tuple[Any, Any]:
        moved = project_one(problem, linear, point, weights) if linear else point
        return moved, objective(problem, loss, loss.width, weights, first_point(problem, loss, weights, moved))

    return jax.vmap(one)(points)


def first_point(problem: Problem, loss: Loss, weights: Any, vector: Any) -> Any:
    """The vector followed by the loss's own numbers, guessed from the residuals."""
    size = jnp.sum(jnp.where(weights > 0, weights * jnp.abs(problem.residuals(vector)), 0.0)) / jnp.sum(weights)
    return jnp.concatenate([vector, loss.first_extra(size / problem.level).astype(vector.dtype)])


def project_one(problem: Problem, linear: tuple[str, ...], point: Any, weights: Any) -> Any:
    """The point with its linear parameters replaced by their weighted least-squares solution.

    A parameter whose solution is outside its edges keeps its own start, and the others are solved for once more.
    """
    offset, basis = basis_of(problem, linear, point)
    sought = observed(problem) - offset
    scale = jnp.sqrt(weights) * steepness(problem)
    own = jnp.stack([problem.params(point)[name] for name in linear])

    def solved(kept: Any) -> Any:
        rest = sought - basis @ jnp.where(kept, 0.0, own)
        return _least_squares(jnp.where(kept[None], basis, 0.0) * scale[:, None], rest * scale)

    kept = inside(problem, linear, solved(jnp.ones(len(linear), dtype=bool)))
    solution = solved(kept)
    placed = on_line(problem, linear, solution)
    kept &= inside(problem, linear, solution) & jnp.isfinite(placed)
    index = np.array([problem.layout.labels.index(name) for name in linear])
    return point.at[index].set(jnp.where(kept, placed, point[index]))


def basis_of(problem: Problem, linear: tuple[str, ...], point: Any) -> tuple[Any, Any]:
    """The law at every run without its linear parameters, shape (run,), and what each adds, shape (run, linear)."""
    layout = problem.layout
    params = problem.params(point)

    def predict(values: Any) -> Any:
        moved = dict(zip(linear, values, strict=True))
        moved |= {name: moved[other] for name, other in layout.tied if other in moved}
        return problem.predicted_with({**params, **moved})

    zeros = jnp.zeros(len(linear))
    return predict(zeros), jax.jacfwd(predict)(zeros)


def observed(problem: Problem) -> Any:
    """The response at every run, shape (run,)."""
    if problem.space == "raw":
        return problem.target
    return jnp.exp(problem.target) if problem.space == "log" else jax.nn.sigmoid(problem.target)


def steepness(problem: Problem) -> Any:
    """How fast the residual moves with the response, to first order, shape (run,)."""
    if problem.space == "raw":
        return jnp.ones_like(problem.target)
    here = observed(problem)
    return 1.0 / here if problem.space == "log" else 1.0 / (here * (1.0 - here))


def _least_squares(design: Any, sought: Any) -> Any:
    normal = design.T @ design
    # Relative to each column, whatever its unit; an empty column gives zero.
    own = jnp.diagonal(normal)
    normal += RIDGE * jnp.diag(jnp.where(own > 0, own, 1.0))
    return solve_positive(normal, design.T @ sought)


def inside(problem: Problem, linear: tuple[str, ...], solution: Any) -> Any:
    """Which values of the linear parameters, on the last axis, lie inside their edges."""
    edges = (problem.layout.law.params[name].edges for name in linear)
    sides = [(solution[..., i] > low) & (solution[..., i] < high) for i, (low, high) in enumerate(edges)]
    return jnp.stack(sides, axis=-1)


def on_line(problem: Problem, linear: tuple[str, ...], solution: Any) -> Any:
    """Values of the linear parameters, on the last axis, as points of the line."""
    params = problem.layout.law.params
    return jnp.stack([to_line(params[name], solution[..., index]) for index, name in enumerate(linear)], axis=-1)
