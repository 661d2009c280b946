"""Resamples: right moments and signs, whole groups together, the same numbers whatever the chunks."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting import resampling
from lawjax.fitting.components import variance_components
from lawjax.fitting.leverage import leverage
from lawjax.fitting.resampling import make_plan, plan_notes
from lawjax.laws import CHINCHILLA

KINDS = ("pairs", "residual", "wild")


def clustered(truth, num_groups, size, levels, spread):
    """Checkpoints of runs whose noise has a level of the run and a spread of its own."""
    design = {"N": np.repeat(np.geomspace(1e7, 1e10, num_groups), size)}
    design["D"] = np.tile(np.geomspace(2e9, 1e11, size), num_groups)
    clean = lj.simulate(CHINCHILLA, truth, design, noise=0.0)
    generator, group = np.random.default_rng(0), np.repeat(np.arange(num_groups), size)
    noise = generator.normal(0, levels, num_groups)[group] + generator.normal(0, spread, len(group))
    return lj.Runs.from_columns(**design, loss=clean["loss"] * np.exp(noise), group=group)


@pytest.fixture(scope="module")
def single(truth):
    return lj.fit(CHINCHILLA, lj.simulate(CHINCHILLA, truth, num_runs=40, noise=0.01, key=0), loss="squared")


@pytest.fixture(scope="module")
def grouped(truth):
    return lj.fit(CHINCHILLA, clustered(truth, 14, 5, 0.02, 0.005), loss="squared")


@pytest.fixture(scope="module")
def few(truth):
    return lj.fit(CHINCHILLA, clustered(truth, 8, 5, 0.02, 0.005), loss="squared")


def drawn(plan, num=4000):
    """The part of `num` resamples that is drawn, over the runs: counts, or the new noise."""
    weights, shift = plan.rows(0, num)
    size = len(plan.residuals)
    return weights[:, :size] if shift is None else shift[:, :size] - plan.residuals


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", ["single", "grouped"])
def test_a_resample_is_the_same_whatever_chunk_it_comes_in(kind, which, request):
    plan = make_plan(request.getfixturevalue(which), kind, seed=(1, 2))
    whole = plan.rows(0, 1100)
    parts = [plan.rows(first, last) for first, last in ((0, 3), (3, 511), (511, 513), (513, 1100))]
    for all_of_it, *some in zip(whole, *parts, strict=True):
        assert all(part is None for part in some) == (all_of_it is None)
        if all_of_it is not None:
            np.testing.assert_array_equal(np.concatenate(some), all_of_it)


def test_the_millionth_resample_comes_without_those_before_it(single):
    weights, _ = make_plan(single).rows(10**6, 10**6 + 2)
    assert weights.shape == (2, 48)


@pytest.mark.parametrize("kind", KINDS)
def test_another_seed_gives_other_resamples_and_blocks_differ(single, kind):
    first, other = (drawn(make_plan(single, kind, seed=(seed,)), 2 * resampling.BLOCK) for seed in (0, 1))
    assert np.all(np.any(first != other, axis=1))
    assert np.any(first[: resampling.BLOCK] != first[resampling.BLOCK :])


def test_pairs_count_each_run_once_on_average_with_the_variance_of_a_multinomial(single):
    plan = make_plan(single)
    counts = drawn(plan)
    assert set(counts.sum(axis=1)) == {40.0}
    np.testing.assert_allclose(counts.mean(axis=0), 1.0, atol=5 / np.sqrt(4000))
    assert counts.var() == pytest.approx(1 - 1 / 40, rel=0.02)
    np.testing.assert_array_equal(plan.rows(0, 50)[0][:, 40:], 0.0)


def test_pairs_multiply_the_weights_that_the_runs_have(single):
    weight = np.linspace(1, 3, 40)
    fit = lj.fit(CHINCHILLA, single.runs, loss="squared", weights=weight)
    np.testing.assert_array_equal(drawn(make_plan(fit)), drawn(make_plan(single)) * weight)


def test_pairs_draw_whole_groups(grouped):
    counts = drawn(make_plan(grouped), 100).reshape(100, 14, 5)
    np.testing.assert_array_equal(counts, np.repeat(counts[:, :, :1], 5, axis=2))
    np.testing.assert_array_equal(counts[:, :, 0].sum(axis=1), 14)


def test_single_rows_are_drawn_where_they_are_asked_for(grouped):
    counts = drawn(make_plan(grouped, by="point"), 100).reshape(100, 14, 5)
    assert np.any(counts != counts[:, :, :1])


def test_a_shift_puts_the_fitted_value_and_the_new_noise_in_the_place_of_the_observation(single):
    """With residuals r = prediction - observation, the new observation less the prediction is one of the noises."""
    plan = make_plan(single, "residual")
    _, shift = plan.rows(0, 20)
    observed = np.log(single.observed_response)
    predicted = observed + single.residuals
    new_noise = observed + shift[:, :40] - predicted
    pool = -single.residuals * np.sqrt(40 / 35)
    assert np.abs(new_noise[:, :, None] - pool).min(axis=2).max() < 1e-12
    np.testing.assert_array_equal(shift[:, 40:], 0.0)


def test_redrawn_residuals_have_the_unbiased_variance_of_the_noise(single):
    expected = np.sum(single.residuals**2) / (40 - 5)
    assert drawn(make_plan(single, "residual")).var() == pytest.approx(expected, rel=0.02)


def test_wild_keeps_the_size_of_each_residual_as_if_its_run_had_been_left_out(single):
    noise = drawn(make_plan(single, "wild"), 50)
    without_first = lj.fit(CHINCHILLA, single.runs.take(np.arange(1, 40)), loss="squared")
    predicted = float(lj.predict(without_first.point, {n: single.runs[n][:1] for n in "ND"}).median[0])
    left_out = np.log(single.observed_response[0] / predicted)
    np.testing.assert_allclose(np.abs(noise[:, 0]), abs(left_out), rtol=0.02)
    assert np.all(np.abs(noise) > np.abs(single.residuals))
    np.testing.assert_allclose(np.sign(noise).mean(axis=0), 0, atol=5 / np.sqrt(50))


def test_wild_turns_whole_groups_together(grouped):
    plan = make_plan(grouped, "wild")
    ratio = (drawn(plan, 200) / plan.noise).reshape(200, 14, 5)
    np.testing.assert_allclose(ratio, np.repeat(ratio[:, :, :1], 5, axis=2))
    np.testing.assert_allclose(np.unique(ratio.round(9)), [-1.0, 1.0])


def test_few_groups_are_turned_by_six_points_of_unit_variance(few):
    plan = make_plan(few, "wild")
    factors = drawn(plan) / plan.noise
    expected = np.sqrt([0.5, 1.0, 1.5])
    np.testing.assert_allclose(np.unique(factors.round(9)), [*-expected[::-1], *expected])
    assert np.mean(factors[:, ::5] ** 2) == pytest.approx(1.0, rel=0.02)


def test_a_group_left_out_has_the_residuals_of_a_refit_without_it(generator):
    slope, weights, codes = generator.normal(size=(30, 3)), generator.uniform(0.5, 2, 30), np.arange(30) // 5
    response = generator.normal(size=30)

    def fitted(rows):
        scale = np.sqrt(weights[rows])
        return slope @ np.linalg.lstsq(scale[:, None] * slope[rows], scale * response[rows], rcond=None)[0]

    found = leverage(slope, weights, codes).left_out_residuals(response - fitted(codes >= 0), weights)
    for group in range(6):
        expected = response - fitted(codes != group)
        np.testing.assert_allclose(found[codes == group], expected[codes == group], rtol=1e-9)


def test_leverages_add_up_to_the_number_of_parameters(generator):
    slope, weights = generator.normal(size=(30, 3)), generator.uniform(0.5, 2, 30)
    for codes in (None, np.arange(30) // 5):
        assert leverage(slope, weights, codes).values.sum() == pytest.approx(3.0)


def test_variance_components_are_right_on_average(generator):
    """A design with parameters both between and within groups: 600 tables of 8 groups of 3 to 6 rows."""
    codes = np.repeat(np.arange(8), [3, 4, 5, 6, 3, 4, 5, 6])
    between, within = np.linspace(-1, 1, 8)[codes], generator.normal(size=len(codes))
    slope, weights = np.stack([np.ones(len(codes)), between, within], axis=1), generator.uniform(0.5, 2, len(codes))
    pull = leverage(slope, weights, None)
    hat = slope @ np.linalg.solve((slope.T * weights) @ slope, slope.T * weights)
    noise = generator.normal(0, 2.0, (600, 8))[:, codes] + generator.normal(0, 1.0, (600, len(codes)))
    found = np.array([variance_components(pull, weights, row - hat @ row, codes) for row in noise])
    means, errors = found.mean(axis=0), found.std(axis=0) / np.sqrt(600)
    assert abs(means[0] - 4.0) < 4 * errors[0]
    assert abs(means[1] - 1.0) < 4 * errors[1]


def test_redrawn_groups_have_both_variances_and_no_more(grouped):
    found = variance_components(
        leverage(grouped.geometry.jacobian, np.ones(70), None), np.ones(70), grouped.residuals, np.arange(70) // 5
    )
    noise = drawn(make_plan(grouped, "residual")).reshape(4000, 14, 5)
    noise = noise - noise.mean()
    assert noise.var() == pytest.approx(sum(found), rel=0.03)
    assert noise.mean(axis=2).var() == pytest.approx(found.between + found.within / 5, rel=0.03)


def test_redrawn_rows_of_one_group_share_a_level(grouped):
    noise = drawn(make_plan(grouped, "residual")).reshape(4000, 14, 5)
    correlation = np.corrcoef(noise[:, :, 0].ravel(), noise[:, :, 1].ravel())[0, 1]
    assert correlation > 0.8


def test_groups_without_a_level_are_drawn_as_rows(truth):
    fit = lj.fit(CHINCHILLA, clustered(truth, 14, 5, 0.0, 0.01), loss="squared")
    noise = drawn(make_plan(fit, "residual")).reshape(4000, 14, 5)
    assert abs(np.corrcoef(noise[:, :, 0].ravel(), noise[:, :, 1].ravel())[0, 1]) < 0.3


def test_groups_of_one_run_each_are_drawn_like_single_runs(single):
    alone = lj.Runs.from_columns(**{n: single.runs[n] for n in ("N", "D", "loss")}, group=np.arange(40))
    fit = lj.fit(CHINCHILLA, alone, loss="squared")
    assert drawn(make_plan(fit, "residual")).var() == pytest.approx(
        drawn(make_plan(single, "residual")).var(), rel=0.05
    )


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"kind": "jackknife"}, "unknown bootstrap kind 'jackknife'"),
        ({"by": "row"}, "unknown `by` 'row'"),
        ({"by": "run"}, "needs to know which rows belong together"),
    ],
)
def test_a_wrong_choice_is_refused_with_advice(single, choices, message):
    with pytest.raises(lj.InputError, match=message):
        make_plan(single, **choices)


@pytest.mark.parametrize(("kind", "which"), [("wild", "single"), ("residual", "grouped")])
def test_signs_are_not_turned_under_a_loss_that_is_not_symmetric(kind, which, request):
    fit = lj.fit(CHINCHILLA, request.getfixturevalue(which).runs, loss="asymmetric")
    with pytest.raises(lj.InputError, match="costs the same on either side, and the asymmetric"):
        make_plan(fit, kind)
    assert make_plan(fit, "pairs").kind == "pairs"


def test_residuals_of_no_more_groups_than_parameters_are_refused(truth):
    fit = lj.fit(CHINCHILLA, clustered(truth, 5, 10, 0.01, 0.005), loss="squared")
    with pytest.raises(lj.InputError, match="5 groups leave no residuals to draw for 5 free parameters"):
        make_plan(fit, "residual")


def test_one_group_cannot_be_resampled(single):
    runs = lj.Runs.from_columns(**{n: single.runs[n] for n in ("N", "D", "loss")}, group=np.zeros(40))
    with pytest.raises(lj.InputError, match="all rows belong to one group"):
        make_plan(lj.fit(CHINCHILLA, runs, loss="squared"))


def test_notes_name_rows_drawn_singly_and_few_groups(single, grouped, few):
    def codes(fit, **choices):
        return [note.code for note in plan_notes(fit, make_plan(fit, **choices))]

    assert codes(single) == []
    assert codes(grouped) == []
    assert codes(grouped, by="point") == ["grouped-rows"]
    assert codes(few) == ["few-groups-resampled"]
