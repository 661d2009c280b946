"""Learning curves made to extrapolate: where M3 and M4 become simpler laws."""

import jax
import numpy as np
import pytest

from lawjax.laws import LEVELLING_POWER_LAW, POWER_LAW, POWER_LAW_FLOOR, SIGMOIDAL_POWER_LAW

M4 = dict(E=0.1, drop=0.89, alpha=1.5, A=30.0, c=0.4)


def value(law, x, params):
    with jax.enable_x64(True):
        return float(law(x, **params))


def test_m3_is_a_power_law_far_below_the_place_where_it_levels_off():
    m3 = dict(A=5.0, gamma=1e-12, c=0.3)
    assert value(LEVELLING_POWER_LAW, 1e4, m3) == pytest.approx(value(POWER_LAW, 1e4, dict(A=5.0, alpha=0.3)), rel=1e-8)


def test_m3_ends_at_a_level():
    m3 = dict(A=5.0, gamma=1e-6, c=0.3)
    assert value(LEVELLING_POWER_LAW, 1e30, m3) == pytest.approx(5.0 * 1e-6**0.3, rel=1e-12)


def test_without_an_exponent_on_the_left_m4_is_a_power_law_with_a_floor():
    m2 = dict(E=M4["E"], A=M4["A"], alpha=M4["c"])
    assert value(SIGMOIDAL_POWER_LAW, 1e6, {**M4, "alpha": 0.0}) == pytest.approx(
        value(POWER_LAW_FLOOR, 1e6, m2), rel=1e-12
    )


@pytest.mark.parametrize("x", [1e-6, 1.0, 1e3, 1e9, 1e20])
def test_m4_solves_its_equation_between_the_least_error_and_that_of_guessing(x):
    error = value(SIGMOIDAL_POWER_LAW, x, M4)
    left = M4["E"] + M4["drop"] - error
    assert M4["E"] < error < M4["E"] + M4["drop"]
    assert (error - M4["E"]) == pytest.approx(M4["A"] * x ** -M4["c"] * left ** M4["alpha"], rel=1e-6)


def test_m4_starts_from_guessing():
    assert value(SIGMOIDAL_POWER_LAW, 1e-30, M4) == pytest.approx(M4["E"] + M4["drop"], rel=1e-7)


@pytest.mark.parametrize("name", list(M4))
def test_the_gradient_of_m4_is_that_of_small_steps(name):
    step = 1e-6 * M4[name]
    with jax.enable_x64(True):
        slope = float(jax.grad(lambda v: SIGMOIDAL_POWER_LAW(1e4, **{**M4, name: v}))(M4[name]))
    up, down = (value(SIGMOIDAL_POWER_LAW, 1e4, {**M4, name: M4[name] + s}) for s in (step, -step))
    np.testing.assert_allclose(slope, (up - down) / (2 * step), rtol=1e-5)
