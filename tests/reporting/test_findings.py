"""What a report computes before it draws."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.reporting.figures import MAX_POINTS, running_median, thinned
from lawjax.reporting.findings import MAX_ISOFLOPS, NEAR, budgets_of, compute_of


def test_every_budget_is_one_that_a_run_had(generator):
    compute = 10 ** generator.uniform(18, 22, 200)

    budgets = budgets_of(compute)

    assert 2 <= len(budgets) <= MAX_ISOFLOPS
    assert all(np.isclose(budget, compute, rtol=1e-9).any() for budget in budgets)
    assert np.all(budgets[1:] / budgets[:-1] > NEAR)


def test_runs_at_one_budget_give_one_curve():
    assert budgets_of(np.full(5, 1e20)) == pytest.approx([1e20])


def test_compute_is_six_times_parameters_times_tokens():
    runs = lj.Runs.from_columns(N=[1e6], D=[2e7], loss=[3.0])

    assert compute_of(lj.laws.CHINCHILLA, runs) == pytest.approx([1.2e14])
    assert compute_of(lj.laws.KAPLAN_N, runs) is None


def test_a_running_median_follows_the_middle(generator):
    x = generator.uniform(0, 1, 400)

    where, middle = running_median(x, 3 * x)

    assert np.all(np.diff(where) > 0)
    assert middle == pytest.approx(3 * where, rel=1e-9)


def test_very_many_points_are_thinned_evenly():
    kept, _ = thinned(np.arange(10 * MAX_POINTS), np.zeros(10 * MAX_POINTS))

    assert len(kept) == MAX_POINTS
    assert set(np.diff(kept)) == {10}
