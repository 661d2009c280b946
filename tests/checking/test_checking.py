"""Laws are told apart by what they predict, and back-tests count what bands cover."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA, COUPLED, KAPLAN_ND


@pytest.fixture(scope="module")
def runs(truth):
    return lj.simulate(CHINCHILLA, truth, num_runs=80, noise=0.005, key=0)


def test_the_law_that_made_the_runs_beats_one_without_a_floor(runs):
    comparison = lj.compare([lj.fit(KAPLAN_ND, runs), lj.fit(CHINCHILLA, runs)])
    assert comparison.laws == ("chinchilla", "kaplan-nd")
    assert "clear-winner" in comparison.verdict.codes


def test_a_law_that_contains_the_true_one_cannot_be_told_from_it(runs):
    comparison = lj.compare([lj.fit(CHINCHILLA, runs), lj.fit(COUPLED, runs)])
    assert "indistinguishable" in comparison.verdict.codes


def test_posteriors_are_compared_by_leave_one_out(runs):
    size = {"num_draws": 200, "num_warmup": 200, "num_chains": 2}
    comparison = lj.compare([lj.sample(law, runs, **size) for law in (KAPLAN_ND, CHINCHILLA)])
    assert comparison.laws == ("chinchilla", "kaplan-nd")
    assert comparison.held_out[0] < comparison.held_out[1]
    assert "clear-winner" in comparison.verdict.codes


def test_a_cut_never_splits_a_group(truth):
    design = {"N": np.repeat(np.geomspace(1e7, 1e10, 10), 6), "D": np.tile(np.geomspace(1e9, 1e12, 6), 10)}
    clean = lj.simulate(CHINCHILLA, truth, design, noise=0.002, key=0)
    grouped = lj.Runs.from_columns(**design, loss=clean["loss"], group=np.repeat(np.arange(10), 6))
    backtest = lj.backtest(CHINCHILLA, grouped, num_cuts=3)
    assert np.all(backtest.num_train % 6 == 0)


def test_a_back_test_of_the_true_law_is_accurate_and_covers(runs):
    backtest = lj.backtest(CHINCHILLA, runs, num_cuts=3)
    assert backtest.relative_error.max() < 0.03
    assert np.all(np.diff(backtest.num_train) > 0)
    assert np.all(backtest.num_train + backtest.num_test == 80)
    assert 0.6 < backtest.coverage.mean() <= 1.0


def test_a_back_test_of_a_wrong_law_says_that_its_bands_are_too_narrow(runs):
    backtest = lj.backtest(KAPLAN_ND, runs, num_cuts=3)
    assert backtest.relative_error.mean() > lj.backtest(CHINCHILLA, runs, num_cuts=3).relative_error.mean()
    assert "bands-too-narrow" in backtest.verdict.codes


def test_a_refit_below_a_cut_equals_a_fit_to_those_runs(runs):
    backtest = lj.backtest(CHINCHILLA, runs, along="N", num_cuts=1)
    below = np.asarray(runs["N"]) <= backtest.cut[0]
    alone = lj.fit(CHINCHILLA, runs.take(below))
    above = {name: np.asarray(runs[name])[~below] for name in ("N", "D")}
    error = np.mean(np.abs(lj.predict(alone.point, above).median / np.asarray(runs["loss"])[~below] - 1))
    assert backtest.relative_error[0] == pytest.approx(error, rel=1e-4)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda runs: lj.backtest(CHINCHILLA, runs, along="date"), "have no column `date` to cut"),
        (lambda runs: lj.backtest(CHINCHILLA, runs, num_cuts=0), "`num_cuts` must be a whole number above 0"),
        (lambda runs: lj.backtest(CHINCHILLA, runs.take(np.arange(9))), "runs lie below the lowest cut"),
        (lambda runs: lj.compare([lj.fit(CHINCHILLA, runs)]), "two or more fits, or two or more posteriors"),
        (
            lambda runs: lj.compare([lj.fit(CHINCHILLA, runs), lj.fit(CHINCHILLA, runs.take(np.arange(70)))]),
            "results for the same runs",
        ),
        (
            lambda runs: lj.compare([lj.fit(CHINCHILLA, runs), lj.fit(COUPLED, runs, residual="raw")]),
            "one residual space",
        ),
    ],
)
def test_a_wrong_question_is_refused_with_advice(runs, ask, message):
    with pytest.raises(lj.InputError, match=message):
        ask(runs)
