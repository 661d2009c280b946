"""`Forecast`: the answer, with what it was made of and how it did on the past."""

import dataclasses
from collections.abc import Iterator, Mapping
from statistics import NormalDist
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Basis
from lawjax.errors import choose
from lawjax.laws.base import Law
from lawjax.precision import seed_of
from lawjax.storage import Record, Stored
from lawjax.text import number, table
from lawjax.verdict import Verdict

NUM_SAMPLES = 4096
PER_ROW = ("median", "low", "high", "beyond", "widening")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Past:
    """How the same forecast did on runs beyond earlier cuts.

    Attributes:
        num_origins: cuts that were tried.
        num_runs: runs that were predicted, those of several cuts counted each time.
        relative_error: mean absolute relative error.
        coverage: share inside the band before it was widened.
        furthest: times beyond the cut of the furthest of them.
        persistence_error: relative error of saying that the response stays as it was at the cut.
    """

    num_origins: int
    num_runs: int
    relative_error: float
    coverage: float
    furthest: float
    persistence_error: float


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Forecast(Stored):
    """What runs at the targets will give.

    Attributes:
        inputs: the targets, one array per input, shape (row,).
        response: name of what is forecast.
        median, low, high: middle and edges of the band, in the response's unit, shape (row,).
        prob: probability of the band.
        kind_of_band: "new_run" or "mean".
        along: the column that is extrapolated along.
        beyond: times beyond the furthest run along it, shape (row,).
        widening: what the band's half widths were multiplied by for what the past showed, shape (row,).
        laws: the laws that were averaged.
        weights: of each, shape (law,).
        by_law: middle of each law, shape (law, row).
        past: how the same forecast did beyond earlier cuts; None where there are too few runs to try it.
        verdict: notes.
        basis: the runs that it rests on.
    """

    kind: ClassVar[str] = "forecast"

    inputs: dict[str, np.ndarray]
    response: str
    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    prob: float
    kind_of_band: str
    along: str
    beyond: np.ndarray
    widening: np.ndarray
    laws: tuple[str, ...]
    weights: np.ndarray
    by_law: np.ndarray
    past: Past | None
    verdict: Verdict
    basis: Basis

    def __len__(self) -> int:
        return len(self.median)

    def to_frame(self) -> Any:
        """One row per target, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def _columns(self) -> dict[str, np.ndarray]:
        return {**self.inputs, **{name: getattr(self, name) for name in PER_ROW}}

    def to_dict(self) -> dict[str, Any]:
        """The forecast as plain data."""
        columns = self._columns()
        return {
            "response": self.response,
            "prob": self.prob,
            "kind": self.kind_of_band,
            "along": self.along,
            "rows": [dict(zip(columns, row)) for row in zip(*(column.tolist() for column in columns.values()))],
            "laws": [
                {"law": law, "weight": float(weight), "median": middle.tolist()}
                for law, weight, middle in zip(self.laws, self.weights, self.by_law, strict=True)
            ],
            "past": None if self.past is None else dataclasses.asdict(self.past),
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """The answer as a table, the laws that made it, and how it did on the past."""
        rows = [[number(cell) for cell in row] for row in zip(*self._columns().values())]
        what = "single new runs" if self.kind_of_band == "new_run" else "the mean"
        answer = table(list(self._columns()), rows, title=f"{self.response} of {what}, central {self.prob:.0%} band")
        parts = [[law, f"{w:.0%}", number(m[-1])] for law, w, m in zip(self.laws, self.weights, self.by_law)]
        made_of = table(["law", "weight", "at the last row"], parts, footer=f"{self._told()}\n{self.verdict}")
        return f"{answer}\n{made_of}"

    def _told(self) -> str:
        if self.past is None:
            return "too few runs to try this on the past"
        past = self.past
        return (
            f"on the past ({past.num_origins} origins, up to {number(past.furthest, 3)} times beyond): relative error "
            f"{past.relative_error:.2%} (had nothing changed {past.persistence_error:.2%}), "
            f"the band before it was widened held {past.coverage:.0%}"
        )

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the forecast is made of."""
        arrays = {f"input.{name}": column for name, column in self.inputs.items()}
        arrays |= {name: getattr(self, name) for name in (*PER_ROW, "weights", "by_law")}
        words = {name: getattr(self, name) for name in ("response", "prob", "kind_of_band", "along")}
        facts = {
            "laws": list(self.laws),
            "past": None if self.past is None else dataclasses.asdict(self.past),
            "verdict": self.verdict.to_dict(),
            "basis": self.basis.to_dict(),
        }
        return Record({**words, **facts}, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Law | None = None) -> Self:
        """The forecast that `to_record` described."""
        meta, arrays = record.meta, record.arrays
        return cls(
            inputs={k.removeprefix("input."): v for k, v in arrays.items() if k.startswith("input.")},
            laws=tuple(meta["laws"]),
            past=None if meta["past"] is None else Past(**meta["past"]),
            verdict=Verdict.from_dict(meta["verdict"]),
            basis=Basis(**meta["basis"]),
            **{name: arrays[name] for name in (*PER_ROW, "weights", "by_law")},
            **{name: meta[name] for name in ("response", "prob", "kind_of_band", "along")},
        )


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Forecasts(Mapping[Any, Forecast]):
    """The forecasts of many tables: a mapping from each table's name to its forecast.

    Attributes:
        forecasts: of each table.
        by: what the tables were parted by.
    """

    forecasts: dict[Any, Forecast]
    by: str = "table"

    def __getitem__(self, name: Any) -> Forecast:
        return self.forecasts[name]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.forecasts)

    def __len__(self) -> int:
        return len(self.forecasts)

    def prob_best(self, *, row: int = 0, better: str = "lower", key: Any = 0) -> dict[Any, float]:
        """For each table the probability that its run at a target is the best of all: which runs to let go on.

        Each forecast is taken for a normal on either side of its median, as wide as its band, in logarithms where the
        band allows; tables are taken to err independently of each other.

        Args:
            row: which target.
            better: "lower" for a loss, "higher" for a score.
            key: seed.
        Raises:
            InputError: `better` is neither.
        """
        choose("direction", better, ("lower", "higher"))
        generator = np.random.default_rng(seed_of(key))
        drawn = np.stack([_drawn(found, row, generator) for found in self.forecasts.values()])
        best = drawn.argmin(axis=0) if better == "lower" else drawn.argmax(axis=0)
        return {name: float(np.mean(best == index)) for index, name in enumerate(self)}

    def to_frame(self) -> Any:
        """One row per table and target, as a pandas frame."""
        import pandas as pd

        frames = [found.to_frame().assign(grade=found.verdict.grade) for found in self.forecasts.values()]
        return pd.concat(frames, keys=list(self.forecasts), names=[self.by, None]).reset_index(level=1, drop=True)

    def to_dict(self) -> dict[str, Any]:
        """Every forecast as plain data, by its table."""
        return {str(name): found.to_dict() for name, found in self.forecasts.items()}

    def summary(self) -> str:
        """A table with one row per table and target."""
        frame = self.to_frame().reset_index()
        rows = [[cell if isinstance(cell, str) else number(cell) for cell in row] for row in frame.to_numpy().tolist()]
        return table(list(map(str, frame.columns)), rows, title=f"{len(self)} forecasts")

    def __repr__(self) -> str:
        return self.summary()


def _drawn(found: Forecast, row: int, generator: np.random.Generator) -> np.ndarray:
    """Samples that have the forecast's median and band, shape (sample,)."""
    median, low, high = (float(getattr(found, name)[row]) for name in ("median", "low", "high"))
    positive = low > 0
    middle, below, above = np.log([median, low, high]) if positive else (median, low, high)
    reach = NormalDist().inv_cdf((1 + found.prob) / 2)
    z = generator.standard_normal(NUM_SAMPLES) / reach
    place = middle + np.where(z < 0, z * (middle - below), z * (above - middle))
    return np.exp(place) if positive else place
