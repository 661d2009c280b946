"""A right posterior passes its calibration, a wrong one does not, and the result says in which way."""

import dataclasses
import functools

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting.centring import Centring
from lawjax.inference.model import Target
from lawjax.inference.options import Options
from lawjax.laws import CHINCHILLA, POWER_LAW, POWER_LAW_FLOOR
from lawjax.reporting.calibration_plot import rank_ecdfs
from lawjax.simulation import Calibration, calibrate, calibration, mistakes, posteriors
from lawjax.simulation.posteriors import Posteriors, fails_gate
from lawjax.simulation.ranked import best_log_size

DESIGN = {"x": np.geomspace(1.0, 1e4, 12)}
NUM = 64


@pytest.fixture(scope="module")
def honest():
    """The power law with normal noise, as it should be."""
    return calibrate(POWER_LAW, DESIGN, noise="normal", num_data_sets=NUM, key=1)


@pytest.fixture
def target():
    """The same model as a density."""
    with jax.enable_x64(True):
        runs = calibration.design_runs(POWER_LAW, DESIGN)
        yield Target.of(POWER_LAW, runs, Centring.of(POWER_LAW, runs), Options(noise="normal"))


def made_of(**ranks):
    """A calibration with given ranks among 99 draws."""
    num = len(next(iter(ranks.values())))
    return Calibration(
        law=POWER_LAW, model="normal scatter", ranks=ranks, num_ranks=99, prob=0.99, failed=np.zeros(num, dtype=bool)
    )


def shaped(generator, a, b):
    """A thousand ranks with the shape of a beta distribution."""
    return np.floor(100 * generator.beta(a, b, 1000)).astype(int)


def test_rows_of_one_simulated_run_share_its_shift():
    design = lj.Runs.from_columns(x=np.geomspace(1.0, 1e4, 12), group=np.repeat(range(3), 4).tolist())
    with jax.enable_x64(True):
        runs = calibration.design_runs(POWER_LAW, design)
        density = Target.of(POWER_LAW, runs, Centring.of(POWER_LAW, runs), Options(noise="normal", effects="group"))
        keys = jax.random.split(jax.random.key(0), 200)
        truths, responses, _ = calibration.simulate_data_sets(mistakes.honest(density), keys)
        latent = jax.vmap(density.params)(truths)
        off = np.log(responses) - np.log(jax.vmap(density.predicted)(latent))
    shared = np.asarray(latent["effect"] * latent["effect_scale"][:, None])
    means = off.reshape(200, 3, 4).mean(axis=2)
    error = np.asarray(latent["noise_scale"])[:, None] / 2
    assert np.std((means - shared) / error) == pytest.approx(1.0, rel=0.15)


def test_a_right_posterior_is_accepted(honest):
    assert honest.accepted
    assert list(honest.ranks) == ["A", "alpha", "noise_scale", "log likelihood", "loss at x=1e+05"]
    assert honest.verdict.codes[-1] == "few-data-sets"
    assert len(honest) == NUM


def test_noise_larger_than_the_model_has_it_is_found():
    found = calibrate(POWER_LAW, DESIGN, noise="normal", num_data_sets=NUM, key=1, mistake="scaled_noise")
    assert not found.accepted
    assert found["noise_scale"].shape == "shifted-high"


def test_a_data_set_is_the_same_whatever_number_of_others_there_is(honest):
    fewer = calibrate(POWER_LAW, DESIGN, noise="normal", num_data_sets=21, key=1)
    for name, ranks in fewer.ranks.items():
        np.testing.assert_array_equal(ranks, honest.ranks[name][:21])


@pytest.mark.slow
@pytest.mark.parametrize("mistake", mistakes.MISTAKES)
def test_every_mistake_is_found(mistake):
    found = calibrate(POWER_LAW, DESIGN, num_data_sets=400, mistake=mistake)
    assert not found.accepted
    assert found.verdict.grade == "error"


@pytest.mark.slow
def test_run_level_effects_are_calibrated():
    design = lj.Runs.from_columns(**DESIGN, group=[row // 3 for row in range(12)])
    found = calibrate(POWER_LAW, design, noise="normal", effects="group", num_data_sets=400)
    assert found.accepted
    assert "effect_scale" in found.ranks


def test_a_sampler_that_ignores_the_data_is_found_by_the_log_likelihood_alone(monkeypatch):
    def from_the_prior(target, responses, keys, least, *, progress):
        draw = functools.partial(target.prior_vectors, num=100)
        vectors = np.asarray(jax.vmap(draw)(keys[0]))
        return Posteriors(list(vectors[:, None]), np.zeros(len(keys), dtype=bool), 0)

    monkeypatch.setattr(posteriors, "sample_posteriors", from_the_prior)
    found = calibrate(POWER_LAW, DESIGN, noise="normal", num_data_sets=300)
    assert found.rejected == ("log likelihood",)


def test_intervals_that_are_too_narrow_or_too_wide_or_shifted_are_called_so(generator):
    found = made_of(
        narrow=shaped(generator, 0.7, 0.7),
        wide=shaped(generator, 1.5, 1.5),
        low=shaped(generator, 1.3, 1.0),
        high=shaped(generator, 1.0, 1.3),
        even=np.arange(1000) % 100,
    )
    shapes = {name: test.shape for name, test in found.tests.items()}
    expected = {"narrow": "too-narrow", "wide": "too-wide", "low": "shifted-low", "high": "shifted-high"}
    assert shapes == {**expected, "even": "uniform"}
    assert set(found.verdict.codes) == set(expected.values())


def test_ranks_that_stick_in_places_have_a_shape_of_their_own(generator):
    steps = 20 * generator.integers(0, 5, 1000) + 10
    assert made_of(steps=steps)["steps"].shape in ("not-uniform", "too-wide")


def test_failed_data_sets_are_ranked_and_reported(generator):
    found = made_of(A=np.arange(1000) % 100)
    found = dataclasses.replace(found, failed=np.arange(1000) < 80, num_redrawn=3)
    assert found.accepted
    assert found.verdict.codes == ("sampler-failed", "redrawn")
    assert found.to_dict()["num_failed"] == 80
    assert len(found.to_frame()) == 1000


@pytest.mark.parametrize("suffix", ["json", "parquet"])
def test_a_calibration_comes_back_from_its_file(honest, tmp_path, suffix):
    back = lj.load(honest.save(tmp_path / f"found.{suffix}"))
    assert back.summary() == honest.summary()
    assert back.to_dict() == honest.to_dict()


def test_the_figure_has_a_line_and_a_band_for_each_quantity(honest):
    drawn = rank_ecdfs(honest)
    assert drawn.startswith("<svg")
    assert drawn.count("calibration-axes_") == len(honest.ranks) + 3


def test_the_best_size_is_that_of_the_closed_form(truth):
    flops = 1e24
    ratio = truth["alpha"] * truth["A"] / (truth["beta"] * truth["B"])
    exact = (np.log(ratio) + truth["beta"] * np.log(flops / 6)) / (truth["alpha"] + truth["beta"])
    with jax.enable_x64(True):
        assert float(best_log_size(CHINCHILLA, {}, flops)(truth)) == pytest.approx(exact, abs=2e-3)


def test_the_density_without_its_jacobian_lacks_the_stretch_of_the_line(target):
    vector = np.array([0.3, -1.2, -4.0])
    bare = mistakes.no_jacobian(target).target
    # All three parameters are positive, so that the line is stretched by their own value.
    assert float(bare.potential(vector) - target.potential(vector)) == pytest.approx(float(np.sum(vector)))


def test_a_clustered_response_shares_half_of_its_noise_within_a_run(target):
    draw = mistakes.clustered(target).draw
    truths, responses = jax.vmap(draw)(jax.random.split(jax.random.key(0), 2000))
    scale = jax.vmap(lambda truth: target.params(truth)["noise_scale"])(truths)
    residuals = np.asarray(jax.vmap(functools.partial(mistakes._residuals, target))(truths, responses) / scale[:, None])
    found = np.corrcoef(residuals.T)
    np.testing.assert_allclose(np.std(residuals, axis=0), 1.0, atol=0.07)
    assert found[5, 6] == pytest.approx(0.5, abs=0.08)
    assert found[3, 4] == pytest.approx(0.0, abs=0.08)


def test_truths_are_shifted_by_three_tenths_of_a_prior_deviation(target):
    keys = jax.random.split(jax.random.key(0), 4000)
    shifted, plain = (
        np.asarray(jax.vmap(make(target).draw)(keys)[0]) for make in (mistakes.shifted_prior, mistakes.honest)
    )
    np.testing.assert_allclose((shifted - plain).mean(axis=0) / plain.std(axis=0), 0.3, atol=0.02)


def test_only_responses_inside_the_support_could_have_been_observed(target):
    responses = np.ones((4, 12))
    responses[1, 3], responses[2, 0], responses[3, 1] = np.nan, 0.0, np.inf
    assert calibration.observable(target, responses).tolist() == [True, False, False, False]


def test_chains_that_disagree_fail_the_gate(generator):
    good = generator.standard_normal((8, 100, 2))
    apart = good + np.arange(8)[:, None, None]
    assert fails_gate([good, apart, good], 99).tolist() == [False, True, False]
    assert fails_gate([good], 900).tolist() == [True]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mistake": "typo"}, "unknown mistake 'typo'"),
        ({"budget": 1e20}, "law of N and D"),
        ({"target": {"N": 1e9}}, "`target` must give each input"),
        ({"quantities": {"A": len}}, "`quantities` must map new names"),
        ({"prob": 1.0}, "`prob` must lie between 0 and 1"),
        ({"rounding": 0.01}, "`rounding` cannot be calibrated"),
        ({"num_data_sets": 3}, "`num_data_sets` must be a whole number above 19"),
    ],
)
def test_wrong_options_are_refused(options, message):
    with pytest.raises(lj.InputError, match=message):
        calibrate(POWER_LAW, DESIGN, **options)


def test_a_design_without_an_input_is_refused():
    runs = lj.Runs.from_columns(y=[1.0, 2.0])
    with pytest.raises(lj.InputError, match="the design has no column for"):
        calibrate(POWER_LAW_FLOOR, runs)
