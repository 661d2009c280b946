"""The posteriors of one law on many small tables: what is compiled of them, and in which coordinates.

Points are white: in each coordinate the prior is a standard normal. The last is the log of the scatter's scale, the
others are the law's free parameters on their lines.
"""

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.problem import Problem

LEAST = 1e30
"""Minus the log likelihood of what cannot be."""


class WeakPrior(NamedTuple):
    """A normal along each free parameter's line, and along the log of the scatter's scale, which comes last.

    Attributes:
        middle, spread: shape (dim,), or (table, dim).
    """

    middle: np.ndarray
    spread: np.ndarray


class SmallTables(NamedTuple):
    """Tables and priors; arrays lead with the table axis.

    Attributes:
        problem: the tables.
        weights: how often each run counts, 0 for one that is not seen, shape (table, run).
        prior: of each table.
        freedom: degrees of freedom of the scatter's Student-t; infinite for a normal.
    """

    problem: Problem
    weights: np.ndarray
    prior: WeakPrior
    freedom: float

    @property
    def num_tables(self) -> int:
        """How many tables there are."""
        return len(self.weights)

    @property
    def num_dims(self) -> int:
        """Coordinates of a point."""
        return self.prior.middle.shape[1]

    def take(self, index: np.ndarray) -> "SmallTables":
        """The chosen tables."""
        problem, weights, prior = jax.tree.map(
            lambda array: np.asarray(array)[index], (self.problem, self.weights, self.prior)
        )
        return SmallTables(problem, weights, prior, self.freedom)

    def places(self, white: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Vectors on the line, shape (table, draw, free), and scales, shape (table, draw)."""
        place = self.prior.middle[:, None] + self.prior.spread[:, None] * white
        return place[..., :-1], np.exp(place[..., -1])

    def log_likelihood(self, white: np.ndarray) -> np.ndarray:
        """Weighted log density of the responses for every point of every table, shape (table, draw)."""
        return np.array(_log_likelihood(self.problem, self.weights, *self.prior, white, freedom=self.freedom))

    def linearised(self, white: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Residuals, shape (table, draw, run), and their slopes in the law's coordinates, shape (..., dim - 1)."""
        residuals, slopes = _linearised(self.problem, *self.prior, white)
        return np.asarray(residuals), np.asarray(slopes)


@functools.partial(jax.jit, static_argnames="freedom")
def _log_likelihood(problem: Problem, weights: Any, middle: Any, spread: Any, white: Any, *, freedom: float) -> Any:
    def of_table(problem: Problem, weights: Any, middle: Any, spread: Any, white: Any) -> Any:
        return jax.vmap(lambda point: _of_point(problem, weights, middle + spread * point, freedom))(white)

    return jax.vmap(of_table)(problem, weights, middle, spread, white)


def _of_point(problem: Problem, weights: Any, place: Any, freedom: float) -> Any:
    log_scale = place[-1]
    off = problem.residuals(place[:-1]) / jnp.exp(log_scale)
    log_density = log_student_t(off, freedom) - log_scale
    total = jnp.sum(jnp.where(weights > 0, weights * log_density, 0.0))
    return jnp.where(jnp.isfinite(total), total, -LEAST)


@jax.jit
def _linearised(problem: Problem, middle: Any, spread: Any, white: Any) -> Any:
    def of_table(problem: Problem, middle: Any, spread: Any, white: Any) -> Any:
        def residuals(point: Any) -> Any:
            return problem.residuals(middle[:-1] + spread[:-1] * point)

        return jax.vmap(lambda point: (residuals(point), jax.jacfwd(residuals)(point)))(white[:, :-1])

    return jax.vmap(of_table)(problem, middle, spread, white)


def log_student_t(off: Any, freedom: float, log1p: Callable[[Any], Any] = jnp.log1p) -> Any:
    """Log density of a standard Student-t; of a normal for infinite `freedom`."""
    if math.isinf(freedom):
        return -(off**2) / 2 - 0.5 * math.log(2 * math.pi)
    constant = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    return constant - (freedom + 1) / 2 * log1p(off**2 / freedom)
