"""`Outlook`: what a law says of the rows of a table, as draws of its value and of the scatter about it."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from lawjax.inference.small_tables import log_student_t
from lawjax.spaces import from_space, to_space

NUM_SAMPLES = 1024
"""Single new runs that a band rests on, at least."""


@dataclasses.dataclass(frozen=True, eq=False)
class Outlook:
    """What a law says of the rows of one table.

    Attributes:
        middle: draws of the law's value in the residual space, shape (draw, row).
        scale: draws of the scatter's scale, shape (draw,).
        freedom: degrees of freedom of the scatter's Student-t; infinite for a normal.
        space: the residual space.
        log_evidence: log of the mean likelihood of what was fitted under the priors; NaN for a point fit.
    """

    middle: np.ndarray
    scale: np.ndarray
    freedom: float
    space: str
    log_evidence: float = math.nan

    def at(self, rows: Any) -> "Outlook":
        """The same of some of the rows (a mask or positions)."""
        return dataclasses.replace(self, middle=self.middle[:, rows])

    @property
    def median(self) -> np.ndarray:
        """Middle draw of the law's value, in the response's unit, shape (row,)."""
        return from_space(self.space, np.median(self.middle, axis=0))

    def band(self, kind: str, prob: float, generator: np.random.Generator, widening: Any = 1.0) -> np.ndarray:
        """Edges of the central band, in the response's unit, shape (2, row).

        Args:
            kind: "mean" for the law's value, "new_run" for single runs.
            prob: nominal probability.
            generator: source of the scatter.
            widening: by what the edges' distances from the middle are multiplied, shape () or (row,).
        """
        sampled = self.middle if kind == "mean" else self.new_runs(generator)
        middle = np.median(self.middle, axis=0)
        edges = np.quantile(sampled, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
        return from_space(self.space, middle + widening * (edges - middle))

    def drifting(self, slope: float, distance: np.ndarray, generator: np.random.Generator) -> "Outlook":
        """The same with a drift of each draw beyond the runs: a normal of standard deviation `slope` times distance.

        Args:
            slope: by how much a law's slope changes beyond the runs, as a share of the response per factor of e.
            distance: log of how many times beyond the runs each row lies, shape (row,).
            generator: source of the drifts.
        """
        level = np.abs(np.median(self.middle)) if self.space == "raw" else 1.0
        drift = slope * level * generator.standard_normal(len(self.scale))
        return dataclasses.replace(self, middle=self.middle + drift[:, None] * np.maximum(distance, 0.0))

    def new_runs(self, generator: np.random.Generator) -> np.ndarray:
        """Single new runs in the residual space, shape (sample, row).

        Those of one sample are as lucky in every row: only the rows one by one mean anything, and bands are smooth.
        """
        repeats = -(-NUM_SAMPLES // len(self.scale))
        middle, scale = np.repeat(self.middle, repeats, axis=0), np.repeat(self.scale, repeats)
        size = len(scale)
        wide = generator.standard_normal(size) if math.isinf(self.freedom) else generator.standard_t(self.freedom, size)
        return middle + (scale * wide)[:, None]

    def log_score(self, response: np.ndarray) -> np.ndarray:
        """Log predictive density of responses, in the residual space, shape (row,)."""
        off = (to_space(self.space, response) - self.middle) / self.scale[:, None]
        log_density = np.asarray(log_student_t(off, self.freedom, np.log1p)) - np.log(self.scale)[:, None]
        top = log_density.max(axis=0)
        return top + np.log(np.mean(np.exp(log_density - top), axis=0))

    def crps(self, response: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Continuous ranked probability score in the residual space, lower is better, shape (row,).

        In log space it is a relative error: that of a forecast of one number is its absolute error.

        References:
            Gneiting and Raftery 2007, doi:10.1198/016214506000001437.
        """
        sampled = np.sort(self.new_runs(generator), axis=0)
        miss = np.mean(np.abs(sampled - to_space(self.space, response)), axis=0)
        num = len(sampled)
        ranks = (2 * np.arange(1, num + 1) - num - 1)[:, None]
        return miss - np.sum(ranks * sampled, axis=0) / num**2


def blended(outlooks: Sequence[Outlook], weights: np.ndarray, num: int = 2 * NUM_SAMPLES) -> Outlook:
    """The mixture of several laws' outlooks on the same rows, each with its weight, in `num` draws or so."""
    counts = np.diff(np.rint(np.concatenate([[0.0], np.cumsum(weights)]) * num).astype(int))
    picks = [np.linspace(0, len(own.scale) - 1, count).astype(int) for own, count in zip(outlooks, counts, strict=True)]
    first = outlooks[0]
    return Outlook(
        middle=np.concatenate([own.middle[pick] for own, pick in zip(outlooks, picks, strict=True)]),
        scale=np.concatenate([own.scale[pick] for own, pick in zip(outlooks, picks, strict=True)]),
        freedom=first.freedom,
        space=first.space,
    )
