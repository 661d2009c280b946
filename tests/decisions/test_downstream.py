"""Decisions on scores, density, rewards, teachers and compute, against closed forms and worked numbers."""

import numpy as np
import pytest

import lawjax as lj
from lawjax import decisions
from lawjax.laws import (
    BOUNDED_SCORE,
    COUPLED,
    DENSITY_TREND,
    DISTILLED_SCORE,
    OVEROPTIMISATION,
    POWER_LAW,
    POWER_LAW_FLOOR,
    TASK_SCORE,
    TRANSFER_SCORE,
    family_score,
)

CHAIN = dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=1.2, a=40.0, alpha=0.2, b=60.0, beta=0.2)
GROWTH = dict(A=0.007)
SIZES = [1e9, 3e9, 7e9, 1.4e10, 3e10, 7e10]


def draws_of(law, **params):
    """Draws of a law, a number where all share it."""
    return lj.draws.as_draws(params, law)


# ------------------------------------------------------------------------------------------------ transfer


def test_break_even_tokens_are_those_of_the_papers_closed_form():
    A, alpha, beta, target = 3e-3, 0.9, 1.1, 20.0
    ours = dict(s=alpha**beta, D_0=A ** (-1 / alpha), beta=beta)
    printed = (np.exp(target ** (1 / beta)) / A) ** (1 / alpha)
    assert decisions.break_even_tokens(ours, target)["D_p"] == pytest.approx(printed, rel=1e-9)


def test_break_even_tokens_have_an_interval_over_draws():
    source = draws_of(TRANSFER_SCORE, s=np.linspace(3.5, 4.5, 21), D_0=1e5, beta=0.8)
    answer = decisions.break_even_tokens(source, 25.0)
    low, high = answer.interval("D_p")
    assert low < answer["D_p"] < high
    assert len(answer) == 21


def test_a_break_even_score_of_zero_is_refused():
    with pytest.raises(lj.InputError, match="`score`"):
        decisions.break_even_tokens(dict(s=4.0, D_0=1e5, beta=0.8), 0.0)


# -------------------------------------------------------------------------------------------------- chains


def test_tokens_and_size_bring_back_the_score_they_were_asked_for():
    tokens = decisions.tokens_for_score(CHAIN, 0.6, 7e9)["D"]
    size = decisions.effective_size(CHAIN, 0.6, D=1e12)["size"]
    assert float(TASK_SCORE(7e9, tokens, **CHAIN)) == pytest.approx(0.6, rel=1e-4)
    assert float(TASK_SCORE(size, 1e12, **CHAIN)) == pytest.approx(0.6, rel=1e-4)


def test_density_is_the_effective_size_over_the_real_one():
    answer = decisions.effective_size(CHAIN, 0.6, N=2e9)
    assert answer["density"] == pytest.approx(answer["size"] / 2e9)


@pytest.mark.parametrize("score", [0.24, 0.96])
def test_a_score_below_the_floor_or_above_the_ceiling_has_no_size(score):
    answer = decisions.effective_size(CHAIN, score)
    assert np.isnan(answer["size"])
    assert "no-answer" in answer.verdict.codes


def test_a_score_that_tokens_alone_cannot_buy_has_no_tokens():
    assert np.isnan(decisions.tokens_for_score(CHAIN, 0.9, 1e7)["D"])


def test_doubt_in_the_ceiling_explodes_the_size_near_it():
    source = draws_of(TASK_SCORE, **(CHAIN | {"ceiling": np.linspace(0.94, 0.96, 21)}))
    spread = [np.divide(*decisions.effective_size(source, score).interval("size")[::-1]) for score in (0.5, 0.9)]
    assert spread[1] > 5 * spread[0]


def test_the_chain_of_a_published_loss_law_answers_too():
    chain = decisions.chained("hoffmann2022", dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=2.2))
    tokens = decisions.tokens_for_score(chain, 0.68, 7e9)["D"]
    assert float(lj.predict(chain, {"N": 7e9, "D": tokens}).median[0]) == pytest.approx(0.68, rel=1e-5)


COUPLED_LOSS = dict(E=1.0, A=400.0, alpha=0.4, B=400.0, beta=0.4, gamma=0.7)
LOSSES = [
    pytest.param(draws_of(COUPLED, **COUPLED_LOSS), id="coupled"),
    pytest.param("kaplan2020-nd", id="kaplan"),
    pytest.param("besiroglu2024", id="chinchilla"),
]


@pytest.mark.parametrize("losses", LOSSES)
def test_every_chain_from_size_and_tokens_is_solved_for_either(losses):
    chain = decisions.chained(losses, dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=2.4))
    tokens = decisions.tokens_for_score(chain, 0.6, 7e9)
    size = decisions.effective_size(chain, 0.6, D=tokens["D"], N=7e9)
    reached = lj.predict(chain, {"N": 7e9, "D": tokens["D"]}).median[0]
    assert reached == pytest.approx(0.6, rel=1e-9)
    assert size["size"] == pytest.approx(7e9, rel=1e-6)
    assert size["density"] == pytest.approx(1.0, rel=1e-6)
    assert lj.predict(losses, {"N": 7e9, "D": tokens["D"]}).median[0] == pytest.approx(tokens["loss"], rel=1e-9)


def test_a_chain_without_tokens_is_sent_to_the_decision_for_any_input():
    chain = decisions.chained("kaplan2020-n", dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=2.4))
    with pytest.raises(lj.InputError, match="`inputs_for_target` solves any law"):
        decisions.tokens_for_score(chain, 0.6, 7e9)
    assert decisions.inputs_for_target(chain, 0.6, "N")["N"] == pytest.approx(8.8e13 / 2.4 ** (1 / 0.076), rel=1e-6)


def test_a_score_that_a_numeric_chain_cannot_reach_has_no_tokens():
    chain = decisions.chained(draws_of(COUPLED, **COUPLED_LOSS), dict(floor=0.25, ceiling=0.95, gamma=3.0, L_0=0.9))
    assert np.isnan(decisions.tokens_for_score(chain, 0.9, 7e9)["D"])


def test_a_second_step_of_another_law_is_refused():
    with pytest.raises(lj.InputError, match="loss-to-score"):
        decisions.chained("hoffmann2022", "besiroglu2024")


def test_a_score_in_per_cent_is_refused():
    with pytest.raises(lj.InputError, match="`score` must lie between 0 and 1, got 60"):
        decisions.tokens_for_score(CHAIN, 60, 7e9)


# ------------------------------------------------------------------------------------------------- density


def test_half_the_size_does_after_one_doubling_of_density():
    answer = decisions.size_for_score(GROWTH, N_ref=8e9, t=100.0, t_ref=100.0 - np.log(2) / 0.007)
    assert answer["N"] == pytest.approx(4e9, rel=1e-9)
    assert answer["doubling"] == pytest.approx(99.0, abs=0.1)


def test_the_day_of_a_size_and_the_size_of_a_day_are_inverse():
    day = decisions.day_of_size(GROWTH, N_ref=8e9, N=3e9, t_ref=30.0)["t"]
    assert decisions.size_for_score(GROWTH, N_ref=8e9, t=day, t_ref=30.0)["N"] == pytest.approx(3e9, rel=1e-9)


def test_the_rate_of_growth_leaves_a_fifth_more_after_four_months_than_the_papers_example_says():
    share = decisions.size_for_score(GROWTH, N_ref=1.0, t=4 * 365.25 / 12)["N"]
    assert share == pytest.approx(0.4265, abs=1e-4)
    assert share / 0.35 == pytest.approx(1.22, abs=0.005)


@pytest.mark.parametrize("start", [-1.0, 0.0, 2.0])
def test_the_rate_of_growth_alone_sizes_a_model_because_the_start_cancels(start):
    alone, begun = (
        decisions.size_for_score(source, N_ref=8e9, t=50.0)["N"] for source in (GROWTH, GROWTH | {"B": start})
    )
    assert alone == begun


def test_a_size_is_forecast_with_an_interval_over_draws():
    source = draws_of(DENSITY_TREND, A=np.linspace(0.006, 0.008, 21), B=0.0)
    low, high = decisions.size_for_score(source, N_ref=8e9, t=365.0).interval("N")
    assert low == pytest.approx(8e9 * np.exp(-0.0079 * 365), rel=1e-6)
    assert high == pytest.approx(8e9 * np.exp(-0.0061 * 365), rel=1e-6)


def test_a_size_of_zero_is_refused():
    with pytest.raises(lj.InputError, match="`N_ref`"):
        decisions.size_for_score(GROWTH, N_ref=0.0, t=1.0)


@pytest.mark.parametrize("t_ref", [[0.0, 10.0], "May", np.inf])
def test_a_day_of_reference_that_is_not_one_number_is_refused(t_ref):
    with pytest.raises(lj.InputError, match="`t_ref` must be"):
        decisions.size_for_score(GROWTH, N_ref=8e9, t=3.0, t_ref=t_ref)


def test_a_cost_of_treatment_that_is_not_one_number_is_refused():
    law = draws_of(POWER_LAW_FLOOR, E=0.5, A=30.0, alpha=0.08)
    with pytest.raises(lj.InputError, match="`extra` must be one number"):
        decisions.compute_equivalent_gain(law, law, 1.3, extra=[1.0, 2.0])


@pytest.mark.parametrize("sizes", ["abc", None, [1e9, np.nan]])
def test_sizes_on_offer_that_are_no_numbers_are_refused(sizes):
    with pytest.raises(lj.InputError, match="`sizes` must be"):
        decisions.smallest_size_on_plateau(dict(floor=0.2, ceiling=0.9, slope=1.0, location=21.0), sizes, 0.05)


def test_a_day_that_is_no_number_is_refused():
    with pytest.raises(lj.InputError, match="`t` must be a number, got 'May'"):
        decisions.size_for_score(GROWTH, N_ref=8e9, t="May")


# ------------------------------------------------------------------------------------- over-optimisation


def test_the_kl_budget_is_its_closed_form():
    answer = decisions.kl_budget(dict(alpha=0.5, beta=0.2))
    d = np.exp(1.5)
    found = [answer[name] for name in ("d", "kl", "reward", "zero")]
    assert found == pytest.approx([d, d**2, 0.2 * d, np.e * d], rel=1e-12)


def test_a_small_beta_makes_the_kl_budget_skewed():
    source = draws_of(OVEROPTIMISATION, alpha=0.3, beta=np.linspace(0.05, 0.15, 101))
    answer = decisions.kl_budget(source)
    low, high = answer.interval("d")
    assert high / answer["d"] > 2 * answer["d"] / low


@pytest.mark.parametrize(("alpha", "beta"), [(0.8, 0.2), (0.5, 0.2), (0.1, 0.3)])
def test_the_best_number_of_samples_is_that_of_a_search_by_hand(alpha, beta):
    counts = np.arange(1.0, 2000.0)
    d = np.sqrt(np.log(counts) - (counts - 1) / counts)
    answer = decisions.best_of_n_samples(dict(alpha=alpha, beta=beta))
    assert answer["n"] == counts[np.argmax(d * (alpha - beta * d))]


def test_the_samples_next_to_the_best_number_enclose_the_kl_of_the_peak():
    answer = decisions.best_of_n_samples(dict(alpha=0.8, beta=0.2))
    below, above = (np.log(n) - (n - 1) / n for n in (answer["n"] - 1, answer["n"] + 1))
    assert below < 4.0 < above
    assert answer["kl"] == pytest.approx(4.0)
    assert answer["reward"] == pytest.approx(0.8)


def test_a_reward_that_only_falls_has_no_best_number_of_samples():
    assert np.isnan(decisions.best_of_n_samples(dict(alpha=-0.1, beta=0.2))["n"])


def test_a_reward_of_the_other_kind_is_refused():
    with pytest.raises(lj.InputError, match="'overoptimisation-best-of-n'"):
        decisions.best_of_n_samples(draws_of(OVEROPTIMISATION, alpha=0.3, beta=0.1))


# --------------------------------------------------------------------------------------------- distillation


@pytest.mark.parametrize(("student", "teacher"), [(1e9, 2486.502e6), (2.8e9, 6982.902e6), (3e9, 7482.502e6)])
def test_the_best_teacher_is_that_of_the_printed_line(student, teacher):
    assert decisions.teacher_size("zhang2023", student)["T"] == pytest.approx(teacher, rel=1e-9)
    assert decisions.student_size("zhang2023", teacher)["S"] == pytest.approx(student, rel=1e-9)


def test_the_curve_gives_its_best_ratio_with_an_interval():
    source = draws_of(DISTILLED_SCORE, peak=0.1, slope=0.05, k=0.03, rho=np.linspace(2.0, 3.0, 21))
    answer = decisions.teacher_size(source, 1e9)
    assert answer["T"] == pytest.approx(2.5e9)
    assert answer.interval("ratio") == pytest.approx((2.05, 2.95))


def test_plain_parameters_are_of_the_law_that_has_them():
    assert decisions.teacher_size(dict(peak=0.1, slope=0.05, k=0.03, rho=2.0), 1e9)["T"] == pytest.approx(2e9)


@pytest.mark.parametrize(("slope", "intercept"), [(2.5, -2e9), (0.8, 0.0)])
def test_a_line_that_ends_below_the_student_has_no_teacher(slope, intercept):
    source = dict(slope=slope, intercept=intercept)
    assert np.isnan(decisions.teacher_size(source, 1e9)["T"])


@pytest.mark.parametrize(("slope", "intercept"), [(2.5, 2e10), (0.8, 0.0)])
def test_a_line_without_a_smaller_student_has_none(slope, intercept):
    source = dict(slope=slope, intercept=intercept)
    answer = decisions.student_size(source, 7e9)
    assert np.isnan(answer["S"])
    assert "no-answer" in answer.verdict.codes


def test_a_parameter_beyond_its_edges_is_refused_by_name():
    with pytest.raises(lj.InputError, match=r"'distilled-score': `k` must lie from 0 to inf, got -0.03"):
        decisions.teacher_size(dict(peak=0.1, slope=0.05, k=-0.03, rho=2.0), 1e9)


def test_a_parameter_at_its_edge_is_let_through():
    assert decisions.kl_budget(dict(alpha=0.3, beta=np.array([0.1, 0.0]))).share_answered == 0.5


def test_a_parameter_beyond_its_edges_is_refused_in_every_decision():
    for ask, match in (
        (lambda: decisions.kl_budget(dict(alpha=0.3, beta=-0.1)), "`beta` must lie from 0 to inf, got -0.1"),
        (lambda: decisions.best_of_n_samples(dict(alpha=0.3, beta=-0.1)), "`beta` must lie from 0 to inf, got -0.1"),
        (lambda: decisions.size_for_score(dict(A=-0.001), N_ref=1e9, t=3.0), "`A` must lie from 0 to inf, got -0.001"),
    ):
        with pytest.raises(lj.InputError, match=match):
            ask()


def test_a_student_of_no_size_is_refused():
    with pytest.raises(lj.InputError, match="`S`"):
        decisions.teacher_size("zhang2023", -1e9)


# ----------------------------------------------------------------------------------------------------- gain


def test_a_law_shifted_by_two_is_worth_twice_the_compute():
    base = draws_of(POWER_LAW_FLOOR, E=0.5, A=30.0, alpha=0.08)
    treated = draws_of(POWER_LAW_FLOOR, E=0.5, A=30.0 * 2**-0.08, alpha=0.08)
    answer = decisions.compute_equivalent_gain(base, treated, 1.3, extra=1e18)
    assert answer["gain"] == pytest.approx(2.0, rel=1e-9)
    assert answer["saved"] == pytest.approx(answer["C_treated"] - 1e18, rel=1e-9)


def test_the_gain_of_two_rising_laws_of_other_forms_is_found_too():
    base = draws_of(BOUNDED_SCORE, floor=0.1, ceiling=0.9, slope=1.0, location=22.0)
    treated = draws_of(BOUNDED_SCORE, floor=0.1, ceiling=0.9, slope=1.0, location=22.0 - np.log(3.0))
    assert decisions.compute_equivalent_gain(base, treated, 0.5)["gain"] == pytest.approx(3.0, rel=1e-9)


def test_independent_fits_do_not_share_their_scatter():
    design = {"x": np.geomspace(1e18, 1e22, 12)}
    truth = dict(A=30.0, alpha=0.08)
    fits = [
        lj.fit(POWER_LAW, lj.simulate(POWER_LAW, truth, design, noise=0.005, key=key), num_starts=4) for key in (1, 2)
    ]
    answer = decisions.compute_equivalent_gain(*fits, 0.8)
    pair = np.log([answer.draws["C_base"], answer.draws["C_treated"]])
    assert abs(np.corrcoef(pair)[0, 1]) < 0.2
    assert np.std(np.log(answer.draws["gain"])) == pytest.approx(np.hypot(*np.std(pair, axis=1)), rel=0.15)


def test_the_gain_is_found_in_a_unit_in_which_compute_is_less_than_one():
    base = draws_of(POWER_LAW_FLOOR, E=0.5, A=0.3, alpha=0.5)
    treated = draws_of(POWER_LAW_FLOOR, E=0.5, A=0.2, alpha=0.5)
    answer = decisions.compute_equivalent_gain(base, treated, 1.3)
    assert answer["C_base"] == pytest.approx((0.3 / 0.8) ** 2, rel=1e-9)
    assert answer["gain"] == pytest.approx(2.25, rel=1e-9)


def test_the_gain_is_looked_for_between_the_bounds():
    base = draws_of(POWER_LAW_FLOOR, E=0.5, A=0.3, alpha=0.5)
    assert np.isnan(decisions.compute_equivalent_gain(base, base, 1.3, bounds=(1.0, 1e30))["gain"])
    with pytest.raises(lj.InputError, match="`bounds` must be"):
        decisions.compute_equivalent_gain(base, base, 1.3, bounds=(1e3, 1.0))


def test_a_law_of_two_inputs_has_no_compute_to_solve_for():
    with pytest.raises(lj.InputError, match="one input"):
        decisions.compute_equivalent_gain("hoffmann2022", "hoffmann2022", 2.0)


# -------------------------------------------------------------------------------------------------- plateau


def test_the_plateau_begins_where_no_later_step_gains_delta():
    truth = dict(floor=0.2, ceiling=0.9, slope=1.0, location=21.0)
    scores = np.array([float(BOUNDED_SCORE(N, **truth)) for N in SIZES])
    answer = decisions.smallest_size_on_plateau(truth, SIZES, 0.05)
    index = SIZES.index(answer["chosen"])
    assert answer["gain"] == pytest.approx(np.diff(scores), abs=1e-5)
    assert np.all(np.diff(scores)[index:] < 0.05)
    assert np.diff(scores)[index - 1] >= 0.05


def test_the_flat_start_of_the_curve_is_not_the_plateau():
    late = dict(floor=0.2, ceiling=0.9, slope=4.0, location=np.log(1.5e10))
    assert decisions.smallest_size_on_plateau(late, SIZES, 0.05)["chosen"] >= 3e10


def test_the_choice_is_sure_in_the_share_of_draws_that_was_asked():
    source = draws_of(BOUNDED_SCORE, floor=0.2, ceiling=0.9, slope=1.0, location=np.linspace(20.0, 22.5, 40))
    answer = decisions.smallest_size_on_plateau(source, SIZES, 0.08, sure=0.9)
    halfway = decisions.smallest_size_on_plateau(source, SIZES, 0.08, sure=0.5)
    assert np.mean(answer.draws["N"] <= answer["chosen"]) > 0.9
    assert answer["chosen"] > halfway["chosen"]


def test_sizes_that_end_before_the_plateau_have_no_answer():
    early = dict(floor=0.2, ceiling=0.9, slope=1.0, location=24.0)
    answer = decisions.smallest_size_on_plateau(early, SIZES, 0.02)
    assert np.isnan(answer["chosen"])
    assert "no-plateau" in answer.verdict.codes


def test_the_plateau_of_a_family_is_that_of_its_place():
    shared = dict(floor=0.2, ceiling=0.9, slope=1.0)
    one = decisions.smallest_size_on_plateau({**shared, "location": 21.0}, SIZES, 0.05)
    two = draws_of(family_score(2), **shared, location=np.array([19.0, 21.0]))
    assert decisions.smallest_size_on_plateau(two, SIZES, 0.05, family=[0, 1])["chosen"] == one["chosen"]


def test_sizes_that_do_not_rise_are_refused():
    with pytest.raises(lj.InputError, match="`sizes` must be two or more numbers above 0 that rise"):
        decisions.smallest_size_on_plateau(dict(floor=0.2, ceiling=0.9, slope=1.0, location=21.0), [2e9, 1e9], 0.05)


# --------------------------------------------------------------------------------------------------- agents


def test_the_handicap_is_the_gap_at_the_strength_that_is_named():
    theta = decisions.strength_for_gap(dict(d=1.0, k=0.5), 0.1)["theta"]
    assert np.exp(-0.5 * theta) == pytest.approx(0.1)


def test_draws_in_which_agents_do_not_converge_have_no_strength():
    source = draws_of(lj.laws.AGENT_COMPLEXITY, d=1.0, k=np.array([-0.1, 0.2, 0.4, 0.5]))
    assert decisions.strength_for_gap(source, 0.1).share_answered == 0.75
