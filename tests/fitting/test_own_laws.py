"""A law of one's own, written in a notebook cell, goes through the fit: loops, vectors and implicit roots too."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lawjax as lj


def test_a_law_without_declared_dimensions_is_fitted_in_its_own_units_and_says_so():
    def own(N, D, *, E, A, alpha, B, beta):
        return E + A * N**-alpha + B * D**-beta

    ranges = {"E": lj.positive(0.1, 5), "A": lj.positive(1, 1e4), "alpha": lj.positive(0.1, 1)}
    law = lj.Law(own, response="loss", params={**ranges, "B": lj.positive(1, 1e5), "beta": lj.positive(0.1, 1)})
    truth = {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37}
    runs = lj.simulate(
        law, truth, {"N": np.geomspace(1e7, 1e10, 40), "D": np.geomspace(1e9, 1e12, 40)[::-1]}, noise=0.0
    )
    fit = lj.fit(law, runs, loss="squared")
    assert float(fit.params["A"]) == pytest.approx(400.0, rel=1e-4)
    assert "undeclared-dimensions" in fit.verdict.codes


def test_a_law_with_a_loop_is_fitted():
    def repeats(D, *, E, B, beta, decay):
        def epoch(carry, index):
            return carry + jnp.exp(-decay * index), None

        value, _ = jax.lax.scan(epoch, jnp.zeros_like(D), jnp.arange(4.0))
        return E + B * (D * value) ** -beta

    law = lj.Law(
        repeats,
        response="loss",
        params={
            "E": lj.positive(0.1, 5),
            "B": lj.positive(1, 1e4, dims={"D": "beta"}),
            "beta": lj.positive(0.1, 1),
            "decay": lj.positive(0.01, 2),
        },
    )
    truth = {"E": 1.5, "B": 50.0, "beta": 0.3, "decay": 0.4}
    runs = lj.simulate(law, truth, {"D": np.geomspace(1e3, 1e8, 30)}, noise=0.0)
    fit = lj.fit(law, runs, loss="squared", fixed={"decay": 0.4})
    assert float(fit.params["B"]) == pytest.approx(50.0, rel=1e-6)


def test_a_law_of_a_mixture_with_vector_parameters_is_fitted(generator):
    def mixing(ratio, *, c, k, t):
        return c + k * jnp.exp(jnp.dot(t, ratio))

    law = lj.Law(
        mixing,
        response="loss",
        inputs={"ratio": lj.Variable(kind="simplex", size=3)},
        params={"c": lj.positive(0.5, 3), "k": lj.positive(0.1, 3), "t": lj.real(-3, 1, size=3)},
        linear=("c", "k"),
    )
    truth = {"c": 1.5, "k": 0.8, "t": np.array([-1.0, -0.2, 0.3])}
    runs = lj.simulate(law, truth, {"ratio": generator.dirichlet(np.ones(3), size=40)}, noise=0.0)
    fit = lj.fit(law, runs, loss="squared", fixed={"k": 0.8})
    np.testing.assert_allclose(fit.params["t"], truth["t"], rtol=1e-5)
    assert fit.stderr["t"].shape == (3,)


def test_a_law_that_is_a_root_is_fitted():
    def implicit(N, *, N_c, alpha, b):
        """The root of L = (N_c / N)^alpha + b / L."""
        term = (N_c / N) ** alpha
        guess = 0.5 * (term + jnp.sqrt(term**2 + 4 * b))

        def solve(f, x):
            return x - f(x) / jax.grad(f)(x)

        def tangent(g, y):
            return y / g(jnp.ones_like(y))

        return jax.lax.custom_root(lambda L: L - term - b / L, guess, solve, tangent)

    law = lj.Law(
        implicit,
        response="loss",
        params={
            "N_c": lj.positive(1e10, 1e16, dims={"N": 1.0}),
            "alpha": lj.positive(0.02, 0.3),
            "b": lj.positive(0.01, 2),
        },
    )
    truth = {"N_c": 1e13, "alpha": 0.08, "b": 0.5}
    runs = lj.simulate(law, truth, {"N": np.geomspace(1e5, 1e10, 30)}, noise=0.0)
    fit = lj.fit(law, runs, loss="squared")
    np.testing.assert_allclose(lj.predict(fit.point, {"N": runs["N"]}).median, runs["loss"], rtol=1e-7)


def test_a_negative_response_is_fitted_in_raw_space(generator):
    def line(x, *, a, b):
        return a + b * x

    law = lj.Law(
        line,
        response="y",
        support="real",
        inputs={"x": lj.Variable(kind="real")},
        params={"a": lj.real(-5, 5), "b": lj.real(-5, 5)},
    )
    x = generator.normal(size=30)
    fit = lj.fit(law, lj.Runs.from_columns(x=x, y=2.0 - 3.0 * x), loss="squared")
    assert fit.choices.space == "raw"
    assert float(fit.params["b"]) == pytest.approx(-3.0, rel=1e-8)


def test_a_law_that_explodes_over_its_ranges_is_an_error_and_not_a_number_in_other_units():
    def growth(x, *, A, k):
        return A * jnp.exp(k * x)

    law = lj.Law(growth, response="y", params={"A": lj.positive(0.1, 10), "k": lj.positive(0.1, 10)})
    x = np.geomspace(1e3, 1e4, 30)
    fit = lj.fit(law, lj.Runs.from_columns(x=x, y=2.0 * np.exp(1e-4 * x)), loss="squared")
    assert {"nonfinite", "undeclared-dimensions"} <= set(fit.verdict.codes)
    assert fit.agreement == 0.0
    with pytest.raises(lj.VerdictError, match="No start reached a finite objective"):
        lj.allocate(fit, 1e3, cost=lambda x: x)


def test_a_well_determined_line_in_raw_units_is_not_called_unidentified(generator):
    def line(x, *, a, k):
        return a + k * x

    law = lj.Law(
        line, response="y", support="real", params={"a": lj.real(-10, 10), "k": lj.real(-5, 5)}, linear=("a", "k")
    )
    x = np.linspace(1e7, 1e9, 40)
    fit = lj.fit(law, lj.Runs.from_columns(x=x, y=3e7 + 2.0 * x + 1e5 * generator.normal(size=40)), loss="squared")
    assert float(fit.params["k"]) == pytest.approx(2.0, rel=1e-3)
    assert not {"not-identified", "ill-conditioned", "at-edge"} & set(fit.verdict.codes)


def test_a_loss_that_goes_below_zero_still_has_its_optimum(truth):
    runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=40, noise=0.01, key=0)
    fit = lj.fit(lj.laws.CHINCHILLA, runs, loss=lambda residual: 0.5 * residual**2 - 1.0)
    assert len(fit.optima) == 1
    assert len(lj.bootstrap(fit, num=4)) == 4
    with pytest.raises(lj.InputError, match="a file never holds code"):
        fit.save("fit.json")
