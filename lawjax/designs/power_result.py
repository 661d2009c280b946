"""`Power`: how many runs a question needs, and what fewer or more would give."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.storage import Record, Stored, plain
from lawjax.text import number, table
from lawjax.verdict import Verdict

COLUMNS = ("repeats", "runs", "cost", "sd", "width", "power")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Power(Stored):
    """How many runs a question needs.

    Attributes:
        question: in words.
        needed: how often the design must be made, in whole repeats; infinite where no number is enough. Without a
            design, by how much the runs must be multiplied.
        needed_runs: runs that are then made.
        needed_cost: what they cost; NaN where that is not known.
        unit: unit of the cost.
        repeats: of the design, in rows of the table, shape (row,).
        runs: then made, shape (row,).
        cost: of those, shape (row,).
        sd: expected standard deviation of the quantity on its line, shape (row,); NaN for two laws.
        width: expected width of its interval, natural units, shape (row,); NaN for two laws.
        power: probability that the effect shows, or that the right law wins, shape (row,); NaN where no effect was
            asked.
        prob: probability of the intervals.
        num_draws: sets of parameters that the expectation is over.
        verdict: coded notes.
    """

    kind: ClassVar[str] = "power"

    question: str
    needed: float
    needed_runs: float
    needed_cost: float
    unit: str
    repeats: np.ndarray
    runs: np.ndarray
    cost: np.ndarray
    sd: np.ndarray
    width: np.ndarray
    power: np.ndarray
    prob: float
    num_draws: int
    verdict: Verdict

    def to_frame(self) -> Any:
        """One row per number of repeats, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS})

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data."""
        facts = ("question", "needed", "needed_runs", "needed_cost", "unit", "prob", "num_draws")
        record = {name: getattr(self, name) for name in facts}
        rows = self.to_frame().to_dict(orient="records")
        return plain({**record, "table": rows, "verdict": self.verdict.to_dict()})

    def summary(self) -> str:
        """A table with one row per number of repeats."""
        shown = [name for name in COLUMNS if np.any(np.isfinite(getattr(self, name)))]
        heads = {"cost": f"cost [{self.unit}]", "sd": "sd on its line", "width": f"{100 * self.prob:g} % width"}
        rows = [[_cell(name, float(getattr(self, name)[i])) for name in shown] for i in range(len(self.repeats))]
        paid = f", {number(self.needed_cost)} {self.unit}" if np.isfinite(self.needed_cost) else ""
        answer = f"{self.needed_runs:,.0f} runs{paid}" if np.isfinite(self.needed) else "no number of such runs"
        title = f"{self.question}: {answer} ({self.num_draws} draw{'s' * (self.num_draws > 1)})"
        return table([heads.get(name, name) for name in shown], rows, title=title, footer=str(self.verdict))

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the answer is made of."""
        words = {name: getattr(self, name) for name in ("question", "unit", "prob", "num_draws")}
        needed = np.array([self.needed, self.needed_runs, self.needed_cost])
        arrays = {**{name: getattr(self, name) for name in COLUMNS}, "needed": needed}
        return Record({**words, "verdict": self.verdict.to_dict()}, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The answer that `to_record` described."""
        arrays = dict(record.arrays)
        needed, runs, cost = (float(value) for value in arrays.pop("needed"))
        fields: dict[str, Any] = {name: record.meta[name] for name in ("question", "unit", "prob", "num_draws")}
        fields |= {**arrays, "needed": needed, "needed_runs": runs, "needed_cost": cost}
        return cls(**fields, verdict=Verdict.from_dict(record.meta["verdict"]))


def _cell(name: str, value: float) -> str:
    return f"{value:,.6g}" if name in ("repeats", "runs") and value < 1e6 else number(value, 3)
