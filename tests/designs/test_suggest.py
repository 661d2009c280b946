"""The next runs: within the budget, near the best there are, better than chance, as sure as they say."""

import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.designs.choosing import Question, chosen_runs, variances_along
from lawjax.verdict import Verdict, error

LAW = lj.laws.CHINCHILLA
NOISE = 0.005
SEED = {"N": np.tile(np.geomspace(1e7, 1e8, 4), 4), "D": np.repeat(np.geomspace(2e8, 2e9, 4), 4)}
LARGEST, TARGET = 1e20, lj.flops(1e22)
BUDGET = 6.5 * LARGEST
LAWS = {
    LAW: {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37},
    lj.laws.COUPLED: {"E": 1.7, "A": 2000.0, "alpha": 0.42, "B": 9000.0, "beta": 0.45, "gamma": 0.8},
    lj.laws.KAPLAN_ND: {"N_c": 8.8e13, "alpha_N": 0.076, "D_c": 5.4e13, "alpha_D": 0.095},
}


def offered(num=16):
    N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 3e9, num), np.geomspace(2e8, 1e11, num)))
    small = 6 * N * D <= LARGEST
    return {"N": N[small], "D": D[small]}


OFFERED = offered()


def at_random(generator):
    """Places of candidates drawn one by one until none can be paid any more."""
    cost, left, chosen = 6 * OFFERED["N"] * OFFERED["D"], BUDGET, []
    while np.any(cost <= left):
        chosen.append(generator.choice(np.flatnonzero(cost <= left)))
        left -= cost[chosen[-1]]
    return chosen


def seeded(law, key=0):
    return lj.fit(law, lj.simulate(law, LAWS[law], SEED, noise=NOISE, key=key), loss="squared", num_starts=16)


@pytest.fixture(scope="module")
def first():
    """The law fitted to a few small runs."""
    return seeded(LAW)


def asked(source, candidates=OFFERED, **options):
    return lj.suggest(source, candidates, **{"budget": BUDGET, "at": TARGET, **options})


def test_the_runs_keep_to_the_budget_the_candidates_and_the_limits(first):
    found = asked(first, max_runs=20, repeats=2)

    assert 0.9 * BUDGET < found.spent <= BUDGET
    assert len(found) <= 20
    assert max(found.counts.values()) <= 2
    np.testing.assert_array_equal(found.inputs["N"], OFFERED["N"][found.index])
    np.testing.assert_allclose(found.cost, 6 * found.inputs["N"] * found.inputs["D"])


def test_every_run_makes_the_decision_surer(first):
    found = asked(first)

    assert np.all(np.diff(found.sd) < 0)
    assert np.all(np.diff(found.width) < 0)
    assert found.sd[-1] < 0.25 * found.sd[0]


def test_the_expected_sureness_is_that_of_the_same_runs_planned_by_hand(first):
    found = asked(first)

    planned = lj.identifiability(first, found.design, observed=SEED, at=TARGET)

    assert found.sd[-1] == pytest.approx(planned["N at 1e+22 FLOP"]["sd"], rel=0.1)


def runs_at(places):
    return {name: column[places] for name, column in OFFERED.items()}


def slopes_of(law, inputs):
    """How the log of the law moves with the logs of its natural parameters, shape (run, parameter)."""
    with jax.enable_x64(True):

        def log_values(logs):
            params = dict(zip(LAWS[law], jnp.exp(logs), strict=True))
            return jnp.log(jax.vmap(lambda N, D: law.fn(N, D, **params))(inputs["N"], inputs["D"]))

        return np.asarray(jax.jacfwd(log_values)(np.log(np.array(list(LAWS[law].values())))))


def slope_of_optimum(law, step=1e-5):
    """How log N_opt at the target moves with them, by differences."""
    ends = step * np.concatenate([np.eye(len(LAWS[law])), -np.eye(len(LAWS[law]))])
    params = {name: value * np.exp(ends[:, i]) for i, (name, value) in enumerate(LAWS[law].items())}
    up, down = np.log(lj.allocate(lj.Draws(law=law, params=params), TARGET).optima["N"][0]).reshape(2, -1)
    return (up - down) / (2 * step)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_the_optimum_is_half_as_uncertain_as_after_random_runs_at_equal_cost(law):
    before, each, moves = slopes_of(law, SEED), slopes_of(law, OFFERED), slope_of_optimum(law)

    def sd_after(places):
        rows = np.concatenate([before, each[places]])
        return NOISE * np.sqrt(moves @ np.linalg.solve(rows.T @ rows, moves))

    chosen = asked(seeded(law), force=True)
    drawn = [sd_after(at_random(np.random.default_rng(i))) for i in range(25)]

    assert sd_after(chosen.index) < 0.5 * np.median(drawn)


def test_a_floor_at_its_edge_does_not_mislead():
    runs = lj.simulate(LAW, LAWS[LAW], SEED, noise=0.01, key=1)
    fit = lj.fit(LAW, runs, loss="squared", num_starts=16)
    before, each, moves = slopes_of(LAW, SEED), slopes_of(LAW, OFFERED), slope_of_optimum(LAW)

    def sd_after(places):
        rows = np.concatenate([before, each[places]])
        return np.sqrt(moves @ np.linalg.solve(rows.T @ rows, moves))

    found = asked(fit, budget=2 * LARGEST)

    assert fit.edges == ("E",)
    assert "priors-added" in found.verdict.codes
    told = asked(lj.sample(LAW, runs, method="laplace", key=0), budget=2 * LARGEST)
    assert sd_after(found.index) < 1.1 * sd_after(told.index)


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)
def test_refits_miss_the_optimum_by_about_half_as_much_as_after_random_runs(law):
    truth, num = LAWS[law], 100
    seeds = {i: lj.simulate(law, truth, SEED, noise=NOISE, key=i) for i in range(num)}
    fits = lj.fit_each(law, seeds, loss="squared", starts=truth, num_starts=3)
    designs = {
        "suggest": {i: asked(fit, num_draws=32, force=True).design for i, fit in fits.items()},
        "random": {i: runs_at(at_random(np.random.default_rng(i))) for i in range(num)},
    }

    missed = {name: np.median(np.abs(errors(law, truth, seeds, design))) for name, design in designs.items()}

    assert missed["suggest"] < 0.6 * missed["random"]


def errors(law, truth, seeds, designs):
    """Error of log N_opt at the target once the runs of each design are added and the law is fitted again."""
    tables = {}
    for i, design in designs.items():
        more = lj.simulate(law, truth, design, noise=NOISE, key=1000 + i)
        columns = {name: np.concatenate([seeds[i][name], more[name]]) for name in seeds[i].columns}
        tables[i] = lj.Runs.from_columns(**columns)
    fits = lj.fit_each(law, tables, loss="squared", starts=truth, num_starts=3)
    params = {name: np.array([truth[name], *(fit.params[name] for fit in fits.values())]) for name in truth}
    best = lj.allocate(lj.Draws(law=law, params=params), TARGET).optima["N"][0]
    return np.log(best[1:] / best[0])


def question(generator, *, num=6, budget=3.0, cost=None, misfit=0.0, repeats=3, parts=1):
    """A small question with made-up slopes."""
    root = generator.standard_normal((5, 3, 3))
    return Question(
        slopes=generator.standard_normal((5, num, 3)),
        own=generator.uniform(0.5, 2.0, (5, num)),
        misfit=np.float64(misfit),
        covariance=root @ root.transpose(0, 2, 1) + np.eye(3),
        roots=generator.standard_normal((5, 3, parts)),
        cost=np.ones(num) if cost is None else cost,
        budget=np.float64(budget),
        charge=np.float64(0.0),
        repeats=np.full(num, repeats),
    )


def levels(asked, index, *, logged):
    """The criterion of a list of runs by inverting the information, configuration by configuration."""
    found = []
    for s in range(len(asked.slopes)):
        precision = np.linalg.inv(asked.covariance[s])
        for i in set(index):
            count = index.count(i)
            precision = precision + count / (asked.own[s, i] + count * asked.misfit) * np.outer(
                asked.slopes[s, i], asked.slopes[s, i]
            )
        found.append(np.trace(asked.roots[s].T @ np.linalg.inv(precision) @ asked.roots[s]))
    return np.mean(np.log(found) if logged else found)


@pytest.mark.parametrize("logged", [True, False])
@pytest.mark.parametrize("misfit", [0.0, 0.5])
def test_no_exchange_betters_the_choice_and_it_is_near_the_best_of_all(generator, logged, misfit):
    with_64_bits = lj.precision.in_float64(chosen_runs)
    for _ in range(5):
        small = question(generator, misfit=misfit, parts=1 if logged else 2)
        level = functools.partial(levels, small, logged=logged)
        chosen = [int(i) for i in np.asarray(with_64_bits(small, logged, 3, 3).index)]

        exchanged = [level([*chosen[:place], i, *chosen[place + 1 :]]) for place in range(3) for i in range(6)]
        best = min(level(runs) for runs in itertools.combinations_with_replacement(range(6), 3))

        assert level(chosen) <= min(exchanged) + 1e-9
        assert level(chosen) <= best + 0.2 * abs(best)


def test_variances_along_a_list_are_those_of_the_inverted_information(generator):
    small = question(generator, misfit=0.3)
    index = [2, 0, 2, 5]

    found = np.asarray(lj.precision.in_float64(variances_along)(small, np.array([*index, -1])))

    for num in range(1, 5):
        assert np.mean(np.log(found[num - 1])) == pytest.approx(levels(small, index[:num], logged=True), rel=1e-9)
    np.testing.assert_array_equal(found[3], found[4])


def test_dear_runs_are_left_where_cheap_ones_tell_as_much(generator):
    same = question(generator, num=2, budget=4.0, cost=np.array([4.0, 1.0]), repeats=9)
    alike = same._replace(slopes=np.repeat(same.slopes[:, :1], 2, axis=1), own=np.repeat(same.own[:, :1], 2, axis=1))

    chosen = np.asarray(lj.precision.in_float64(chosen_runs)(alike, True, 8, 3).index)

    assert chosen[chosen >= 0].tolist() == [1, 1, 1, 1]


def test_misfit_spreads_the_runs(first):
    packed, spread = asked(first, max_runs=24), asked(first, max_runs=24, misfit=0.02)

    assert len(spread.counts) > len(packed.counts)


def test_the_regret_is_that_of_the_plan(first):
    draws = first.draws
    found = lj.suggest(draws, OFFERED, budget=BUDGET, at=lj.flops(1e20), criterion="regret", force=True)

    plan = lj.allocate(draws, lj.flops(1e20), force=True)

    assert found.regret[0] == pytest.approx(float(plan.regret[0]), rel=0.35)
    assert np.all(np.diff(found.regret) <= 0)
    assert found.regret[-1] < 0.2 * found.regret[0]


@pytest.mark.parametrize(
    ("options", "decision"),
    [
        ({"at": None, "decision": "alpha"}, "alpha"),
        ({"at": None, "decision": lambda p: p["beta"] / (p["alpha"] + p["beta"])}, "lambda"),
        ({"at": {"N": 1e10, "D": 2e11}}, "loss at N=1e+10, D=2e+11"),
        ({"decision": "loss"}, "loss at 1e+22 FLOP"),
        ({"decision": "D"}, "D at 1e+22 FLOP"),
        ({"at": 1e22}, "N at 1e+22 FLOP"),
    ],
)
def test_the_decision_can_be_anything_that_follows_from_the_parameters(first, options, decision):
    found = asked(first, max_runs=16, **options)

    assert found.decision == decision
    assert found.sd[-1] < 0.6 * found.sd[0]


def test_other_decisions_ask_for_other_runs(first):
    alpha, beta = (asked(first, at=None, decision=name, max_runs=8) for name in ("alpha", "beta"))

    assert np.mean(np.log(alpha.inputs["D"] / alpha.inputs["N"])) != pytest.approx(
        np.mean(np.log(beta.inputs["D"] / beta.inputs["N"])), abs=0.5
    )


def test_draws_of_any_origin_will_do(first):
    boots = lj.bootstrap(first, num=300, key=0)

    found = asked(boots, force=True)
    told = asked(first.point, observed=first.runs, noise=NOISE, force=True)

    assert found.num_draws == 64
    assert found.sd[-1] == pytest.approx(told.sd[-1], rel=0.5)


def test_a_space_of_choices_can_be_offered(first):
    recipes = lj.choices({"short": {"ratio": 20.0}, "long": {"ratio": 400.0}})
    space = lj.space(N=lj.log_grid(1e7, 1e9, 8), recipe=recipes, D=lambda N, ratio: N * ratio)
    cost = lj.SIX_ND.on("h100-sxm", utilisation=0.4).priced(2.0)

    found = asked(first, space, budget=lj.usd(300.0), cost=cost, at=lj.usd(1e5), max_runs=12)

    assert found.unit == "USD"
    assert set(np.round(found.inputs["D"] / found.inputs["N"], 6)) <= {20.0, 400.0}
    assert found.spent <= 300


def test_runs_of_one_group_are_no_independent_runs():
    runs = lj.simulate(LAW, LAWS[LAW], {name: np.repeat(x, 5) for name, x in SEED.items()}, noise=NOISE, key=2)
    shifted = np.repeat(np.random.default_rng(0).normal(0, 0.02, 16), 5)
    columns = {"N": runs["N"], "D": runs["D"], "loss": runs["loss"] * np.exp(shifted)}
    alone, grouped = (
        lj.fit(LAW, lj.Runs.from_columns(**columns, **more), loss="squared", num_starts=16)
        for more in ({}, {"group": np.repeat(np.arange(16), 5)})
    )

    surer, less_sure = (asked(fit, noise=0.02, max_runs=4, force=True) for fit in (alone, grouped))

    assert less_sure.sd[0] > 1.3 * surer.sd[0]


def test_the_same_question_gets_the_same_answer(first):
    assert asked(first).to_dict() == asked(first).to_dict()


def test_a_forbidding_verdict_stops_it_unless_forced():
    line = {"N": np.geomspace(1e7, 1e8, 6), "D": 1e17 / np.geomspace(1e7, 1e8, 6)}
    params = {name: np.full(3, value) for name, value in LAWS[LAW].items()}
    vague = lj.Draws(law=LAW, params=params, verdict=Verdict((error("not-identified", "One line."),)))

    with pytest.raises(lj.VerdictError, match="`suggest` is refused"):
        asked(vague, observed=line, noise=NOISE)
    assert len(asked(vague, observed=line, noise=NOISE, force=True))


def test_it_prints_saves_and_loads(first, tmp_path):
    found = asked(first, max_runs=8)

    back = lj.load(found.save(tmp_path / "found.json"))

    assert back.summary() == found.summary()
    assert len(found.to_frame()) == len(found)
    assert found.to_dict()["runs"][0]["candidate"] == found.index[0]
    assert "to make sure of N at 1e+22 FLOP" in repr(found)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": 1.0}, "the cheapest candidate costs"),
        ({"budget": [1e20, 1e21]}, "one amount for all new runs"),
        ({"budget": lj.usd(10.0)}, "the budget is in USD"),
        ({"at": None}, "no decision was named"),
        ({"at": None, "decision": "gamma"}, "'gamma' is no parameter"),
        ({"at": None, "decision": "alpha", "criterion": "regret"}, "give it as at="),
        ({"decision": "alpha"}, "an input that is chosen or the response"),
        ({"at": {"N": 1e9, "D": 1e9}, "decision": "alpha"}, "the decision is the response there"),
        ({"at": "big"}, "takes budgets and mappings"),
        ({"criterion": "luck"}, "unknown criterion 'luck'"),
        ({"candidates": {"N": [1e8]}}, r"no column for \['D'\]"),
        ({"candidates": {"N": [1e8], "D": [-1.0]}}, "`D` must be positive"),
        ({"cost": lambda N, price: N * price}, "no column for"),
        ({"cost": lambda N: 0.0 * N}, "must be a finite number above 0"),
        ({"repeats": 0}, "`repeats` must be a whole number"),
        ({"misfit": -1}, "`misfit` must be 0 or a positive number"),
    ],
)
def test_a_wrong_question_is_refused_with_advice(first, options, message):
    with pytest.raises(lj.InputError, match=message):
        asked(first, **options)


def test_a_single_set_of_parameters_says_nothing_of_what_is_known():
    with pytest.raises(lj.InputError, match="do not say how 5 parameters vary"):
        asked("besiroglu2024", noise=NOISE)
