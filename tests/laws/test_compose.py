"""Laws made of laws say what a formula written by hand says, follow changes of units, and are fitted and saved."""

import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import (
    CHINCHILLA,
    KAPLAN_N,
    POWER_LAW,
    add,
    broken_power_law,
    chain,
    fix,
    law_from_formula,
    link,
    multiply,
    rename,
    rescale,
    substitute,
    tie,
)
from lawjax.laws.composition.making import check_laws
from tests.helpers import typical_inputs, typical_params

COUNT, NUMBER, REAL = lj.Variable(kind="count"), lj.Variable(kind="number"), lj.Variable(kind="real")


def parallel_size(N, P, *, k):
    """Size of a model whose P streams run side by side."""
    return N * (1 + k * jnp.log(P))


def quadratic(x, *, a, b):
    """A line in log x."""
    return a - b * jnp.log(x)


def along(params, factors):
    """A line in log x, when x is divided by its factor."""
    return {"a": params["a"] - params["b"] * jnp.log(factors.get("x", 1.0)), "b": params["b"]}


SIZE = lj.Law(
    parallel_size,
    response="effective_N",
    inputs={"N": COUNT, "P": NUMBER},
    params={"k": lj.positive(0.05, 1)},
    rises=("N", "P"),
)
LINE = lj.Law(
    quadratic,
    response="logit",
    support="real",
    params={"a": lj.real(1, 30), "b": lj.real(0.1, 3)},
    recentre=along,
    linear=("a", "b"),
    falls=("x",),
)
STEPS = rename(POWER_LAW, {"x": "S", "A": "C", "alpha": "gamma"}, name="steps")
SAME_SIZE = rename(POWER_LAW, {"x": "N", "A": "C", "alpha": "gamma"}, name="width")
ACCURACY = law_from_formula(
    "1 - 0.75 * logistic(k * (loss - middle))",
    inputs={"loss": lj.Variable(usual=(1.0, 6.0))},
    params={"k": "0.5:5", "middle": "1:5"},
    response="accuracy",
    support="unit",
    name="accuracy-of-loss",
)


def by_hand(law):
    """What a law is written out, with NumPy."""
    return HAND[law.name]


SUM = add(CHINCHILLA, STEPS, name="sum")
SAME = add(CHINCHILLA, SAME_SIZE, name="sum-in-one-input")
SHARED = add(KAPLAN_N, rename(POWER_LAW, {"x": "N", "alpha": "alpha_N"}), shared=("alpha_N",), name="shared")
PRODUCT = multiply(KAPLAN_N, STEPS, name="product")
LINES = add(rename(LINE, {"x": "N"}), rename(POWER_LAW, {"x": "D"}), name="lines")
PARALLEL = substitute(CHINCHILLA, "N", SIZE, name="parallel")
TWICE = substitute(SAME, "N", SIZE, name="twice")
PLACE = substitute(broken_power_law(1), "x", rename(SIZE, {"N": "x"}), scales={"x": 1.0}, name="place")
MOVED = substitute(LINE, "x", rename(SIZE, {"N": "x"}), name="moved")
SMALL = substitute(rename(POWER_LAW, {"x": "share"}), "share", STEPS, name="small")
CHAINED = chain(CHINCHILLA, ACCURACY, name="chained")
LOG = link(LINE, "log", floor=0.5, name="log-link")
LOGIT = link(LINE, "logit", floor=lj.Param(0.05, 0.3, edges=(0.0, 0.5)), ceiling=0.95, name="logit-link")
POWER = link(KAPLAN_N, "power", floor=lj.positive(0.1, 2), name="power-link")
RENAMED = rename(CHINCHILLA, {"N": "size", "alpha": "a", "A": "alpha"}, name="renamed")
RENAMED_LINE = rename(LINE, {"x": "compute", "a": "b", "b": "slope"}, name="renamed-line")
TIED = tie(CHINCHILLA, {"beta": "alpha"}, name="tied")
ODD = lj.Law(
    lambda N, *, A, a, B, b: A * N ** (-2 * a) + B * N ** (-2 * b),
    response="loss",
    params={
        "A": lj.positive(0.1, 10, dims={"N": lambda p: 2 * p["a"]}),
        "a": lj.positive(0.1, 1),
        "B": lj.positive(0.1, 10, dims={"N": lambda p: 2 * p["b"]}),
        "b": lj.positive(0.1, 1),
    },
    name="odd",
)
TIED_ODD = tie(ODD, {"b": "a"}, name="tied-odd")
ODD_SUM = add(rename(fix(ODD, b=0.25), {"N": "D", "A": "F", "a": "f"}), STEPS, name="odd-sum")
NO_FLOOR = fix(CHINCHILLA, E=0.0, name="no-floor")
HALF = fix(CHINCHILLA, alpha=0.5, name="half")
SLOPE = fix(LINE, b=1.5, name="slope")

HAND = {
    "sum": lambda N, D, S, *, E, A, alpha, B, beta, C, gamma: E + A / N**alpha + B / D**beta + C / S**gamma,
    "sum-in-one-input": lambda N, D, *, E, A, alpha, B, beta, C, gamma: E + A / N**alpha + B / D**beta + C / N**gamma,
    "shared": lambda N, *, N_c, alpha_N, A: (N_c / N) ** alpha_N + A / N**alpha_N,
    "product": lambda N, S, *, N_c, alpha_N, C, gamma: (N_c / N) ** alpha_N * C / S**gamma,
    "lines": lambda N, D, *, a, b, A, alpha: a - b * np.log(N) + A / D**alpha,
    "parallel": lambda N, P, D, *, E, A, alpha, B, beta, k: E + A / (N * (1 + k * np.log(P))) ** alpha + B / D**beta,
    "twice": lambda N, P, D, *, E, A, alpha, B, beta, C, gamma, k: (
        E + A / (N * (1 + k * np.log(P))) ** alpha + B / D**beta + C / (N * (1 + k * np.log(P))) ** gamma
    ),
    "place": lambda x, P, *, a, b, c0, c1, d1, f1, k: (
        a + b * (x * (1 + k * np.log(P))) ** -c0 * (1 + (x * (1 + k * np.log(P)) / d1) ** (1 / f1)) ** (-c1 * f1)
    ),
    "moved": lambda x, P, *, a, b, k: a - b * np.log(x * (1 + k * np.log(P))),
    "small": lambda S, *, A, alpha, C, gamma: A * (C / S**gamma) ** -alpha,
    "chained": lambda N, D, *, E, A, alpha, B, beta, k, middle: (
        1 - 0.75 / (1 + np.exp(-k * (E + A / N**alpha + B / D**beta - middle)))
    ),
    "log-link": lambda x, *, a, b: 0.5 + np.exp(a) / x**b,
    "logit-link": lambda x, *, a, b, floor: floor + (0.95 - floor) / (1 + np.exp(b * np.log(x) - a)),
    "power-link": lambda N, *, N_c, alpha_N, gamma, floor: floor + (N_c / N) ** (alpha_N * gamma),
    "renamed": lambda size, D, *, E, alpha, a, B, beta: E + alpha / size**a + B / D**beta,
    "renamed-line": lambda compute, *, b, slope: b - slope * np.log(compute),
    "tied": lambda N, D, *, E, A, alpha, B: E + A / N**alpha + B / D**alpha,
    "tied-odd": lambda N, *, A, a, B: (A + B) / N ** (2 * a),
    "odd-sum": lambda D, S, *, F, f, B, C, gamma: F / D ** (2 * f) + B / np.sqrt(D) + C / S**gamma,
    "no-floor": lambda N, D, *, A, alpha, B, beta: A / N**alpha + B / D**beta,
    "half": lambda N, D, *, E, A, B, beta: E + A / np.sqrt(N) + B / D**beta,
    "slope": lambda x, *, a: a - 1.5 * np.log(x),
}
LAWS = [
    pytest.param(law, id=law.name)
    for law in (
        SUM, SAME, SHARED, PRODUCT, LINES, PARALLEL, TWICE, PLACE, MOVED, SMALL, CHAINED, LOG, LOGIT, POWER, RENAMED,
        RENAMED_LINE, TIED, TIED_ODD, ODD_SUM, NO_FLOOR, HALF, SLOPE,
    )
]  # fmt: skip


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_composed_law_says_what_its_formula_by_hand_says(law, place):
    inputs, params = typical_inputs(law, place), typical_params(law, 1 - place)
    with jax.enable_x64(True):
        ours = float(law(*inputs.values(), **params))
    np.testing.assert_allclose(ours, by_hand(law)(*inputs.values(), **params), rtol=1e-12)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("factor", [1e-9, 7.0, 1e6])
def test_a_composed_law_follows_a_change_of_units(law, factor):
    inputs, params = typical_inputs(law), typical_params(law)
    factors = {name: factor * (index + 1) for index, (name, v) in enumerate(law.inputs.items()) if v.scalable}
    with jax.enable_x64(True):
        before = float(law(*inputs.values(), **params))
        after = float(law(*(v / factors.get(n, 1.0) for n, v in inputs.items()), **rescale(law, params, factors)))
    np.testing.assert_allclose(after, before, rtol=1e-10)


@pytest.mark.parametrize("law", LAWS)
def test_the_parameters_of_a_composed_law_that_are_declared_linear_are(law):
    inputs, params = typical_inputs(law), typical_params(law)

    def at(step):
        return float(law(*inputs.values(), **{**params, **{n: params[n] * (1 + step) for n in law.linear}}))

    with jax.enable_x64(True):
        assert at(0.5) - at(0.0) == pytest.approx(at(1.0) - at(0.5), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("law", LAWS)
def test_a_composed_law_falls_and_rises_as_it_says(law):
    params, here, further = typical_params(law), typical_inputs(law, 0.4), typical_inputs(law, 0.6)
    with jax.enable_x64(True):
        before = float(law(*here.values(), **params))
        change = {n: float(law(*{**here, n: further[n]}.values(), **params)) - before for n in law.inputs}
    assert all(change[name] <= 0 for name in law.falls)
    assert all(change[name] >= 0 for name in law.rises)


def test_trends_are_concluded_from_the_parts():
    assert SUM.falls == ("N", "D", "S")
    assert PARALLEL.falls == ("N", "P", "D")
    assert SMALL.falls == ()
    assert SMALL.rises == ("S",)
    mixed = add(rename(SIZE, {"P": "Q"}), KAPLAN_N)
    assert mixed.falls == ()
    assert mixed.rises == ("Q",)
    assert multiply(KAPLAN_N, LINE).falls == ()


def test_what_is_linear_in_a_sum_or_a_product_is_derived():
    assert SUM.linear == ("E", "A", "B", "C")
    assert SHARED.linear == ("A",)
    assert PRODUCT.linear == ("C",)
    assert PARALLEL.linear == ("E", "A", "B")
    assert CHAINED.linear == ()
    assert multiply(POWER_LAW, POWER_LAW, shared=("A", "alpha")).linear == ()
    assert multiply(POWER_LAW, STEPS, STEPS, shared=("C", "gamma")).linear == ("A",)
    assert LOGIT.linear == ("floor",)


def test_supports_are_derived():
    assert LINES.support == "real"
    assert CHAINED.support == "unit"
    assert LOG.support == "positive"
    assert LOGIT.support == "unit"
    assert link(LINE, "logit", ceiling=100.0).support == "positive"
    assert link(LINE, "log", floor=-1.0).support == "real"
    assert multiply(CHAINED, rename(CHAINED, {name: f"{name}_2" for name in CHAINED.params})).support == "unit"
    assert add(CHAINED, STEPS).support == "positive"


def test_the_same_call_gives_the_same_law():
    assert add(CHINCHILLA, STEPS) is add(CHINCHILLA, STEPS)
    assert tie(CHINCHILLA, {"beta": "alpha"}) is tie(CHINCHILLA, {"beta": "alpha"})
    assert tie(CHINCHILLA, {"beta": "alpha"}) is not TIED
    assert fix(CHINCHILLA, E=0.0) is fix(CHINCHILLA, E=0.0)
    assert fix(CHINCHILLA, E=0.0) is not fix(CHINCHILLA, E=1.0)
    assert substitute(CHINCHILLA, "N", SIZE) is substitute(CHINCHILLA, "N", SIZE)
    assert chain(CHINCHILLA, ACCURACY) is chain(CHINCHILLA, ACCURACY)
    floor = lj.positive(0.1, 2)
    assert link(KAPLAN_N, "power", floor=floor) is link(KAPLAN_N, "power", floor=lj.positive(0.1, 2))


def test_names_signatures_and_formulas_are_composed():
    assert add(CHINCHILLA, STEPS).name == "chinchilla+steps"
    assert multiply(KAPLAN_N, STEPS).name == "kaplan-n*steps"
    assert substitute(CHINCHILLA, "N", SIZE).name == "chinchilla[N=parallel-size]"
    assert chain(CHINCHILLA, ACCURACY).name == "accuracy-of-loss(chinchilla)"
    assert tie(CHINCHILLA, {"beta": "alpha"}).name == "chinchilla[beta=alpha]"
    assert fix(CHINCHILLA, E=0.0).name == "chinchilla[E=0]"
    assert list(inspect.signature(SUM.fn).parameters) == ["N", "D", "S", "E", "A", "alpha", "B", "beta", "C", "gamma"]
    assert SUM.summary == "The sum of chinchilla and steps."
    assert r"\text{chinchilla}(N, D) + \text{steps}(S)" in SUM.formula
    assert r"E + A N^{-\alpha} + B D^{-\beta}" in SUM.formula
    with pytest.raises(TypeError, match="missing a required argument: 'gamma'"):
        SUM(1.0, 1.0, 1.0, E=1.0, A=1.0, alpha=1.0, B=1.0, beta=1.0, C=1.0)


def test_the_scale_of_an_inner_law_is_measured_as_it_is_declared():
    declared = substitute(CHINCHILLA, "N", SIZE, scales={"N": 1.0})
    measured = substitute(CHINCHILLA, "N", SIZE)
    assert declared.params["A"].dims == measured.params["A"].dims == {"N": "alpha"}
    assert CHAINED.params["A"].dims == {"N": "alpha"}
    assert SMALL.params["A"].dims == {}
    assert PLACE.params["d1"].dims == {"x": 1.0}
    assert PLACE.params["d1"].centred == broken_power_law(1).params["d1"].centred


def test_a_shift_and_a_power_of_a_scale_are_carried_over():
    hill = lj.Law(
        lambda C, *, place, slope: jax.nn.sigmoid(-slope * (jnp.log(C) - place)),
        response="error",
        support="unit",
        params={"place": lj.real(-2, 2, shift={"C": 1.0}), "slope": lj.positive(0.2, 2)},
        name="hill",
    )
    compute = lj.Law(lambda N, D, *, c: c * N * D**2, response="C", params={"c": lj.positive(1, 10)}, name="compute")
    found = substitute(hill, "C", compute)
    assert found.params["place"].shift == {"N": 1.0, "D": 2.0}


@pytest.mark.parametrize("law", [SUM, PARALLEL, LOG, LOGIT], ids=lambda law: law.name)
def test_a_fit_of_a_composed_law_recovers_its_predictions(law):
    truth = {**typical_params(law, 0.4), **{name: v for name, v in {"a": 6.0, "b": 0.5}.items() if name in law.params}}
    runs = lj.simulate(law, truth, num_runs=80, noise=0.0, key=0)
    fit = lj.fit(law, runs, loss="squared", num_starts=16)
    predicted = lj.predict(fit.point, {name: runs[name] for name in law.inputs}).median
    np.testing.assert_allclose(predicted, runs[law.response], rtol=1e-6)
    assert "undeclared-dimensions" not in fit.verdict.codes


def test_a_fit_of_a_composed_law_is_saved_and_comes_back_with_its_law(tmp_path):
    runs = lj.simulate(SUM, typical_params(SUM, 0.4), num_runs=60, noise=0.01, key=0)
    fit = lj.fit(SUM, runs, num_starts=8)
    path = fit.save(tmp_path / "fit.json")
    assert lj.load(path, law=SUM).to_dict() == fit.to_dict()
    with pytest.raises(lj.InputError, match="law 'sum', which is not in the catalogue"):
        lj.load(path)


@pytest.mark.parametrize("values", [{"alpha": 0.34}, {"A": 406.4}], ids=["alpha", "A"])
def test_a_law_with_a_held_parameter_fits_the_digitised_runs_as_a_fit_that_holds_it(hoffmann, values):
    held = lj.fit(fix(CHINCHILLA, **values), hoffmann, num_starts=8)
    within = lj.fit(CHINCHILLA, hoffmann, fixed=values, num_starts=8)
    assert held.objective == pytest.approx(within.objective, rel=1e-6)
    assert float(held.params["beta"]) == pytest.approx(float(within.params["beta"]), rel=1e-3)
    # A held scale cannot follow a change of units, and the fit says so.
    assert ("undeclared-dimensions" in held.verdict.codes) == ("A" in values)


def test_a_tied_law_fits_the_digitised_runs_as_a_fit_that_ties(hoffmann):
    law = lj.fit(TIED, hoffmann, num_starts=8)
    within = lj.fit(CHINCHILLA, hoffmann, tied={"beta": "alpha"}, num_starts=8)
    assert law.objective == pytest.approx(within.objective, rel=1e-8)
    assert float(law.params["alpha"]) == pytest.approx(float(within.params["alpha"]), rel=1e-4)


VECTOR = lj.Law(
    lambda ratio, *, k: jnp.dot(ratio, jnp.ones(2)) * k,
    response="y",
    inputs={"ratio": lj.Variable(kind="simplex", size=2)},
    params={"k": lj.positive(0.1, 1)},
    name="vector",
)
NAMED = lj.Law(
    lambda x, *, law, name, self: law * x + name - self,
    response="y",
    support="real",
    params={"law": lj.real(-1, 1), "name": lj.real(-1, 1), "self": lj.real(-1, 1)},
    name="named",
)


def test_parameters_may_have_the_names_of_arguments():
    held = fix(fix(NAMED, law=2.0), {"name": 3.0})
    assert float(held(5.0, self=1.0)) == 12.0
    assert float(rename(NAMED, {"x": "z"})(5.0, law=2.0, name=3.0, self=1.0)) == 12.0


def test_parameters_that_a_recentre_moves_alike_can_be_tied():
    twice = add(LINE, rename(LINE, {"a": "a2", "b": "b2"}), name="twice-a-line")
    tied = tie(twice, {"a2": "a", "b2": "b"})
    assert list(tied.params) == ["a", "b"]
    with pytest.raises(lj.InputError, match="they change with units in different ways"):
        tie(twice, {"a2": "a"})


REFUSED = {
    "the same parameter": (lambda: add(CHINCHILLA, KAPLAN_N, POWER_LAW), "`A` is a parameter of 'chinchilla' and"),
    "how to rename": (lambda: multiply(POWER_LAW, POWER_LAW), "and of 'power-law'. Rename one"),
    "shared by one": (lambda: add(CHINCHILLA, KAPLAN_N, shared=("E",)), r"`shared` names \['E'\]"),
    "shared and different": (
        lambda: add(CHINCHILLA, rename(POWER_LAW, {"alpha": "gamma"}), shared=("A",)),
        "`A` cannot be shared",
    ),
    "one law": (lambda: add(CHINCHILLA), "add takes two laws or more, got 1"),
    "one factor": (lambda: multiply(CHINCHILLA), "multiply takes two laws or more"),
    "no law": (lambda: check_laws(CHINCHILLA, "steps"), "expected laws, got str"),
    "another kind of input": (lambda: add(KAPLAN_N, rename(SIZE, {"P": "N", "N": "M"})), "`N` is of kind 'count'"),
    "no such input": (lambda: substitute(CHINCHILLA, "M", SIZE), "unknown input of the law 'chinchilla' 'M'"),
    "a vector": (lambda: substitute(VECTOR, "ratio", STEPS), "`ratio` of 'vector' is a vector"),
    "below zero": (lambda: substitute(KAPLAN_N, "N", LINE), "is above 0 and 'quadratic' can be below"),
    "a scale of nothing": (lambda: substitute(CHINCHILLA, "N", SIZE, scales={"P": 1.0}), r"`scales` names \['P'\]"),
    "a chain of several inputs": (lambda: chain(ACCURACY, CHINCHILLA), "chain needs an outer law of one input"),
    "a link": (lambda: link(LINE, "probit"), 'unknown link \'probit\'. Choose one of "log", "logit", "power"'),
    "a ceiling": (lambda: link(LINE, "log", ceiling=2.0), 'the link "log" has no ceiling'),
    "a floor above the ceiling": (lambda: link(LINE, "logit", floor=1.5), "`floor` must be below `ceiling`"),
    "a floor that may pass the ceiling": (
        lambda: link(LINE, "logit", floor=lj.unit_interval(0.05, 0.3), ceiling=0.95),
        r"`floor` may rise to 1 and `ceiling` fall to 0.95, .* floor=bounded\(0, 0.5\)",
    ),
    "a ceiling that may pass the floor": (
        lambda: link(LINE, "logit", floor=0.25, ceiling=lj.unit_interval(0.5, 0.9)),
        "`floor` may rise to 0.25 and `ceiling` fall to 0, ",
    ),
    "both fitted and free": (
        lambda: link(LINE, "logit", floor=lj.unit_interval(0.1, 0.2), ceiling=lj.unit_interval(0.8, 0.9)),
        "could pass each other",
    ),
    "a response that is an input": (lambda: rename(KAPLAN_N, {"N": "loss"}), "`loss` is its response and an input"),
    "a response that is a parameter": (lambda: rename(KAPLAN_N, {"N_c": "loss"}), "its response and a parameter"),
    "a response that is no name": (lambda: link(LINE, "log", response="a b"), "cannot be the name of a response"),
    "an input that is a parameter there": (
        lambda: add(KAPLAN_N, rename(POWER_LAW, {"A": "N"})),
        r'`N` is an input here and a parameter there. Rename one: rename\(law, \{"N": "N_2"\}\)',
    ),
    "an inner input that is a parameter": (
        lambda: substitute(CHINCHILLA, "N", rename(SIZE, {"P": "beta"}), scales={"N": 1.0}),
        "`beta` is an input here",
    ),
    "an input called floor": (
        lambda: link(rename(LINE, {"x": "floor"}), "log", floor=lj.positive(0.1, 1)),
        "`floor` is an input here",
    ),
    "a tie that a recentre parts": (lambda: tie(LINE, {"a": "b"}), "`a` and `b` cannot be tied: they change with"),
    "a tie through a recentre": (lambda: tie(LINES, {"alpha": "b"}), "their edges or sizes differ"),
    "true for a number": (
        lambda: [fix(CHINCHILLA, E=1.0), fix(CHINCHILLA, E=True)],
        "`E` can be held at one number from 0 to inf, got True",
    ),
    "a power of a real": (lambda: link(LINE, "power"), 'the link "power" needs a law above 0'),
    "a floor twice": (lambda: link(LOGIT, "log", floor=lj.positive(0.1, 1)), r"has a parameter \['floor'\] already"),
    "an unknown name": (lambda: rename(CHINCHILLA, {"M": "N"}), "law 'chinchilla' has no `M`"),
    "a name that is taken": (lambda: rename(CHINCHILLA, {"alpha": "beta"}), "`beta` would stand for two things"),
    "a name that is none": (lambda: rename(CHINCHILLA, {"alpha": "a b"}), "'a b' cannot be a name"),
    "a word of Python": (lambda: rename(CHINCHILLA, {"alpha": "lambda"}), "'lambda' cannot be a name"),
    "nothing to rename": (lambda: rename(CHINCHILLA, {}), "nothing was named"),
    "a tie of scales": (lambda: tie(CHINCHILLA, {"B": "A"}), "`B` and `A` cannot be tied: they change with units"),
    "a tie of a place to a number": (lambda: tie(LINE, {"a": "middle"}), "has no `middle`"),
    "a tie to a tied": (lambda: tie(CHINCHILLA, {"beta": "alpha", "alpha": "E"}), "which is tied itself"),
    "a tie of edges": (lambda: tie(LOGIT, {"floor": "b"}), "their edges or sizes differ"),
    "a value outside": (lambda: fix(CHINCHILLA, E=-1.0), "`E` can be held at one number from 0 to inf, got -1.0"),
    "a word for a value": (lambda: fix(CHINCHILLA, E="0"), "`E` can be held at one number"),
    "nothing left": (lambda: fix(KAPLAN_N, N_c=1e13, alpha_N=0.1), "nothing is left to fit"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_composition_that_makes_no_sense_is_refused(case):
    call, message = REFUSED[case]
    with pytest.raises(lj.InputError, match=message):
        call()
