"""Quantising after training, against the numbers that follow from Ouyang et al. 2024."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import best_bits_at_total, best_tokens_when_quantised, fewest_bits, tokens_until_gap
from lawjax.errors import InputError

BIT_LEVEL = dict(E=2.0, A=1e3, alpha=0.3, G=20.0, kappa=0.1, rate=2.0)


def test_tokens_until_a_gap_invert_the_law():
    D = tokens_until_gap("ouyang2024", gap=0.2, N=7e9, P=3)["D"]
    gap = lj.predict("ouyang2024", {"N": 7e9, "D": D, "P": 3.0}).median[0]
    assert gap == pytest.approx(0.2, rel=1e-9)


def test_the_whole_law_gives_the_tokens_of_its_gap():
    of_gap = tokens_until_gap("ouyang2024", gap=0.3, N=7e9, P=4)["D"]
    assert tokens_until_gap("ouyang2024-quantised", gap=0.3, N=7e9, P=4)["D"] == pytest.approx(of_gap, rel=1e-12)


def test_plain_parameters_of_one_width_find_their_law():
    plain = dict(lj.laws.published("ouyang2024-4bit").params)
    assert tokens_until_gap(plain, gap=0.2, N=7e9)["D"] == tokens_until_gap("ouyang2024-4bit", gap=0.2, N=7e9)["D"]


def test_a_law_of_one_width_takes_no_bits_and_one_of_all_needs_them():
    with pytest.raises(InputError, match="takes no `P`"):
        tokens_until_gap("ouyang2024-4bit", gap=0.2, N=7e9, P=4)
    with pytest.raises(InputError, match="needs `P`"):
        tokens_until_gap("ouyang2024", gap=0.2, N=7e9)


@pytest.mark.parametrize("D", [1e11, 2e12, 1e14])
def test_the_fewest_bits_keep_the_gap_and_one_less_does_not(D):
    bits = fewest_bits("ouyang2024", gap=0.2, N=7e9, D=D)["bits"]
    gaps = lj.predict("ouyang2024", {"N": 7e9, "D": D, "P": np.array([bits, bits - 1])}).median
    assert gaps[0] <= 0.2 < gaps[1]


@pytest.mark.parametrize("bits", [2, 3, 4, 5, 8, 16])
@pytest.mark.parametrize("gap", [0.05, 0.2, 0.37])
def test_tokens_worked_back_from_whole_bits_give_those_bits(bits, gap):
    D = tokens_until_gap("ouyang2024", gap=gap, N=7e9, P=bits)["D"]
    assert fewest_bits("ouyang2024", gap=gap, N=7e9, D=D)["bits"] == bits


@pytest.mark.parametrize(
    ("P", "tokens", "loss"),
    [(3, 8.9e10, 2.977), (4, 2.5e11, 2.843), (8, 3.1e12, 2.7755)],
    ids=["3 bits", "4 bits", "8 bits"],
)
def test_the_best_tokens_of_a_quantised_model(P, tokens, loss):
    answer = best_tokens_when_quantised("ouyang2024-quantised", N=7e9, P=P)
    assert answer["D"] == pytest.approx(tokens, rel=0.02)
    assert answer["loss"] == pytest.approx(loss, abs=5e-4)


def test_each_draw_has_its_own_best_tokens():
    p = lj.laws.published("ouyang2024-quantised").params
    draws = {name: np.array([value, value]) for name, value in p.items()}
    draws["k"][1] *= 2.0
    found = best_tokens_when_quantised(draws, N=7e9, P=3).draws["D"]
    assert found[1] < found[0]
    assert found[0] == pytest.approx(best_tokens_when_quantised("ouyang2024-quantised", N=7e9, P=3)["D"], rel=1e-9)


def test_the_best_bits_in_a_memory_are_the_best_of_all():
    answer = best_bits_at_total(BIT_LEVEL, total_bits=8e9)
    p, widths = BIT_LEVEL, np.arange(1.0, 17.0)
    N = 8e9 / widths
    errors = p["E"] + p["A"] / N ** p["alpha"] + p["G"] * N ** p["kappa"] * 2 ** (-p["rate"] * widths)
    assert answer["b"] == widths[np.argmin(errors)]
    assert answer["error"] == pytest.approx(errors.min(), rel=1e-12)
    assert abs(answer["b_real"] - answer["b"]) < 1
    assert answer["N"] * answer["b"] == pytest.approx(8e9)


@pytest.mark.parametrize(("changed", "edge"), [(dict(rate=50.0), 1.0), (dict(rate=0.1, G=1e4), 16.0)])
def test_the_best_real_width_may_be_an_edge(changed, edge):
    answer = best_bits_at_total(BIT_LEVEL | changed, total_bits=8e9)
    assert (answer["b"], answer["b_real"]) == (edge, edge)
    assert answer.share_answered == 1.0


def test_a_gap_that_is_none_is_refused():
    with pytest.raises(InputError, match="gap"):
        fewest_bits("ouyang2024", gap=0.0, N=7e9, D=1e12)
