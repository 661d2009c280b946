"""Draws from a density that stands in for the posterior, and how far the posterior can be told from them."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import check_whole
from lawjax.inference.psis import Smoothed, smooth, threshold
from lawjax.precision import seed_of
from lawjax.text import number
from lawjax.verdict import Note, error, warning

NO_MEAN = 1.0
"""Pareto k from which the ratios have no mean, so that no number of draws helps."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Approximation:
    """Draws from an approximate posterior.

    Attributes:
        vectors: the draws, on the line, shape (draw, dim).
        log_ratios: log of posterior density over the density drawn from, up to a constant, shape (draw,).
        smoothed: importance weights made of those, and their Pareto k.
        notes: what a reader must know.
        elbo: the evidence lower bound at each step of a variational fit, shape (step,), else None.
    """

    vectors: np.ndarray
    log_ratios: np.ndarray
    smoothed: Smoothed
    notes: tuple[Note, ...] = ()
    elbo: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def pareto_k(self) -> float:
        """Shape of the tail of the ratios; above 0.7 the draws and their weights are not the posterior's."""
        return self.smoothed.pareto_k

    @property
    def log_evidence(self) -> float:
        """Log of the integral of the posterior density, as the ratios estimate it."""
        return float(np.logaddexp.reduce(self.log_ratios) - np.log(len(self)))

    def resample(self, key: jax.Array, num: int) -> np.ndarray:
        """Draws of the posterior itself, by systematic resampling with the smoothed weights, shape (num, dim).

        References:
            Rubin 1987, JASA 82(398); Kitagawa 1996, JCGS 5(1) (systematic).
        """
        check_whole("num", num, 1)
        generator = np.random.default_rng(seed_of(key))
        places = (np.arange(num) + generator.random()) / num
        chosen = np.searchsorted(np.cumsum(self.smoothed.weights), places)
        return generator.permutation(self.vectors[np.minimum(chosen, len(self) - 1)])


def weigh(name: str, vectors: Any, log_ratios: Any, notes: tuple[Note, ...] = (), elbo: Any = None) -> Approximation:
    """An approximation whose draws are weighed and judged.

    Args:
        name: what made the draws, in words.
        vectors: the draws, shape (draw, dim).
        log_ratios: log of posterior density over the density drawn from, shape (draw,).
        notes: what is already known.
        elbo: see `Approximation`.
    """
    # Where the posterior has no finite density, it excludes the draw.
    ratios = np.asarray(log_ratios, dtype=np.float64)
    ratios = np.where(np.isfinite(ratios), ratios, -np.inf)
    smoothed = smooth(ratios)
    return Approximation(
        vectors=np.asarray(vectors, dtype=np.float64),
        log_ratios=ratios,
        smoothed=smoothed,
        notes=(*judge_k(name, smoothed.pareto_k, len(ratios)), *notes),
        elbo=None if elbo is None else np.asarray(elbo, dtype=np.float64),
    )


def judge_k(name: str, pareto_k: float, num_draws: int) -> tuple[Note, ...]:
    """What a Pareto k says of draws: nothing to say, or a note `high-pareto-k`."""
    if pareto_k <= threshold(num_draws):
        return ()
    grade, verb = (warning, "differ from") if pareto_k < NO_MEAN else (error, "are not")
    reason = f"The {name} draws {verb} the posterior: Pareto k {number(pareto_k, 2)}, 0.7 being the most to trust."
    return (grade("high-pareto-k", reason, "Sample with method='nuts'."),)


@jax.jit
def potentials(target: Any, vectors: Any) -> Any:
    """Minus log density of a target at many vectors, shape (draw,)."""
    return jax.vmap(target.potential)(jnp.asarray(vectors))
