"""Density: the printed growth, the envelope, and the anchors that the paper gives."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import DENSITY_TREND

RATE = 0.007
"""Growth of log density per day: the headline of Xiao et al. 2024, arXiv:2412.04315, which prints no intercept."""


def test_the_printed_growth_doubles_density_in_99_days():
    doubling = lj.decisions.size_for_score(dict(A=RATE), N_ref=7e9, t=0.0)["doubling"]
    assert doubling == pytest.approx(99.0, abs=0.1)
    assert doubling / (365.25 / 12) == pytest.approx(3.3, abs=0.06)


def test_the_printed_price_drop_is_twice_what_the_growth_explains():
    explained = float(DENSITY_TREND(700.0, A=RATE, B=0.0))
    assert 266.7 / explained == pytest.approx(2.0, rel=0.05)


def test_a_high_quantile_follows_the_envelope_and_a_regression_lies_below_it():
    generator = np.random.default_rng(0)
    t = generator.uniform(0.0, 700.0, 200)
    density = np.exp(0.007 * t - 1.0 - generator.exponential(0.6, 200))
    runs = lj.Runs.from_columns(t=t, density=density)
    envelope = lj.fit(DENSITY_TREND, runs, loss="asymmetric", penalty=1 / 9, num_starts=8)
    middle = lj.fit(DENSITY_TREND, runs, loss="squared", num_starts=8)
    below = density < [float(DENSITY_TREND(day, **envelope.params)) for day in t]
    assert np.mean(below) == pytest.approx(0.9, abs=0.03)
    assert envelope.params["B"] == pytest.approx(-1.0, abs=0.15)
    assert middle.params["B"] < -1.4
    assert envelope.params["A"] == pytest.approx(0.007, rel=0.05)
