"""Refits of one fit to many weightings of its runs: folds and rolling origins as lanes of one solve."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.fit_result import Fit
from lawjax.fitting.problem import Problem, natural_params, padded_weights
from lawjax.fitting.solve import Solution, solve
from lawjax.precision import in_float64


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
    """Refit the law with the rows' weights multiplied by each row of `masks`, shape (refit, run).

    Each refit starts from where the fit's own starts ended, best and others, so a part of the runs may find an
    optimum that the whole did not prefer.
    """
    problem = fit.problem
    weights = padded_weights(fit.runs)
    full = np.pad(masks, ((0, 0), (0, len(weights) - masks.shape[1]))) * weights
    starts = _ends(fit)
    lanes = solve(
        problem,
        fit.choices.make_loss(),
        np.tile(starts, (len(masks), 1)),
        np.repeat(full, len(starts), axis=0),
        max_steps=fit.choices.max_steps,
    )
    shaped = Solution(*(array.reshape(len(masks), len(starts), *array.shape[1:]) for array in lanes))
    best = np.argmin(shaped.objective, axis=1)
    picked = Solution(*(array[np.arange(len(masks)), best] for array in shaped))
    residuals = np.asarray(_residuals(problem, jnp.asarray(picked.vector)))
    return Refits(natural_params(problem, picked.vector), residuals[:, : len(fit.runs)], picked.status)


@jax.jit
def _residuals(problem: Problem, vectors: Any) -> Any:
    return jax.vmap(problem.residuals)(vectors)


def _ends(fit: Fit) -> np.ndarray:
    """Vectors of the distinct optima of the fit, and points around the best, shape (start, free)."""
    generator = np.random.default_rng(0)
    around = fit.vector + 0.5 * generator.standard_normal((4, len(fit.vector)))
    return np.stack([*fit.optimum_vectors, *around])
