"""How many labels a target needs."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import labels_for_accuracy
from lawjax.laws import FEW_SHOT_ERROR, FEW_SHOT_ERROR_SHIFTED, PASS_RATE

SOURCES = [
    pytest.param(FEW_SHOT_ERROR, dict(e=0.05, a=0.6, c=0.2), id="plain"),
    pytest.param(FEW_SHOT_ERROR_SHIFTED, dict(e=0.05, a=0.9, n0=40.0, c=0.25), id="shifted"),
]


@pytest.mark.parametrize(("law", "params"), SOURCES)
def test_the_law_gives_the_accuracy_at_the_labels_that_it_asks_for(law, params):
    labels = labels_for_accuracy(params, 0.8)["labels"]
    with jax.enable_x64(True):
        assert float(law(labels, **params)) == pytest.approx(0.2)


def test_a_pass_rate_is_reached_where_its_log_odds_are():
    labels = labels_for_accuracy(dict(a=-4.0, b=0.4), 0.38)["labels"]
    with jax.enable_x64(True):
        assert float(PASS_RATE(labels, a=-4.0, b=0.4)) == pytest.approx(0.38)


def test_a_model_that_is_good_enough_untuned_needs_no_labels():
    assert labels_for_accuracy(dict(e=0.05, a=0.9, n0=1e4, c=0.5), 0.9)["labels"] == 0.0


def test_draws_with_a_floor_above_the_wanted_error_count_against_the_chance():
    draws = dict(e=np.array([0.0, 0.1, 0.25, 0.3]), a=np.full(4, 0.8), c=np.full(4, 0.25))
    answer = labels_for_accuracy(draws, 0.8)
    assert answer.share_answered == 0.5
    assert "no-answer" in answer.verdict.codes
    np.testing.assert_allclose(answer.draws["labels"][:2], [4.0**4, 8.0**4])
    assert np.mean(answer.draws["labels"] <= 1000) == 0.25


def test_an_accuracy_in_per_cent_is_refused():
    with pytest.raises(lj.InputError, match="`accuracy` must lie between 0 and 1, got 80"):
        labels_for_accuracy(dict(e=0.05, a=0.6, c=0.2), 80)
