"""Bands that cover what they say, and honest words about extrapolation."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA


@pytest.fixture(scope="module")
def runs(truth):
    return lj.simulate(CHINCHILLA, truth, num_runs=100, noise=0.01, key=0)


@pytest.fixture(scope="module")
def draws(runs):
    return lj.bootstrap(lj.fit(CHINCHILLA, runs, loss="squared"), num=200, key=0)


def test_published_coefficients_give_the_worked_number():
    predicted = lj.predict(lj.laws.published("hoffmann2022"), {"N": 70e9, "D": 1.4e12})
    expected = 1.69 + 406.4 / 70e9**0.34 + 410.7 / 1.4e12**0.28
    assert predicted.median[0] == pytest.approx(expected, rel=1e-12)


def test_a_band_for_new_runs_covers_fresh_runs_as_often_as_it_says(truth, draws):
    fresh = lj.simulate(CHINCHILLA, truth, num_runs=2000, noise=0.01, key=9)
    band = lj.predict(draws, {"N": fresh["N"], "D": fresh["D"]}, kind="new_run", prob=0.9)
    covered = np.mean((band.low <= fresh["loss"]) & (fresh["loss"] <= band.high))
    assert 0.86 < covered < 0.95


def test_a_band_for_the_mean_is_narrower_than_one_for_a_new_run(draws):
    mean, new = (lj.predict(draws, {"N": 1e9, "D": 1e10}, kind=kind) for kind in ("mean", "new_run"))
    assert mean.high[0] - mean.low[0] < 0.5 * (new.high[0] - new.low[0])


def test_a_fit_gives_a_band_of_about_the_bootstraps_width(runs, draws):
    fit = lj.fit(CHINCHILLA, runs, loss="squared")
    ours, theirs = (lj.predict(source, {"N": 1e11, "D": 1e13}) for source in (fit, draws))
    assert (ours.high - ours.low)[0] == pytest.approx((theirs.high - theirs.low)[0], rel=0.4)


def test_how_far_a_prediction_reaches_is_said(draws):
    inside, far = lj.predict(draws, {"N": 1e9, "D": 1e10}), lj.predict(draws, {"N": 1e12, "D": 1e10})
    assert inside.extrapolation[0] == 1.0
    assert far.extrapolation[0] == pytest.approx(100.0, rel=1e-6)
    assert "extrapolation" in far.verdict.codes


def test_one_set_of_parameters_says_that_it_has_no_band(truth):
    predicted = lj.predict(truth, {"N": 1e9, "D": 1e10}, law=CHINCHILLA)
    assert predicted.low[0] == predicted.high[0]
    assert "no-uncertainty" in predicted.verdict.codes


def test_many_rows_are_evaluated_in_parts_with_the_same_result(draws, monkeypatch):
    inputs = {"N": np.geomspace(1e8, 1e10, 50), "D": 1e10}
    whole = lj.predict(draws, inputs)
    monkeypatch.setattr("lawjax.prediction.MAX_CELLS", 200 * 7)
    np.testing.assert_array_equal(lj.predict(draws, inputs).median, whole.median)


@pytest.mark.parametrize(
    ("inputs", "choices", "message"),
    [
        ({"N": 1e9}, {}, r"missing \['D'\]"),
        ({"N": 1e9, "D": 1e9, "Q": 1}, {}, r"not known \['Q'\]"),
        ({"N": -1, "D": 1e9}, {}, "`N` must be positive .parameters., got -1"),
        ({"N": "big", "D": 1e9}, {}, "`N` must be numbers, got 'big'"),
        ({"N": [1e9, 2e9], "D": [1e9, 2e9, 3e9]}, {}, "`N` has 2 rows, other inputs have 3"),
        ({"N": [], "D": 1e9}, {}, "`N` is empty"),
        ({"N": 1e9, "D": 1e9}, {"kind": "run"}, "unknown kind of band 'run'"),
        ({"N": 1e9, "D": 1e9}, {"prob": 1.0}, "`prob` must lie between 0 and 1"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(draws, inputs, choices, message):
    with pytest.raises(lj.InputError, match=message):
        lj.predict(draws, inputs, **choices)


def test_a_new_run_needs_to_know_the_scatter_of_runs():
    with pytest.raises(lj.InputError, match="how single runs scatter is not known"):
        lj.predict(lj.laws.published("hoffmann2022"), {"N": 1e9, "D": 1e10}, kind="new_run")


def test_plain_parameters_need_their_law(truth):
    with pytest.raises(lj.InputError, match="pass law="):
        lj.predict(truth, {"N": 1e9, "D": 1e10})


def test_ratios_that_do_not_sum_to_one_are_refused():
    def mixing(ratio, *, c, t):
        return c + ratio @ t

    law = lj.Law(
        mixing,
        response="loss",
        inputs={"ratio": lj.Variable(kind="simplex", size=3)},
        params={"c": lj.positive(0.5, 3), "t": lj.real(-3, 3, size=3)},
    )
    params = {"c": 1.0, "t": np.ones(3)}
    assert lj.predict(params, {"ratio": [0.2, 0.3, 0.5]}, law=law).median[0] == pytest.approx(2.0)
    with pytest.raises(lj.InputError, match="must lie from 0 to 1"):
        lj.predict(params, {"ratio": [20, 30, 50]}, law=law)
    with pytest.raises(lj.InputError, match=r"`t` must have the shape \(3,\)"):
        lj.predict({"c": 1.0, "t": 2.0}, {"ratio": [0.2, 0.3, 0.5]}, law=law)
    with pytest.raises(lj.InputError, match="needs its number of entries"):
        lj.Variable(kind="simplex")


def test_a_floor_that_went_to_zero_leaves_no_gap_in_the_band():
    x = np.geomspace(1e3, 1e6, 12)
    wiggle = np.exp(0.01 * np.random.default_rng(0).standard_normal(12))
    fit = lj.fit(lj.laws.POWER_LAW_FLOOR, lj.Runs.from_columns(x=x, loss=wiggle * (9 * x**-0.3 - 0.05)))
    assert "E" in fit.edges
    band = lj.predict(fit, {"x": [1e4, 1e7, 1e9]}, kind="new_run")
    assert np.all(np.isfinite([band.low, band.median, band.high]))
    assert np.all(band.low < band.high)
