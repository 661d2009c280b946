"""`Estimate`: a value with its interval at some points, and how intervals are read off draws."""

import dataclasses
from typing import Any

import numpy as np

from lawjax.errors import InputError
from lawjax.text import number, table
from lawjax.verdict import Verdict


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Estimate:
    """A power law at some x.

    Attributes:
        x, y: names of the two quantities.
        at: where, shape (point,) or ().
        value, low, high: the law's value and the ends of its interval, of the same shape; the interval is of the law's
            mean, not of a single new run.
        prob: probability of the interval.
        verdict: notes of the law, and on extrapolation.
    """

    x: str
    y: str
    at: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    prob: float
    verdict: Verdict

    def to_frame(self) -> Any:
        """One row per point, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(dict(zip((self.x, self.y, "low", "high"), self._columns(), strict=True)))

    def to_dict(self) -> dict[str, Any]:
        """The points, values and intervals as lists, with the verdict."""
        names = (self.x, self.y, "low", "high")
        lists = {name: column.tolist() for name, column in zip(names, self._columns(), strict=True)}
        return {**lists, "prob": self.prob, "verdict": self.verdict.to_dict()}

    def summary(self) -> str:
        """A table of the points."""
        edges = [f"{100 * (1 - self.prob) / 2:.3g} %", f"{100 * (1 + self.prob) / 2:.3g} %"]
        rows = [[number(value) for value in row] for row in zip(*self._columns(), strict=True)]
        return table([self.x, self.y, *edges], rows, footer=str(self.verdict))

    def __repr__(self) -> str:
        return self.summary()

    def _columns(self) -> list[np.ndarray]:
        return [np.atleast_1d(column) for column in (self.at, self.value, self.low, self.high)]


def check_prob(prob: float) -> None:
    """Refuse a probability outside 0 to 1."""
    if isinstance(prob, bool) or not isinstance(prob, int | float | np.floating) or not 0 < prob < 1:
        raise InputError(f"`prob` must lie between 0 and 1, got {prob!r}. For a 90 % interval pass 0.9.")


def quantiles(draws: np.ndarray, prob: float) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the central interval over the first axis, of the finite draws; NaN where there is none."""
    check_prob(prob)
    flat = np.where(np.isfinite(draws), draws, np.nan).reshape(len(draws), -1)
    ends, some = np.full((2, flat.shape[1]), np.nan), np.isfinite(flat).any(axis=0)
    if some.any():
        ends[:, some] = np.nanquantile(flat[:, some], [(1 - prob) / 2, (1 + prob) / 2], axis=0)
    low, high = ends.reshape(2, *draws.shape[1:])
    return low, high


def spread(draws: np.ndarray) -> float:
    """Standard deviation of the finite draws; NaN of fewer than two."""
    known = draws[np.isfinite(draws)]
    return float(np.std(known, ddof=1)) if len(known) > 1 else float("nan")
