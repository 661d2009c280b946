"""Posteriors that several tests look at, sampled once."""

import numpy as np
import pytest

import lawjax as lj


def polynomial(x, *, w):
    """A law of a user's own: three coefficients in one vector parameter, no dimensions."""
    return w[0] + w[1] * x + w[2] * x**2


POLYNOMIAL = lj.Law(
    fn=polynomial,
    response="y",
    inputs=dict(x=lj.Variable(kind="real")),
    params=dict(w=lj.real(-3.0, 3.0, size=3)),
    support="real",
)


@pytest.fixture(scope="package")
def chinchilla_runs(truth) -> lj.Runs:
    """Sixty simulated runs with 1 % noise."""
    generator = np.random.default_rng(1)
    N, D = 10 ** generator.uniform(7, 10, 60), 10 ** generator.uniform(9, 12, 60)
    loss = truth["E"] + truth["A"] * N ** -truth["alpha"] + truth["B"] * D ** -truth["beta"]
    return lj.Runs.from_columns(N=N, D=D, loss=loss * np.exp(0.01 * generator.standard_normal(60)))


@pytest.fixture(scope="package")
def posterior(chinchilla_runs):
    """The Chinchilla posterior of those runs."""
    return lj.sample(lj.laws.CHINCHILLA, chinchilla_runs, key=0)


@pytest.fixture(scope="package")
def polynomial_runs() -> lj.Runs:
    """Thirty points of 1 - 2 x + 0.5 x^2 with noise 0.5."""
    generator = np.random.default_rng(2)
    x = generator.uniform(-2, 2, 30)
    return lj.Runs.from_columns(x=x, y=1 - 2 * x + 0.5 * x**2 + 0.5 * generator.standard_normal(30))
