"""Repeated data: the data-constrained law on the runs it was fitted to, and the bell of our own."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA, DATA_CONSTRAINED, REPEATED_DATA, over_runs, published
from lawjax.laws.data_quality.repetition import size_for_tokens

BASE = dict(published("muennighoff2023-c4").params)
COLUMNS = {"N": "params", "D": "tokens", "epochs": "epochs", "loss": "loss"}


@pytest.fixture(scope="module")
def fit_set(shared_data):
    """The 182 runs of the published fit."""
    return lj.read_runs(shared_data / "muennighoff" / "data_constrained_fit_set.csv", columns=COLUMNS)


def predicted(law, params, runs):
    with jax.enable_x64(True):
        return np.asarray(over_runs(law, params, {name: np.asarray(runs[name]) for name in law.inputs}))


def r_squared(seen, said):
    return 1 - np.sum((seen - said) ** 2) / np.sum((seen - seen.mean()) ** 2)


def huber(residuals, delta=1e-3):
    size = np.abs(residuals)
    return np.sum(np.where(size < delta, 0.5 * size**2, delta * (size - 0.5 * delta)))


def test_published_coefficients_fit_their_runs_as_published(fit_set):
    seen = np.asarray(fit_set["loss"])
    said = predicted(DATA_CONSTRAINED, published("muennighoff2023").params, fit_set)
    assert r_squared(seen, said) == pytest.approx(0.7722046084968408, abs=1e-9)
    assert huber(np.log(said) - np.log(seen)) == pytest.approx(0.0158259366, rel=1e-6)
    without = predicted(CHINCHILLA, BASE, fit_set)
    assert r_squared(seen, without) == pytest.approx(0.4451684378759986, abs=1e-9)


def test_optimal_sizes_are_those_of_the_authors_code():
    kept = {name: value for name, value in BASE.items() if name != "E"}
    with jax.enable_x64(True):
        sizes = [float(size_for_tokens(D, **kept)) for D in (1e8, 4e8, 1.5e9)]
    assert sizes == pytest.approx([5098651.765, 20394607.061, 76479776.480], rel=1e-9)


def test_a_fit_of_the_two_constants_finds_a_better_optimum_than_the_published_one(fit_set):
    fit = lj.fit(DATA_CONSTRAINED, fit_set, fixed=BASE, num_starts=64)
    assert fit.objective <= 0.0158048
    assert len(fit.optima) >= 2
    near = [optimum for optimum in fit.optima if optimum["objective"] <= 1.002 * fit.objective]
    assert len(near) >= 2
    assert fit.params["R_D_star"] == pytest.approx(95.4, rel=0.01)
    assert fit.params["E"] == pytest.approx(BASE["E"], rel=1e-12)


def test_with_the_runs_that_the_authors_left_out_the_repeats_run_away(shared_data):
    runs = lj.read_runs(shared_data / "muennighoff" / "data_constrained_all_runs.csv", columns=COLUMNS)
    fit = lj.fit(DATA_CONSTRAINED, runs, fixed=BASE, num_starts=16)
    assert fit.params["R_D_star"] > 1e3
    assert "imprecise" in fit.verdict.codes


def test_one_epoch_of_a_small_model_is_the_law_without_repeats():
    params = dict(BASE, R_D_star=15.0, R_N_star=5.0)
    with jax.enable_x64(True):
        small = float(DATA_CONSTRAINED(1e8, 1e11, 1.0, **params))
        assert small == pytest.approx(float(CHINCHILLA(1e8, 1e11, **BASE)), rel=1e-12)


def test_without_decay_it_is_chinchilla():
    params = dict(BASE, R_D_star=1e9, R_N_star=1e9)
    with jax.enable_x64(True):
        assert float(DATA_CONSTRAINED(1e10, 1e11, 30.0, **params)) == pytest.approx(
            float(CHINCHILLA(1e10, 1e11, **BASE)), rel=1e-6
        )


def test_endless_repeats_are_worth_a_bounded_number_of_tokens():
    params = dict(BASE, R_D_star=15.0, R_N_star=5.0)
    with jax.enable_x64(True):
        endless = float(DATA_CONSTRAINED(1e7, 1e16, 1e6, **params))
        bound = float(CHINCHILLA(1e7, 16 * 1e10, **BASE))
    assert endless == pytest.approx(bound, rel=1e-9)


def test_repeats_harm_most_at_a_number_that_grows_with_size():
    params = dict(h=0.7, w=1.0, c=0.01, k=0.5)
    repeats = np.geomspace(1, 1e4, 2001)
    with jax.enable_x64(True):
        left = {N: predicted(REPEATED_DATA, params, dict(N=np.full(2001, N), repeats=repeats)) for N in (1e6, 1e8)}
    worst = {N: repeats[np.argmin(share)] for N, share in left.items()}
    assert worst[1e6] == pytest.approx(10.0, rel=0.01)
    assert worst[1e8] == pytest.approx(100.0, rel=0.01)
    assert left[1e8].min() == pytest.approx(np.exp(-0.7), rel=1e-6)
    assert left[1e6][-1] > 0.99
