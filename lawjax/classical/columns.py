"""What an estimator reads from the runs: positive columns as logarithms, compute, weights, groups."""

from typing import Any

import numpy as np

from lawjax.data.checks import row_numbers
from lawjax.data.inputs import reject
from lawjax.data.runs import Runs
from lawjax.data.words import find
from lawjax.errors import InputError
from lawjax.precision import seed_of

MAX_BOOTS = 1_000_000


def checked_runs(runs: Any, weights: Any = None) -> Runs:
    """The runs that count, with `weights` in place of their own where given.

    Raises:
        InputError: not `Runs`, none that counts, or weights that cannot be.
    """
    if not isinstance(runs, Runs):
        raise InputError(f"`runs` must be `Runs`, got {type(runs).__name__}. Read them with lj.read_runs(...).")
    counted = (runs if weights is None else runs.reweighted(weights)).counted()
    if len(counted) == 0:
        raise InputError("there are no runs to estimate from. The table is empty.")
    return counted


def has_column(runs: Runs, name: str) -> bool:
    """Whether the runs have the column, or `N` and `D` to make `C` = 6ND of."""
    return name in runs or (name == "C" and "N" in runs and "D" in runs)


def log_column(runs: Runs, name: str) -> np.ndarray:
    """Natural logarithm of a positive column, shape (run,); `C` is 6ND where there is no such column.

    Raises:
        InputError: no such column, more than one number per run, or values without a logarithm, by row.
    """
    if name == "C" and name not in runs and has_column(runs, name):
        return np.log(6.0) + log_column(runs, "N") + log_column(runs, "D")
    needs = "the estimator needs `N` and `D`, or" if name == "C" else "the estimator needs"
    find(name, list(runs.columns), needs)
    column = np.asarray(runs[name], dtype=np.float64)
    if column.ndim != 1:
        raise InputError(f"`{name}` must have one number per run, got the shape {column.shape}.")
    bad = ~(np.isfinite(column) & (column > 0))
    reject(f"`{name}`", column, row_numbers(runs), bad, "must be positive and finite", "Drop these rows.")
    return np.log(column)


def weight_of(runs: Runs) -> np.ndarray:
    """Weight of each run, mean 1, shape (run,)."""
    weight = np.ones(len(runs)) if runs.weight is None else np.asarray(runs.weight, dtype=np.float64)
    return weight / weight.mean()


def group_codes(runs: Runs) -> np.ndarray | None:
    """Code of each run's group from 0, shape (run,), or None where there are no groups.

    Raises:
        InputError: a single group, which leaves nothing to resample.
    """
    if runs.group is None:
        return None
    labels, codes = np.unique(np.asarray(runs.group), return_inverse=True)
    if len(labels) < 2:
        raise InputError("all rows belong to one group, so there is nothing to resample. Read the runs without it.")
    return codes


def random_numbers(key: Any) -> np.random.Generator:
    """NumPy's generator for an int or a JAX key."""
    return np.random.default_rng(seed_of(key))
