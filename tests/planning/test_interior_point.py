"""The interior-point solver: problems with known optima, its multipliers, and lanes that cannot end well."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from lawjax.planning.constrained.factor import factored, solved
from lawjax.planning.constrained.interior_point import Values, minimum
from lawjax.planning.status import SolutionStatus

pytestmark = pytest.mark.usefixtures("float64")


@pytest.fixture
def float64():
    with jax.enable_x64(True):
        yield


def rosen_suzuki(x):
    a, b, c, d = x
    return (
        a**2 + b**2 + 2 * c**2 + d**2 - 5 * a - 5 * b - 21 * c + 7 * d,
        [
            8 - a**2 - b**2 - c**2 - d**2 - a + b - c + d,
            10 - a**2 - 2 * b**2 - c**2 - 2 * d**2 + a + d,
            5 - 2 * a**2 - b**2 - c**2 - 2 * a + b + d,
        ],
        [],
    )


def product_over_sphere(x):
    return x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2], [x[0] * x[1] * x[2] * x[3] - 25], [x @ x - 40]


def seven_variables(x):
    a, b, c, d, e, f, g = x
    objective = (
        (a - 10) ** 2 + 5 * (b - 12) ** 2 + c**4 + 3 * (d - 11) ** 2 + 10 * e**6 + 7 * f**2 + g**4
        - 4 * f * g - 10 * f - 8 * g
    )  # fmt: skip
    return (
        objective,
        [
            127 - 2 * a**2 - 3 * b**4 - c - 4 * d**2 - 5 * e,
            282 - 7 * a - 3 * b - 10 * c**2 - d + e,
            196 - 23 * a - b**2 - 6 * f**2 + 8 * g,
            -4 * a**2 - b**2 + 3 * a * b - 2 * c**2 - 5 * f + 11 * g,
        ],
        [],
    )


PROBLEMS = {
    "HS43": (rosen_suzuki, (-5, 5), 4, -44.0),
    "HS71": (product_over_sphere, (1, 5), 4, 17.0140173),
    "HS100": (seven_variables, (-5, 5), 7, 680.6300573),
}


def end(function, *start):
    """Where one lane ends."""
    return jax.jit(partial(minimum, function))(jnp.array(start))


def lanes(problem, span, size, num):
    """A problem on the unit box, and starts all over it."""
    low, high = span

    def function(point):
        objective, above, equal = problem(low + (high - low) * point)
        stack = lambda items: jnp.stack(items) if items else jnp.zeros(0)
        return Values(objective, stack(above), stack(equal))

    return function, np.random.default_rng(0).uniform(size=(num, size))


@pytest.mark.parametrize("name", PROBLEMS)
def test_collected_problems_end_at_their_published_optima(name):
    problem, span, size, optimum = PROBLEMS[name]
    function, starts = lanes(problem, span, size, 32)
    ended = jax.jit(jax.vmap(lambda start: minimum(function, start)))(starts)
    best = np.argmin(np.where(ended.violation < 1e-8, ended.objective, np.inf))
    assert ended.objective[best] == pytest.approx(optimum, abs=2e-6)
    assert ended.status[best] == SolutionStatus.OK
    assert ended.residual[best] < 1e-7
    assert np.mean(np.asarray(ended.status) == SolutionStatus.OK) > 0.7


def test_multipliers_say_what_a_wider_limit_is_worth():
    def at(limit):
        function = lambda u: Values((u[0] - 1) ** 2 + u[1] ** 2, jnp.stack([limit - u[0] - u[1]]), jnp.zeros(0))
        return end(function, 0.3, 0.3)

    here, wider = at(0.5), at(0.5001)
    assert here.above[0] == pytest.approx(float(here.objective - wider.objective) / 1e-4, rel=1e-3)
    assert here.above[0] == pytest.approx(1.0, rel=1e-6)


def test_bound_that_binds_is_reached_and_has_a_multiplier():
    ended = end(lambda u: Values(u[0] + (u[1] - 0.4) ** 2, jnp.zeros(0), jnp.zeros(0)), 0.9, 0.9)
    assert ended.point[0] < 1e-9
    assert ended.point[1] == pytest.approx(0.4, abs=1e-9)
    assert ended.low[0] == pytest.approx(1.0, rel=1e-6)


def test_constraints_that_exclude_each_other_are_called_infeasible():
    both = lambda u: Values(u[0], jnp.stack([u[0] - 0.7, 0.3 - u[0]]), jnp.zeros(0))
    ended = end(both, 0.5)
    assert ended.status == SolutionStatus.INFEASIBLE
    assert ended.violation == pytest.approx(0.2, abs=0.2)


def test_function_that_is_nowhere_finite_is_called_so():
    ended = end(lambda u: Values(jnp.log(-1 - u[0]), jnp.zeros(0), jnp.zeros(0)), 0.5)
    assert ended.status == SolutionStatus.NONFINITE


def test_saddle_is_left_for_a_minimum():
    ended = end(lambda u: Values(-((u[0] - 0.5) ** 2), jnp.zeros(0), jnp.zeros(0)), 0.51)
    assert ended.point[0] == pytest.approx(1.0, abs=1e-8)
    assert ended.status == SolutionStatus.OK


def test_nothing_to_search_is_judged_as_it_is():
    keeps = end(lambda u: Values(jnp.array(2.0), jnp.array([0.1]), jnp.zeros(0)))
    breaks = end(lambda u: Values(jnp.array(2.0), jnp.array([-0.1]), jnp.zeros(0)))
    assert keeps.objective == 2.0
    assert keeps.violation == 0.0
    assert breaks.status == SolutionStatus.INFEASIBLE


def test_slow_lane_beside_quick_ones_ends_where_it_ends_alone():
    function, starts = lanes(*PROBLEMS["HS71"][:3], 4)
    together = jax.vmap(lambda start: minimum(function, start))(starts)
    single = jax.jit(partial(minimum, function))
    alone = [single(start) for start in starts]
    np.testing.assert_allclose(together.objective, [a.objective for a in alone], rtol=1e-9)


def test_factorisation_solves_and_turns_negative_curvature_downhill():
    root = np.random.default_rng(0).normal(size=(5, 5))
    matrix, right = root @ root.T + np.eye(5), np.arange(5.0)
    np.testing.assert_allclose(solved(factored(matrix, 0.0), right), np.linalg.solve(matrix, right), rtol=1e-10)
    bent = np.diag([1.0, -2.0])
    np.testing.assert_allclose(solved(factored(bent, 1e-9), np.array([1.0, 1.0])), [1.0, 0.5])
