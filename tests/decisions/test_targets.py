"""What it takes to reach a response, and where two laws cross."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize

import lawjax as lj
from lawjax.decisions import crossover, inputs_for_target, tokens_for_target
from lawjax.decisions.solving.crossings import crossings
from lawjax.decisions.targets import _crossing, _inverse
from lawjax.laws import (
    CHINCHILLA,
    COVERAGE,
    MULTILINGUAL,
    OVEROPTIMISATION,
    OVERTRAINED,
    SPECULATIVE_SPEEDUP,
    published,
)

CLIP, MAMMUT = "nezhurina2025-clip-imagenet", "nezhurina2025-mammut-imagenet"


def loss_at(name, **inputs):
    return lj.predict(published(name), {key: [value] for key, value in inputs.items()}).median[0]


def test_the_tokens_for_a_loss_are_those_of_the_closed_form():
    p = published("besiroglu2024").params
    left = 2.0 - p["E"] - p["A"] * 70e9 ** -p["alpha"]
    assert tokens_for_target("besiroglu2024", 2.0, N=70e9)["D"] == pytest.approx(
        (p["B"] / left) ** (1 / p["beta"]), rel=1e-9
    )


def test_any_input_of_any_law_can_be_free():
    loss = loss_at("kaplan2020-nsb", N=1e9, S=1e5, B=5e5)
    answer = inputs_for_target("kaplan2020-nsb", loss, "B", N=1e9, S=1e5)
    assert answer["B"] == pytest.approx(5e5, rel=1e-6)


def test_a_fraction_is_looked_for_between_zero_and_one():
    task = dict(E=1.2, A=60.0, alpha=0.25, c1=0.3, c2=0.8, c3=1.5)
    loss = lj.predict(lj.Draws(law=MULTILINGUAL, params={k: np.array([v]) for k, v in task.items()}),
                      {"N": [1e9], "p": [0.2]}).median[0]  # fmt: skip
    answer = inputs_for_target(task, loss, "p", law=MULTILINGUAL, N=1e9, bounds=(1e-6, 0.9))
    assert answer["p"] == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize(("model", "factor"), [("encoder", 38.0), ("decoder", 1100.0)])
def test_a_tenth_less_loss_costs_a_time_series_model_this_many_times_the_size(model, factor):
    name = f"yao2024-{model}-n-id"
    answer = inputs_for_target(name, 0.9 * loss_at(name, x=1e7), "x")
    assert answer["x"] / 1e7 == pytest.approx(factor, rel=0.03)


@pytest.mark.parametrize(("model", "factor"), [("encoder", 3.07), ("decoder", 3.22)])
def test_the_same_cut_costs_about_three_times_the_data(model, factor):
    name = f"yao2024-{model}-d-id"
    answer = inputs_for_target(name, 0.9 * loss_at(name, x=1e9), "x")
    assert answer["x"] / 1e9 == pytest.approx(factor, rel=0.01)


def test_the_denominators_of_table_3_are_the_compute_for_one_nat_per_image():
    answer = inputs_for_target("henighan2020-image-8x8-per-image", 602.0 + 1.0, "x")
    assert answer["x"] / 8.64e19 == pytest.approx(1.9e3, rel=1e-6)


def test_environments_for_a_gap_of_a_tenth():
    answer = inputs_for_target("lin2024imitation-pour-water-environments", 0.1, "X")
    assert answer["X"] == pytest.approx((1.180 / 0.1) ** (1 / 0.844), rel=1e-9)


def test_a_target_below_the_floor_has_no_answer():
    answer = tokens_for_target("besiroglu2024", 1.8, N=70e9)
    assert np.isnan(answer["D"])
    assert answer.share_answered == 0.0


def test_draws_that_never_get_there_are_counted():
    floors = dict(published("besiroglu2024").params) | {"E": np.array([1.80, 1.85, 1.95, 1.99])}
    answer = tokens_for_target(floors, 2.0, law=CHINCHILLA, N=70e9)
    assert answer.share_answered == 0.5
    assert answer.draws["D"][0] < answer.draws["D"][1]


def test_mammut_overtakes_clip_within_the_published_range():
    answer = crossover(CLIP, MAMMUT, "x", bounds=(1e18, 1e22))
    assert answer["x"] / 1e9 == pytest.approx(8.7e10, rel=0.01)
    assert 1e10 < answer["x"] / 1e9 < 1e11
    assert answer["gap_low"] < 0 < answer["gap_high"]


@pytest.mark.parametrize(("benchmark", "gigaflop"), [("imagenet", 8.7e10), ("imagenet-fig1", 6.7e10), ("coco", 3.9e10)])
def test_each_benchmark_has_its_own_crossing_of_clip_and_mammut(benchmark, gigaflop):
    pair = (f"nezhurina2025-{model}-{benchmark}" for model in ("clip", "mammut"))
    assert crossover(*pair, "x", bounds=(1e18, 1e22))["x"] / 1e9 == pytest.approx(gigaflop, rel=0.02)


def test_the_share_of_draws_that_cross_is_the_chance_that_the_order_flips():
    entry = published(MAMMUT)
    floors = dict(entry.params) | {"E": np.array([0.05, 0.0757, 0.2, 0.3])}
    draws = lj.Draws(law=entry.law, params={k: np.broadcast_to(v, 4).copy() for k, v in floors.items()})
    answer = crossover(CLIP, draws, "x", bounds=(1e18, 1e22))
    assert answer.share_answered == 0.5
    assert np.isnan(answer.draws["x"]).tolist() == [False, False, True, True]


def test_laws_of_several_inputs_are_compared_along_one():
    answer = crossover("hoffmann2022", "besiroglu2024", "D", N=70e9, bounds=(1e9, 1e15))
    first, second = (loss_at(name, N=70e9, D=answer["D"]) for name in ("hoffmann2022", "besiroglu2024"))
    assert first == pytest.approx(second, rel=1e-9)
    assert answer["response"] == pytest.approx(first, rel=1e-9)


def test_laws_that_cross_twice_say_so_and_bounds_pick_the_other_crossing():
    answer = crossover("hoffmann2022", "besiroglu2024", "D", N=70e9)
    assert answer["D"] == pytest.approx(4.373e8, rel=1e-3)
    assert answer["crossings"] == 2.0
    assert answer["gap_low"] < 0 > answer["gap_high"]
    assert "several-crossings" in answer.verdict.codes
    upper = crossover("hoffmann2022", "besiroglu2024", "D", N=70e9, bounds=(1e10, 1e15))
    assert upper["D"] == pytest.approx(2.333e11, rel=1e-3)
    assert upper["crossings"] == 1.0


def test_of_two_crossings_the_one_nearest_to_the_runs_is_the_answer():
    pair = [lj.draws.as_draws(name) for name in ("hoffmann2022", "besiroglu2024")]
    seen = dataclasses.replace(pair[0], observed={"D": (1e11, 1e12)})
    assert crossover(seen, pair[1], "D", N=70e9)["D"] == pytest.approx(2.333e11, rel=1e-3)


def test_a_law_does_not_cross_itself():
    answer = crossover("hoffmann2022", "hoffmann2022", "D", N=70e9)
    assert np.isnan(answer["D"])
    assert (answer["crossings"], answer["gap_low"], answer["gap_high"]) == (0.0, 0.0, 0.0)


def test_laws_that_come_together_at_one_floor_do_not_cross():
    first = dict(E=1.0, A=5.0, alpha=0.5)
    high, low = (lj.draws.as_draws(first | {"A": A}, lj.laws.POWER_LAW_FLOOR) for A in (5.0, 4.0))
    assert crossover(high, low, "x")["crossings"] == 0.0


def test_a_crossing_far_from_usual_values_is_noted_where_no_runs_or_bounds_vouch_for_it():
    answer = crossover("yao2024-encoder-n-id", "yao2024-decoder-n-id", "x")
    assert answer["x"] == pytest.approx(3.7e-3, rel=0.01)
    assert "extrapolation" in answer.verdict.codes
    assert np.isnan(crossover("yao2024-encoder-n-id", "yao2024-decoder-n-id", "x", bounds=(1e6, 1e9))["x"])


def test_a_jump_is_not_a_crossing():
    found = crossings(lambda x: jnp.where(x < 30.0, -1.0, 1.0), lambda x: 0.0 * x, 1e-3, 1e6, (1.0, 2.0))
    assert np.isnan(found["nearest"])


@pytest.mark.parametrize(
    ("law", "params", "target", "by_hand", "peak"),
    [
        (OVEROPTIMISATION, dict(alpha=0.3, beta=0.1), 0.5, lambda d: d * (0.3 - 0.1 * np.log(d)), np.exp(2.0)),
        (SPECULATIVE_SPEEDUP, dict(p=0.8, c=0.1), 2.0, lambda g: 5 * (1 - 0.8 ** (g + 1)) / (1 + 0.1 * g), 6.0),
    ],
)
def test_a_law_with_a_peak_reaches_a_target_on_either_side(law, params, target, by_hand, peak):
    variable = next(iter(law.inputs))
    answer = inputs_for_target(params, target, variable, law=law)
    sides = [optimize.brentq(lambda x: by_hand(x) - target, *ends) for ends in ((1e-2, peak), (peak, 1e3))]
    assert [answer[variable], answer["last"]] == pytest.approx(sides, rel=1e-9)
    assert answer["crossings"] == 2.0


def test_over_and_under_training_both_end_at_the_same_loss():
    name = next(name for name in lj.laws.PUBLISHED if published(name).law is OVERTRAINED)
    loss = loss_at(name, C=1e20, M=5.0)
    answer = inputs_for_target(name, loss, "M", C=1e20)
    assert answer["M"] == pytest.approx(5.0, rel=1e-6)
    assert answer["last"] > answer["M"]
    assert loss_at(name, C=1e20, M=answer["last"]) == pytest.approx(loss, rel=1e-9)


def test_beyond_the_peak_there_is_no_answer():
    answer = inputs_for_target(dict(alpha=0.3, beta=0.1), 5.0, "d", law=OVEROPTIMISATION)
    assert np.isnan(answer["d"])
    assert answer["crossings"] == 0.0


@pytest.mark.parametrize(("a", "b", "target"), [(0.5, 2.0, 0.9), (0.1, 2.0, 0.5), (0.3, 0.9, 0.99)])
def test_the_attempts_for_a_coverage_are_found_without_bounds(a, b, target):
    k = inputs_for_target(dict(a=a, b=b), target, "k", law=COVERAGE)["k"]
    with jax.enable_x64(True):
        assert float(COVERAGE(k, a=a, b=b)) == pytest.approx(target, rel=1e-12)


@pytest.mark.parametrize("end", [1e9, 1e12])
def test_a_target_that_is_reached_just_at_a_bound_is_found_there(end):
    loss = loss_at("besiroglu2024", N=70e9, D=end)
    assert inputs_for_target("besiroglu2024", loss, "D", N=70e9, bounds=(1e9, 1e12))["D"] == pytest.approx(end)


def test_a_question_about_a_law_compiles_once():
    assert _inverse(CHINCHILLA, "D", True, False) is _inverse(CHINCHILLA, "D", True, False)
    assert _crossing(CHINCHILLA, CHINCHILLA, "D", True) is _crossing(CHINCHILLA, CHINCHILLA, "D", True)


@pytest.mark.parametrize("target", ["abc", [2.0, 2.1], None, np.nan])
def test_a_target_that_is_no_number_is_refused(target):
    with pytest.raises(lj.InputError, match="`target` must be"):
        inputs_for_target("besiroglu2024", target, "D", N=70e9)


@pytest.mark.parametrize("bounds", ["ab", 3.0, (1.0, 2.0, 3.0), (None, 1.0)])
def test_bounds_that_are_not_two_numbers_are_refused(bounds):
    with pytest.raises(lj.InputError, match="`bounds` must be"):
        inputs_for_target("besiroglu2024", 2.0, "D", N=70e9, bounds=bounds)


def test_an_input_that_is_not_there_is_refused():
    with pytest.raises(lj.InputError, match=r"law 'chinchilla' has no input `B`; it has \['N', 'D'\]"):
        inputs_for_target("besiroglu2024", 2.0, "B", N=1e9)


def test_an_input_that_is_not_held_is_named():
    with pytest.raises(lj.InputError, match=r"law 'chinchilla' also needs \['N'\]: pass N="):
        tokens_for_target("besiroglu2024", 2.0)


def test_an_input_that_no_law_has_is_refused():
    with pytest.raises(lj.InputError, match=r"\['S'\] cannot be held"):
        tokens_for_target("besiroglu2024", 2.0, N=1e9, S=3.0)


def test_bounds_the_wrong_way_round_are_refused():
    with pytest.raises(lj.InputError, match="`bounds` must be"):
        inputs_for_target("besiroglu2024", 2.0, "D", N=1e9, bounds=(1e12, 1e9))
