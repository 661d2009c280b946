"""The fit finds the known optimum, whatever the units, the order and the options."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from scipy.optimize import least_squares, minimize

import lawjax as lj
from lawjax.laws import CHINCHILLA

HUBER = {"E": 1.817218, "A": 477.8259, "alpha": 0.347310, "B": 2143.4174, "beta": 0.367172}
ABSOLUTE = {"E": 1.81686, "A": 482.006, "alpha": 0.34781, "B": 2085.43, "beta": 0.36585}
SQUARED = {"E": 1.864550, "A": 593.322, "alpha": 0.360253, "B": 4875.64, "beta": 0.405883}


def close(fit, params, rtol):
    for name, value in params.items():
        assert float(fit.params[name]) == pytest.approx(value, rel=rtol), name


def test_hubers_loss_finds_the_known_optimum_of_the_hoffmann_runs(hoffmann_fit):
    assert hoffmann_fit.objective <= 0.0010182741
    close(hoffmann_fit, HUBER, 1e-5)
    assert hoffmann_fit.agreement > 0.95
    assert set(hoffmann_fit.verdict.codes) <= {"outlier"}


def test_the_fit_says_what_was_used_and_what_was_dropped(hoffmann_fit):
    record = hoffmann_fit.to_dict()
    assert (record["rows_used"], record["rows_dropped"]) == (240, 5)
    assert record["dropped"][0]["rows"] == 5


def test_an_absolute_loss_gives_the_published_estimate(hoffmann):
    close(lj.fit(CHINCHILLA, hoffmann, loss="absolute"), ABSOLUTE, 2e-3)


def test_a_squared_loss_gives_the_known_least_squares_estimate(hoffmann):
    close(lj.fit(CHINCHILLA, hoffmann, loss="squared"), SQUARED, 1e-4)


def test_a_loss_of_ones_own_is_used_as_written(hoffmann):
    own = lj.fit(CHINCHILLA, hoffmann, loss=lambda residual: 0.5 * residual**2)
    assert own.objective == pytest.approx(lj.fit(CHINCHILLA, hoffmann, loss="squared").objective, rel=1e-9)


def test_scipy_finds_nothing_below_the_optimum(hoffmann, hoffmann_fit):
    log_n, log_d, log_loss = (np.log(np.asarray(hoffmann[name], float)) for name in ("N", "D", "loss"))

    def objective(v):
        predicted = np.logaddexp(np.logaddexp(v[0] - v[1] * log_n, v[2] - v[3] * log_d), v[4])
        size = np.abs(predicted - log_loss)
        inside = np.minimum(size, 1e-3)
        return 1e3 * np.sum(0.5 * inside**2 + 1e-3 * (size - inside))

    p = {name: float(value) for name, value in hoffmann_fit.params.items()}
    start = np.array([np.log(p["A"]), p["alpha"], np.log(p["B"]), p["beta"], np.log(p["E"])])
    assert objective(start) == pytest.approx(1e3 * hoffmann_fit.objective, rel=1e-9)
    assert minimize(objective, start, method="Nelder-Mead").fun >= 1e3 * hoffmann_fit.objective * (1 - 1e-9)


@pytest.mark.parametrize("law", [CHINCHILLA, lj.laws.KAPLAN_ND, lj.laws.SHIFTED_POWER_LAW], ids=lambda law: law.name)
def test_noise_free_runs_give_the_parameters_back_to_1e_8(law):
    start = {"E": 1.7, "A": 300.0, "alpha": 0.3, "B": 900.0, "beta": 0.33, "x0": 50.0}
    start |= {"N_c": 6e13, "alpha_N": 0.08, "D_c": 2e13, "alpha_D": 0.1}
    truth = {name: start[name] for name in law.params}
    runs = lj.simulate(law, truth, num_runs=60, noise=0.0, key=1)
    fit = lj.fit(law, runs, loss="squared")
    close(fit, truth, 1e-8)


@pytest.mark.parametrize(
    ("model", "start", "range_", "x", "y"),
    [
        pytest.param(
            lambda x, b1, b2: b1 * (1 - np.exp(-b2 * x)),
            lambda x, *, b1, b2: b1 * (1 - jnp.exp(-b2 * x)),
            {"b1": lj.positive(50, 1000), "b2": lj.positive(1e-5, 1e-2)},
            [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0],
            [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78],
            id="misra1a",
        ),
        pytest.param(
            lambda x, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2),
            lambda x, *, b1, b2: b1 * (1 - (1 + b2 * x / 2) ** -2),
            {"b1": lj.positive(50, 2000), "b2": lj.positive(1e-5, 1e-2)},
            [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0],
            [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78],
            id="misra1b",
        ),
    ],
)
def test_classic_hard_least_squares_agree_with_scipy(model, start, range_, x, y):
    law = lj.Law(start, response="y", params=range_, name="own")
    runs = lj.Runs.from_columns(x=x, y=y)
    fit = lj.fit(law, runs, loss="squared", residual="raw")
    x, y = np.array(x), np.array(y)
    scipy = least_squares(lambda v: model(x, *v) - y, [300.0, 4e-4], x_scale=[300.0, 4e-4], xtol=1e-14, ftol=1e-14)
    assert fit.objective == pytest.approx(scipy.cost, rel=1e-9)
    np.testing.assert_allclose([fit.params["b1"], fit.params["b2"]], scipy.x, rtol=1e-6)


@pytest.mark.parametrize("factor", [1e-9, 1e-3, 1e6])
def test_units_of_the_inputs_do_not_change_the_fit(hoffmann, hoffmann_fit, factor):
    scaled = lj.Runs.from_columns(N=hoffmann["N"] * factor, D=hoffmann["D"] * factor, loss=hoffmann["loss"])
    fit = lj.fit(CHINCHILLA, scaled)
    assert fit.objective == pytest.approx(hoffmann_fit.objective, rel=1e-9)
    assert float(fit.params["alpha"]) == pytest.approx(float(hoffmann_fit.params["alpha"]), rel=1e-6)


def test_the_order_of_the_rows_does_not_change_the_fit(hoffmann, hoffmann_fit, generator):
    fit = lj.fit(CHINCHILLA, hoffmann.take(generator.permutation(len(hoffmann))))
    close(fit, {name: float(value) for name, value in hoffmann_fit.params.items()}, 1e-6)


def test_a_row_given_twice_counts_as_weight_two(hoffmann):
    rows = np.arange(len(hoffmann))
    twice = hoffmann.take(np.concatenate([rows, rows[:60]]))
    weight = np.where(rows < 60, 2.0, 1.0)
    weighted = lj.Runs.from_columns(**{n: hoffmann[n] for n in ("N", "D", "loss")}, weight=weight)
    doubled = lj.fit(CHINCHILLA, twice)
    close(lj.fit(CHINCHILLA, weighted), {name: float(v) for name, v in doubled.params.items()}, 1e-6)


def test_fixed_and_tied_parameters_stay_where_they_are_put(hoffmann):
    fit = lj.fit(CHINCHILLA, hoffmann, fixed={"E": 1.69}, tied={"beta": "alpha"})
    assert float(fit.params["E"]) == pytest.approx(1.69, rel=1e-12)
    assert float(fit.params["alpha"]) == float(fit.params["beta"])
    assert float(fit.stderr["E"]) == 0.0
    assert "= alpha" in str(fit)


def test_a_fixed_amplitude_keeps_its_natural_value(hoffmann):
    assert float(lj.fit(CHINCHILLA, hoffmann, fixed={"A": 406.4}).params["A"]) == pytest.approx(406.4, rel=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "num_steps"),
    [
        pytest.param(optax.lbfgs(), 300, id="lbfgs"),
        pytest.param(optax.adam(optax.cosine_decay_schedule(0.1, 2000)), 2000, id="adam"),
    ],
)
def test_optax_descends_to_the_same_optimum(hoffmann, hoffmann_fit, optimizer, num_steps):
    fit = lj.fit(CHINCHILLA, hoffmann, optimizer=optimizer, num_starts=8, max_steps=num_steps)
    assert fit.method == "optax"
    assert fit.objective == pytest.approx(hoffmann_fit.objective, rel=1e-2)
    assert fit.objective >= hoffmann_fit.objective * (1 - 1e-9)


def test_the_same_key_gives_the_same_fit(hoffmann):
    first, second = (lj.fit(CHINCHILLA, hoffmann, key=3) for _ in range(2))
    assert first.objective == second.objective
    np.testing.assert_array_equal(first.start_objectives, second.start_objectives)


def test_a_second_fit_of_like_shape_does_not_trace_the_law_again(truth):
    calls = []

    def counted(N, D, *, E, A, alpha, B, beta):
        calls.append(1)
        return CHINCHILLA.fn(N, D, E=E, A=A, alpha=alpha, B=B, beta=beta)

    law = lj.Law(counted, response="loss", inputs=CHINCHILLA.inputs, params=CHINCHILLA.params, linear=("E", "A", "B"))
    runs = lj.simulate(CHINCHILLA, truth, num_runs=60, key=0)
    lj.fit(law, runs)
    traced = len(calls)
    lj.fit(law, runs.take(np.arange(57)))
    assert len(calls) == traced


def test_the_global_precision_is_left_alone(hoffmann_fit):
    assert not jax.config.jax_enable_x64
    assert hoffmann_fit.params["E"].dtype == np.float64


def test_swapping_size_and_tokens_is_refused(hoffmann):
    swapped = lj.Runs.from_columns(N=hoffmann["D"], D=hoffmann["N"], loss=hoffmann["loss"])
    with pytest.raises(lj.InputError, match="look swapped"):
        lj.fit(CHINCHILLA, swapped)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"loss": "hubr"}, "unknown loss 'hubr'. Choose one of \"huber\""),
        ({"delta": 0.0}, "`delta` must be a positive number, got 0.0"),
        ({"delta": float("inf")}, "`delta` must be a positive number, got inf"),
        ({"residual": "sqrt"}, "unknown residual 'sqrt'"),
        ({"fixed": {"gamma": 1.0}}, "has no parameter `gamma`"),
        ({"fixed": {"E": -1.0}}, "`E` can be fixed to one number between 0 and inf, got -1.0"),
        ({"tied": {"A": "B"}}, "Tie parameters without dimension, or of the same one"),
        ({"max_steps": -1}, "`max_steps` must be a whole number above 0"),
        ({"method": "newton"}, "unknown method 'newton'"),
        ({"fixed": {"alpha": "0.3"}}, "`alpha` can be fixed to one number"),
        ({"num_starts": 0}, "`num_starts` must be a whole number above 0"),
        ({"key": -1}, "`key` must be a whole number from 0"),
        ({"key": None}, "`key` must be a whole number"),
    ],
)
def test_a_wrong_option_is_refused_with_advice(hoffmann, choices, message):
    with pytest.raises(lj.InputError) as caught:
        lj.fit(CHINCHILLA, hoffmann, **choices)
    assert message in str(caught.value)
