"""AICc and BIC are those of the closed form where there is one, and of a density that integrates to one elsewhere."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate

import lawjax as lj
from lawjax.checking.criteria import information, log_huber_mass


def line(x, *, a, b):
    return a + b * x


def parabola(x, *, a, b, c):
    return a + b * x + c * x**2


def polynomial(fn, names):
    inputs = {"x": lj.Variable(kind="real", usual=(-2.0, 2.0))}
    return lj.Law(fn, response="y", inputs=inputs, params={name: lj.real(-3, 3) for name in names}, support="real")


LINE, PARABOLA = polynomial(line, "ab"), polynomial(parabola, "abc")


@pytest.fixture(scope="module")
def table():
    generator = np.random.default_rng(0)
    x = np.linspace(-2, 2, 25)
    return x, 1.0 + 0.5 * x + 0.1 * x**2 + 0.2 * generator.standard_normal(25)


@pytest.fixture(scope="module")
def runs(table):
    return lj.Runs.from_columns(x=table[0], y=table[1])


def least_squares(x, y, degree):
    """AICc and BIC of a polynomial, by the textbook."""
    num, count = len(x), degree + 2
    squares = np.sum((y - np.polyval(np.polyfit(x, y, degree), x)) ** 2)
    fit = num * np.log(squares / num) + num * (1 + np.log(2 * np.pi))
    return fit + 2 * count + 2 * count * (count + 1) / (num - count - 1), fit + count * np.log(num)


@pytest.mark.parametrize(("law", "degree"), [(LINE, 1), (PARABOLA, 2)])
def test_criteria_of_nested_polynomials_are_those_of_least_squares(table, runs, law, degree):
    found = information(lj.fit(law, runs, loss="squared"))
    assert (found.aicc, found.bic) == pytest.approx(least_squares(*table, degree), rel=1e-9)
    assert found.num_params == degree + 2


def test_a_comparison_ranks_by_them_and_gives_akaikes_weights(table, runs):
    comparison = lj.compare([lj.fit(law, runs, loss="squared") for law in (LINE, PARABOLA)], score="aicc")
    known = np.sort([least_squares(*table, degree)[0] for degree in (1, 2)])
    np.testing.assert_allclose(comparison.aicc, known, rtol=1e-9)
    np.testing.assert_allclose(comparison.delta_aicc, known - known[0], atol=1e-7)
    np.testing.assert_allclose(comparison.akaike[1] / comparison.akaike[0], np.exp((known[0] - known[1]) / 2))
    assert comparison.akaike.sum() == pytest.approx(1.0)
    assert comparison.ranked_by == "aicc"


def test_the_unit_of_the_response_moves_no_difference(table, runs):
    in_thousandths = lj.Runs.from_columns(x=table[0], y=1000 * table[1])
    wide = [polynomial(law.fn, tuple(law.params)) for law in (LINE, PARABOLA)]
    scaled = [dict(zip(law.params, [lj.real(-3000, 3000)] * 3)) for law in wide]
    laws = [lj.Law(law.fn, response="y", inputs=law.inputs, params=p, support="real") for law, p in zip(wide, scaled)]
    pairs = [(laws, in_thousandths), ((LINE, PARABOLA), runs)]
    gaps = [np.diff([information(lj.fit(law, data, loss="squared")).aicc for law in own])[0] for own, data in pairs]
    assert gaps[0] == pytest.approx(gaps[1], rel=1e-6)


@pytest.mark.parametrize("tau", [1e-3, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("delta", [0.05, 1.0, 20.0])
def test_hubers_density_integrates_to_one(tau, delta):
    def density(r):
        cost = 0.5 * r**2 if r < delta else delta * (r - 0.5 * delta)
        return np.exp(-cost / tau)

    mass = 2 * sum(integrate.quad(density, *part, epsabs=1e-13)[0] for part in ((0, delta), (delta, np.inf)))
    assert log_huber_mass(tau, delta) == pytest.approx(np.log(mass), abs=1e-7)


def test_huber_is_gaussian_where_it_never_turns_straight(runs):
    huber, squared = (lj.fit(LINE, runs, loss=loss, delta=1e3) for loss in ("huber", "squared"))
    assert information(huber).aicc == pytest.approx(information(squared).aicc, rel=1e-7)


def test_huber_is_laplace_where_it_turns_at_once(runs):
    huber, absolute = (lj.fit(LINE, runs, loss=loss, delta=1e-7) for loss in ("huber", "absolute"))
    assert information(huber).aicc == pytest.approx(information(absolute).aicc, abs=1e-3)


def test_no_other_temperature_of_hubers_density_is_likelier(runs):
    fit = lj.fit(LINE, runs, loss="huber", delta=0.1)
    size = np.abs(fit.residuals)
    total = np.sum(np.where(size < 0.1, 0.5 * size**2, 0.1 * (size - 0.05)))
    others = [-total / tau - 25 * log_huber_mass(tau, 0.1) for tau in np.geomspace(1e-4, 10, 500)]
    best = information(fit).log_likelihood
    assert best >= max(others)
    assert best == pytest.approx(max(others), abs=1e-2)


def test_a_student_t_counts_its_scale_and_its_degrees_of_freedom(runs):
    fit = lj.fit(LINE, runs, loss="student_t")
    found = information(fit)
    assert found.num_params == 4
    assert found.log_likelihood == pytest.approx(-fit.objective, rel=1e-9)


def test_the_loss_that_made_the_noise_has_the_best_criterion():
    truth = {"a": 1.0, "b": 0.5}
    x = np.linspace(-2, 2, 400)
    noise = np.random.default_rng(1).standard_t(2, size=400)
    runs = lj.Runs.from_columns(x=x, y=truth["a"] + truth["b"] * x + 0.1 * noise)
    comparison = lj.compare([lj.fit(LINE, runs, loss=loss) for loss in ("squared", "student_t")], score="bic")
    assert comparison.laws == ("line [student_t]", "line [squared]")
    assert comparison.delta_bic[1] > 50


def test_runs_that_count_twice_are_two_runs(table):
    twice = np.repeat(np.arange(25), 2)
    repeated = lj.Runs.from_columns(x=table[0][twice], y=table[1][twice])
    weighted = lj.Runs.from_columns(x=table[0], y=table[1], weight=np.full(25, 2.0))
    once = information(lj.fit(LINE, weighted, loss="squared"))
    both = information(lj.fit(LINE, repeated, loss="squared"))
    assert once.num_runs == 25  # Weights say how runs count against each other, not how many there were.
    assert both.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-9)


@pytest.mark.parametrize(
    "choice", [{"loss": "asymmetric"}, {"loss": lambda r: jnp.log(jnp.cosh(r))}, {"rounding": 0.1}]
)
def test_a_loss_that_is_no_likelihood_has_no_criterion(runs, choice):
    assert information(lj.fit(LINE, runs, **choice)) is None


def test_runs_without_any_scatter_have_no_criterion():
    x = np.linspace(0, 1, 12)
    assert information(lj.fit(LINE, lj.Runs.from_columns(x=x, y=0.0 * x), loss="squared", force=True)) is None


def test_more_numbers_than_runs_make_aicc_infinite(table):
    few = lj.Runs.from_columns(x=table[0][::5], y=table[1][::5])
    found = information(lj.fit(PARABOLA, few, loss="squared", force=True))
    assert found.num_runs == found.num_params + 1
    assert np.isposinf(found.aicc)
    assert np.isfinite(found.bic)


def test_a_fit_without_a_likelihood_is_still_scored_and_says_so(runs):
    fits = {"plain": lj.fit(LINE, runs, loss="squared"), "lopsided": lj.fit(LINE, runs, loss="asymmetric")}
    comparison = lj.compare(fits)
    assert np.isnan(comparison.aicc).sum() == 1
    assert comparison.akaike.max() == 1.0
    assert "no-likelihood" in comparison.verdict.codes
    with pytest.raises(lj.InputError, match=r"the fits \['lopsided'\] have no likelihood to rank by"):
        lj.compare(fits, score="bic")
