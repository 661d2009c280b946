"""The solver: the same bits however the work is cut, no task disturbs another, and every resample is searched."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting import lanes as lanes_module
from lawjax.fitting import solve as solve_module
from lawjax.fitting.losses import make_loss
from lawjax.fitting.problem import padded_weights
from lawjax.fitting.solve import Tasks, solve
from lawjax.fitting.status import Status
from lawjax.laws import POWER_LAW_FLOOR as POWER

FEW = {"num_starts": 8}


def power_runs(num, seed=0, noise=0.02):
    generator = np.random.default_rng(seed)
    x = 10 ** generator.uniform(3, 9, num)
    return lj.Runs.from_columns(x=x, loss=(1.7 + 30.0 * x**-0.3) * np.exp(generator.normal(0, noise, num)))


@pytest.fixture(scope="module")
def fitted():
    return lj.fit(POWER, power_runs(30), **FEW)


# --- The same bits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["pairs", "wild"])
def test_draws_are_the_same_to_the_bit_however_they_are_chunked(fitted, kind):
    whole, *cut = (lj.bootstrap(fitted, num=16, kind=kind, chunk=chunk, key=0) for chunk in (1000, 7, 1))
    for draws in cut:
        for name in POWER.params:
            np.testing.assert_array_equal(draws[name], whole[name])


@pytest.mark.parametrize("workers", [1, 3])
def test_threads_do_not_change_a_bit(fitted, monkeypatch, workers):
    expected = lj.bootstrap(fitted, num=200, key=0)
    monkeypatch.setattr(solve_module, "_num_workers", lambda: workers)
    found = lj.bootstrap(fitted, num=200, key=0)
    for name in POWER.params:
        np.testing.assert_array_equal(found[name], expected[name])


def test_another_number_of_lanes_is_another_program_with_the_same_answers(fitted, monkeypatch):
    expected = lj.bootstrap(fitted, num=80, key=0)
    monkeypatch.setattr(solve_module, "LANES", 8)
    found = lj.bootstrap(fitted, num=80, key=0)
    for name in POWER.params:
        np.testing.assert_allclose(found[name], expected[name], rtol=1e-7)


def test_tables_of_like_length_and_any_number_of_resamples_share_one_program(fitted, monkeypatch):
    # Whether any resample needs the exact Hessian, a program of its own, is a matter of chance.
    monkeypatch.setattr(solve_module, "PATIENCE", 200)
    lj.bootstrap(lj.fit(POWER, fitted.runs, **FEW), num=10)
    compiled = lanes_module.advance_lanes._cache_size()
    lj.bootstrap(lj.fit(POWER, power_runs(26, seed=1), **FEW), num=600)
    assert lanes_module.advance_lanes._cache_size() == compiled


# --- No task disturbs another -------------------------------------------------------------------------------


def test_a_task_that_is_not_finite_says_so_and_its_neighbours_never_notice(fitted):
    problem, weights = fitted.problem, padded_weights(fitted.runs)
    good = fitted.vector + np.linspace(-0.3, 0.3, 5)[:, None]
    bad = np.full((2, len(fitted.vector)), np.nan)
    with jax.enable_x64(True):
        alone = solve(problem, make_loss("huber"), Tasks.of(good, weights))
        beside = solve(problem, make_loss("huber"), Tasks.of(np.concatenate([bad, good]), weights))
    assert beside.status[:2].tolist() == [Status.NONFINITE] * 2
    assert np.all(np.isinf(beside.objective[:2]))
    for one, other in zip(alone, beside, strict=True):
        np.testing.assert_array_equal(one, other[2:])


def test_a_resample_without_weight_becomes_nan_and_the_others_stay(fitted):
    counts = np.ones((6, 30))
    counts[2, 3:] = 0.0
    counts[2, :3] = 1e-300
    draws = lj.bootstrap(fitted, weights=counts)
    kept = np.delete(np.asarray(draws["alpha"]), 2)
    assert np.all(kept == kept[0])
    assert kept[0] == pytest.approx(float(fitted.params["alpha"]), rel=1e-9)


# --- The exact Hessian --------------------------------------------------------------------------------------


def hollow(x, *, b):
    """Two runs whose least squares are nearly flat: each Gauss-Newton step goes 2 % of the way."""
    return jnp.where(x < 1.5, b, 0.49 * b**2)


HOLLOW = lj.Law(
    hollow, response="y", support="real", inputs={"x": lj.Variable(kind="real")}, params={"b": lj.real(0.5, 2)}
)


def test_the_exact_hessian_finishes_what_gauss_newton_cannot(monkeypatch):
    runs = lj.Runs.from_columns(x=[1.0, 2.0], y=[0.0, 1.0])
    choices = dict(loss="squared", residual="raw", force=True, **FEW)
    with_it = lj.fit(HOLLOW, runs, **choices)
    monkeypatch.setattr(solve_module, "PATIENCE", 200)
    without = lj.fit(HOLLOW, runs, **choices)
    assert set(with_it.start_status.tolist()) == {int(Status.CONVERGED)}
    assert float(with_it.params["b"]) == pytest.approx(0.0, abs=1e-8)
    assert set(without.start_status.tolist()) == {int(Status.MAX_STEPS)}
    assert abs(float(without.params["b"])) > 1e-4


# --- Starts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "starts",
    [{"E": 1.0}, {"E": 0.01, "A": 1e6, "alpha": 2.0}, {"alpha": [0.01, 1.0], "A": 1.0}],
    ids=["one-name", "far-away", "two-starts"],
)
def test_starts_of_ones_own_are_descended_from_beside_the_drawn_ones(fitted, starts):
    fit = lj.fit(POWER, fitted.runs, starts=starts, **FEW)
    own = max(np.size(value) for value in starts.values())
    assert len(fit.start_objectives) == 8 + own
    assert fit.start_objectives[:own] == pytest.approx(fitted.objective, rel=1e-9)


def test_a_start_whose_term_has_no_influence_cannot_mislead_the_fit(fitted):
    fit = lj.fit(POWER, fitted.runs, starts={"alpha": 3.0, "A": 1.0}, **FEW)
    assert fit.start_objectives[0] > 2 * fitted.objective
    assert fit.objective == pytest.approx(fitted.objective, rel=1e-9)


def test_a_start_far_from_the_usual_ranges_is_where_a_fit_begins(fitted):
    stay = lj.fit(POWER, fitted.runs, starts={"E": 0.5, "A": 7.0, "alpha": 1.5}, max_steps=1, **FEW)
    assert stay.start_params["alpha"][0] != pytest.approx(float(fitted.params["alpha"]), rel=1e-6)


@pytest.mark.parametrize(
    ("starts", "message"),
    [
        ({"gamma": 1.0}, "`starts` names `gamma`, which is no free parameter: E, A, alpha"),
        ({"E": [1.0, 2.0], "A": [1.0, 2.0, 3.0]}, "`starts` of `E` has the shape"),
        ({"E": [[1.0, 2.0]]}, "`starts` of `E` has the shape"),
        ({"alpha": -1.0}, "`starts` of `alpha` must lie between 0 and inf"),
    ],
)
def test_impossible_starts_are_refused(fitted, starts, message):
    with pytest.raises(lj.InputError, match=message):
        lj.fit(POWER, fitted.runs, starts=starts, **FEW)


# --- Every resample finds its own best basin ----------------------------------------------------------------


def wave(x, *, amplitude, rate):
    return amplitude * jnp.cos(rate * x)


def bump(x, *, place, width):
    return 1 - jnp.exp(-(((x - place) / width) ** 2))


WAVE = lj.Law(
    wave,
    response="y",
    support="real",
    inputs={"x": lj.Variable(kind="real")},
    params={"amplitude": lj.real(-3, 3), "rate": lj.positive(0.5, 8)},
    linear=("amplitude",),
)
BUMP = lj.Law(
    bump,
    response="y",
    support="real",
    inputs={"x": lj.Variable(kind="real")},
    params={"place": lj.bounded(-4, 4), "width": lj.bounded(0.5, 1.5)},
)


def wave_runs():
    """Two waves of nearly the same strength, so that which one a resample prefers is a matter of chance."""
    generator = np.random.default_rng(1)
    x = generator.uniform(0, 6, 40)
    return lj.Runs.from_columns(x=x, y=np.cos(1.7 * x) + np.cos(4.1 * x) + generator.normal(0, 0.2, 40))


def bump_runs():
    """Two dips of nearly the same depth."""
    generator = np.random.default_rng(2)
    x = generator.uniform(-4, 4, 48)
    dips = np.exp(-((x - 2) ** 2)) + np.exp(-((x + 2) ** 2))
    return lj.Runs.from_columns(x=x, y=1 - dips + generator.normal(0, 0.2, 48))


@pytest.mark.parametrize(
    ("law", "runs", "name"), [(WAVE, wave_runs, "rate"), (BUMP, bump_runs, "place")], ids=["linear", "not-linear"]
)
def test_every_resample_of_a_law_with_two_basins_finds_its_best(law, runs, name):
    fit = lj.fit(law, runs(), loss="squared", num_starts=32)
    counts = np.random.default_rng(0).multinomial(len(fit.runs), np.full(len(fit.runs), 1 / len(fit.runs)), size=24)
    found = lj.bootstrap(fit, weights=counts)
    thorough = lj.fit_each(
        law, {i: fit.runs.reweighted(row.astype(float)) for i, row in enumerate(counts)}, loss="squared", num_starts=200
    )
    best = np.array([float(each.params[name]) for each in thorough.values()])
    assert np.ptp(best) > 1.5
    np.testing.assert_allclose(found[name], best, rtol=1e-5)
