"""Optimal sizes of Porian et al. 2024 (arXiv:2406.19146): the stored exponents from optima, and from isoFLOP points."""

import numpy as np
import pandas as pd
import pytest

import lawjax as lj
from lawjax.classical import isoflop, log_log

KEYS = ["file", "dataset", "hparams", "warmup", "decay", "param_count", "split"]
NUM_SERIES = 15


@pytest.fixture(scope="module")
def tables(shared_data):
    """Optima, isoFLOP points and stored fits, one entry per series."""
    names = ("optimal_pairs", "isoflop_points", "published_fits")
    frames = [pd.read_csv(shared_data / "porian" / f"{name}.csv") for name in names]
    groups = [dict(list(frame.groupby(KEYS, sort=True))) for frame in frames]
    return [(pairs, groups[1][key], groups[2][key].set_index("fit")) for key, pairs in groups[0].items()]


def line(pairs, weights=None):
    """The power law of the best size in compute, through the optima that are stored."""
    found = np.isfinite(pairs.params_opt.to_numpy())
    runs = lj.Runs.from_columns(C=pairs.flops[found], N=pairs.params_opt[found])
    return log_log(runs, x="C", y="N", weights=None if weights is None else weights[found], num_boots=2)


def profile(points, method):
    """The isoFLOP analysis of one series."""
    runs = lj.Runs.from_columns(C=points.flops, N=points.params, D=points.tokens, loss=points.loss)
    return isoflop(runs, method=method, space="log", num_boots=2)


def test_weighted_lines_through_the_optima_give_all_stored_exponents(tables):
    assert len(tables) == NUM_SERIES
    for pairs, _, stored in tables:
        ours = line(pairs, 1.0 / pairs.n_star_std.to_numpy() ** 2)
        assert ours.exponent == pytest.approx(stored.loc["weighted", "n_exponent"], abs=1e-10)


def test_plain_lines_through_the_optima_give_all_stored_laws(tables):
    for pairs, _, stored in tables:
        ours, theirs = line(pairs), stored.loc["basic"]
        assert ours.exponent == pytest.approx(theirs["n_exponent"], abs=1e-10)
        assert ours.coefficient == pytest.approx(theirs["n_coef"], rel=1e-8)
        assert ours.r_squared == pytest.approx(theirs["n_r2"], abs=1e-10)


def test_akima_minima_of_the_isoflop_points_give_the_exponents_to_four_thousandths(tables):
    for _, points, stored in tables:
        found, theirs = profile(points, "akima"), stored.loc["basic"]
        assert found["N"].exponent == pytest.approx(theirs["n_exponent"], abs=0.004)
        assert found["D"].exponent == pytest.approx(theirs["t_exponent"], abs=0.004)


def test_budgets_that_the_study_leaves_out_have_no_inner_minimum(tables):
    for pairs, points, _ in tables:
        left_out = pairs.flops[~np.isfinite(pairs.params_opt)]
        ours = [curve.budget for curve in profile(points, "akima").curves if not curve.ok]
        assert ours == pytest.approx(left_out.tolist())


def test_a_parabola_through_such_wide_curves_is_off_by_several_hundredths(tables):
    ours = np.array([profile(points, "parabola")["N"].exponent for _, points, _ in tables])
    off = ours - [stored.loc["basic", "n_exponent"] for _, _, stored in tables]
    assert 0.08 < np.max(np.abs(off)) < 0.11
    assert np.sum(np.abs(off) > 0.01) == 12
