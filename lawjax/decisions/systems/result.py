"""`SystemComparison`: two systems against each other, budget by budget, as `compare_systems` gives it."""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Basis
from lawjax.storage import Record, Stored
from lawjax.text import number, table
from lawjax.verdict import Verdict

MOST_ROWS = 9
"""Budgets that the printed table shows; `to_frame` has all."""
BY_BUDGET = (
    *("response_a", "response_b", "difference", "difference_low", "difference_high", "prob_a_better"),
    *("gain", "gain_low", "gain_high", "prob_never"),
)
BY_DRAW = ("crossover", "crossings", "ratio")
WORDS = ("response", "unit", "better", "paired", "prob", "target")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class SystemComparison(Stored):
    """Two systems, A and B, against each other.

    Attributes:
        names: what A and B are called.
        laws: the names of their laws.
        along: what each is taken along: "compute", or an input.
        unit: the unit of the budgets.
        response: what is compared.
        better: "lower" or "higher".
        paired: how draws were put together, in words.
        prob: probability of the intervals.
        budgets: amounts at which they are compared, shape (budget,).
        response_a, response_b: the median response of each, shape (budget,).
        difference, difference_low, difference_high: response of A less that of B, median and interval, shape (budget,).
        prob_a_better: probability that A is better, shape (budget,).
        gain, gain_low, gain_high: how many times the budget B needs for the response that A has, median and interval,
            shape (budget,); infinite where B does not get there, 0 where a billionth is enough.
        prob_never: probability that B does not get there with a billion times the highest budget, shape (budget,).
        crossover: the last budget in the range at which they change order, NaN where they do not, shape (draw,).
        crossings: how often they change order in the range, shape (draw,).
        target: the response of `ratio`, or None.
        ratio: how many times the budget of A B needs for the target, shape (draw,): infinite where only A gets there, 0
            where only B does, NaN where neither does, or both below a billionth of the range; None without a target.
        verdict: in words.
        bases: the runs that each rests on.
    """

    kind: ClassVar[str] = "system-comparison"

    names: tuple[str, str]
    laws: tuple[str, str]
    along: tuple[str, str]
    unit: str
    response: str
    better: str
    paired: str
    prob: float
    budgets: np.ndarray
    response_a: np.ndarray
    response_b: np.ndarray
    difference: np.ndarray
    difference_low: np.ndarray
    difference_high: np.ndarray
    prob_a_better: np.ndarray
    gain: np.ndarray
    gain_low: np.ndarray
    gain_high: np.ndarray
    prob_never: np.ndarray
    crossover: np.ndarray
    crossings: np.ndarray
    verdict: Verdict
    bases: tuple[Basis, Basis]
    target: float | None = None
    ratio: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.crossover)

    @property
    def prob_crossover(self) -> float:
        """Probability that they change order in the range."""
        return float(np.mean(np.isfinite(self.crossover)))

    def crossover_interval(self, prob: float | None = None) -> tuple[float, float, float]:
        """Lower edge, median and upper edge of the crossover, given that there is one; NaN where no draw has one."""
        return spread(self.crossover, self.prob if prob is None else prob)

    def ratio_interval(self, prob: float | None = None) -> tuple[float, float, float]:
        """Lower edge, median and upper edge of the ratio at the target, of the draws in which either gets there."""
        ratio = np.array([]) if self.ratio is None else self.ratio
        return spread(ratio, self.prob if prob is None else prob)

    def _columns(self) -> dict[str, np.ndarray]:
        return {"budget": self.budgets, **{name: getattr(self, name) for name in BY_BUDGET}}

    def to_frame(self) -> Any:
        """One row per budget, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        low, median, high = self.crossover_interval()
        rows = [dict(zip(self._columns(), row)) for row in zip(*(c.tolist() for c in self._columns().values()))]
        crossover = {"median": median, "interval": [low, high], "probability": self.prob_crossover}
        return {
            "names": list(self.names),
            "laws": list(self.laws),
            "along": list(self.along),
            **{name: getattr(self, name) for name in WORDS},
            "num_draws": len(self),
            "budgets": rows,
            "crossover": crossover,
            **({} if self.ratio is None else {"ratio": dict(zip(("low", "median", "high"), self.ratio_interval()))}),
            "bases": [basis.to_dict() for basis in self.bases],
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A table of some of the budgets, and what there is to say."""
        shown = np.unique(np.linspace(0, len(self.budgets) - 1, MOST_ROWS).round().astype(int))
        columns = {name: column for name, column in self._columns().items() if name != "prob_never"}
        rows = [[number(cell) for cell in row] for row in zip(*(column[shown] for column in columns.values()))]
        described = (f"{name} ({law} along {along})" for name, law, along in zip(self.names, self.laws, self.along))
        title = f"A = {next(described)}, B = {next(described)}: {self.response} [{self.better} is better]"
        counted = f"{len(self)} {'draw' if len(self) == 1 else 'draws'}, {self.paired}; {self.prob:.0%} intervals"
        footer = f"budget in {self.unit or 'the unit of the input'}; {counted}\n{self.verdict}"
        return table(list(columns), rows, title=title, footer=footer)

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the comparison is made of."""
        arrays = {name: getattr(self, name) for name in ("budgets", *BY_BUDGET, *BY_DRAW)}
        pairs = {name: list(getattr(self, name)) for name in ("names", "laws", "along")}
        facts = {**pairs, **{name: getattr(self, name) for name in WORDS}, "verdict": self.verdict.to_dict()}
        bases = [basis.to_dict() for basis in self.bases]
        return Record({"systems": facts, "bases": bases}, {k: v for k, v in arrays.items() if v is not None})

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The comparison that `to_record` described."""
        facts: dict[str, Any] = dict(record.meta["systems"])
        arrays: dict[str, Any] = dict(record.arrays)
        first, second = (Basis(**basis) for basis in record.meta["bases"])
        pairs = {name: tuple(facts.pop(name)) for name in ("names", "laws", "along")}
        verdict = Verdict.from_dict(facts.pop("verdict"))
        return cls(**pairs, **facts, **arrays, verdict=verdict, bases=(first, second))


def spread(values: np.ndarray, prob: float) -> tuple[float, float, float]:
    """Lower edge, median and upper edge of the values that are numbers, infinite ones in their place; NaN of none.

    Example:
        >>> spread(np.array([1.0, 2.0, np.inf, np.nan]), 0.9)
        (1.0, 2.0, inf)
    """
    known = np.asarray(values)[~np.isnan(values)]
    if not len(known):
        return (np.nan, np.nan, np.nan)
    low, median, high = quantiles(known, prob)
    return float(low), float(median), float(high)


def quantiles(values: np.ndarray, prob: float) -> np.ndarray:
    """Lower edge, median and upper edge over the last axis, each a value of some draw, as infinite ones need.

    Example:
        >>> quantiles(np.array([[1.0, 2.0, np.inf]]), 0.9).tolist()
        [[1.0], [2.0], [inf]]
    """
    return np.quantile(values, [(1 - prob) / 2, 0.5, (1 + prob) / 2], axis=-1, method="inverted_cdf")
