"""The laws of efficiency leverage against the numbers of their paper."""

from typing import Any

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import (
    LEVERAGE,
    LEVERAGE_BY_ACTIVATION,
    LEVERAGE_BY_COMPUTE,
    LEVERAGE_BY_GRANULARITY,
    over_runs,
    published,
)

TABLE_2 = published("tian2025").params
ABOVE_SEVEN: dict[str, Any] = dict(A=0.031, G=12.0, C=1e22)


def leverage(A, G, C, params=TABLE_2):
    """The law at runs given as numbers or arrays."""
    columns = dict(zip("AGC", np.broadcast_arrays(*np.atleast_1d(A, G, C)), strict=True))
    with jax.enable_x64(True):
        return np.asarray(over_runs(LEVERAGE, params, {name: np.asarray(x, float) for name, x in columns.items()}))


def with_bases(A, G, C, log_compute, log_granularity):
    """The joint law as printed, with the bases of its two logarithms."""
    knee = 1 / (1 / TABLE_2["A_start"] - 1 / TABLE_2["A_max"])
    active = 1 / (1 / (A + knee) + 1 / TABLE_2["A_max"])
    split = log_granularity(G)
    exponent = TABLE_2["a"] + TABLE_2["d"] * log_compute(C) + TABLE_2["gamma"] * split**2 + TABLE_2["beta"] * split
    return active**exponent


def test_leverage_rises_to_its_best_near_granularity_twelve():
    found = leverage(0.031, np.array([1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 32.0]), 1e22)
    np.testing.assert_allclose(found, [3.878, 5.267, 6.459, 7.155, 7.245, 7.157, 6.465], rtol=2e-4)


def test_leverage_falls_as_more_experts_are_active():
    found = leverage(np.array([0.008, 0.031, 0.125, 0.5]), 2.0, 3e20)
    np.testing.assert_allclose(found, [4.92, 3.70, 2.31, 1.33], rtol=2e-3)


def test_only_base_ten_for_compute_and_two_for_granularity_give_the_papers_numbers():
    assert leverage(**ABOVE_SEVEN) > 7.0
    assert with_bases(**ABOVE_SEVEN, log_compute=np.log10, log_granularity=np.log2) == pytest.approx(7.245, rel=1e-4)
    assert with_bases(**ABOVE_SEVEN, log_compute=np.log, log_granularity=np.log) == pytest.approx(5334, rel=1e-3)
    assert with_bases(**ABOVE_SEVEN, log_compute=np.log10, log_granularity=np.log10) == pytest.approx(5.37, rel=1e-3)
    assert with_bases(**ABOVE_SEVEN, log_compute=np.log10, log_granularity=np.log) == pytest.approx(6.87, rel=1e-3)


def test_leverage_grows_with_compute_though_the_text_calls_the_constant_positive():
    assert TABLE_2["d"] < 0
    assert np.all(np.diff(leverage(0.031, 2.0, np.array([3e18, 3e19, 3e20, 3e21]))) > 0)
    turned = {**TABLE_2, "d": -TABLE_2["d"]}
    assert np.all(np.diff(leverage(0.031, 2.0, np.array([3e18, 3e19, 3e20, 3e21]), turned)) < 0)


def test_a_dense_model_has_almost_but_not_quite_the_leverage_of_one():
    found = leverage(1.0, 1.0, 1e22)
    assert found == pytest.approx(0.9928, abs=1e-4)
    knee_only = (1.0 + TABLE_2["A_start"]) ** (TABLE_2["a"] + 22 * TABLE_2["d"])
    assert found == pytest.approx(knee_only, rel=1e-12)


def test_the_separate_laws_are_the_joint_law_along_each_input():
    split = np.log2(12.0)
    exponent = TABLE_2["a"] + 22 * TABLE_2["d"] + TABLE_2["gamma"] * split**2 + TABLE_2["beta"] * split
    knees = {name: TABLE_2[name] for name in ("A_start", "A_max")}
    active = np.log(0.031 + TABLE_2["A_start"])
    by_granularity = dict(
        a_G=active * (TABLE_2["a"] + 22 * TABLE_2["d"]),
        b_G=active * TABLE_2["gamma"],
        c_G=TABLE_2["beta"] / TABLE_2["gamma"],
    )
    at_one_flop = exponent - 22 * TABLE_2["d"]
    by_compute = dict(a_C=active * TABLE_2["d"] / np.log(10.0), c_C=active * at_one_flop)
    with jax.enable_x64(True):
        joint = float(LEVERAGE(0.031, 12.0, 1e22, **TABLE_2))
        assert float(LEVERAGE_BY_ACTIVATION(0.031, a_A=exponent, **knees)) == pytest.approx(joint, rel=1e-10)
        assert float(LEVERAGE_BY_GRANULARITY(12.0, **by_granularity)) == pytest.approx(joint, rel=1e-10)
        assert float(LEVERAGE_BY_COMPUTE(1e22, **by_compute)) == pytest.approx(joint, rel=1e-10)


@pytest.mark.parametrize("kind", ["moe", "dense"])
def test_the_printed_allocation_spends_the_whole_budget(kind):
    """M(C) D(C) = C: the coefficients multiply to one and the exponents add up to one."""
    size, tokens = (published(f"tian2025-{kind}-{part}").printed for part in ("size", "tokens"))
    per_token = 6 * size["C_N"] ** -size["beta"]
    assert per_token * tokens["A"] == pytest.approx(1.0, abs=1e-3)
    assert size["beta"] + tokens["alpha"] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("kind", ["moe", "dense"])
def test_size_and_tokens_of_the_printed_allocation_give_the_same_split(kind):
    by_size, by_tokens = (
        lj.decisions.optimal_size_and_tokens(f"tian2025-{kind}-{part}", 1e22) for part in ("size", "tokens")
    )
    assert by_size["N"] == pytest.approx(by_tokens["N"], rel=1e-3)
    assert by_size["D"] == pytest.approx(by_tokens["D"], rel=1e-3)


def test_a_mixture_of_experts_is_best_with_more_tokens_and_fewer_flops_a_token_than_a_dense_model():
    moe, dense = published("tian2025-moe-size"), published("tian2025-dense-size")
    with jax.enable_x64(True):
        assert float(moe.law(1e22, **moe.params)) < float(dense.law(1e22, **dense.params))
