"""Allocation: formula, search and brute force agree; the one plan, its notes and its errors."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lawjax.costs import SIX_ND, Cost, flops
from lawjax.costs.budget import as_budgets
from lawjax.draws import Draws
from lawjax.errors import InputError, VerdictError
from lawjax.laws import CHINCHILLA, COUPLED, Law, Variable, positive, published, real
from lawjax.planning import Plan, allocate
from lawjax.planning.along_budget.budget_line import budget_line
from lawjax.planning.along_budget.closed_form import closed_form
from lawjax.planning.along_budget.optima import _by_search
from lawjax.planning.along_budget.surface import setup_of
from lawjax.planning.plan import PlanStatus
from lawjax.storage import load
from lawjax.verdict import Verdict, error

SEARCHED = Cost(lambda N, D: 6.0 * N * D, name="6ND, searched")
TOTALS = [1e20, 1e26]
OBSERVED = {"N": (5e7, 1.6e10), "D": (1e9, 4e11)}


def chinchilla_draws(num, seed=0, **more):
    generator = np.random.default_rng(seed)
    spread = dict(E=0.01, A=0.1, alpha=0.02, B=0.1, beta=0.02)
    params = {
        n: v * np.exp(spread[n] * generator.normal(size=num)) for n, v in published("besiroglu2024").params.items()
    }
    return Draws(law=CHINCHILLA, params=params, **{"observed": OBSERVED, **more})


@pytest.fixture(scope="module")
def plan():
    """One plan inside the runs and one far beyond them, made once."""
    return allocate(chinchilla_draws(8), TOTALS)


def chinchilla_loss(p, N, D):
    return p["E"] + p["A"] * N ** -p["alpha"] + p["B"] * D ** -p["beta"]


chinchilla_params = st.fixed_dictionaries(
    dict(
        E=st.floats(0.5, 3.0),
        A=st.floats(50.0, 3000.0),
        alpha=st.floats(0.2, 0.6),
        B=st.floats(50.0, 3000.0),
        beta=st.floats(0.2, 0.6),
    )
)
budgets = st.floats(19.0, 25.0).map(lambda exponent: 10.0**exponent)


@pytest.mark.parametrize(
    ("name", "size", "tokens"),
    [
        ("hoffmann2022", 3.219e10, 2.982e12),
        ("hoffmann2022-unrounded", 4.036e10, 2.379e12),
        ("besiroglu2024", 7.235e10, 1.327e12),
    ],
)
def test_gopher_budget_gives_the_optima_that_follow_from_the_published_coefficients(name, size, tokens):
    plan = allocate(published(name), flops(5.76e23))
    assert plan.method == "closed form"
    assert plan.inputs["N"] == pytest.approx([size], rel=1e-3)
    assert plan.inputs["D"] == pytest.approx([tokens], rel=1e-3)
    assert plan.tokens_per_parameter == pytest.approx([tokens / size], rel=2e-3)


@pytest.mark.parametrize("name", ["hoffmann2022", "besiroglu2024", "kaplan2020-nd"])
def test_formula_and_search_agree(name):
    totals = [1e19, 1e22, 1e25]
    formula, search = allocate(published(name), totals), allocate(published(name), totals, cost=SEARCHED)
    assert search.method.startswith("budget boundary")
    np.testing.assert_allclose(search.inputs["N"], formula.inputs["N"], rtol=1e-9)
    np.testing.assert_allclose(search.loss, formula.loss, rtol=1e-13)


@settings(max_examples=200, deadline=None)
@given(params=chinchilla_params, total=budgets)
def test_formula_meets_the_first_order_condition_and_spends_the_budget(params, total):
    lifted = {name: np.array([value]) for name, value in params.items()}
    found = {name: array[0, 0] for name, array in closed_form(CHINCHILLA, lifted, np.array([total])).items()}
    size_pull = params["alpha"] * params["A"] * found["N"] ** -params["alpha"]
    data_pull = params["beta"] * params["B"] * found["D"] ** -params["beta"]
    assert size_pull == pytest.approx(data_pull, rel=1e-10)
    assert 6 * found["N"] * found["D"] == pytest.approx(total, rel=1e-12)


@settings(max_examples=200, deadline=None)
@given(params=chinchilla_params, total=budgets)
def test_brute_force_along_the_budget_is_within_one_cell_of_the_formula(params, total):
    lifted = {name: np.array([value]) for name, value in params.items()}
    best = closed_form(CHINCHILLA, lifted, np.array([total]))["N"][0, 0]
    sizes = np.geomspace(1.0, total, 4001)
    winner = np.argmin(chinchilla_loss(params, sizes, total / (6 * sizes)))
    assert abs(np.log(sizes[winner] / best)) <= np.log(sizes[1] / sizes[0])


def test_exponent_on_the_sum_does_not_move_the_optimum():
    params = dict(published("besiroglu2024").params)
    plain = allocate(params, 1e23, law=CHINCHILLA)
    bent = allocate({**params, "gamma": 0.6}, 1e23, law=COUPLED)
    assert bent.inputs["N"] == pytest.approx(plain.inputs["N"], rel=1e-12)


def test_shapes_are_budget_by_draw_and_intervals_are_quantiles_of_the_optima(plan):
    low, high = plan.interval("N", prob=0.8)
    assert plan.optima["N"].shape == plan.status.shape == (2, 8)
    assert plan.loss.shape == plan.regret.shape == low.shape == (2,)
    np.testing.assert_allclose(low, np.quantile(plan.optima["N"], 0.1, axis=1))
    np.testing.assert_allclose(high, np.quantile(plan.optima["N"], 0.9, axis=1))
    assert np.all((low < plan.inputs["N"]) & (plan.inputs["N"] < high))


@pytest.mark.parametrize(
    ("objective", "criterion"),
    [
        ("mean", lambda losses, least: losses.mean(axis=0)),
        ("quantile", lambda losses, least: np.quantile(losses, 0.9, axis=0)),
        ("regret", lambda losses, least: np.quantile(losses - least, 0.9, axis=0)),
    ],
)
def test_one_plan_is_what_brute_force_over_the_budget_line_finds(objective, criterion):
    draws, total = chinchilla_draws(8), 1e23
    plan = allocate(draws, [total, total], objective=objective)
    params = {name: array[:, None] for name, array in draws.params.items()}
    least = chinchilla_loss(params, plan.optima["N"][:1].T, plan.optima["D"][:1].T)
    sizes = np.geomspace(1e9, 1e12, 20001)
    scores = criterion(chinchilla_loss(params, sizes, total / (6 * sizes)), least)
    chosen = criterion(chinchilla_loss(params, plan.inputs["N"][:1], plan.inputs["D"][:1]), least)
    assert chosen[0] <= scores.min() + 1e-9
    assert abs(np.log(plan.inputs["N"][0] / sizes[scores.argmin()])) < 2e-3


def test_loss_interval_and_regret_are_those_of_acting_on_the_plan(plan):
    draws = chinchilla_draws(8)
    losses = chinchilla_loss(draws.params, plan.inputs["N"][0], plan.inputs["D"][0])
    own = chinchilla_loss(draws.params, plan.optima["N"][0], plan.optima["D"][0])
    assert plan.loss[0] == pytest.approx(losses.mean(), rel=1e-12)
    assert plan.loss_interval[1][0] == pytest.approx(np.quantile(losses, 0.95), rel=1e-12)
    assert plan.regret[0] == pytest.approx((losses - own).mean(), rel=1e-8)
    assert np.all(losses - own >= -1e-12)


def test_bound_that_binds_is_met_exactly_and_noted():
    plan = allocate(published("besiroglu2024"), 1e22, cost=SEARCHED, bounds={"D": (1e9, 1e11)})
    assert plan.inputs["D"] == pytest.approx([1e11], rel=1e-9)
    assert plan.inputs["N"] == pytest.approx([1e22 / 6e11], rel=1e-9)
    assert plan.status[0, 0] == PlanStatus.AT_EDGE
    assert "edge of bounds of `D`" in str(plan.verdict)


def test_cost_with_an_overhead_agrees_with_brute_force():
    cost = Cost(lambda N, D: 6.0 * N * D + 1e12 * N, name="with overhead")
    params = published("besiroglu2024").params
    plan = allocate(published("besiroglu2024"), 1e22, cost=cost)
    sizes = np.geomspace(1e8, 9e9, 100_001)
    losses = chinchilla_loss(params, sizes, (1e22 - 1e12 * sizes) / (6 * sizes))
    assert 6 * plan.inputs["N"] * plan.inputs["D"] + 1e12 * plan.inputs["N"] == pytest.approx([1e22], rel=1e-12)
    assert plan.loss[0] <= losses.min() + 1e-12
    assert abs(np.log(plan.inputs["N"][0] / sizes[losses.argmin()])) < 1e-4


def test_law_of_one_input_inverts_the_budget():
    plan = allocate(published("kaplan2020-n"), [1e18, 1e20], cost=Cost(lambda N: 120.0 * N**2, name="Chinchilla-like"))
    np.testing.assert_allclose(plan.inputs["N"], np.sqrt(np.array([1e18, 1e20]) / 120), rtol=1e-12)
    assert plan.method == "budget inverted"


def mixed(N, D, ratio, *, A, B, best, width):
    return A * jnp.exp(-0.3 * jnp.log(N)) + B * jnp.exp(-0.3 * jnp.log(D)) + width * (ratio - best) ** 2


MIXED = Law(
    mixed,
    response="loss",
    inputs=dict(ratio=Variable(kind="fraction")),
    params=dict(A=positive(1, 1e3), B=positive(1, 1e3), best=real(0, 1), width=positive(0.1, 10)),
)
MIXED_PARAMS = dict(A=300.0, B=400.0, best=0.3, width=1.0)


def test_input_that_costs_nothing_is_searched_between_its_bounds():
    plan = allocate(MIXED_PARAMS, 1e21, law=MIXED, bounds={"ratio": (0.0, 1.0)})
    assert plan.inputs["ratio"] == pytest.approx([0.3], abs=1e-9)
    assert plan.inputs["N"] == pytest.approx([np.sqrt(1e21 / 6) * (300 / 400) ** (1 / 0.6)], rel=1e-8)


def test_input_may_be_held():
    plan = allocate(MIXED_PARAMS, 1e21, law=MIXED, fixed={"ratio": 0.5})
    assert plan.fixed["ratio"] == 0.5
    assert list(plan.inputs) == ["N", "D"]
    assert plan.loss[0] == pytest.approx(
        float(mixed(plan.inputs["N"][0], plan.inputs["D"][0], 0.5, **MIXED_PARAMS)), rel=1e-5
    )


def test_size_held_leaves_the_rest_of_the_budget_to_tokens():
    plan = allocate(published("besiroglu2024"), 6e22, fixed={"N": 1e10})
    assert plan.inputs["D"] == pytest.approx([1e12], rel=1e-12)
    assert plan.tokens_per_parameter == pytest.approx([100.0])


def test_extrapolation_says_how_many_times_beyond_the_largest_run(plan):
    note = next(note for note in plan.verdict.notes if note.code == "extrapolation" and "`N`" in note.reason)
    times = plan.inputs["N"][1] / OBSERVED["N"][1]
    assert float(note.reason.split(" is ")[1].split(" times")[0]) == pytest.approx(times, rel=5e-3)
    assert plan.verdict.grade == "warning"


def test_interpolation_is_not_called_extrapolation():
    assert "extrapolation" not in allocate(chinchilla_draws(8), TOTALS[:1] * 2).verdict.codes


def test_error_verdict_stops_the_decision_unless_forced():
    bad = chinchilla_draws(8, verdict=Verdict((error("not-identified", "alpha is not identified."),)))
    with pytest.raises(VerdictError, match=r"`allocate` is refused.*not identified"):
        allocate(bad, TOTALS)
    assert "not-identified" in allocate(bad, TOTALS, force=True).verdict.codes


def test_draws_that_are_not_finite_are_left_out_and_counted():
    draws = chinchilla_draws(9)
    draws.params["A"][2] = np.nan
    plan = allocate(draws, TOTALS)
    assert plan.status.shape == (2, 8)
    assert "1 of 9 draws" in str(plan.verdict)


def test_infeasible_budget_among_others_is_marked_and_named():
    plan = allocate(published("besiroglu2024"), [1e15, 1e22], bounds={"N": (1e9, 1e12), "D": (1e9, 1e14)})
    assert np.isnan(plan.loss[0])
    assert np.isfinite(plan.loss[1])
    assert np.all(plan.status[0] == PlanStatus.INFEASIBLE)
    assert "`N` >= 1e+09" in str(plan.verdict)
    assert [row["feasible"] for row in plan.to_dict()["plans"]] == [False, True]
    assert plan.to_dict()["plans"][0]["loss"] is None
    assert "nan" in repr(plan)


def test_plan_saves_and_loads(plan, tmp_path):
    for suffix in ("json", "parquet"):
        back = load(plan.save(tmp_path / f"plan.{suffix}"))
        assert isinstance(back, Plan)
        assert back.to_dict() == plan.to_dict()
        np.testing.assert_array_equal(back.optima["N"], plan.optima["N"])


def test_plan_reads_as_a_table_and_as_a_frame(plan):
    assert "least mean" in repr(plan)
    assert "verdict: " in repr(plan)
    assert plan.to_frame().shape[0] == 2
    assert {"N_low", "N_median", "N_high", "tokens_per_parameter", "loss", "regret"} <= set(plan.to_frame().columns)


def test_global_precision_is_left_as_it_was():
    allocate(published("besiroglu2024"), 1e22)
    assert jax.numpy.zeros(1).dtype == jnp.float32


def test_second_call_of_the_same_shape_traces_nothing():
    traces = []

    def counted(N, D, *, E, A):
        traces.append(1)
        return E + A / jnp.log(N) + 1.0 / jnp.log(D)

    law = Law(counted, response="loss", params=dict(E=positive(0.1, 3), A=positive(0.1, 9)))
    allocate(dict(E=1.0, A=2.0), 1e22, law=law)
    first = len(traces)
    allocate(dict(E=1.2, A=2.5), 1e23, law=law)
    assert len(traces) == first > 0


@pytest.mark.parametrize("value", [0, -1.0, np.inf, np.nan, "1e24", None, True])
def test_budget_out_of_range_is_refused(value):
    with pytest.raises(InputError, match=r"a budget (must be a finite number|is a number)"):
        flops(value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(budget=[]), "`budget` is empty"),
        (dict(prob=1.0), "`prob` must lie between 0 and 1"),
        (dict(objective="median"), 'unknown objective .*"mean", "quantile", "cvar", "regret", "minimax"'),
        (dict(bounds={"M": (1, 2)}), r"`bounds` names \['M'\]"),
        (dict(fixed={"M": 1}), r"`fixed` names \['M'\]"),
        (dict(bounds={"N": (1e12, 1e9)}), "`N` must be finite with low < high"),
        (dict(bounds={"N": (0, 1e9)}), "`N` must be above 0"),
        (dict(bounds={"N": 3}), r"pair of numbers \(low, high\)"),
        (dict(fixed={"N": -1.0}), r"`N` must be positive \(parameters\), got -1.0"),
        (dict(fixed={"N": np.nan}), "`N` must be finite, got nan"),
        (dict(fixed={"N": [1.0, 2.0]}), r"`N` must be one number, got the shape \(2,\)"),
        (dict(fixed={"N": 1e9}, bounds={"N": (1, 2)}), "both `fixed` and `bounds`"),
        (dict(fixed={"N": 1e9, "D": 1e9}), "every input of the cost .* is fixed"),
        (dict(bounds={"N": (1e13, 1e14), "D": (1e13, 1e14)}), r"lower bounds \(`N` >= 1e\+13.*already cost"),
        (dict(bounds={"N": (1e5, 1e6), "D": (1e5, 1e6)}), r"upper bounds \(`N` <= 1e\+06.*at most"),
        (dict(cost=lambda N, D: N / D), "must grow with each of its inputs"),
        (dict(cost=lambda N, D: -N * D), "finite and above 0"),
        (dict(cost=3), "`cost` is a function"),
        (dict(cost=lambda *x: 1.0), "must name each input"),
        (dict(cost=lambda N, D, chips: N * D * chips), "`chips` is not held by the budget"),
        (
            dict(cost=Cost(lambda N, D: N * D, unit="GPU hour"), budget=flops(1e22)),
            "budget is in FLOP, the cost in GPU hour",
        ),
    ],
)
def test_call_that_cannot_be_answered_says_why(options, message):
    with pytest.raises(InputError, match=message):
        allocate(published("besiroglu2024"), **{"budget": 1e22, **options})


def test_input_that_costs_nothing_must_be_bounded_or_fixed():
    with pytest.raises(InputError, match=r"`ratio` is not held by the budget. Fix it, fixed=\{\"ratio\": ...\}"):
        allocate(MIXED_PARAMS, 1e21, law=MIXED)


def test_vector_input_must_be_fixed_and_a_simplex_must_sum_to_one():
    law = Law(
        lambda N, ratio, *, A: A / jnp.log(N) + ratio[0],
        name="mix",
        response="loss",
        inputs=dict(ratio=Variable(kind="simplex", size=2)),
        params=dict(A=positive(1, 9)),
    )
    cost = Cost(lambda N: 6.0 * N)
    with pytest.raises(InputError, match="`ratio` is a vector"):
        allocate(dict(A=2.0), 1e9, law=law, cost=cost)
    with pytest.raises(InputError, match="must sum to 1"):
        allocate(dict(A=2.0), 1e9, law=law, cost=cost, fixed={"ratio": [0.5, 0.6]})
    assert allocate(dict(A=2.0), 6e9, law=law, cost=cost, fixed={"ratio": [0.4, 0.6]}).inputs["N"] == pytest.approx(
        [1e9]
    )


def test_input_of_the_cost_alone_must_be_bounded_or_fixed():
    with pytest.raises(InputError, match="`D` is not held by the budget"):
        allocate(published("kaplan2020-n"), 1e20)


def test_interval_of_an_input_that_was_not_chosen_is_refused(plan):
    with pytest.raises(InputError, match="`M` was not chosen by this plan"):
        plan.interval("M")


def test_plan_is_frozen(plan):
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
        plan.prob = 0.5


def test_cost_knows_its_inputs():
    assert SIX_ND.inputs == ("N", "D")
    with pytest.raises(InputError, match="must be its function's arguments"):
        Cost(lambda N: N, inputs=("D",))


@pytest.mark.parametrize("free", [("N", "D"), ("N", "D", "B")])
def test_newton_along_the_budget_arrives_where_the_search_without_a_start_does(free):
    def law(N, D, B, *, E, A, G):
        return E + A * N**-0.34 + G * D**-0.37 + 0.05 * (jnp.log(B) - 0.3 * jnp.log(D) - 5.0) ** 2

    made = Law(law, "loss", params={"E": positive(1, 3), "A": positive(1e1, 1e3), "G": positive(1e1, 1e4)})
    noise = np.exp(0.3 * np.random.default_rng(0).normal(size=(2, 40)))
    draws = Draws(law=made, params={"E": np.full(40, 1.7), "A": 400.0 * noise[0], "G": 2000.0 * noise[1]})
    bounds = {"N": (1e7, 3e10), "D": (1e8, 1e14), "B": (1e5, 1e8)}
    cost = Cost(lambda N, D: 6 * N * D + 2e9 * N)
    held = {name: 2e6 for name in bounds if name not in free}
    plan = allocate(draws, [1e21, 1e24], cost=cost, bounds={name: bounds[name] for name in free}, fixed=held)
    line = budget_line(
        made, cost, as_budgets([1e21, 1e24], "FLOP"), bounds={n: bounds[n] for n in free}, fixed=held, observed={}
    )
    with jax.enable_x64(True):
        setup, box, fixed = setup_of(line)
        budgets = np.repeat([1e21, 1e24], 40)
        points, losses = _by_search(setup, box, fixed, budgets, {n: np.tile(a, 2) for n, a in draws.params.items()})
    found = np.exp(np.asarray(points)).reshape(2, 40, -1)
    assert (plan.status == PlanStatus.AT_EDGE).any()
    assert (plan.status == PlanStatus.OK).any()
    for place, name in enumerate(setup.free):
        np.testing.assert_allclose(plan.optima[name], found[..., place], rtol=1e-7)
    assert np.isfinite(losses).all()
