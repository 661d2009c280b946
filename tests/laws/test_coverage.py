"""Repeated sampling: the beta-binomial curve and the unbiased estimates of best and pass at k."""

import itertools
import math

import jax
import numpy as np
import pytest
from scipy import stats

import lawjax as lj
from lawjax.laws import COVERAGE, best_at_k, pass_at_k, published
from lawjax.laws.downstream.coverage import log_unsolved

NAMES = ("codellama-improved", "gpt35-improved", "codellama-correct", "gpt35-correct")


def coverage(k, **params):
    with jax.enable_x64(True):
        return float(COVERAGE(k, **params))


@pytest.mark.parametrize(
    ("name", "k", "expected"),
    [
        ("codellama-improved", 2, 0.4436),
        ("codellama-improved", 4, 0.5633),
        ("codellama-improved", 16, 0.7483),
        ("gpt35-improved", 2, 0.6286),
        ("gpt35-improved", 4, 0.7754),
        ("gpt35-improved", 16, 0.936),
        ("gpt35-improved", 40, 0.975),
    ],
)
def test_two_published_points_give_the_curve_between_and_beyond(name, k, expected):
    assert coverage(float(k), **published(f"shypula2023-{name}").params) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("name", NAMES)
def test_equal_problems_would_make_eight_samples_worth_far_more_than_they_are(name):
    once, eight = (case.value for case in published(f"shypula2023-{name}").worked[:2])
    assert 1 - (1 - once) ** 8 > eight + 0.04
    assert coverage(8.0, **published(f"shypula2023-{name}").params) == pytest.approx(eight, abs=1e-4)


def test_the_row_of_forty_pooled_samples_is_not_coverage_at_forty():
    assert coverage(40.0, **published("shypula2023-gpt35-improved").params) < 0.98  # the page prints 99.80 %


def test_one_attempt_solves_the_mean_and_problems_that_are_alike_follow_the_geometric_curve():
    assert coverage(1.0, a=0.6, b=1.8) == pytest.approx(0.25)
    assert coverage(5.0, a=0.3e6, b=0.7e6) == pytest.approx(1 - 0.7**5, rel=1e-4)


def test_coverage_is_the_mean_over_problems_of_solving_each_once():
    p = stats.beta(0.7, 1.9)
    expected = p.expect(lambda x: 1 - (1 - x) ** 12)
    assert coverage(12.0, a=0.7, b=1.9) == pytest.approx(expected, rel=1e-6)


def test_what_is_left_unsolved_falls_as_a_power_of_the_attempts():
    left = [1 - coverage(k, a=0.4, b=0.9) for k in (1e4, 1e5)]
    assert np.log10(left[0] / left[1]) == pytest.approx(0.4, abs=1e-3)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_estimates_are_the_averages_over_every_choice_of_k_samples(k):
    values = np.array([1.0, 1.0, 2.5, 0.5, 4.0])
    correct = np.array([0, 1, 0, 1, 0])
    chosen = [list(choice) for choice in itertools.combinations(range(5), k)]
    with jax.enable_x64(True):
        best, passed = float(best_at_k(values, k)), float(pass_at_k(5, correct.sum(), k))
    assert best == pytest.approx(np.mean([values[choice].max() for choice in chosen]))
    assert passed == pytest.approx(np.mean([correct[choice].any() for choice in chosen]))


def test_pass_at_k_averaged_over_problems_is_coverage():
    correct = stats.betabinom(20, 0.6, 1.2).rvs(20_000, random_state=np.random.default_rng(0))
    counts = np.bincount(correct, minlength=21)
    with jax.enable_x64(True):
        estimates = [float(pass_at_k(20, c, 8)) for c in range(21)]
    assert counts @ estimates / len(correct) == pytest.approx(coverage(8.0, a=0.6, b=1.2), abs=0.008)


@pytest.mark.parametrize("estimate", [lambda: pass_at_k(5, 2, 6), lambda: best_at_k([1.0, 2.0], 3)])
def test_more_samples_than_there_are_is_refused(estimate):
    with pytest.raises(lj.InputError, match="`k` must be a whole number from 1 to"):
        estimate()


@pytest.mark.parametrize("k", [1, 7, 8, 12, 15, 16, 40, 300])
def test_the_attempts_left_unsolved_are_the_product_over_attempts(k):
    a, b = 0.4319, 0.9233
    by_hand = math.prod((b + i) / (a + b + i) for i in range(k))
    assert coverage(float(k), a=a, b=b) == pytest.approx(1 - by_hand, rel=1e-13)


@pytest.mark.parametrize("k", [1e6, 1e8, 1e30])
@pytest.mark.parametrize("wide", [True, False])
def test_many_attempts_leave_a_power_unsolved_in_either_precision(k, wide):
    a, b = 0.5, 2.0
    with jax.enable_x64(wide):
        found = float(log_unsolved(k, a, b))
    # The next term of the series is a (a + 2 b - 1) / 2 k.
    limit = math.lgamma(a + b) - math.lgamma(b) - a * math.log(k)
    assert found == pytest.approx(limit, abs=2.0 * a / k + (1e-13 if wide else 1e-6) * abs(limit))
