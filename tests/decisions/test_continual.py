"""Continual pre-training: shares, sizes, and the tokens after which the general loss recovers."""

import jax
import numpy as np
import pytest

from lawjax.decisions import (
    best_ratio_of_limited_data,
    best_ratio_under_cap,
    best_size_at_ratio,
    critical_ratio_at,
    critical_time,
    turning_time,
)
from lawjax.errors import InputError
from lawjax.laws import D_CPT, over_runs

DOMAIN = dict(E=1.0, A=400.0, alpha=0.34, B=2000.0, eta=1.2, beta=0.45, C=0.1, gamma=0.5, eps=0.1)
GENERAL = DOMAIN | dict(E=1.4, C=0.15, eps=0.08)
RISE_AND_FALL = dict(a2=2e-3, s2=0.2, a3=-2e-6, s3=0.5, b2=0.0)
FALL = dict(a1=-0.01, s1=0.15, b1=0.0)


def _losses(params, N, D, r):
    with jax.enable_x64(True):
        columns = {"N": np.full(r.shape, N), "D": np.broadcast_to(D, r.shape), "r": r}
        return np.asarray(over_runs(D_CPT, params, columns))


def test_the_best_share_uses_up_the_tolerance_where_the_domain_loss_falls_beyond_it():
    answer = best_ratio_under_cap(DOMAIN, GENERAL, N=1.8e9, D=1e10, general_loss=1.85, tolerance=0.03)
    shares = np.linspace(0, 1, 100001)
    domain, general = _losses(DOMAIN, 1.8e9, 1e10, shares), _losses(GENERAL, 1.8e9, 1e10, 1 - shares)
    best = np.argmin(np.where(general <= 1.03 * 1.85, domain, np.inf))
    assert answer["ratio"] == pytest.approx(shares[best], abs=2e-5)
    assert answer["general_loss"] == pytest.approx(1.03 * 1.85, rel=1e-9)


@pytest.mark.parametrize(
    ("domain", "general", "general_loss"),
    [
        (DOMAIN, DOMAIN, 1.45),
        (DOMAIN, GENERAL | dict(B=8000.0, E=1.3), 1.86),
        (DOMAIN | dict(eta=0.4, B=900.0), GENERAL, 1.85),
        (DOMAIN | dict(B=12000.0), GENERAL | dict(B=12000.0, C=0.3), 2.1776),
    ],
    ids=["inside", "general loss high at both ends", "steep at no share", "one narrow feasible stretch"],
)
def test_the_best_share_under_a_cap_is_that_of_a_fine_grid(domain, general, general_loss):
    answer = best_ratio_under_cap(domain, general, N=1.8e9, D=1e10, general_loss=general_loss, tolerance=0.03)
    shares = np.linspace(0, 1, 200001)
    losses, others = _losses(domain, 1.8e9, 1e10, shares), _losses(general, 1.8e9, 1e10, 1 - shares)
    allowed = np.where(others <= 1.03 * general_loss, losses, np.inf)
    assert answer["domain_loss"] == pytest.approx(allowed.min(), abs=5e-6)
    assert answer["domain_loss"] <= allowed.min() + 1e-12
    assert answer["ratio"] == pytest.approx(shares[np.argmin(allowed)], abs=1e-3)
    assert answer["general_loss"] <= 1.03 * general_loss * (1 + 1e-12)


def test_the_best_share_may_lie_inside_and_leave_the_tolerance_unused():
    answer = best_ratio_under_cap(DOMAIN, DOMAIN, N=1.8e9, D=1e10, general_loss=1.45, tolerance=0.03)
    assert (answer["ratio"], answer["domain_loss"]) == pytest.approx((0.695, 1.43830), abs=5e-4)
    assert answer["general_loss"] < 1.03 * 1.45 - 1e-3


@pytest.mark.parametrize("tolerance", [-0.9, [0.1, 0.2], "some"])
def test_a_tolerance_that_is_none_is_refused(tolerance):
    with pytest.raises(InputError, match="`tolerance`"):
        best_ratio_under_cap(DOMAIN, GENERAL, N=1.8e9, D=1e10, general_loss=1.85, tolerance=tolerance)


def test_all_domain_data_are_best_where_the_tolerance_is_never_reached():
    falling = DOMAIN | dict(B=1.0)
    answer = best_ratio_under_cap(falling, GENERAL, N=1.8e9, D=1e10, general_loss=3.0, tolerance=0.03)
    assert answer["ratio"] == 1.0
    assert answer["general_loss"] < 3.0


def test_no_share_is_possible_where_the_general_loss_is_passed_from_the_start():
    answer = best_ratio_under_cap(DOMAIN, GENERAL, N=1.8e9, D=1e10, general_loss=1.0, tolerance=0.03)
    assert answer.share_answered == 0.0


def test_draws_of_domain_and_general_law_go_together_one_by_one():
    domain = {name: np.array([value, value]) for name, value in DOMAIN.items()}
    general = {name: np.array([value, value]) for name, value in GENERAL.items()}
    general["C"][1] = 0.2

    def best(domain, general):
        return best_ratio_under_cap(domain, general, N=1.8e9, D=1e10, general_loss=1.85, tolerance=0.03)

    together = best(domain, general)
    apart = [best(DOMAIN, GENERAL | dict(C=C))["ratio"] for C in (0.15, 0.2)]
    np.testing.assert_allclose(together.draws["ratio"], apart, rtol=1e-9)


def test_draws_that_cannot_be_paired_are_refused():
    domain = {name: np.full(3, value) for name, value in DOMAIN.items()}
    general = {name: np.full(2, value) for name, value in GENERAL.items()}
    with pytest.raises(InputError, match="pairs"):
        best_ratio_under_cap(domain, general, N=1.8e9, D=1e10, general_loss=1.85, tolerance=0.03)


@pytest.mark.parametrize(
    ("eta", "beta", "scale"),
    [(1.2, 0.45, 0.6), (0.3, 0.3, 0.1)],
    ids=["one stationary point", "two stationary points"],
)
def test_with_limited_data_the_best_share_is_that_of_a_grid(eta, beta, scale):
    p = DOMAIN | dict(B=scale * 5e9**beta, eta=eta, beta=beta)
    answer = best_ratio_of_limited_data(p, N=1.8e9, domain_tokens=5e9)
    shares = np.geomspace(1e-6, 1, 200001)
    losses = _losses(p, 1.8e9, 5e9 / shares, shares)
    assert answer["ratio"] == pytest.approx(shares[np.argmin(losses)], rel=1e-3)
    assert answer["loss"] == pytest.approx(losses.min(), rel=1e-9)
    assert answer["D"] == pytest.approx(5e9 / answer["ratio"])


def test_with_limited_data_the_best_share_is_stationary():
    p = DOMAIN | dict(B=4e5, beta=0.6)
    r = best_ratio_of_limited_data(p, N=1.8e9, domain_tokens=5e9)["ratio"]
    power = p["eta"] + p["beta"]
    left = r ** (power - 1) * (r + p["eps"]) ** (p["gamma"] + 1)
    assert left == pytest.approx(p["C"] * p["gamma"] * 5e9 ** p["beta"] / (p["B"] * power), rel=1e-9)


def test_there_is_no_best_share_where_a_vanishing_one_is_best():
    p = DOMAIN | dict(B=1e3 * 5e9**0.3, eta=0.3, beta=0.3)
    assert best_ratio_of_limited_data(p, N=1.8e9, domain_tokens=5e9).share_answered == 0.0


def test_all_domain_data_are_best_where_repeating_costs_little():
    assert best_ratio_of_limited_data(DOMAIN | dict(B=1.0), N=1.8e9, domain_tokens=5e9)["ratio"] == 1.0


def test_the_best_size_at_a_share_is_that_of_a_grid():
    answer = best_size_at_ratio(DOMAIN, compute=1e21, r=0.5)
    sizes = np.geomspace(1e9, 1e12, 20001)
    with jax.enable_x64(True):
        columns = {"N": sizes, "D": 1e21 / 6 / sizes, "r": np.full(sizes.shape, 0.5)}
        losses = np.asarray(over_runs(D_CPT, DOMAIN, columns))
    assert answer["N"] == pytest.approx(sizes[np.argmin(losses)], rel=1e-3)
    assert 6 * answer["N"] * answer["D"] == pytest.approx(1e21, rel=1e-9)


def test_a_larger_share_asks_for_a_smaller_model_on_more_tokens():
    small, large = (best_size_at_ratio(DOMAIN, compute=1e21, r=r)["N"] for r in (0.2, 0.8))
    assert large < small
    assert large / small == pytest.approx(4.0 ** (-DOMAIN["eta"] / (DOMAIN["alpha"] + DOMAIN["beta"])), rel=1e-9)


def test_the_turning_time_is_where_the_general_loss_is_highest():
    T = np.geomspace(1e6, 1e11, 400001)
    p = RISE_AND_FALL
    change = p["a2"] * T ** p["s2"] + p["a3"] * T ** p["s3"]
    answer = turning_time(RISE_AND_FALL)
    assert answer["T"] == pytest.approx(T[np.argmax(change)], rel=1e-4)
    assert answer["change"] == pytest.approx(change.max(), rel=1e-9)


@pytest.mark.parametrize("weight", [100.0, 1000.0, 7000.0])
def test_at_the_critical_time_the_derivative_of_the_weighted_loss_is_zero_and_falls(weight):
    p, d = RISE_AND_FALL, FALL
    T = critical_time(FALL, RISE_AND_FALL, weight=weight)["T"]

    def slope(T):
        general = p["a2"] * p["s2"] * T ** (p["s2"] - 1) + p["a3"] * p["s3"] * T ** (p["s3"] - 1)
        return d["a1"] * d["s1"] * T ** (d["s1"] - 1) + weight * general

    assert slope(0.999 * T) > 0 > slope(1.001 * T)


def test_the_critical_time_tends_to_the_turning_time_as_the_weight_grows():
    turn = turning_time(RISE_AND_FALL)["T"]
    times = [critical_time(FALL, RISE_AND_FALL, weight=weight)["T"] for weight in (10.0, 100.0, 1e4, 1e8)]
    assert np.all(np.diff(times) > 0)
    assert times[-1] == pytest.approx(turn, rel=1e-5)


def test_a_mixture_is_feasible_once_its_critical_time_is_over_and_the_general_loss_is_spared():
    general = RISE_AND_FALL | dict(b2=0.0)
    T = critical_time(FALL, general, weight=1000.0)["T"]
    highest = turning_time(general)["change"]

    def feasible(tokens, eps):
        return critical_time(FALL, general, weight=1000.0, tokens=tokens, eps=eps)["feasible"]

    assert [feasible(share * T, 2 * highest) for share in (0.5, 0.999, 1.001, 2.0)] == [0.0, 0.0, 1.0, 1.0]
    assert feasible(1.001 * T, 0.5 * highest) == 0.0


def test_a_mixture_whose_losses_fall_from_the_start_is_feasible():
    answer = critical_time(FALL | dict(a1=-1e3), RISE_AND_FALL, weight=1.0, tokens=1e8, eps=0.1)
    assert answer["feasible"] == 1.0


def test_a_domain_loss_that_falls_faster_than_the_general_rises_has_no_critical_time():
    assert critical_time(FALL | dict(a1=-1e3), RISE_AND_FALL, weight=1.0).share_answered == 0.0


def test_a_general_loss_that_only_rises_never_turns():
    assert turning_time(RISE_AND_FALL | dict(s3=0.1)).share_answered == 0.0


def test_the_critical_ratio_grows_with_tokens_and_stays_a_share():
    p = dict(a4=0.02, s4=0.12, b3=-0.05)
    ratios = [critical_ratio_at(p, T=T)["ratio"] for T in (20e9, 200e9)]
    assert ratios[0] == pytest.approx(0.02 * 20e9**0.12 - 0.05, rel=1e-9)
    assert ratios[1] > ratios[0]
    assert critical_ratio_at(p, T=1e20).share_answered == 0.0


def test_tokens_that_are_none_are_refused():
    with pytest.raises(InputError, match="domain_tokens"):
        best_ratio_of_limited_data(DOMAIN, N=1.8e9, domain_tokens=-1.0)
