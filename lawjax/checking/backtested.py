"""`Backtest`: what a back-test found, by cut, by row, and by how far beyond the cut a row lies."""

import dataclasses
import itertools
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from lawjax.data.runs import Basis
from lawjax.laws.base import Law
from lawjax.storage import Record, Stored
from lawjax.text import number, table
from lawjax.verdict import Verdict

FACTORS = (2.0, 4.0, 10.0, 30.0, 100.0)
"""Where `by_distance` parts the rows: times beyond the cut."""
PER_CASE = ("table", "law", "estimator", "cut", "num_train")
SCORES = ("relative_error", "bias", "coverage", "mean_coverage", "width", "crps", "log_score")


class Rows(NamedTuple):
    """Rows above a cut; every array has shape (row,).

    Attributes:
        distance: how many times beyond the cut.
        seen: what the response was.
        median: what was predicted.
        low, high: the band for a new run.
        mean_low, mean_high: the band for the law's mean.
        crps: continuous ranked probability score in the residual space, lower is better.
        log_score: log predictive density in the residual space, higher is better.
    """

    distance: np.ndarray
    seen: np.ndarray
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean_low: np.ndarray
    mean_high: np.ndarray
    crps: np.ndarray
    log_score: np.ndarray

    @property
    def relative(self) -> np.ndarray:
        """Relative error, positive where too much was predicted."""
        return self.median / self.seen - 1

    @property
    def inside(self) -> np.ndarray:
        """Whether the band for a new run held the row."""
        return (self.low <= self.seen) & (self.seen <= self.high)

    @property
    def inside_mean(self) -> np.ndarray:
        """Whether the band for the mean held the row, which it is not meant to."""
        return (self.mean_low <= self.seen) & (self.seen <= self.mean_high)

    @property
    def width(self) -> np.ndarray:
        """Width of the band for a new run, relative to the prediction."""
        return (self.high - self.low) / np.abs(self.median)

    def scores(self) -> dict[str, np.ndarray]:
        """What is averaged over rows."""
        return {
            "relative_error": np.abs(self.relative),
            "bias": self.relative,
            "coverage": self.inside.astype(float),
            "mean_coverage": self.inside_mean.astype(float),
            "width": self.width,
            "crps": self.crps,
            "log_score": self.log_score,
        }


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Backtest(Stored):
    """How well laws fitted below cuts predict what lies above.

    The scores (`relative_error`, `bias`, `coverage`, `mean_coverage`, `width`, `crps`, `log_score`) are means over the
    rows above each cut, shape (case,).

    Attributes:
        table, law, estimator: what each case is about.
        cut: largest position that was fitted, shape (case,).
        num_train: rows fitted, shape (case,).
        case: which case each predicted row belongs to, shape (row,).
        rows: the predicted rows of all cases.
        prob: nominal probability of the bands.
        verdict: notes.
        basis: the runs that were cut (the first table's).
    """

    kind: ClassVar[str] = "backtest"

    table: tuple[str, ...]
    law: tuple[str, ...]
    estimator: tuple[str, ...]
    cut: np.ndarray
    num_train: np.ndarray
    case: np.ndarray
    rows: Rows
    prob: float
    verdict: Verdict
    basis: Basis

    def __len__(self) -> int:
        return len(self.cut)

    def __getattr__(self, name: str) -> np.ndarray:
        if name not in SCORES:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
        return self._mean(self.rows.scores()[name])

    @property
    def num_test(self) -> np.ndarray:
        """Rows predicted, shape (case,)."""
        return np.bincount(self.case, minlength=len(self))

    @property
    def reach(self) -> np.ndarray:
        """The furthest predicted row over the cut, shape (case,)."""
        furthest = np.zeros(len(self))
        np.maximum.at(furthest, self.case, self.rows.distance)
        return furthest

    @property
    def contender(self) -> tuple[str, ...]:
        """Law and estimator of each case, in words."""
        return tuple(f"{law} [{way}]" for law, way in zip(self.law, self.estimator, strict=True))

    def with_verdict(self, verdict: Verdict) -> Self:
        """The same with other notes."""
        return dataclasses.replace(self, verdict=verdict)

    def to_frame(self) -> Any:
        """One row per table, law, estimator and cut, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def rows_frame(self) -> Any:
        """One row per predicted run, as a pandas frame."""
        import pandas as pd

        told = {name: np.asarray(getattr(self, name))[self.case] for name in PER_CASE}
        return pd.DataFrame({**told, **self.rows._asdict()})

    def by_distance(self) -> Any:
        """Mean scores of each law and estimator by how many times beyond the cut the rows lie, as a pandas frame."""
        import pandas as pd

        edges = np.array([1.0, *FACTORS, np.inf])
        labels = [f"{number(low)} to {number(high)}" for low, high in itertools.pairwise(edges[:-1])]
        part = np.digitize(self.rows.distance, edges[1:-1])
        columns = {
            "contender": np.asarray(self.contender)[self.case],
            "beyond": np.array([*labels, f"over {number(edges[-2])}"])[part],
            "part": part,
            "rows": 1,
            **self.rows.scores(),
        }
        how: dict[str, str] = {"rows": "sum", **dict.fromkeys(SCORES, "mean")}
        grouped = pd.DataFrame(columns).groupby(["contender", "part", "beyond"], sort=True).agg(how)
        return grouped.reset_index().drop(columns="part")

    def to_dict(self) -> dict[str, Any]:
        """The back-test as plain data."""
        rows = self.to_frame().to_dict(orient="records")
        return {"prob": self.prob, "cuts": rows, **self.basis.to_dict(), "verdict": self.verdict.to_dict()}

    def summary(self) -> str:
        """A table with one row per cut, or per law and estimator where there are several tables."""
        columns = self._columns() if len(set(self.table)) == 1 else self._by_contender()
        shown = {name: column for name, column in columns.items() if len(set(map(str, column))) > 1 or name == "law"}
        rows = [[_cell(value) for value in row] for row in zip(*shown.values(), strict=True)]
        title = f"fitted below each cut, scored above it; nominal coverage {self.prob:.0%}"
        return table(list(shown), rows, title=title, footer=str(self.verdict))

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the back-test is made of."""
        words = {name: list(getattr(self, name)) for name in ("table", "estimator")} | {"laws": list(self.law)}
        facts = {"prob": self.prob, "verdict": self.verdict.to_dict(), "basis": self.basis.to_dict()}
        arrays = {name: getattr(self, name) for name in ("cut", "num_train", "case")} | self.rows._asdict()
        return Record({**words, **facts}, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Law | None = None) -> Self:
        """The back-test that `to_record` described."""
        meta, arrays = record.meta, record.arrays
        return cls(
            table=tuple(meta["table"]),
            law=tuple(meta["laws"]),
            estimator=tuple(meta["estimator"]),
            rows=Rows(*(arrays[name] for name in Rows._fields)),
            prob=meta["prob"],
            verdict=Verdict.from_dict(meta["verdict"]),
            basis=Basis(**meta["basis"]),
            **{name: arrays[name] for name in ("cut", "num_train", "case")},
        )

    def _columns(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in PER_CASE}
        return {
            **told,
            "num_test": self.num_test,
            "reach": self.reach,
            **{name: getattr(self, name) for name in SCORES},
        }

    def _by_contender(self) -> dict[str, Any]:
        """Means over the rows of all tables."""
        names = np.asarray(self.contender)[self.case]
        kept = list(dict.fromkeys(self.contender))
        scores = self.rows.scores()
        means = {name: [float(np.mean(scores[name][names == one])) for one in kept] for name in SCORES}
        return {"law": kept, "rows": [int(np.sum(names == one)) for one in kept], **means}

    def _mean(self, column: np.ndarray) -> np.ndarray:
        return np.bincount(self.case, weights=column, minlength=len(self)) / self.num_test


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else number(value)
