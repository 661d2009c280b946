"""Simulated runs follow their law, with the noise that was asked."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA, POWER_LAW


def test_without_noise_the_runs_are_the_law(truth):
    runs = lj.simulate(CHINCHILLA, truth, {"N": [1e8, 1e9], "D": [1e10, 1e11]}, noise=0.0)
    expected = 1.8 + 400 / np.array([1e8, 1e9]) ** 0.34 + 2000 / np.array([1e10, 1e11]) ** 0.37
    np.testing.assert_allclose(runs["loss"], expected, rtol=1e-12)


def test_the_scatter_has_the_size_that_was_asked(truth):
    clean, noisy = (lj.simulate(CHINCHILLA, truth, num_runs=4000, noise=noise, key=0) for noise in (0.0, 0.03))
    assert np.std(np.log(noisy["loss"] / clean["loss"])) == pytest.approx(0.03, rel=0.05)


def test_students_noise_has_heavier_tails(truth):
    clean, heavy = (lj.simulate(CHINCHILLA, truth, num_runs=4000, noise=n, freedom=3.0, key=0) for n in (0.0, 0.01))
    assert np.max(np.abs(np.log(heavy["loss"] / clean["loss"]))) > 0.06


def test_the_same_key_gives_the_same_runs(truth):
    assert lj.simulate(CHINCHILLA, truth, key=4).sha256 == lj.simulate(CHINCHILLA, truth, key=4).sha256


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"noise": -0.1}, "`noise` must be 0 or a positive number"),
        ({"num_runs": 0}, "`num_runs` must be a whole number above 0"),
        ({"freedom": 0.0}, "`freedom` must be above 0"),
        ({"space": "sqrt"}, "unknown space of the noise 'sqrt'"),
        ({"design": {"y": [1.0]}}, r"no column for \['x'\]"),
        ({"design": {"x": [1.0, -2.0]}}, "`x` must be positive"),
    ],
)
def test_a_wrong_option_is_refused_with_advice(choices, message):
    with pytest.raises(lj.InputError, match=message):
        lj.simulate(POWER_LAW, {"A": 1.0, "alpha": 0.1}, **choices)


def test_wrong_parameters_are_named():
    with pytest.raises(lj.InputError, match=r"has the parameters \['A', 'alpha'\], got \['A'\]"):
        lj.simulate(POWER_LAW, {"A": 1.0})
