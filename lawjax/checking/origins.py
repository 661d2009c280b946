"""Where a table is cut: what is fitted lies below, what is predicted above."""

from typing import NamedTuple

import numpy as np

from lawjax.data.runs import Runs
from lawjax.errors import InputError, check_whole
from lawjax.laws.base import Law


class Cut(NamedTuple):
    """A table cut in two.

    Attributes:
        runs: all rows of the table, seen or not.
        seen: which rows are fitted, shape (run,).
        position: where each row lies along the column that was cut, shape (run,).
    """

    runs: Runs
    seen: np.ndarray
    position: np.ndarray

    @property
    def value(self) -> float:
        """The furthest position that is fitted."""
        return float(self.position[self.seen].max())

    @property
    def distance(self) -> np.ndarray:
        """Log of how many times beyond the cut each row lies, 0 and less for the rows below it, shape (run,)."""
        return np.log(self.position / self.value)


def default_axis(law: Law) -> str:
    """The column that a law is extrapolated along: compute where it has sizes and tokens, else its first input.

    An input that has no ratio scale, or is a share, is no axis.
    """
    if "N" in law.inputs and "D" in law.inputs:
        return "C"
    usable = [name for name, variable in law.inputs.items() if variable.scalable]
    if not usable:
        raise InputError(f"law {law.name!r} has no input with a ratio scale; name the column to extrapolate along.")
    falling = [name for name in usable if name in law.falls]
    return (falling or usable)[0]


def positions(runs: Runs, along: str) -> np.ndarray:
    """Where each run lies along the column; runs of one group lie at their furthest, so that no cut splits them.

    Groups that all end at the same place can only be cut across: their rows lie where they are.
    """
    position = column_along(runs, along)
    if runs.group is None:
        return position
    codes = np.unique(np.asarray(runs.group), return_inverse=True)[1]
    furthest = np.full(codes.max() + 1, -np.inf)
    np.maximum.at(furthest, codes, position)
    return position if np.ptp(furthest) == 0 else furthest[codes]


def column_along(runs: Runs, along: str) -> np.ndarray:
    """The column that is cut; "C" is 6 N D where the runs have none.

    Raises:
        InputError: no such column, or values that are not positive.
    """
    if along in runs:
        column = np.asarray(runs[along], dtype=np.float64)
    elif along == "C" and "N" in runs and "D" in runs:
        column = 6.0 * np.asarray(runs["N"], dtype=np.float64) * np.asarray(runs["D"], dtype=np.float64)
    else:
        raise InputError(f"the runs have no column `{along}` to cut; they have {list(runs.columns)}.")
    if np.any(column <= 0):
        raise InputError(f"`{along}` must be positive to be cut along, got {column.min():g}; distances are ratios.")
    return column


def rolling_cuts(runs: Runs, along: str, num_cuts: int, least: int, share: float = 0.5) -> list[Cut]:
    """Rolling origins: cuts at even shares of the rows from `share` up to the last that leaves rows above.

    Args:
        runs: the table.
        along: the column to cut.
        num_cuts: at most so many.
        least: rows that must lie below the lowest.
        share: of the rows below the lowest cut.
    Returns:
        The cuts from low to high, without repeats; none where there are too few rows.
    """
    check_whole("num_cuts", num_cuts, 1)
    position = positions(runs, along)
    top = position.max()
    quantiles = np.quantile(position, np.linspace(share, 0.95, num_cuts), method="lower")
    enough = np.sort(position)[min(least, len(position)) - 1]
    values = np.unique(np.maximum(quantiles, enough))
    return [Cut(runs, position <= value, position) for value in values if value < top]
