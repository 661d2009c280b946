"""The share at which a loss meets a cap, and the best mixture of many domains."""

import itertools

import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import critical_mixture_ratio, optimal_mixture
from lawjax.errors import InputError

DOMAINS = ("academic", "prose", "dialogue", "symbolic", "internet")
YE = {domain: f"ye2025-{domain}-70m" for domain in DOMAINS}
D_CPT = dict(E=1.0, A=400.0, alpha=0.34, B=2000.0, eta=1.2, beta=0.45, C=0.1, gamma=0.5, eps=0.1)
THREE = {
    "code": dict(c=1.0, k=0.8, t=np.array([-3.0, 0.1, 0.4])),
    "prose": dict(c=2.5, k=0.6, t=np.array([0.2, -1.5, -0.3])),
    "web": dict(c=2.8, k=0.7, t=np.array([0.3, -0.2, -1.2])),
}


def _grid(size, parts):
    """Every mixture in whole parts, shape (mixture, size)."""
    whole = itertools.combinations(range(parts + size - 1), size - 1)
    bars = np.array([(-1, *cut, parts + size - 1) for cut in whole])
    return (np.diff(bars, axis=1) - 1) / parts


def _losses(laws, ratio):
    return np.array([law["c"] + law["k"] * np.exp(ratio @ np.asarray(law["t"])) for law in laws])


def test_a_mixing_law_meets_a_cap_in_closed_form():
    p = dict(c=2.8, k=0.2, t=-4.0)
    assert critical_mixture_ratio(p, cap=2.85)["ratio"] == pytest.approx(np.log(0.05 / 0.2) / -4.0, rel=1e-9)


def test_the_share_of_a_table_meets_the_loss_that_was_measured_there():
    answer = critical_mixture_ratio("gu2024-domain-460m", cap=1.5122)
    assert answer["ratio"] == pytest.approx(0.5, abs=2e-3)


def test_a_d_cpt_law_meets_a_cap_at_the_size_and_tokens_that_are_held():
    answer = critical_mixture_ratio(lj.draws.as_draws(D_CPT, lj.laws.D_CPT), cap=1.5, N=1.8e9, D=1e10)
    runs = {"N": 1.8e9, "D": 1e10, "r": answer["ratio"]}
    assert lj.predict(lj.draws.as_draws(D_CPT, lj.laws.D_CPT), runs).median[0] == pytest.approx(1.5, rel=1e-9)


def test_a_cap_that_is_never_met_has_no_answer():
    answer = critical_mixture_ratio(dict(c=2.8, k=0.2, t=-4.0), cap=2.7)
    assert answer.share_answered == 0.0


def test_a_loss_below_the_cap_at_every_share_asks_for_none_and_allows_all():
    answer = critical_mixture_ratio(dict(c=2.8, k=0.2, t=-4.0), cap=3.1)
    assert (answer["ratio"], answer["largest"]) == (0.0, 1.0)


@pytest.mark.parametrize(("eta", "cap"), [(1.2, 1.44), (0.4, 1.55), (1.2, 1.4384)])
def test_a_loss_that_turns_in_the_share_meets_the_cap_twice(eta, cap):
    p = D_CPT | dict(eta=eta)
    answer = critical_mixture_ratio(p, cap=cap, N=1.8e9, D=1e10)
    shares = np.linspace(0, 1, 200001)
    loss = p["E"] + p["A"] / 1.8e9 ** p["alpha"] + p["B"] * shares**eta / 1e10 ** p["beta"]
    below = shares[loss + p["C"] / (shares + p["eps"]) ** p["gamma"] <= cap]
    assert (answer["ratio"], answer["largest"]) == pytest.approx((below.min(), below.max()), abs=1e-5)


def test_draws_that_start_below_the_cap_count_in_the_interval():
    draws = dict(c=np.full(3, 2.8), k=np.array([0.04, 0.1, 0.2]), t=np.full(3, -4.0))
    answer = critical_mixture_ratio(draws, cap=2.85)
    np.testing.assert_allclose(answer.draws["ratio"], [0.0, 0.17328680, 0.34657359], atol=1e-8)
    assert answer.share_answered == 1.0


def test_of_a_general_loss_against_the_domain_share_the_largest_is_the_critical_ratio():
    answer = critical_mixture_ratio(dict(alpha=0.3, s=0.5, beta=2.0), cap=2.15)
    assert answer["ratio"] == 0.0
    assert answer["largest"] == pytest.approx(0.25, rel=1e-9)


def test_each_draw_meets_the_cap_by_itself():
    draws = dict(c=np.array([2.8, 2.8, 2.9]), k=np.full(3, 0.2), t=np.array([-4.0, -2.0, -4.0]))
    answer = critical_mixture_ratio(draws, cap=2.85)
    np.testing.assert_allclose(answer.draws["ratio"], [0.34657359, 0.69314718, np.nan], rtol=1e-6)
    assert answer.share_answered == pytest.approx(2 / 3)


def test_a_d_cpt_law_needs_its_size_and_tokens():
    with pytest.raises(InputError, match="D"):
        critical_mixture_ratio(lj.draws.as_draws(D_CPT, lj.laws.D_CPT), cap=1.5, N=1.8e9)


def test_plain_parameters_find_their_law():
    plain = critical_mixture_ratio(D_CPT, cap=1.5, N=1.8e9, D=1e10)
    assert plain.law is lj.laws.D_CPT
    assert critical_mixture_ratio(dict(alpha=0.3, s=0.5, beta=2.0), cap=2.15).law is lj.laws.CMR_LOSS


def test_a_size_for_a_law_without_one_is_refused():
    with pytest.raises(InputError, match="left out"):
        critical_mixture_ratio(dict(c=2.8, k=0.2, t=-4.0), cap=2.85, N=1e9)


def test_the_best_mixture_is_that_of_a_fine_grid():
    weights = {"code": 0.5, "prose": 0.2, "web": 0.3}
    answer = optimal_mixture(THREE, weights=weights)
    grid = _grid(3, 400)
    total = np.array([0.5, 0.2, 0.3]) @ _losses(THREE.values(), grid)
    np.testing.assert_allclose(answer["ratio"], grid[np.argmin(total)], atol=1 / 400)
    assert total.min() - 1e-9 >= answer["loss"] >= total.min() - 1e-5


def test_the_best_mixture_of_published_laws_is_that_of_a_grid():
    laws = [lj.laws.published(name).params for name in YE.values()]
    answer = optimal_mixture(YE)
    grid = _grid(5, 40)
    total = _losses(laws, grid).mean(axis=0)
    np.testing.assert_allclose(answer["ratio"], grid[np.argmin(total)], atol=1 / 40)
    assert total.min() - 1e-9 >= answer["loss"] >= total.min() - 2e-3


def test_one_domain_alone_is_best_served_by_what_helps_it_most():
    np.testing.assert_allclose(optimal_mixture(THREE["prose"])["ratio"], [0.0, 1.0, 0.0], atol=1e-8)


def test_a_cap_on_one_loss_is_kept_and_used_up():
    weights = {"code": 1.0, "prose": 0.0, "web": 0.0}
    answer = optimal_mixture(THREE, weights=weights, cap=3.4, capped="web")
    grid = _grid(3, 1000)
    losses = _losses(THREE.values(), grid)
    allowed = np.where(losses[2] <= 3.4, losses[0], np.inf)
    assert answer["losses"][2] <= 3.4
    assert answer["losses"][2] == pytest.approx(3.4, abs=1e-6)
    np.testing.assert_allclose(answer["ratio"], grid[np.argmin(allowed)], atol=2e-3)


def test_a_cap_that_no_mixture_keeps_has_no_answer():
    assert optimal_mixture(THREE, cap=2.9, capped="web").share_answered == 0.0


@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1e6])
def test_the_unit_of_the_loss_does_not_move_the_best_mixture(scale):
    scaled = {name: law | dict(c=scale * law["c"], k=scale * law["k"]) for name, law in THREE.items()}
    free, capped = optimal_mixture(scaled), optimal_mixture(scaled, cap=3.4 * scale, capped="web")
    np.testing.assert_allclose(free["ratio"], optimal_mixture(THREE)["ratio"], atol=1e-8)
    np.testing.assert_allclose(capped["ratio"], optimal_mixture(THREE, cap=3.4, capped="web")["ratio"], atol=1e-8)


def test_limits_on_the_proportions_are_kept():
    limits = [0.5, 0.1875, 0.09375, 0.25, 0.75]
    answer = optimal_mixture(YE, most=limits)
    grid = _grid(5, 32)
    total = _losses([lj.laws.published(name).params for name in YE.values()], grid).mean(axis=0)
    allowed = np.where(np.all(grid <= limits, axis=1), total, np.inf)
    assert np.all(answer["ratio"] <= limits)
    assert allowed.min() - 1e-9 >= answer["loss"] >= allowed.min() - 3e-3


def test_limits_that_leave_no_mixture_are_refused():
    with pytest.raises(InputError, match="most"):
        optimal_mixture(THREE, most=[0.3, 0.3, 0.3])


def test_draws_of_several_laws_go_together_one_by_one():
    three = {name: {key: np.stack([value, value]) for key, value in law.items()} for name, law in THREE.items()}
    three["code"]["t"][1, 0] = -6.0
    answer = optimal_mixture(three)
    changed = THREE | {"code": THREE["code"] | {"t": np.array([-6.0, 0.1, 0.4])}}
    np.testing.assert_allclose(answer.draws["ratio"][0], optimal_mixture(THREE)["ratio"], atol=1e-8)
    np.testing.assert_allclose(answer.draws["ratio"][1], optimal_mixture(changed)["ratio"], atol=1e-8)


def test_a_weight_of_an_unknown_loss_is_refused():
    with pytest.raises(InputError, match="weights"):
        optimal_mixture(THREE, weights={"math": 1.0})


def test_a_cap_without_its_loss_is_refused():
    with pytest.raises(InputError, match="capped"):
        optimal_mixture(THREE, cap=3.0)


def test_a_law_of_something_else_is_refused():
    with pytest.raises(InputError, match="mixing laws"):
        optimal_mixture("hoffmann2022")


def test_laws_of_different_domains_are_refused():
    with pytest.raises(InputError, match="mixing-3"):
        optimal_mixture({"code": THREE["code"], "web": "ye2025-internet-70m"})


@pytest.mark.parametrize(
    ("source", "held", "said"),
    [
        (dict(c=1.0, k=1.0, t=-1.0), {}, "`t` must have the shape"),
        ({"code": dict(c=1.0, k=1.0)}, {}, "has the parameters"),
        (THREE, {"weights": {"code": "x"}}, "`weights` must be a number"),
        (THREE, {"weights": "abc"}, "`weights` must be one number each"),
        (THREE, {"weights": {"code": 0.0}}, "must not all be 0"),
        (THREE, {"most": "a"}, "`most` must be a number"),
        (THREE, {"most": [0.5, 0.5]}, "`most` must be 3 numbers"),
    ],
)
def test_what_cannot_be_a_question_of_mixtures_is_refused(source, held, said):
    with pytest.raises(InputError, match=said):
        optimal_mixture(source, **held)
