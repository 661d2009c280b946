"""What a mixture of experts is worth, against the numbers of its papers."""

from typing import Any

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import (
    best_activation,
    best_granularity,
    equivalent_dense_size,
    leverage,
    routed_dense_size,
    routing_cutoff,
)
from lawjax.laws import LEVERAGE, ROUTED, published

TABLE_2 = published("tian2025").params
PILOT: dict[str, Any] = dict(active_experts=0.58e9, other=0.275e9, largest=17.5e9, C=1e22)
"""The pilot model of Tian et al. 2025, section 5: 0.855B active of 17.5B parameters, 3.4 % of its experts active."""


def pilot_in(largest) -> dict[str, Any]:
    """The pilot model in another memory."""
    return {**PILOT, "largest": largest}


def draws_of(law, params, **varied):
    """Draws that share all parameters but those given."""
    size = len(next(iter(varied.values())))
    return lj.Draws(law=law, params={name: np.full(size, value) for name, value in params.items()} | varied)


def test_leverage_is_over_seven_where_the_paper_says_so():
    answer = leverage("tian2025", A=0.031, G=12, C=1e22)
    assert answer["leverage"] == pytest.approx(7.245, rel=1e-4)
    assert answer["dense_compute"] == pytest.approx(7.245e22, rel=1e-4)


def test_the_pilot_model_equals_a_dense_model_near_the_six_billion_it_was_trained_beside():
    answer = equivalent_dense_size("tian2025", M=0.855e9, A=0.034, G=12, C=1e22)
    assert answer["leverage"] == pytest.approx(6.96, rel=1e-3)
    assert answer["dense_size"] == pytest.approx(6.1e9, rel=0.03)


def test_the_best_granularity_is_where_no_other_has_more_leverage():
    best = best_granularity("tian2025")["G"]
    assert best == pytest.approx(11.34, rel=1e-3)
    around = [leverage("tian2025", A=0.031, G=best * step, C=1e22)["leverage"] for step in (0.8, 1.0, 1.25)]
    assert max(around) == around[1]


def test_draws_that_bend_the_other_way_have_no_best_granularity():
    answer = best_granularity(draws_of(LEVERAGE, TABLE_2, gamma=np.array([1.67e-2, 2e-2, -1e-2, 1.5e-2])))
    assert len(answer) == 4
    assert answer.share_answered == 0.75
    assert any(note.code == "no-answer" for note in answer.verdict.notes)
    np.testing.assert_allclose(answer.draws["G"][0], 11.337, rtol=1e-4)


def test_the_memory_sets_the_share_of_active_experts():
    answer = best_activation("tian2025", **PILOT)
    assert answer["A"] == pytest.approx(0.034, abs=5e-4)
    assert answer["size"] == pytest.approx(17.5e9)
    assert answer["G"] == pytest.approx(11.34, rel=1e-3)
    assert answer["leverage"] == pytest.approx(7.0, abs=0.02)


def test_more_memory_is_used_for_more_experts():
    small, large = (best_activation("tian2025", **pilot_in(size)) for size in (10e9, 40e9))
    assert large["A"] < small["A"]
    assert large["leverage"] > small["leverage"]


def test_a_law_in_which_sparsity_does_not_pay_answers_with_a_dense_model():
    answer = best_activation(draws_of(LEVERAGE, TABLE_2, a=np.array([1.23, 3.0])), **PILOT)
    assert answer.draws["A"][0] < 0.04
    assert answer.draws["A"][1] == 1.0
    assert answer.draws["size"][1] == pytest.approx(0.855e9)


@pytest.mark.parametrize("name", ["clark2022-rl-r", "clark2022-hash"])
def test_the_dense_model_of_equal_size_has_the_loss_of_the_routed_one(name):
    params = published(name).params
    dense = routed_dense_size(name, N=3.7e8, E=64)["dense_size"]
    with jax.enable_x64(True):
        routed_loss, dense_loss = float(ROUTED(3.7e8, 64.0, **params)), float(ROUTED(dense, 1.0, **params))
    assert dense_loss == pytest.approx(routed_loss, rel=1e-10)
    assert dense > 3.7e8


def test_experts_help_below_the_cutoff_and_harm_above_it():
    params = published("clark2022-rl-r").params
    cutoff = routing_cutoff("clark2022-rl-r")["N"]
    assert cutoff == pytest.approx(9.71e10, rel=1e-3)
    with jax.enable_x64(True):
        below, above = (float(ROUTED(N, 64.0, **params) / ROUTED(N, 1.0, **params)) for N in (cutoff / 2, 2 * cutoff))
    assert below < 1.0 < above


def test_a_router_whose_gain_does_not_shrink_has_no_cutoff():
    params = published("clark2022-rl-r").params
    answer = routing_cutoff(draws_of(ROUTED, params, c=np.array([0.01, 0.0, 0.012])))
    assert np.isnan(answer.draws["N"]).tolist() == [False, True, False]


def test_what_is_held_must_be_possible():
    with pytest.raises(lj.InputError, match="`A` must lie from 0 to 1"):
        leverage("tian2025", A=3.1, G=12, C=1e22)
    with pytest.raises(lj.InputError, match="`M` must be positive"):
        equivalent_dense_size("tian2025", M=-1.0, A=0.03, G=12, C=1e22)
    with pytest.raises(lj.InputError, match="`largest` = 1e\\+08 holds less than the active part"):
        best_activation("tian2025", **pilot_in(1e8))
    with pytest.raises(lj.InputError, match="`E` must be 1 or more"):
        routed_dense_size("clark2022-hash", N=1e9, E=0)
    with pytest.raises(lj.InputError, match=r"`E` must be 1 or more, got 0\.5"):
        routed_dense_size("clark2022-hash", N=1e9, E=0.5)
