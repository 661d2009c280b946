"""`IsoFlop`: what an isoFLOP analysis gives: a curve with its minimum per budget, and the power laws through them."""

import dataclasses
from typing import Any

import numpy as np

from lawjax.classical.estimate import quantiles
from lawjax.classical.power import PowerLaw, power_table
from lawjax.data.runs import Basis
from lawjax.text import number, table
from lawjax.verdict import Verdict


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class BudgetCurve:
    """The points of one budget, the curve through them, and its minimum.

    Attributes:
        budget: compute [FLOP].
        sizes: what the curve runs along, `N` or `D`, at each point, shape (point,).
        losses: the loss there.
        status: "ok", or why the budget stays out of the power laws: "at-edge", "opens-downward", "too-few-points".
        best: "N", "D" and "loss" at the minimum, those that are known; NaN where there is none.
        draws: the same in each resample, shape (draw,).
        line: the curve from the least size to the greatest: sizes and losses; empty with too few points.
    """

    budget: float
    sizes: np.ndarray
    losses: np.ndarray
    status: str
    best: dict[str, float]
    draws: dict[str, np.ndarray]
    line: tuple[np.ndarray, np.ndarray]

    @property
    def ok(self) -> bool:
        """Whether the budget has an inner minimum."""
        return self.status == "ok"


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class IsoFlop:
    """Best size, tokens and loss against compute, by minima of isoFLOP curves.

    Attributes:
        curves: one per budget, from the least.
        power_laws: "N", "D" and "loss" against "C", those that are known; `found["N"]` is short for one.
        method: "parabola", "cubic" or "akima".
        along: what the curves run along.
        space: "raw" or "log", the form of the loss that they go through.
        prob: probability of the intervals.
        verdict: notes of the curves and of the power laws.
        basis: the runs that it rests on.
    """

    curves: tuple[BudgetCurve, ...]
    power_laws: dict[str, PowerLaw]
    method: str
    along: str
    space: str
    prob: float
    verdict: Verdict
    basis: Basis

    def __getitem__(self, name: str) -> PowerLaw:
        return self.power_laws[name]

    def to_frame(self) -> Any:
        """One row per budget: minimum, interval and status, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame([self._record(curve) for curve in self.curves])

    def to_dict(self) -> dict[str, Any]:
        """The power laws, the minimum of each budget, and the verdict."""
        return {
            "method": self.method,
            "along": self.along,
            "space": self.space,
            "prob": self.prob,
            "power_laws": {name: law.to_dict() for name, law in self.power_laws.items()},
            "budgets": [self._record(curve) for curve in self.curves],
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """The minima, the power laws through them, and the verdict."""
        names = [f"{name}*" if name != "loss" else "loss" for name in self.power_laws]
        rows = [
            [number(curve.budget), str(len(curve.sizes)), *map(number, curve.best.values()), curve.status]
            for curve in self.curves
        ]
        title = f"isoFLOP curves: {self.method} of the {self.space} loss along log {self.along}"
        minima = table(["C", "points", *names, "minimum"], rows, title=title)
        return f"{minima}\n{power_table(list(self.power_laws.values()), self.prob)}\n{self.verdict}"

    def __repr__(self) -> str:
        return self.summary()

    def _record(self, curve: BudgetCurve) -> dict[str, Any]:
        record: dict[str, Any] = {"C": curve.budget, "num_points": len(curve.sizes), "status": curve.status}
        for name, value in curve.best.items():
            low, high = quantiles(curve.draws[name], self.prob)
            record |= {name: value, f"{name}_low": float(low), f"{name}_high": float(high)}
        return record
