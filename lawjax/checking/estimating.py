"""Outlooks of a law on many cut tables at once: by posteriors under weak priors, or by point fits."""

import dataclasses
import hashlib
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lawjax.checking.origins import Cut
from lawjax.checking.outlook import Outlook
from lawjax.data.runs import Runs
from lawjax.errors import choose
from lawjax.fitting.centring import Centring
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.many import fit_each
from lawjax.fitting.problem import Layout, Problem, make_problem, tables_of
from lawjax.fitting.residuals import choose_space
from lawjax.inference.small_tables import SmallTables, WeakPrior
from lawjax.inference.tempered import Tempered, temper
from lawjax.inference.weak_priors import weak_prior
from lawjax.laws.base import Law, over_runs
from lawjax.parallel.cores import in_batches
from lawjax.precision import in_float64, seed_of
from lawjax.spaces import to_space

FREEDOM = {"student_t": 4.0, "normal": np.inf}
"""Degrees of freedom of the scatter by the name of the noise model."""
POINT_FITS = ("huber", "absolute", "squared")
ESTIMATORS = (*FREEDOM, *POINT_FITS)
RECENCY = 0.35
"""By how much less a row weighs for each factor of e that it lies below the cut: laws are laws of a neighbourhood."""
NUM_DRAWS = 128
BATCH = 16
SCALE_STEPS = 50
SHARED = 0.5
"""Share of a run's scatter that its checkpoints have in common: n of them count as n / (1 + (n - 1) / 2) runs."""


def outlooks(
    law: Law,
    cuts: Sequence[Cut],
    *,
    estimator: str = "student_t",
    recency: float = RECENCY,
    num_draws: int = NUM_DRAWS,
    num_settling: int = 0,
    key: Any = 0,
) -> list[Outlook]:
    """What the law says of the rows of each cut table, fitted to the rows below the cut.

    Args:
        law: the law.
        cuts: the tables, cut; the response of a row that is not seen is not looked at.
        estimator: "student_t" or "normal" for a posterior under weak priors with that scatter; "huber", "absolute" or
            "squared" for a point fit with that loss.
        recency: by how much less a row weighs for each factor of e below the cut.
        num_draws, num_settling: of each posterior, see `temper`.
        key: seed.
    """
    choose("estimator", estimator, ESTIMATORS)
    if estimator in POINT_FITS:
        return _by_fits(law, cuts, estimator, recency, key)
    return _by_posteriors(law, cuts, FREEDOM[estimator], recency, num_draws, num_settling, key)


@in_float64
def _by_posteriors(
    law: Law, cuts: Sequence[Cut], freedom: float, recency: float, num_draws: int, num_settling: int, key: Any
) -> list[Outlook]:
    space = choose_space(law, None)
    layout = Layout.of(law, None, None)
    centrings = [Centring.of(law, cut.runs.take(cut.seen)) for cut in cuts]
    problem = tables_of(
        [
            make_problem(layout, _hidden(law, cut, centring.level), centring, space, fixed={})
            for cut, centring in zip(cuts, centrings, strict=True)
        ]
    )
    priors = [weak_prior(law, centring, space) for centring in centrings]
    tables = SmallTables(
        problem,
        _padded([row_weights(cut, recency) for cut in cuts], problem.target.shape[1]),
        WeakPrior(*(np.stack(parts) for parts in zip(*priors, strict=True))),
        freedom,
    )
    seeds = _seeds(law, key, cuts)
    found = temper(tables, num_draws=num_draws, num_settling=num_settling, seeds=seeds)
    middles = _middles(problem, found)
    return [
        Outlook(middles[i][:, : len(cut.runs)], found.scale[i], freedom, space, float(found.log_evidence[i]))
        for i, cut in enumerate(cuts)
    ]


def _by_fits(law: Law, cuts: Sequence[Cut], loss: str, recency: float, key: Any) -> list[Outlook]:
    tables = {
        index: cut.runs.reweighted(np.where(cut.seen, row_weights(cut, recency), 0.0)) for index, cut in enumerate(cuts)
    }
    fits = fit_each(law, {index: _visible(table) for index, table in tables.items()}, loss=loss, key=key)
    return [_of_fit(fits[index], cut) for index, cut in enumerate(cuts)]


@in_float64
def _of_fit(fit: Fit, cut: Cut) -> Outlook:
    """The value of a point fit, with a scatter that its residuals ask for."""
    columns = {name: cut.runs[name] for name in fit.law.inputs}
    middle = np.asarray(to_space(fit.choices.space, np.asarray(over_runs(fit.law, fit.params, columns))))
    seen = np.asarray(to_space(fit.choices.space, np.asarray(cut.runs[fit.law.response], dtype=np.float64)[cut.seen]))
    spare = max(cut.seen.sum() - fit.layout.num_free, 1)
    scale = _student_scale(seen - middle[cut.seen]) * np.sqrt(cut.seen.sum() / spare)
    return Outlook(middle[None], np.array([scale]), FREEDOM["student_t"], fit.choices.space)


def _student_scale(residuals: np.ndarray) -> float:
    """The most likely scale of a Student-t, by expectation and maximisation."""
    freedom = FREEDOM["student_t"]
    square = max(float(np.mean(residuals**2)), np.finfo(float).tiny)
    for _ in range(SCALE_STEPS):
        square = float(np.mean((freedom + 1) * residuals**2 / (freedom + residuals**2 / square)))
        square = max(square, np.finfo(float).tiny)
    return float(np.sqrt(square))


def row_weights(cut: Cut, recency: float) -> np.ndarray:
    """How often each row counts, 0 above the cut, shape (row,)."""
    given = np.ones(len(cut.runs)) if cut.runs.weight is None else np.asarray(cut.runs.weight, dtype=np.float64)
    own = given / given[cut.seen].mean() / _repeats(cut)
    return np.where(cut.seen, own * np.exp(recency * np.minimum(cut.distance, 0.0)), 0.0)


def _repeats(cut: Cut) -> np.ndarray:
    """By how much less each row counts because others of its run are seen too, shape (run,)."""
    if cut.runs.group is None:
        return np.ones(len(cut.runs))
    codes = np.unique(np.asarray(cut.runs.group), return_inverse=True)[1]
    of_run = np.bincount(codes, weights=cut.seen)[codes]
    return 1 + SHARED * np.maximum(of_run - 1, 0)


def _visible(runs: Runs) -> Runs:
    """The rows that count, as a table of their own."""
    part = runs.take(np.asarray(runs.weight) > 0)
    return dataclasses.replace(part, origin=dataclasses.replace(part.origin, rows_read=len(part), dropped=()))


def _hidden(law: Law, cut: Cut, level: float) -> Runs:
    """The table with a plain number for each response that is not seen, which has no weight."""
    response = np.where(cut.seen, np.asarray(cut.runs[law.response], dtype=np.float64), level)
    return dataclasses.replace(cut.runs, columns={**cut.runs.columns, law.response: response})


def _padded(rows: Sequence[np.ndarray], size: int) -> np.ndarray:
    return np.stack([np.pad(row, (0, size - len(row))) for row in rows])


def _seeds(law: Law, key: Any, cuts: Sequence[Cut]) -> np.ndarray:
    """Words for the draws of each cut, of the key and of what was seen: a table's draws are its own in any batch."""
    words = seed_of(key)
    return np.stack([np.append(words, _digest(np.asarray(cut.runs[law.response])[cut.seen])) for cut in cuts])


def _digest(column: np.ndarray) -> np.ndarray:
    """Four words that stand for an array."""
    content = np.ascontiguousarray(column, dtype=np.float64).tobytes()
    return np.frombuffer(hashlib.sha256(content).digest()[:16], dtype=np.uint32)


def _middles(problem: Problem, found: Tempered) -> np.ndarray:
    """The law's value for every draw at every row in the residual space, shape (table, draw, row)."""

    def batch(index: np.ndarray) -> np.ndarray:
        own: Problem = jax.tree.map(lambda array: np.asarray(array)[index], problem)
        return np.asarray(_law_values(own, found.vectors[index]))

    return in_batches(batch, len(found.vectors), min(BATCH, len(found.vectors)))


@jax.jit
def _law_values(problem: Problem, vectors: Any) -> Any:
    def of_table(problem: Problem, vectors: Any) -> Any:
        return jax.vmap(problem.residuals)(vectors) + problem.target[None]

    return jax.vmap(of_table)(problem, vectors)
