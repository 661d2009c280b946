"""The envelope of training curves: right where both sides are bracketed, biased where they are not."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.classical import envelope

ALPHA, BETA, A, B = 0.34, 0.28, 406.4, 410.7


def training(num_sizes=40, checkpoints=60, noise=0.0, E=0.0, seed=0):
    """Checkpoints of models of many sizes, each a Chinchilla law of the tokens seen."""
    sizes = np.geomspace(1e7, 1e10, num_sizes)
    N, D = (column.ravel() for column in np.meshgrid(sizes, np.geomspace(1e8, 1e13, checkpoints), indexing="ij"))
    of_run = np.exp(noise * np.random.default_rng(seed).standard_normal(num_sizes))
    loss = (E + A * N**-ALPHA + B * D**-BETA) * np.repeat(of_run, checkpoints)
    return lj.Runs.from_columns(N=N, D=D, loss=loss, group=[f"m{size:.0f}" for size in N])


def test_the_envelope_of_a_law_gives_its_exponents():
    found = envelope(training(), num_boots=2)

    assert found["N"].exponent == pytest.approx(BETA / (ALPHA + BETA), abs=0.005)
    assert found["D"].exponent == pytest.approx(ALPHA / (ALPHA + BETA), abs=0.005)
    assert found["loss"].exponent == pytest.approx(-ALPHA * BETA / (ALPHA + BETA), abs=1e-3)
    coefficient = (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA)) * 6 ** (-BETA / (ALPHA + BETA))
    assert found["N"].at(1e20).value == pytest.approx(coefficient * 1e20 ** (BETA / (ALPHA + BETA)), rel=0.02)


def test_the_winner_is_the_run_of_least_loss_and_spends_the_compute():
    found = envelope(training(), num_boots=2)

    best = found.best
    held = found.counted
    assert 6 * best["N"][held] * best["D"][held] == pytest.approx(found.compute[held], rel=1e-9)
    grid = np.geomspace(1e7, 1e10, 40)
    losses = A * grid**-ALPHA + B * (found.compute[held][:, None] / (6 * grid)) ** -BETA
    labels = [f"m{size:.0f}" for size in grid]
    won = losses[np.arange(held.sum()), [labels.index(label) for label in found.winner[held]]]
    assert won == pytest.approx(losses.min(axis=1), rel=1e-4)


def test_bins_that_the_smallest_or_the_largest_run_wins_bend_the_law_when_they_are_kept():
    truth = BETA / (ALPHA + BETA)
    dropped, kept = (envelope(training(), keep_edges=keep, num_boots=2) for keep in (False, True))

    assert abs(kept["N"].exponent - truth) > 10 * abs(dropped["N"].exponent - truth)
    assert kept.counted.all()
    assert "edges-kept" in kept.verdict.codes
    sizes = dropped.best["N"][dropped.counted]
    assert 1.1e7 < sizes.min() < sizes.max() < 0.9e10


def test_more_checkpoints_of_the_same_runs_do_not_narrow_the_interval():
    sparse, dense = (envelope(training(noise=0.005, checkpoints=num), num_boots=500)["N"] for num in (60, 600))

    assert dense.stderr["exponent"] == pytest.approx(sparse.stderr["exponent"], rel=0.15)


def test_the_interval_covers_the_exponent_that_runs_with_luck_hide():
    truth = BETA / (ALPHA + BETA)
    held = []
    for seed in range(60):
        low, high = envelope(training(noise=0.003, seed=seed), num_bins=60, num_boots=200, key=seed)["N"].interval()
        held.append(low <= truth <= high)
    assert np.mean(held) > 0.78  # 0.9 less three standard errors of 60.


def test_a_floor_bends_the_power_law_of_the_loss_alone():
    found = envelope(training(E=1.69), num_boots=2)

    assert found["N"].exponent == pytest.approx(BETA / (ALPHA + BETA), abs=0.005)
    assert found["loss"].exponent > -0.1
    assert "curved" in found["loss"].verdict.codes


def test_few_sizes_few_runs_and_single_checkpoints_are_named():
    few = training(num_sizes=5)
    alone = {name: np.append(few[name], value) for name, value in {"N": 2e8, "D": 1e10, "loss": 5.0}.items()}
    runs = lj.Runs.from_columns(**alone, group=[*np.asarray(few.group), 99])

    found = envelope(runs, num_boots=50)

    assert {"single-checkpoints", "few-winners", "few-resampled"} <= set(found.verdict.codes)


def test_an_envelope_prints_and_gives_plain_data():
    found = envelope(training(), num_bins=50, num_boots=20)

    assert "bins of compute count" in repr(found)
    assert found.to_frame().shape == (50, 6)
    assert len(found.to_dict()["bins"]) == 50


def test_a_wrong_call_says_what_to_mend():
    runs = training(num_sizes=5, checkpoints=5)
    bare = lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=runs["loss"])

    with pytest.raises(lj.InputError, match="needs to know which rows are one run"):
        envelope(bare)
    with pytest.raises(lj.InputError, match="runs of one group have different `N`"):
        envelope(lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=runs["loss"], group=np.arange(25) % 5))
    with pytest.raises(lj.InputError, match="two runs with two checkpoints or more"):
        envelope(lj.Runs.from_columns(N=runs["N"], D=runs["D"], loss=runs["loss"], group=np.arange(25)))
    with pytest.raises(lj.InputError, match="1 sizes are lowest in a bin of compute that counts"):
        envelope(training(num_sizes=3))
    with pytest.raises(lj.InputError, match="`num_bins` must be a whole number"):
        envelope(runs, num_bins=2)
