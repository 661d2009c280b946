"""Tempered draws are draws of the posterior, whatever its shape and whoever else is in the batch."""

import itertools

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting.centring import Centring
from lawjax.fitting.problem import Layout, make_problem, tables_of
from lawjax.inference.small_tables import SmallTables, WeakPrior
from lawjax.inference.tempered import temper
from lawjax.inference.weak_priors import level_shares, weak_prior
from lawjax.laws import CHINCHILLA, KAPLAN_ND, POWER_LAW, POWER_LAW_FLOOR, RECTIFIED_HILL

X = np.geomspace(1e3, 1e6, 8)


def tables_for(law, runs, weights=None, freedom=4.0):
    centrings = [Centring.of(law, own) for own in runs]
    layout = Layout.of(law, None, None)
    problems = [make_problem(layout, own, c, "log", fixed={}) for own, c in zip(runs, centrings, strict=True)]
    problem = tables_of(problems)
    size = problem.target.shape[1]
    given = [np.ones(len(own)) for own in runs] if weights is None else weights
    padded = np.stack([np.pad(own, (0, size - len(own))) for own in given])
    priors = [weak_prior(law, c, "log") for c in centrings]
    return SmallTables(problem, padded, WeakPrior(*(np.stack(part) for part in zip(*priors, strict=True))), freedom)


def drawn(tables, num=1024, settling=16, seed=0):
    seeds = np.arange(len(tables))[:, None] * 0 + seed
    with jax.enable_x64(True):
        return temper(tables, num_draws=num, num_settling=settling, seeds=seeds)


@pytest.fixture(scope="module")
def noisy():
    return lj.simulate(POWER_LAW, dict(A=20.0, alpha=0.2), {"x": X}, noise=0.02, key=3)


def exact(tables, reach=5.0, num=61):
    """Means and standard deviations of the white coordinates, and the log of the evidence, by a sum over a grid."""
    with jax.enable_x64(True):
        middle = drawn(tables, num=256, settling=0)
        place = np.concatenate([middle.vectors[0], np.log(middle.scale[0])[:, None]], axis=1)
        white = (place - tables.prior.middle[0]) / tables.prior.spread[0]
        axes = [
            np.linspace(m - reach * s, m + reach * s, num) for m, s in zip(white.mean(0), white.std(0), strict=True)
        ]
        grid = np.array(list(itertools.product(*axes)))
        log_density = tables.log_likelihood(grid[None])[0] - np.sum(grid**2, axis=1) / 2
    weight = np.exp(log_density - log_density.max())
    cell = np.prod([axis[1] - axis[0] for axis in axes])
    evidence = np.log(weight.sum() * cell) + log_density.max() - grid.shape[1] / 2 * np.log(2 * np.pi)
    mean = weight @ grid / weight.sum()
    return mean, np.sqrt(weight @ (grid - mean) ** 2 / weight.sum()), evidence


@pytest.mark.parametrize("freedom", [4.0, np.inf])
def test_draws_have_the_moments_and_the_evidence_that_a_grid_gives(noisy, freedom):
    tables = tables_for(POWER_LAW, [noisy], freedom=freedom)
    mean, sd, evidence = exact(tables)
    found = drawn(tables)
    place = np.concatenate([found.vectors[0], np.log(found.scale[0])[:, None]], axis=1)
    white = (place - tables.prior.middle[0]) / tables.prior.spread[0]
    np.testing.assert_allclose(white.mean(axis=0), mean, atol=0.2 * sd.max())
    np.testing.assert_allclose(white.std(axis=0), sd, rtol=0.15)
    assert found.log_evidence[0] == pytest.approx(evidence, abs=0.1)


def test_a_table_has_the_same_draws_in_any_batch(noisy):
    other = lj.simulate(POWER_LAW, dict(A=30.0, alpha=0.3), {"x": X}, noise=0.01, key=4)
    alone, among = drawn(tables_for(POWER_LAW, [noisy])), drawn(tables_for(POWER_LAW, [other, noisy, other]))
    np.testing.assert_allclose(among.vectors[1], alone.vectors[0], rtol=1e-9)


def test_a_row_of_weight_zero_is_not_looked_at(noisy):
    weights = np.append(np.ones(7), 0.0)
    wild = lj.Runs.from_columns(x=X, loss=np.append(np.asarray(noisy["loss"])[:7], 1e6))
    ends = [tables_for(POWER_LAW, [own], [weights]) for own in (noisy, wild)]
    # The units of the table are those of all its rows, so that both get those of the first.
    same = ends[1]._replace(prior=ends[0].prior)
    assert drawn(same).log_evidence[0] == pytest.approx(drawn(ends[0]).log_evidence[0], abs=1e-9)


def test_both_of_two_equal_modes_are_kept():
    def squared(x, *, a):
        return 1.0 + a**2 * x / 1e5

    law = lj.Law(squared, response="loss", params={"a": lj.real(-2.0, 2.0)})
    runs = lj.Runs.from_columns(x=X, loss=1.0 + X / 1e5)
    share = np.mean(drawn(tables_for(law, [runs]), num=1024).vectors[0] > 0)
    assert 0.3 < share < 0.7


def test_many_precise_runs_are_no_trouble(truth):
    runs = lj.simulate(CHINCHILLA, truth, num_runs=240, noise=0.002, key=0)
    ends = [drawn(tables_for(CHINCHILLA, [runs]), num=256, settling=0, seed=seed) for seed in (0, 1)]
    assert ends[0].log_evidence[0] == pytest.approx(ends[1].log_evidence[0], abs=0.5)
    np.testing.assert_allclose(np.median(ends[0].scale), 0.002, rtol=0.4)


@pytest.mark.parametrize(
    ("law", "names"),
    [(CHINCHILLA, {"E"}), (POWER_LAW_FLOOR, {"E"}), (RECTIFIED_HILL, {"E", "A"}), (KAPLAN_ND, set())],
    ids=lambda value: getattr(value, "name", ""),
)
def test_parameters_that_are_losses_are_known_by_the_record(law, names):
    assert set(level_shares(law)) == names


@pytest.mark.parametrize("factor", [1e-3, 100.0])
def test_priors_move_with_the_unit_of_the_loss(noisy, factor):
    scaled = lj.Runs.from_columns(x=X, loss=factor * np.asarray(noisy["loss"]))
    near, far = (weak_prior(POWER_LAW_FLOOR, Centring.of(POWER_LAW_FLOOR, own), "log") for own in (noisy, scaled))
    np.testing.assert_allclose(far.middle - near.middle, [np.log(factor), np.log(factor), 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(far.spread, near.spread)
