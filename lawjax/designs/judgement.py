"""`Identifiability`: what a planned design will be able to say, before any of its runs is made."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.storage import Record, Stored, plain
from lawjax.text import number, table
from lawjax.verdict import Verdict

COLUMNS = ("value", "sd", "low", "high", "width", "width_low", "width_high", "inflation")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Identifiability(Stored):
    """What a planned design will be able to say.

    Attributes:
        law: name of the law.
        names: of the quantities: free parameters first, then what was asked for.
        value: what each was supposed to be, the median over draws, shape (quantity,).
        sd: expected standard deviation of its estimate on its line (of the logarithm where it is positive), the median
            over draws, shape (quantity,); infinite where the runs leave it open.
        low, high: ends of the expected interval around `value`, natural units, shape (quantity,).
        width: expected width of that interval, natural units, the median over draws, shape (quantity,).
        width_low, width_high: the same at the ends of the central `prob` of the draws.
        inflation: by how much `sd` exceeds what it would be were all other parameters known; NaN for what is no
            parameter, shape (quantity,).
        prob: probability of the intervals.
        condition: condition number of the information scaled to unit length, the median over draws.
        tradeoff: the direction of which the runs say least, in words.
        num_runs: planned runs, repeats counted.
        num_observed: runs that are there already.
        num_draws: sets of parameters that the expectation is over.
        noise: standard deviation of a planned run in the residual space, root mean square.
        space: that space.
        cost: what the planned runs cost together, NaN where the cost's inputs are not in the design.
        unit: unit of the cost.
        verdict: coded notes.
    """

    kind: ClassVar[str] = "identifiability"

    law: str
    names: tuple[str, ...]
    value: np.ndarray
    sd: np.ndarray
    low: np.ndarray
    high: np.ndarray
    width: np.ndarray
    width_low: np.ndarray
    width_high: np.ndarray
    inflation: np.ndarray
    prob: float
    condition: float
    tradeoff: str
    num_runs: int
    num_observed: int
    num_draws: int
    noise: float
    space: str
    cost: float
    unit: str
    verdict: Verdict

    def __getitem__(self, name: str) -> dict[str, float]:
        """What is expected of one quantity, by column."""
        place = self.names.index(name)
        return {column: float(getattr(self, column)[place]) for column in COLUMNS}

    def to_frame(self) -> Any:
        """One row per quantity, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame({"quantity": self.names, **{name: getattr(self, name) for name in COLUMNS}})

    def to_dict(self) -> dict[str, Any]:
        """The expectation as plain data."""
        rows = [{"quantity": name, **self[name]} for name in self.names]
        return plain({**self._facts, "quantities": rows, "verdict": self.verdict.to_dict()})

    @property
    def _facts(self) -> dict[str, Any]:
        names = ("prob", "condition", "tradeoff", "num_runs", "num_observed", "num_draws", "noise", "space", "cost")
        return {"law": self.law, **{name: getattr(self, name) for name in names}, "unit": self.unit}

    def summary(self) -> str:
        """A table with one row per quantity."""
        headers = ["", "value", f"expected {100 * self.prob:g} % interval", "width", "sd on its line", "inflation"]
        rows = [self._row(i) for i in range(len(self.names))]
        runs = f"{self.num_runs} planned run{'s' * (self.num_runs != 1)}"
        more = f" and {self.num_observed} observed" if self.num_observed else ""
        draws = f"{self.num_draws} draw{'s' * (self.num_draws > 1)}"
        title = f"{self.law}: {runs}{more}, noise {number(self.noise, 3)} ({self.space}), {draws}"
        flat = f"condition number {number(self.condition, 2)}" + (f"; {self.tradeoff}" if self.tradeoff else "")
        return table(headers, rows, title=title, footer=f"{flat}\n{self.verdict}")

    def _row(self, i: int) -> list[str]:
        inflation = number(self.inflation[i], 3) if np.isfinite(self.inflation[i]) else ""
        ends = f"{number(self.low[i])} to {number(self.high[i])}"
        return [self.names[i], number(self.value[i]), ends, number(self.width[i], 3), number(self.sd[i], 3), inflation]

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the result is made of."""
        facts = {f"fact_{name}": value for name, value in self._facts.items()}
        meta = {**facts, "names": list(self.names), "verdict": self.verdict.to_dict()}
        numbers = {name: np.array([meta.pop(f"fact_{name}")]) for name in ("condition", "cost")}
        return Record(meta, {**{name: getattr(self, name) for name in COLUMNS}, **numbers})

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The result that `to_record` described."""
        prefix = "fact_"
        facts = {key.removeprefix(prefix): v for key, v in record.meta.items() if key.startswith(prefix)}
        arrays = dict(record.arrays)
        numbers = {name: float(arrays.pop(name)[0]) for name in ("condition", "cost")}
        verdict = Verdict.from_dict(record.meta["verdict"])
        fields: dict[str, Any] = {**facts, **numbers, **arrays}
        return cls(**fields, names=tuple(record.meta["names"]), verdict=verdict)
