"""Roots, inverses and crossings: where they are, how they move with parameters, and NaN where there is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import lawjax as lj
from lawjax.laws import CHINCHILLA, crossing, invert, published, root
from tests.helpers import typical_params

PARAMS = dict(published("besiroglu2024").params)


@pytest.fixture(autouse=True)
def float64():
    with jax.enable_x64(True):
        yield


FUNCTIONS = {
    "square": (lambda x: x**2 - 2.0, 1e-3, 1e3),
    "falling": (lambda x: 1.0 / x - 1e-6, 1.0, 1e12),
    "flat": (lambda x: (x - 3.0) ** 3, 1.0, 10.0),
    "steep": (lambda x: np.tanh(50 * (np.log(x) - 2.0)) if isinstance(x, float) else jnp.tanh(50 * (jnp.log(x) - 2.0)),
              1.0, 100.0),
    "near an end": (lambda x: x - 1.0000001, 1.0, 1e9),
    "tiny": (lambda x: x - 1e-200, 1e-300, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_root_is_the_one_that_scipy_finds(name):
    fn, low, high = FUNCTIONS[name]
    theirs = np.exp(
        optimize.brentq(lambda z: float(fn(float(np.exp(z)))), np.log(low), np.log(high), xtol=1e-14, maxiter=999)
    )
    rtol = 1e-4 if name == "flat" else 1e-11
    assert float(root(fn, low, high)) == pytest.approx(theirs, rel=rtol)


def test_a_root_between_ends_of_both_signs_is_found_evenly():
    assert float(root(lambda x: x + 0.25, -1.0, 1.0, logarithmic=False)) == pytest.approx(-0.25, rel=1e-12)
    assert float(root(lambda x: jnp.sin(x), -1.0, 1.0, logarithmic=False)) == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("end", [1.0, 8.0])
def test_a_root_at_an_end_counts(end):
    assert float(root(lambda x: x - end, 1.0, 8.0)) == pytest.approx(end, rel=1e-12)


def test_where_there_is_no_root_the_answer_is_nan():
    assert np.isnan(root(lambda x: x + 1.0, 1.0, 10.0))
    assert np.isnan(root(lambda x: x - 100.0, 1.0, 10.0))
    assert np.isnan(root(lambda x: x * jnp.nan, 1.0, 10.0))
    assert np.isnan(invert(lambda N: 2.0 + N**-0.5, 1.5, 1.0, 1e12))
    assert np.isnan(crossing(lambda n: n, lambda n: n + 1.0, 1.0, 10.0))


WITHOUT = {
    "a pole": (lambda x: 1.0 / (x - 1.5), 1.0, 2.0),
    "a pole in the log": (lambda x: 1.0 / jnp.log(x), 0.5, 3.0),
    "zero everywhere": (lambda x: 0.0 * x, 1.0, 2.0),
    "no end": (lambda x: x - 1.5, 1.0, np.inf),
    "no value in the middle": (lambda x: jnp.where((x > 1.2) & (x < 1.6), jnp.nan, x - 1.5), 1.0, 2.0),
    "no value about the root": (lambda x: jnp.where(jnp.abs(x - 1.5) < 0.01, jnp.nan, x - 1.5), 1.0, 2.0),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_a_place_that_is_no_root_is_not_given_as_one(name):
    assert np.isnan(root(*WITHOUT[name]))


def test_two_functions_that_are_the_same_do_not_cross():
    assert np.isnan(crossing(lambda n: n, lambda n: n, 1.0, 10.0))


@pytest.mark.parametrize("low", [0.0, -1.0, np.float64(0.0)])
def test_a_search_by_ratio_needs_ends_above_zero(low):
    with pytest.raises(lj.InputError, match="ends above 0, got"):
        invert(lambda N: 1.7 + 400 * N**-0.34, 2.0, low, 1e15)
    with pytest.raises(lj.InputError, match="ends above 0, got"):
        root(lambda x: x - 1.5, 2.0, low)


@pytest.mark.parametrize("low", [0.0, -1.0])
def test_an_end_that_is_traced_and_not_above_zero_gives_nan(low):
    assert np.isnan(jax.jit(lambda low: root(lambda x: x - 1.5, low, 2.0))(low))


@pytest.mark.parametrize(
    ("shift", "ends", "dtype"),
    [
        (1.5, (1.0, 2.0), jnp.float64),
        (1.5, (np.float32(1.0), np.float32(2.0)), jnp.float32),
        (1.5, (np.float32(1.0), 2), jnp.float32),
        (np.float32(1.5), (1.0, 2.0), jnp.float32),
        (np.float64(1.5), (np.float32(1.0), 2.0), jnp.float64),
    ],
)
def test_a_root_has_the_precision_of_its_function_else_of_its_ends(shift, ends, dtype):
    found = root(lambda x: x - shift, *ends)
    assert found.dtype == dtype
    assert float(found) == pytest.approx(1.5, rel=1e-6)


def test_one_lane_without_a_root_does_not_harm_the_others():
    def at(target):
        return invert(lambda x: x**2, target, 1.0, 10.0)

    values, slopes = jax.vmap(jax.value_and_grad(at))(jnp.array([4.0, 1e4, 25.0]))
    np.testing.assert_allclose(values, [2.0, np.nan, 5.0], rtol=1e-12)
    np.testing.assert_allclose(slopes[jnp.array([0, 2])], [0.25, 0.1], rtol=1e-9)


def test_a_root_moves_with_its_parameters_by_the_implicit_function_theorem():
    def solution(a, b):
        return root(lambda x: a * x**3 + b * x - 1.0, 1e-3, 1e3)

    a, b = 0.7, 1.9
    x = float(solution(a, b))
    slope = 3 * a * x**2 + b
    found = jax.jit(jax.grad(solution, argnums=(0, 1)))(a, b)
    np.testing.assert_allclose(found, [-(x**3) / slope, -x / slope], rtol=1e-10)


def test_an_inverse_of_a_law_has_its_gradient_under_jit_vmap_and_grad():
    def size_for(loss, alpha):
        return invert(lambda N: CHINCHILLA(N, 1e12, **{**PARAMS, "alpha": alpha}), loss, 1e3, 1e15)

    losses, alpha = jnp.array([2.2, 2.4, 2.8]), PARAMS["alpha"]
    values = jax.jit(jax.vmap(size_for, in_axes=(0, None)))(losses, alpha)
    rest = np.asarray(losses) - PARAMS["E"] - PARAMS["B"] / 1e12 ** PARAMS["beta"]
    exact = (PARAMS["A"] / rest) ** (1 / alpha)
    np.testing.assert_allclose(values, exact, rtol=1e-9)
    slopes = jax.jit(jax.vmap(jax.grad(size_for, argnums=(0, 1)), in_axes=(0, None)))(losses, alpha)
    np.testing.assert_allclose(slopes[0], -exact / (alpha * rest), rtol=1e-8)
    np.testing.assert_allclose(slopes[1], -exact * np.log(exact) / alpha, rtol=1e-8)


def test_a_crossing_has_its_gradient():
    def place(k):
        return crossing(lambda n: n**2, lambda n: k * n, 1e-3, 1e9)

    value, slope = jax.value_and_grad(place)(100.0)
    assert float(value) == pytest.approx(100.0, rel=1e-12)
    assert float(slope) == pytest.approx(1.0, rel=1e-10)


def test_the_slope_of_a_slope_is_right_too():
    assert float(jax.grad(jax.grad(lambda t: invert(lambda x: x**2, t, 1e-3, 1e3)))(4.0)) == pytest.approx(
        -0.25 * 4.0**-1.5, rel=1e-8
    )


def test_a_root_of_a_root_is_found():
    def inner(y):
        return root(lambda x: x**3 - y, 1e-3, 1e3)

    value, slope = jax.value_and_grad(lambda t: root(lambda y: inner(y) - t, 1e-6, 1e6))(2.0)
    assert float(value) == pytest.approx(8.0, rel=1e-10)
    assert float(slope) == pytest.approx(12.0, rel=1e-8)


def test_integers_are_taken_as_numbers_and_float32_is_kept():
    assert float(root(lambda x: x - 3, 1, 10)) == pytest.approx(3.0, rel=1e-12)
    with jax.enable_x64(False):
        found = root(lambda x: x**2 - 2.0, 1.0, 2.0)
        assert found.dtype == jnp.float32
        assert float(found) == pytest.approx(2**0.5, rel=1e-6)


def test_the_inverse_of_a_law_undoes_it_over_its_usual_range():
    params = typical_params(CHINCHILLA, 0.3)
    for size in (1e7, 3e8, 1e10):
        loss = CHINCHILLA(size, 1e11, **params)
        found = invert(lambda N: CHINCHILLA(N, 1e11, **params), loss, 1e3, 1e14)
        assert float(found) == pytest.approx(size, rel=1e-7)
