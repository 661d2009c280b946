"""Scores of results on runs that each did not see: cross-validation of fits, leave-one-out of posteriors."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from lawjax.checking.stacking import stacking_weights
from lawjax.data.runs import Runs
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.refit import refit
from lawjax.inference.loo import loo
from lawjax.inference.posterior import Posterior
from lawjax.prediction import predict
from lawjax.verdict import Verdict

NUM_FOLDS = 10


@dataclasses.dataclass(frozen=True)
class HeldOut:
    """Scores on what was held out, lower is better.

    Attributes:
        scores: of each independent unit: a run, or the mean of a group, shape (law, unit).
        words: what the score is.
        verdict: how far it may be trusted.
        stacking: weights of the laws in the mixture that best predicts what was left out, shape (law,), or None.
    """

    scores: np.ndarray
    words: str
    verdict: Verdict = dataclasses.field(default_factory=Verdict)
    stacking: np.ndarray | None = None


def by_cross_validation(fits: Sequence[Fit], seed: np.ndarray) -> HeldOut:
    """Mean absolute residual of each run by a refit that did not see its fold, the same folds for every fit."""
    runs = fits[0].runs
    folds = _folds(runs, np.random.default_rng(seed))
    errors = np.stack([_held_out_errors(fit, folds) for fit in fits])
    words = f"mean absolute {fits[0].choices.space} residual, {len(np.unique(folds))} folds"
    return HeldOut(_by_group(errors, runs), words)


def by_leave_one_out(posteriors: Sequence[Posterior]) -> HeldOut:
    """Minus the log density of each run, or whole group, under the posterior of the others, and stacking weights."""
    left_out = [loo(posterior) for posterior in posteriors]
    log_densities, by = np.stack([found.elpd_of for found in left_out]), left_out[0].by
    # As a mean per row, so that scores by group read as those by run.
    scores = -log_densities * log_densities.shape[1] / len(posteriors[0].runs)
    notes = Verdict(tuple(note for found in left_out for note in found.verdict.notes))
    words = f"minus mean log predictive density, leave one {by} out"
    return HeldOut(scores, words, notes, stacking_weights(log_densities))


def r_squared(result: Fit | Posterior) -> float:
    """R^2 of the law in its space on the runs that it was fitted to; a posterior's by its middle draw."""
    if isinstance(result, Fit):
        return result.quality[f"r_squared_{result.choices.space}"]
    seen = np.asarray(result.runs[result.law.response], dtype=np.float64)
    middle = predict(result, {name: result.runs[name] for name in result.law.inputs}).median
    seen, middle = (np.log(seen), np.log(middle)) if result.noise.space == "log" else (seen, middle)
    return float(1 - np.sum((seen - middle) ** 2) / np.sum((seen - seen.mean()) ** 2))


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


def _by_group(scores: np.ndarray, runs: Runs) -> np.ndarray:
    """Scores per independent unit: weighted runs, or the mean of each group, shape (law, unit)."""
    weight = np.ones(len(runs)) if runs.weight is None else np.asarray(runs.weight, dtype=np.float64)
    weighted = scores * weight / weight.mean()
    if runs.group is None:
        return weighted
    codes = np.unique(np.asarray(runs.group), return_inverse=True)[1]
    counts = np.bincount(codes)
    return np.stack([np.bincount(codes, weights=row) for row in weighted]) / counts.mean()
