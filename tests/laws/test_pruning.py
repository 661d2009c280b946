"""The theory of data pruning: reference errors, limits, and the equations of the replica calculation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate
from scipy.stats import norm

from lawjax.laws import PRUNED_PERCEPTRON
from lawjax.laws.data_quality import pruning

REFERENCE = [
    (1.0, 1.0, 0, 0.26571), (2.0, 1.0, 0, 0.18848), (4.0, 1.0, 0, 0.11366),
    (8.0, 1.0, 0, 0.06090), (16.0, 1.0, 0, 0.03106), (32.0, 1.0, 0, 0.01561),
    (4.0, 0.8, 0, 0.09383), (3.0, 0.6, 0, 0.09492), (2.0, 0.4, 0, 0.12488), (1.5, 0.3, 0, 0.26279),
    (1.0, 0.2, 0, 0.41767), (1.6, 0.8, 0, 0.19836), (1.2, 0.6, 0, 0.26126),
    (3.0, 0.9, 0, 0.1318), (3.0, 0.5, 0, 0.0812), (3.0, 0.3, 0, 0.0511), (3.0, 0.2, 0, 0.0347),
    (3.0, 0.9, 10, 0.1318), (3.0, 0.5, 10, 0.0847), (3.0, 0.3, 10, 0.0653), (3.0, 0.2, 10, 0.0805),
    (3.0, 0.9, 20, 0.1321), (3.0, 0.5, 20, 0.1010), (3.0, 0.3, 20, 0.1430), (3.0, 0.2, 20, 0.2610),
    (3.0, 0.9, 40, 0.1353), (3.0, 0.5, 40, 0.1453), (3.0, 0.3, 40, 0.2077), (3.0, 0.2, 40, 0.2530),
]  # fmt: skip
"""Kept examples per dimension, fraction kept, angle in degrees, error: solutions of the replica equations."""


SIZE = 32
"""Points are padded to this many, so that the solver compiles once."""


@pytest.fixture(scope="module")
def error():
    """The error at many points at once."""
    compiled = jax.jit(jax.vmap(lambda alpha, keep, theta: PRUNED_PERCEPTRON(alpha, keep, theta=theta)))

    def at(alpha, keep, degrees):
        points = np.broadcast_arrays(*(np.atleast_1d(np.asarray(x, float)) for x in (alpha, keep, np.deg2rad(degrees))))
        with jax.enable_x64(True):
            found = compiled(*(np.resize(column, SIZE) for column in points))
        return np.asarray(found)[: len(points[0])]

    return at


def test_the_theory_gives_the_errors_of_the_replica_equations(error):
    alpha, keep, degrees, expected = np.array(REFERENCE).T
    digits = np.where(np.arange(len(REFERENCE)) < 13, 1.01e-5, 6e-5)
    assert (np.abs(error(alpha, keep, degrees) - expected) <= digits).all()


def test_a_useless_probe_prunes_at_random(error):
    np.testing.assert_allclose(error(3.0, [0.3, 0.6], 89.999), error(3.0, 1.0, 0.0)[0], rtol=1e-4)


def test_without_pruning_the_angle_does_not_matter(error):
    np.testing.assert_allclose(error(2.0, 1.0, [0.0, 30.0, 70.0]), 0.188479, rtol=1e-5)


def test_twice_the_examples_halve_the_error_and_more_than_that_with_perfect_pruning(error):
    alpha = np.array([16.0, 32.0])
    assert np.divide(*error(alpha, 1.0, 0.0)) == pytest.approx(2.0, rel=0.01)
    assert np.divide(*error(alpha, [0.5, 0.25], 0.0)) > 3.5


def test_a_finer_rule_changes_nothing(error, monkeypatch):
    points = (np.array([1.0, 3.0, 8.0]), np.array([0.9, 0.3, 0.5]), np.array([5.0, 20.0, 60.0]))
    coarse = error(*points)
    monkeypatch.setattr(pruning, "NUM_Y", 70)
    monkeypatch.setattr(pruning, "NUM_V", 70)
    fine = jax.jit(jax.vmap(lambda alpha, keep, theta: PRUNED_PERCEPTRON(alpha, keep, theta=theta)))
    with jax.enable_x64(True):
        np.testing.assert_allclose(coarse, fine(points[0], points[1], np.deg2rad(points[2])), rtol=1e-6)


def test_the_solution_satisfies_the_equations_of_the_replica_calculation_for_a_perfect_probe():
    """R and kappa of equations with one integral each, written out for theta = 0."""
    alpha, keep = 3.0, 0.5
    with jax.enable_x64(True):
        saddle = jax.jit(pruning._saddle)(jnp.asarray(alpha), jnp.asarray(keep), jnp.asarray(0.0))
        K, p, q = (float(x) for x in pruning._student(saddle))
    n = np.sqrt(1 + p**2 + q**2)
    R, kappa = p / n, K / n
    s, gamma = np.sqrt(1 - R**2), norm.isf((1 - keep) / 2)

    def first(t):
        window = 1 - np.exp(-gamma * (gamma - 2 * R * t) / (2 * s**2))
        return norm.pdf(t) * np.exp(-((R * t) ** 2) / (2 * s**2)) * window * (kappa - t)

    def second(t):
        return norm.pdf(t) * (norm.sf(-R * t / s) - norm.sf(-(R * t - gamma) / s)) * (kappa - t) ** 2

    one, two = (integrate.quad(f, -12, kappa, epsabs=1e-12)[0] for f in (first, second))
    assert q == pytest.approx(0.0, abs=1e-9)
    assert 2 * alpha / (keep * np.sqrt(2 * np.pi) * s) * one == pytest.approx(R, rel=1e-6)
    assert 2 * alpha / keep * two == pytest.approx(1 - R**2, rel=1e-6)


def test_its_gradient_is_that_of_finite_differences(error):
    def at(theta, keep):
        return PRUNED_PERCEPTRON(3.0, keep, theta=theta)

    with jax.enable_x64(True):
        slopes = jax.jit(jax.grad(at, argnums=(0, 1)))(0.3, 0.4)
    step = 1e-5
    more, less = (error(3.0, [0.4, 0.4 + s], np.rad2deg([0.3 + s, 0.3])) for s in (step, -step))
    np.testing.assert_allclose(slopes, (more - less) / (2 * step), rtol=1e-5)
