"""`Solution`: what to choose under constraints, which of them bind and what they cost, and how sure all that is."""

import dataclasses
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
from lawjax.verdict import Verdict


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Solution(Stored):
    """What to choose in each scenario.

    Attributes:
        law: the law.
        aim: what was minimised or maximised, in words.
        inputs: the one choice to act on, each input shape (scenario,), or (scenario, size) for shares.
        names: the named choices, each with one name per scenario.
        objective: its objective, the mean over draws, shape (scenario,).
        objective_interval: its central interval at `prob` over draws, two arrays of shape (scenario,).
        regret: mean over draws of what that choice loses against the draw's own optimum, shape (scenario,); NaN where
            a constraint depends on the draw, so that the draw's own optimum may do what the choice must not.
        loss: the law's response at that choice in every draw, shape (scenario, draw).
        optima: each draw's own optimum, each input shape (scenario, draw), and a size for shares.
        optimum: its objective, shape (scenario, draw).
        status: a `SolutionStatus` for each of those, shape (scenario, draw).
        residual: residual of the Karush-Kuhn-Tucker conditions of each, relative, shape (scenario, draw).
        agreement: share of the starts that led to the best optimum of a draw near the middle, shape (scenario,).
        limits: how the choice stands to each constraint.
        criterion: what makes the one choice best over draws.
        prob: probability of the intervals and of the criterion.
        method: how the optima were found.
        verdict: notes of the draws and of the solution.
        basis: the runs that the draws rest on.
        scenarios: inputs that were held at a list of numbers, each shape (scenario,).
    """

    kind: ClassVar[str] = "solution"

    law: Law
    aim: str
    inputs: dict[str, np.ndarray]
    names: dict[str, list[str]]
    objective: np.ndarray
    objective_interval: tuple[np.ndarray, np.ndarray]
    regret: np.ndarray
    loss: np.ndarray
    optima: dict[str, np.ndarray]
    optimum: np.ndarray
    status: np.ndarray
    residual: np.ndarray
    agreement: np.ndarray
    limits: tuple[Limit, ...]
    criterion: str
    prob: float
    method: str
    verdict: Verdict
    basis: Basis = dataclasses.field(default_factory=Basis)
    scenarios: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.objective)

    def __getitem__(self, name: str) -> Any:
        """An input of the choice in the first scenario: a number, a vector, or the name of a named choice.

        Raises:
            InputError: an input that was not chosen.
        """
        if name in self.names:
            return self.names[name][0]
        value = self._chosen(self.inputs, name)[0]
        return float(value) if np.ndim(value) == 0 else value

    @property
    def value_of_information(self) -> np.ndarray:
        """What knowing the law for certain before choosing would be worth, in the objective, shape (scenario,).

        It is the expected regret of acting now, an upper bound on what any further run can be worth (the expected value
        of perfect information); exactly that where the criterion is "mean".
        """
        return self.regret

    def interval(self, name: str, prob: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Central interval of an input's optimum over draws, two arrays of shape (scenario,).

        Raises:
            InputError: an input that was not chosen.
        """
        return central(self._chosen(self.optima, name), self.prob if prob is None else prob)

    def share_of(self, name: str, value: float) -> np.ndarray:
        """In which share of the draws a listed value is the best, shape (scenario,).

        Raises:
            InputError: an input that was not chosen.
        """
        return np.mean(np.isclose(self._chosen(self.optima, name), value, rtol=1e-12), axis=1)

    def _chosen(self, known: Mapping[str, np.ndarray], name: str) -> np.ndarray:
        if name not in known:
            raise InputError(f"`{name}` was not chosen by this solution; it chose {list(self.inputs)}.")
        return known[name]

    @property
    def _columns(self) -> list[Column]:
        return columns_of(self.inputs, self.optima, self.names)

    def to_frame(self) -> Any:
        """One row per scenario, as a pandas frame."""
        import pandas as pd

        columns: dict[str, Any] = dict(self.scenarios)
        for column in self._columns:
            columns |= column.frame(self.prob)
        columns |= {
            "objective": self.objective,
            "objective_low": self.objective_interval[0],
            "objective_high": self.objective_interval[1],
            "regret": self.regret,
            "loss": self.loss.mean(axis=1),
        }
        for i, limit in enumerate(self.limits):
            columns |= {f"limit_{i + 1}": limit.limit, f"value_{i + 1}": limit.value, f"price_{i + 1}": limit.price}
        return pd.DataFrame(columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        rows = self.to_frame().to_dict("records")
        return plain(
            {
                "law": self.law.name,
                "aim": self.aim,
                "criterion": self.criterion,
                "prob": self.prob,
                "method": self.method,
                "num_draws": self.status.shape[1],
                "solutions": rows,
                "constraints": [limit.to_dict() for limit in self.limits],
                "agreement": self.agreement.tolist(),
                "worst_residual": float(np.nanmax(self.residual)),
                "value_of_information": self.value_of_information.tolist(),
                **self.basis.to_dict(),
                "verdict": self.verdict.to_dict(),
            }
        )

    def summary(self) -> str:
        """A table with one row per scenario, and one of the constraints."""
        return "\n".join(
            [self._choices_table(), *([limits_table(self.limits)] if self.limits else []), str(self.verdict)]
        )

    def _choices_table(self) -> str:
        percent = f"{100 * self.prob:g} %"
        draws = self.status.shape[1]
        last = 2 if draws > 1 else 1
        headers = list(self.scenarios)
        headers += [header for c in self._columns for header in (c.name, f"{c.name} {percent}")[:last]]
        headers += ["objective", f"objective {percent}", "regret"][: 3 if draws > 1 else 1]
        rows = []
        for i in range(len(self)):
            cells = [number(held[i]) for held in self.scenarios.values()]
            cells += [cell for column in self._columns for cell in column.cells(i, self.prob)[:last]]
            regret = number(self.regret[i], 2) if np.isfinite(self.regret[i]) else "-"
            tail = [number(self.objective[i], 5), span(self.objective_interval, i), regret]
            rows.append([*cells, *tail[: 3 if draws > 1 else 1]])
        title = f"{self.law.name}, {self.aim}: {draws} draw{'s' * (draws > 1)}, {self.criterion}, {self.method}"
        return table(headers, rows, title=title)

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the solution is made of."""
        plain_fields = ("aim", "names", "criterion", "prob", "method")
        meta = {
            **law_meta(self.law),
            **{name: getattr(self, name) for name in plain_fields},
            "inputs": list(self.inputs),
            "scenarios": list(self.scenarios),
            "limits": limits_texts(self.limits),
            "basis": self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }
        arrays = {
            **{f"scenario.{name}": array for name, array in self.scenarios.items()},
            **{f"input.{name}": array for name, array in self.inputs.items()},
            **{f"optimum.{name}": np.moveaxis(array, 1, 0) for name, array in self.optima.items()},
            **{f"per_draw.{name}": getattr(self, name).T for name in PER_DRAW},
            **{name: getattr(self, name) for name in PER_SCENARIO},
            "objective_low": self.objective_interval[0],
            "objective_high": self.objective_interval[1],
            **limits_arrays(self.limits),
        }
        return Record(meta, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Law | None) -> Self:
        """The solution that `to_record` described."""
        assert law is not None
        meta, arrays = record.meta, record.arrays
        return cls(
            law=law,
            inputs={name: arrays[f"input.{name}"] for name in meta["inputs"]},
            optima={name: np.moveaxis(arrays[f"optimum.{name}"], 1, 0) for name in meta["inputs"]},
            objective_interval=(arrays["objective_low"], arrays["objective_high"]),
            limits=limits_from(meta["limits"], arrays),
            basis=Basis(**meta["basis"]),
            scenarios={name: arrays[f"scenario.{name}"] for name in meta["scenarios"]},
            verdict=Verdict.from_dict(meta["verdict"]),
            **{name: arrays[f"per_draw.{name}"].T for name in PER_DRAW},
            **{name: arrays[name] for name in PER_SCENARIO},
            **{name: meta[name] for name in ("aim", "names", "criterion", "prob", "method")},
        )


PER_DRAW = ("loss", "optimum", "status", "residual")
PER_SCENARIO = ("objective", "regret", "agreement")
