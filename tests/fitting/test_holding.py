"""Parameters are held and tied in natural units, also those with a dimension and those a law moves by itself."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import add, law_from_formula, rename


def parabola(x, *, a, b, c):
    """A parabola in log x."""
    return a - b * jnp.log(x) + c * jnp.log(x) ** 2


def along(params, factors):
    """The parabola when x is divided by its factor."""
    step = jnp.log(factors.get("x", 1.0))
    a, b, c = params["a"], params["b"], params["c"]
    return {"a": a - b * step + c * step**2, "b": b - 2 * c * step, "c": c}


PARABOLA = lj.Law(
    parabola,
    response="y",
    support="real",
    params={"a": lj.real(0, 50), "b": lj.real(0, 5), "c": lj.real(-1, 1)},
    recentre=along,
)
TWO_SCALES = law_from_formula("E + A / N**alpha + B / D**beta + C / N**alpha2", inputs=["N", "D"], name="two-scales")
TWO_PLACES = law_from_formula("E + A * (1 + N / N1)**-alpha + B * (1 + N / N2)**-beta", inputs=["N"], name="two-places")
X = np.geomspace(1e3, 1e8, 24)


@pytest.fixture(scope="module")
def curve():
    return lj.Runs.from_columns(x=X, y=30.0 - 1.5 * np.log(X) + 0.02 * np.log(X) ** 2)


TWO_LINES = lj.Law(
    lambda x, *, a, b, a2, b2: a - b * jnp.log(x) + a2 - b2 * jnp.log(x),
    response="y",
    support="real",
    params={name: lj.real(0, 5) for name in ("a", "b", "a2", "b2")},
    recentre=lambda p, factors: {
        "a": p["a"] - p["b"] * jnp.log(factors.get("x", 1.0)),
        "b": p["b"],
        "a2": p["a2"] - p["b2"] * jnp.log(factors.get("x", 1.0)),
        "b2": p["b2"],
    },
    name="two-lines",
)


def test_parameters_of_the_same_range_that_units_part_cannot_be_tied(curve):
    with pytest.raises(lj.InputError, match="`a2` and `a` cannot be tied: a change of units"):
        lj.fit(TWO_LINES, curve, tied={"a2": "a"})


@pytest.mark.parametrize("value", [406.4, 1e300, 1e-30])
def test_a_held_parameter_is_reported_as_it_was_given(value):
    runs = lj.Runs.from_columns(N=X, loss=1.0 + 406.4 * X**-0.34)
    law = law_from_formula("E + A / N**alpha", inputs=["N"], name="one-scale")
    fit = lj.fit(law, runs, loss="squared", fixed={"A": value}, num_starts=4, force=True)
    assert float(fit.params["A"]) == value
    assert float(fit.stderr["A"]) == 0.0
    assert set(lj.bootstrap(fit, num=8, key=0)["A"].tolist()) == {value}


def test_the_draws_of_a_fit_do_not_change_with_the_name_of_its_law(curve):
    fits = [lj.fit(dataclasses.replace(PARABOLA, name=name), curve, loss="squared", num_starts=4) for name in "ab"]
    np.testing.assert_array_equal(*(fit.draws["b"] for fit in fits))


def test_a_law_with_its_own_recentre_holds_what_it_moves_alone(curve):
    fit = lj.fit(PARABOLA, curve, loss="squared", fixed={"c": 0.02})
    assert float(fit.params["b"]) == pytest.approx(1.5, rel=1e-7)
    fit = lj.fit(PARABOLA, curve, loss="squared", fixed={"b": 1.5})
    assert float(fit.params["b"]) == pytest.approx(1.5, rel=1e-12)
    assert float(fit.params["c"]) == pytest.approx(0.02, rel=1e-7)
    fit = lj.fit(PARABOLA, curve, loss="squared", fixed={"b": 1.0})
    assert float(fit.params["b"]) == pytest.approx(1.0, rel=1e-12)
    line = np.polynomial.Polynomial.fit(np.log(X), curve["y"] + np.log(X), 2).convert().coef
    assert float(fit.params["c"]) != pytest.approx(line[2], rel=1e-3)


def test_a_law_with_its_own_recentre_does_not_hold_what_it_moves_with_others(curve):
    with pytest.raises(lj.InputError, match=r"`a` cannot be fixed: the `recentre` .* moves it together with `b`"):
        lj.fit(PARABOLA, curve, fixed={"a": 30.0})
    fit = lj.fit(PARABOLA, curve, loss="squared", fixed={"a": 30.0, "b": 1.5})
    assert float(fit.params["a"]) == pytest.approx(30.0, rel=1e-12)
    assert float(fit.params["c"]) == pytest.approx(0.02, rel=1e-7)
    with pytest.raises(lj.InputError, match="`b` and `a` cannot be tied: a change of units"):
        lj.fit(PARABOLA, curve, tied={"b": "a"})


def test_parameters_that_a_recentre_leaves_alone_can_be_tied(curve):
    law = add(PARABOLA, rename(PARABOLA, {name: f"{name}2" for name in "abc"}), name="two-parabolas")
    fit = lj.fit(law, curve, loss="squared", fixed={"a2": 1.0, "b2": 0.0}, tied={"c2": "c"})
    assert float(fit.params["c"]) == float(fit.params["c2"]) == pytest.approx(0.01, rel=1e-6)


def test_parameters_of_the_same_dimension_can_be_tied():
    truth = {"E": 1.8, "A": 100.0, "alpha": 0.3, "B": 2000.0, "beta": 0.37, "C": 100.0, "alpha2": 0.3}
    runs = lj.simulate(TWO_SCALES, truth, {"N": np.geomspace(1e6, 1e10, 40), "D": np.geomspace(1e9, 1e12, 40)[::-1]},
                       noise=0.0)  # fmt: skip
    fit = lj.fit(TWO_SCALES, runs, loss="squared", tied={"C": "A", "alpha2": "alpha"}, num_starts=16)
    assert float(fit.params["C"]) == float(fit.params["A"]) == pytest.approx(100.0, rel=1e-5)
    with pytest.raises(lj.InputError, match="`C` and `A` cannot be tied: a change of units"):
        lj.fit(TWO_SCALES, runs, tied={"C": "A"})


def test_places_can_be_tied_and_a_place_can_be_tied_to_one_that_is_held():
    truth = {"E": 1.0, "A": 0.5, "N1": 1e7, "alpha": 0.5, "B": 2.0, "N2": 1e7, "beta": 1.0}
    runs = lj.simulate(TWO_PLACES, truth, {"N": np.geomspace(1e4, 1e10, 60)}, noise=0.0)
    held = {"alpha": 0.5, "beta": 1.0}
    fit = lj.fit(TWO_PLACES, runs, loss="squared", fixed=held, tied={"N2": "N1"}, num_starts=16)
    assert float(fit.params["N1"]) == float(fit.params["N2"]) == pytest.approx(1e7, rel=1e-5)
    fit = lj.fit(TWO_PLACES, runs, loss="squared", fixed={**held, "N1": 2e7}, tied={"N2": "N1"}, num_starts=8)
    assert float(fit.params["N2"]) == pytest.approx(2e7, rel=1e-12)
    assert float(fit.params["N1"]) == pytest.approx(2e7, rel=1e-12)


def test_vectors_and_edges_must_agree_to_be_tied(curve):
    law = lj.Law(
        lambda x, *, v, a, p: a + p * x + jnp.sum(v),
        response="y",
        support="real",
        params={"v": lj.real(-1, 1, size=2), "a": lj.real(-1, 1), "p": lj.positive(0.1, 1)},
        name="odd",
    )
    with pytest.raises(lj.InputError, match="`v` and `a` cannot be tied: one is a vector"):
        lj.fit(law, curve, tied={"v": "a"})
    with pytest.raises(lj.InputError, match=r"`p` cannot be tied to `a`, which may leave its edges \(0, inf\)"):
        lj.fit(law, curve, tied={"p": "a"})
