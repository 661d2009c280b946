"""Law against law, and estimator against estimator, on the same runs: `compare` and what it gives.

Fits are scored by cross-validation and by AICc and BIC; posteriors by their leave-one-out predictive density.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lawjax.checking.criteria import information
from lawjax.checking.entries import Scored, entries_of
from lawjax.checking.scores import HeldOut, by_cross_validation, by_leave_one_out, r_squared
from lawjax.checking.target import Target, target_of
from lawjax.checking.telling import notes_of
from lawjax.data.runs import Basis
from lawjax.errors import InputError, choose
from lawjax.fitting.fit_result import Fit
from lawjax.inference.posterior import Posterior
from lawjax.precision import in_float64, seed_of
from lawjax.storage import Record, Stored
from lawjax.text import number, table
from lawjax.verdict import Verdict

OF_FITS, OF_POSTERIORS = ("cv", "aicc", "bic"), ("loo",)
WORDS = {"cv": "held-out score", "loo": "held-out score", "aicc": "AICc", "bic": "BIC"}
NEEDED = ("num_params", "held_out", "behind", "behind_se", "r_squared")
OPTIONAL = ("stacking", "aicc", "bic", "predicted", "low", "high")
UNPRINTED = ("aicc", "bic")
"""Columns of the frame that the printed table leaves to their differences."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Comparison(Stored):
    """Laws in order of a score, best first; every score is lower where better.

    Attributes:
        laws: names, best first.
        num_params: free parameters of each.
        held_out: mean score over held-out runs, shape (law,).
        behind: how much worse than the first, shape (law,).
        behind_se: standard error of that difference, paired by run, shape (law,).
        r_squared: on the runs that were fitted, shape (law,).
        score: what the held-out score is, in words.
        ranked_by: "cv", "loo", "aicc" or "bic": the score that orders the laws.
        verdict: in words.
        basis: the runs that they were scored on.
        stacking: weights with which a mixture of the laws best predicts what was left out, shape (law,); posteriors
            only, because fits have no predictive density.
        aicc, bic: criteria of fits, shape (law,); NaN where the loss is no likelihood.
        at: the target, by input; empty where none was asked.
        predicted, low, high: each law's mean response there and edges of its band, shape (law,): of a fit the value
            at the estimate, with the interval of the delta method; of a posterior the quantiles of its draws.
    """

    kind: ClassVar[str] = "comparison"

    laws: tuple[str, ...]
    num_params: np.ndarray
    held_out: np.ndarray
    behind: np.ndarray
    behind_se: np.ndarray
    r_squared: np.ndarray
    score: str
    verdict: Verdict
    basis: Basis
    ranked_by: str = "cv"
    stacking: np.ndarray | None = None
    aicc: np.ndarray | None = None
    bic: np.ndarray | None = None
    at: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    predicted: np.ndarray | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    @property
    def delta_aicc(self) -> np.ndarray | None:
        """AICc less the least of the laws, shape (law,)."""
        return None if self.aicc is None else self.aicc - _least(self.aicc)

    @property
    def delta_bic(self) -> np.ndarray | None:
        """BIC less the least of the laws, shape (law,)."""
        return None if self.bic is None else self.bic - _least(self.bic)

    @property
    def akaike(self) -> np.ndarray | None:
        r"""Akaike weights $e^{-\Delta/2} / \sum e^{-\Delta/2}$ of the laws that have an AICc, 0 for others."""
        if self.delta_aicc is None:
            return None
        likelihood = np.exp(-0.5 * np.nan_to_num(self.delta_aicc, nan=np.inf))
        return likelihood / max(likelihood.sum(), 1e-300)

    def _columns(self) -> dict[str, Any]:
        names = (*NEEDED, "stacking", "aicc", "delta_aicc", "akaike", "bic", "delta_bic", "predicted", "low", "high")
        columns = {name: getattr(self, name) for name in names}
        return {"law": list(self.laws), **{name: column for name, column in columns.items() if column is not None}}

    def to_frame(self) -> Any:
        """One row per law, best first, as a pandas frame."""
        import pandas as pd

        return pd.DataFrame(self._columns())

    def to_dict(self) -> dict[str, Any]:
        """The comparison as plain data."""
        rows = self.to_frame().to_dict(orient="records")
        at = {name: np.asarray(value).tolist() for name, value in self.at.items()}
        words = {"score": self.score, "ranked_by": self.ranked_by}
        return {**words, "laws": rows, "at": at, **self.basis.to_dict(), "verdict": self.verdict.to_dict()}

    def summary(self) -> str:
        """A table of the laws, best first."""
        columns = {name: column for name, column in self._columns().items() if name not in UNPRINTED}
        rows = [[row[0], str(int(row[1])), *(number(x) for x in row[2:])] for row in zip(*columns.values())]
        title = f"held-out score: {self.score}" + ("" if "held" in self._rank else f"; ranked by {self._rank}")
        return table(list(columns), rows, title=title, footer=str(self.verdict))

    @property
    def _rank(self) -> str:
        return WORDS[self.ranked_by]

    def __repr__(self) -> str:
        return self.summary()

    def to_record(self) -> Record:
        """What the comparison is made of."""
        arrays = {name: getattr(self, name) for name in (*NEEDED, *OPTIONAL) if getattr(self, name) is not None}
        facts = {"score": self.score, "ranked_by": self.ranked_by, "verdict": self.verdict.to_dict()}
        at = {name: np.asarray(value).tolist() for name, value in self.at.items()}
        return Record({**facts, "at": at, "basis": self.basis.to_dict()}, {"law": np.array(self.laws), **arrays})

    @classmethod
    def from_record(cls, record: Record, law: Any = None) -> Self:
        """The comparison that `to_record` described."""
        arrays, meta = dict(record.arrays), record.meta
        return cls(
            laws=tuple(arrays.pop("law").tolist()),
            score=meta["score"],
            ranked_by=meta.get("ranked_by", "cv"),
            verdict=Verdict.from_dict(meta["verdict"]),
            basis=Basis(**meta["basis"]),
            at={name: np.asarray(value, dtype=np.float64) for name, value in meta.get("at", {}).items()},
            **arrays,
        )


@in_float64
def compare(
    results: Mapping[str, Scored] | Sequence[Scored],
    *,
    at: Mapping[str, Any] | None = None,
    score: str | None = None,
    prob: float = 0.9,
    key: Any = 0,
) -> Comparison:
    r"""Laws, or estimators of one law, ranked by what they predict of runs they were not fitted to.

    Fits: the runs are cut into ten folds (whole groups where there are groups), the same for every law; each law is
    refitted to nine and scored by its mean absolute residual on the tenth. AICc and BIC stand beside it, of the
    likelihood that belongs to each fit's loss with its scale estimated, $-2 \log \hat p + 2 k n / (n - k - 1)$ and
    $-2 \log \hat p + k \log n$, k counting the scale; and Akaike's weights. Posteriors: the score is minus the mean log
    density of each run (whole groups where there are groups) under the posterior of the others (PSIS-LOO). Beside it
    stand stacking weights, with which a mixture of the laws best predicts what was left out: a law that adds nothing
    to another has weight 0 there, however close its score.

    Args:
        results: two or more fits to the same runs in the same residual space, or two or more posteriors; a dict to
            name them. Results of one law are named with their loss: "chinchilla [squared]".
        at: where it matters, one value for each input: what every law predicts there, and by how much those that the
            runs cannot tell apart differ.
        score: what orders the laws: "cv" (default), "aicc" or "bic" for fits, "loo" for posteriors.
        prob: probability of the bands at the target.
        key: seed of the folds.
    Raises:
        InputError: fewer than two, fits mixed with posteriors, different runs or different residual spaces, a score
            that they do not have, or a target that does not name the laws' inputs.
    References:
        Burnham and Anderson 2002, Model Selection and Multimodel Inference; Vehtari, Gelman and Gabry 2017,
        arXiv:1507.04544; Yao, Vehtari, Simpson and Gelman 2018, arXiv:1704.02030.
    Example:
        >>> import lawjax as lj
        >>> laws = lj.laws
        >>> runs = lj.simulate(laws.POWER_LAW_FLOOR, dict(E=1.0, A=5.0, alpha=0.4), num_runs=40, key=0)
        >>> lj.compare([lj.fit(laws.POWER_LAW, runs), lj.fit(laws.POWER_LAW_FLOOR, runs)]).laws[0]
        'power-law-floor'
    """
    entries = entries_of(results)
    items = list(entries.values())
    fits = [result for result in items if isinstance(result, Fit)]
    posteriors = [result for result in items if isinstance(result, Posterior)]
    ranked_by = _score_of(score, OF_FITS if fits else OF_POSTERIORS)
    target = None if at is None else target_of(items, at, prob)
    criteria = _criteria(dict(zip(entries, fits)), ranked_by) if fits else {}
    held_out = by_cross_validation(fits, seed_of(key)) if fits else by_leave_one_out(posteriors)
    return _ranked(entries, held_out, criteria, target, ranked_by)


def _score_of(score: str | None, allowed: tuple[str, ...]) -> str:
    """The score that ranks, refused where these results have none of that name."""
    if score is None:
        return allowed[0]
    choose("score", score, (*OF_FITS, *OF_POSTERIORS))
    if score not in allowed:
        what = "fits have no predictive density" if score == "loo" else "posteriors maximise no likelihood"
        raise InputError(f"score={score!r} does not fit here, for {what}. Choose one of {list(allowed)}.")
    return score


def _criteria(fits: Mapping[str, Fit], ranked_by: str) -> dict[str, np.ndarray]:
    """AICc and BIC of every fit, NaN where there is no likelihood."""
    found = {name: information(fit) for name, fit in fits.items()}
    without = [name for name, one in found.items() if one is None]
    if without and ranked_by in ("aicc", "bic"):
        raise InputError(
            f"the fits {without} have no likelihood to rank by: AICc and BIC need loss= squared, absolute, huber or "
            'student_t, no rounding, and runs with scatter. Use score="cv".'
        )
    return {
        name: np.array([np.nan if one is None else getattr(one, name) for one in found.values()])
        for name in ("aicc", "bic")
    }


def _ranked(
    entries: Mapping[str, Scored],
    held_out: HeldOut,
    criteria: Mapping[str, np.ndarray],
    target: Target | None,
    ranked_by: str,
) -> Comparison:
    """The laws in order."""
    names, results = list(entries), list(entries.values())
    order = np.argsort(criteria.get(ranked_by, held_out.scores.mean(axis=1)), kind="stable")
    ordered = {names[index]: results[index] for index in order}
    scores = held_out.scores[order]
    gaps = scores - scores[0]
    aside = {**criteria, "stacking": held_out.stacking, **({} if target is None else _there(target))}
    target = None if target is None else dataclasses.replace(target, **{k: v[order] for k, v in _there(target).items()})
    found = Comparison(
        laws=tuple(ordered),
        num_params=np.array([_num_params(result) for result in ordered.values()]),
        held_out=scores.mean(axis=1),
        behind=gaps.mean(axis=1),
        behind_se=gaps.std(axis=1, ddof=1) / np.sqrt(gaps.shape[1]),
        r_squared=np.array([r_squared(result) for result in ordered.values()]),
        score=held_out.words,
        ranked_by=ranked_by,
        verdict=held_out.verdict,
        basis=results[0].runs.basis,
        at={} if target is None else target.at,
        **{name: column[order] for name, column in aside.items() if column is not None},
    )
    return dataclasses.replace(found, verdict=found.verdict + Verdict(tuple(notes_of(found, ordered, target))))


def _there(target: Target) -> dict[str, np.ndarray]:
    return {name: getattr(target, name) for name in ("predicted", "low", "high")}


def _num_params(result: Scored) -> int:
    if isinstance(result, Fit):
        return result.layout.num_free
    return sum(param.size or 1 for param in result.law.params.values())


def _least(values: np.ndarray) -> float:
    """The least of the criteria that are finite, 0 where none is."""
    finite = values[np.isfinite(values)]
    return float(finite.min()) if len(finite) else 0.0
