"""Laws, and losses, are told apart by what they predict."""

import dataclasses
import json

import numpy as np
import pytest

import lawjax as lj
from lawjax.checking.entries import names_of
from lawjax.checking.target import Target
from lawjax.checking.telling import notes_of
from lawjax.laws import CHINCHILLA, COUPLED, KAPLAN_ND, POWER_LAW, POWER_LAW_FLOOR

TARGET = {"N": 1e11, "D": 2e12}


@pytest.fixture(scope="module")
def runs(truth):
    return lj.simulate(CHINCHILLA, truth, num_runs=80, noise=0.005, key=0)


@pytest.fixture(scope="module")
def fits(runs):
    return {law.name: lj.fit(law, runs) for law in (KAPLAN_ND, CHINCHILLA, COUPLED)}


@pytest.fixture(scope="module")
def posteriors(runs):
    size = {"num_draws": 200, "num_warmup": 200, "num_chains": 2}
    return [lj.sample(law, runs, **size) for law in (KAPLAN_ND, CHINCHILLA)]


@pytest.fixture(scope="module")
def three(fits):
    return lj.compare(list(fits.values()), at=TARGET)


def test_the_law_that_made_the_runs_beats_one_without_a_floor(fits):
    comparison = lj.compare([fits["kaplan-nd"], fits["chinchilla"]])
    assert comparison.laws == ("chinchilla", "kaplan-nd")
    assert "clear-winner" in comparison.verdict.codes


def test_a_law_that_contains_the_true_one_cannot_be_told_from_it(fits):
    comparison = lj.compare([fits["chinchilla"], fits["coupled"]])
    assert "indistinguishable" in comparison.verdict.codes


def test_the_verdict_names_how_far_behind_and_how_far_apart_at_the_target(three):
    level = [index for index, name in enumerate(three.laws) if name != "kaplan-nd"]
    apart = np.ptp(three.predicted[level])
    (note,) = [note for note in three.verdict if note.code == "indistinguishable"]
    assert f"behind by {three.behind[1]:.1e}, standard error {three.behind_se[1]:.1e}" in note.reason
    assert f"they differ by {float(f'{apart:.3g}'):g}" in note.reason
    assert "at N = 1.00e+11, D = 2.00e+12" in note.reason


def test_each_law_predicts_at_the_target_what_its_estimate_says_in_a_band_about_that_of_its_draws(three, fits):
    for name, *said in zip(three.laws, three.predicted, three.low, three.high, strict=True):
        alone = lj.predict(fits[name], TARGET)
        assert said[0] == pytest.approx(lj.predict(fits[name].point, TARGET).median[0], rel=1e-12)
        assert said[2] - said[1] == pytest.approx(alone.high[0] - alone.low[0], rel=0.25)


def test_a_law_with_a_parameter_at_its_edge_has_a_finite_band():
    runs = lj.datasets.load("bytelm")
    fit = lj.fit(COUPLED, runs)
    assert fit.edges == ("E",)
    found = lj.compare({"one": fit, "two": fit}, at={"N": 1e7, "D": 1e9})
    assert 0 < found.low[0] < found.predicted[0] < found.high[0] < 2


@pytest.mark.parametrize(("apart", "disagree"), [(0.3, True), (0.1, False)])
def test_laws_that_lie_further_apart_than_their_bands_are_wide_disagree(three, fits, apart, disagree):
    middle = np.array([2.0, 2.0 + apart, 9.0])
    target = Target({"N": np.array(1e11)}, middle, middle - 0.1, middle + 0.1, beyond=2.0)
    assert target.wider_than_bands(np.array([True, True, False])) == disagree
    level = dataclasses.replace(three, behind=np.array([0.0, 0.1, 9.0]), behind_se=np.array([0.0, 0.1, 0.1]))
    ordered = {name: fits[name] for name in three.laws}
    codes = [note.code for note in notes_of(level, ordered, target) if note.code == "laws-disagree"]
    assert codes == ["laws-disagree"] * disagree


def test_a_target_far_beyond_the_runs_is_noted(fits):
    far = lj.compare([fits["chinchilla"], fits["coupled"]], at={"N": 1e15, "D": 1e17})
    assert "extrapolation" in far.verdict.codes


def test_ranks_by_a_criterion_say_what_that_tells_apart(fits):
    comparison = lj.compare(fits, score="bic")
    assert comparison.laws[-1] == "kaplan-nd"
    assert np.all(np.diff(comparison.bic) >= 0)
    assert "ranked by BIC" in repr(comparison)
    assert "BIC" in comparison.verdict.notes[-1].reason or "BIC" in comparison.verdict.notes[0].reason


def test_a_robust_loss_predicts_held_out_runs_better_where_there_are_outliers(runs, fits):
    loss = np.asarray(runs["loss"]) * np.where(np.arange(80) % 10 == 0, 1.3, 1.0)
    spoilt = lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=loss)
    found = lj.compare([lj.fit(CHINCHILLA, spoilt, loss=loss) for loss in ("squared", "huber")])
    assert found.laws == ("chinchilla [huber(0.001)]", "chinchilla [squared]")


def with_choices(fit, **choices):
    """The fit as if it had been asked otherwise."""
    return dataclasses.replace(fit, choices=dataclasses.replace(fit.choices, **choices))


def test_results_are_named_by_what_tells_them_apart(fits):
    plain, coupled = fits["chinchilla"], fits["coupled"]
    squared, held = with_choices(plain, loss="squared"), with_choices(plain, fixed=(("E", 1.8),))
    assert names_of([plain, coupled]) == ["chinchilla", "coupled"]
    assert names_of([plain, squared, coupled]) == ["chinchilla [huber(0.001)]", "chinchilla [squared]", "coupled"]
    assert names_of([plain, held]) == ["chinchilla [plain]", "chinchilla [E=1.8]"]
    assert names_of([plain, plain]) == ["chinchilla #1", "chinchilla #2"]


def test_posteriors_are_compared_by_leave_one_out(posteriors):
    comparison = lj.compare(posteriors, at=TARGET)
    assert comparison.laws == ("chinchilla", "kaplan-nd")
    assert comparison.held_out[0] < comparison.held_out[1]
    assert comparison.ranked_by == "loo"
    assert comparison.aicc is None
    assert comparison.predicted.shape == (2,)
    assert "clear-winner" in comparison.verdict.codes


def test_criteria_of_grouped_rows_say_that_rows_are_no_independent_news(runs):
    columns = {name: np.asarray(runs[name]) for name in ("N", "D", "loss")}
    grouped = lj.Runs.from_columns(**columns, group=np.arange(80) // 4)
    fit = lj.fit(CHINCHILLA, grouped)
    found = lj.compare({"one": fit, "other": fit})
    (note,) = [note for note in found.verdict if note.code == "rows-of-groups"]
    assert "80 rows" in note.reason
    assert "20 groups" in note.reason


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_saved_comparison_keeps_target_and_criteria(three, tmp_path, suffix):
    again = lj.load(three.save(tmp_path / f"comparison{suffix}"))
    assert repr(again) == repr(three)
    assert again.to_dict() == three.to_dict()
    np.testing.assert_array_equal(again.aicc, three.aicc)


def test_the_record_is_plain_data(three):
    record = json.loads(json.dumps(three.to_dict(), allow_nan=False))
    assert record["at"] == TARGET
    assert set(record["laws"][0]) >= {"law", "held_out", "aicc", "delta_aicc", "akaike", "bic", "predicted", "low"}


def other_runs(fit):
    """The fit as if it had been to fewer runs."""
    return dataclasses.replace(fit, runs=fit.runs.take(np.arange(70)))


def in_one_group(fit):
    """The fit as if all its rows came from one run."""
    columns = {name: np.asarray(fit.runs[name]) for name in ("N", "D", "loss")}
    return dataclasses.replace(fit, runs=lj.Runs.from_columns(**columns, group=["a"] * 80))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda fits: lj.compare([fits["chinchilla"]]), "two or more fits, or two or more posteriors"),
        (lambda fits: lj.compare(fits, score="loo"), "fits have no predictive density"),
        (lambda fits: lj.compare(fits, score="r2"), "unknown score 'r2'"),
        (lambda fits: lj.compare(fits, at={"N": 1e10}), r"missing \['D'\]"),
        (lambda fits: lj.compare(fits, at={**TARGET, "x": 1.0}), r"not known \['x'\]"),
        (lambda fits: lj.compare(fits, at={"N": [1e9, 1e10], "D": 1e11}), "`N` must be one number"),
        (lambda fits: lj.compare([in_one_group(fits["chinchilla"])] * 2), "all rows are of one group"),
        (lambda fits: lj.compare([fits["chinchilla"], other_runs(fits["coupled"])]), "results for the same runs"),
        (
            lambda fits: lj.compare([fits["chinchilla"], with_choices(fits["coupled"], space="raw")]),
            "one residual space",
        ),
    ],
)
def test_a_wrong_question_is_refused_with_advice(fits, ask, message):
    with pytest.raises(lj.InputError, match=message):
        ask(fits)


def test_posteriors_have_no_criterion_to_rank_by(posteriors):
    with pytest.raises(lj.InputError, match="posteriors maximise no likelihood"):
        lj.compare(posteriors, score="aicc")


def test_a_law_with_as_many_parameters_as_a_fold_leaves_runs_wins_nothing():
    runs = lj.Runs.from_columns(x=[1.0, 2.0, 4.0, 8.0], loss=[3.0, 2.0, 1.6, 1.45])
    found = lj.compare([lj.fit(law, runs, force=True) for law in (POWER_LAW, POWER_LAW_FLOOR)])
    assert "clear-winner" not in found.verdict.codes
    (note,) = [note for note in found.verdict if note.code == "no-slack"]
    assert "`power-law-floor`" in note.reason


def test_laws_agree_on_a_constant_but_for_rounding():
    runs = lj.Runs.from_columns(x=[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0], loss=[2.0] * 7)
    found = lj.compare([lj.fit(law, runs, force=True) for law in (POWER_LAW, POWER_LAW_FLOOR)], at={"x": 1e6})
    (note,) = [note for note in found.verdict if note.code == "indistinguishable"]
    assert "they agree at x = 1.00e+06: 2.000" in note.reason
    assert "laws-disagree" not in found.verdict.codes


@pytest.mark.slow
def test_the_runs_of_hoffmann_do_not_tell_the_coupled_law_from_chinchilla_by_held_out_error(hoffmann, hoffmann_fit):
    others = [lj.fit(law, hoffmann) for law in (COUPLED, KAPLAN_ND)]
    found = lj.compare([hoffmann_fit, *others], at={"N": 7e10, "D": 1.4e12})
    assert found.laws == ("coupled", "chinchilla", "kaplan-nd")
    assert found.behind[1] <= 2 * found.behind_se[1]
    assert found.behind[2] > 2 * found.behind_se[2]
    assert found.delta_aicc[1] == pytest.approx(26.1, abs=0.1)
    assert set(found.verdict.codes) == {"indistinguishable", "criteria-disagree"}
