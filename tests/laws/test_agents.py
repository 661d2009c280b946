"""Agents: a handicap that stays looks as if it shrank on raw percentages, and only there."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import AGENT_COMPLEXITY
from lawjax.laws.terms import logit

STRENGTHS = np.linspace(0.0, 4.0, 5)


def success(d, k):
    return np.array([float(AGENT_COMPLEXITY(theta, 0.0, d=d, k=k)) for theta in STRENGTHS])


def test_a_constant_handicap_closes_the_gap_in_percent_but_not_in_logits():
    full, simple = success(1e-9, 0.0), success(0.5, 0.0)
    assert np.all(np.diff(full - simple) < 0)
    assert np.asarray(logit(full) - logit(simple)) == pytest.approx(np.full(5, 0.5), abs=1e-3)


def test_near_the_ceiling_the_gap_in_percent_is_d_p_one_less_p():
    full, simple = success(1e-9, 0.0)[-1], success(0.01, 0.0)[-1]
    assert full - simple == pytest.approx(0.01 * full * (1 - full), rel=0.02)


@pytest.mark.parametrize(("k", "claim"), [(0.0, False), (0.8, True)])
def test_a_fit_on_logits_tells_a_handicap_that_shrinks_from_one_that_stays(k, claim):
    theta = np.tile(np.linspace(-1.0, 3.0, 15), 2)
    exact = lj.simulate(
        AGENT_COMPLEXITY, dict(d=0.8, k=k), {"theta": theta, "u": np.repeat([-0.5, 0.5], 15)}, noise=0.0
    )
    noisy = logit(exact["success"]) + np.random.default_rng(0).normal(0, 0.05, 30)
    runs = lj.Runs.from_columns(theta=theta, u=exact["u"], success=1 / (1 + np.exp(-np.asarray(noisy))))
    fit = lj.fit(AGENT_COMPLEXITY, runs, loss="squared", num_starts=8)
    assert (fit.draws.interval("k")[0] > 0) == claim
