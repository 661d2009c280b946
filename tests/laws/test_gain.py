"""Gain: a multiplier of compute inside a base law."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import BOUNDED_SCORE, POWER_LAW_FLOOR, POWER_LAW_FLOOR_GAIN, with_gain

BASE = dict(E=0.5, A=30.0, alpha=0.08)


def test_a_treated_run_does_as_an_untreated_one_with_m_times_the_compute():
    treated = float(POWER_LAW_FLOOR_GAIN(1e20, 1.0, m=2.0, **BASE))
    assert treated == pytest.approx(float(POWER_LAW_FLOOR(2e20, **BASE)), rel=1e-5)
    assert float(POWER_LAW_FLOOR_GAIN(1e20, 0.0, m=2.0, **BASE)) == pytest.approx(float(POWER_LAW_FLOOR(1e20, **BASE)))


def test_a_fit_of_both_arms_finds_the_gain():
    design = {"x": np.tile(np.geomspace(1e18, 1e22, 10), 2), "treated": np.repeat([0.0, 1.0], 10)}
    runs = lj.simulate(POWER_LAW_FLOOR_GAIN, {**BASE, "m": 2.0}, design, noise=0.002, key=3)
    fit = lj.fit(POWER_LAW_FLOOR_GAIN, runs, num_starts=8)
    low, high = fit.draws.interval("m")
    assert low < 2.0 < high
    assert high / low < 1.5


def test_any_law_and_any_of_its_inputs_can_be_multiplied():
    law = with_gain(BOUNDED_SCORE, "N")
    assert law is with_gain(BOUNDED_SCORE, "N")
    assert law.rises == ("N",)
    shared = dict(floor=0.1, ceiling=0.9, slope=1.0, location=21.0)
    assert float(law(1e9, 1.0, m=3.0, **shared)) == pytest.approx(float(BOUNDED_SCORE(3e9, **shared)), rel=1e-5)


def test_an_input_that_the_law_does_not_have_is_refused():
    with pytest.raises(lj.InputError, match=r"unknown input of the law 'power-law-floor' 'C'"):
        with_gain(POWER_LAW_FLOOR, "C")


def test_the_input_that_is_multiplied_may_be_passed_by_the_name_of_decisions():
    assert with_gain(BOUNDED_SCORE, variable="N").rises == ("N",)
