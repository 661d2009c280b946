"""Every likelihood is the density that SciPy has for it, and what simulates is what infers."""

import jax
import numpy as np
import pytest
import scipy.stats as st
from scipy.special import digamma, gammaln

import lawjax as lj
from lawjax.fitting.centring import Centring
from lawjax.inference.model import Target
from lawjax.inference.noise import Share, log_gamma_step
from lawjax.inference.options import choose_options

PARAMS = {"E": 1.7, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37}
SITES = {"noise_scale": 0.02, "noise_freedom": 4.0, "noise_slope": 0.3, "noise_dispersion": 0.02}


@pytest.fixture(scope="module")
def runs():
    generator = np.random.default_rng(5)
    design = {"N": 10 ** generator.uniform(7, 10, 40), "D": 10 ** generator.uniform(9, 12, 40)}
    return lj.simulate(lj.laws.CHINCHILLA, PARAMS, design, noise=0.02, key=1)


def accuracy(C, *, top, middle, slope):
    """Share of right answers against compute."""
    return top / (1 + (C / middle) ** -slope)


ACCURACY = lj.Law(
    accuracy,
    response="accuracy",
    inputs={"C": lj.Variable(kind="count", usual=(1e18, 1e22))},
    params={
        "top": lj.unit_interval(0.5, 0.98),
        "middle": lj.positive(1e18, 1e22, dims={"C": 1}),
        "slope": lj.positive(0.2, 2.0),
    },
    support="unit",
)


@pytest.fixture(scope="module")
def answers():
    C = np.geomspace(1e18, 1e22, 25)
    mean = np.asarray(accuracy(C, top=0.9, middle=1e20, slope=0.5))
    right = np.random.default_rng(6).binomial(500, mean)
    return lj.Runs.from_columns(C=C, accuracy=right / 500)


def built(law, runs, params, **choices):
    """A target, and a dict of all its latents at known values, centred."""
    centring = Centring.of(law, runs)
    target = Target.of(law, runs, centring, choose_options(law, runs, **choices))
    known = {name: value for name, value in SITES.items() if name in target.priors}
    return target, {**centring.to_centred(params), **known}


def log_density(law, runs, params, **choices):
    with jax.enable_x64(True):
        target, latent = built(law, runs, params, **choices)
        return np.asarray(target.log_likelihood(target.vector(latent)))


def predicted(runs):
    N, D = (np.asarray(runs[name]) for name in ("N", "D"))
    return PARAMS["E"] + PARAMS["A"] * N ** -PARAMS["alpha"] + PARAMS["B"] * D ** -PARAMS["beta"]


def residuals(runs):
    return np.log(np.asarray(runs["loss"])) - np.log(predicted(runs))


def test_normal_scatter_of_logs_is_a_log_normal_response(runs):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="normal")
    expected = st.lognorm.logpdf(runs["loss"], 0.02, scale=predicted(runs))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_student_t_scatter_has_heavy_tails(runs):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="student_t")
    expected = st.t.logpdf(residuals(runs), 4.0, scale=0.02) - np.log(runs["loss"])
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_raw_scatter_adds(runs):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="normal", residual="raw")
    np.testing.assert_allclose(found, st.norm.logpdf(runs["loss"], predicted(runs), 0.02), rtol=1e-9)


def test_a_scale_may_follow_an_input_about_its_geometric_mean(runs):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="normal", scale_along="N")
    scale = 0.02 * (runs["N"] / np.exp(np.mean(np.log(runs["N"])))) ** 0.3
    np.testing.assert_allclose(found, st.lognorm.logpdf(runs["loss"], scale, scale=predicted(runs)), rtol=1e-9)


def test_a_scale_may_follow_the_prediction_about_the_level_of_the_runs(runs):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="normal", scale_along="prediction")
    scale = 0.02 * (predicted(runs) / np.median(runs["loss"])) ** 0.3
    np.testing.assert_allclose(found, st.lognorm.logpdf(runs["loss"], scale, scale=predicted(runs)), rtol=1e-9)


@pytest.mark.parametrize("width", [1e-3, 0.05, 1.0, 3.0])
def test_a_rounded_response_has_the_mass_of_its_interval(runs, width):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="student_t", rounding=width)
    low, high = (np.log(runs["loss"] + side * width / 2) - np.log(predicted(runs)) for side in (-1, 1))
    mass = st.t.cdf(high / 0.02, 4.0) - st.t.cdf(low / 0.02, 4.0)
    np.testing.assert_allclose(found, np.log(mass), rtol=2e-3, atol=2e-3)


def test_a_rounded_normal_response_has_the_mass_of_its_interval(runs):
    found = log_density(lj.laws.CHINCHILLA, runs, PARAMS, noise="normal", rounding=0.05)
    low, high = (np.log(runs["loss"] + side * 0.025) - np.log(predicted(runs)) for side in (-1, 1))
    np.testing.assert_allclose(found, np.log(st.norm.cdf(high / 0.02) - st.norm.cdf(low / 0.02)), rtol=1e-6)


def test_rows_with_no_width_keep_their_density(runs):
    widths = np.where(np.arange(len(runs)) < 5, 0.05, 0.0)
    partly = lj.Runs.from_columns(**runs.columns, width=widths)
    found = log_density(lj.laws.CHINCHILLA, partly, PARAMS, rounding="width")
    exact = log_density(lj.laws.CHINCHILLA, runs, PARAMS)
    np.testing.assert_allclose(found[5:], exact[5:], rtol=1e-9)
    assert not np.allclose(found[:5], exact[:5], atol=0.5)


def test_the_gradient_of_a_rounded_density_is_finite_where_rows_have_no_width(runs):
    partly = lj.Runs.from_columns(**runs.columns, width=np.where(np.arange(len(runs)) < 5, 0.05, 0.0))
    with jax.enable_x64(True):
        target, latent = built(lj.laws.CHINCHILLA, partly, PARAMS, rounding="width")
        assert np.all(np.isfinite(jax.grad(target.potential)(target.vector(latent))))


TRUE_ACCURACY = {"top": 0.9, "middle": 1e20, "slope": 0.5}


def mean_accuracy(answers):
    return np.asarray(accuracy(np.asarray(answers["C"]), **TRUE_ACCURACY))


def test_an_accuracy_is_a_number_of_right_answers(answers):
    found = log_density(ACCURACY, answers, TRUE_ACCURACY, noise="binomial", trials=500)
    right = np.round(answers["accuracy"] * 500)
    np.testing.assert_allclose(found, st.binom.logpmf(right, 500, mean_accuracy(answers)), rtol=1e-8)


def test_correlated_answers_are_beta_binomial(answers):
    found = log_density(ACCURACY, answers, TRUE_ACCURACY, noise="beta_binomial", trials=500)
    right, mean, strength = np.round(answers["accuracy"] * 500), mean_accuracy(answers), (1 - 0.02) / 0.02
    expected = st.betabinom.logpmf(right, 500, mean * strength, (1 - mean) * strength)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_an_accuracy_of_one_has_a_finite_density():
    perfect = lj.Runs.from_columns(C=np.geomspace(1e18, 1e22, 8), accuracy=np.linspace(0.0, 1.0, 8))
    found = log_density(ACCURACY, perfect, TRUE_ACCURACY, noise="binomial", trials=20)
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("choices", [{}, {"noise": "normal", "scale_along": "N"}, {"rounding": 0.01}], ids=str)
def test_what_simulates_is_what_infers(runs, choices):
    with jax.enable_x64(True):
        target, latent = built(lj.laws.CHINCHILLA, runs, PARAMS, **choices)
        keys = jax.random.split(jax.random.key(0), 4000)
        drawn = np.asarray(jax.vmap(lambda key: target.simulate(key, target.vector(latent)))(keys))
    np.testing.assert_allclose(np.median(drawn, axis=0), predicted(runs), rtol=0.006)
    slope = SITES["noise_slope"] if "scale_along" in choices else 0.0
    centre = np.exp(np.mean(np.log(runs["N"])))
    family = st.norm if "noise" in choices else st.t(4.0)
    half = 0.02 * (runs["N"] / centre) ** slope * family.ppf(0.75)
    inside = np.mean(np.abs(np.log(drawn / predicted(runs))) < half, axis=0)
    np.testing.assert_allclose(inside, 0.5, atol=0.04)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"noise": "cauchy"}, "cauchy"),
        ({"noise": "binomial", "trials": 10}, "between 0 and 1"),
        ({"trials": 10}, "`trials` belongs to"),
        ({"scale_along": "C"}, "`scale_along` must be one of N, D, prediction"),
        ({"effects": "run"}, "effects"),
        ({"effects": "group"}, "needs runs whose groups"),
        ({"input_error": {"M": 0.1}}, "no positive input"),
        ({"input_error": {"N": 2.0}}, "between 0 and 1"),
        ({"vary": "alpha"}, "must be a dict"),
        ({"vary": {"gamma": "family"}}, "the parameters of"),
        ({"discrepancy": "spline"}, "spline"),
        ({"discrepancy_along": "N"}, "needs discrepancy="),
        ({"discrepancy": "gp", "discrepancy_along": "loss"}, "must be one of N, D, compute"),
    ],
)
def test_a_wrong_choice_is_one_clear_error(runs, choices, message):
    with pytest.raises(lj.InputError, match=message):
        choose_options(lj.laws.CHINCHILLA, runs, **choices)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"noise": "binomial"}, "needs `trials`"),
        ({"noise": "binomial", "trials": 10, "rounding": 0.1}, "`rounding` has no meaning"),
    ],
)
def test_an_accuracy_needs_its_trials_and_no_rounding(answers, choices, message):
    with pytest.raises(lj.InputError, match=message):
        choose_options(ACCURACY, answers, **choices)


@pytest.mark.parametrize(("trials", "message"), [("questions", "not in the table"), (0.5, "from 1 up")])
def test_trials_must_be_known_for_each_row(answers, trials, message):
    with pytest.raises(lj.InputError, match=message):
        built(ACCURACY, answers, TRUE_ACCURACY, noise="binomial", trials=trials)


def test_an_accuracy_may_come_from_a_law_that_saturates():
    sure = lj.Runs.from_columns(C=np.geomspace(1e18, 1e22, 8), accuracy=np.ones(8))
    with jax.enable_x64(True):
        target, latent = built(
            ACCURACY, sure, {**TRUE_ACCURACY, "top": 1 - 1e-15, "slope": 60.0}, noise="binomial", trials=20
        )
        assert np.all(np.isfinite(target.log_likelihood(target.vector(latent)))[4:])


def test_the_scale_is_that_of_the_middle_of_the_runs_for_inputs_without_a_unit_too():
    law = lj.Law(
        lambda epochs, *, a: a / epochs,
        response="loss",
        inputs={"epochs": lj.Variable(kind="number")},
        params={"a": lj.positive(1, 10)},
        name="per-epoch",
    )
    runs = lj.Runs.from_columns(epochs=[10.0, 20.0, 40.0], loss=[0.5, 0.25, 0.125])
    with jax.enable_x64(True):
        target, latent = built(law, runs, {"a": 5.0}, noise="normal", scale_along="epochs")
        scale = np.asarray(target.likelihood.scale(np.zeros(3), latent))
    np.testing.assert_allclose(scale, 0.02 * np.array([0.5, 1.0, 2.0]) ** 0.3, rtol=1e-6)


@pytest.mark.parametrize(("dispersion", "spread"), [(None, 0.0223), (0.05, 0.1137)])
def test_shares_of_answers_scatter_as_counts_do(dispersion, spread):
    """The variance of a share at one half is 1/4 n for a binomial, and 1 + (n - 1) dispersion times that beyond it."""
    with jax.enable_x64(True):
        share = Share(np.zeros(3), np.full(3, 500.0), dispersion)
        drawn = np.asarray(jax.vmap(share.sample)(jax.random.split(jax.random.key(0), 2000)))
    np.testing.assert_allclose(drawn.mean(axis=0), 0.5, atol=5 * spread / np.sqrt(2000))
    np.testing.assert_allclose(drawn.std(axis=0), spread, rtol=0.1)


def test_the_step_between_log_gammas_is_scipys():
    x = np.geomspace(0.5, 1e3, 200)
    with jax.enable_x64(True):
        found, slope = log_gamma_step(x), jax.vmap(jax.grad(log_gamma_step))(x)
    np.testing.assert_allclose(found, gammaln(x + 0.5) - gammaln(x), rtol=1e-11, atol=2e-12)
    np.testing.assert_allclose(slope, digamma(x + 0.5) - digamma(x), rtol=1e-10)
