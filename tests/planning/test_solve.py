"""`lj.solve`: against the closed form and brute force, its limits and prices, criteria over draws, and its refusals."""

import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.planning.status import SolutionStatus

PUBLISHED = lj.laws.published("besiroglu2024")
WIDE = {"N": (1e4, 1e18), "D": (1e4, 1e18)}
SIX_ND = lj.costs.training()


def problem(*subject_to, choose=WIDE, **parts):
    return lj.Problem(choose=choose, subject_to=subject_to, **({"minimise": "loss"} | parts))


def random_laws(num, spread=0.05):
    noise = np.random.default_rng(0).normal(size=(num, 5))
    params = zip(PUBLISHED.params.items(), noise.T, strict=True)
    return lj.Draws(law=PUBLISHED.law, params={name: value * np.exp(spread * z) for (name, value), z in params})


def loss_of(draws, N, D):
    """The loss of every draw, shape (draw, choice)."""
    p = {name: array[:, None] for name, array in draws.params.items()}
    return p["E"] + p["A"] * np.asarray(N) ** -p["alpha"] + p["B"] * np.asarray(D) ** -p["beta"]


def test_a_thousand_random_laws_end_at_the_closed_form_and_at_brute_force():
    draws, budgets = random_laws(1000, 0.2), [1e20, 1e22, 1e24]
    found = lj.solve(draws, problem(lj.at_most(SIX_ND, budgets)))
    formula = lj.allocate(draws, budgets)
    assert formula.method.startswith("closed form")
    assert (found.status == SolutionStatus.OK).all()
    assert found.residual.max() < 1e-8
    np.testing.assert_allclose(found.optima["N"], formula.optima["N"], rtol=1e-8)
    np.testing.assert_allclose(found.inputs["N"], formula.inputs["N"], rtol=1e-5)
    sizes = np.geomspace(1e5, 1e17, 3001)
    cell = np.log(sizes[1] / sizes[0])
    for i, budget in enumerate(budgets):
        best = sizes[np.argmin(loss_of(draws, sizes, budget / (6 * sizes)), axis=1)]
        assert np.abs(np.log(found.optima["N"][i] / best)).max() <= cell


def test_cap_on_tokens_binds_only_where_the_optimum_would_exceed_it():
    found = lj.solve(PUBLISHED, problem(lj.at_most(SIX_ND, [1e22, 1e25]), lj.at_most("D", 1e12)))
    compute, cap = found.limits
    assert compute.binds.tolist() == [True, True]
    assert cap.binds.tolist() == [False, True]
    assert cap.price[0] == 0
    assert found.inputs["D"][1] == pytest.approx(1e12, rel=1e-8)
    assert found.inputs["N"][1] == pytest.approx(1e25 / 6e12, rel=1e-8)


def test_price_is_what_one_per_cent_more_changes():
    found = lj.solve(PUBLISHED, problem(lj.at_most(SIX_ND, [1e24, 1.01e24])))
    gain = 100 * (1 - found.objective[1] / found.objective[0])
    assert found.limits[0].price[0] == pytest.approx(gain, rel=0.01)


def four(N, D, P, U, *, E, A, B):
    return E + A * (N * (1 - jnp.exp(-P / 3))) ** -0.34 + B * (D**0.7 * U**0.3) ** -0.37


def test_four_variables_under_three_limits_beat_a_sample_of_the_feasible_box():
    law = lj.laws.Law(
        name="four",
        fn=four,
        inputs={"N": lj.Variable(kind="count"), "D": lj.Variable(kind="count"), "P": lj.Variable(kind="bits"),
                "U": lj.Variable(kind="count")},
        response="loss",
        params={"E": lj.positive(1, 3), "A": lj.positive(1e1, 1e3), "B": lj.positive(1e1, 1e4)},
    )  # fmt: skip
    limits = (
        lj.at_most(SIX_ND, lj.flops(1e23)),
        lj.at_most(lj.Cost(lambda N, P: N * P / 8, unit="byte"), lj.Budget(2e10, "byte")),
        lj.at_most(lambda D, U: D * 1e-7 + U * 1e-6, 2e5),
    )
    box = {"N": (1e8, 1e12), "D": (1e9, 1e14), "P": (2.0, 16.0), "U": (1e9, 1e13)}
    found = lj.solve({"E": 1.7, "A": 400.0, "B": 2000.0}, problem(*limits, choose=box), law=law)
    assert found.residual.max() < 1e-7
    assert found.agreement[0] > 0.8
    assert all(limit.room[0] > -1e-8 for limit in found.limits)
    points = np.random.default_rng(0).uniform(size=(4, 400_000))
    low, high = np.log(np.array(list(box.values()))).T[..., None]
    N, D, P, U = np.exp(low + points * (high - low))
    kept = (6 * N * D <= 1e23) & (N * P / 8 <= 2e10) & (D * 1e-7 + U * 1e-6 <= 2e5)
    sampled = np.where(kept, np.asarray(law.fn(N, D, P, U, E=1.7, A=400.0, B=2000.0)), np.inf)
    assert kept.sum() > 1000
    assert found.objective[0] <= sampled.min()
    assert found.objective[0] == pytest.approx(sampled.min(), rel=0.01)


def test_equality_holds_and_changes_the_optimum():
    twenty = lj.equal(lambda N, D: D / N, 20)
    found = lj.solve(PUBLISHED, problem(lj.at_most(SIX_ND, 1e24), twenty))
    assert found["D"] / found["N"] == pytest.approx(20, rel=1e-7)
    assert 6 * found["N"] * found["D"] == pytest.approx(1e24, rel=1e-7)


def test_listed_values_are_each_tried_and_named_choices_keep_their_names():
    devices = lj.choices({"slow": {"speed": 1e18, "price": 1.0}, "fast": {"speed": 5e18, "price": 2.0}})
    dollars = lj.Cost(lambda N, D, speed, price: 6 * N * D / speed * price, unit="USD")
    choose = {"N": lj.values([1e9, 1e10, 1e11]), "D": (1e9, 1e14), "device": devices}
    found = lj.solve(random_laws(20), problem(lj.at_most(dollars, lj.usd(1e5)), choose=choose))
    assert found["device"] == "fast"
    assert found["N"] in (1e9, 1e10, 1e11)
    best = [loss_of(random_laws(20), size, 1e5 / 2 * 5e18 / (6 * size))[:, 0].mean() for size in (1e9, 1e10, 1e11)]
    assert found.objective[0] == pytest.approx(min(best), rel=1e-7)
    assert "combinations" in found.method


def test_only_listed_values_need_no_search():
    choose = {"N": lj.values([1e9, 1e10, 1e11]), "D": lj.values([1e10, 1e11, 1e12])}
    found = lj.solve(PUBLISHED, problem(lj.at_most(SIX_ND, 1e22), choose=choose))
    assert (found["N"], found["D"]) == (1e10, 1e11)
    assert found.status[0, 0] == SolutionStatus.OK


def test_shares_of_a_mixture_sum_to_one_and_reach_the_analytic_optimum():
    law = lj.laws.Law(
        name="mix",
        fn=lambda w, *, E: E + jnp.sum(jnp.array([1.0, 4.0, 9.0]) / (w + 0.1)),
        inputs={"w": lj.Variable(kind="simplex", size=3)},
        response="loss",
        params={"E": lj.positive(1, 3)},
    )
    found = lj.solve({"E": 1.0}, problem(choose={"w": lj.shares(3)}), law=law)
    roots = np.array([1.0, 2.0, 3.0])
    expected = roots / roots.sum() * 1.3 - 0.1
    assert found["w"].sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(found["w"], expected, atol=1e-7)
    floor = lj.solve({"E": 1.0}, problem(choose={"w": lj.shares(3, low=0.2)}), law=law)
    assert floor["w"][0] == pytest.approx(0.2, abs=1e-7)


def test_cheapest_way_to_a_loss_is_the_inverse_of_the_best_loss_for_a_budget():
    cheapest = lj.solve(PUBLISHED, problem(lj.at_most("loss", 1.95), minimise=SIX_ND))
    back = lj.allocate(PUBLISHED, float(cheapest.objective[0]))
    assert back.loss[0] == pytest.approx(1.95, rel=1e-7)
    assert back.inputs["N"][0] == pytest.approx(cheapest["N"], rel=1e-5)


def test_smallest_precision_that_loses_little_is_found_by_change():
    law = lj.laws.Law(
        name="bits",
        fn=lambda N, P, *, E, A, C: E + A * N**-0.3 + C * jnp.exp(-P / 2),
        inputs={"N": lj.Variable(kind="count"), "P": lj.Variable(kind="bits")},
        response="loss",
        params={"E": lj.positive(1, 3), "A": lj.positive(1e1, 1e3), "C": lj.positive(0.1, 10)},
    )
    small = problem(lj.at_most(lj.change(P=16), 0.05), choose={"P": lj.integers(2, 16)}, minimise="P", given={"N": 1e9})
    found = lj.solve({"E": 1.7, "A": 400.0, "C": 1.0}, small, law=law)
    loss = np.exp(-np.arange(2, 17) / 2) - np.exp(-8)
    assert found["P"] == np.arange(2, 17)[loss <= 0.05][0]


def test_inputs_that_follow_from_others_and_lists_of_held_values_are_scenarios():
    law = lj.Law(
        lambda N, D, r, *, E, A, B: E + A * N**-0.34 + B * D**-0.37 * (1 + r),
        "loss",
        inputs={"N": lj.Variable(), "D": lj.Variable(), "r": lj.Variable(kind="amount")},
        params={"E": lj.positive(1, 3), "A": lj.positive(1e1, 1e3), "B": lj.positive(1e1, 1e4)},
    )
    given = {"unique": [1e10, 1e12], "r": lambda D, unique: D / unique}
    asked = problem(lj.at_most(SIX_ND, 1e22), choose={"N": (1e7, 1e13), "D": (1e8, 1e13)}, given=given)
    found = lj.solve({"E": 1.7, "A": 400.0, "B": 2000.0}, asked, law=law)
    sizes = np.geomspace(1e8, 1e12, 4001)
    tokens = 1e22 / (6 * sizes)
    for i, unique in enumerate((1e10, 1e12)):
        losses = 1.7 + 400 * sizes**-0.34 + 2000 * tokens**-0.37 * (1 + tokens / unique)
        assert found.objective[i] == pytest.approx(losses.min(), rel=1e-6)
    assert found.to_frame()["unique"].tolist() == [1e10, 1e12]
    assert found.loss[1, 0] == pytest.approx(found.objective[1])
    with pytest.raises(lj.InputError, match=r"`r` is a function of \['epochs'\], which the problem does not have"):
        lj.solve({"E": 1.7, "A": 400.0, "B": 2000.0}, asked.with_(given={"r": lambda epochs: epochs}), law=law)


def test_maximised_score_is_the_minimised_loss():
    score = {"score": lambda loss: 1 / (1 + jnp.exp(3 * (loss - 2)))}
    limits = lj.at_most(SIX_ND, 1e23), lj.at_most("D", 3e11)
    most = lj.solve(PUBLISHED, problem(*limits, minimise=None, maximise="score", quantities=score))
    least = lj.solve(PUBLISHED, problem(*limits))
    assert most["N"] == pytest.approx(least["N"], rel=1e-6)
    assert 0 < most.objective[0] < 1


DRAWS = random_laws(300)
BEST = {
    "mean": lambda z, r: z.mean(axis=0),
    "quantile": lambda z, r: np.quantile(z, 0.9, axis=0),
    "cvar": lambda z, r: np.sort(z, axis=0)[270:].mean(axis=0),
    "regret": lambda z, r: np.quantile(r, 0.9, axis=0),
    "minimax": lambda z, r: r.max(axis=0),
}


TOLERANCES = {"mean": 1e-6, "cvar": 1e-4, "minimax": 1e-3, "quantile": 5e-3, "regret": 5e-3}
"""Of the way from the least to the median along the line; a quantile of 300 draws is a jagged function."""


@pytest.mark.parametrize("objective", BEST)
def test_one_plan_is_what_brute_force_over_the_budget_line_finds(objective):
    found = lj.solve(DRAWS, problem(lj.at_most(SIX_ND, 1e23)), objective=objective)
    sizes = np.geomspace(1e9, 1e12, 3001)
    losses = loss_of(DRAWS, sizes, 1e23 / (6 * sizes))
    worth = BEST[objective](losses, losses - losses.min(axis=1, keepdims=True))
    here = loss_of(DRAWS, found.inputs["N"], found.inputs["D"])
    mine = BEST[objective](here, here - losses.min(axis=1, keepdims=True))[0]
    assert mine - worth.min() <= TOLERANCES[objective] * (np.median(worth) - worth.min())
    assert found.regret[0] == pytest.approx(float((here[:, 0] - losses.min(axis=1)).mean()), rel=1e-3)


def test_share_of_draws_that_keep_to_a_chance_constraint_is_the_one_asked_for():
    found = lj.solve(DRAWS, problem(lj.at_most("loss", 2.1, prob=0.8), minimise=SIX_ND))
    assert found.limits[0].kept[0] == pytest.approx(0.8, abs=0.01)
    assert found.limits[0].binds[0]
    assert np.isnan(found.regret[0])


def test_infeasible_scenario_among_others_is_marked_and_says_what_excludes_what():
    found = lj.solve(
        PUBLISHED, problem(lj.at_most(SIX_ND, [1e18, 1e24]), lj.at_least("N", 1e10), lj.at_least("D", 1e11))
    )
    assert found.status[:, 0].tolist() == [SolutionStatus.INFEASIBLE, SolutionStatus.OK]
    assert np.isnan(found.inputs["N"][0])
    note = next(note for note in found.verdict.notes if note.code == "infeasible")
    assert "scenario 1" in note.reason
    assert "`6ND <= 1.000e+18 FLOP` and `N >= 1.000e+10` and `D >= 1.000e+11` exclude each other" in note.reason


REFUSALS = {
    "contradictory": (problem(lj.at_least("D", 1e13), lj.at_most("D", 1e12)), "exclude each other.*factor of 3.16"),
    "bound too tight": (problem(lj.at_least("D", 1e19)), "upper bound 1.00e.18 of `D` exclude each other"),
    "unknown name": (problem(lj.at_most("tokens", 1)), r"takes \['tokens'\], which the problem does not have"),
    "missing input": (problem(choose={"N": (1e8, 1e9)}), r"takes \['D'\], which the problem neither chooses nor holds"),
    "lengths": (problem(lj.at_most("N", [1e10, 1e11]), lj.at_most("D", [1e10] * 3)), r"one length, got \[2, 3\]"),
    "reversed": (problem(choose={"N": (1e12, 1e8), "D": (1e9, 1e12)}), "finite with low < high"),
    "vector": (problem(choose={"N": lj.shares(2), "D": (1e9, 1e12)}), "`N` is one number, not a mixture"),
    "too many lists": (
        problem(choose={"N": lj.log_grid(1e8, 1e12, 100), "D": lj.log_grid(1e8, 1e12, 100)}),
        "10,000 combinations",
    ),
    "negative size": (problem(choose={"N": (-1, 1e9), "D": (1e9, 1e12)}), "`N` must be above 0"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_problem_that_cannot_be_solved_says_why(name):
    asked, message = REFUSALS[name]
    with pytest.raises(lj.InputError, match=message):
        lj.solve(PUBLISHED, asked)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lj.Problem(choose=WIDE), "one objective"),
        (lambda: problem("N < 3"), "lj.at_most, lj.at_least or lj.equal"),
        (lambda: problem(given={"N": 1e9}), r"\['N'\] are both chosen and held"),
        (lambda: lj.at_most(SIX_ND, lj.usd(3)), "is in USD, the quantity is in FLOP"),
        (lambda: lj.at_most(lambda N: N, lj.usd(3)), "has no unit"),
        (lambda: lj.at_most("N", float("nan")), "finite number, got nan"),
        (lambda: lj.at_most("N", []), "is empty"),
        (lambda: lj.at_most("N", 3, prob=1.5), "`prob` of a constraint"),
        (lambda: lj.change(), "takes the inputs to compare with"),
        (lambda: lj.shares(1), "whole number"),
        (lambda: lj.shares(3, low=0.5), "less than 1/3"),
    ],
)
def test_part_that_makes_no_sense_is_refused_where_it_is_made(make, message):
    with pytest.raises(lj.InputError, match=message):
        make()


def test_point_solution_says_it_has_no_interval_and_edges_are_named():
    found = lj.solve(PUBLISHED, problem(lj.at_most(SIX_ND, 1e24), choose={"N": (1e8, 1e10), "D": (1e9, 1e14)}))
    assert "no-uncertainty" in found.verdict.codes
    assert "upper bound 1e+10 of `N`" in str(found.verdict)


def test_solution_reads_as_a_table_and_as_a_frame_and_saves_and_loads(tmp_path):
    found = lj.solve(DRAWS, problem(lj.at_most(SIX_ND, [1e22, 1e24]), lj.at_most("D", 1e12)))
    assert "draws that keep to it" in repr(found)
    frame = found.to_frame()
    assert frame["N_low"].lt(frame["N_high"]).all()
    assert found.to_dict()["constraints"][1]["binds"] == found.limits[1].binds.tolist()
    for suffix in ("json", "parquet"):
        again = lj.load(found.save(tmp_path / f"s.{suffix}"))
        np.testing.assert_array_equal(again.optima["N"], found.optima["N"])
        assert repr(again) == repr(found)
    assert found.value_of_information[0] == found.regret[0] > 0


def test_input_that_was_not_chosen_is_refused():
    found = lj.solve(PUBLISHED, problem(lj.at_most(SIX_ND, 1e24)))
    with pytest.raises(lj.InputError, match="`P` was not chosen"):
        found["P"]


def test_allocate_takes_constraints_lists_and_keeps_its_plan():
    plan = lj.allocate(DRAWS, [1e23, 1e25], subject_to=lj.at_most("D", 1e12))
    free = lj.allocate(DRAWS, [1e23, 1e25])
    assert plan.limits[1].binds[1]
    assert (plan.optima["D"] <= 1e12 * (1 + 1e-8)).all()
    untouched = free.optima["D"] < 0.999e12
    assert untouched.any()
    np.testing.assert_allclose(plan.optima["N"][untouched], free.optima["N"][untouched], rtol=1e-6)
    listed = lj.allocate(DRAWS, 1e23, bounds={"N": lj.values([7e9, 1.3e10, 7e10])})
    assert listed.inputs["N"][0] in (7e9, 1.3e10, 7e10)
    assert list(listed.inputs) == ["N", "D"]
    with pytest.raises(lj.InputError, match="has 3 limits, there are 2 budgets"):
        lj.allocate(DRAWS, [1e23, 1e25], subject_to=lj.at_most("D", [1e11, 1e12, 1e13]))


def test_frontier_gives_the_best_at_each_limit_from_the_least_to_the_free_value():
    free = lj.allocate(PUBLISHED, 1e23).inputs["N"][0]
    choose = {"N": (1e9, 1e12), "D": (1e9, 1e15)}
    edge = lj.frontier(PUBLISHED, problem(lj.at_most(SIX_ND, 1e23), choose=choose), "N", num=5)
    np.testing.assert_allclose(edge.inputs["N"], np.geomspace(1e9, free, 5), rtol=1e-4)
    assert (np.diff(edge.objective) < 0).all()
    assert edge.limits[-1].price[-1] < 1e-4 < edge.limits[-1].price[0]
