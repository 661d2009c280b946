"""The runs sorted by compute budget: which points make one curve, and what the other input is along it."""

import dataclasses

import numpy as np

from lawjax.classical.columns import has_column, log_column, weight_of
from lawjax.classical.curves import Points
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.text import number
from lawjax.verdict import Note, warning

OTHER = {"N": "D", "D": "N"}


@dataclasses.dataclass(frozen=True, eq=False)
class Budget:
    """The runs of one compute budget.

    Attributes:
        log_compute: logarithm of the budget: the mean of its runs'.
        points: their curve.
        rows: their positions in the table, shape (point,).
        log_factor: logarithm of C / (N D) of each, log 6 where C is 6ND; None where one of the three is not known.
    """

    log_compute: float
    points: Points
    rows: np.ndarray
    log_factor: np.ndarray | None

    @property
    def compute(self) -> float:
        """The budget [FLOP, or the unit of its column]."""
        return float(np.exp(self.log_compute))

    def log_other(self, log_place: np.ndarray) -> np.ndarray:
        """Logarithm of the other input where the curve's own is `log_place`, so that the budget is spent."""
        assert self.log_factor is not None
        order = np.argsort(self.points.x, kind="stable")
        factor = np.interp(log_place, self.points.x[order], self.log_factor[order])
        return self.log_compute - log_place - factor


def budgets_of(
    runs: Runs, *, along: str, space: str, budget: str, tolerance: float, loss: str
) -> tuple[list[Budget], list[Note]]:
    """The budgets of the runs from least to greatest, and a note where two may be one.

    Args:
        runs: the table.
        along: "N" or "D", what the curves run along.
        space: "raw" or "log", the form of the loss.
        budget: the column of compute.
        tolerance: a budget holds the runs up to this relative difference above its least.
        loss: the column of the loss.
    Raises:
        InputError: a column that cannot be used, or a tolerance that is not a share.
    """
    if isinstance(tolerance, bool) or not isinstance(tolerance, int | float) or not 0 <= tolerance < 1:
        raise InputError(f"`tolerance` must be a share from 0 to below 1, got {tolerance!r}.")
    log_loss, log_x, log_compute = (log_column(runs, name) for name in (loss, along, budget))
    y, weight = log_loss if space == "log" else np.exp(log_loss), weight_of(runs)
    known = has_column(runs, OTHER[along])
    factor = log_compute - log_x - log_column(runs, OTHER[along]) if known else None
    found = [
        Budget(
            float(log_compute[rows].mean()),
            Points(log_x[rows], y[rows], weight[rows]),
            rows,
            None if factor is None else factor[rows],
        )
        for rows in _clusters(log_compute, np.log1p(tolerance))
    ]
    return found, _touching(found, log_compute, tolerance)


def _clusters(values: np.ndarray, width: float) -> list[np.ndarray]:
    """Positions of the values within `width` above the least that is not taken yet, again and again."""
    order = np.argsort(values, kind="stable")
    clusters: list[list[int]] = []
    for row in order:
        # A budget written with rounding must not be split when the tolerance is 0.
        if clusters and values[row] - values[clusters[-1][0]] <= width + 1e-9:
            clusters[-1].append(int(row))
        else:
            clusters.append([int(row)])
    return [np.array(cluster) for cluster in clusters]


def _touching(found: list[Budget], log_compute: np.ndarray, tolerance: float) -> list[Note]:
    """A note where the gap between two budgets is no wider than what one budget may span."""
    starts = np.array([log_compute[b.rows].min() for b in found])
    stops = np.array([log_compute[b.rows].max() for b in found])
    close = [found[i + 1] for i in np.flatnonzero(starts[1:] - stops[:-1] <= np.log1p(tolerance))]
    if not close:
        return []
    named = ", ".join(number(b.compute) for b in close)
    reason = f"The budgets {named} begin within the tolerance of {tolerance:g} of the budget before."
    return [warning("budgets-touch", reason, "Raise `tolerance`, or name a column of budgets: budget=...")]
