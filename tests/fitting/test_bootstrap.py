"""Bootstraps: right spread, whole groups, same draws for the same key."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA


@pytest.fixture(scope="module")
def simulated(truth):
    return lj.simulate(CHINCHILLA, truth, num_runs=80, noise=0.01, key=0)


@pytest.fixture(scope="module")
def fitted(simulated):
    return lj.fit(CHINCHILLA, simulated, loss="squared")


@pytest.mark.parametrize("kind", ["pairs", "residual", "wild"])
def test_every_bootstrap_spreads_like_the_sandwich_errors(fitted, kind):
    draws = lj.bootstrap(fitted, num=300, kind=kind, key=1)
    for name in ("alpha", "beta"):
        assert float(draws.stderr[name]) == pytest.approx(float(fitted.stderr[name]), rel=0.3)


def test_the_interval_covers_the_truth(fitted, truth):
    low, high = lj.bootstrap(fitted, num=300, key=2).interval("alpha", 0.999)
    assert low < truth["alpha"] < high


def test_the_same_key_gives_the_same_draws_and_another_key_others(fitted):
    first, same, other = (lj.bootstrap(fitted, num=20, key=key)["alpha"] for key in (5, 5, 6))
    np.testing.assert_array_equal(first, same)
    assert np.all(first != other)


def test_draws_do_not_depend_on_how_they_are_chunked(fitted):
    whole = lj.bootstrap(fitted, num=24, key=0)["alpha"]
    np.testing.assert_array_equal(lj.bootstrap(fitted, num=24, chunk=7, key=0)["alpha"], whole)


def test_whole_groups_are_resampled_where_rows_belong_together(truth, generator):
    design = {"N": np.repeat(np.geomspace(1e7, 1e10, 12), 10), "D": np.tile(np.geomspace(1e9, 1e12, 10), 12)}
    clean = lj.simulate(CHINCHILLA, truth, design, noise=0.0)
    group = np.repeat(np.arange(12), 10)
    noisy = clean["loss"] * np.exp(generator.normal(0, 0.02, 12)[group] + generator.normal(0, 0.002, 120))
    runs = lj.Runs.from_columns(**design, loss=noisy, group=group)
    fit = lj.fit(CHINCHILLA, runs, loss="squared")
    by_run, by_point = (lj.bootstrap(fit, num=200, by=by, key=0) for by in ("run", "point"))
    assert by_run.stderr["alpha"] > 1.5 * by_point.stderr["alpha"]
    assert "grouped-rows" in by_point.verdict.codes


def test_draws_know_their_law_their_range_and_their_noise(fitted, simulated):
    draws = lj.bootstrap(fitted, num=10, key=0)
    assert draws.law is CHINCHILLA
    assert draws.observed["N"] == (simulated["N"].min(), simulated["N"].max())
    assert draws.noise.known


def published_resamples(num):
    state = np.random.RandomState(42)
    rows = [state.choice(np.arange(240), 240, replace=True) for _ in range(num)]
    return np.stack([np.bincount(row, minlength=240) for row in rows]).astype(float)


def test_the_published_resamples_give_the_published_standard_errors(hoffmann_fit):
    draws = lj.bootstrap(hoffmann_fit, weights=published_resamples(4000))
    assert np.all(draws.status == 0)
    expected = {"A": 124.522, "B": 1293.284, "E": 0.02566, "alpha": 0.01540, "beta": 0.02060}
    for name, value in expected.items():
        assert draws[name].std() == pytest.approx(value, rel=5e-3), name
    for name, interval in {"alpha": (0.317, 0.373), "beta": (0.331, 0.415), "E": (1.769, 1.871)}.items():
        assert np.round(draws.interval(name), 3).tolist() == list(interval), name


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"num": 1}, "`num` must be a whole number from 2"),
        ({"num": 10**9}, "`num` must be a whole number from 2"),
        ({"kind": "jackknife"}, "unknown bootstrap kind 'jackknife'"),
        ({"by": "run"}, "needs to know which rows belong together"),
        ({"by": "row"}, "unknown `by` 'row'"),
    ],
)
def test_a_wrong_option_is_refused_with_advice(fitted, choices, message):
    with pytest.raises(lj.InputError, match=message):
        lj.bootstrap(fitted, **choices)


def test_only_a_fit_can_be_resampled():
    with pytest.raises(lj.InputError, match="bootstrap refits a `Fit`, got dict"):
        lj.bootstrap({})
