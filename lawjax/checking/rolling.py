"""Back-test: fit the small runs, predict the large ones, see how wrong that was.

Rolling origins along any column: each cut fits the runs below it and scores those above, and says how often the
band for a new run covered them.
"""

import dataclasses
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Basis, Runs
from lawjax.errors import InputError
from lawjax.fitting.estimate import fit
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.refit import Refits, refit
from lawjax.fitting.status import ADVICE, Status
from lawjax.laws.base import Law
from lawjax.prediction import predict
from lawjax.storage import Record, Stored
from lawjax.text import number, table
from lawjax.verdict import Verdict, info, warning

COLUMNS = ("cut", "num_train", "num_test", "reach", "relative_error", "bias", "coverage", "width")


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Backtest(Stored):
    """How well a law fitted below each cut predicts above it.

    Attributes:
        law: name of the law.
        along: the column that was cut.
        cut: largest value that was fitted, shape (cut,).
        num_train, num_test: runs fitted and runs predicted.
        reach: largest predicted value over the cut.
        relative_error: mean absolute relative error of the predictions.
        bias: mean relative error, positive where the law predicts too much.
        coverage: share of the predicted runs inside the new-run band.
        width: mean width of that band, relative to the prediction.
        prob: nominal probability of the band.
        verdict: notes.
        basis: the runs that were cut.
    """

    kind: ClassVar[str] = "backtest"

    law: str
    along: str
    cut: np.ndarray
    num_train: np.ndarray
    num_test: np.ndarray
    reach: np.ndarray
    relative_error: np.ndarray
    bias: np.ndarray
    coverage: np.ndarray
    width: np.ndarray
    prob: float
    verdict: Verdict
    basis: Basis

    def to_frame(self) -> Any:
        """One row per cut, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS})

    def to_dict(self) -> dict[str, Any]:
        """The back-test as plain data."""
        rows = self.to_frame().to_dict(orient="records")
        return {
            "law": self.law,
            "along": self.along,
            "prob": self.prob,
            "cuts": rows,
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A table with one row per cut."""
        rows = [[number(value) for value in row] for row in zip(*(getattr(self, name) for name in COLUMNS))]
        title = f"{self.law}: fitted below each cut of {self.along}, scored above it; nominal coverage {self.prob:.0%}"
        return table(COLUMNS, rows, title=title, footer=str(self.verdict))

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the back-test is made of."""
        words = {"law_name": self.law, "along": self.along, "prob": self.prob}
        words |= {"verdict": self.verdict.to_dict(), "basis": self.basis.to_dict()}
        return Record(words, {name: getattr(self, name) for name in COLUMNS})

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The back-test that `to_record` described."""
        meta = record.meta
        verdict = Verdict.from_dict(meta["verdict"])
        words = {"law": meta["law_name"], "along": meta["along"], "prob": meta["prob"]}
        fields: dict[str, Any] = {**words, **record.arrays}
        return cls(**fields, verdict=verdict, basis=Basis(**meta["basis"]))


def backtest(
    law: Law, runs: Runs, *, along: str = "C", num_cuts: int = 5, prob: float = 0.9, key: Any = 0, **choices: Any
) -> Backtest:
    """How well the law, fitted to the runs below a cut, predicts the runs above it.

    Args:
        law: the law.
        runs: the runs.
        along: the column to cut, groups whole; "C" is taken as 6 N D where the runs have no such column.
        num_cuts: how many cuts, evenly spread over the upper half of the runs.
        prob: nominal probability of the new-run band whose coverage is counted.
        key: seed of the starts and of the band.
        choices: further arguments of `fit`, the same for every cut.
    Returns:
        A `Backtest` with arrays of shape (cut,). The band is that of `predict(..., kind="new_run")`.
    Raises:
        InputError: no such column, or too few runs below the lowest cut.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=80, noise=0.005, key=0)
        >>> bool(lj.backtest(lj.laws.CHINCHILLA, runs).relative_error.max() < 0.05)
        True
    """
    whole = fit(law, runs, key=key, **choices)
    position = _position(whole.runs, along)
    cuts = _cuts(position, num_cuts)
    needed = whole.layout.num_free + 1
    if np.sum(position <= cuts[0]) < needed:
        raise InputError(
            f"only {np.sum(position <= cuts[0])} runs lie below the lowest cut of `{along}`; "
            f"{law.name!r} needs {needed}. Add runs or lower num_cuts."
        )
    refits = refit(whole, (position <= cuts[:, None]).astype(float))
    rows = [_score(_part(whole, refits, i, position <= cut), position, cut, prob, key) for i, cut in enumerate(cuts)]
    columns = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in COLUMNS}
    fields: dict[str, Any] = {"law": law.name, "along": along, "prob": prob, **columns}
    verdict = _verdict(columns, prob, cuts, refits.status)
    return Backtest(**fields, verdict=verdict, basis=whole.runs.basis)


def _position(runs: Runs, along: str) -> np.ndarray:
    """Where each run lies along the column; runs of one group lie at their furthest, so that no cut splits them."""
    position = _column(runs, along)
    if runs.group is None:
        return position
    codes = np.unique(np.asarray(runs.group), return_inverse=True)[1]
    furthest = np.full(codes.max() + 1, -np.inf)
    np.maximum.at(furthest, codes, position)
    return furthest[codes]


def _column(runs: Runs, along: str) -> np.ndarray:
    if along in runs:
        return np.asarray(runs[along], dtype=np.float64)
    if along == "C" and "N" in runs and "D" in runs:
        return 6.0 * np.asarray(runs["N"], dtype=np.float64) * np.asarray(runs["D"], dtype=np.float64)
    raise InputError(f"the runs have no column `{along}` to cut; they have {list(runs.columns)}.")


def _cuts(position: np.ndarray, num_cuts: int) -> np.ndarray:
    """Values to cut at: quantiles of the upper half, each leaving runs above it."""
    if not isinstance(num_cuts, int) or num_cuts < 1:
        raise InputError(f"`num_cuts` must be a whole number above 0, got {num_cuts!r}.")
    quantiles = np.quantile(position, np.linspace(0.5, 0.9, num_cuts), method="lower")
    cuts = np.unique(quantiles[quantiles < position.max()])
    if not len(cuts):
        raise InputError("all runs have the same value of the column to cut; there is nothing above a cut.")
    return cuts


def _part(whole: Fit, refits: Refits, index: int, below: np.ndarray) -> tuple[Fit, Runs]:
    """The fit to the runs below a cut, and the runs above it."""
    params = {name: array[index] for name, array in refits.params.items()}
    part = dataclasses.replace(
        whole, runs=whole.runs.take(below, "above the cut"), status=Status(int(refits.status[index]))
    )
    # The part has units of its own: its runs lie around another centre.
    part = dataclasses.replace(part, vector=part.pack(params))
    return part, whole.runs.take(~below, "below the cut")


def _score(part: tuple[Fit, Runs], position: np.ndarray, cut: float, prob: float, key: Any) -> dict[str, float]:
    below, above = part
    law = below.law
    band = predict(below, {name: above[name] for name in law.inputs}, kind="new_run", prob=prob, key=key)
    centre = predict(below.point, {name: above[name] for name in law.inputs}).median
    seen = np.asarray(above[law.response], dtype=np.float64)
    relative = centre / seen - 1
    return {
        "cut": cut,
        "num_train": len(below.runs),
        "num_test": len(above),
        "reach": position.max() / cut,
        "relative_error": float(np.mean(np.abs(relative))),
        "bias": float(np.mean(relative)),
        "coverage": float(np.mean((band.low <= seen) & (seen <= band.high))),
        "width": float(np.mean((band.high - band.low) / np.abs(centre))),
    }


def _verdict(columns: dict[str, np.ndarray], prob: float, cuts: np.ndarray, status: np.ndarray) -> Verdict:
    notes = [
        warning(
            "unsettled-cut",
            f"The fit below {number(cut)} ended as {Status(int(code)).name.lower()}.",
            ADVICE[Status(int(code))],
        )
        for cut, code in zip(cuts, status, strict=True)
        if code != Status.CONVERGED
    ]
    covered = np.average(columns["coverage"], weights=columns["num_test"])
    reason = f"New-run bands of nominal {prob:.0%} covered {covered:.0%} of the runs above the cuts."
    if covered < prob - 0.1:
        return Verdict((*notes, warning("bands-too-narrow", reason, "Widen bands of extrapolations accordingly.")))
    return Verdict((*notes, info("bands-cover", reason)))
