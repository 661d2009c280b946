"""`Profile`: the least objective at each value of one parameter, and the interval that follows."""

import dataclasses
from typing import Any

import numpy as np

from lawjax.fitting.status import Status
from lawjax.text import number, table, values
from lawjax.verdict import Verdict

MOST_ROWS = 11
"""Rows that a summary shows."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Profile:
    """One parameter held at each of a grid of values, all others refitted.

    Attributes:
        law: name of the law.
        parameter: name of the parameter.
        estimate: its value at the least objective that was found, natural units.
        objective: the least objective that was found.
        values: where the parameter was held, ascending, natural units, shape (value,).
        objectives: the least sum of losses at each of them, shape (value,).
        statistic: twice what each exceeds the least by, over `scale`, shape (value,).
        params: all parameters at each value, natural units, each leading with (value,).
        status: how the refit at each value ended, shape (value,).
        interval: (low, high) of the values whose statistic stays below `threshold`; an edge of the parameter where the
            statistic never reaches it.
        prob: nominal probability that the interval covers the truth.
        threshold: the square of the quantile of Student's t with `freedom` degrees of freedom.
        scale: what one unit of the statistic costs in twice the objective; 1 for a likelihood that holds.
        freedom: degrees of freedom of `scale`.
        kind: the covariance that `scale` was taken from: "sandwich" or "hessian".
        minima: other values at which the objective has a minimum of its own.
        verdict: notes.
    """

    law: str
    parameter: str
    estimate: float
    objective: float
    values: np.ndarray
    objectives: np.ndarray
    statistic: np.ndarray
    params: dict[str, np.ndarray]
    status: np.ndarray
    interval: tuple[float, float]
    prob: float
    threshold: float
    scale: float
    freedom: float
    kind: str
    minima: tuple[float, ...]
    verdict: Verdict

    def __len__(self) -> int:
        return len(self.values)

    def to_frame(self) -> Any:
        """One row per value: statistic, objective, status, and the other parameters."""
        import pandas as pd

        columns: dict[str, np.ndarray] = {
            self.parameter: self.values,
            "statistic": self.statistic,
            "objective": self.objectives,
            "status": np.array([Status(code).name.lower() for code in self.status]),
        }
        for name, array in self.params.items():
            if array.ndim == 1 and name != self.parameter:
                columns[name] = array
            elif name != self.parameter:
                columns |= {f"{name}[{index}]": array[:, index] for index in range(array.shape[1])}
        return pd.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """The profile as plain data, as the command line prints it."""
        return {
            "law": self.law,
            "parameter": self.parameter,
            "estimate": self.estimate,
            "interval": list(self.interval),
            "prob": self.prob,
            "objective": self.objective,
            "threshold": self.threshold,
            "scale": self.scale,
            "freedom": self.freedom,
            "kind": self.kind,
            "minima": list(self.minima),
            "values": self.values.tolist(),
            "objectives": self.objectives.tolist(),
            "statistic": self.statistic.tolist(),
            "params": {name: array.tolist() for name, array in self.params.items()},
            "status": [Status(code).name.lower() for code in self.status],
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A table of some of the values, and the interval."""
        names = [name for name in self.params if name != self.parameter]
        shown = np.unique(np.linspace(0, len(self) - 1, MOST_ROWS).round().astype(int))
        rows = [
            [
                number(float(self.values[i])),
                number(float(self.statistic[i]), 3),
                f"{self.objectives[i]:.8g}",
                *(values(self.params[name][i]) for name in names),
            ]
            for i in shown
        ]
        low, high = self.interval
        footer = (
            f"{self.parameter} = {number(self.estimate)}, {100 * self.prob:g} % interval {number(low)} to "
            f"{number(high)}: statistic below {number(self.threshold, 3)}, {self.kind} scale {number(self.scale, 3)} "
            f"with {number(self.freedom, 3)} degrees of freedom\n{self.verdict}"
        )
        title = f"{self.law}: profile of {self.parameter} at {len(self)} values"
        return table([self.parameter, "statistic", "objective", *names], rows, title=title, footer=footer)

    def __repr__(self) -> str:
        return self.summary()
