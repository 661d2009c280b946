"""Optimal sizes of Porian et al. 2024 (arXiv:2406.19146): the stored exponents by a fit of the power law."""

import numpy as np
import pandas as pd
import pytest
from scipy.interpolate import Akima1DInterpolator

import lawjax as lj
from lawjax.laws import OPTIMAL_TOKENS_POWER

KEYS = ["file", "dataset", "hparams", "warmup", "decay", "param_count", "split"]
NUM_SERIES = 15


@pytest.fixture(scope="module")
def tables(shared_data):
    """Optima, isoFLOP points and stored fits, one entry per series."""
    names = ("optimal_pairs", "isoflop_points", "published_fits")
    frames = [pd.read_csv(shared_data / "porian" / f"{name}.csv") for name in names]
    groups = [dict(list(frame.groupby(KEYS, sort=True))) for frame in frames]
    return [(pairs, groups[1][key], groups[2][key].set_index("fit")) for key, pairs in groups[0].items()]


def exponent(flops, params, weight=None):
    """Exponent of the best size in compute by weighted least squares of logs."""
    flops, params = np.asarray(flops), np.asarray(params)
    found = np.isfinite(params)  # A budget without a minimum has none stored.
    runs = lj.Runs.from_columns(C=flops[found], D=params[found])
    weights = None if weight is None else weight[found]
    fit = lj.fit(OPTIMAL_TOKENS_POWER, runs, loss="squared", weights=weights, num_starts=4)
    return float(fit.params["alpha"])


def test_weighted_fits_to_the_optima_give_all_stored_exponents(tables):
    assert len(tables) == NUM_SERIES
    for pairs, _, stored in tables:
        ours = exponent(pairs.flops, pairs.params_opt, 1.0 / pairs.n_star_std.to_numpy() ** 2)
        assert ours == pytest.approx(stored.loc["weighted", "n_exponent"], abs=1e-10)


def test_plain_fits_to_the_optima_give_all_stored_exponents(tables):
    for pairs, _, stored in tables:
        assert exponent(pairs.flops, pairs.params_opt) == pytest.approx(stored.loc["basic", "n_exponent"], abs=1e-8)


def test_minima_of_the_isoflop_curves_give_the_exponents_to_a_hundredth(tables):
    for pairs, points, stored in tables:
        budgets = set(pairs.flops[np.isfinite(pairs.params_opt)])
        curves = [(flops, curve) for flops, curve in points.groupby("flops") if flops in budgets]
        flops, sizes = zip(*[(flops, _lowest(curve)) for flops, curve in curves], strict=True)
        assert exponent(flops, sizes) == pytest.approx(stored.loc["basic", "n_exponent"], abs=0.01)


def _lowest(curve):
    """Size of the least loss on an Akima curve through log loss against log size, on a grid of 25 a gap."""
    curve = curve.sort_values("params")
    log_size = np.log(curve.params.to_numpy())
    fine = np.linspace(log_size[0], log_size[-1], (len(curve) - 1) * 25)
    return np.exp(fine[np.argmin(Akima1DInterpolator(log_size, np.log(curve.loss.to_numpy()))(fine))])
