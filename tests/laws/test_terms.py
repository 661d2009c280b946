"""Each primitive against NumPy and SciPy, its gradient against differences, and the limits that it claims."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special

from lawjax.laws import terms

RATIO = np.array([0.2, 0.3, 0.5])
CASES = {
    "power": (lambda x, e: terms.power(x, e), lambda x, e: x**e, (3.7, -0.4)),
    "power_at": (terms.power_at, lambda x, r, v, e: v * (x / r) ** -e, (3e9, 1e8, 2.5, 0.3)),
    "shifted_power": (terms.shifted_power, lambda x, s, e: (x + s) ** -e, (3.0, 40.0, 0.7)),
    "product_of_powers": (
        lambda x, y, a, b: terms.product_of_powers((x, y), (a, b)),
        lambda x, y, a, b: x**a * y**b,
        (3.0, 5.0, 0.4, -1.3),
    ),
    "scaled_power": (terms.scaled_power, lambda x, a, b: a * x**b, (3.0, 1.7, 0.6)),
    "power_mean": (lambda a, b, e: terms.power_mean((a, b), e), lambda a, b, e: (a + b) ** e, (0.2, 1.4, 0.6)),
    "log_linear": (
        lambda c, x, y, a, b: terms.log_linear(c, (x, y), (a, b)),
        lambda c, x, y, a, b: c + a * np.log(x) + b * np.log(y),
        (1.0, 3.0, 5.0, 0.2, -0.7),
    ),
    "log_polynomial": (
        lambda x, a, b, c: terms.log_polynomial(x, (a, b, c)),
        lambda x, a, b, c: np.polynomial.polynomial.polyval(np.log(x), [a, b, c]),
        (7.0, 1.0, -0.5, 0.3),
    ),
    "hill": (terms.hill, lambda x, m, s: special.expit(-s * (np.log(x) - m)), (30.0, 2.5, 1.7)),
    "bump": (terms.bump, lambda x, m, w: np.exp(-((np.log(x) - m) ** 2) / (2 * w**2)), (30.0, 2.5, 1.7)),
    "stretched_exponential": (terms.stretched_exponential, lambda x, r, e: np.exp(-r * x**e), (4.0, 0.3, 0.5)),
    "saturate": (
        terms.saturate,
        lambda x, f, c: 1 / (1 / (x + 1 / (1 / f - 1 / c)) + 1 / c),
        (4.0, 0.3, 50.0),
    ),
    "softmin": (
        lambda a, b, c, k: terms.softmin((a, b, c), k),
        lambda a, b, c, k: -(special.logsumexp([-k * a, -k * b, -k * c]) - np.log(3)) / k,
        (0.4, 1.3, 2.0, 2.5),
    ),
    "mixture_mean": (
        lambda a, b, c: terms.mixture_mean(RATIO, jnp.stack([a, b, c])),
        lambda a, b, c: RATIO @ [a, b, c],
        (1.0, -2.0, 0.7),
    ),
    "mixture_quadratic": (
        lambda a, b, s, t: terms.mixture_quadratic(RATIO[1:], jnp.stack([a, b]), jnp.stack([s, t])),
        lambda a, b, s, t: RATIO[1:] @ [a, b] + RATIO[1:] ** 2 @ [s, t],
        (1.0, -2.0, 0.7, 0.2),
    ),
    "lag_weights": (
        lambda rate: terms.lag_weights(4, lambda lag: jnp.exp(-rate * lag))[1],
        lambda rate: special.softmax(-rate * np.arange(1, 5))[1],
        (0.7,),
    ),
    "repeats_worth": (terms.repeats_worth, lambda r, d: d * (1 - np.exp(-r / d)), (3.0, 15.4)),
    "repeat_decay": (
        lambda h: terms.repeat_decay(1.0, 1.0, h, 4)[1][3],
        lambda h: 0.5 ** (3 / h),
        (2.2,),
    ),
    "logistic": (terms.logistic, lambda z, f, c: f + (c - f) * special.expit(z), (0.7, 0.1, 0.9)),
    "logit": (terms.logit, lambda y, f, c: special.logit((y - f) / (c - f)), (0.4, 0.1, 0.9)),
}
EACH = [pytest.param(*case, id=name) for name, case in CASES.items()]


def test_every_primitive_is_tried():
    own = [name for name, fn in inspect.getmembers(terms, inspect.isfunction) if fn.__module__ == terms.__name__]
    assert set(own) == set(CASES)


@pytest.mark.parametrize(("ours", "theirs", "arguments"), EACH)
def test_its_value_is_that_of_numpy(ours, theirs, arguments):
    with jax.enable_x64(True):
        assert float(ours(*map(jnp.asarray, arguments))) == pytest.approx(float(theirs(*arguments)), rel=1e-13)


@pytest.mark.parametrize(("ours", "theirs", "arguments"), EACH)
def test_its_gradient_is_that_of_differences(ours, theirs, arguments):
    with jax.enable_x64(True):
        slopes = jax.grad(ours, argnums=tuple(range(len(arguments))))(*map(jnp.asarray, arguments))
    for index, slope in enumerate(slopes):
        step = 1e-6 * abs(arguments[index])
        above, below = (
            theirs(*(a + sign * step * (i == index) for i, a in enumerate(arguments))) for sign in (1.0, -1.0)
        )
        assert float(slope) == pytest.approx((above - below) / (2 * step), rel=1e-6, abs=1e-9)


@pytest.fixture
def float64():
    with jax.enable_x64(True):
        yield


VALUES = jnp.array([0.4, 1.3, 2.0], dtype=jnp.float32)


@pytest.mark.usefixtures("float64")
def test_a_soft_minimum_goes_from_the_mean_to_the_least():
    values = np.array([0.4, 1.3, 2.0])
    for sharpness in (1e-4, 1e-8, 1e-12):
        # To second order it is the mean less k / 2 of the variance.
        expected = values.mean() - 0.5 * sharpness * values.var()
        assert float(terms.softmin(values, sharpness)) == pytest.approx(expected, rel=1e-8)
        slopes = jax.grad(lambda v, k=sharpness: terms.softmin(v, k))(jnp.asarray(values))
        np.testing.assert_allclose(slopes, 1 / 3, rtol=1e-3)
    assert float(terms.softmin(values, 1e6)) == pytest.approx(0.4, abs=2e-6)
    np.testing.assert_allclose(jax.grad(lambda v: terms.softmin(v, 1e6))(jnp.asarray(values)), [1, 0, 0], atol=1e-12)


@pytest.mark.usefixtures("float64")
def test_a_soft_minimum_of_far_or_equal_values_is_finite():
    assert float(terms.softmin([1e6, -1e6], 1e3)) == pytest.approx(-1e6)
    equal = jnp.full(4, 0.7)
    assert float(terms.softmin(equal, 3.0)) == pytest.approx(0.7, rel=1e-14)
    np.testing.assert_allclose(jax.grad(lambda v: terms.softmin(v, 3.0))(equal), 0.25)
    assert terms.softmin(jnp.ones((5, 3)), 2.0).shape == (5,)


@pytest.mark.usefixtures("float64")
def test_saturation_starts_at_its_floor_follows_x_and_ends_at_its_ceiling():
    assert float(terms.saturate(0.0, 0.5, 1e6)) == pytest.approx(0.5, rel=1e-12)
    assert float(terms.saturate(1e3, 1e-3, 1e9)) == pytest.approx(1e3, rel=1e-5)
    assert float(terms.saturate(1e15, 0.5, 40.0)) == pytest.approx(40.0, rel=1e-12)
    assert float(terms.saturate(3.0, 0.0, np.inf)) == 3.0
    assert float(terms.saturate(0.0, 0.0, 5.0)) == 0.0
    slopes = jax.grad(terms.saturate, argnums=(0, 1, 2))(0.0, 0.0, 5.0)
    np.testing.assert_allclose(slopes, [1.0, 1.0, 0.0])


@pytest.mark.usefixtures("float64")
def test_a_hill_is_half_way_at_its_location_and_goes_from_one_to_zero():
    assert float(terms.hill(np.exp(2.5), 2.5, 1.7)) == pytest.approx(0.5, rel=1e-14)
    assert float(terms.hill(1e-30, 2.5, 1.7)) == pytest.approx(1.0, rel=1e-12)
    assert float(terms.hill(1e30, 2.5, 1.7)) == pytest.approx(0.0, abs=1e-12)
    assert np.isfinite(jax.grad(terms.hill)(1e300, 2.5, 1.7))


@pytest.mark.usefixtures("float64")
def test_a_bump_is_one_at_its_centre():
    assert float(terms.bump(np.exp(2.5), 2.5, 0.3)) == pytest.approx(1.0, rel=1e-14)
    assert float(jax.grad(terms.bump)(np.exp(2.5), 2.5, 0.3)) == pytest.approx(0.0, abs=1e-14)


@pytest.mark.usefixtures("float64")
def test_repeats_are_worth_themselves_at_first_and_at_most_their_decay():
    assert float(terms.repeats_worth(1e-9, 15.4)) == pytest.approx(1e-9, rel=1e-9)
    assert float(terms.repeats_worth(3.0, 1e12)) == pytest.approx(3.0, rel=1e-11)
    assert float(terms.repeats_worth(1e6, 15.4)) == pytest.approx(15.4, rel=1e-14)
    assert float(jax.grad(terms.repeats_worth)(0.0, 15.4)) == 1.0


@pytest.mark.usefixtures("float64")
def test_samples_of_repeated_epochs_are_counted_and_halve_in_worth():
    seen, worth = terms.repeat_decay(25.0, 10.0, 2.0, 5)
    np.testing.assert_allclose(seen, [10, 20, 25, 25, 25])
    np.testing.assert_allclose(worth, [1, 2**-0.5, 0.5, 2**-1.5, 0.25], rtol=1e-14)


@pytest.mark.usefixtures("float64")
def test_lag_weights_lie_on_the_simplex():
    weights = terms.lag_weights(6, lambda lag: lag**-1.5)
    np.testing.assert_allclose(weights, np.arange(1.0, 7) ** -1.5 / np.sum(np.arange(1.0, 7) ** -1.5), rtol=1e-14)


@pytest.mark.usefixtures("float64")
def test_a_logit_is_undone_by_its_logistic():
    for y in (0.11, 0.5, 0.89):
        assert float(terms.logistic(terms.logit(y, 0.1, 0.9), 0.1, 0.9)) == pytest.approx(y, rel=1e-14)
    assert np.isfinite(jax.grad(terms.logistic)(800.0))
    assert float(terms.logistic(-800.0, 0.25)) == 0.25


@pytest.mark.usefixtures("float64")
def test_powers_hold_over_the_ranges_that_laws_meet():
    assert float(terms.power(1e26, 0.5)) == pytest.approx(1e13, rel=1e-12)
    assert float(terms.power(1e-12, -2.0)) == pytest.approx(1e24, rel=1e-12)
    assert float(terms.power_at(5e8, 5e8, 3.1, 0.4)) == 3.1
    assert float(terms.shifted_power(1e-6, 1e4, 1.0)) == pytest.approx(1e-4, rel=1e-9)


def test_float32_is_kept():
    for name in ("power", "hill", "bump", "stretched_exponential", "saturate", "repeats_worth", "logistic", "softmin"):
        ours, _, arguments = CASES[name]
        assert ours(*(jnp.float32(a) for a in arguments)).dtype == jnp.float32
    assert terms.softmin(VALUES, 1.0).dtype == jnp.float32
