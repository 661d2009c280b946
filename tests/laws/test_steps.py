"""Steps and batches: limits of the whole trajectory, and what the critical batch means."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CRITICAL_BATCH_SIZE, KAPLAN_N, KAPLAN_NS, KAPLAN_NSB
from lawjax.laws.size.steps import least_steps

NANOGPT = dict(N_c=3.81e13, alpha_N=0.0823, S_c=7.78e2, alpha_S=0.5937, B_star=2.20e7, alpha_B=0.2346)
STEPS = {name: NANOGPT[name] for name in KAPLAN_NS.params}


def trajectory(N, S, B, params=NANOGPT):
    with jax.enable_x64(True):
        return float(KAPLAN_NSB(N, S, B, **params))


def test_a_very_large_batch_gives_the_law_of_least_steps():
    with jax.enable_x64(True):
        least = float(KAPLAN_NS(1e6, 1e4, **STEPS))
    assert least == pytest.approx(4.4260, rel=1e-4)
    assert trajectory(1e6, 1e4, 1e18) == pytest.approx(least, rel=1e-9)


def test_endless_training_gives_the_law_of_size():
    with jax.enable_x64(True):
        best = float(KAPLAN_N(1e6, N_c=NANOGPT["N_c"], alpha_N=NANOGPT["alpha_N"]))
    assert trajectory(1e6, 1e30, 1e18) == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize(("batch", "printed"), [(524288.0, 4.4354), (16384.0, 4.6248)])
def test_the_trajectory_solves_its_own_equation(batch, printed):
    loss = trajectory(1e6, 1e4, batch)
    critical = NANOGPT["B_star"] / loss ** (1 / NANOGPT["alpha_B"])
    steps = 1e4 / (1 + critical / batch)
    size = (NANOGPT["N_c"] / 1e6) ** NANOGPT["alpha_N"]
    assert loss == pytest.approx(printed, abs=1e-4)
    assert loss == pytest.approx(size + (NANOGPT["S_c"] / steps) ** NANOGPT["alpha_S"], rel=1e-12)


def test_half_of_the_steps_are_lost_at_the_critical_batch():
    assert least_steps(1e4, 5e5, 5e5) == pytest.approx(5e3)


def test_the_critical_batch_at_the_loss_of_a_trained_model():
    with jax.enable_x64(True):
        batch = float(CRITICAL_BATCH_SIZE(4.4260, B_star=NANOGPT["B_star"], alpha_B=NANOGPT["alpha_B"]))
    assert batch == pytest.approx(3.879e4, rel=5e-4)


def test_the_two_scales_that_kaplan_prints_move_the_critical_batch_by_five_percent():
    printed = lj.laws.published("kaplan2020-critical-batch").printed
    batch, other = (float(CRITICAL_BATCH_SIZE(3.0, **{**printed, "B_star": B_star})) for B_star in (2e8, 2.1e8))
    assert printed["B_star"] == 2e8
    assert other / batch == pytest.approx(1.05, rel=1e-5)


@pytest.mark.parametrize(("name", "exponent"), [("kaplan2020-optimal", 0.73), ("nanogpt-optimal", 0.7158)])
def test_the_optimal_size_grows_by_its_printed_power_of_compute(name, exponent):
    entry = lj.laws.published(name)
    small, large = lj.predict(entry, {"C": [8.64e19, 8.64e20]}).median
    assert large / small == pytest.approx(10**exponent, rel=1e-5)


@pytest.mark.parametrize("name", list(NANOGPT))
def test_the_gradient_of_the_implicit_loss_is_that_of_small_steps(name):
    step = 1e-6 * NANOGPT[name]
    with jax.enable_x64(True):
        slope = jax.grad(lambda value: KAPLAN_NSB(1e6, 1e4, 16384.0, **{**NANOGPT, name: value}))(NANOGPT[name])
    up, down = (trajectory(1e6, 1e4, 16384.0, {**NANOGPT, name: NANOGPT[name] + s}) for s in (step, -step))
    assert float(slope) == pytest.approx((up - down) / (2 * step), rel=1e-5)


def test_a_fit_to_noisy_curves_predicts_a_larger_model_longer():
    truth = {**NANOGPT}
    runs = lj.simulate(KAPLAN_NSB, truth, num_runs=80, noise=0.002, key=1)
    fit = lj.fit(KAPLAN_NSB, runs, loss="squared", num_starts=4)
    far = {"N": [5e10], "S": [3e6], "B": [1e7]}
    predicted = lj.predict(fit.point, far).median[0]
    np.testing.assert_allclose(predicted, trajectory(5e10, 3e6, 1e7), rtol=0.02)
