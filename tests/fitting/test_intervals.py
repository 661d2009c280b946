"""Intervals agree with the exact ones where these are known, keep to the edges, and say what they rest on."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import lawjax as lj
from lawjax.fitting.covariance import covariance_of
from lawjax.fitting.intervals import derived, interval
from lawjax.laws import CHINCHILLA


def level(x, *, m):
    """One level for all runs."""
    return m + 0.0 * x


def two_levels(x, *, first, second):
    """A level for x below 0 and another above."""
    return jnp.where(x < 0, first, second)


def line(x, *, a, b):
    """A straight line."""
    return a + b * x


def linear_law(fn, *names):
    """A law of one real input whose parameters and response may have any sign."""
    return lj.Law(
        fn,
        response="y",
        support="real",
        inputs={"x": lj.Variable(kind="real", usual=(-1.0, 1.0))},
        params={name: lj.real(-5.0, 5.0) for name in names},
    )


LEVEL = linear_law(level, "m")
TWO_LEVELS = linear_law(two_levels, "first", "second")
LINE = linear_law(line, "a", "b")


def fitted(law, y, x=None, **more):
    x = np.linspace(-1.0, 1.0, len(y)) if x is None else x
    return lj.fit(law, lj.Runs.from_columns(x=x, y=y, **more), loss="squared", residual="raw", num_starts=4)


@pytest.fixture(scope="module")
def skewed():
    return np.random.default_rng(3).exponential(size=25)


@pytest.fixture(scope="module")
def skewed_fit(skewed):
    return fitted(LEVEL, skewed)


@pytest.fixture(scope="module")
def simulated(truth):
    return lj.fit(CHINCHILLA, lj.simulate(CHINCHILLA, truth, num_runs=40, noise=0.01, key=0), loss="squared")


@pytest.fixture(scope="module")
def draws(simulated):
    return lj.bootstrap(simulated, num=400, key=1)


def test_for_a_mean_it_is_the_t_interval(skewed, skewed_fit):
    found = interval(skewed_fit, "m", prob=0.95)
    expected = stats.ttest_1samp(skewed, 0).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6)
    assert found.stderr == pytest.approx(stats.sem(skewed), rel=1e-6)


def test_for_groups_it_is_the_t_interval_of_their_means(generator):
    y = generator.normal(size=(7, 4)) + generator.normal(size=(7, 1))
    found = interval(fitted(LEVEL, y.ravel(), group=np.repeat(np.arange(7), 4)), "m")
    expected = stats.ttest_1samp(y.mean(axis=1), 0).confidence_interval(0.9)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-6)


def test_for_two_samples_it_has_the_standard_error_of_welch(generator):
    """The degrees of freedom are those of Welch's test for samples of one variance (Bell & McCaffrey 2002)."""
    first, second = generator.normal(size=6), 2 + generator.normal(size=14)
    fit = fitted(TWO_LEVELS, np.concatenate([first, second]), np.repeat([-1.0, 1.0], [6, 14]))
    found = interval(fit, lambda p: p["second"] - p["first"])
    stderr = np.hypot(stats.sem(first), stats.sem(second))
    shares = np.array([1 / 6, 1 / 14])
    freedom = shares.sum() ** 2 / np.sum(shares**2 / np.array([5, 13]))
    assert found.stderr == pytest.approx(stderr, rel=1e-6)
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.95, freedom) * stderr, rel=1e-6)


def test_the_model_based_covariance_of_a_linear_law_is_the_textbooks(generator):
    x, weight = generator.normal(size=30), generator.uniform(0.5, 2, 30)
    runs = lj.Runs.from_columns(x=x, y=1 + 2 * x + generator.normal(size=30) / np.sqrt(weight), weight=weight)
    fit = lj.fit(LINE, runs, loss="squared", residual="raw")
    design = np.stack([np.ones(30), x], axis=1)
    variance = np.sum(weight * fit.residuals**2) / 28
    expected = variance * np.linalg.inv((design.T * weight) @ design)
    np.testing.assert_allclose(covariance_of(fit.geometry, "hessian"), expected, rtol=1e-6)


@pytest.mark.parametrize("loss", ["squared", "huber", "absolute"])
def test_both_covariances_agree_where_runs_are_many_and_alike(truth, loss):
    runs = lj.simulate(CHINCHILLA, truth, num_runs=1500, noise=0.01, key=0)
    fit = lj.fit(CHINCHILLA, runs, loss=loss, num_starts=2, starts=truth)
    sandwich, model = (np.sqrt(np.diag(covariance_of(fit.geometry, kind))) for kind in ("sandwich", "hessian"))
    np.testing.assert_allclose(sandwich, model, rtol=0.12)


def test_an_unknown_covariance_is_refused(simulated):
    with pytest.raises(lj.InputError, match="unknown kind of covariance 'fisher'"):
        covariance_of(simulated.geometry, "fisher")


def test_a_tiny_fixed_value_overflows_nothing(simulated):
    fit = lj.fit(CHINCHILLA, simulated.runs, fixed={"B": 1e-300}, num_starts=4)
    assert np.all(np.isinf(fit.geometry.covariance))
    assert np.isinf(fit.geometry.condition)
    found = interval(fit, "beta")
    assert (found.low, found.high, found.stderr) == (0.0, np.inf, np.inf)
    assert "do not determine" in found.note


def test_bca_is_scipys_for_a_mean(skewed, skewed_fit):
    ours = interval(skewed_fit, "m", method="bca", draws=lj.bootstrap(skewed_fit, num=20_000, key=0))
    theirs = stats.bootstrap(
        (skewed,), np.mean, n_resamples=20_000, confidence_level=0.9, method="BCa", rng=np.random.default_rng(0)
    ).confidence_interval
    width = theirs.high - theirs.low
    assert ours.low == pytest.approx(theirs.low, abs=0.03 * width)
    assert ours.high == pytest.approx(theirs.high, abs=0.03 * width)


def test_percentiles_are_those_of_the_draws(simulated, draws):
    found = interval(simulated, "alpha", method="percentile", prob=0.8, draws=draws)
    assert (found.low, found.high) == pytest.approx(np.quantile(draws["alpha"], [0.1, 0.9], method="weibull"))


def test_expanded_levels_of_a_mean_are_those_of_the_t_interval(skewed, skewed_fit):
    """A bootstrap of a mean is too narrow by sqrt(1 - 1/n) and has no t: Hesterberg's levels mend both."""
    many = lj.bootstrap(skewed_fit, num=20_000, key=0)
    expanded, plain = (interval(skewed_fit, "m", method=m, draws=many) for m in ("expanded", "percentile"))
    exact = stats.ttest_1samp(skewed, 0).confidence_interval(0.9)
    assert expanded.high - expanded.low == pytest.approx(exact.high - exact.low, rel=0.04)
    assert plain.high - plain.low < 0.95 * (exact.high - exact.low)


def test_bca_moves_towards_the_long_tail(skewed_fit):
    many = lj.bootstrap(skewed_fit, num=4000, key=0)
    bca, plain = (interval(skewed_fit, "m", method=m, draws=many) for m in ("bca", "percentile"))
    assert bca.low > plain.low
    assert bca.high > plain.high


def test_bca_keeps_to_a_change_of_scale(simulated, draws):
    plain = interval(simulated, "alpha", method="bca", draws=draws)
    log = interval(simulated, lambda p: jnp.log(p["alpha"]), method="bca", draws=draws)
    assert (np.exp(log.low), np.exp(log.high)) == pytest.approx((plain.low, plain.high), rel=1e-3)


def test_a_positive_parameter_has_a_positive_interval_of_equal_ratios(simulated):
    found = interval(simulated, "B", prob=0.999)
    assert found.low > 0
    assert found.high / found.value == pytest.approx(found.value / found.low)


def test_a_wider_probability_gives_a_wider_interval(simulated):
    narrow, wide = (interval(simulated, "alpha", prob=prob) for prob in (0.5, 0.95))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high


def test_a_ratio_of_exponents_has_the_standard_error_of_its_draws(simulated, draws):
    found = derived(simulated, lambda p: p["beta"] / (p["alpha"] + p["beta"]))
    spread = np.std(draws["beta"] / (draws["alpha"] + draws["beta"]))
    assert found.value == pytest.approx(
        float(simulated.params["beta"] / (simulated.params["alpha"] + simulated.params["beta"]))
    )
    assert found.stderr == pytest.approx(spread, rel=0.3)


def test_a_predicted_loss_far_from_the_runs_is_less_sure_than_one_among_them(simulated):
    def loss_at(size, tokens):
        return lambda p: p["E"] + p["A"] * size ** -p["alpha"] + p["B"] * tokens ** -p["beta"]

    assert derived(simulated, loss_at(1e13, 1e15)).stderr > 2 * derived(simulated, loss_at(1e9, 1e11)).stderr


def test_a_held_parameter_is_a_point(simulated):
    fit = lj.fit(CHINCHILLA, simulated.runs, loss="squared", fixed={"alpha": 0.3})
    found = interval(fit, "alpha")
    assert (found.low, found.high, found.stderr) == (0.3, 0.3, 0.0)
    assert "whatever the free parameters are" in found.note


def test_entries_of_a_vector_are_asked_for_by_number(truth):
    law = lj.Law(
        lambda x, *, w: x @ w,
        response="y",
        inputs={"x": lj.Variable(kind="simplex", size=3)},
        params={"w": lj.real(-5, 5, size=3)},
    )
    generator = np.random.default_rng(0)
    shares = generator.dirichlet(np.ones(3), 30)
    y = shares @ [1.0, 2.0, 3.0] + generator.normal(0, 0.01, 30)
    fit = lj.fit(law, lj.Runs.from_columns(x=shares, y=y), loss="squared", residual="raw")
    found = interval(fit, "w[1]")
    assert found.low < float(fit.params["w"][1]) < found.high
    with pytest.raises(lj.InputError, match=r"`w` is a vector: ask for w\[0\], w\[1\], w\[2\]"):
        interval(fit, "w")


def test_it_draws_its_own_resamples_where_none_are_given(skewed_fit):
    one, same = (interval(skewed_fit, "m", method="percentile", key=4) for _ in range(2))
    assert one == same
    assert one.note.startswith("1000 draws, bootstrap (pairs, by point), 25 runs")


def test_it_prints_in_one_line_and_gives_plain_data(skewed_fit):
    found = interval(skewed_fit, "m")
    assert repr(found).startswith("m = ")
    assert "90 % interval" in repr(found)
    assert "(delta; Student-t with 24 degrees of freedom, 25 runs)" in repr(found)
    assert "\n" not in repr(found)
    assert found.to_dict()["high"] == found.high


def test_levels_beyond_the_draws_are_named(simulated):
    few = lj.bootstrap(simulated, num=20, key=0)
    assert "take more" in interval(simulated, "alpha", method="percentile", prob=0.99, draws=few).note


def test_draws_that_failed_are_left_out_and_counted(simulated, draws):
    alpha = np.concatenate([np.full(3, np.nan), draws["alpha"][3:]])
    failed = dataclasses.replace(draws, params={**draws.params, "alpha": alpha})
    found = interval(simulated, "alpha", method="percentile", draws=failed)
    assert (found.low, found.high) == pytest.approx(np.quantile(alpha[3:], [0.05, 0.95], method="weibull"))
    assert "3 draws without a finite value left out" in found.note


@pytest.mark.parametrize(
    ("quantity", "choices", "message"),
    [
        ("gamma", {}, "has no parameter `gamma`. It has E, A, alpha, B, beta"),
        ("alpha[0]", {}, "`alpha` is one number"),
        ("alpha", {"method": "auto"}, "unknown method of an interval 'auto'"),
        ("alpha", {"prob": 1.0}, "`prob` must lie between 0 and 1"),
        (lambda p: jnp.stack([p["E"], p["A"]]), {}, "must return one number"),
        (lambda p: jnp.log(-p["E"]), {}, "is nan at the estimate"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(simulated, quantity, choices, message):
    with pytest.raises(lj.InputError, match=message.replace("[", r"\[").replace(".", r"\.")):
        interval(simulated, quantity, **choices)


def test_draws_must_fit_the_question(simulated, draws, skewed_fit):
    with pytest.raises(lj.InputError, match="uses no draws"):
        interval(simulated, "alpha", draws=draws)
    with pytest.raises(lj.InputError, match="Bootstrap this fit"):
        interval(skewed_fit, "m", method="percentile", draws=draws)
    with pytest.raises(lj.InputError, match="worked out from a `Fit`, got dict"):
        interval({}, "alpha")


@pytest.mark.slow
def test_with_twelve_groups_the_delta_method_covers_and_single_rows_do_not():
    """200 tables of a power law whose runs, read at 8 places each, share most of their noise."""
    truth, generator = {"E": 1.5, "A": 60.0, "alpha": 0.3}, np.random.default_rng(0)
    law, group = lj.laws.POWER_LAW_FLOOR, np.repeat(np.arange(12), 8)
    x = (np.geomspace(1e4, 1e7, 12)[:, None] * np.geomspace(1, 10, 8)).ravel()
    clean = lj.simulate(law, truth, {"x": x}, noise=0.0)["loss"]
    noisy = [clean * np.exp(generator.normal(0, 0.01, 12)[group] + generator.normal(0, 0.003, 96)) for _ in range(200)]

    def covered(**more):
        tables = {i: lj.Runs.from_columns(x=x, loss=loss, **more) for i, loss in enumerate(noisy)}
        fits = lj.fit_each(law, tables, loss="squared", starts=truth, num_starts=2)
        found = [interval(fit, name) for fit in fits.values() for name in truth]
        return np.mean([one.low <= truth[one.name] <= one.high for one in found])

    assert 0.85 < covered(group=group) < 0.95
    assert covered() < 0.75
