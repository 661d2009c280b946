"""Optax: the same optimum as the damped Gauss-Newton solver, with the same diagnostics, chosen when it should be."""

import jax.numpy as jnp
import numpy as np
import optax
import pytest

import lawjax as lj
from lawjax.laws import POWER_LAW_FLOOR as POWER

FEW = {"num_starts": 4, "loss": "squared"}


@pytest.fixture(scope="module")
def runs():
    generator = np.random.default_rng(0)
    x = 10 ** generator.uniform(3, 9, 32)
    return lj.Runs.from_columns(x=x, loss=(1.7 + 30.0 * x**-0.3) * np.exp(generator.normal(0, 0.01, 32)))


@pytest.fixture(scope="module")
def reference(runs):
    return lj.fit(POWER, runs, **FEW)


OPTIMIZERS = {
    "default": dict(method="optax", max_steps=200),
    "lbfgs": dict(optimizer=optax.lbfgs(), max_steps=200),
    "adam": dict(optimizer=optax.adam(optax.cosine_decay_schedule(0.05, 3000)), max_steps=3000),
}


@pytest.fixture(scope="module", params=OPTIMIZERS)
def descended(request, runs):
    return lj.fit(POWER, runs, **FEW, **OPTIMIZERS[request.param])


def test_optax_reaches_the_same_optimum(descended, reference):
    assert descended.objective == pytest.approx(reference.objective, rel=1e-8)
    for name in POWER.params:
        assert float(descended.params[name]) == pytest.approx(float(reference.params[name]), rel=1e-4), name


def test_optax_gives_the_same_diagnostics(descended, reference):
    assert (descended.method, reference.method) == ("optax", "gauss-newton")
    assert descended.status == reference.status == lj.fitting.Status.CONVERGED
    assert descended.verdict.codes == reference.verdict.codes
    assert descended.geometry.condition == pytest.approx(reference.geometry.condition, rel=1e-3)
    for name in POWER.params:
        assert float(descended.stderr[name]) == pytest.approx(float(reference.stderr[name]), rel=1e-3), name


def test_too_few_updates_are_not_called_converged(runs):
    fit = lj.fit(POWER, runs, optimizer=optax.sgd(1e-6), max_steps=3, **FEW)
    assert set(fit.start_status.tolist()) == {int(lj.fitting.Status.MAX_STEPS)}
    assert "max-steps" in fit.verdict.codes


def levels(x, *, level):
    """A level for each of seventy kinds."""
    return level[x.astype(int)]


LEVELS = lj.Law(
    levels,
    response="y",
    support="real",
    inputs={"x": lj.Variable(kind="real")},
    params={"level": lj.real(-1, 1, size=70)},
)


def test_laws_of_more_than_sixty_parameters_are_descended_by_optax_and_the_fit_says_so(generator):
    x, noise = np.repeat(np.arange(70.0), 2), generator.normal(0, 0.1, 140)
    runs = lj.Runs.from_columns(x=x, y=np.sin(x) + noise)
    fit = lj.fit(LEVELS, runs, num_starts=1, max_steps=100, loss="squared")
    assert fit.method == "optax"
    assert "optax" in str(fit)
    means = np.asarray(runs["y"]).reshape(70, 2).mean(axis=1)
    np.testing.assert_allclose(fit.params["level"], means, atol=1e-6)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (dict(optimizer="adam"), "`optimizer` must be an Optax gradient transformation, such as optax.adam"),
        (dict(method="gauss-newton", optimizer=optax.sgd(0.1)), "exclude each other; leave one out"),
        (dict(method="newton"), "unknown method 'newton'"),
    ],
)
def test_a_wrong_method_is_refused(runs, choices, message):
    with pytest.raises(lj.InputError, match=message):
        lj.fit(POWER, runs, **choices)


def test_the_gradient_of_a_law_that_breaks_down_does_not_stop_the_others():
    law = lj.Law(
        lambda x, *, a, b: a + jnp.log(b - x),
        response="y",
        support="real",
        inputs={"x": lj.Variable(kind="real")},
        params={"a": lj.real(-1, 1), "b": lj.real(2, 6)},
        name="breaking",
    )
    x = np.linspace(0, 3, 20)
    runs = lj.Runs.from_columns(x=x, y=0.5 + np.log(4 - x))
    fit = lj.fit(law, runs, method="optax", num_starts=8, loss="squared", max_steps=200)
    assert float(fit.params["b"]) == pytest.approx(4, rel=1e-5)
