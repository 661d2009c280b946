"""Data filtering: the authors' own functions, their coefficients, and what the forms say at their limits."""

import csv

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.errors import InputError
from lawjax.laws import EFFECTIVE_DATA, EFFECTIVE_UTILITY, EFFECTIVE_UTILITY_CODE, filtered_pools, over_runs, published

PER_SAMPLE = 1e-5
POOL = 12.8e6


def columns(path):
    with path.open() as file:
        rows = list(csv.DictReader(file))
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def at_each_row(law, table):
    """The law at each row of a table that holds its parameters too, shape (row,)."""
    numbers = {name: table[name].astype(float) for name in ("a", "b", "tau", "d", "samples_seen")}
    epochs = numbers["samples_seen"] / table["samples_per_epoch"].astype(float)
    with jax.enable_x64(True):
        at = jax.vmap(lambda n, k, a, b, tau, d: law(n, k, a=a * PER_SAMPLE, b=b, tau=tau, d=d))
        found = at(numbers["samples_seen"], epochs, *(numbers[name] for name in ("a", "b", "tau", "d")))
    return np.asarray(found)


def error(law, samples, pool=POOL, **params):
    with jax.enable_x64(True):
        return float(law(samples, samples / pool, **params))


def test_the_authors_functions_are_reproduced(shared_data):
    table = columns(shared_data / "data_filtering" / "fadu_reference_values.csv")
    for law, name in ((EFFECTIVE_UTILITY_CODE, "effective_utility_source"), (EFFECTIVE_DATA, "effective_data_source")):
        np.testing.assert_allclose(at_each_row(law, table), table[name].astype(float), rtol=1e-9)
    assert len(table["a"]) == 378


def test_the_authors_mixtures_of_pools_are_reproduced(shared_data):
    table = columns(shared_data / "data_filtering" / "fadu_aggregation_reference_values.csv")
    found = []
    for index, count in enumerate(table["n_pools"].astype(int)):
        b, tau = (np.array(table[name][index].split("|"), float) for name in ("b_list", "tau_list_scaled"))
        params = dict(a=0.02 * PER_SAMPLE, b=b, tau=tau / count, d=0.1)
        pool = float(table["total_samples_per_epoch"][index])
        law, samples = filtered_pools("utility-code", int(count)), float(table["samples_seen"][index])
        found.append(error(law, samples, pool, **params))
    np.testing.assert_allclose(found, table["effective_utility_source"].astype(float), rtol=1e-9)


@pytest.mark.parametrize(
    ("samples", "code", "additive"),
    [(12.8e6, 0.9302, 0.9302), (32e6, 0.8175, 0.8296), (64e6, 0.7538, 0.7728), (128e6, 0.7127, 0.7361)],
)
def test_the_code_multiplies_the_irreducible_error_and_the_formula_adds_it(samples, code, additive):
    params = dict(published("goyal2024-utility-top10").params)
    assert error(EFFECTIVE_UTILITY_CODE, samples, **params) == pytest.approx(code, abs=5e-5)
    assert error(EFFECTIVE_UTILITY, samples, **params) == pytest.approx(additive, abs=5e-5)


def test_one_pool_of_a_mixture_is_a_pool_alone():
    params = dict(a=2.5e-7, b=-0.15, tau=4.0, d=0.1)
    as_vectors = {**params, "b": np.array([-0.15]), "tau": np.array([4.0])}
    for form, law in (
        ("utility", EFFECTIVE_UTILITY),
        ("data", EFFECTIVE_DATA),
        ("utility-code", EFFECTIVE_UTILITY_CODE),
    ):
        assert error(filtered_pools(form, 1), 1e8, **as_vectors) == pytest.approx(error(law, 1e8, **params), rel=1e-12)


def test_in_the_first_epoch_all_forms_are_one_power_law():
    params = dict(a=2.5e-7, b=-0.15, tau=4.0, d=0.1)
    for law in (EFFECTIVE_UTILITY, EFFECTIVE_UTILITY_CODE, EFFECTIVE_DATA):
        assert error(law, 5e6, **params) == pytest.approx((2.5e-7 * 5e6) ** -0.15 + 0.1, rel=1e-12)


def test_without_decay_repeats_count_in_full():
    params = dict(a=2.5e-7, b=-0.15, tau=1e6, d=0.1)
    for law in (EFFECTIVE_UTILITY, EFFECTIVE_DATA):
        assert error(law, 1e8, **params) == pytest.approx((2.5e-7 * 1e8) ** -0.15 + 0.1, rel=1e-5)


def test_more_epochs_than_are_told_apart_have_no_error():
    params = dict(a=2.5e-7, b=-0.15, tau=4.0, d=0.1)
    runs = dict(samples=np.array([1e8, 1e8]), epochs=np.array([128.0, 129.0]))
    with jax.enable_x64(True):
        found = np.asarray(over_runs(EFFECTIVE_UTILITY, params, runs))
    assert np.isfinite(found).tolist() == [True, False]


def test_a_pool_law_of_no_pools_is_refused():
    with pytest.raises(InputError, match="above 0"):
        filtered_pools("utility", 0)
    with pytest.raises(InputError, match="form of pooling"):
        lj.laws.filtered_pools("usefulness", 2)
