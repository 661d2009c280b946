"""How many runs a question needs: against formulas, a published figure, and simulation."""

import numpy as np
import pytest
from scipy.stats import norm

import lawjax as lj

LAW = lj.laws.CHINCHILLA
GRID = {"N": np.tile(np.geomspace(1e7, 1e9, 3), 3), "D": np.repeat(np.geomspace(5e8, 5e10, 3), 3)}
ISOFLOP_POINTS = {"N": np.repeat(np.geomspace(5e7, 1.6e9, 3), 2), "D": 1e18 / np.repeat(np.geomspace(5e7, 1.6e9, 3), 2)}
NOISE = 0.005


def share(p):
    """The exponent of the best size along compute."""
    return p["beta"] / (p["alpha"] + p["beta"])


def sized(truth, quantity=share, design=GRID, **options):
    return lj.power(truth, quantity, design, **{"law": LAW, "noise": NOISE, **options})


def test_the_published_number_of_runs_for_a_narrow_interval_follows_from_its_width(truth):
    """Besiroglu et al. 2024: 80 % width 0.051 (0.05143 unrounded) at 240 runs, so 634,773 runs for 0.001."""
    params = {name: np.full(2001, value) for name, value in truth.items()}
    a = norm.ppf(np.linspace(0, 1, 2001).clip(1e-6, 1 - 1e-6), 0.513, 0.05143 / 2 / norm.ppf(0.9))
    params["beta"] = params["alpha"] * a / (1 - a)
    draws = lj.Draws(law=LAW, params=params, basis=lj.Runs.from_columns(N=np.arange(1.0, 241.0)).basis)

    found = lj.power(draws, share, width=0.001, prob=0.8)

    assert found.width[0] == pytest.approx(0.051, abs=5e-4)
    assert found.needed_runs == pytest.approx(634_773, rel=1e-3)


def test_a_bootstrap_of_the_same_runs_asks_for_about_as_many(hoffmann_fit):
    found = lj.power(lj.bootstrap(hoffmann_fit, num=2000, key=0), share, width=0.001, prob=0.8)

    # The published bootstrap starts each refit once; a global search of each leaves less spread.
    assert 0.8 * 634_773 < found.needed_runs < 1.05 * 634_773


def test_the_number_of_repeats_is_the_least_that_is_enough(truth):
    found = sized(truth, width=0.02, prob=0.8)

    width = lambda repeats: lj.identifiability(
        truth, GRID, law=LAW, noise=NOISE, repeats=repeats, quantities={"a": share}, prob=0.8
    )["a"]["width"]
    assert width(int(found.needed)) <= 0.02 < width(int(found.needed) - 1)
    assert found.needed_runs == 9 * found.needed
    assert found.needed_cost == pytest.approx(found.needed * np.sum(6 * GRID["N"] * GRID["D"]))


def test_runs_that_are_there_spare_others(truth):
    alone, after = sized(truth, width=0.02), sized(truth, width=0.02, observed=GRID)

    assert after.needed == alone.needed - 1


def test_nothing_is_needed_where_what_is_there_is_enough(truth):
    assert sized(truth, width=0.5, observed=GRID).needed == 0


def test_an_effect_shows_with_the_power_of_a_normal_test(truth):
    found = sized(truth, "alpha", effect=0.02)

    sd, step = found.sd[0], np.log(0.36 / 0.34)
    assert found.power[0] == pytest.approx(norm.cdf(step / sd - norm.ppf(0.95)), rel=1e-9)
    assert found.power[list(found.repeats).index(found.needed)] >= 0.9


def test_a_budget_and_a_place_can_be_the_question(truth):
    size = sized(truth, lj.flops(1e23), width=1e9)
    loss = sized(truth, {"N": 1e10, "D": 2e11}, width=0.01)

    assert "N at 1e+23 FLOP" in size.question
    assert "loss at N=1e+10, D=2e+11" in loss.question
    assert np.all(np.diff(size.width) < 0)


def test_no_number_of_runs_at_three_places_tells_five_parameters(truth):
    found = sized(truth, "alpha", ISOFLOP_POINTS, width=0.01)

    assert np.isinf(found.needed)
    assert found.verdict.codes[0] == "never-enough"
    assert "no number of such runs" in repr(found)


def test_a_law_cannot_be_told_from_itself(truth):
    found = sized(truth, None, against=LAW, power=0.8)

    assert found.verdict.codes == ("never-enough",)


@pytest.mark.slow
def test_two_laws_are_told_apart_as_often_as_was_said(truth):
    noise = 0.04
    found = sized(truth, None, against=lj.laws.KAPLAN_ND, noise=noise)
    tables = {i: lj.simulate(LAW, truth, GRID, noise=noise, key=i) for i in range(200)}
    fits = [lj.fit_each(law, tables, loss="squared", num_starts=12) for law in (LAW, lj.laws.KAPLAN_ND)]
    sums = [np.array([np.sum(fit.residuals**2) for fit in each.values()]) for each in fits]

    # By AIC with the noise known: a parameter more must lower the sum of squares by twice the variance.
    right = np.mean(sums[0] / noise**2 + 2 * 5 < sums[1] / noise**2 + 2 * 4)
    assert 0.7 < right < 0.99
    assert found.power[0] == pytest.approx(right, abs=0.07)


def test_an_effect_shows_in_simulation_as_often_as_was_said(truth):
    found = sized(truth, "alpha", effect=0.03)
    tables = {i: lj.simulate(LAW, truth, GRID, noise=NOISE, key=i) for i in range(300)}
    fits = lj.fit_each(LAW, tables, loss="squared", starts=truth, num_starts=3)

    estimates = np.log([float(fit.params["alpha"]) for fit in fits.values()])
    shown = np.mean(np.log(0.37) - estimates > norm.ppf(0.95) * found.sd[0])
    assert found.power[0] == pytest.approx(shown, abs=0.08)


def test_it_prints_saves_and_loads(truth, tmp_path):
    found = sized(truth, width=0.02)

    back = lj.load(found.save(tmp_path / "found.json"))

    assert back.summary() == found.summary()
    assert back.needed == found.needed
    assert found.to_dict()["table"][0]["runs"] == 9
    assert list(found.to_frame()["repeats"]) == list(found.repeats)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "ask for one of `width`, `effect` and `against`"),
        ({"width": 0.1, "effect": 0.1}, "ask for one of"),
        ({"width": -0.1}, "`width` must be a number above 0"),
        ({"width": 0.1, "quantity": None}, "say which `quantity`"),
        ({"width": 0.1, "quantity": "gamma"}, "'gamma' is no free parameter"),
        ({"width": 0.1, "design": None}, "the number of runs behind the draws must be known"),
        ({"against": lj.laws.KAPLAN_ND}, "leave out `quantity`"),
        ({"against": lj.laws.KAPLAN_N, "quantity": None}, "only on the same runs"),
        ({"width": 0.1, "power": 1.5}, "`prob` must lie between 0 and 1"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(truth, options, message):
    with pytest.raises(lj.InputError, match=message):
        sized(truth, **options)
