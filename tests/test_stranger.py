"""A stranger's law, written in a notebook cell, goes the whole road."""

import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj


def bits_law(N, D, bits, *, E, A, alpha, B, beta, gamma):
    """Chinchilla whose parameters count for less at few bits."""
    useful = N * (1 - jnp.exp(-((bits / gamma) ** 2)))
    return E + A * useful**-alpha + B * D**-beta


LAW = lj.Law(
    bits_law,
    response="loss",
    inputs={"bits": lj.Variable(kind="real", usual=(2, 16))},
    params={
        "E": lj.positive(0.2, 4),
        "A": lj.positive(10, 1e4, dims={"N": "alpha"}),
        "alpha": lj.positive(0.1, 1),
        "B": lj.positive(10, 1e4, dims={"D": "beta"}),
        "beta": lj.positive(0.1, 1),
        "gamma": lj.positive(0.5, 10),
    },
    linear=("E", "A", "B"),
)
TRUTH = {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37, "gamma": 3.0}


@pytest.fixture(scope="module")
def runs():
    generator = np.random.default_rng(0)
    design = {
        "N": np.exp(generator.uniform(np.log(1e7), np.log(1e10), 120)),
        "D": np.exp(generator.uniform(np.log(1e9), np.log(1e12), 120)),
        "bits": generator.choice([3.0, 4.0, 8.0, 16.0], 120),
    }
    return lj.simulate(LAW, TRUTH, design, noise=0.003, key=0)


@pytest.fixture(scope="module")
def fit(runs):
    return lj.fit(LAW, runs)


@pytest.fixture(scope="module")
def draws(fit):
    return lj.bootstrap(fit, num=100, key=0)


def test_it_is_fitted_and_resampled(fit, draws):
    assert fit.agreement > 0.9
    low, high = draws.interval("gamma", 0.999)
    assert low < TRUTH["gamma"] < high


def test_it_is_sampled(runs):
    posterior = lj.sample(LAW, runs, num_draws=200, num_warmup=200, num_chains=2)
    assert abs(posterior["gamma"].mean() - TRUTH["gamma"]) < 5 * posterior["gamma"].std()


def test_it_predicts(draws):
    prediction = lj.predict(draws, {"N": 1e9, "D": 1e11, "bits": [4.0, 8.0]}, kind="new_run")
    assert prediction.median[0] > prediction.median[1]


def test_it_plans_with_its_own_cost(draws):
    def cost(N, D, bits):
        return 6 * N * D * bits / 16

    plan = lj.allocate(draws, lj.flops(1e21), cost=cost, bounds={"bits": (2.0, 16.0)})
    spent = cost(*(plan.inputs[name] for name in ("N", "D", "bits")))
    assert spent[0] == pytest.approx(1e21, rel=1e-6)
    assert 2.0 < plan.inputs["bits"][0] < 16.0


def test_it_is_swept(draws):
    space = lj.space(N=lj.log_grid(1e8, 1e11, 40), D=lj.log_grid(1e9, 1e12, 40), bits=lj.values([4.0, 8.0, 16.0]))
    best = lj.sweep(draws, space, cost=lambda N, D, bits: 6 * N * D * bits / 16, budget=1e21, keep=lj.top_k(5))
    assert best.num_configs == 4800
    assert best.best["bits"] in (4.0, 8.0, 16.0)
