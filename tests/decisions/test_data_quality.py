"""Decisions on data: epochs, repeats, buckets, fractions, examples and mixtures."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws import DATA_CONSTRAINED, KAPLAN_N, PROJEKTOR_SIZE, RECTIFIED_HILL, line_through, published
from lawjax.laws.data_quality.rectified import as_hill

POOL = 12.8e6
BUDGETS = (32e6, 64e6, 128e6, 640e6)
GPT2 = dict(E=1.2423, B=856.37, D_l=260.71, beta=0.5005)
BELL = dict(h=0.7, w=1.0, c=0.01, k=0.5)


@pytest.mark.parametrize(("name", "kept"), [("goyal2024-utility", [1, 1, 2, 2]), ("goyal2024-data", [1, 1, 2, 3])])
def test_more_buckets_are_kept_as_the_budget_grows(name, kept):
    assert [lj.decisions.buckets_to_keep(name, samples, POOL)["buckets"] for samples in BUDGETS] == kept


@pytest.mark.parametrize(
    ("samples", "errors"),
    [
        (32e6, [0.8175, 0.8416, 0.8658, 0.8832]),
        (64e6, [0.7538, 0.7670, 0.7960, 0.8201]),
        (128e6, [0.7127, 0.7040, 0.7323, 0.7587]),
        (640e6, [0.6882, 0.6145, 0.6244, 0.6486]),
    ],
)
def test_the_errors_of_each_number_of_buckets_are_those_of_the_authors_code(samples, errors):
    params = dict(published("goyal2024-utility").params)
    answer = lj.decisions.buckets_to_keep(params, samples, POOL, form="utility-code")
    np.testing.assert_allclose(answer["errors"], errors, atol=5e-5)
    assert answer["error"] == pytest.approx(min(errors), abs=5e-5)


def test_a_law_of_one_bucket_cannot_say_how_many_to_keep():
    with pytest.raises(InputError, match="filtered_pools"):
        lj.decisions.buckets_to_keep("goyal2024-utility-top10", 1e8, POOL)
    with pytest.raises(InputError, match="one value for each bucket"):
        lj.decisions.buckets_to_keep(dict(published("goyal2024-utility-top10").params), 1e8, POOL)


def test_a_pass_is_worth_a_share_e_to_the_minus_one_after_the_decay_constant():
    answer = lj.decisions.epochs_worth_repeating("muennighoff2023", np.exp(-1.0))
    assert answer["epochs"] == pytest.approx(1 + 15.387756, rel=1e-9)
    assert answer["limit"] == pytest.approx(1 + 15.387756, rel=1e-9)


def test_decay_that_is_not_identified_gives_a_wide_interval():
    params = dict(published("muennighoff2023").params, R_D_star=np.array([15.4, 47.0, 52.2, 95.4, 160.7]))
    answer = lj.decisions.epochs_worth_repeating(as_draws(params, DATA_CONSTRAINED), 0.5)
    low, high = answer.interval("epochs")
    assert len(answer) == 5
    assert high / low > 5
    with pytest.raises(InputError, match="share"):
        lj.decisions.epochs_worth_repeating("muennighoff2023", 1.5)


def test_few_unique_tokens_make_the_best_model_smaller_and_repeat():
    params = published("muennighoff2023")
    few, enough = (lj.decisions.best_epochs(params, 1e22, unique) for unique in (25e9, 1e13))
    assert few["epochs"] > 5
    assert enough["epochs"] == 1.0
    assert few["N"] < enough["N"]
    assert few["cost"] > 0.01
    assert enough["cost"] == pytest.approx(0.0, abs=1e-9)
    free = lj.allocate(published("muennighoff2023-c4"), lj.flops(1e22))
    assert enough["N"] == pytest.approx(float(free.inputs["N"][0]), rel=1e-4)
    assert few["loss"] == pytest.approx(
        float(DATA_CONSTRAINED(few["N"], few["D"], few["epochs"], **params.params)), rel=1e-5
    )


def test_the_best_epochs_are_better_than_their_neighbours():
    params = dict(published("muennighoff2023").params)
    answer = lj.decisions.best_epochs("muennighoff2023", 1e21, 1e9)
    for factor in (0.8, 1.25):
        D = answer["D"] / factor
        beside = float(DATA_CONSTRAINED(answer["N"] * factor, D, D / 1e9, **params))
        assert beside > answer["loss"]


def test_a_model_of_800m_with_repeated_data_is_worth_one_of_400m():
    loss = float(KAPLAN_N(400e6, **published("kaplan2020-n").params))
    answer = lj.decisions.size_left_by_repeats("kaplan2020-n", loss, 800e6)
    assert answer["size_ratio"] == pytest.approx(0.5, rel=1e-4)
    assert answer["N_eff"] == pytest.approx(400e6, rel=1e-4)


def test_the_other_inputs_of_a_law_must_be_held():
    with pytest.raises(InputError, match="must be held"):
        lj.decisions.size_left_by_repeats("hoffmann2022", 2.5, 800e6)
    answer = lj.decisions.size_left_by_repeats("hoffmann2022", 2.5, 800e6, D=1e11)
    assert 0 < answer["size_ratio"] < 2


def test_repeats_to_avoid_leave_the_tolerance_at_both_ends():
    answer = lj.decisions.repeats_to_avoid(BELL, 1e8, tolerance=0.2)
    for end in ("low", "high"):
        left = float(lj.laws.REPEATED_DATA(1e8, answer[end], **BELL))
        assert left == pytest.approx(0.8, rel=1e-5)
    assert answer["worst"] == pytest.approx(100.0)


def test_no_band_is_to_be_avoided_where_the_worst_is_tolerated():
    answer = lj.decisions.repeats_to_avoid(BELL, 1e8, tolerance=0.6)
    assert np.isnan(answer["low"])
    assert "no-answer" in answer.verdict.codes


def test_examples_for_a_loss_reach_it_in_either_form():
    one = lj.decisions.examples_for_loss(GPT2, 2.0)
    other = lj.decisions.examples_for_loss(as_hill(GPT2), 2.0)
    assert one["D"] == pytest.approx(other["D"], rel=1e-9)
    assert float(RECTIFIED_HILL(one["D"], **as_hill(GPT2))) == pytest.approx(2.0, rel=1e-5)
    assert one["gain"] > 0


def test_a_loss_below_the_floor_takes_no_number_of_examples():
    assert np.isnan(lj.decisions.examples_for_loss(GPT2, 1.2)["D"])
    assert np.isnan(lj.decisions.examples_for_loss(GPT2, 10.0)["D"])


def test_a_better_metric_lets_one_keep_fewer():
    angles = np.deg2rad([5.0, 10.0, 20.0, 40.0])
    answer = lj.decisions.fraction_to_keep(as_draws(dict(theta=angles), lj.laws.PRUNED_PERCEPTRON), 3.0)
    kept, errors = answer.draws["keep"], answer.draws["error"]
    assert (np.diff(kept) > 0).all()
    assert (np.diff(errors) > 0).all()
    assert (errors < answer.draws["unpruned"]).all()
    assert kept[1] == pytest.approx(0.278, abs=2e-3)


def test_pilots_with_noise_give_a_projection_with_seven_times_as_much():
    noise = np.random.default_rng(0).normal(0.0, 0.002, (2, 4000))
    lines = line_through((1000, 1500), (0.60 + noise[0], 0.65 + noise[1]))
    answer = lj.decisions.project_performance(as_draws(lines, PROJEKTOR_SIZE), 10000)
    low, high = answer.interval("performance", 0.6827)
    assert answer["performance"] == pytest.approx(0.88394, abs=1e-3)
    assert (high - low) / 2 == pytest.approx(7.4 * 0.002, rel=0.05)
