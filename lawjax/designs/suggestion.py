"""`Suggestion`: the runs to make next, and what each is expected to do for the decision."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Basis, flat_columns
from lawjax.storage import Record, Stored, plain
from lawjax.text import number, table, values
from lawjax.verdict import Verdict

ALONG = ("sd", "width", "regret")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Suggestion(Stored):
    """The runs to make next.

    Attributes:
        law: name of the law.
        decision: what the runs are to make sure of, in words.
        criterion: "information" or "regret".
        index: place of each run among the candidates, from 0, shape (run,); in the order in which they tell most.
        inputs: of each run, one array per input, leading with (run,).
        cost: of each run, shape (run,).
        budget: what could be spent.
        unit: its unit.
        sd: expected standard deviation of the decision on its line (of the logarithm where it is positive), before any
            new run and after each, the geometric mean over draws, shape (run + 1,).
        width: width of the interval of that, natural units, shape (run + 1,).
        regret: expected loss above the least for deciding on what is known then, shape (run + 1,); NaN where the
            decision is not how to spend a budget.
        value: fall of the criterion per unit of cost that one run of each candidate brings, shape (candidate,).
        middle: the decision itself, the median over draws, natural units.
        prob: probability of the interval.
        noise: standard deviation of one run's response in the residual space.
        num_draws: draws that the expectation is over.
        verdict: notes of the source and of the suggestion.
        basis: the runs that the source rests on.
    """

    kind: ClassVar[str] = "suggestion"

    law: str
    decision: str
    criterion: str
    index: np.ndarray
    inputs: dict[str, np.ndarray]
    cost: np.ndarray
    budget: float
    unit: str
    sd: np.ndarray
    width: np.ndarray
    regret: np.ndarray
    value: np.ndarray
    middle: float
    prob: float
    noise: float
    num_draws: int
    verdict: Verdict
    basis: Basis = dataclasses.field(default_factory=Basis)

    def __len__(self) -> int:
        return len(self.index)

    @property
    def design(self) -> dict[str, np.ndarray]:
        """The runs as a design: a column per input, a row per run."""
        return dict(self.inputs)

    @property
    def spent(self) -> float:
        """Cost of all runs together."""
        return float(np.sum(self.cost))

    @property
    def counts(self) -> dict[int, int]:
        """How many runs of each candidate, by its place."""
        found, counts = np.unique(self.index, return_counts=True)
        return {int(place): int(count) for place, count in zip(found, counts, strict=True)}

    def to_frame(self) -> Any:
        """One row per run, as a pandas frame: inputs, cost, and what is expected once it is made."""
        import pandas as pd

        after = {f"{name}_after": getattr(self, name)[1:] for name in ALONG}
        return pd.DataFrame({"candidate": self.index, **flat_columns(self.inputs), "cost": self.cost, **after})

    def to_dict(self) -> dict[str, Any]:
        """Everything a program needs to make the runs, JSON-able."""
        facts = ("law", "decision", "criterion", "budget", "unit", "middle", "prob", "noise", "num_draws", "spent")
        before = {name: float(getattr(self, name)[0]) for name in ALONG}
        record = {
            **{name: getattr(self, name) for name in facts},
            "before": before,
            "runs": self.to_frame().to_dict(orient="records"),
            "value": self.value,
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }
        return plain(record)

    def summary(self) -> str:
        """A table with one row per run; runs of one configuration in a row together."""
        flat = flat_columns(self.inputs)
        regrets = bool(np.isfinite(self.regret[0]))
        headers = ["runs", *flat, f"cost [{self.unit}]", "sd", f"{100 * self.prob:g} % width"] + ["regret"] * regrets
        rows = [["now", *[""] * (len(flat) + 1), *self._state(0, regrets)]]
        for first, last in self._stretches():
            cells = [number(column[first]) for column in flat.values()]
            paid = number(float(np.sum(self.cost[first:last])))
            rows.append([str(last - first), *cells, paid, *self._state(last, regrets)])
        title = (
            f"{self.law}: {len(self)} runs for {number(self.spent)} of {number(self.budget)} {self.unit}, "
            f"to make sure of {self.decision} (now {values(self.middle)}), by {self.criterion}"
        )
        return table(headers, rows, title=title, footer=str(self.verdict))

    def _state(self, place: int, regrets: bool) -> list[str]:
        found = [number(self.sd[place], 3), number(self.width[place], 3)]
        return [*found, number(self.regret[place], 2)] if regrets else found

    def _stretches(self) -> list[tuple[int, int]]:
        """First and last place, the latter excluded, of each stretch of equal runs."""
        starts = [0, *(np.flatnonzero(np.diff(self.index)) + 1).tolist()] if len(self) else []
        return list(zip(starts, [*starts[1:], len(self)], strict=True))

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the suggestion is made of."""
        words = ("decision", "criterion", "budget", "unit", "middle", "prob", "noise", "num_draws")
        meta = {name: getattr(self, name) for name in words}
        meta |= {"law_name": self.law, "verdict": self.verdict.to_dict(), "basis": self.basis.to_dict()}
        arrays = {name: getattr(self, name) for name in ("index", "cost", "value", *ALONG)}
        return Record(meta, {**{f"input.{name}": column for name, column in self.inputs.items()}, **arrays})

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The suggestion that `to_record` described."""
        meta, arrays = record.meta, record.arrays
        words = ("decision", "criterion", "budget", "unit", "middle", "prob", "noise", "num_draws")
        prefix = "input."
        fields: dict[str, Any] = {name: meta[name] for name in words}
        fields |= {name: arrays[name] for name in ("index", "cost", "value", *ALONG)}
        return cls(
            law=meta["law_name"],
            inputs={name.removeprefix(prefix): a for name, a in arrays.items() if name.startswith(prefix)},
            verdict=Verdict.from_dict(meta["verdict"]),
            basis=Basis(**meta["basis"]),
            **fields,
        )
