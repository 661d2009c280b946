"""Forecasts are right about curves that follow a law, and say so of curves that follow none."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.forecasting.averaging import backtest_weights
from lawjax.forecasting.calibrating import Misses, widenings
from lawjax.laws import CHINCHILLA, POWER_LAW, POWER_LAW_FLOOR

D = np.geomspace(1e6, 1e9, 10)
FLOOR = dict(E=1.7, A=60.0, alpha=0.25)


def falling(noise=0.002, seed=0):
    wiggle = np.exp(noise * np.random.default_rng(seed).standard_normal(len(D)))
    return lj.Runs.from_columns(D=D, loss=wiggle * (FLOOR["E"] + FLOOR["A"] * D ** -FLOOR["alpha"]))


@pytest.fixture(scope="module")
def curve():
    return falling()


@pytest.fixture(scope="module")
def found(curve):
    return lj.forecast(curve, {"D": [1e10, 1e11]})


def test_a_curve_with_a_floor_is_forecast_a_hundred_times_beyond(found):
    truth = FLOOR["E"] + FLOOR["A"] * np.array([1e10, 1e11]) ** -FLOOR["alpha"]
    np.testing.assert_allclose(found.median, truth, rtol=0.05)
    assert np.all((found.low < truth) & (truth < found.high))
    assert np.ptp(np.log([found.low[1], found.high[1]])) > np.ptp(np.log([found.low[0], found.high[0]]))


def test_it_says_how_far_it_reaches_and_how_it_did_before(found):
    np.testing.assert_allclose(found.beyond, [10.0, 100.0])
    assert found.past.num_origins >= 4
    assert found.past.relative_error < 0.02 < found.past.persistence_error
    assert found.weights.sum() == pytest.approx(1.0)


def test_a_forecast_alone_is_the_one_in_a_batch(curve, found):
    """To what rounding makes of the sampler's moves, which is far inside the band."""
    together = lj.forecast_each({"other": falling(seed=1), "own": curve}, {"D": [1e10, 1e11]})
    half = (found.high - found.low) / 2
    np.testing.assert_array_less(np.abs(together["own"].median - found.median), 0.1 * half)


def test_the_same_call_gives_the_same_bytes(curve, found):
    again = lj.forecast(curve, {"D": [1e10, 1e11]})
    assert again.to_dict() == found.to_dict()


def test_the_run_with_the_lower_curve_is_the_one_to_let_go_on(curve):
    worse = lj.Runs.from_columns(D=D, loss=1.1 * np.asarray(curve["loss"]))
    shares = lj.forecast_each({"better": curve, "worse": worse}, {"D": 1e10}).prob_best()
    assert shares["better"] > 0.9
    assert sum(shares.values()) == pytest.approx(1.0)


def test_the_order_of_the_rows_is_nothing(curve, found):
    turned = lj.forecast(curve.take(np.arange(len(D))[::-1]), {"D": [1e10, 1e11]})
    np.testing.assert_allclose(turned.median, found.median, rtol=0.02)


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_units_of_the_loss_are_nothing(curve, found, factor):
    scaled = lj.Runs.from_columns(D=D, loss=factor * np.asarray(curve["loss"]))
    np.testing.assert_allclose(lj.forecast(scaled, {"D": [1e10, 1e11]}).median / factor, found.median, rtol=0.03)


def test_a_score_is_forecast_as_its_distance_from_one(curve):
    score = 1 - np.asarray(curve["loss"]) / 10
    turned = lj.forecast(lj.Runs.from_columns(D=D, accuracy=score), {"D": 1e10})
    straight = lj.forecast(lj.Runs.from_columns(D=D, loss=1 - score), {"D": 1e10})
    assert turned.response == "accuracy"
    assert "score" in turned.verdict.codes
    np.testing.assert_allclose(turned.median, 1 - straight.median, rtol=1e-6)
    assert turned.low[0] < turned.median[0] < turned.high[0]


def test_several_curves_of_one_table_are_forecast_by_a_column(curve):
    both = {name: np.concatenate([np.asarray(curve[name])] * 2) for name in ("D", "loss")}
    runs = lj.Runs.from_columns(**both, recipe=np.repeat([1.0, 2.0], len(D)))
    found = lj.forecast_each(runs, {"D": 1e10}, by="recipe")
    assert list(found) == [1.0, 2.0]
    assert found[1.0].median[0] == found[2.0].median[0]
    assert len(found.to_frame()) == 2


def curve_of(loss, x=None):
    return lj.Runs.from_columns(D=np.geomspace(1e6, 1e9, len(loss)) if x is None else x, loss=loss)


TREND = 3.0 * np.geomspace(1e6, 1e9, 12) ** -0.05
HARD = {
    "not-monotone": curve_of(np.concatenate([TREND[:6], TREND[:6] * 1.0]) * np.repeat([1.0, 0.98], 6)),
    "one-place": curve_of([3.0, 3.1, 2.9, 3.05], x=[1e6] * 4),
    "flat": curve_of(np.full(8, 2.5)),
    "few-runs": curve_of([3.0, 2.7, 2.5]),
    "jump": curve_of(TREND * np.repeat([1.0, 0.5], 6)),
    "rising": curve_of(3.0 * np.geomspace(1e6, 1e9, 8) ** 0.05),
}


@pytest.mark.parametrize("code", HARD)
def test_a_curve_that_follows_no_law_is_said_to_follow_none(code):
    found = lj.forecast(HARD[code], {"D": 1e10})
    assert code in found.verdict.codes
    assert np.all(np.isfinite([found.median, found.low, found.high]))


def test_a_sound_curve_has_no_such_note(found):
    assert not set(found.verdict.codes) & set(HARD)


def test_a_single_run_that_is_off_is_no_rise_and_moves_the_middle_within_the_band(curve, found):
    loss = np.array(curve["loss"])
    loss[4] *= 1.5
    off = lj.forecast(lj.Runs.from_columns(D=D, loss=loss), {"D": [1e10, 1e11]})
    assert not set(off.verdict.codes) & set(HARD)
    assert np.all((found.low < off.median) & (off.median < found.high))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda runs: lj.forecast(runs, {"N": 1e9}), r"the target names \['N'\], which the runs have not"),
        (lambda runs: lj.forecast(runs, {}), "`target` must be a dict of inputs"),
        (lambda runs: lj.forecast(runs, {"D": -1.0}), "the target's `D` must be positive and finite"),
        (lambda runs: lj.forecast(runs, {"D": 1e9}, response="bpb"), "the runs have no column 'bpb'"),
        (lambda runs: lj.forecast(runs, {"D": 1e9}, laws=[CHINCHILLA]), "has the inputs"),
        (lambda runs: lj.forecast(runs, {"D": 1e9}, kind="both"), "unknown kind of band 'both'"),
        (lambda runs: lj.forecast(runs, {"D": 1e9}, prob=90), "`prob` must lie between 0 and 1"),
        (lambda runs: lj.forecast(runs, {"D": 1e9}, recency=-1.0), "`recency` must be a number from 0 up"),
        (lambda runs: lj.forecast(runs.take(np.arange(2)), {"D": 1e9}), "a forecast needs 3 runs or more, got 2"),
        (lambda runs: lj.forecast(runs, {"D": 1e9}, through="loss"), "needs the score's column as `response`"),
        (lambda runs: lj.forecast(curve_of(np.linspace(2, -1, 6)), {"D": 1e9}), "got -0.4 in row 5"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(curve, ask, message):
    with pytest.raises(lj.InputError, match=message):
        ask(curve)


def test_a_forecast_comes_back_from_a_file(found, tmp_path):
    again = lj.load(found.save(tmp_path / "forecast.json"))
    assert again.to_dict() == found.to_dict()


def test_a_score_goes_through_the_loss_that_it_depends_on(truth):
    runs = lj.simulate(CHINCHILLA, truth, num_runs=40, noise=0.002, key=0)
    score = lambda loss: 0.25 + 0.7 / (1 + np.exp(4 * (loss - 2.6)))
    columns = {name: np.asarray(runs[name]) for name in ("N", "D", "loss")}
    table = lj.Runs.from_columns(**columns, accuracy=score(columns["loss"]))
    target = {"N": 3e11, "D": 6e12}
    found = lj.forecast(table, target, response="accuracy", through="loss")
    real = score(float(CHINCHILLA(target["N"], target["D"], **truth)))
    assert found.low[0] <= real <= found.high[0]
    assert found.median[0] == pytest.approx(real, rel=0.02)


def test_more_right_past_means_more_weight():
    scores = [np.array([[2.0, 2.0], [1.0, 1.0], [-5.0, 0.0]])] * 3
    weights = backtest_weights(scores, np.zeros(3))
    assert weights[0] > weights[1] > weights[2]
    np.testing.assert_allclose(weights[0] / weights[1], np.exp(0.5 * 3 * np.sqrt(2)))


def test_a_band_is_widened_by_what_comparably_far_runs_show_and_never_narrowed():
    near, far = np.full(20, 0.1), np.full(20, 3.0)
    misses = Misses(np.concatenate([near, far]), np.concatenate([np.full(20, 0.2), np.full(20, 2.0)]))
    np.testing.assert_allclose(widenings(misses, np.array([3.0, 30.0]), 0.9), [2.0, 2.0])
    np.testing.assert_allclose(widenings(Misses(near, np.full(20, 0.2)), np.array([0.1]), 0.9), [1.0])


def test_the_runs_of_hoffmann_are_forecast_within_one_percent(hoffmann_245):
    """Target of the whole room: mean relative error at most 1 %, 80 to 97 % in the band, twice the residuals wide."""
    size, tokens, compute, loss = (np.asarray(hoffmann_245[name]) for name in ("N", "D", "C", "loss"))
    seen = compute < 1e21
    found = lj.forecast(hoffmann_245.take(seen), {"N": size[~seen], "D": tokens[~seen]})
    assert np.mean(np.abs(found.median / loss[~seen] - 1)) <= 0.01
    assert 0.8 <= np.mean((found.low <= loss[~seen]) & (loss[~seen] <= found.high)) <= 0.97
    spread = np.ptp(np.quantile(lj.fit(CHINCHILLA, hoffmann_245.take(seen)).residuals, [0.05, 0.95]))
    assert np.mean((found.high - found.low) / found.median) <= 2 * spread


def test_given_laws_are_the_ones_that_are_averaged(curve):
    found = lj.forecast(curve, {"D": 1e10}, laws=[POWER_LAW, POWER_LAW_FLOOR], average="evidence", widen=False)
    assert found.laws == ("power-law", "power-law-floor")
    assert found.weights[1] > 0.7
    np.testing.assert_array_equal(found.widening, 1.0)
