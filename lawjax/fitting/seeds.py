"""Seeds of refits: a global search inside every resample, at the price of a few matrix products.

Refits differ in the weights of the runs or in their responses, not in the law, so what a point of the search predicts
is worked out once for all of them. Where linear parameters can be solved for, the normal equations of every resample
at every point of a grid over the others are one product of matrices, and the resample's best cell becomes a seed.
Elsewhere the objective of every resample at every end of the fit's own starts is such a product.
"""

import dataclasses
import functools
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.cholesky import solve_positive
from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem
from lawjax.fitting.starts import RIDGE, basis_of, inside, observed, on_line, steepness
from lawjax.fitting.step import row_cost

BLOCK = 256
"""Resamples whose seeds are looked for together."""
TIE = 0.3
"""An end that costs no more than this share above the optimum may be the better one once both have settled."""


@dataclasses.dataclass(frozen=True, eq=False)
class Library:
    """What the seeds of a fit's resamples are chosen from.

    Attributes:
        optima: distinct optima of the fit, best first, shape (optimum, free); each resample starts from all of them.
        ends: other points where the fit's starts ended, shape (end, free).
        grid: points whose linear parameters are solved for in each resample, shape (cell, free); the first `num_near`
            are the best optimum and points around it, whose basin needs no second start.
        num_near: how many of them.
        linear: names of those parameters; none, and no grid, where the law has none.
        extra: the loss's own numbers at the fit's optimum.
    """

    optima: np.ndarray
    ends: np.ndarray
    grid: np.ndarray
    num_near: int
    linear: tuple[str, ...]
    extra: np.ndarray


def seeds_of(
    problem: Problem, loss: Loss, library: Library, weights: np.ndarray, shift: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray]:
    """Seeds of every resample: vectors, shape (seed, free), and the resample of each, shape (seed,).

    Args:
        problem: the fit's own.
        loss: what a residual costs.
        library: what to choose from.
        weights: of the runs in each resample, shape (resample, run).
        shift: what is added to the responses in the residual space, shape (resample, run), or None.
    """
    num = len(weights)
    rows = [np.repeat(np.arange(num), len(library.optima))]
    seeds = [np.tile(library.optima, (num, 1))]
    for first in range(0, num, BLOCK):
        # The last block is filled up with repeats, so that all blocks share one program.
        index = np.minimum(np.arange(first, first + BLOCK), num - 1)
        moved = None if shift is None else shift[index]
        for found, is_new in _candidates(problem, loss, library, weights[index], moved):
            chosen = np.flatnonzero(np.asarray(is_new)[: num - first])
            rows.append(chosen + first)
            seeds.append(np.asarray(found)[chosen])
    return np.concatenate(seeds), np.concatenate(rows)


def _candidates(
    problem: Problem, loss: Loss, library: Library, weights: np.ndarray, shift: np.ndarray | None
) -> Iterator[tuple[Any, Any]]:
    """A vector for each resample, and whether it promises something other than the best optimum does."""
    if len(library.ends):
        yield _best_end(problem, loss, library.optima[:1], library.ends, library.extra, weights, shift)
    if library.linear:
        yield _best_cell(problem, library.linear, library.grid, library.num_near, weights, shift)


@functools.partial(jax.jit, static_argnames="loss")
def _best_end(problem: Problem, loss: Loss, optimum: Any, ends: Any, extra: Any, weights: Any, shift: Any) -> Any:
    """The end of least objective in each resample, new where it is hardly above the optimum's or below."""
    points = jnp.concatenate([optimum, ends])
    residuals = jax.vmap(problem.residuals)(points)
    cost = functools.partial(row_cost, problem, loss, loss.width, extra=extra)
    if shift is None:
        costs = weights @ jnp.nan_to_num(jax.vmap(jax.vmap(lambda r: cost(residual=r)))(residuals), nan=jnp.inf).T
    else:
        costs = jax.lax.map(
            lambda own: jax.vmap(jax.vmap(lambda r: cost(residual=r)))(residuals - own[1][None]) @ own[0],
            (weights, shift),
        )
    # Neither point is the best of its own basin any more: a near tie is settled by descending from both.
    costs = jnp.where(jnp.isnan(costs), jnp.inf, costs)
    least = jnp.min(costs[:, 1:], axis=1)
    return ends[jnp.argmin(costs[:, 1:], axis=1)], least <= costs[:, 0] + TIE * jnp.abs(costs[:, 0])


@functools.partial(jax.jit, static_argnames="linear")
def _best_cell(problem: Problem, linear: tuple[str, ...], grid: Any, num_near: Any, weights: Any, shift: Any) -> Any:
    """The cell of least squares in each resample, its linear parameters solved for; new where it is not near."""
    offset, basis = jax.vmap(lambda point: basis_of(problem, linear, point))(grid)
    scale = steepness(problem)
    design = basis * scale[None, :, None]
    sought = (observed(problem)[None] - offset) * scale[None]
    size = len(linear)
    pairs = [(i, j) for i in range(size) for j in range(i + 1)]
    gram = jnp.stack([design[:, :, i] * design[:, :, j] for i, j in pairs], axis=-1)
    sides = design * sought[:, :, None]
    gram, sides, squares = (_totals(part, weights) for part in (gram, sides, sought[:, :, None] ** 2))
    if shift is not None:
        # To first order a response moved in the residual space moves what is sought by as much.
        moved = weights * shift
        sides += _totals(design, moved)
        squares += 2 * _totals(sought[:, :, None], moved) + jnp.sum(moved * shift, axis=1)[:, None, None]
    solution, left = _solve_cells(size, pairs, gram, sides, squares)
    valid = jnp.all(inside(problem, linear, solution), axis=-1) & jnp.isfinite(left)
    best = jnp.argmin(jnp.where(valid, left, jnp.inf), axis=1)
    chosen = jnp.take_along_axis(solution, best[:, None, None], axis=1)[:, 0]
    index = np.array([problem.layout.labels.index(name) for name in linear])
    vectors = grid[best].at[:, index].set(on_line(problem, linear, chosen))
    return vectors, (best >= num_near) & jnp.all(jnp.isfinite(vectors), axis=1)


def _totals(parts: Any, weights: Any) -> Any:
    """Weighted sums over the runs, shape (resample, cell, part), of parts (cell, run, part)."""
    cells, runs, width = parts.shape
    return (weights @ jnp.moveaxis(parts, 1, 0).reshape(runs, -1)).reshape(-1, cells, width)


def _solve_cells(size: int, pairs: list[tuple[int, int]], gram: Any, sides: Any, squares: Any) -> tuple[Any, Any]:
    """Least-squares solution of every resample and cell, and the squares that it leaves."""

    def one(gram: Any, side: Any, square: Any) -> tuple[Any, Any]:
        matrix = jnp.zeros((size, size), gram.dtype)
        for place, (i, j) in enumerate(pairs):
            entry = gram[place] * (1 + RIDGE * (i == j)) + (1e-300 if i == j else 0.0)
            matrix = matrix.at[i, j].set(entry).at[j, i].set(entry)
        solution = solve_positive(matrix, side)
        return solution, square[0] - solution @ side

    return jax.vmap(jax.vmap(one))(gram, sides, squares)
