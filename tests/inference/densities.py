"""Densities whose moments are known, as targets of samplers."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.inference.mixing import measure_quantity
from lawjax.inference.mode import Whitening


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Normal:
    """A normal with a mean (dim,) and a precision matrix (dim, dim)."""

    mean: Any
    precision: Any

    @property
    def num_dims(self):
        return self.precision.shape[-1]

    def potential(self, vector):
        away = vector - self.mean
        return 0.5 * away @ self.precision @ away


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Banana:
    """x is standard normal, and y normal about x^2 with standard deviation `width`: E y = 1, Var y = 2 + width^2."""

    width: Any

    @property
    def num_dims(self):
        return 2

    def potential(self, vector):
        x, y = vector
        return 0.5 * x**2 + 0.5 * ((y - x**2) / self.width) ** 2


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class TwoPeaks:
    """Unit normals at -5 and 5 in one dimension, the right one with this share; NaN beyond 50."""

    share: Any

    @property
    def num_dims(self):
        return 1

    def log_density(self, vector):
        logs = jnp.stack([jnp.log1p(-self.share), jnp.log(self.share)])
        return jax.nn.logsumexp(logs - 0.5 * (vector[0] - jnp.asarray([-5.0, 5.0])) ** 2) - 0.5 * jnp.log(2 * jnp.pi)

    def potential(self, vector):
        return jnp.where(jnp.abs(vector[0]) < 50, -self.log_density(vector), jnp.nan)

    num_normals = 2

    def propose(self, normals, vector):
        side, normal = normals
        new = jnp.where(side > 0, 5.0, -5.0) + normal[None]
        return new, self.log_density(vector) - self.log_density(new)


def correlated_normal():
    """Three dimensions of scales 10, 1 and 0.1, correlated; its mean and covariance too."""
    mean = np.array([1.0, -2.0, 3.0])
    correlation = np.array([[1.0, 0.9, -0.5], [0.9, 1.0, -0.3], [-0.5, -0.3, 1.0]])
    scales = np.array([10.0, 1.0, 0.1])
    covariance = correlation * scales[:, None] * scales
    return Normal(jnp.asarray(mean), jnp.asarray(np.linalg.inv(covariance))), mean, covariance


def identity(size):
    """No change of variables."""
    return Whitening(np.zeros(size), np.eye(size))


def assert_moments(vectors, mean, sd, num_se=5):
    """Means and variances of draws (chain, draw, dim) agree with known ones, in Monte Carlo standard errors."""
    vectors = np.asarray(vectors, dtype=np.float64)
    found, squares = measure_quantity(vectors), measure_quantity((vectors - mean) ** 2)
    np.testing.assert_array_less(np.abs(vectors.mean(axis=(0, 1)) - mean), num_se * found["mcse"])
    variance = ((vectors - mean) ** 2).mean(axis=(0, 1))
    np.testing.assert_array_less(np.abs(variance - np.square(sd)), num_se * squares["mcse"])
    assert np.max(found["rhat"]) < 1.02
