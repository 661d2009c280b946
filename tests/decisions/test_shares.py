"""What each part contributes to a known total."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import shares_of_total
from lawjax.laws import POWER_LAW, over_draws
from lawjax.laws.gaussian import condition_linear

PARTS = {"x": [1.0, 4.0, 20.0]}


@pytest.fixture(scope="module")
def source():
    generator = np.random.default_rng(0)
    params = dict(A=5.0 + generator.normal(size=400), alpha=0.4 + 0.1 * generator.normal(size=400))
    return lj.draws.as_draws(params, POWER_LAW)


def predictions(source):
    with jax.enable_x64(True):
        return np.asarray(over_draws(source.law, source.params, {"x": np.array(PARTS["x"])}))


@pytest.mark.parametrize("weights", [1.0, [1.0, 2.0, 0.5]])
def test_every_draw_meets_an_exact_total(source, weights):
    answer = shares_of_total(source, 12.0, PARTS, weights=weights)
    np.testing.assert_allclose((answer.draws["part"] * weights).sum(axis=1), 12.0)
    np.testing.assert_allclose(answer.draws["share"].sum(axis=1), 1.0)


@pytest.mark.parametrize("variance", [0.0, 0.1, 4.0])
def test_the_draws_have_the_mean_and_covariance_of_the_conditioned_gaussian(source, variance):
    before = predictions(source)
    rows, total = np.ones((1, 3)), np.array([12.0])
    mean, cov = condition_linear(before.mean(axis=0), np.cov(before, rowvar=False), rows, total, variance)
    after = shares_of_total(source, 12.0, PARTS, variance=variance).draws["part"]
    np.testing.assert_allclose(after.mean(axis=0), mean)
    np.testing.assert_allclose(np.cov(after, rowvar=False), cov, atol=1e-9)


def test_a_total_that_is_hardly_known_changes_nothing(source):
    answer = shares_of_total(source, 12.0, PARTS, variance=1e12)
    np.testing.assert_allclose(answer.draws["part"], predictions(source), rtol=1e-3)


def test_what_is_missing_falls_on_the_part_that_is_least_certain(source):
    before = predictions(source)
    moved = shares_of_total(source, 20.0, PARTS).draws["part"].mean(axis=0) - before.mean(axis=0)
    assert np.argmax(moved) == np.argmax(before.std(axis=0))


def test_coefficients_without_uncertainty_are_refused():
    with pytest.raises(lj.InputError, match="too few to tell how sure each part is"):
        shares_of_total("kaplan2020-n", 5.0, {"N": [1e8, 1e9]})


def test_weights_that_do_not_fit_the_parts_are_refused(source):
    with pytest.raises(lj.InputError, match="`weights` must be one number or 3"):
        shares_of_total(source, 12.0, PARTS, weights=[1.0, 2.0])


def test_a_negative_variance_is_refused(source):
    with pytest.raises(lj.InputError, match="`variance` must be 0 or more"):
        shares_of_total(source, 12.0, PARTS, variance=-1.0)


def test_parts_that_come_to_nothing_have_no_shares(source):
    answer = shares_of_total(source, 0.0, PARTS)
    assert np.isnan(answer.draws["share"]).all()
    np.testing.assert_allclose(answer.draws["part"].sum(axis=1), 0.0, atol=1e-9)


def test_only_what_the_caller_holds_is_reported_as_held(source):
    answer = shares_of_total(source, 12.0, PARTS, variance=0.1)
    assert set(answer.held) == {"total", "variance", "weights", "x of the parts"}


@pytest.mark.parametrize("variance", [np.inf, np.nan, -1.0, "small", [0.1, 0.2]])
def test_a_variance_that_cannot_be_is_refused_by_its_name(source, variance):
    with pytest.raises(lj.InputError, match="`variance` must"):
        shares_of_total(source, 12.0, PARTS, variance=variance)


@pytest.mark.parametrize("total", [np.nan, "all", [1.0, 2.0]])
def test_a_total_that_cannot_be_is_refused_by_its_name(source, total):
    with pytest.raises(lj.InputError, match="`total` must"):
        shares_of_total(source, total, PARTS)
