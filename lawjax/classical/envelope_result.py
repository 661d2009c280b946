"""`Envelope`: the best run at each compute, by the envelope of training curves, and the power laws through those."""

import dataclasses
from typing import Any

import numpy as np

from lawjax.classical.power import PowerLaw, power_table
from lawjax.data.runs import Basis
from lawjax.text import number, table
from lawjax.verdict import Verdict

SHOWN_BINS = 12


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Envelope:
    """Best size, tokens and loss against compute, by the lower envelope of training curves.

    Attributes:
        compute: centre of each bin [FLOP], shape (bin,).
        best: "N", "D" (where known) and "loss" of the run of least loss in each bin; NaN where no curve is.
        winner: label of that run, shape (bin,); "" where no curve is.
        counted: whether a bin counts in the power laws, shape (bin,): a smaller and a larger run were there to lose.
        power_laws: "N", "D" and "loss" against "C"; `found["N"]` is short for one.
        prob: probability of the intervals.
        verdict: notes of the envelope and of the power laws.
        basis: the runs that it rests on.
    """

    compute: np.ndarray
    best: dict[str, np.ndarray]
    winner: np.ndarray
    counted: np.ndarray
    power_laws: dict[str, PowerLaw]
    prob: float
    verdict: Verdict
    basis: Basis

    def __getitem__(self, name: str) -> PowerLaw:
        return self.power_laws[name]

    def to_frame(self) -> Any:
        """One row per bin, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame({"C": self.compute, **self.best, "winner": self.winner, "counted": self.counted})

    def to_dict(self) -> dict[str, Any]:
        """The power laws, the envelope bin by bin, and the verdict."""
        return {
            "power_laws": {name: law.to_dict() for name, law in self.power_laws.items()},
            "prob": self.prob,
            "bins": self.to_frame().to_dict(orient="records"),
            **self.basis.to_dict(),
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A part of the bins, the power laws, and the verdict."""
        shown = np.unique(np.linspace(0, len(self.compute) - 1, SHOWN_BINS).astype(int))
        numbers = np.stack([self.compute, *self.best.values()], axis=1)
        rows = [
            [*map(number, numbers[i]), str(self.winner[i]), "yes" if self.counted[i] else "no"] for i in shown.tolist()
        ]
        title = f"envelope of training curves: {self.counted.sum()} of {len(self.compute)} bins of compute count"
        bins = table(["C", *self.best, "run", "counts"], rows, title=title)
        return f"{bins}\n{power_table(list(self.power_laws.values()), self.prob)}\n{self.verdict}"

    def __repr__(self) -> str:
        return self.summary()
