"""What a planned design will say: against refits of simulated runs, and against algebra done otherwise."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.designs.information import Precision, information
from lawjax.designs.remarks import line_words
from tests.helpers import true_params

LAW = lj.laws.CHINCHILLA
GRID = {
    "N": np.tile(np.geomspace(1e7, 1e9, 5), 5),
    "D": np.repeat(np.geomspace(5e8, 5e10, 5), 5),
}
ISOFLOP = {"N": np.geomspace(5e7, 1.6e9, 6), "D": 6e18 / (6 * np.geomspace(5e7, 1.6e9, 6))}
TARGET = lj.flops(1e23)
NOISE = 0.003


def log_n_opt(p):
    """Log of the best size for 1e23 FLOPs of 6 N D."""
    scale = jnp.log(p["alpha"] * p["A"] / (p["beta"] * p["B"]))
    return (scale + p["beta"] * jnp.log(1e23 / 6)) / (p["alpha"] + p["beta"])


def judged(truth, design=GRID, **options):
    return lj.identifiability(truth, design, **{"law": LAW, "noise": NOISE, **options})


@pytest.fixture(scope="module")
def refits(truth):
    """The law fitted to 200 simulated tables of the grid."""
    tables = {i: lj.simulate(LAW, truth, GRID, noise=NOISE, key=i) for i in range(200)}
    return lj.fit_each(LAW, tables, loss="squared", starts=truth, num_starts=3)


@pytest.mark.parametrize("name", ["E", "A", "alpha", "B", "beta"])
def test_the_expected_width_of_a_parameter_is_the_spread_of_refits(truth, refits, name):
    spread = np.std([np.log(fit.params[name]) for fit in refits.values()])

    assert judged(truth)[name]["sd"] == pytest.approx(spread, rel=0.15)


def test_so_is_that_of_the_optimum_of_a_budget_and_of_the_loss_at_a_target(truth, refits):
    found = judged(truth, at=[TARGET, {"N": 1e10, "D": 2e11}])

    sizes = [float(log_n_opt(fit.params)) for fit in refits.values()]
    losses = [np.log(float(LAW(1e10, 2e11, **fit.params))) for fit in refits.values()]
    assert found["N at 1e+23 FLOP"]["sd"] == pytest.approx(np.std(sizes), rel=0.15)
    assert found["loss at N=1e+10, D=2e+11"]["sd"] == pytest.approx(np.std(losses), rel=0.15)


def test_the_optimum_moves_as_its_formula_says(truth):
    found = judged(truth, at=TARGET, quantities={"formula": log_n_opt})

    assert found["N at 1e+23 FLOP"]["sd"] == pytest.approx(found["formula"]["sd"], rel=1e-8)
    assert np.log(found["N at 1e+23 FLOP"]["value"]) == pytest.approx(found["formula"]["value"], rel=1e-9)


def test_an_optimum_without_a_formula_moves_as_differences_say(truth, quick_compilation):
    cost = lj.Cost(lambda N, D: 6 * N * D + 4e9 * N, name="with set-up")
    step = 1e-5
    moved = {name: np.array([v * np.exp(-step), v * np.exp(step)]) for name, v in truth.items()}
    slopes = []
    for name in truth:
        params = {other: np.array([v, v]) for other, v in truth.items()} | {name: moved[name]}
        sizes = lj.allocate(lj.Draws(law=LAW, params=params), 1e23, cost=cost).optima["N"][0]
        slopes.append(np.diff(np.log(sizes))[0] / (2 * step))

    found = judged(truth, at=lj.flops(1e23), cost=cost)

    # The natural logarithms of the parameters are their own line, so the covariance is needed there.
    covariance = covariance_of_logs(truth)
    assert found["N at 1e+23 FLOP"]["sd"] == pytest.approx(np.sqrt(np.array(slopes) @ covariance @ slopes), rel=1e-3)


def covariance_of_logs(truth):
    """Inverse information of the grid in the logarithms of the natural parameters, by differentiation."""
    with jax.enable_x64(True):
        names = list(truth)

        def log_losses(logs):
            params = dict(zip(names, jnp.exp(logs), strict=True))
            return jnp.log(jax.vmap(lambda N, D: LAW.fn(N, D, **params))(GRID["N"], GRID["D"]))

        jacobian = np.asarray(jax.jacfwd(log_losses)(np.log(np.array(list(truth.values())))))
    return NOISE**2 * np.linalg.inv(jacobian.T @ jacobian)


def test_six_runs_on_one_isoflop_line_cannot_separate_alpha_and_beta(truth):
    found = judged(truth, ISOFLOP)

    assert found.verdict.grade == "error"
    reason = found.verdict.notes[0].reason
    assert reason.startswith("6 runs cannot separate")
    assert all(part in reason for part in ("`alpha`", "`beta`", "one isoFLOP line"))
    assert "trade off" in found.tradeoff


def test_a_crossed_design_is_fine(truth):
    assert judged(truth).verdict.grade == "ok"


def test_fewer_runs_than_parameters_leave_them_open(truth):
    found = judged(truth, {"N": [1e7, 1e8, 1e9], "D": [1e9, 1e10, 1e10]})

    assert found.verdict.codes[0] == "not-separable"
    assert np.isinf(found["alpha"]["sd"])


def test_what_is_known_is_no_question_and_sharpens_the_rest(truth):
    free, known = judged(truth), judged(truth, fixed=("E",))

    assert "E" not in known.names
    assert known["alpha"]["sd"] < 0.7 * free["alpha"]["sd"]


def test_information_of_observed_and_planned_runs_adds_up(truth):
    half = {name: column[::2] for name, column in GRID.items()}
    rest = {name: column[1::2] for name, column in GRID.items()}

    together = judged(truth, half, observed=rest)

    assert together.num_observed == 12
    np.testing.assert_allclose(together.sd, judged(truth).sd, rtol=1e-6)


def test_four_repeats_halve_every_width(truth):
    np.testing.assert_allclose(judged(truth, repeats=4).sd, judged(truth).sd / 2, rtol=1e-9)


def test_a_prior_bounds_what_runs_leave_open(truth):
    open_ended, held = judged(truth, ISOFLOP), judged(truth, ISOFLOP, prior=True)

    assert open_ended["alpha"]["sd"] > 1
    assert held["alpha"]["sd"] < np.log(10) / 2 / 1.6  # the prior of alpha: 90 % from 0.1 to 1


def test_shared_noise_counts_as_its_dense_covariance_says(generator):
    jacobian = generator.standard_normal((2, 7, 3))
    variances = generator.uniform(0.5, 2.0, (2, 7))
    group = np.array([4, 4, 9, 9, 9, 1, 4])
    dense = 0.7**2 * (group[:, None] == group) + np.stack([np.diag(v) for v in variances])

    found = information(jacobian, variances, 0.7, group)

    np.testing.assert_allclose(found, jacobian.transpose(0, 2, 1) @ np.linalg.inv(dense) @ jacobian, rtol=1e-10)


def test_checkpoints_of_one_run_tell_less_than_runs(truth):
    rows = {name: np.repeat(column, 4) for name, column in GRID.items()}
    group = np.repeat(np.arange(25), 4)

    apart = judged(truth, rows, shared=0.01)
    together = judged(truth, rows, shared=0.01, group=group)

    assert together.num_runs == 25
    assert together["E"]["sd"] > 1.5 * apart["E"]["sd"]


def test_variance_along_a_direction_without_information_is_infinite():
    found = Precision(np.diag([4.0, 0.0])[None])

    np.testing.assert_array_equal(found.variance(np.array([[[1.0, 0.0], [0.0, 1.0]]]))[0], [0.25, np.inf])


def test_a_fit_brings_its_own_noise(truth):
    runs = lj.simulate(LAW, truth, num_runs=80, noise=0.01, key=3)

    found = lj.identifiability(lj.fit(LAW, runs, loss="squared"), GRID)

    assert found.noise == pytest.approx(0.01, rel=0.3)
    assert found.num_draws == 64


@pytest.mark.parametrize(
    "law",
    [lj.laws.POWER_LAW_FLOOR, lj.laws.KAPLAN_ND, lj.laws.MIXING_SHARE, lj.laws.mixing_law(3)],
    ids=lambda law: law.name,
)
def test_any_law_can_be_planned_for(law):
    params = true_params(law)
    design = lj.simulate(law, params, num_runs=40, noise=0.0, key=1)

    found = lj.identifiability(params, design, law=law, noise=1e-3)

    assert found.names[0] in (*law.params, f"{next(iter(law.params))}[0]")
    assert np.all(found.sd > 0)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"N": np.array([1e7, 1e8]), "D": np.array([2e8, 2e9])}, "`D` / `N` is the same in all runs"),
        ({"N": np.array([1e7, 1e8]), "D": np.array([1e9, 1e9])}, "`D` is the same in all runs"),
        ({"N": np.array([1e7, 1e8, 1e9]), "D": np.array([1e10, 1e9, 3e10])}, ""),
        ({"x": np.array([1.0, 2.0, 3.0])}, ""),
    ],
)
def test_it_is_said_what_all_runs_have_in_common(inputs, words):
    assert line_words(inputs) == words


def test_it_prints_saves_and_loads(truth, tmp_path):
    found = judged(truth, at=TARGET)

    back = lj.load(found.save(tmp_path / "found.json"))

    assert back.summary() == found.summary()
    assert list(found.to_frame()["quantity"]) == list(found.names)
    assert found.to_dict()["quantities"][0]["quantity"] == "E"
    assert "expected 90 % interval" in repr(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": None}, "give `noise`"),
        ({"noise": -1.0}, "`noise` must be a number above 0"),
        ({"design": {"N": [1e7]}}, r"no column for \['D'\]"),
        ({"design": 3}, "a design is a dict of columns"),
        ({"design": {"N": [1e7], "D": [0.0]}}, "`D` must be positive"),
        ({"group": [1, 2]}, "one code for each of the 25 planned rows"),
        ({"shared": -1.0}, "`shared` must be 0 or a positive number"),
        ({"at": "1e24"}, "takes budgets and mappings"),
        ({"at": [lj.usd(1e6)]}, "the budget is in USD"),
        ({"at": {"N": [1e9, 2e9], "D": 1e9}}, "one place"),
        ({"fixed": ("gamma",)}, "no parameter `gamma`"),
        ({"repeats": 0}, "`repeats` must be a whole number"),
        ({"prob": 90}, "`prob` must lie between 0 and 1"),
        ({"quantities": {"both": lambda p: jnp.stack([p["A"], p["B"]])}}, "must return one number"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(truth, options, message):
    with pytest.raises(lj.InputError, match=message):
        judged(truth, **options)
