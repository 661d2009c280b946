"""A fit says when the data cannot tell."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import CHINCHILLA, POWER_LAW_FLOOR
from lawjax.verdict import Verdict, error


def test_a_fixed_ratio_of_tokens_to_size_is_called_unidentified(truth):
    size = np.geomspace(1e7, 1e10, 30)
    runs = lj.simulate(CHINCHILLA, truth, {"N": size, "D": 20 * size}, noise=0.005, key=0)
    verdict = lj.fit(CHINCHILLA, runs).verdict
    assert {"not-identified", "ill-conditioned", "imprecise", "several-optima", "fixed-ratio"} & set(verdict.codes)
    assert verdict.grade != "ok"


def test_a_floor_that_the_runs_do_not_show_is_called_so():
    x = np.geomspace(1e3, 1e5, 20)
    runs = lj.Runs.from_columns(x=x, loss=5.0 * x**-0.1)
    fit = lj.fit(POWER_LAW_FLOOR, runs, loss="squared")
    assert set(fit.verdict.codes) & {"at-edge", "not-identified", "ill-conditioned", "imprecise"}


def test_a_law_that_explains_nothing_is_an_error(generator):
    x = np.geomspace(1e3, 1e5, 40)
    runs = lj.Runs.from_columns(x=x, loss=np.exp(generator.normal(size=40)) + 3 * (np.arange(40) > 20))
    fit = lj.fit(lj.laws.POWER_LAW, runs)
    assert set(fit.verdict.codes) & {"no-fit", "poor-fit"}


def test_several_optima_are_listed_with_their_parameters(shared_data):
    def repeated(N, D, U, *, E, A, B, alpha, RD, RN):
        import jax.numpy as jnp

        unique_size = jnp.minimum(U * (A / B) ** (1 / alpha) * 1.0, N)
        excess_d, excess_n = jnp.maximum(D / U - 1, 0.0), jnp.maximum(N / unique_size - 1, 0.0)
        data = U + U * RD * (1 - jnp.exp(-excess_d / RD))
        size = unique_size + unique_size * RN * (1 - jnp.exp(-excess_n / RN))
        return E + A * size**-alpha + B * data**-alpha

    law = lj.Law(
        repeated,
        response="loss",
        params={
            "E": lj.positive(1.0, 3.0),
            "A": lj.positive(1e2, 1e4),
            "B": lj.positive(1e2, 1e4),
            "alpha": lj.positive(0.2, 0.5),
            "RD": lj.positive(1.0, 300.0),
            "RN": lj.positive(0.3, 30.0),
        },
    )
    runs = lj.read_runs(
        shared_data / "muennighoff" / "data_constrained_fit_set.csv",
        columns={"N": "params", "D": "tokens", "U": "unique_tokens", "loss": "loss"},
    )
    fixed = {"E": 1.87, "A": 521.0, "B": 1488.0, "alpha": 0.353}
    fit = lj.fit(law, runs, fixed=fixed, num_starts=64)
    assert len(fit.optima) >= 2
    assert {"RD", "RN"} <= set(fit.optima[0]["params"])
    assert "several-optima" in fit.verdict.codes


def test_a_decision_on_an_error_is_refused_unless_forced():
    verdict = Verdict((error("no-fit", "It explains nothing.", "Try another law."),))
    with pytest.raises(lj.VerdictError, match=r"`allocate` is refused.*Pass force=True"):
        verdict.require("allocate")
    verdict.require("allocate", force=True)
