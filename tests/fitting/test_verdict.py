"""A fit says when the data cannot tell."""

import inspect

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


def test_a_fit_that_moves_against_what_its_law_declares_is_called_so():
    size = np.geomspace(1e8, 1e11, 24)
    scores = 0.9 - 0.7 / (1.0 + (size / 3e9) ** -0.8)
    runs = lj.Runs.from_columns(N=size, score=scores)
    fit = lj.fit(lj.laws.BOUNDED_SCORE, runs, num_starts=16)
    assert fit.params["floor"] > fit.params["ceiling"] or fit.params["slope"] < 0
    assert "contradicts-trend" in fit.verdict.codes


def test_a_fit_that_moves_as_its_law_declares_is_not():
    size = np.geomspace(1e8, 1e11, 24)
    runs = lj.Runs.from_columns(N=size, score=0.2 + 0.7 / (1.0 + (size / 3e9) ** -0.8))
    assert "contradicts-trend" not in lj.fit(lj.laws.BOUNDED_SCORE, runs, num_starts=16).verdict.codes


def test_a_law_without_a_slope_at_an_edge_is_said_to_have_none():
    share = np.linspace(0.0, 1.0, 9)
    law = lj.Law(
        lambda r, *, E, a, s: E + a * jnp.exp(s * jnp.log(r)),
        name="edged",
        response="y",
        inputs={"r": lj.Variable(kind="fraction")},
        params={"E": lj.positive(1, 5), "a": lj.positive(0.1, 1), "s": lj.positive(0.1, 2)},
    )
    verdict = lj.fit(law, lj.Runs.from_columns(r=share, y=2.0 + 0.3 * share**0.5), loss="squared").verdict
    notes = [note.reason for note in verdict.notes if note.code == "not-identified"]
    assert notes == ["The law has no finite slope in its parameters at some runs, so what these tell cannot be said."]


def test_where_many_parameters_trade_off_alike_all_are_named():
    names = [f"a{i}" for i in range(14)]

    def total(x, **params):
        return x * sum(params.values())

    total.__signature__ = inspect.Signature(
        [inspect.Parameter("x", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
        + [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY) for name in names]
    )
    law = lj.Law(total, response="y", params={name: lj.positive(0.5, 2.0) for name in names})
    x = np.linspace(1.0, 9.0, 30)
    verdict = lj.fit(law, lj.Runs.from_columns(x=x, y=14.0 * x), loss="squared").verdict
    notes = [note.reason for note in verdict.notes if note.code == "not-identified"]
    assert len(notes) == 1
    assert notes[0].startswith("`a")


def test_a_trade_off_is_told_in_natural_units(truth):
    runs = lj.simulate(CHINCHILLA, truth, num_runs=40, noise=0.005, key=0)
    fit = lj.fit(CHINCHILLA, runs, num_starts=16)
    assert fit.tradeoff.count("can be offset by") == 1
    direction = fit.geometry.flattest / fit.geometry.influence
    step = np.log(1.1) / (fit.natural_jacobian["A"] @ direction / fit.params["A"])
    moved = float(np.expm1(step * fit.natural_jacobian["alpha"] @ direction / fit.params["alpha"]))
    assert f"raising `A` by 10 % can be offset by raising `alpha` by {100 * moved:.1f} %" in fit.tradeoff


def test_parameters_that_stand_in_for_each_other_are_told_by_how_much():
    law = lj.Law(
        lambda x, *, a, b: (a + b) * x, name="twice", response="y", params={n: lj.positive(0.5, 2) for n in ("a", "b")}
    )
    x = np.linspace(1.0, 9.0, 12)
    fit = lj.fit(law, lj.Runs.from_columns(x=x, y=3.0 * x), loss="squared", num_starts=4)
    (note,) = [note for note in fit.verdict.notes if note.code == "not-identified"]
    first, second = sorted(fit.params, key=lambda name: float(fit.params[name]))
    lowered = 10 * float(fit.params[first] / fit.params[second])
    assert f"raising `{first}` by 10 % can be offset by lowering `{second}` by {lowered:.2g}"[:-2] in note.reason


def test_rows_where_the_law_is_not_finite_are_named():
    law = lj.Law(
        lambda x, *, a, b: a + b * jnp.log(x - 3.0),
        name="late",
        response="y",
        support="real",
        inputs={"x": lj.Variable(kind="real")},
        params={"a": lj.positive(1, 5), "b": lj.positive(0.1, 1)},
    )
    x = np.arange(1.0, 13.0)
    (note,) = lj.fit(law, lj.Runs.from_columns(x=x, y=2.0 + x), num_starts=4).verdict.notes
    assert note.code == "nonfinite"
    assert "not finite in rows 1, 2 and 3 of 12 runs" in note.reason


def test_residuals_that_bend_are_called_so(generator):
    x = np.geomspace(1e3, 1e8, 40)
    loss = (1 + 8 * x**-0.3) * np.exp(0.01 * generator.normal(size=40))
    bent = lj.fit(lj.laws.POWER_LAW, lj.Runs.from_columns(x=x, loss=loss), loss="squared", num_starts=16)
    (note,) = [note for note in bent.verdict.notes if note.code == "residual-trend"]
    assert "too little at the low end and too little at the high end" in note.reason


def test_noise_alone_is_no_trend(generator):
    x = np.geomspace(1e3, 1e8, 40)
    loss = 8 * x**-0.1 * np.exp(0.01 * generator.normal(size=40))
    straight = lj.fit(lj.laws.POWER_LAW, lj.Runs.from_columns(x=x, loss=loss), loss="squared", num_starts=16)
    assert straight.verdict.codes == ()


def test_a_value_that_was_fixed_wrong_is_said_to_miss_one_end(generator):
    x = np.geomspace(1e3, 1e8, 40)
    loss = (1 + 8 * x**-0.3) * np.exp(0.002 * generator.normal(size=40))
    runs = lj.Runs.from_columns(x=x, loss=loss)
    codes = {E: lj.fit(POWER_LAW_FLOOR, runs, fixed={"E": E}, num_starts=16).verdict.codes for E in (0.9, 1.0)}
    assert "fixed-misfit" in codes[0.9]
    assert not {"fixed-misfit", "residual-trend"} & set(codes[1.0])


def test_covariances_are_those_of_linear_regression(generator):
    x = np.geomspace(1e3, 1e8, 40)
    runs = lj.Runs.from_columns(x=x, loss=8 * x**-0.1 * np.exp(0.01 * generator.normal(size=40)))
    fit = lj.fit(lj.laws.POWER_LAW, runs, loss="squared", num_starts=16)
    design = np.stack([np.ones(40), -np.log(x)], axis=1)
    expected = np.sum(fit.residuals**2) / 38 * np.linalg.inv(design.T @ design)
    found = fit.covariance("hessian")
    assert list(found.columns) == list(found.index) == ["A", "alpha"]
    scale = np.array([float(fit.params["A"]), 1.0])
    assert found.to_numpy() == pytest.approx(expected * np.outer(scale, scale), rel=1e-6)
    assert np.sqrt(np.diag(fit.covariance())) == pytest.approx([float(fit.stderr[name]) for name in ("A", "alpha")])


def test_resamples_of_a_fit_through_every_run_forbid_decisions():
    fit = lj.fit(lj.laws.POWER_LAW, lj.Runs.from_columns(x=[1e3, 1e5], loss=[4.0, 3.0]), loss="squared", num_starts=4)
    verdict = lj.bootstrap(fit, num=8).verdict
    assert verdict.grade == "error"
    assert any(note.code == "no-slack" and "perfect fit" in note.reason for note in verdict.notes)
