"""How many samples to draw."""

import numpy as np
import pytest
from scipy import special

import lawjax as lj
from lawjax.decisions import best_number_of_samples, samples_for_coverage

MODEL = "shypula2023-codellama-improved"
COUNTS = np.arange(1, 5000)


def coverage(k, a, b):
    return -np.expm1(special.betaln(a, b + k) - special.betaln(a, b))


@pytest.mark.parametrize("target", [0.1, 0.3187, 0.44, 0.5633, 0.6, 0.7483, 0.9])
def test_the_fewest_samples_are_those_of_a_search_by_hand(target):
    params = lj.laws.published(MODEL).params
    answer = samples_for_coverage(MODEL, target)
    assert answer["samples"] == COUNTS[coverage(COUNTS, **params) >= target][0]
    assert answer["coverage"] >= target


@pytest.mark.parametrize("cost", [0.5, 0.2, 0.05, 0.01, 0.001])
def test_the_best_number_is_that_of_a_search_by_hand(cost):
    params = lj.laws.published(MODEL).params
    answer = best_number_of_samples(MODEL, value=1.0, cost=cost)
    counts = np.arange(5000)
    net = coverage(counts, **params) - cost * counts
    assert answer["samples"] == counts[np.argmax(net)]
    assert answer["net"] == pytest.approx(net.max(), abs=1e-9)


def test_samples_that_cost_more_than_they_bring_are_not_drawn():
    answer = best_number_of_samples(MODEL, value=1.0, cost=0.4)
    assert (answer["samples"], answer["coverage"], answer["net"]) == (0.0, 0.0, 0.0)


def test_problems_that_no_number_of_samples_solves_leave_a_draw_without_an_answer():
    draws = dict(a=np.array([0.4, 0.5, 0.01]), b=np.array([0.9, 0.9, 0.9]))
    answer = samples_for_coverage(draws, 0.9)
    assert answer.share_answered == pytest.approx(2 / 3)
    assert "no-answer" in answer.verdict.codes
    assert np.isnan(answer.draws["samples"][2])


@pytest.mark.parametrize("target", [0.0, 1.0, 50.0])
def test_a_target_that_is_no_share_is_refused(target):
    with pytest.raises(lj.InputError, match="`target` must lie between 0 and 1"):
        samples_for_coverage(MODEL, target)


@pytest.mark.parametrize("name", ["value", "cost"])
def test_a_value_or_cost_that_is_not_positive_is_refused(name):
    with pytest.raises(lj.InputError, match=f"`{name}` must be positive"):
        best_number_of_samples(MODEL, **{"value": 1.0, "cost": 0.1, name: 0.0})
