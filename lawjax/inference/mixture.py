"""Several peaks: one density over all of them, and how much of the posterior's mass lies about each.

The mixture has a Student-t at each peak, wider in its tails than the posterior should be. It serves as a proposal for
moves between peaks, for importance sampling, and for telling which peak a draw belongs to.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.inference.approximation import judge_k, potentials
from lawjax.inference.jumps import PAIR, log_uniform
from lawjax.inference.mode import Density, Peaks, Whitening
from lawjax.inference.psis import smooth
from lawjax.text import number
from lawjax.verdict import Note, warning

FREEDOM = 5
"""Degrees of freedom of each component: a whole number, since a chi-squared is made of so many squared normals."""

WIDTHS = (1.0, 3.0)
"""Of components about one place: a move to anywhere near it, and one that is far."""

NUM_DRAWS = 4000
NAMED = 2
"""How many parameters a note tells the peaks apart by."""


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Mixture:
    """Student-t components with the same degrees of freedom, one per peak.

    Attributes:
        centres: the peaks, shape (peak, dim).
        factors: square roots of their scale matrices, shape (peak, dim, dim).
        inverses: inverses of those.
        log_volumes: logarithms of their determinants' sizes, shape (peak,).
        log_shares: logarithms of the components' shares, shape (peak,).
    """

    centres: Any
    factors: Any
    inverses: Any
    log_volumes: Any
    log_shares: Any

    @classmethod
    def of(cls, peaks: Peaks) -> Self:
        """The mixture over peaks, each with the share of mass that Laplace's approximation gives it."""
        factors = np.stack([peak.whitening.factor for peak in peaks.peaks])
        return cls(
            centres=peaks.centres,
            factors=factors,
            inverses=np.linalg.inv(factors),
            log_volumes=np.linalg.slogdet(factors)[1],
            log_shares=np.log(peaks.shares),
        )

    @classmethod
    def about(cls, whitening: Whitening, widths: tuple[float, ...] = WIDTHS) -> Self:
        """Components about one place, as wide as its scales and multiples of them, with equal shares."""
        factor, centre = jnp.asarray(whitening.factor), jnp.asarray(whitening.centre)
        root = jnp.linalg.cholesky(factor @ factor.T)
        column = jnp.asarray(widths, root.dtype)[:, None, None]
        return cls(
            centres=jnp.stack([centre] * len(widths)),
            factors=column * root[None],
            inverses=jax.scipy.linalg.solve_triangular(root, jnp.eye(len(root)), lower=True)[None] / column,
            log_volumes=jnp.sum(jnp.log(jnp.diag(root))) + len(root) * jnp.log(column[:, 0, 0]),
            log_shares=jnp.full(len(widths), -math.log(len(widths))),
        )

    @property
    def num_peaks(self) -> int:
        """Number of components."""
        return len(self.log_shares)

    @property
    def num_normals(self) -> int:
        """Standard normals that one draw takes: for its component, its tails and its direction."""
        return PAIR + FREEDOM + self.centres.shape[1]

    def sample(self, key: jax.Array, num: int) -> jax.Array:
        """Independent draws, as vectors on the line, shape (num, dim)."""
        return jax.vmap(self._draw)(jax.random.normal(key, (num * self.num_normals,)).reshape(num, -1))

    def _draw(self, normals: Any) -> Any:
        """One draw, made of standard normals."""
        before = jnp.cumsum(jnp.exp(jnp.asarray(self.log_shares)))[:-1]
        chosen = jnp.sum(jnp.exp(log_uniform(normals[:PAIR])) > before)
        return jnp.asarray(self.centres)[chosen] + jnp.asarray(self.factors)[chosen] @ student_t(normals[PAIR:])

    def components(self, vector: Any) -> Any:
        """Log of share times density of each component at one vector, shape (peak,)."""
        size = self.centres.shape[1]
        whites = jnp.einsum("pij,pj->pi", jnp.asarray(self.inverses), vector[None] - jnp.asarray(self.centres))
        distance = jnp.sum(whites**2, axis=1)
        height = math.lgamma((FREEDOM + size) / 2) - math.lgamma(FREEDOM / 2) - size / 2 * math.log(FREEDOM * math.pi)
        tails = (FREEDOM + size) / 2 * jnp.log1p(distance / FREEDOM)
        return jnp.asarray(self.log_shares) + height - jnp.asarray(self.log_volumes) - tails

    def log_density(self, vector: Any) -> Any:
        """Log of the normalised density at one vector."""
        return jax.nn.logsumexp(self.components(vector))

    def propose(self, normals: Any, vector: Any) -> tuple[Any, Any]:
        """A draw whatever the chain's place, which crosses between peaks: a `Jump`."""
        new = self._draw(normals)
        old_density, new_density = jax.vmap(self.log_density)(jnp.stack([vector, new]))
        return new, old_density - new_density

    def basins(self, vectors: Any) -> np.ndarray:
        """The peak that each vector most likely belongs to, shape (draw,)."""
        return np.asarray(_basins(self, vectors))


def student_t(normals: Any) -> Any:
    """A standard Student-t vector, made of as many standard normals more than it is long as it has freedom."""
    return normals[FREEDOM:] / jnp.sqrt(jnp.mean(normals[:FREEDOM] ** 2))


class Masses(NamedTuple):
    """How the mass of a posterior is divided between its peaks.

    Attributes:
        shares: share about each peak, shape (peak,).
        errors: its standard error, shape (peak,).
        log_evidence: log of the integral of the density.
        pareto_k: whether importance sampling could tell: trust it below 0.7.
        notes: `high-pareto-k` where it could not.
    """

    shares: np.ndarray
    errors: np.ndarray
    log_evidence: float
    pareto_k: float
    notes: tuple[Note, ...]


def weigh_peaks(target: Density, mixture: Mixture, key: jax.Array, num_draws: int = NUM_DRAWS) -> Masses:
    """The share of the posterior's mass about each peak, by importance sampling from the mixture.

    Args:
        target: the posterior density.
        mixture: over its peaks.
        key: JAX key.
        num_draws: draws from the mixture.
    References:
        Vehtari, Simpson, Gelman, Yao and Gabry 2024, JMLR 25(72).
    """
    vectors = mixture.sample(key, num_draws)
    log_ratios = -np.asarray(potentials(target, vectors)) - np.asarray(_log_densities(mixture, vectors))
    log_ratios = np.where(np.isfinite(log_ratios), log_ratios, -np.inf)
    smoothed = smooth(log_ratios)
    member = mixture.basins(vectors)[:, None] == np.arange(mixture.num_peaks)
    shares = smoothed.weights @ member
    errors = np.sqrt(smoothed.weights**2 @ (member - shares) ** 2)
    log_evidence = float(np.logaddexp.reduce(log_ratios) - np.log(num_draws))
    notes = judge_k("mixture", smoothed.pareto_k, num_draws)
    return Masses(shares, errors, log_evidence, smoothed.pareto_k, notes)


def basin_shares(mixture: Mixture, vectors: Any) -> np.ndarray:
    """Share of draws that belong to each peak, shape (peak,)."""
    return np.bincount(mixture.basins(vectors), minlength=mixture.num_peaks) / len(vectors)


def peaks_note(shares: np.ndarray, values: Mapping[str, np.ndarray]) -> Note:
    """The note `several-peaks`: what each peak holds, and the parameters that tell them apart.

    Args:
        shares: share of the mass about each peak, shape (peak,).
        values: each parameter at each peak in natural units, shape (peak,) or (peak, size).
    Example:
        >>> print(peaks_note(np.array([0.62, 0.38]), {"R": np.array([15.0, 95.0])}).reason)
        The posterior has 2 peaks: 1 holds 62 %, 2 holds 38 %; they differ in R (15.0 against 95.0).
    """
    columns = {
        label: column
        for name, array in values.items()
        for label, column in ([(name, array)] if array.ndim == 1 else _entries(name, array))
    }
    apart = sorted(columns, key=lambda label: -_spread(columns[label]))[:NAMED]
    held = ", ".join(f"{index} holds {100 * share:.0f} %" for index, share in enumerate(shares, 1))
    differ = ", ".join(f"{label} ({' against '.join(number(x, 3) for x in columns[label])})" for label in apart)
    return warning(
        "several-peaks",
        f"The posterior has {len(shares)} peaks: {held}; they differ in {differ}.",
        "Judge predictions, not parameters, or give priors that tell the peaks apart.",
    )


def _entries(name: str, array: np.ndarray) -> list[tuple[str, np.ndarray]]:
    return [(f"{name}[{index}]", array[:, index]) for index in range(array.shape[1])]


def _spread(column: np.ndarray) -> float:
    """How far values lie apart, against their size."""
    return float(np.ptp(column) / (np.abs(column).max() + np.finfo(np.float64).tiny))


@jax.jit
def _basins(mixture: Mixture, vectors: Any) -> Any:
    return jnp.argmax(jax.vmap(mixture.components)(jnp.asarray(vectors)), axis=1)


@jax.jit
def _log_densities(mixture: Mixture, vectors: Any) -> Any:
    return jax.vmap(mixture.log_density)(vectors)
