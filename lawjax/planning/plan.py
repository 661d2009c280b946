"""`Plan`: how to spend a budget, how sure that is, and what a program needs to act on it."""

import dataclasses
import enum
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Basis
from lawjax.errors import InputError
from lawjax.laws.base import Law
from lawjax.planning.chosen import Column, central, columns_of, span
from lawjax.planning.limits import Limit, limits_arrays, limits_from, limits_table, limits_texts
from lawjax.storage import Record, Stored, law_meta, plain
from lawjax.text import number, table
from lawjax.verdict import Note, Verdict, info, warning

FAR = 10.0


class PlanStatus(enum.IntEnum):
    """How the optimum of one draw at one budget came out."""

    OK = 0
    AT_EDGE = 1
    INFEASIBLE = 2
    NONFINITE = 3
    NOT_CONVERGED = 4


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Plan(Stored):
    """What to train with each budget.

    Attributes:
        law: the law that was minimised.
        budget: the budgets, shape (budget,).
        unit: their unit.
        inputs: the one choice to act on, each input shape (budget,).
        fixed: inputs that the caller held.
        loss: expected loss of that choice, the mean over draws, shape (budget,).
        loss_interval: its central interval at `prob` over draws, two arrays of shape (budget,).
        regret: mean over draws of what that choice loses against the draw's own optimum, shape (budget,).
        optima: each draw's own optimum, each input shape (budget, draw).
        status: a `PlanStatus` for each of those, shape (budget, draw).
        objective: what makes the one choice best: "mean", "quantile", "cvar", "regret" or "minimax".
        prob: probability of the intervals and of the quantiles.
        method: how the optima were found.
        cost: name of the cost.
        verdict: notes of the draws and of the plan.
        basis: the runs that the draws rest on.
        limits: how the plan stands to each constraint, the budget first, where there are constraints.
        names: named choices, each with one name per budget.
    """

    kind: ClassVar[str] = "plan"

    law: Law
    budget: np.ndarray
    unit: str
    inputs: dict[str, np.ndarray]
    fixed: dict[str, np.ndarray]
    loss: np.ndarray
    loss_interval: tuple[np.ndarray, np.ndarray]
    regret: np.ndarray
    optima: dict[str, np.ndarray]
    status: np.ndarray
    objective: str
    prob: float
    method: str
    cost: str
    verdict: Verdict
    basis: Basis = dataclasses.field(default_factory=Basis)
    limits: tuple[Limit, ...] = ()
    names: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.budget)

    def interval(self, name: str, prob: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Central interval of an input's optimum over draws, two arrays of shape (budget,).

        Raises:
            InputError: an input that was not chosen.
        """
        return central(self._chosen(name), self.prob if prob is None else prob)

    def median(self, name: str) -> np.ndarray:
        """Median of an input's optimum over draws, shape (budget,)."""
        return np.nanmedian(self._chosen(name), axis=1)

    @property
    def tokens_per_parameter(self) -> np.ndarray | None:
        """D / N of the plan, shape (budget,), where N and D are inputs."""
        known = {
            **{name: np.broadcast_to(v, len(self)) for name, v in self.fixed.items() if v.ndim == 0},
            **self.inputs,
        }
        return known["D"] / known["N"] if {"N", "D"} <= set(known) else None

    def _chosen(self, name: str) -> np.ndarray:
        if name not in self.optima:
            raise InputError(f"`{name}` was not chosen by this plan; it chose {list(self.optima)}.")
        return self.optima[name]

    @property
    def _columns(self) -> list[Column]:
        return columns_of(self.inputs, self.optima, self.names)

    def to_frame(self) -> Any:
        """One row per budget, as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = {"budget": self.budget}
        for column in self._columns:
            columns |= column.frame(self.prob)
        if self.tokens_per_parameter is not None:
            columns["tokens_per_parameter"] = self.tokens_per_parameter
        low, high = self.loss_interval
        columns |= {self.law.response: self.loss, f"{self.law.response}_low": low, f"{self.law.response}_high": high}
        return pd.DataFrame({**columns, "regret": self.regret})

    def to_dict(self) -> dict[str, Any]:
        """Everything a program needs to act on the plan, JSON-able: an entry per budget, None for what has no value."""
        rows = [
            {
                "budget": float(self.budget[i]),
                "feasible": bool(np.isfinite(self.loss[i])),
                "inputs": {c.name: c.names[i] if c.names else float(c.value[i]) for c in self._columns},
                "interval": {c.name: [float(edge[i]) for edge in c.interval(self.prob)] for c in self._columns},
                "loss": float(self.loss[i]),
                "loss_interval": [float(edge[i]) for edge in self.loss_interval],
                "regret": float(self.regret[i]),
            }
            for i in range(len(self))
        ]
        if self.tokens_per_parameter is not None:
            for row, ratio in zip(rows, self.tokens_per_parameter, strict=True):
                row["tokens_per_parameter"] = float(ratio)
        record = {
            "law": self.law.name,
            "unit": self.unit,
            "cost": self.cost,
            "fixed": {name: value.tolist() for name, value in self.fixed.items()},
            "objective": self.objective,
            "prob": self.prob,
            "method": self.method,
            "num_draws": self.status.shape[1],
            "plans": rows,
            "constraints": [limit.to_dict() for limit in self.limits],
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }
        return plain(record)

    def summary(self) -> str:
        """A table with one row per budget."""
        percent = f"{100 * self.prob:g} %"
        headers = [f"budget [{self.unit}]"]
        for column in self._columns:
            headers += [column.name, f"{column.name} {percent}"]
        ratio = self.tokens_per_parameter
        headers += ["D/N"] * (ratio is not None) + [self.law.response, f"{self.law.response} {percent}", "regret"]
        rows = []
        for i in range(len(self)):
            cells = [number(self.budget[i])]
            for column in self._columns:
                cells += column.cells(i, self.prob)
            cells += [number(ratio[i])] if ratio is not None else []
            rows.append([*cells, number(self.loss[i], 5), span(self.loss_interval, i), number(self.regret[i], 2)])
        draws = self.status.shape[1]
        title = (
            f"{self.law.name} under {self.cost}: {draws} draw{'s' * (draws > 1)}, least {self.objective}, {self.method}"
        )
        below = "\n".join([*([limits_table(self.limits)] if self.limits else []), str(self.verdict)])
        return table(headers, rows, title=title, footer=below)

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the plan is made of; arrays lead with the draw axis where they have one."""
        meta = {
            **law_meta(self.law),
            **{name: getattr(self, name) for name in ("unit", "objective", "prob", "method", "cost")},
            "inputs": list(self.inputs),
            "limits": limits_texts(self.limits),
            "names": self.names,
            "basis": self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }
        arrays = {
            **limits_arrays(self.limits),
            **{f"optimum.{name}": np.moveaxis(array, 1, 0) for name, array in self.optima.items()},
            "status": self.status.T,
            **{f"input.{name}": array for name, array in self.inputs.items()},
            **{f"fixed.{name}": array for name, array in self.fixed.items()},
            **{name: getattr(self, name) for name in ("budget", "loss", "regret")},
            "loss_low": self.loss_interval[0],
            "loss_high": self.loss_interval[1],
        }
        return Record(meta, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Law | None) -> Self:
        """The plan that `to_record` described."""
        assert law is not None
        meta, arrays = record.meta, record.arrays
        names = meta["inputs"]
        fixed = [name.removeprefix("fixed.") for name in arrays if name.startswith("fixed.")]
        return cls(
            law=law,
            inputs={name: arrays[f"input.{name}"] for name in names},
            fixed={name: arrays[f"fixed.{name}"] for name in fixed},
            optima={name: np.moveaxis(arrays[f"optimum.{name}"], 1, 0) for name in names},
            status=arrays["status"].T,
            loss_interval=(arrays["loss_low"], arrays["loss_high"]),
            basis=Basis(**meta["basis"]),
            limits=limits_from(meta["limits"], arrays),
            names=meta["names"],
            verdict=Verdict.from_dict(meta["verdict"]),
            **{name: arrays[name] for name in ("budget", "loss", "regret")},
            **{name: meta[name] for name in ("unit", "objective", "prob", "method", "cost")},
        )


def extrapolation_notes(
    inputs: Mapping[str, np.ndarray], observed: Mapping[str, tuple[float, float]]
) -> tuple[Note, ...]:
    """How far chosen inputs lie outside the runs that the law was fitted to, a note for each such input."""
    notes = []
    for name, (low, high) in observed.items():
        chosen = inputs.get(name, np.array([]))
        chosen = chosen[np.isfinite(chosen) & (chosen > 0)]
        if not len(chosen) or not 0 < low <= high:
            continue
        above, below = float(chosen.max()) / high, low / float(chosen.min())
        for factor, words, edge in ((above, "beyond the largest", high), (below, "below the smallest", low)):
            if factor > 1 + 1e-9:
                grade = warning if factor > FAR else info
                reason = f"`{name}` is {number(factor, 3)} times {words} run ({number(edge, 3)})."
                notes.append(grade("extrapolation", reason, "Check the law against the largest runs held out."))
    return tuple(notes)
