"""Back-tests count what bands cover."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA, KAPLAN_ND


@pytest.fixture(scope="module")
def runs(truth):
    return lj.simulate(CHINCHILLA, truth, num_runs=80, noise=0.005, key=0)


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
    backtest = lj.backtest(KAPLAN_ND, runs, estimator="huber", num_cuts=3)
    assert backtest.relative_error.mean() > lj.backtest(CHINCHILLA, runs, num_cuts=3).relative_error.mean()
    assert "bands-too-narrow" in backtest.verdict.codes


def test_a_refit_below_a_cut_equals_a_fit_to_those_runs(runs):
    backtest = lj.backtest(CHINCHILLA, runs, along="N", estimator="huber", num_cuts=1)
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
        (lambda runs: lj.backtest(CHINCHILLA, runs.take(np.arange(4))), "has 4 runs below it"),
        (lambda runs: lj.backtest(CHINCHILLA, runs.take(np.arange(6)), estimator="huber"), "has 6 runs below it"),
        (lambda runs: lj.backtest(CHINCHILLA, runs, estimator="ols"), "unknown estimator 'ols'"),
        (lambda runs: lj.backtest(lj.laws.get("data-constrained"), runs), "epochs"),
        (lambda runs: lj.backtest(CHINCHILLA, runs, prob=1.0), "`prob` must lie between 0 and 1"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(runs, ask, message):
    with pytest.raises(lj.InputError, match=message):
        ask(runs)


def test_many_laws_estimators_and_tables_are_one_call(runs):
    tables = {"all": runs, "half": runs.take(np.arange(0, 80, 2))}
    found = lj.backtest([CHINCHILLA, KAPLAN_ND], tables, estimator=["student_t", "squared"], num_cuts=2)
    assert len(found) == 2 * 2 * 2 * 2
    assert set(found.contender) == {
        f"{law} [{way}]" for law in ("chinchilla", "kaplan-nd") for way in ("student_t", "squared")
    }


def test_a_table_is_judged_the_same_alone_and_among_others(runs):
    tables = {"all": runs, "half": runs.take(np.arange(0, 80, 2))}
    together = lj.backtest(CHINCHILLA, tables, num_cuts=2).rows_frame()
    alone = lj.backtest(CHINCHILLA, {"half": tables["half"]}, num_cuts=2).rows_frame()
    among = together[together["table"] == "half"]
    np.testing.assert_allclose(among["median"], alone["median"], rtol=1e-9)
    np.testing.assert_allclose(among["high"], alone["high"], rtol=1e-9)


def test_the_scores_of_a_cut_are_means_over_its_rows(runs):
    found = lj.backtest(CHINCHILLA, runs, num_cuts=2)
    rows = found.rows_frame()
    own = rows[rows["cut"] == found.cut[0]]
    assert found.relative_error[0] == pytest.approx(np.mean(np.abs(own["median"] / own["seen"] - 1)), rel=1e-12)
    assert found.coverage[0] == np.mean((own["low"] <= own["seen"]) & (own["seen"] <= own["high"]))


def test_rows_are_parted_by_how_far_beyond_the_cut_they_lie(runs):
    found = lj.backtest(CHINCHILLA, runs, num_cuts=3)
    parts = found.by_distance()
    assert parts["rows"].sum() == len(found.case)
    assert parts["width"].iloc[-1] > parts["width"].iloc[0]
