"""Over-optimisation: peaks and zeros, and least squares as the oracle of the fit."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import OVEROPTIMISATION, OVEROPTIMISATION_BEST_OF_N

DISTANCES = np.linspace(0.5, 18.0, 25)


@pytest.mark.parametrize(("alpha", "beta"), [(0.3, 0.1), (1.2, 0.9), (0.1, 0.2)])
def test_the_reward_peaks_and_vanishes_where_the_closed_forms_say(alpha, beta):
    peak = float(np.exp(alpha / beta - 1))
    with jax.enable_x64(True):
        value, slope = jax.value_and_grad(OVEROPTIMISATION.fn)(peak, alpha=alpha, beta=beta)
        end = OVEROPTIMISATION(np.e * peak, alpha=alpha, beta=beta)
    assert float(slope) == pytest.approx(0.0, abs=1e-12)
    assert float(value) == pytest.approx(beta * peak, rel=1e-12)
    assert float(end) == pytest.approx(0.0, abs=1e-12)


def test_best_of_n_peaks_halfway_to_where_its_reward_vanishes():
    with jax.enable_x64(True):
        value, slope = jax.value_and_grad(OVEROPTIMISATION_BEST_OF_N.fn)(2.0, alpha=0.8, beta=0.2)
        end = OVEROPTIMISATION_BEST_OF_N(4.0, alpha=0.8, beta=0.2)
    assert [float(slope), float(value), float(end)] == pytest.approx([0.0, 0.8, 0.0], abs=1e-12)


@pytest.mark.parametrize(
    ("law", "bend"), [(OVEROPTIMISATION, np.log(DISTANCES)), (OVEROPTIMISATION_BEST_OF_N, DISTANCES)]
)
def test_a_fit_is_the_least_squares_solution(law, bend):
    reward = DISTANCES * (0.3 - 0.1 * bend / np.mean(bend)) + np.random.default_rng(1).normal(0, 0.05, 25)
    design = np.stack([DISTANCES, -DISTANCES * bend], axis=1)
    exact = np.linalg.lstsq(design, reward, rcond=None)[0]
    fit = lj.fit(law, lj.Runs.from_columns(d=DISTANCES, reward=reward), loss="squared", num_starts=4)
    assert [fit.params["alpha"], fit.params["beta"]] == pytest.approx(list(exact), rel=1e-6)
