"""What it takes to reach a response, and where two laws cross."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import crossover, inputs_for_target, tokens_for_target
from lawjax.laws import CHINCHILLA, MULTILINGUAL, published

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
