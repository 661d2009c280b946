"""Forgetting and rehearsal: limits of the retention laws and of the shares of past tasks."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import (
    REHEARSAL_WEIGHT,
    REHEARSAL_WEIGHT_EXPONENTIAL,
    RETENTION,
    RETENTION_EXPONENTIAL,
    rehearsal_weights,
    rehearsal_weights_exponential,
)


@pytest.mark.parametrize(("law", "rate"), [(RETENTION, dict(psi=0.7)), (RETENTION_EXPONENTIAL, dict(tau=3.0))])
def test_a_task_starts_at_its_own_accuracy_and_falls_to_chance(law, rate):
    with jax.enable_x64(True):
        start, end = (float(law(k, a=0.9, c=0.1, **rate)) for k in (0.0, 1e9))
    assert start == pytest.approx(0.9)
    assert end == pytest.approx(0.1, abs=1e-5)


def test_power_law_forgetting_is_slower_in_the_end():
    with jax.enable_x64(True):
        power = float(RETENTION(30.0, a=0.9, c=0.1, psi=0.7))
        exponential = float(RETENTION_EXPONENTIAL(30.0, a=0.9, c=0.1, tau=3.0))
    assert power > exponential + 0.05


def test_one_decade_of_tasks_does_not_tell_a_power_from_an_exponential():
    with jax.enable_x64(True):
        k = np.arange(6.0)
        accuracy = [float(RETENTION(x, a=0.9, c=0.5, psi=0.3)) for x in k]
    runs = lj.Runs.from_columns(k=k, accuracy=accuracy)
    fit = lj.fit(RETENTION_EXPONENTIAL, runs, loss="squared", residual="raw", num_starts=16)
    predicted = lj.predict(fit.point, {"k": k}).median
    assert np.max(np.abs(predicted - accuracy)) < 0.02


@pytest.mark.parametrize("weights", [rehearsal_weights(12, 0.8), rehearsal_weights_exponential(12, 4.0)])
def test_shares_of_rehearsal_sum_to_one_and_favour_recent_tasks(weights):
    assert float(np.sum(weights)) == pytest.approx(1.0, rel=1e-6)
    assert np.all(np.diff(weights) < 0)


def test_exponent_zero_rehearses_all_alike_and_a_large_one_the_last_task_only():
    np.testing.assert_allclose(rehearsal_weights(4, 0.0), 0.25, rtol=1e-6)
    np.testing.assert_allclose(rehearsal_weights(4, 60.0), [1.0, 0.0, 0.0, 0.0], atol=1e-6)


def test_exponential_shares_fall_by_the_same_factor_from_task_to_task():
    weights = np.asarray(rehearsal_weights_exponential(5, 2.0))
    np.testing.assert_allclose(weights[1:] / weights[:-1], np.exp(-0.5), rtol=1e-5)


@pytest.mark.parametrize(
    ("law", "params", "together"),
    [
        (REHEARSAL_WEIGHT, dict(beta=0.8), rehearsal_weights(12, 0.8)),
        (REHEARSAL_WEIGHT_EXPONENTIAL, dict(tau=4.0), rehearsal_weights_exponential(12, 4.0)),
    ],
)
def test_the_weight_of_each_lag_is_its_share_of_all(law, params, together):
    one_by_one = [float(law(k, 12.0, **params)) for k in np.arange(1.0, 13.0)]
    np.testing.assert_allclose(one_by_one, together, rtol=1e-5)


def test_more_tasks_than_are_summed_have_no_weight():
    assert np.isfinite(float(REHEARSAL_WEIGHT(1.0, 1000.0, beta=0.5)))
    assert np.isnan(float(REHEARSAL_WEIGHT(1.0, 1001.0, beta=0.5)))


@pytest.mark.parametrize(("law", "rate"), [(REHEARSAL_WEIGHT, "beta"), (REHEARSAL_WEIGHT_EXPONENTIAL, "tau")])
def test_a_fit_to_noisy_shares_of_rehearsal_finds_the_environment(law, rate):
    runs = lj.simulate(law, {rate: 1.3}, num_runs=40, noise=0.05, key=0)
    assert lj.fit(law, runs, loss="squared", num_starts=8).params[rate] == pytest.approx(1.3, rel=0.05)


@pytest.mark.parametrize("weights", [rehearsal_weights, rehearsal_weights_exponential])
def test_no_tasks_cannot_be_rehearsed(weights):
    with pytest.raises(lj.InputError, match="`num_tasks` must be a whole number above 0, got 0"):
        weights(0, 1.0)
