"""Law against law on the same runs, scored on runs that each did not see."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.refit import refit
from lawjax.precision import as_key, in_float64, seed_of
from lawjax.storage import Record, Stored
from lawjax.text import number, table
from lawjax.verdict import Verdict, info

NUM_FOLDS = 10
CLEAR = 2.0
"""A difference of more than this many standard errors tells two laws apart."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Comparison(Stored):
    """Laws in order of their held-out error.

    Attributes:
        laws: names, best first.
        num_params: free parameters of each.
        held_out: mean absolute residual on held-out runs, shape (law,).
        behind: how much worse than the best, shape (law,).
        behind_se: standard error of that difference, paired by run, shape (law,).
        r_squared: on the runs that were fitted, shape (law,).
        space: the residual space.
        verdict: in words.
    """

    kind: ClassVar[str] = "comparison"

    laws: tuple[str, ...]
    num_params: np.ndarray
    held_out: np.ndarray
    behind: np.ndarray
    behind_se: np.ndarray
    r_squared: np.ndarray
    space: str
    verdict: Verdict

    def _columns(self) -> dict[str, Any]:
        names = ("num_params", "held_out", "behind", "behind_se", "r_squared")
        return {"law": list(self.laws), **{name: getattr(self, name) for name in names}}

    def to_frame(self) -> Any:
        """One row per law, best first, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        rows = self.to_frame().to_dict(orient="records")
        return {
            "score": f"mean absolute {self.space} residual, {NUM_FOLDS}-fold",
            "laws": rows,
            "verdict": self.verdict.to_dict(),
        }

    def summary(self) -> str:
        """A table of the laws, best first."""
        columns = self._columns()
        rows = [[row[0], str(int(row[1])), *(number(x) for x in row[2:])] for row in zip(*columns.values())]
        title = f"held-out error: mean absolute {self.space} residual, {NUM_FOLDS} folds"
        return table(list(columns), rows, title=title, footer=str(self.verdict))

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the comparison is made of."""
        arrays = {name: np.asarray(column) for name, column in self._columns().items()}
        return Record({"space": self.space, "verdict": self.verdict.to_dict()}, arrays)

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The comparison that `to_record` described."""
        arrays = dict(record.arrays)
        return cls(
            laws=tuple(arrays.pop("law").tolist()),
            space=record.meta["space"],
            verdict=Verdict.from_dict(record.meta["verdict"]),
            **arrays,
        )


@in_float64
def compare(fits: Sequence[Fit], *, key: Any = 0) -> Comparison:
    """Laws ranked by what they predict of runs they were not fitted to.

    The runs are cut into ten folds (whole groups where there are groups), the same for every law; each law is
    refitted to nine and scored on the tenth.

    Args:
        fits: two or more fits to the same runs, in the same residual space.
        key: seed of the folds.
    Raises:
        InputError: fewer than two fits, different runs or different residual spaces.
    Example:
        >>> import lawjax as lj
        >>> laws = lj.laws
        >>> runs = lj.simulate(laws.POWER_LAW_FLOOR, dict(E=1.0, A=5.0, alpha=0.4), num_runs=40, key=0)
        >>> lj.compare([lj.fit(laws.POWER_LAW, runs), lj.fit(laws.POWER_LAW_FLOOR, runs)]).laws[0]
        'power-law-floor'
    """
    fits = list(fits)
    _check(fits)
    folds = _folds(fits[0].runs, np.random.default_rng(seed_of(as_key(key))))
    errors = np.stack([_held_out_errors(fit, folds) for fit in fits])
    order = np.argsort(errors.mean(axis=1), kind="stable")
    gaps = errors[order] - errors[order[0]]
    ranked = [fits[index] for index in order]
    space = fits[0].choices.space
    behind, behind_se = gaps.mean(axis=1), gaps.std(axis=1, ddof=1) / np.sqrt(gaps.shape[1])
    names = tuple(fit.law.name for fit in ranked)
    return Comparison(
        laws=names,
        num_params=np.array([fit.layout.num_free for fit in ranked]),
        held_out=errors[order].mean(axis=1),
        behind=behind,
        behind_se=behind_se,
        r_squared=np.array([fit.quality[f"r_squared_{space}"] for fit in ranked]),
        space=space,
        verdict=_verdict(names, behind, behind_se),
    )


def _check(fits: list[Any]) -> None:
    if len(fits) < 2 or not all(isinstance(fit, Fit) for fit in fits):
        raise InputError("compare needs a list of two or more fits: compare([fit(law1, runs), fit(law2, runs)]).")
    if len({(fit.runs.sha256, fit.law.response) for fit in fits}) > 1:
        raise InputError("compare needs fits to the same runs and response; fit every law to one table.")
    if len({fit.choices.space for fit in fits}) > 1:
        raise InputError('compare needs fits in one residual space; pass the same residual="..." to each fit.')


def _folds(runs: Runs, generator: np.random.Generator) -> np.ndarray:
    """Fold of each run, shape (run,); runs of one group share a fold."""
    units = np.arange(len(runs)) if runs.group is None else np.unique(np.asarray(runs.group), return_inverse=True)[1]
    num_units = int(units.max()) + 1
    return (generator.permutation(num_units) % min(NUM_FOLDS, num_units))[units]


def _held_out_errors(fit: Fit, folds: np.ndarray) -> np.ndarray:
    """Absolute residual of each run by the refit that did not see it, shape (run,)."""
    labels = np.unique(folds)
    solution = refit(fit, (folds != labels[:, None]).astype(float))
    errors = np.abs(solution.residuals)
    return errors[np.searchsorted(labels, folds), np.arange(len(folds))]


def _verdict(names: tuple[str, ...], behind: np.ndarray, behind_se: np.ndarray) -> Verdict:
    level = [name for name, gap, se in zip(names[1:], behind[1:], behind_se[1:]) if gap <= CLEAR * se]
    if level:
        listed = ", ".join(f"`{name}`" for name in level)
        reason = f"`{names[0]}` has the least held-out error, but these runs cannot tell it from {listed}."
        return Verdict(
            (
                info(
                    "indistinguishable",
                    reason,
                    "Compare their predictions at your target; where they differ, average or get more runs.",
                ),
            )
        )
    return Verdict(
        (
            info(
                "clear-winner",
                f"`{names[0]}` predicts held-out runs better than each other law by over {CLEAR:g} standard errors.",
            ),
        )
    )
