"""Decisions on rates, batches and drafts, against worked numbers."""

import csv
import math

import numpy as np
import pytest

import lawjax as lj
from lawjax import decisions
from lawjax.laws import LEARNING_RATE_BY_COMPUTE, LEARNING_RATE_BY_SIZE, SPECULATIVE_SPEEDUP


@pytest.fixture(scope="module")
def refits(shared_data):
    """Step Law's learning rate in the authors' 1000 bootstrap refits, as parameters of the law."""
    with open(shared_data / "steplaw" / "published_bootstrap_coefficients.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    intercept, size, tokens = (
        np.array([float(row[name]) for row in rows]) for name in ("lr_intercept", "lr_coefN", "lr_coefD")
    )
    return dict(c=np.exp(intercept), alpha=-size, beta=tokens)


@pytest.mark.parametrize(("N", "D", "rate"), [(1e9, 1e11, 1.632499e-3), (7e9, 1e12, 8.2662e-4)])
def test_the_rate_at_a_size_and_tokens_is_step_laws(N, D, rate):
    answer = decisions.best_learning_rate("li2025steplaw-rate", N=N, D=D)
    assert answer["learning_rate"] == pytest.approx(rate, rel=1e-4)


def test_batches_are_those_of_both_papers():
    assert decisions.best_batch("li2025steplaw-batch", D=1e11)["batch"] == pytest.approx(1107714.89, rel=1e-8)
    assert decisions.best_batch("tian2025-batch", C=1e20)["batch"] == pytest.approx(1346974.8, rel=1e-7)


def test_the_rate_at_a_compute_is_that_of_the_mixture_of_experts_law():
    answer = decisions.best_learning_rate("tian2025-rate", C=1e20)
    assert answer["learning_rate"] == pytest.approx(1.012881e-3, rel=1e-6)


def test_the_stored_refits_put_an_interval_about_the_rate(refits):
    answer = decisions.best_learning_rate(refits, N=1e9, D=1e11)
    low, high = answer.interval("learning_rate")
    by_hand = refits["c"] * 1e9 ** -refits["alpha"] * 1e11 ** refits["beta"]
    assert len(answer) == 1000
    assert answer["learning_rate"] == pytest.approx(np.median(by_hand), rel=1e-9)
    assert (low, high) == pytest.approx(tuple(np.quantile(by_hand, [0.05, 0.95])), rel=1e-9)
    assert low < 1.6325e-3 < high


@pytest.mark.parametrize(("p", "c", "g"), [(0.8, 0.1, 6), (0.9, 0.05, 13), (0.5, 0.1, 2), (0.3, 0.5, 0)])
def test_the_best_draft_length_beats_every_other(p, c, g):
    answer = decisions.draft_length(dict(p=p, c=c))
    speeds = [(1 - p ** (n + 1)) / (1 - p) / (n * c + 1) for n in range(33)]
    assert answer["g"] == g == int(np.argmax(speeds))
    assert answer["speedup"] == pytest.approx(max(speeds), rel=1e-9)


def test_a_short_limit_holds_the_draft_back():
    answer = decisions.draft_length(dict(p=0.95, c=0.01), longest=4)
    assert answer["g"] == 4.0


def test_draws_of_a_measured_speed_give_a_draft_length_each():
    truth = dict(p=0.8, c=0.1)
    runs = lj.simulate(SPECULATIVE_SPEEDUP, truth, {"g": np.repeat(np.arange(1.0, 13.0), 3)}, noise=0.02, key=4)
    fit = lj.fit(SPECULATIVE_SPEEDUP, runs, loss="squared", num_starts=8)
    answer = decisions.draft_length(lj.bootstrap(fit, num=40, key=5))
    assert len(answer) == 40
    assert set(answer.draws["g"]) <= {4.0, 5.0, 6.0, 7.0, 8.0}


def test_the_acceptance_needed_gives_the_speed_that_was_asked():
    p = decisions.acceptance_needed(dict(p=0.5, c=0.1), speedup=2.0, g=4)["p"]
    assert (1 - p**5) / (1 - p) / (4 * 0.1 + 1) == pytest.approx(2.0, rel=1e-9)


def test_a_draft_that_is_always_accepted_is_as_long_as_may_be():
    answer = decisions.draft_length(dict(p=1.0, c=0.1), longest=32)
    assert answer["g"] == 32.0
    assert answer["speedup"] == pytest.approx(33 / 4.2, rel=1e-12)


@pytest.mark.parametrize("speedup", [0.5, 1 / 1.4])
def test_a_speed_that_any_draft_reaches_needs_no_acceptance(speedup):
    assert decisions.acceptance_needed(dict(p=0.5, c=0.1), speedup=speedup, g=4)["p"] == 0.0


def test_the_most_speed_needs_every_token_accepted():
    answer = decisions.acceptance_needed(dict(p=0.5, c=0.1), speedup=5 / 1.4, g=4)
    assert answer["p"] == pytest.approx(1.0, abs=1e-9)


def test_a_speed_beyond_accepting_everything_needs_no_probability_there_is():
    answer = decisions.acceptance_needed(dict(p=0.5, c=0.1), speedup=4.0, g=4)
    assert math.isnan(answer["p"])
    assert "no-answer" in answer.verdict.codes


def test_draft_tokens_reach_the_accepted_length():
    source = dict(c0=-4.0, c1=0.2, c2=0.1, c3=-0.1)
    D = decisions.draft_tokens(source, accepted=3.0, N=1e9, B=8.0)["D"]
    assert -4.0 + 0.2 * math.log(D) + 0.1 * math.log(1e9) - 0.1 * math.log(8) == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize(
    ("ask", "match"),
    [
        (lambda: decisions.best_learning_rate("li2025steplaw-rate", N=1e9), "give `N` and `D`, or `C` alone"),
        (lambda: decisions.best_learning_rate("li2025steplaw-rate", C=1e20), LEARNING_RATE_BY_COMPUTE.name),
        (lambda: decisions.best_learning_rate("tian2025-rate", N=1e9, D=1e11), LEARNING_RATE_BY_SIZE.name),
        (lambda: decisions.best_learning_rate("li2025steplaw-rate", N=-1.0, D=1e11), "`N` must be positive"),
        (lambda: decisions.best_batch("li2025steplaw-batch"), "give `D` or `C`"),
        (lambda: decisions.draft_length(dict(p=0.8, c=0.1), longest=300), "`longest` must be a whole number"),
        (lambda: decisions.acceptance_needed(dict(p=0.8, c=0.1), speedup=0.0, g=4), "`speedup` must be"),
        (lambda: decisions.draft_tokens(dict(c0=0.0, c1=0.2, c2=0.1, c3=0.0), accepted=3.0, N=0.0), "`N` must be"),
        (
            lambda: decisions.draft_tokens(dict(c0=0.0, c1=0.2, c2=0.1, c3=0.0), accepted=[3.0, 4.0], N=1e9),
            "`accepted` must be one number",
        ),
        (lambda: decisions.acceptance_needed(dict(p=0.8, c=0.1), speedup="fast", g=4), "`speedup` must be a number"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(ask, match):
    with pytest.raises(lj.InputError, match=match):
        ask()
