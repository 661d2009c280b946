"""Bounded metrics: limits, families, and what a ceiling on AUC means."""

import numpy as np
import pytest

import lawjax as lj
from lawjax.laws import BOUNDED_SCORE, LOSS_TO_SCORE, POWER_LAW_FLOOR, SATURATING_AUC, family_score

SIGMOID = dict(floor=0.25, ceiling=0.9, gamma=4.0, L_0=1.1)


def test_the_score_runs_from_its_ceiling_to_its_floor_and_is_halfway_at_its_place():
    values = [float(LOSS_TO_SCORE(L, **SIGMOID)) for L in (1e-9, 1.1, 50.0)]
    assert values == pytest.approx([0.9 - 0.65 * 1 / (1 + np.exp(4.4)), 0.575, 0.25], abs=1e-6)


def test_the_printed_sign_is_kept_with_a_negative_gamma():
    c, gamma, l, d = 0.65, -4.0, 1.1, 0.25
    printed = c / (1 + np.exp(-gamma * (0.8 - l))) + d
    assert float(LOSS_TO_SCORE(0.8, **SIGMOID)) == pytest.approx(printed, rel=1e-6)


def test_a_ceiling_on_auc_is_a_floor_on_what_is_missing():
    missing = float(POWER_LAW_FLOOR(1e6, E=1 - 0.8, A=0.5, alpha=0.2))
    assert float(SATURATING_AUC(1e6, A_inf=0.8, B=0.5, alpha=0.2)) == pytest.approx(1 - missing, rel=1e-6)


def test_families_differ_by_a_factor_of_size():
    shared = dict(floor=0.1, ceiling=0.9, slope=1.2)
    law, location = family_score(2), np.array([21.0, 21.0 - np.log(2.0)])
    small = law(5e8, np.array([0.0, 1.0]), location=location, **shared)
    large = BOUNDED_SCORE(1e9, location=21.0, **shared)
    assert float(small) == pytest.approx(float(large), rel=1e-5)


def test_the_same_families_give_the_same_law():
    assert family_score(3) is family_score(3)


def test_one_family_is_refused():
    with pytest.raises(lj.InputError, match="above 1, got 1"):
        family_score(1)


def test_a_fit_tells_the_families_apart():
    truth = dict(floor=0.15, ceiling=0.85, slope=1.3, location=np.array([20.5, 22.0]))
    generator = np.random.default_rng(2)
    which = np.repeat(np.eye(2), 12, axis=0)
    design = {"N": np.tile(np.geomspace(3e8, 7e10, 12), 2), "family": which}
    exact = lj.simulate(family_score(2), truth, design, noise=0.0)["score"]
    runs = lj.Runs.from_columns(**design, score=exact + generator.normal(0, 0.005, 24))
    fit = lj.fit(family_score(2), runs, loss="squared", num_starts=8)
    assert fit.params["location"] == pytest.approx(truth["location"], abs=0.15)
