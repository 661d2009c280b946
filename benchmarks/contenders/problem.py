"""The Chinchilla law on published runs as its authors fit it: raw coordinates, Huber loss of log residuals, summed.

Needs NumPy alone, so that packages which want another Python can be given the same problem.
"""

import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import numpy as np

DELTA = 1e-3
NAMES = ("a", "b", "e", "alpha", "beta")
"""Coordinates: a = log A, b = log B, e = log E."""
GRID = dict(
    a=np.arange(0, 30, 5.0),
    b=np.arange(0, 30, 5.0),
    e=np.arange(-1, 1.5, 0.5),
    alpha=np.arange(0, 2.5, 0.5),
    beta=np.arange(0, 2.5, 0.5),
)
"""The starts of Hoffmann et al. 2022 and of its refit (epoch-research/analyzing-chinchilla): 4500 in all."""


class Problem(NamedTuple):
    """Logarithms of the runs and the weight of each."""

    log_n: np.ndarray
    log_d: np.ndarray
    log_loss: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, N: np.ndarray, D: np.ndarray, loss: np.ndarray) -> Self:
        """The problem of these runs, all of weight 1."""
        log_n, log_d, log_loss = (np.log(np.asarray(column, float)) for column in (N, D, loss))
        return cls(log_n, log_d, log_loss, np.ones(len(loss)))

    def weighted(self, weights: np.ndarray) -> Self:
        """The same runs, weighted as a bootstrap resample weights them."""
        return self._replace(weights=np.asarray(weights, float))

    def value(self, v: np.ndarray) -> float:
        """The objective at raw coordinates."""
        return self.value_and_gradient(v)[0]

    def gradient(self, v: np.ndarray) -> np.ndarray:
        """Its gradient."""
        return self.value_and_gradient(v)[1]

    def value_and_gradient(self, v: np.ndarray) -> tuple[float, np.ndarray]:
        """The objective and its gradient, by log-sum-exp as the authors write it."""
        terms = np.stack([v[0] - v[3] * self.log_n, v[1] - v[4] * self.log_d, np.full_like(self.log_n, v[2])])
        top = terms.max(axis=0)
        parts = np.exp(terms - top)
        total = parts.sum(axis=0)
        residual = top + np.log(total) - self.log_loss
        size = np.abs(residual)
        inside = np.minimum(size, DELTA)
        pull = self.weights * np.clip(residual, -DELTA, DELTA) * parts / total
        a, b, e = pull.sum(axis=1)
        gradient = np.array([a, b, e, -(pull[0] @ self.log_n), -(pull[1] @ self.log_d)])
        return float(self.weights @ (0.5 * inside**2 + DELTA * (size - inside))), gradient


def all_published_starts() -> np.ndarray:
    """The 4500 starts, shape (start, 5)."""
    return np.array(list(itertools.product(*GRID.values())))


def published_starts(num: int, seed: int = 0) -> np.ndarray:
    """A sample of the 4500 published starts, none twice, shape (num, 5)."""
    starts = all_published_starts()
    return starts[np.random.default_rng(seed).choice(len(starts), num, replace=False)]


def coordinates(params: Mapping[str, Any]) -> np.ndarray:
    """Raw coordinates of parameters in natural units."""
    scales = [np.log(params[name]) for name in ("A", "B", "E")]
    return np.array([*scales, params["alpha"], params["beta"]], dtype=float)


def resamples(num: int, size: int, seed: int = 0) -> np.ndarray:
    """Weights of bootstrap resamples of whole rows, shape (num, size)."""
    counts = np.random.default_rng(seed).multinomial(size, np.full(size, 1 / size), size=num)
    return counts.astype(float)
