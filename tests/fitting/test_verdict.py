"""A fit says when the data cannot tell."""

import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting import Status
from lawjax.laws import CHINCHILLA, POWER_LAW_FLOOR
from lawjax.verdict import Verdict, error


def test_a_fixed_ratio_of_tokens_to_size_is_called_unidentified(truth):
    size = np.geomspace(1e7, 1e10, 30)
    runs = lj.simulate(CHINCHILLA, truth, {"N": size, "D": 20 * size}, noise=0.005, key=0)
    verdict = lj.fit(CHINCHILLA, runs).verdict
    assert {"not-identified", "fixed-ratio"} <= set(verdict.codes)
    assert verdict.grade == "error"


def test_a_floor_that_the_runs_do_not_show_is_called_so():
    x = np.geomspace(1e3, 1e5, 20)
    runs = lj.Runs.from_columns(x=x, loss=5.0 * x**-0.1)
    fit = lj.fit(POWER_LAW_FLOOR, runs, loss="squared")
    assert fit.edges == ("E",)
    assert fit.status == Status.AT_EDGE
    assert "at-edge" in fit.verdict.codes


def test_a_law_that_explains_nothing_is_an_error(generator):
    x = np.geomspace(1e3, 1e5, 40)
    runs = lj.Runs.from_columns(x=x, loss=np.exp(generator.normal(size=40)) + 3 * (np.arange(40) > 20))
    fit = lj.fit(lj.laws.POWER_LAW, runs)
    assert "no-fit" in fit.verdict.codes
    assert fit.verdict.grade == "error"


def test_several_optima_are_listed_with_their_parameters(generator):
    def ripple(x, *, level, pitch):
        return level + 0.003 * jnp.sin(pitch * x)

    law = lj.Law(
        ripple,
        response="y",
        inputs={"x": lj.Variable(kind="real")},
        params={"level": lj.positive(1, 5), "pitch": lj.positive(1, 30)},
    )
    x = np.linspace(0, 6, 80)
    noisy = 3.0 + 0.003 * np.sin(11 * x) + 0.05 * generator.normal(size=80)
    fit = lj.fit(law, lj.Runs.from_columns(x=x, y=noisy), loss="squared", residual="raw")
    assert len(fit.optima) >= 2
    assert fit.optima[1]["params"]["pitch"] != pytest.approx(fit.optima[0]["params"]["pitch"], rel=1e-3)
    assert "several-optima" in fit.verdict.codes


def test_a_decision_on_an_error_is_refused_unless_forced():
    verdict = Verdict((error("no-fit", "It explains nothing.", "Try another law."),))
    with pytest.raises(lj.VerdictError, match=r"`allocate` is refused.*Pass force=True"):
        verdict.require("allocate")
    verdict.require("allocate", force=True)
