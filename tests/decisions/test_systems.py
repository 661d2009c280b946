"""Two systems: who is better where, where they cross, and what one is worth in the other."""

import dataclasses
import json

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import routed_dense_size
from lawjax.decisions.systems.meeting import Curves
from lawjax.draws import as_draws
from lawjax.laws import POWER_LAW, POWER_LAW_FLOOR, published

HIGH_FLOOR, LOW_FLOOR = dict(E=1.6, A=30.0, alpha=0.1), dict(E=1.5, A=45.0, alpha=0.1)
MEET = (15.0 / 0.1) ** 10
"""Where they are equal: (A_b - A_a) / (E_a - E_b) = x^alpha."""
PAIR = ("hoffmann2022", "besiroglu2024")


def accuracy(x, *, A, alpha):
    return 1.0 - A * x**-alpha


ACCURACY = lj.Law(accuracy, response="accuracy", inputs={"x": lj.Variable()}, params=POWER_LAW.params)


def floors(params, **draws):
    return as_draws({**params, **draws}, POWER_LAW_FLOOR)


def along_x(a, b, budgets=(1e18, 1e25), **more):
    return lj.compare_systems(a, b, budgets, along="x", **more)


def cloud(params, num, seed, spread=0.02):
    """Draws around parameters."""
    generator = np.random.default_rng(seed)
    shifted = {name: value * np.exp(spread * generator.standard_normal(num)) for name, value in params.items()}
    return floors(params, **shifted)


@pytest.fixture(scope="module")
def uncertain():
    pair = cloud(HIGH_FLOOR, 400, 0, 0.01), cloud(LOW_FLOOR, 400, 1, 0.01)
    return along_x(*pair, budgets=lj.log_grid(1e18, 1e25, 15), target=1.9)


def test_two_power_laws_with_floors_cross_where_the_closed_form_says():
    found = along_x(floors(HIGH_FLOOR), floors(LOW_FLOOR))
    assert found.crossover[0] == pytest.approx(MEET, rel=1e-7)
    assert found.prob_a_better[0] == 1.0
    assert found.prob_a_better[-1] == 0.0
    assert found.prob_crossover == 1.0


def test_the_crossover_is_that_of_the_decision_along_one_input():
    pair = floors(HIGH_FLOOR), floors(LOW_FLOOR)
    alone = lj.decisions.crossover(*pair, "x", bounds=(1e18, 1e25))
    assert along_x(*pair).crossover[0] == pytest.approx(alone["x"], rel=1e-7)


def test_the_gain_of_power_laws_of_one_exponent_is_their_constant_ratio():
    a, b = (as_draws(dict(A=A, alpha=0.15), POWER_LAW) for A in (20.0, 30.0))
    found = along_x(a, b)
    np.testing.assert_allclose(found.gain, 1.5 ** (1 / 0.15), rtol=1e-9)
    np.testing.assert_allclose(along_x(b, a).gain, 1.5 ** (-1 / 0.15), rtol=1e-9)


def test_the_gain_along_compute_is_what_the_other_must_spend_for_the_same_loss():
    a, b = published("hoffmann2022"), published("besiroglu2024")
    found = lj.compare_systems(a, b, [1e20, 1e21, 1e22])
    for budget, response, gain in zip(found.budgets, found.response_a, found.gain, strict=True):
        assert lj.allocate(a, budget).loss[0] == pytest.approx(response, rel=1e-12)
        assert lj.allocate(b, gain * budget).loss[0] == pytest.approx(response, rel=1e-7)


def test_a_searched_frontier_is_that_of_the_formula():
    wide = {"N": (1.0, 1e25), "D": (1.0, 1e30)}
    pair = published("hoffmann2022"), published("besiroglu2024")
    formula, searched = (lj.compare_systems(*pair, (1e19, 1e23), bounds=bounds) for bounds in (None, wide))
    np.testing.assert_allclose(searched.response_a, formula.response_a, rtol=1e-9)
    np.testing.assert_allclose(searched.gain, formula.gain, rtol=1e-6)


def test_a_floor_above_the_others_loss_makes_the_gain_infinite_and_says_so():
    found = along_x(floors(dict(E=1.0, A=30.0, alpha=0.2)), floors(HIGH_FLOOR), budgets=(1e18, 1e22))
    assert np.all(np.isposinf(found.gain))
    assert np.all(found.prob_never == 1.0)
    assert "out-of-reach" in found.verdict.codes
    assert json.loads(json.dumps(lj.storage.plain(found.to_dict()), allow_nan=False))["budgets"][0]["gain"] is None


def test_the_target_takes_the_ratio_of_the_closed_forms():
    found = along_x(floors(HIGH_FLOOR), floors(LOW_FLOOR), target=1.9)
    needed = [(p["A"] / (1.9 - p["E"])) ** 10 for p in (HIGH_FLOOR, LOW_FLOOR)]
    assert found.ratio[0] == pytest.approx(needed[1] / needed[0], rel=1e-6)
    assert "ratio" in found.verdict.codes


@pytest.mark.parametrize(("target", "ratio"), [(1.55, 0.0), (1.2, np.nan)])
def test_a_target_that_only_one_reaches_has_a_ratio_and_one_that_neither_does_has_none(target, ratio):
    found = along_x(floors(HIGH_FLOOR), floors(LOW_FLOOR), budgets=(1e18, 1e30), target=target)
    np.testing.assert_array_equal(found.ratio, [ratio])
    assert ("target-out-of-reach" in found.verdict.codes) == np.isnan(ratio)


def test_a_system_is_as_good_as_itself():
    draws = cloud(HIGH_FLOOR, 50, 0)
    found = along_x(draws, draws)
    assert np.all(found.prob_a_better == 0.5)
    np.testing.assert_allclose(found.gain, 1.0, rtol=1e-9)
    assert found.prob_crossover == 0.0
    assert set(found.verdict.codes) >= {"indistinguishable", "no-crossover"}


def test_systems_that_differ_by_rounding_are_as_good_as_each_other():
    a, b = floors(dict(E=2.0, A=1e-16, alpha=0.5)), floors(dict(E=2.0000000000000004, A=1e-16, alpha=0.5))
    found = along_x(a, b)
    assert np.all(found.prob_a_better == 0.5)
    assert np.all(found.prob_never == 0.0)


def test_notes_of_a_source_say_whose_they_are():
    found = lj.compare_systems("hoffmann2022", "hoffmann2022", (1e20, 1e22), names=("one", "other"))
    (note,) = [note for note in found.verdict if note.code == "published"]
    assert note.reason.startswith("one and other: hoffmann2022")


def test_where_higher_is_better_the_order_is_turned():
    found = along_x(floors(HIGH_FLOOR), floors(LOW_FLOOR), better="higher")
    assert found.prob_a_better[0] == 0.0
    assert found.prob_a_better[-1] == 1.0
    assert found.crossover[0] == pytest.approx(MEET, rel=1e-7)


def test_an_accuracy_that_rises_gains_as_the_error_that_falls():
    a, b = (as_draws(dict(A=A, alpha=0.15), ACCURACY) for A in (20.0, 30.0))
    found = along_x(a, b, better="higher", budgets=(1e18, 1e22))
    np.testing.assert_allclose(found.gain, 1.5 ** (1 / 0.15), rtol=1e-5)


def test_the_share_of_draws_that_do_not_cross_is_told():
    found = along_x(floors(HIGH_FLOOR, E=np.array([1.6, 1.6, 1.4, 1.45])), floors(LOW_FLOOR), budgets=(1e18, 1e25))
    assert found.prob_crossover == 0.5
    assert np.isnan(found.crossover).tolist() == [False, False, True, True]
    (note,) = [note for note in found.verdict if note.code == "crossover"]
    assert "in 50.0% they do not change order" in note.reason


def test_curves_that_touch_do_not_cross_and_of_several_crossings_the_last_counts():
    knots = np.linspace(0.0, 4.0, 41)
    touch = (knots - 2.0) ** 2
    twice = (knots - 0.55) * (knots - 3.05)
    place, number = Curves.through(knots, np.stack([touch, twice], axis=1)).last_zero()
    assert number.tolist() == [0.0, 2.0]
    assert np.isnan(place[0])
    assert place[1] == pytest.approx(3.05, abs=1e-12)


def test_a_level_is_reached_for_the_first_time():
    knots = np.linspace(0.0, 4.0, 41)
    curve = Curves.through(knots, ((knots - 2.0) ** 2)[:, None])
    places = curve.first_below(np.array([[1.0], [5.0], [-1.0]]))[:, 0]
    assert places.tolist() == [pytest.approx(1.0, abs=1e-12), -np.inf, np.inf]


def test_bootstraps_of_one_table_go_together_and_are_surer_of_the_difference():
    truth = dict(E=1.0, A=20.0, alpha=0.3)
    runs = lj.simulate(POWER_LAW_FLOOR, truth, num_runs=40, noise=0.03, key=0)
    fits = [lj.fit(POWER_LAW_FLOOR, runs, loss=loss) for loss in ("huber", "squared")]
    draws = [lj.bootstrap(fit, num=300, key=0) for fit in fits]
    low, high = float(np.min(runs["x"])), float(np.max(runs["x"]))
    together, apart = (along_x(*draws, budgets=(low, high), paired=paired) for paired in (None, False))
    assert together.paired == "draws paired"
    assert apart.paired == "draws independent"
    width = lambda found: np.mean(found.difference_high - found.difference_low)
    assert width(together) < 0.9 * width(apart)
    assert "unpaired" in along_x(*fits, budgets=(low, high)).verdict.codes


def test_draws_that_share_a_seed_by_chance_are_taken_for_independent():
    a, b = cloud(HIGH_FLOOR, 2000, 0), cloud(LOW_FLOOR, 2000, 0)
    seeming, known = along_x(a, b), along_x(a, b, paired=True)
    spread = lambda found: found.difference_high[0] - found.difference_low[0]
    assert spread(seeming) > 2 * spread(known)


def test_sources_with_other_numbers_of_draws_are_put_together_at_random():
    found = along_x(cloud(HIGH_FLOOR, 30, 0), cloud(LOW_FLOOR, 100, 1))
    assert len(found) == 100
    with pytest.raises(lj.InputError, match="paired draws must be as many, got 30 and 100"):
        along_x(cloud(HIGH_FLOOR, 30, 0), cloud(LOW_FLOOR, 100, 1), paired=True)


def test_experts_are_worth_the_dense_size_that_the_law_of_routed_models_says():
    found = lj.compare_systems(
        "clark2022-rl-r", "clark2022-rl-r", [1e8, 3.7e8, 1e9], along="N", fixed=({"E": 64}, {"E": 1})
    )
    dense = routed_dense_size("clark2022-rl-r", N=3.7e8, E=64)["dense_size"]
    assert found.gain[1] * 3.7e8 == pytest.approx(dense, rel=1e-7)
    assert found.unit == "parameters"


def test_a_system_along_compute_meets_one_whose_law_is_of_compute():
    frontier = as_draws(dict(E=1.7, A=2e3, alpha=0.155), POWER_LAW_FLOOR)
    found = lj.compare_systems("besiroglu2024", frontier, (1e19, 1e23), along=("compute", "x"))
    assert found.unit == "FLOP"
    assert found.laws == ("chinchilla", "power-law-floor")
    assert found.along == ("compute", "x")


def test_bounds_that_leave_no_choice_are_named():
    with pytest.raises(lj.InputError, match=r"system B has no response at 7.5e\+21 FLOP"):
        lj.compare_systems(*PAIR, [1e20, 1e23], bounds=(None, {"N": (1, 1e9), "D": (1, 1e12)}))


def test_draws_without_a_response_are_left_out_and_counted():
    found = along_x(floors(HIGH_FLOOR, A=np.array([30.0, np.nan, 31.0])), floors(LOW_FLOOR))
    assert len(found) == 2
    (note,) = [note for note in found.verdict if note.code == "nonfinite-draws"]
    assert "1 of 3 draws" in note.reason


@pytest.mark.parametrize("suffix", [".json", ".parquet"])
def test_a_saved_comparison_comes_back(uncertain, tmp_path, suffix):
    again = lj.load(uncertain.save(tmp_path / f"systems{suffix}"))
    np.testing.assert_array_equal(again.crossover, uncertain.crossover)
    assert repr(again) == repr(uncertain)
    assert again.to_dict() == uncertain.to_dict()


def test_the_frame_has_a_row_for_each_budget_and_the_print_some_of_them(uncertain):
    assert len(uncertain.to_frame()) == 15
    assert len([line for line in repr(uncertain).splitlines() if line.startswith(" 1.000e+") or "e+" in line[:11]]) >= 9


def test_intervals_contain_their_medians(uncertain):
    assert np.all(uncertain.difference_low <= uncertain.difference)
    assert np.all(uncertain.gain_high >= uncertain.gain)
    low, median, high = uncertain.crossover_interval()
    assert low < median < high
    narrow = uncertain.crossover_interval(0.5)
    assert low < narrow[0] < median < narrow[2] < high


def test_a_source_whose_verdict_is_an_error_is_refused():
    verdict = lj.verdict.Verdict((lj.verdict.error("broken", "It is broken."),))
    bad = dataclasses.replace(floors(HIGH_FLOOR), verdict=verdict)
    with pytest.raises(lj.VerdictError, match="`compare_systems` is refused"):
        along_x(bad, floors(LOW_FLOOR))
    assert along_x(bad, floors(LOW_FLOOR), force=True).crossover[0] == pytest.approx(MEET, rel=1e-7)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: lj.compare_systems(*PAIR, 1e20), r"`budgets` takes \(low, high\)"),
        (lambda: lj.compare_systems(*PAIR, [1e20]), "two or more finite numbers above 0 that rise"),
        (lambda: lj.compare_systems(*PAIR, (1e22, 1e20)), "that rise"),
        (lambda: lj.compare_systems(*PAIR, (lj.usd(1e5), lj.usd(1e6))), "a budget is in USD"),
        (lambda: lj.compare_systems(*PAIR, (1e20, 1e22), along="x"), "has no input `x`"),
        (lambda: lj.compare_systems(*PAIR, (1e9, 1e12), along="D"), r"also needs \['N'\]"),
        (lambda: lj.compare_systems(*PAIR, (1e9, 1e12), along="D", fixed={"M": 1.0}), r"`fixed` names \['M'\]"),
        (lambda: lj.compare_systems(*PAIR, (1e9, 1e12), along="D", bounds={"N": (1, 2)}), r"`bounds` names \['N'\]"),
        (lambda: lj.compare_systems(*PAIR, (1e20, 1e22), along=("compute", "N")), "give both in one unit"),
        (lambda: lj.compare_systems(*PAIR, (1e20, 1e22), better="more"), "unknown better 'more'"),
        (lambda: lj.compare_systems(*PAIR, (1e20, 1e22), names="AB"), "`names` must be two names"),
        (lambda: lj.compare_systems(*PAIR, (1e20, 1e22), target=-1.0), "`target` must be above 0"),
        (lambda: lj.compare_systems(*PAIR, (1e20, 1e22), prob=2), "`prob` must lie between 0 and 1"),
        (lambda: along_x(floors(HIGH_FLOOR), as_draws(dict(A=1.0, alpha=0.1), ACCURACY)), "only one response compares"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(ask, message):
    with pytest.raises(lj.InputError, match=message):
        ask()


def test_two_recipes_of_porian_cross_where_their_tabulated_optima_do(shared_data):
    table, kept = shared_data / "porian" / "optimal_pairs.csv", ["file == 'summary_df'", "dataset == 'rw'"]
    runs = [
        lj.read_runs(table, columns={"x": "flops", "loss": "loss_opt"}, where=[*kept, "param_count == 'standard'", one])
        for one in ("hparams == 'tuned'", "decay == 'chinchilla'")
    ]
    gap = np.asarray(runs[0]["loss"]) - np.asarray(runs[1]["loss"])
    meet = np.exp(np.interp(0.0, gap[3:8], np.log(np.asarray(runs[0]["x"])[3:8])))
    found = along_x(*(lj.fit(POWER_LAW_FLOOR, one) for one in runs), budgets=(1.25e16, 2.56e19))
    low, _, high = found.crossover_interval()
    assert meet == pytest.approx(5.06e17, rel=0.01)
    assert low < meet < high < 3 * low
    assert found.gain[0] > 3 > 1 > found.gain[-1]


@pytest.mark.slow
def test_the_interval_of_the_crossover_covers_it_about_as_often_as_it_says():
    num, truths = 200, (dict(E=1.6, A=6.0, alpha=0.30), dict(E=1.5, A=9.0, alpha=0.30))
    meet = (3.0 / 0.1) ** (1 / 0.3)
    x = np.geomspace(1e2, 1e7, 40)
    hits = []
    for index in range(num):
        tables = [
            lj.simulate(POWER_LAW_FLOOR, truth, {"x": x}, noise=0.01, key=2 * index + side)
            for side, truth in enumerate(truths)
        ]
        pair = [lj.fit(POWER_LAW_FLOOR, runs, loss="squared", num_starts=8) for runs in tables]
        low, _, high = along_x(*pair, budgets=(1e2, 1e8)).crossover_interval()
        hits.append(low <= meet <= high)
    assert 0.85 <= np.mean(hits) <= 0.95
