"""How large a model and on how many tokens."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.decisions import compute_for_target, optimal_size_and_tokens
from lawjax.laws import COUPLED, published

PF_DAY = 8.64e19


def several(name, num=40, spread=0.02):
    """Draws about published coefficients."""
    entry, generator = published(name), np.random.default_rng(0)
    params = {key: value * np.exp(spread * generator.standard_normal(num)) for key, value in entry.params.items()}
    return lj.Draws(law=entry.law, params=params)


@pytest.mark.parametrize(
    ("name", "size", "tokens", "ratio"),
    [
        ("hoffmann2022", 3.219e10, 2.982e12, 92.7),
        ("hoffmann2022-unrounded", 4.036e10, 2.379e12, 58.9),
        ("besiroglu2024", 7.235e10, 1.327e12, 18.3),
    ],
)
def test_the_best_size_and_tokens_for_the_compute_of_gopher(name, size, tokens, ratio):
    answer = optimal_size_and_tokens(name, 5.76e23)
    assert answer["N"] == pytest.approx(size, rel=5e-4)
    assert answer["D"] == pytest.approx(tokens, rel=5e-4)
    assert answer["tokens_per_parameter"] == pytest.approx(ratio, abs=0.06)


def test_rounding_two_exponents_changes_the_best_tokens_per_parameter_by_half():
    rounded, digits = (
        optimal_size_and_tokens(name, 5.76e23)["tokens_per_parameter"]
        for name in ("hoffmann2022", "hoffmann2022-unrounded")
    )
    assert rounded / digits == pytest.approx(1.57, abs=0.01)


@pytest.mark.parametrize("name", ["besiroglu2024", "kaplan2020-nd"])
def test_the_formula_is_the_allocation_of_the_planner(name):
    plan = lj.allocate(published(name), lj.flops(1e24))
    answer = optimal_size_and_tokens(name, 1e24)
    assert answer["N"] == pytest.approx(plan.inputs["N"][0], rel=1e-9)
    assert answer["D"] == pytest.approx(plan.inputs["D"][0], rel=1e-9)


def test_the_best_multiplier_of_the_over_training_law_does_not_depend_on_compute():
    p = published("gadre2024-redpajama").params
    ratios = [optimal_size_and_tokens("gadre2024-redpajama", C)["tokens_per_parameter"] for C in (1e20, 1e24)]
    assert ratios == pytest.approx([(p["b"] / p["a"]) ** (0.5 / p["eta"])] * 2, rel=1e-9)


@pytest.mark.parametrize(
    ("domain", "size"), [("image-8x8", 3.14e8), ("image-32x32", 2.08e8), ("video", 3.04e8), ("math", 1.07e8)]
)
def test_the_best_sizes_of_generative_models_at_one_petaflop_day(domain, size):
    answer = optimal_size_and_tokens(f"henighan2020-{domain}-optimal", PF_DAY)
    assert answer["N"] == pytest.approx(size, rel=5e-3)
    assert 6 * answer["N"] * answer["D"] == pytest.approx(PF_DAY, rel=1e-9)


def test_llama_3_gets_its_tokens():
    answer = optimal_size_and_tokens("grattafiori2024-figure", 3.8e25)
    assert answer["D"] == pytest.approx(16.55e12, rel=0.02)
    assert answer["N"] == pytest.approx(402e9, rel=0.05)


@pytest.mark.parametrize("name", ["hoffmann2022", "besiroglu2024", "kaplan2020-nd", "gadre2024-redpajama"])
def test_the_least_compute_undoes_the_best_size(name):
    entry = published(name)
    best = optimal_size_and_tokens(name, 1e24)
    inputs = {"N": best["N"], "D": best["D"], "C": 1e24, "M": best["tokens_per_parameter"]}
    with jax.enable_x64(True):
        loss = float(entry.law(*(inputs[key] for key in entry.law.inputs), **entry.params))
    answer = compute_for_target(name, loss)
    assert answer["C"] == pytest.approx(1e24, rel=1e-8)
    assert answer["N"] == pytest.approx(best["N"], rel=1e-8)


def test_the_coupled_law_raises_what_may_be_left():
    source = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37, gamma=0.8)
    draws = lj.Draws(law=COUPLED, params={key: np.array([value]) for key, value in source.items()})
    answer = compute_for_target(draws, 2.0)
    with jax.enable_x64(True):
        assert float(COUPLED(answer["N"], answer["D"], **source)) == pytest.approx(2.0, rel=1e-9)


def test_a_loss_below_the_floor_has_no_compute_in_some_draws():
    answer = compute_for_target(several("besiroglu2024"), 1.85)
    assert 0.0 < answer.share_answered < 1.0
    assert "no-answer" in [note.code for note in answer.verdict.notes]


def test_uncertainty_is_carried_into_the_best_size():
    answer = optimal_size_and_tokens(several("besiroglu2024"), 5.76e23)
    low, high = answer.interval("N")
    assert low < answer["N"] < high
    assert len(answer) == 40


def test_a_best_size_beyond_the_runs_is_noted(hoffmann_fit):
    notes = optimal_size_and_tokens(hoffmann_fit, 5.76e23).verdict.notes
    assert [note.code for note in notes].count("extrapolation") == 2


def test_a_law_of_something_else_is_refused():
    with pytest.raises(lj.InputError, match=r"this decision is for 'chinchilla' or .*; the source is of 'kaplan-n'"):
        optimal_size_and_tokens("kaplan2020-n", 1e20)


def test_a_compute_below_zero_is_refused():
    with pytest.raises(lj.InputError, match="`C` must be positive"):
        optimal_size_and_tokens("besiroglu2024", -1.0)


@pytest.mark.parametrize("gamma", [0.5, 0.25])
def test_a_coupled_loss_below_the_floor_has_no_compute_though_its_power_is_even(gamma):
    source = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37, gamma=gamma)
    draws = lj.Draws(law=COUPLED, params={key: np.array([value]) for key, value in source.items()})
    assert np.isnan(compute_for_target(draws, 1.7)["C"])
    assert np.isnan(compute_for_target(draws, 1.8)["C"])
    assert np.isfinite(compute_for_target(draws, 1.9)["C"])


@pytest.mark.parametrize("value", ["1e24x", None, [1e24, 1e25]])
def test_a_budget_or_a_target_that_is_not_one_number_is_refused(value):
    with pytest.raises(lj.InputError, match="`C` must be"):
        optimal_size_and_tokens("besiroglu2024", value)
    with pytest.raises(lj.InputError, match="`target` must be"):
        compute_for_target("besiroglu2024", value)


def test_a_number_written_as_text_is_read():
    assert optimal_size_and_tokens("besiroglu2024", "1e24")["N"] == optimal_size_and_tokens("besiroglu2024", 1e24)["N"]
