"""A profile holds one parameter and refits the others; its interval is where the data object."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import lawjax as lj
from lawjax.laws import CHINCHILLA, DATA_CONSTRAINED, POWER_LAW, POWER_LAW_FLOOR, published
from lawjax.reporting.profile_plot import profile_curve

X = np.geomspace(1e3, 1e6, 25)


def noisy_line(noise):
    return lj.Runs.from_columns(x=X, loss=8 * X**-0.1 * np.exp(noise))


@pytest.fixture(scope="module")
def line():
    return lj.fit(POWER_LAW, noisy_line(0.02 * np.random.default_rng(0).normal(size=25)), loss="squared")


@pytest.fixture(scope="module")
def exponent(line):
    return lj.profile(line, "alpha", kind="hessian", num=11)


@pytest.mark.parametrize("name", ["alpha", "A"])
def test_of_a_straight_line_the_interval_is_students(line, name):
    design = np.stack([np.ones(25), -np.log(X)], axis=1)
    log_loss = np.log(line.observed_response)
    coefficients, squares, *_ = np.linalg.lstsq(design, log_loss)
    errors = np.sqrt(squares / 23 * np.diag(np.linalg.inv(design.T @ design)))
    entry = ["A", "alpha"].index(name)
    middle, reach = coefficients[entry], stats.t.ppf(0.95, 23) * errors[entry]
    expected = [middle - reach, middle + reach]
    found = np.array(lj.profile(line, name, kind="hessian", num=11).interval)
    assert (found if name == "alpha" else np.log(found)) == pytest.approx(expected, rel=1e-7)


def test_all_other_parameters_are_refitted_at_every_value(line, exponent):
    log_loss = np.log(line.observed_response)
    best = np.array([np.mean(log_loss + alpha * np.log(X)) for alpha in exponent.values])
    left = [np.sum((log_loss - a + alpha * np.log(X)) ** 2) / 2 for a, alpha in zip(best, exponent.values, strict=True)]
    assert exponent.objectives == pytest.approx(left, rel=1e-9)
    assert np.log(exponent.params["A"]) == pytest.approx(best, rel=1e-6)
    assert exponent.params["alpha"] == pytest.approx(exponent.values, rel=1e-14)


def test_the_statistic_is_at_its_threshold_at_both_ends_and_none_at_the_estimate(line, exponent):
    ends = lj.profile(line, "alpha", kind="hessian", values=[*exponent.interval, float(line.params["alpha"])])
    assert ends.statistic[[0, 2]] == pytest.approx([exponent.threshold] * 2, rel=1e-5)
    assert ends.statistic[1] == pytest.approx(0.0, abs=1e-8)


def test_the_values_reach_to_where_the_runs_leave_no_doubt(exponent):
    beyond = stats.t.ppf(0.9995, 23) ** 2
    assert exponent.statistic[[0, -1]] == pytest.approx([beyond] * 2, rel=0.1)
    assert len(exponent) == 11


def test_a_span_is_kept_to_and_the_interval_does_not_depend_on_it(line, exponent):
    found = lj.profile(line, "alpha", kind="hessian", span=(0.0985, 0.1), num=3)
    assert found.values[[0, -1]] == pytest.approx([0.0985, 0.1])
    assert found.interval == pytest.approx(exponent.interval, rel=1e-6)


def test_rows_that_repeat_in_groups_count_once():
    noise = 0.02 * np.random.default_rng(1).standard_t(4, size=25)
    single = lj.fit(POWER_LAW, noisy_line(noise), loss="squared")
    table = {"x": np.repeat(X, 4), "loss": np.repeat(single.observed_response, 4), "group": np.repeat(np.arange(25), 4)}
    repeated = lj.fit(POWER_LAW, lj.Runs.from_columns(**table), loss="squared")
    ends = [lj.profile(fit, "alpha", num=5).interval for fit in (single, repeated)]
    assert ends[1] == pytest.approx(ends[0], rel=1e-6)


@pytest.mark.slow
def test_the_scale_of_a_likelihood_that_holds_is_about_one():
    noise = 0.02 * np.random.default_rng(0).standard_t(5, size=200)
    x = np.geomspace(1e3, 1e6, 200)
    fit = lj.fit(POWER_LAW, lj.Runs.from_columns(x=x, loss=8 * x**-0.1 * np.exp(noise)), loss="student_t")
    found = lj.profile(fit, "alpha", num=5)
    assert found.scale == pytest.approx(1.0, abs=0.25)
    assert found.interval[0] < 0.1 < found.interval[1]


def test_the_exponent_of_the_hoffmann_runs_is_as_sure_as_resamples_say(hoffmann_fit):
    found = lj.profile(hoffmann_fit, "alpha", prob=0.95, num=11)
    assert found.interval == pytest.approx((0.317, 0.373), abs=0.012)
    assert found.estimate == pytest.approx(0.34731, abs=1e-5)
    assert found.verdict.grade == "ok"


def test_the_half_life_of_repeats_has_no_upper_bound_at_99_percent(shared_data):
    columns = {"N": "params", "D": "tokens", "epochs": "epochs"}
    runs = lj.read_runs(shared_data / "muennighoff" / "data_constrained_fit_set.csv", columns=columns)
    fit = lj.fit(DATA_CONSTRAINED, runs, fixed=dict(published("muennighoff2023-c4").params))
    found = lj.profile(fit, "R_D_star", prob=0.99, num=21)
    assert found.interval[1] == np.inf
    assert 1 < found.interval[0] < 20
    assert {"profile-open", "profile-several-minima"} <= set(found.verdict.codes)


def test_a_floor_that_the_runs_do_not_show_is_open_below_and_bounded_above():
    noise = 0.002 * np.random.default_rng(2).normal(size=25)
    fit = lj.fit(POWER_LAW_FLOOR, lj.Runs.from_columns(x=X, loss=8 * X**-0.1 * np.exp(noise)), loss="squared")
    found = lj.profile(fit, "E", kind="hessian", num=9)
    assert found.interval[0] == 0.0
    assert 0.0 < found.interval[1] < 1.5
    assert any("unbounded below" in note.reason for note in found.verdict.notes)


RIPPLE = lj.Law(
    lambda x, *, level, pitch: level + 0.01 * jnp.sin(pitch * x),
    name="ripple",
    response="y",
    inputs={"x": lj.Variable(kind="real")},
    params={"level": lj.positive(1, 5), "pitch": lj.positive(8, 14)},
)


def rippled(noise):
    """A fit with an optimum about every 2 pi / 6 of the pitch."""
    x = np.linspace(0, 6, 80)
    y = 3.0 + 0.01 * np.sin(11 * x) + noise * np.random.default_rng(0).normal(size=80)
    return lj.fit(RIPPLE, lj.Runs.from_columns(x=x, y=y), loss="squared", residual="raw")


def test_further_minima_that_the_runs_allow_are_named():
    found = lj.profile(rippled(0.1), "pitch", span=(8, 14), num=61)
    assert len(found.minima) >= 1
    assert "profile-several-minima" in found.verdict.codes
    assert all(abs(value - found.estimate) > 0.3 for value in found.minima)


def test_a_fit_at_a_lesser_optimum_is_found_out():
    fit = rippled(0.03)
    worse = np.argmax(np.where(fit.start_status == 0, fit.start_objectives, -np.inf))
    stuck = dataclasses.replace(fit, vector=fit.start_vectors[worse], objective=float(fit.start_objectives[worse]))
    assert abs(float(stuck.params["pitch"] - fit.params["pitch"])) > 0.5
    found = lj.profile(stuck, "pitch", num=21)
    assert found.estimate == pytest.approx(float(fit.params["pitch"]), abs=0.3)
    assert "better-optimum-found" in found.verdict.codes
    assert found.statistic.min() >= 0


@pytest.mark.slow
def test_a_tied_parameter_moves_with_the_one_that_is_held(truth):
    runs = lj.simulate(CHINCHILLA, truth, num_runs=40, noise=0.01, key=0)
    found = lj.profile(lj.fit(CHINCHILLA, runs, tied={"beta": "alpha"}, num_starts=16), "alpha", num=5)
    np.testing.assert_array_equal(found.params["beta"], found.params["alpha"])
    assert found.interval[0] < found.estimate < found.interval[1]


def test_a_profile_reads_as_a_table_a_frame_and_plain_data(exponent):
    frame, record = exponent.to_frame(), exponent.to_dict()
    assert list(frame.columns) == ["alpha", "statistic", "objective", "status", "A"]
    assert len(frame) == len(record["values"]) == 11
    assert set(frame["status"]) == {"converged"}
    assert "profile of alpha at 11 values" in repr(exponent)
    assert "90 % interval 0.09653 to 0.1024" in repr(exponent)


def test_the_figure_shows_the_law_the_threshold_and_the_values(exponent):
    drawn = profile_curve(exponent)
    assert all(text in drawn for text in ("power-law: profile of alpha", "90 %", "statistic"))


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("gamma", {}, "has no parameter `gamma`"),
        ("alpha", {"num": 2}, "`num` must be a whole number above 2"),
        ("alpha", {"prob": 90}, "`prob` must lie between 0 and 1, got 90"),
        ("alpha", {"kind": "bootstrap"}, 'Choose one of "sandwich", "hessian"'),
        ("alpha", {"values": [-0.1, 0.1]}, "`values` must be two numbers or more between 0 and inf"),
        ("alpha", {"span": (0.2, 0.1)}, "`span` must be .low, high. with low < high"),
        ("alpha", {"span": (0.1, 0.2), "values": [0.1, 0.2]}, "give `span` or `values`, not both"),
    ],
)
def test_a_wrong_request_is_refused(line, name, options, said):
    with pytest.raises(lj.InputError, match=said):
        lj.profile(line, name, **options)


def test_only_a_fit_has_a_profile(line):
    with pytest.raises(lj.InputError, match="`profile` refits a `Fit`, got Draws"):
        lj.profile(line.draws, "alpha")


def test_a_parameter_that_cannot_be_held_is_refused():
    curve = lj.Runs.from_columns(x=X, loss=1 + 8 * X**-0.1)
    fit = lj.fit(POWER_LAW_FLOOR, curve, loss="squared", num_starts=4, fixed={"E": 1.0, "A": 8.0})
    with pytest.raises(lj.InputError, match=r"`E` is not free in this fit\. Fit again without fixing it"):
        lj.profile(fit, "E")
    with pytest.raises(lj.InputError, match="`alpha` is the only free parameter"):
        lj.profile(fit, "alpha")


def test_a_fit_without_residuals_has_no_profile():
    fit = lj.fit(POWER_LAW, lj.Runs.from_columns(x=[1.0, 2.0], loss=[2.0, 1.0]), loss="squared", num_starts=4)
    with pytest.raises(lj.InputError, match="2 runs and 2 free parameters leave nothing to judge a profile by"):
        lj.profile(fit, "alpha")
