"""How right forecasts are on public runs that were held back, and how often their bands hold. Prints tables.

    python -m benchmarks.extrapolation

Tables that lawjax cannot download are read from the folder that LAWJAX_TABLES names and left out where it names none.
With LAWJAX_FULL=1 the evidence for each default is printed too.
"""

import os
import sys
from pathlib import Path

# Small problems are slower, not faster, on several BLAS threads; NumPy reads this when it loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parent))  # So that it runs as a module too.

import time
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from contenders import holdouts
from contenders.holdouts import Holdout
from harness import FULL, SMALL, header

import lawjax as lj
from lawjax import laws
from lawjax.text import number, table

PROB = 0.9
MOST_TABLES = 3 if SMALL else 20
"""Tables of a kind that the evidence for the defaults rests on."""
NUM_CURVES = 6 if SMALL else 90
DEFAULTS: dict[str, dict[str, Any]] = {
    "default": {},
    "no drift": {"drift": 0.0},
    "drift 0.016": {"drift": 0.016},
    "not widened by the past": {"widen": False},
    "neither": {"drift": 0.0, "widen": False},
    "weights by evidence": {"average": "evidence"},
    "equal weights": {"average": "equal"},
    "normal scatter": {"noise": "normal"},
    "all runs alike": {"recency": 0.0},
    "recency 0.7": {"recency": 0.7},
}
OTHER_SIZE, OTHER_TOKENS = 13.7e9, 5e12


class Told(NamedTuple):
    """Forecasts beside what came; every array has shape (row,)."""

    median: np.ndarray
    low: np.ndarray
    high: np.ndarray
    truth: np.ndarray

    @property
    def cells(self) -> list[str]:
        """Median, mean and largest error, bias, coverage and width, as a row of a table."""
        error = np.log(self.median / self.truth)
        inside = (self.low <= self.truth) & (self.truth <= self.high)
        share = lambda value: f"{100 * value:.2f} %"
        shown = (np.median(np.abs(error)), np.mean(np.abs(error)), np.max(np.abs(error)), np.mean(error))
        width = np.median((self.high - self.low) / self.median)
        return [str(len(error)), *map(share, shown), f"{100 * np.mean(inside):.0f} %", share(width)]


COLUMNS = ["rows", "median", "mean", "worst", "bias", "90 % band held", "width"]


def joined(parts: Iterable[Told]) -> Told:
    """The rows of several."""
    return Told(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def by_forecast(tables: Mapping[str, Holdout], **options: Any) -> Told:
    """The forecasts of all tables, in one call."""
    first = next(iter(tables.values()))
    found = lj.forecast_each(
        {name: one.runs for name, one in tables.items()},
        {name: one.target for name, one in tables.items()},
        **({"laws": first.laws} if first.laws else {}) | options,
    )
    return joined(Told(f.median, f.low, f.high, tables[name].truth) for name, f in found.items())


def by_fit(tables: Mapping[str, Holdout], law: lj.Law, loss: str) -> Told:
    """A law fitted to each table by a loss, with the band of its residuals."""
    inputs = tuple(law.inputs)
    named = {n: dict(zip(inputs, one.target, strict=True)) for n, one in tables.items()}
    parts = {
        n: lj.Runs.from_columns(**{own: one.runs[c] for own, c in named[n].items()}, loss=one.runs["loss"])
        for n, one in tables.items()
    }
    told = []
    for name, fit in lj.fit_each(law, parts, loss=loss).items():
        target = {own: tables[name].target[column] for own, column in named[name].items()}
        band = lj.predict(fit, target, kind="new_run", prob=PROB)
        told.append(Told(lj.predict(fit.point, target).median, band.low, band.high, tables[name].truth))
    return joined(told)


def print_table(title: str, rows: Mapping[str, Told]) -> None:
    """One row for each way of forecasting."""
    print(table(["how", *COLUMNS], [[name, *told.cells] for name, told in rows.items()], title=title), flush=True)


def curves() -> None:
    """Rectified curves: the default, its parts, and fits."""
    tables = dict(list(holdouts.rectified().items())[:NUM_CURVES])
    hill, floor = laws.get("rectified-hill"), laws.POWER_LAW_FLOOR
    alone: dict[str, Any] = dict(average="equal", widen=False)
    rows = {"forecast": by_forecast(tables)}
    rows |= {f"{law.name}, posterior": by_forecast(tables, laws=(law,), **alone) for law in (hill, floor)}
    rows |= {f"{law.name}, least squares": by_fit(tables, law, "squared") for law in (hill, floor)}
    print_table("fine-tuning curves, 102,400 samples to 1,638,400", rows)


def figure_runs() -> None:
    """The runs of Hoffmann et al.: the default and fits, and the residual spread that bounds the width."""
    tables = {"": holdouts.hoffmann()}
    rows = {"forecast": by_forecast(tables)}
    for loss in ("huber", "squared"):
        rows[f"chinchilla, {loss}"] = by_fit(tables, laws.CHINCHILLA, loss)
    print_table("runs of Hoffmann et al., below 1e21 FLOPs to above, outliers kept", rows)
    fit = lj.fit(laws.CHINCHILLA, tables[""].runs)
    low, high = np.quantile(fit.residuals, [(1 - PROB) / 2, (1 + PROB) / 2])
    print(f"central {PROB:.0%} of the residuals of the fit below: {100 * (high - low):.2f} %\n", flush=True)


def ladder() -> None:
    """Task scores of the OLMo ladder, forecast through bits per byte."""
    runs, truth = holdouts.ladder()
    rows = []
    for task, (actual, published) in truth.items():
        target = {"N": OTHER_SIZE, "D": OTHER_TOKENS}
        found = lj.forecast(runs, target, response=f"{task}_acc", through=f"{task}_bpb")
        held = bool(found.low[0] <= actual <= found.high[0])
        rows.append([task, actual, published, abs(published / actual - 1), found.median[0],
                     abs(found.median[0] / actual - 1), found.low[0], found.high[0], held])  # fmt: skip
    columns = ["task", "actual", "published", "error", "forecast", "its error", "low", "high", "held"]
    cells = [[row[0], *(number(cell) for cell in row[1:-1]), "yes" if row[-1] else "no"] for row in rows]
    errors = [np.mean([row[index] for row in rows]) for index in (3, 5)]
    footer = (
        f"mean relative error: published {errors[0]:.2%}, forecast {errors[1]:.2%}; held {sum(r[-1] for r in rows)}"
    )
    print(table(columns, cells, title="OLMo ladder: 13.7e9 parameters, 5e12 tokens", footer=footer), flush=True)


def others() -> None:
    """A row for each other table."""
    rows = {}
    for name, load in holdouts.others():
        tables = dict(list(load().items())[: 3 if SMALL else None])
        rows[name] = by_forecast(tables)
    if rows:
        print_table("other tables, the lower part to the upper", rows)


def vocabulary() -> None:
    """A back-test of the vocabulary law: its response is negative, so that it has no relative error."""
    rows = lj.backtest(laws.get("vocabulary-loss"), holdouts.vocabulary(), along="C", num_cuts=2).rows
    error = rows.median - rows.seen
    print(
        f"Tao et al. 2024, vocabularies: {len(error)} rows above two cuts of compute: mean |error| "
        f"{np.mean(np.abs(error)):.4f} nats, bias {np.mean(error):+.4f}, 90 % band held {np.mean(rows.inside):.0%}, "
        f"median width {np.median(rows.high - rows.low):.3f} nats\n",
        flush=True,
    )


def evidence() -> None:
    """Each default against what it might have been."""
    sets = {
        "fine-tuning curves": _some(holdouts.rectified()),
        "runs of Hoffmann et al.": {"": holdouts.hoffmann()},
        **{name: _some(load()) for name, load in holdouts.others()},
    }
    for title, tables in sets.items():
        print_table(title, {how: by_forecast(tables, **options) for how, options in DEFAULTS.items()})


def _some(tables: dict[str, Holdout]) -> dict[str, Holdout]:
    """At most so many of the tables, evenly chosen."""
    names = list(tables)
    return {names[i]: tables[names[i]] for i in np.unique(np.linspace(0, len(names) - 1, MOST_TABLES).astype(int))}


def many() -> None:
    """Ninety curves, a dozen laws, eight origins, in one call."""
    curves = dict(list(holdouts.rectified_whole().items())[:NUM_CURVES])
    began = time.perf_counter()
    found = lj.backtest(DOZEN, curves, num_cuts=8)
    taken = time.perf_counter() - began
    print(f"{len(curves)} curves x {len(DOZEN)} laws, {len(found)} fits below cuts in one call: {taken:.1f} s, cold")
    print(found.by_distance().groupby("contender")[["relative_error", "coverage", "crps"]].mean().round(4).to_string())


DOZEN = (
    *(laws.rename(law, {"x": "D"}) for law in (
        laws.POWER_LAW, laws.POWER_LAW_FLOOR, laws.SHIFTED_POWER_LAW, laws.LEVELLING_POWER_LAW,
        laws.get("scale-power-law"), laws.get("irreducible-power-law"), laws.broken_power_law(1),
        laws.broken_power_law(2),
    )),
    laws.rename(laws.get("transfer-loss"), {"D_p": "D"}),
    laws.get("rectified-hill"), laws.get("rectified"), laws.get("kaplan-d"),
)  # fmt: skip


def main() -> None:
    """Print all tables."""
    print(header("lawjax: extrapolation of public runs"))
    curves()
    figure_runs()
    vocabulary()
    if holdouts.TABLES is not None:
        ladder()
        others()
    many()
    if FULL:
        evidence()


if __name__ == "__main__":
    main()
