"""A prior check sees whether the priors have mass where the runs are, and names what stands in the way."""

import json

import jax
import numpy as np
import numpyro.distributions as dist
import pytest

import lawjax as lj
from lawjax.errors import InputError
from lawjax.inference.prior_check import prior_check, prior_mass_notes
from lawjax.reporting.prior_plot import prior_bands


@pytest.fixture(scope="module")
def checked(chinchilla_runs):
    return prior_check(lj.laws.CHINCHILLA, chinchilla_runs, num_draws=500)


def test_default_priors_hold_the_runs_of_a_usual_law(checked):
    assert checked.inside == {90: 1.0, 99: 1.0}
    assert abs(checked.shift) < 1.0
    assert checked.verdict.notes == ()
    assert checked.predicted.shape == (500, 60)


def test_predictions_are_those_of_the_law_at_draws_from_the_prior(polynomial_runs):
    from tests.inference.conftest import POLYNOMIAL

    known = {"w": dist.Normal(np.array([1.0, -2.0, 0.5]), 1e-9), "noise_scale": dist.LogNormal(-12.0, 1e-3)}
    found = prior_check(POLYNOMIAL, polynomial_runs, priors=known, noise="normal", num_draws=50)
    x = np.asarray(polynomial_runs["x"])
    np.testing.assert_allclose(found.predicted, np.tile(1 - 2 * x + 0.5 * x**2, (50, 1)), atol=1e-3)


def test_a_prior_far_from_the_runs_is_named_with_the_worst_rows(chinchilla_runs):
    priors = {"E": dist.LogNormal(np.log(10.0), 0.1)}
    found = prior_check(lj.laws.CHINCHILLA, chinchilla_runs, priors=priors, num_draws=500)
    assert found.inside[99] == 0.0
    assert found.shift < -0.4
    (note,) = found.verdict.notes
    assert note.code == "prior-misses-data"
    assert "100% of the runs" in note.reason
    assert "below it" in note.reason
    assert "widen the priors of `E` (lower)" in note.fix
    frame = found.to_frame()
    worst = frame["row"][np.argsort(frame["observed"] / frame["prior_0.5%"])[:3]]
    assert f"rows {', '.join(str(row) for row in worst)}." in note.reason


def test_another_culprit_is_told_from_it(chinchilla_runs):
    priors = {"A": dist.LogNormal(np.log(20.0), 0.1)}
    (note,) = prior_check(lj.laws.CHINCHILLA, chinchilla_runs, priors=priors, num_draws=500).verdict.notes
    assert "widen the priors of `A` (lower)" in note.fix


def test_a_prior_that_says_nothing_is_told(chinchilla_runs):
    priors = {"E": dist.LogNormal(np.log(2.0), 8.0)}
    found = prior_check(lj.laws.CHINCHILLA, chinchilla_runs, priors=priors, num_draws=500)
    assert found.verdict.codes == ("prior-too-wide",)
    assert found.verdict.grade == "ok"


def test_it_reads_as_a_table_a_frame_and_plain_data(checked, chinchilla_runs):
    record = json.loads(json.dumps(checked.to_dict(), allow_nan=False))
    assert record["inside"] == {"90 %": 1.0, "99 %": 1.0}
    assert record["num_draws"] == 500
    frame = checked.to_frame()
    assert list(frame.columns) == ["row", "observed", "prior_0.5%", "prior_5%", "prior_50%", "prior_95%", "prior_99.5%"]
    np.testing.assert_array_equal(frame["observed"], chinchilla_runs["loss"])
    assert "in the 90 % band" in repr(checked)


def test_the_key_decides_the_draws(chinchilla_runs, checked):
    again, other = (prior_check(lj.laws.CHINCHILLA, chinchilla_runs, num_draws=500, key=key) for key in (0, 1))
    np.testing.assert_array_equal(again.predicted, checked.predicted)
    assert np.any(other.predicted != checked.predicted)


def test_a_response_without_decades_has_no_shift(polynomial_runs):
    from tests.inference.conftest import POLYNOMIAL

    found = prior_check(POLYNOMIAL, polynomial_runs, num_draws=200)
    assert np.isnan(found.shift)
    assert found.inside[99] == 1.0


def test_a_share_of_runs_outside_is_borne():
    generator = np.random.default_rng(0)
    predicted, params = generator.lognormal(size=(1000, 40)), {"E": generator.standard_normal(1000)}
    response = np.ones(40)
    response[:4] = 1e6
    assert prior_mass_notes(predicted, response, params) == ()
    response[4] = 1e6
    (note,) = prior_mass_notes(predicted, response, params)
    assert "12% of the runs" in note.reason
    assert "above it" in note.reason


def test_predictions_that_overflow_are_borne():
    predicted = np.exp(np.random.default_rng(0).standard_normal((1000, 5)))
    predicted[:20] = np.inf
    predicted[20:25] = np.nan
    assert prior_mass_notes(predicted, np.ones(5), {"E": predicted[:, 0]}) == ()


@pytest.mark.parametrize("num_draws", [0, 2.5])
def test_a_wrong_number_of_draws_is_refused(chinchilla_runs, num_draws):
    with pytest.raises(InputError, match="`num_draws` must be a whole number above 0"):
        prior_check(lj.laws.CHINCHILLA, chinchilla_runs, num_draws=num_draws)


def test_options_of_the_model_are_taken(chinchilla_runs):
    with pytest.raises(InputError, match="there is no column `family`"):
        prior_check(lj.laws.CHINCHILLA, chinchilla_runs, vary={"alpha": "family"})


def test_the_figure_shows_the_runs_in_their_bands(checked):
    pytest.importorskip("matplotlib")
    text = prior_bands(checked)
    assert text.startswith("<svg")
    assert "what the priors predict, 90 % and 99 % bands" in text
    assert jax.default_backend() not in text
