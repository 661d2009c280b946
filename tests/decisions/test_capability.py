"""Which capability to improve."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import capability_to_improve
from lawjax.laws import ranked_link_law, weakest_link_law


def test_softmin_weights_say_what_a_point_of_each_capability_is_worth():
    answer = capability_to_improve(dict(offset=-5.0, sharpness=0.1), scores=[50.0, 60.0])
    odds = np.exp(0.1 * 10)
    np.testing.assert_allclose(answer["gain"], [odds / (1 + odds), 1 / (1 + odds)])
    assert answer["best"].tolist() == [1.0, 0.0]


def test_a_weak_capability_that_costs_more_may_not_be_worth_it():
    answer = capability_to_improve(dict(offset=-5.0, sharpness=0.1), scores=[50.0, 60.0], costs=[3.0, 1.0])
    assert answer["best"].tolist() == [0.0, 1.0]


def test_ordered_scores_give_the_weak_one_its_weight_and_not_everything():
    answer = capability_to_improve(dict(offset=-20.0, weight=np.array([0.74, 0.49])), scores=[80.0, 60.0])
    np.testing.assert_allclose(answer["gain"], [0.49, 0.74])


def test_three_capabilities_are_weighed_together():
    answer = capability_to_improve(dict(offset=0.0, sharpness=0.05), scores=[70.0, 55.0, 61.0])
    assert answer["gain"].sum() == pytest.approx(1.0)
    assert answer["best"].tolist() == [0.0, 1.0, 0.0]


def test_each_of_three_ordered_scores_has_the_weight_of_its_rank():
    answer = capability_to_improve(dict(offset=0.0, weight=np.array([0.6, 0.3, 0.1])), scores=[70.0, 55.0, 61.0])
    np.testing.assert_allclose(answer["gain"], [0.1, 0.6, 0.3])


def test_offsets_per_pair_do_not_change_what_a_point_is_worth():
    law = weakest_link_law(2, 3)
    draws = lj.draws.as_draws(dict(offset=np.array([1.0, -5.0, 2.0]), sharpness=0.1), law)
    plain = capability_to_improve(dict(offset=-5.0, sharpness=0.1), scores=[50.0, 60.0])
    np.testing.assert_allclose(capability_to_improve(draws, scores=[50.0, 60.0])["gain"], plain["gain"])


def test_draws_give_the_chance_that_each_capability_is_the_one():
    weight = np.array([[0.9, 0.3], [0.8, 0.4], [0.4, 0.6], [0.7, 0.5]])
    draws = lj.draws.as_draws(dict(offset=np.zeros(4), weight=weight), ranked_link_law(2))
    answer = capability_to_improve(draws, scores=[50.0, 60.0])
    np.testing.assert_allclose(answer.draws["best"].mean(axis=0), [0.75, 0.25])
    np.testing.assert_allclose(answer["best"], [1.0, 0.0])


@pytest.mark.parametrize(
    ("scores", "costs", "match"),
    [
        ([50.0], 1.0, "2 or more numbers"),
        ([50.0, 60.0], [1.0, 0.0], "must be positive"),
        ([50.0, 60.0], -1.0, "`costs`"),
    ],
)
def test_scores_and_costs_that_cannot_be_are_refused(scores, costs, match):
    with pytest.raises(lj.InputError, match=match):
        capability_to_improve(dict(offset=0.0, sharpness=0.1), scores=scores, costs=costs)


def test_a_law_of_something_else_is_refused():
    with pytest.raises(lj.InputError, match="laws of cross capabilities; the source is of 'chinchilla'"):
        capability_to_improve("hoffmann2022", scores=[50.0, 60.0])


@pytest.mark.parametrize("scores", [["a", "b"], None, "ab"])
def test_scores_that_are_no_numbers_are_refused(scores):
    with pytest.raises(lj.InputError, match="`scores` must be"):
        capability_to_improve(dict(offset=-5.0, sharpness=0.14), scores)
