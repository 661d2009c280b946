"""Whether groups disagree by more than noise."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import chance_under_noise, disagreement_beyond_noise, replicates_for_share
from lawjax.laws import group_components


def test_disagreement_splits_into_the_groups_and_the_noise():
    answer = disagreement_beyond_noise(dict(between=3.0, within=8.0), 4)
    assert answer["disagreement"] ** 2 == pytest.approx(3.0**2 + answer["noise"] ** 2)
    assert answer["share"] == pytest.approx(9 / 25)


def test_draws_of_the_components_carry_through():
    answer = disagreement_beyond_noise(dict(between=np.array([0.0, 3.0, 4.0]), within=np.full(3, 4.0)), 1)
    np.testing.assert_allclose(answer.draws["share"], [0.0, 0.36, 0.5])
    assert answer.interval("share", 0.5) == pytest.approx((0.18, 0.43))


@pytest.mark.parametrize(("share", "replicates"), [(0.5, 8), (0.1, 1), (0.9, 64)])
def test_the_fewest_replicates_make_the_share(share, replicates):
    answer = replicates_for_share(dict(between=3.0, within=8.0), share)
    assert answer["replicates"] == replicates
    assert disagreement_beyond_noise(dict(between=3.0, within=8.0), replicates)["share"] >= share - 1e-12


def test_groups_that_do_not_differ_need_no_end_of_replicates():
    assert np.isnan(replicates_for_share(dict(between=0.0, within=1.0))["replicates"])


def test_equal_groups_pass_as_noise_as_often_as_they_should():
    generator = np.random.default_rng(1)
    chances = [chance_under_noise(generator.normal(size=(3, 3, 40)), num_shuffles=99, key=i) for i in range(40)]
    assert 0.35 < np.mean(chances) < 0.65
    assert np.mean(np.array(chances) <= 0.1) < 0.25


def test_a_fit_of_the_floor_and_the_test_agree_on_groups_that_differ():
    y = np.random.default_rng(0).normal(size=(3, 4, 60)) + np.array([0.0, 1.0, 2.0])[:, None, None]
    assert disagreement_beyond_noise(group_components(y), 4)["share"] > 0.6
    assert chance_under_noise(y, num_shuffles=499) < 0.01


def test_two_models_of_two_groups_cannot_be_conclusive():
    y = np.array([[[0.0], [0.1]], [[100.0], [100.1]]])
    assert chance_under_noise(y, num_shuffles=499) > 0.2


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_that_is_none_is_refused(share):
    with pytest.raises(lj.InputError, match="`share` must lie between 0 and 1"):
        replicates_for_share(dict(between=3.0, within=8.0), share)


def test_no_shuffles_are_refused():
    with pytest.raises(lj.InputError, match="`num_shuffles` must be a whole number above 0"):
        chance_under_noise(np.zeros((2, 2, 1)), num_shuffles=0)
