"""What must not change a fit: units, weights' scale, order, copies, the base of logarithms, where it starts, dtypes."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA

FEW = {"num_starts": 16}
BUDGET = 1e23


@pytest.fixture(scope="module")
def columns(truth):
    """Forty-eight noisy runs; sizes and tokens are whole numbers that a float32 holds exactly."""
    runs = lj.simulate(CHINCHILLA, truth, num_runs=48, noise=0.01, key=0)
    whole = {name: np.round(np.asarray(runs[name], float).astype(np.float32)).astype(np.float64) for name in "ND"}
    return {**whole, "loss": np.asarray(runs["loss"], float)}


@pytest.fixture(scope="module")
def reference(columns):
    return fitted(columns)


def fitted(columns, law=CHINCHILLA, **choices):
    return lj.fit(law, lj.Runs.from_columns(**columns), **FEW, **choices)


def plan(fit):
    """The size that the fit would choose for a budget."""
    return float(lj.allocate(fit.point, lj.flops(BUDGET)).inputs["N"][0])


def same(fit, reference, **units):
    """Whether the fit is the reference, in units that multiply N, D and the loss by these."""
    p, q = ({name: float(value) for name, value in each.params.items()} for each in (fit, reference))
    by = {"N": 1.0, "D": 1.0, "loss": 1.0, **units}
    expected = {
        "E": by["loss"] * q["E"],
        "A": by["loss"] * q["A"] * by["N"] ** q["alpha"],
        "B": by["loss"] * q["B"] * by["D"] ** q["beta"],
        "alpha": q["alpha"],
        "beta": q["beta"],
    }
    for name, value in expected.items():
        assert p[name] == pytest.approx(value, rel=1e-6), name


def same_plan(fit, reference):
    same(fit, reference)
    assert plan(fit) == pytest.approx(plan(reference), rel=1e-6)


@pytest.mark.parametrize("N", [1e-6, 1e-9, 1e3])
def test_units_of_the_inputs(columns, reference, N):
    # Sizes in millions and tokens in billions look swapped.
    fit = fitted({**columns, "N": columns["N"] * N, "D": columns["D"] * 1e-9}, force=True)
    same(fit, reference, N=N, D=1e-9)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_the_unit_of_the_loss(columns, unit):
    raw = dict(loss="squared", residual="raw")
    same(fitted({**columns, "loss": columns["loss"] * unit}, **raw), fitted(columns, **raw), loss=unit)


@pytest.mark.parametrize("scale", [1e-6, 1 / 48, 1e6])
def test_a_mean_in_place_of_a_sum(columns, reference, scale):
    fit = fitted({**columns, "weight": np.full(48, scale)})
    same_plan(fit, reference)
    assert fit.objective == pytest.approx(scale * reference.objective, rel=1e-9)
    assert fit.status == reference.status


def test_the_order_of_the_rows(columns, reference, generator):
    order = generator.permutation(48)
    same_plan(fitted({name: column[order] for name, column in columns.items()}), reference)


def test_a_row_given_twice_and_a_row_of_weight_two(columns):
    rows = np.concatenate([np.arange(48), np.arange(12)])
    twice = fitted({name: column[rows] for name, column in columns.items()})
    same_plan(fitted({**columns, "weight": np.where(np.arange(48) < 12, 2.0, 1.0)}), twice)


def chinchilla_by_decades(N, D, *, E, A, alpha, B, beta):
    return E + 10 ** (jnp.log10(A) - alpha * jnp.log10(N)) + 10 ** (jnp.log10(B) - beta * jnp.log10(D))


def test_the_base_of_the_logarithms(columns, reference):
    law = dataclasses.replace(CHINCHILLA, fn=chinchilla_by_decades, name="by decades")
    same_plan(fitted(columns, law), reference)


@pytest.mark.parametrize("key", [1, 2])
def test_the_seed_of_the_starts(columns, reference, key):
    same_plan(fitted(columns, key=key), reference)


def test_the_ranges_that_the_starts_are_drawn_from(columns, reference):
    moved = {
        name: dataclasses.replace(param, low=param.low * 1.7, high=param.high * 1.7)
        for name, param in CHINCHILLA.params.items()
    }
    same_plan(fitted(columns, dataclasses.replace(CHINCHILLA, params=moved)), reference)


@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.float32])
def test_the_type_of_the_tokens(columns, reference, dtype):
    fit = fitted({**columns, "N": columns["N"].astype(dtype), "D": columns["D"].astype(dtype)})
    same_plan(fit, reference)
    assert fit.objective == reference.objective
