"""A near-flat direction reads as what it does to the parameters."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting.transforms import to_line
from lawjax.fitting.words import tradeoff_words

POSITIVE, REAL, SHARE = lj.positive(0.1, 10), lj.real(-5, 5), lj.unit_interval()


def test_a_scale_and_its_exponent_are_told_with_their_ratios():
    words = tradeoff_words(("A", "alpha", "E"), (POSITIVE,) * 3, (400.0, 0.34, 1.7), (0.9, 0.3, -0.05))
    assert words == (
        "`A`, `alpha` and `E` trade off: raising `A` by 10 % can be offset by raising `alpha` by 3.2 % and lowering "
        "`E` by 0.53 %"
    )


def test_the_ratios_are_those_of_one_step_along_the_direction():
    # ln 1.1 along the first, so -0.5 ln 1.1 along the second: 1 / sqrt(1.1) is 4.65 % less than 1.
    words = tradeoff_words(("a", "b"), (POSITIVE,) * 2, (1.0, 1.0), (2.0, -1.0))
    assert words.endswith("raising `a` by 10 % can be offset by lowering `b` by 4.7 %")


@pytest.mark.parametrize("factor", [-1.0, 7.0])
def test_neither_length_nor_sign_of_the_direction_counts(factor):
    direction = np.array([0.3, -0.9, 0.1])
    told = (("a", "b", "c"), (POSITIVE, SHARE, REAL), (2.0, 0.4, -1.0))
    assert tradeoff_words(*told, factor * direction) == tradeoff_words(*told, direction)


def test_a_value_between_edges_is_told_as_a_difference_that_stays_inside():
    words = tradeoff_words(("a", "share"), (POSITIVE, SHARE), (2.0, 0.9), (1.0, 0.5))
    moved = 1 / (1 + np.exp(-(to_line(SHARE, np.float64(0.9)) + 0.5 * np.log(1.1))))
    assert words.endswith("raising `share` by 0.0042")
    assert moved - 0.9 == pytest.approx(0.0042, abs=5e-5)


def test_a_value_on_the_whole_line_is_told_as_a_difference():
    words = tradeoff_words(("middle", "slope"), (REAL, POSITIVE), (0.0, 3.0), (1.0, -0.2))
    assert (
        words == "`middle` and `slope` trade off: raising `middle` by 0.10 can be offset by lowering `slope` by 2.0 %"
    )


def test_a_parameter_above_an_edge_that_is_not_zero_is_told_as_a_difference():
    above_one = lj.Param(2.0, 5.0, edges=(1.0, np.inf))
    words = tradeoff_words(("a", "b"), (POSITIVE, above_one), (1.0, 3.0), (1.0, 1.0))
    assert words.endswith("raising `b` by 0.20")


def test_a_direction_of_one_parameter_says_that_it_is_not_seen():
    words = tradeoff_words(("a", "b[1]"), (POSITIVE,) * 2, (1.0, 2.0), (0.001, -1.0))
    assert words == "`b[1]` is hardly seen: raising `b[1]` by 10 % changes almost nothing"


def test_of_many_parameters_the_largest_four_are_named_the_largest_first():
    words = tradeoff_words("abcdef", (POSITIVE,) * 6, np.ones(6), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6))
    assert words.startswith("`f`, `e`, `d` and `c` trade off: raising `f` by 10 %")
    assert "`b`" not in words
