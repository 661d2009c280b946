"""Losses and residual spaces: each gives what SciPy gives for the same sum, and what was simulated."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from scipy.optimize import least_squares, linprog, minimize

import lawjax as lj
from lawjax.fitting.residuals import choose_space


def line(x, *, a, b):
    return a + b * x


def squash(x, *, a, b):
    return 1 / (1 + jnp.exp(-a - b * x))


LINE = lj.Law(
    line,
    response="y",
    support="real",
    inputs={"x": lj.Variable(kind="real")},
    params={"a": lj.real(-5, 5), "b": lj.real(-5, 5)},
    linear=("a", "b"),
)
SQUASH = lj.Law(
    squash,
    response="y",
    support="unit",
    inputs={"x": lj.Variable(kind="real")},
    params={"a": lj.real(-2, 2), "b": lj.real(-2, 2)},
)
POWER = lj.laws.POWER_LAW_FLOOR
POWER_TRUTH = {"E": 1.7, "A": 30.0, "alpha": 0.3}
FEW = {"num_starts": 8}


def line_runs(noise, unit=1.0):
    """A line of intercept 1 and slope -2 with this noise, times a unit."""
    x = np.sin(np.arange(len(noise)))
    return lj.Runs.from_columns(x=x, y=unit * (1 - 2 * x + noise))


def power_runs(noise, seed=0):
    """A power law with this noise in the logarithm of the loss."""
    x = 10 ** np.random.default_rng(seed).uniform(3, 9, len(noise))
    return lj.Runs.from_columns(x=x, loss=power_law(x, POWER_TRUTH) * np.exp(noise))


def power_law(x, params):
    return params["E"] + params["A"] * x ** -params["alpha"]


def student(freedom, size, seed=0):
    return np.random.default_rng(seed).standard_t(freedom, size)


HEAVY = 0.1 * student(2.5, 60, seed=3)


def fit_line(runs, loss, **choices):
    return lj.fit(LINE, runs, loss=loss, residual="raw", **FEW, **choices)


@pytest.fixture(scope="module")
def heavy():
    """Sixty runs of a line with heavy tails."""
    return line_runs(HEAVY)


# --- Student-t ----------------------------------------------------------------------------------------------


def test_a_student_t_estimates_the_scale_and_the_degrees_of_freedom_of_its_noise():
    fit = fit_line(line_runs(0.03 * student(4, 6000)), "student_t")
    assert fit.loss_params["scale"] == pytest.approx(0.03, rel=0.06)
    assert fit.loss_params["freedom"] == pytest.approx(4, rel=0.2)
    assert float(fit.params["b"]) == pytest.approx(-2, abs=4 * 0.03 * np.sqrt(3 / 6000) * 2)


def test_a_student_t_is_the_maximum_of_scipys_likelihood(heavy):
    fit = fit_line(heavy, "student_t")
    x, y = np.asarray(heavy["x"]), np.asarray(heavy["y"])

    def nll(v):
        return -stats.t.logpdf(y - v[0] - v[1] * x, df=v[3], scale=np.exp(v[2])).sum()

    found = np.array([1.0, -2.0, np.log(0.1), 2.5])
    for _ in range(3):
        found = minimize(nll, found, method="Nelder-Mead", options=dict(xatol=1e-11, fatol=1e-13, maxiter=4000)).x
    ours = [*(float(fit.params[n]) for n in "ab"), np.log(fit.loss_params["scale"]), fit.loss_params["freedom"]]
    np.testing.assert_allclose(ours, found, rtol=1e-6)
    assert fit.objective == pytest.approx(nll(found), abs=1e-10)


@pytest.mark.parametrize("unit", [1e6, 1e-6])
def test_a_student_t_moves_with_the_unit_of_the_response(heavy, unit):
    ranges = {name: lj.real(-5 * unit, 5 * unit) for name in "ab"}
    law = dataclasses.replace(LINE, params=ranges)
    one, other = fit_line(heavy, "student_t"), lj.fit(law, line_runs(HEAVY, unit), loss="student_t", **FEW)
    for name in "ab":
        assert float(other.params[name]) == pytest.approx(unit * float(one.params[name]), rel=1e-6)
    assert other.loss_params["scale"] == pytest.approx(unit * one.loss_params["scale"], rel=1e-6)
    assert other.loss_params["freedom"] == pytest.approx(one.loss_params["freedom"], rel=1e-6)
    assert other.objective == pytest.approx(one.objective + 60 * np.log(unit), abs=1e-8)


def test_heavy_tails_cost_a_student_t_less_than_least_squares():
    tables = {seed: power_runs(0.02 * student(2, 40, seed), seed) for seed in range(10)}
    errors = {
        loss: [abs(float(fit.params["alpha"]) - 0.3) for fit in lj.fit_each(POWER, tables, loss=loss, **FEW).values()]
        for loss in ("student_t", "squared")
    }
    assert np.mean(errors["student_t"]) < 0.75 * np.mean(errors["squared"])


@pytest.mark.parametrize("loss", ["student_t", "huber", "absolute", "squared", "asymmetric"])
def test_runs_without_noise_give_the_parameters_back_under_every_loss(loss):
    fit = lj.fit(POWER, power_runs(np.zeros(24)), loss=loss, **FEW)
    assert fit.status == lj.fitting.Status.CONVERGED
    for name, value in POWER_TRUTH.items():
        assert float(fit.params[name]) == pytest.approx(value, rel=1e-8), name


def test_a_student_t_converges_on_runs_without_noise():
    fit = lj.fit(POWER, power_runs(np.zeros(24)), loss="student_t", **FEW)
    assert fit.status == lj.fitting.Status.CONVERGED
    assert fit.loss_params["scale"] < 1e-9


# --- The other losses ---------------------------------------------------------------------------------------


def linear_program(runs, over=1.0):
    """Least sum of absolute misses, those above the data `over` times as dear, as a linear program."""
    x, y = np.asarray(runs["x"]), np.asarray(runs["y"])
    eye = np.eye(len(x))
    cost = np.concatenate([[0, 0], np.full(len(x), over), np.ones(len(x))])
    design = np.hstack([np.ones((len(x), 1)), x[:, None], -eye, eye])
    found = linprog(cost, A_eq=design, b_eq=y, bounds=[(None, None)] * 2 + [(0, None)] * (2 * len(x)))
    return found.fun, found.x[:2]


@pytest.mark.parametrize(("loss", "over"), [("absolute", 1.0), ("asymmetric", 7.0)])
def test_a_loss_with_a_kink_is_the_solution_of_its_linear_program(loss, over):
    runs = line_runs(0.3 * student(3, 21, seed=1))
    fit = fit_line(runs, loss, penalty=over)
    objective, params = linear_program(runs, over)
    assert fit.objective == pytest.approx(objective, rel=1e-9)
    np.testing.assert_allclose([float(fit.params[n]) for n in "ab"], params, rtol=1e-6)


def log_cosh(residual):
    return jnp.logaddexp(residual, -residual) - jnp.log(2.0)


def cauchy(residual):
    return 0.5 * 0.1**2 * jnp.log1p((residual / 0.1) ** 2)


@pytest.mark.parametrize(
    ("loss", "rho"),
    [
        pytest.param("huber", "huber", id="huber"),
        pytest.param(cauchy, "cauchy", id="own-cauchy"),
        pytest.param("squared", "linear", id="squared"),
    ],
)
def test_a_loss_has_scipys_optimum(heavy, loss, rho):
    fit = fit_line(heavy, loss, delta=0.1)
    x, y = np.asarray(heavy["x"]), np.asarray(heavy["y"])
    precise = dict(xtol=1e-15, ftol=1e-15, gtol=1e-15)
    scipy = least_squares(lambda v: v[0] + v[1] * x - y, [1.0, -2.0], loss=rho, f_scale=0.1, **precise)
    assert fit.objective == pytest.approx(scipy.cost, rel=1e-12)
    np.testing.assert_allclose([float(fit.params[n]) for n in "ab"], scipy.x, rtol=1e-6)


def test_a_loss_of_ones_own_is_minimised(heavy):
    fit = fit_line(heavy, log_cosh)
    x, y = np.asarray(heavy["x"]), np.asarray(heavy["y"])
    scipy = minimize(
        lambda v: np.sum(np.log(np.cosh(v[0] + v[1] * x - y))),
        [1.0, -2.0],
        jac=lambda v: np.array([np.tanh(v[0] + v[1] * x - y).sum(), (x * np.tanh(v[0] + v[1] * x - y)).sum()]),
        options=dict(gtol=1e-12),
    )
    assert fit.objective == pytest.approx(scipy.fun, rel=1e-10)
    np.testing.assert_allclose([float(fit.params[n]) for n in "ab"], scipy.x, rtol=1e-7)


# --- Rounded responses --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def rounded():
    """Ten tables of a power law whose losses were recorded to one decimal."""
    tables = {seed: power_runs(np.zeros(80), seed) for seed in range(10)}
    return {
        seed: lj.Runs.from_columns(x=runs["x"], loss=np.round(runs["loss"], 1), width=np.full(80, 0.1))
        for seed, runs in tables.items()
    }


def exponent_errors(tables, **choices):
    fits = lj.fit_each(POWER, tables, loss="squared", **FEW, **choices)
    return np.array([abs(float(fit.params["alpha"]) - 0.3) for fit in fits.values()])


def test_knowing_the_rounding_of_the_losses_brings_the_exponent_closer(rounded):
    known, unknown = exponent_errors(rounded, rounding=0.1), exponent_errors(rounded)
    assert known.mean() < 0.7 * unknown.mean()


def test_predictions_inside_the_intervals_cost_nothing(rounded):
    fit = lj.fit(POWER, rounded[0], loss="squared", rounding=0.1, **FEW)
    predicted = power_law(np.asarray(rounded[0]["x"]), fit.params)
    assert fit.objective <= 1e-16
    assert np.max(np.abs(predicted - rounded[0]["loss"])) <= 0.05 + 1e-7


def test_a_column_of_widths_says_what_a_number_says(rounded):
    number, column = (lj.fit(POWER, rounded[0], loss="squared", rounding=way, **FEW) for way in (0.1, "width"))
    assert number.objective == column.objective
    np.testing.assert_array_equal(number.vector, column.vector)


def test_intervals_of_no_width_are_exact_responses(heavy):
    exact, closed = (fit_line(heavy, "huber", delta=0.1, rounding=width) for width in (None, 0.0))
    assert closed.objective == pytest.approx(exact.objective, rel=1e-12)
    np.testing.assert_allclose([float(closed.params[n]) for n in "ab"], [float(exact.params[n]) for n in "ab"], 1e-9)


@pytest.mark.parametrize(
    ("rounding", "message"),
    [
        (-0.1, "`rounding` must be finite numbers of 0 or more"),
        (float("nan"), "`rounding` must be finite numbers of 0 or more"),
        ("widths", "`rounding` names the column `widths`, which is not in the table"),
        (True, "`rounding` must be a number or the name of a column, got True"),
        ([0.1], "`rounding` must be a number or the name of a column"),
    ],
)
def test_an_impossible_rounding_is_refused(heavy, rounding, message):
    with pytest.raises(lj.InputError, match=message):
        fit_line(heavy, "squared", rounding=rounding)


# --- Residual spaces ----------------------------------------------------------------------------------------

SPACES = {
    "real in raw": (LINE, {"a": 1.0, "b": -2.0}, "raw"),
    "positive in log": (POWER, POWER_TRUTH, "log"),
    "positive in raw": (POWER, POWER_TRUTH, "raw"),
    "fraction in logit": (SQUASH, {"a": 0.3, "b": 1.2}, "logit"),
    "fraction in log": (SQUASH, {"a": 0.3, "b": 1.2}, "log"),
    "fraction in raw": (SQUASH, {"a": 0.3, "b": 1.2}, "raw"),
}


@pytest.mark.parametrize("case", SPACES)
def test_runs_without_noise_give_the_parameters_back_in_every_residual_space(case):
    law, truth, space = SPACES[case]
    fit = lj.fit(law, lj.simulate(law, truth, num_runs=24, noise=0.0, key=2), residual=space, loss="squared", **FEW)
    for name, value in truth.items():
        assert float(fit.params[name]) == pytest.approx(value, rel=1e-8), name


@pytest.mark.parametrize("case", ["real in raw", "positive in log", "fraction in logit"])
def test_the_usual_residual_space_follows_the_support_of_the_response(case):
    law, _, space = SPACES[case]
    assert choose_space(law, None) == space


def test_weights_are_those_of_a_weighted_sum():
    runs = lj.simulate(SQUASH, {"a": 0.3, "b": 1.2}, num_runs=24, noise=0.05, key=2)
    weight = np.random.default_rng(0).uniform(0.1, 10, 24)
    fit = lj.fit(SQUASH, runs, weights=weight, loss="squared", residual="raw", **FEW)
    x, y = np.asarray(runs["x"]), np.asarray(runs["y"])
    scipy = least_squares(
        lambda v: np.sqrt(weight) * (1 / (1 + np.exp(-v[0] - v[1] * x)) - y), [0.3, 1.2], xtol=1e-15, ftol=1e-15
    )
    assert fit.objective == pytest.approx(scipy.cost, rel=1e-10)
    np.testing.assert_allclose([float(fit.params[n]) for n in "ab"], scipy.x, rtol=1e-6)
