"""How many languages to train in."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import languages_for_gain, monolingual_gap


@pytest.mark.parametrize(("gain", "languages"), [(0.5, 1), (1.0, 1), (2.0, 4), (2.01, 5), (3.0, 9)])
def test_the_fewest_languages_reach_the_transfer(gain, languages):
    answer = languages_for_gain(dict(alpha=1.0, beta=0.5), gain)
    assert answer["languages"] == languages
    assert answer["transfer"] >= gain - 1e-12


def test_one_language_falls_short_of_the_law_by_the_gap_with_its_interval():
    draws = dict(alpha=np.array([0.9, 1.0, 1.1]), beta=np.array([0.4, 0.5, 0.6]))
    answer = monolingual_gap(draws, measured=0.7)
    assert answer["gap"] == pytest.approx(0.3)
    assert answer.interval("gap", 0.8) == pytest.approx((0.22, 0.38))


def test_where_one_language_stands_in_the_count_is_the_users_to_say():
    assert monolingual_gap(dict(alpha=1.0, beta=0.5), 1.0, X=4.0)["gap"] == pytest.approx(1.0)


def test_a_gain_that_is_not_positive_is_refused():
    with pytest.raises(lj.InputError, match="`gain` must be positive"):
        languages_for_gain(dict(alpha=1.0, beta=0.5), 0.0)
