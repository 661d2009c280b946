"""Conditioning a Gaussian on totals: the printed update, its limits, and the masses of two conservation laws."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import optimize, special

import lawjax as lj
from lawjax.laws.gaussian import condition_linear

MEAN = np.array([0.0, 1.0, 2.0])
COV = np.diag([1.0, 1.0, 4.0])
TRAPEZOID = np.array([[0.5, 1.0, 0.5]])
TOTAL = np.array([3.0])


def textbook(mean, cov, rows, totals, variance):
    """The update as Hansen et al. 2023 print it, with the inverse."""
    gain = cov @ rows.T @ np.linalg.inv(variance * np.eye(len(rows)) + rows @ cov @ rows.T)
    return mean - gain @ (rows @ mean - totals), cov - gain @ rows @ cov


def random_problem(seed, num_parts=6, num_totals=2):
    generator = np.random.default_rng(seed)
    root = generator.normal(size=(num_parts, num_parts))
    rows, totals = generator.normal(size=(num_totals, num_parts)), generator.normal(size=num_totals)
    return generator.normal(size=num_parts), root @ root.T, rows, totals


@pytest.mark.parametrize(
    ("variance", "expected"), [(0.0, [0.2222, 1.4444, 2.8889]), (0.25, [0.2, 1.4, 2.8]), (1e12, [0.0, 1.0, 2.0])]
)
def test_three_parts_of_a_known_total_move_in_proportion_to_their_weighted_variance(variance, expected):
    mean, _ = condition_linear(MEAN, COV, TRAPEZOID, TOTAL, variance)
    np.testing.assert_allclose(mean, expected, atol=5e-5)


@pytest.mark.parametrize("variance", [0.0, 1e-6, 0.3])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_the_update_of_the_paper(seed, variance):
    problem = random_problem(seed)
    ours, theirs = condition_linear(*problem, variance), textbook(*problem, variance)
    np.testing.assert_allclose(ours[0], theirs[0], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours[1], theirs[1], rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_exact_totals_are_met_exactly_and_are_certain_afterwards(scale):
    mean, cov, rows, totals = random_problem(3)
    after, left = condition_linear(mean, scale * cov, rows, totals)
    np.testing.assert_allclose(rows @ np.asarray(after), totals, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(rows @ np.asarray(left) @ rows.T / scale, np.zeros((2, 2)), atol=1e-12)


@pytest.mark.parametrize("apart", [1e-3, 1e-6, 1e-9, 0.0])
def test_rows_that_nearly_repeat_each_other_do_no_harm(apart):
    mean, cov, rows, _ = random_problem(4, num_totals=1)
    rows = np.concatenate([rows, rows + apart * random_problem(5, num_totals=1)[2]])
    totals = rows @ np.arange(6.0)
    after, left = condition_linear(mean, cov, rows, totals)
    np.testing.assert_allclose(rows @ np.asarray(after), totals, rtol=1e-11)
    assert np.linalg.eigvalsh(np.asarray(left)).min() > -1e-12


def test_totals_that_contradict_each_other_are_met_half_way():
    after, _ = condition_linear(MEAN, COV, np.repeat(TRAPEZOID, 2, axis=0), np.array([3.0, 5.0]))
    assert TRAPEZOID[0] @ np.asarray(after) == pytest.approx(4.0)


def test_parts_that_are_certain_stay_and_others_make_up_the_total():
    after, left = condition_linear([1.0, 2.0, 3.0], np.diag([0.0, 1.0, 1.0]), [[1.0, 1.0, 1.0]], [9.0])
    np.testing.assert_allclose(after, [1.0, 3.5, 4.5])
    np.testing.assert_allclose(left, [[0, 0, 0], [0, 0.5, -0.5], [0, -0.5, 0.5]], atol=1e-12)


@pytest.mark.parametrize(
    ("cov", "row"),
    [
        (np.diag([0.0, 0.0, 1.0]), [1.0, 1.0, 0.0]),
        ([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [1.0, -1.0, 0.0]),
    ],
    ids=["certain", "move as one"],
)
def test_a_total_that_no_part_can_move_stays_as_it_is(cov, row):
    after, left = condition_linear(MEAN, cov, [row], [9.0])
    np.testing.assert_allclose(after, MEAN, atol=1e-12)
    np.testing.assert_allclose(left, cov, atol=1e-12)


def test_one_variance_per_total_lets_the_exact_one_rule():
    rows = np.repeat(TRAPEZOID, 2, axis=0)
    after, _ = condition_linear(MEAN, COV, rows, np.array([3.0, 5.0]), np.array([0.0, 1.0]))
    assert TRAPEZOID[0] @ np.asarray(after) == pytest.approx(3.0)


def test_it_batches_under_vmap_and_jit():
    means, totals = np.stack([MEAN, MEAN + 1]), np.stack([TOTAL, TOTAL + 1])
    with jax.enable_x64(True):
        batched = jax.jit(jax.vmap(condition_linear, in_axes=(0, None, None, 0)))(means, COV, TRAPEZOID, totals)[0]
    one_by_one = [condition_linear(mean, COV, TRAPEZOID, total)[0] for mean, total in zip(means, totals, strict=True)]
    np.testing.assert_allclose(batched, np.stack(one_by_one), rtol=1e-12)


@pytest.mark.parametrize("variance", [0.0, 0.25])
def test_its_gradient_is_the_slope_of_finite_differences(variance):
    def size(rows):
        mean, cov = condition_linear(MEAN, COV, rows, TOTAL, variance)
        return jnp.sum(mean**2) + jnp.sum(cov * np.arange(9.0).reshape(3, 3))

    with jax.enable_x64(True):
        gradient = jax.grad(size)(jnp.asarray(TRAPEZOID))
        step = 1e-5 * np.eye(3)[0][None]
        slope = (size(TRAPEZOID + step) - size(TRAPEZOID - step)) / 2e-5
    assert float(gradient[0, 0]) == pytest.approx(float(slope), rel=1e-6)


@pytest.mark.parametrize("variance", [0.0, 1e-9, 0.25])
@pytest.mark.parametrize("seed", [0, 1])
def test_its_gradient_in_the_variance_is_the_slope_of_the_printed_update(seed, variance):
    problem = random_problem(seed)
    weights = np.random.default_rng(9).normal(size=(6, 6))

    def size(update, variance):
        mean, cov = update(*problem, variance)
        return (mean @ weights[0]) + (cov * weights).sum()

    with jax.enable_x64(True):
        slope = float(jax.grad(lambda v: size(condition_linear, v))(variance))
        along = float(jax.grad(lambda v: size(condition_linear, v))(jnp.full(2, variance)).sum())
    step = 1e-7
    ends = [size(textbook, variance + n * step) for n in range(3)]
    expected = (-3 * ends[0] + 4 * ends[1] - ends[2]) / (2 * step)
    assert abs(expected) > 0.1
    assert slope == pytest.approx(expected, rel=1e-4)
    assert along == pytest.approx(slope, rel=1e-9)


BAD = {
    "one row as a vector": ((MEAN, COV, TRAPEZOID[0], TOTAL), r"One total has one row: rows=\[\[...\]\]"),
    "a total as a number": ((MEAN, COV, TRAPEZOID, 3.0), "must be vectors"),
    "variances for a matrix": ((MEAN, np.ones(3), TRAPEZOID, TOTAL), "`cov` and `rows` matrices"),
    "another number of parts": ((MEAN[:2], COV, TRAPEZOID, TOTAL), "2 parts and 1 totals need"),
    "another number of totals": ((MEAN, COV, TRAPEZOID, np.ones(2)), "3 parts and 2 totals need"),
    "another number of variances": ((MEAN, COV, TRAPEZOID, TOTAL, np.ones(2)), "one number or one per total"),
    "a variance below zero": ((MEAN, COV, TRAPEZOID, TOTAL, -0.1), "must not be below 0"),
}


@pytest.mark.parametrize("case", BAD)
def test_parts_and_totals_that_do_not_go_together_are_refused(case):
    arguments, message = BAD[case]
    with pytest.raises(lj.InputError, match=message):
        condition_linear(*arguments)


def conditioned_mass(x, exact, mass, seed):
    """Mass, by the trapezoid rule, of a noisy profile before and after it is told its total."""
    weights = np.gradient(x)
    weights[[0, -1]] *= 0.5 if np.isclose(weights[0], x[1] - x[0]) else 1.0
    sd = 0.05 + 0.1 * np.abs(exact)
    noisy = exact + sd * np.random.default_rng(seed).normal(size=len(x))
    after, _ = condition_linear(noisy, np.diag(sd**2), weights[None], [mass])
    return weights @ noisy, weights @ np.asarray(after), weights @ exact


def test_a_conditioned_porous_medium_profile_has_the_mass_of_the_closed_form():
    m, t = 3, 0.5
    x = np.linspace(0.0, 1.0, 401)
    exact = (m * np.maximum(t - x, 0.0)) ** (1 / m)
    mass = m ** (1 + 1 / m) / (m + 1) * t ** (1 + 1 / m)
    before, after, quadrature = conditioned_mass(x, exact, mass, seed=0)
    assert mass == pytest.approx(0.42927, abs=5e-6)
    assert quadrature == pytest.approx(mass, rel=2e-3)
    assert after == pytest.approx(mass, rel=1e-12)
    assert abs(before - mass) > 1e-4


def test_a_conditioned_stefan_profile_has_the_mass_of_the_closed_form():
    low, t = 0.5, 0.05
    z = optimize.brentq(
        lambda z: low * special.erf(z) * z * np.exp(z**2) - (1 - low) / np.sqrt(np.pi), 0.1, 2.0, xtol=1e-14
    )
    alpha, c1 = 2 * z, (1 - low) / special.erf(z)
    mass = 2 * c1 * np.sqrt(t / np.pi)
    np.testing.assert_allclose([z, alpha, c1, mass], [0.62006, 1.24013, 0.80716, 0.20366], atol=5.1e-6)
    x = np.linspace(0.0, 1.0, 401)
    exact = np.where(x <= alpha * np.sqrt(t), 1 - c1 * special.erf(x / (2 * np.sqrt(t))), 0.0)
    before, after, quadrature = conditioned_mass(x, exact, mass, seed=1)
    assert quadrature == pytest.approx(mass, abs=2e-3)
    assert after == pytest.approx(mass, rel=1e-12)
    assert abs(before - mass) > 1e-4
