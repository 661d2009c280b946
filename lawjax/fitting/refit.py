"""Refits of fits to many weightings of their runs, or many responses, as tasks of one solve.

Bootstraps, folds and rolling origins are the same thing here; each refit is searched globally (see `seeds.py`).
"""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.fit_result import Fit
from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem, free_linear, line_box, natural_params, padded_weights, table_of, tables_of
from lawjax.fitting.seeds import Library, seeds_of
from lawjax.fitting.solve import Solution, Tasks, solve
from lawjax.fitting.starts import space_filling
from lawjax.precision import in_float64

NUM_CELLS = 256
"""Points of the grid over the parameters that are not linear."""
NUM_NEAR = 64
"""How many of them lie around the fit's optimum."""
DEFAULT_SPREAD = 0.3
"""Their standard deviation on the line where the fit has no standard errors."""
MAX_ENDS = 24
"""Ends of the fit's starts, other than its optima, that a refit may begin at."""


class Rows(NamedTuple):
    """Some refits of one fit.

    Attributes:
        weights: of the runs, shape (refit, padded run).
        shift: what is added to the responses in the residual space, of the same shape, or None.
    """

    weights: np.ndarray
    shift: np.ndarray | None = None

    def padded(self, size: int) -> "Rows":
        """The same refits with runs of weight 0 added up to `size`."""
        missing = ((0, 0), (0, size - self.weights.shape[1]))
        return Rows(np.pad(self.weights, missing), None if self.shift is None else np.pad(self.shift, missing))


class Refits(NamedTuple):
    """Best end of each refit; arrays lead with the refit axis.

    Attributes:
        params: natural units.
        residuals: prediction less observation of every run, seen or not, shape (refit, run).
        status: how each ended.
    """

    params: dict[str, np.ndarray]
    residuals: np.ndarray
    status: np.ndarray


@in_float64
def refit(fit: Fit, masks: np.ndarray) -> Refits:
    """Refit the law with the rows' weights multiplied by each row of `masks`, shape (refit, run)."""
    problem = fit.problem
    weights = padded_weights(fit.runs)
    rows = Rows(np.pad(masks, ((0, 0), (0, len(weights) - masks.shape[1]))) * weights)
    (picked,) = Refitter.of([fit]).solve([rows])
    residuals = np.asarray(_residuals(problem, jnp.asarray(picked.vector)))
    return Refits(natural_params(problem, picked.vector), residuals[:, : len(fit.runs)], picked.status)


@jax.jit
def _residuals(problem: Problem, vectors: Any) -> Any:
    return jax.vmap(problem.residuals)(vectors)


@dataclasses.dataclass(frozen=True, eq=False)
class Refitter:
    """Fits of one law with the same choices, ready to be refitted together.

    Attributes:
        problem: of the fit, or of all of them with an axis over tables.
        tables: the problem of each fit, all padded to one number of runs.
        libraries: what the refits of each fit start from.
        loss: what a residual costs.
        max_steps: bound on the steps of a refit.
    """

    problem: Problem
    tables: tuple[Problem, ...]
    libraries: tuple[Library, ...]
    loss: Loss
    max_steps: int

    @classmethod
    def of(cls, fits: Sequence[Fit]) -> Self:
        """The refitter of these fits."""
        choices = fits[0].choices
        loss = choices.make_loss()
        libraries = tuple(_library_of(fit) for fit in fits)
        if len(fits) == 1:
            return cls(fits[0].problem, (fits[0].problem,), libraries, loss, choices.max_steps)
        problem = tables_of([fit.problem for fit in fits])
        tables = tuple(table_of(problem, index) for index in range(len(fits)))
        return cls(problem, tables, libraries, loss, choices.max_steps)

    def solve(self, rows: Sequence[Rows]) -> list[Solution]:
        """The best end of every refit, one solution per fit."""
        size = len(self.tables[0].target)
        padded = [own.padded(size) for own in rows]
        seeds = [
            seeds_of(table, self.loss, library, own.weights, own.shift)
            for table, library, own in zip(self.tables, self.libraries, padded, strict=True)
        ]
        counts = [len(own.weights) for own in padded]
        firsts = np.concatenate([[0], np.cumsum(counts)])
        row = np.concatenate([index + first for (_, index), first in zip(seeds, firsts[:-1], strict=True)])
        tasks = Tasks.of(
            np.concatenate([vectors for vectors, _ in seeds]),
            np.concatenate([own.weights for own in padded]),
            row=row,
            target=self._targets(padded),
            table=np.repeat(np.arange(len(seeds)), [len(index) for _, index in seeds]) if len(rows) > 1 else None,
        )
        ends = _best_of(
            solve(self.problem, self.loss, tasks, max_steps=self.max_steps, fine=False), row, int(firsts[-1])
        )
        return [ends.take(slice(first, last)) for first, last in itertools.pairwise(firsts)]

    def _targets(self, rows: Sequence[Rows]) -> np.ndarray | None:
        """The moved responses of every refit, or None where none is moved."""
        if rows[0].shift is None:
            return None
        return np.concatenate([table.target + own.shift for table, own in zip(self.tables, rows, strict=True)])


def _best_of(solution: Solution, row: np.ndarray, num: int) -> Solution:
    """The end of least objective of each row."""
    order = np.lexsort((solution.objective, row))
    firsts = np.searchsorted(row[order], np.arange(num))
    return solution.take(order[firsts])


def _library_of(fit: Fit) -> Library:
    """Where refits of a fit may start."""
    linear = free_linear(fit.layout)
    low, high = line_box(fit.layout, fit.centring)
    box = low + (high - low) * space_filling(NUM_CELLS - NUM_NEAR, len(low), 0)
    optima = np.stack(fit.optimum_vectors)
    return Library(
        optima=optima,
        ends=fit.other_ends(MAX_ENDS),
        grid=np.concatenate([optima[:1], _around(fit), box]),
        num_near=NUM_NEAR,
        linear=linear,
        extra=fit.extra,
    )


def _around(fit: Fit) -> np.ndarray:
    """Points around the optimum, up to three standard errors away where these exist, shape (near - 1, free)."""
    generator = np.random.default_rng(0)
    size = len(fit.vector)
    directions = generator.standard_normal((NUM_NEAR - 1, size)) * generator.uniform(0, 2, (NUM_NEAR - 1, 1))
    covariance = fit.geometry.covariance
    root = np.eye(size) * DEFAULT_SPREAD
    if np.all(np.isfinite(covariance)):
        values, vectors = np.linalg.eigh(covariance)
        root = np.sqrt(np.clip(values, 0.0, 1.0))[:, None] * vectors.T
    return fit.vector + directions @ root
