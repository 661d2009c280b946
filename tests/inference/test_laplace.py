"""Laplace's approximation is exact for a normal, is caught where it fails, and can be resampled."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
import pytest

import lawjax as lj
from lawjax.inference.approximation import judge_k, weigh
from lawjax.inference.generic import ModelTarget
from lawjax.inference.laplace import check_peak, laplace
from lawjax.inference.mode import find_peak


@pytest.fixture(autouse=True)
def _float64():
    with jax.enable_x64(True):
        yield


def regression(design, response):
    """A linear regression whose posterior is normal, with mean and covariance in closed form."""
    beta = numpyro.sample("beta", dist.Normal(0.0, 2.0).expand([design.shape[1]]).to_event(1))
    numpyro.sample("response", dist.Normal(design @ beta, 0.5), obs=response)


def wide_tails(scale):
    """A density with far heavier tails than the normal at its peak."""
    numpyro.sample("x", dist.Cauchy(0.0, scale).expand([3]).to_event(1))


def hierarchy(response, log_spread=None):
    """Many groups about one mean, not centred, with a known spread or one to learn."""
    if log_spread is None:
        log_spread = numpyro.sample("log_spread", dist.Normal(0.0, 0.3))
    mean = numpyro.sample("mean", dist.Normal(0.0, 1.0))
    shift = numpyro.sample("shift", dist.Normal(0.0, 1.0).expand([response.shape[0]]).to_event(1))
    level = mean + jnp.exp(log_spread) * shift
    numpyro.sample("response", dist.Normal(level[:, None], 0.5), obs=response)


def approximate(target, num_starts=4):
    peaks = find_peak(target, target.prior_vectors(jax.random.key(0), num_starts))
    return laplace(target, peaks.whitening, jax.random.key(1))


def test_a_normal_posterior_is_met_exactly(generator):
    design = generator.standard_normal((40, 3))
    response = design @ [1.0, -1.0, 0.5] + 0.5 * generator.standard_normal(40)
    found = approximate(ModelTarget.of(regression, design, response))
    covariance = np.linalg.inv(design.T @ design / 0.25 + np.eye(3) / 4)
    mean = covariance @ design.T @ response / 0.25
    white = np.linalg.solve(np.linalg.cholesky(covariance), (found.vectors - mean).T)
    np.testing.assert_allclose(white.mean(axis=1), 0.0, atol=4 / np.sqrt(2000))
    np.testing.assert_allclose(np.cov(white), np.eye(3), atol=0.12)
    # All ratios are the same number, the log of the integral of the density.
    assert np.ptp(found.log_ratios) < 1e-6
    marginal = design @ design.T * 4 + 0.25 * np.eye(40)
    evidence = float(dist.MultivariateNormal(jnp.zeros(40), marginal).log_prob(response))
    assert found.log_evidence == pytest.approx(evidence, abs=1e-6)


def test_heavy_tails_are_caught_and_nuts_is_advised():
    found = approximate(ModelTarget.of(wide_tails, 1.0))
    assert found.pareto_k > 0.7
    assert found.notes[0].code == "high-pareto-k"
    assert "method='nuts'" in found.notes[0].fix


def test_resampled_draws_have_the_moments_of_the_target(generator):
    vectors = 1.3 * generator.standard_normal((8000, 1)) + 0.4
    log_ratios = (-(vectors**2) / 2 + (vectors - 0.4) ** 2 / (2 * 1.3**2))[:, 0]
    resampled = weigh("normal", vectors, log_ratios).resample(jax.random.key(0), 8000)
    assert resampled.mean() == pytest.approx(0.0, abs=0.06)
    assert resampled.std() == pytest.approx(1.0, abs=0.05)


def test_resampling_asks_for_draws(generator):
    found = weigh("normal", generator.standard_normal((50, 1)), np.zeros(50))
    with pytest.raises(lj.InputError, match="`num` must be a whole number above 0, got 0"):
        found.resample(jax.random.key(0), 0)


def test_draws_where_the_posterior_has_no_density_weigh_nothing(generator):
    log_ratios = np.append(generator.standard_normal(99), np.nan)
    found = weigh("normal", generator.standard_normal((100, 2)), log_ratios)
    assert found.smoothed.weights[-1] == 0.0


@pytest.mark.parametrize(("k", "severity"), [(0.3, None), (0.8, "WARNING"), (1.2, "ERROR"), (np.inf, "ERROR")])
def test_k_is_graded(k, severity):
    grades = [note.severity.name for note in judge_k("Laplace", k, 10_000)]
    assert grades == [grade for grade in (severity,) if grade]


def many_groups(generator, num):
    """Six responses of each of many groups, whose levels scatter by 1 about 0.7."""
    return 0.7 + generator.standard_normal((num, 1)) + 0.5 * generator.standard_normal((num, 6))


def test_hundreds_of_latents_get_the_covariance_of_their_peak(generator):
    response = many_groups(generator, 150)
    found = approximate(ModelTarget.of(functools.partial(hierarchy, log_spread=0.0), response), num_starts=1)
    assert found.vectors.shape == (2000, 151)
    # Sites in the order of their names: mean, shifts. All is normal, with a closed form.
    level = found.vectors[:, :1] + found.vectors[:, 1:]
    variance = (1 + 0.25 / 6) / 150
    middle = response.mean() / (1 + variance)
    assert found.vectors[:, 0].mean() == pytest.approx(middle, abs=0.01)
    assert found.vectors[:, 0].std() == pytest.approx(np.sqrt(variance / (1 + variance)), rel=0.07)
    shrunk = middle + (response.mean(axis=1) - middle) / (1 + 0.25 / 6)
    np.testing.assert_allclose(level.mean(axis=0), shrunk, atol=0.025)
    assert np.ptp(found.log_ratios) < 1e-4


def test_the_peak_of_a_hierarchy_lies_far_from_its_mass_and_k_says_so(generator):
    found = approximate(ModelTarget.of(hierarchy, many_groups(generator, 30)), num_starts=2)
    assert found.pareto_k > 1
    assert found.notes[0].severity.name == "ERROR"


def checked(target):
    peaks = find_peak(target, target.prior_vectors(jax.random.key(0), 4))
    return peaks, *check_peak(target, peaks, jax.random.key(1))


def test_a_peak_whose_draws_cannot_be_weighed_is_not_sound_but_keeps_its_curvature():
    found, judged, draws = checked(ModelTarget.of(wide_tails, 1.0))
    assert found.sound
    assert not judged.sound
    assert draws.pareto_k > 0.7
    np.testing.assert_array_equal(judged.whitening.factor, found.whitening.factor)


def test_a_peak_whose_draws_can_be_weighed_stays_sound(generator):
    design = generator.standard_normal((40, 3))
    response = design @ [1.0, -1.0, 0.5] + 0.3 * generator.standard_normal(40)
    _, judged, draws = checked(ModelTarget.of(unknown_scatter, design, response))
    assert judged.sound
    assert draws.notes == ()


def test_tails_a_little_heavier_than_normal_do_not_make_a_peak_unsound():
    _, judged, draws = checked(ModelTarget.of(some_tails, 6.0))
    assert judged.sound
    assert draws.pareto_k < 0.5


def some_tails(freedom):
    """A Student-t along each of four axes, all but flat priors aside."""
    x = numpyro.sample("x", dist.Normal(0.0, 100.0).expand([4]).to_event(1))
    numpyro.factor("tails", -(freedom + 1) / 2 * jnp.sum(jnp.log1p(x**2 / freedom)))


def unknown_scatter(design, response):
    """A linear regression that learns its scatter: nearly normal."""
    beta = numpyro.sample("beta", dist.Normal(0.0, 2.0).expand([design.shape[1]]).to_event(1))
    scale = numpyro.sample("scale", dist.LogNormal(-1.0, 1.0))
    numpyro.sample("response", dist.Normal(design @ beta, scale), obs=response)
