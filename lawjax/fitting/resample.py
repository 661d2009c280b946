"""Bootstraps: refit the law to many resampled tables at once.

What a resample is stands in `resampling.py`. Every resample is searched globally: it descends from each distinct
optimum that the fit found and from the best of many other points under its own weights, and keeps the best end.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.data.doubts import distinct_runs
from lawjax.draws import Draws
from lawjax.errors import InputError, check_whole
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.many import Fits
from lawjax.fitting.problem import natural_params, padded_weights
from lawjax.fitting.refit import Refitter, Rows
from lawjax.fitting.resampling import Plan, make_plan, plan_notes
from lawjax.fitting.solve import Solution
from lawjax.fitting.status import Status
from lawjax.parallel.processes import Team, team_of
from lawjax.precision import in_float64, seed_of
from lawjax.verdict import Note, Verdict, error, warning

CHUNK = 8192


@in_float64
def bootstrap(
    fit: Fit | Fits,
    *,
    num: int = 1000,
    by: str | None = None,
    kind: str = "pairs",
    weights: Any = None,
    chunk: int = CHUNK,
    key: Any = 0,
    distributed: bool = False,
) -> Any:
    """Draws of the parameters by refitting resampled runs.

    Args:
        fit: the fit whose law, runs and choices are used, or the fits of `fit_each`, which are resampled in one go.
        num: how many resamples.
        by: "run" resamples whole groups (default where the runs have a `group`), "point" single rows.
        kind: "pairs" resamples rows; "residual" gives each fitted value a residual drawn from all; "wild" turns the
            sign of each row's (or group's) own residual at random, which keeps their sizes where they are.
        weights: resamples of your own in place of drawn ones: how often each run counts, shape (num, run).
        chunk: resamples held in memory at a time; the draws are the same whatever it is.
        key: an int or a JAX key.
        distributed: share the resamples among the processes joined by `lawjax.parallel.distributed`, each of which
            makes this call and gets all draws.
    Returns:
        `Draws` with one status per draw, where draws that failed are NaN; for many fits a dict of them.
    Raises:
        InputError: a wrong number, an unknown kind, by="run" without groups, or fewer than two groups.
        LostProcessError: a process that shares the work died.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.01, key=0)
        >>> draws = lj.bootstrap(lj.fit(lj.laws.CHINCHILLA, runs), num=50, key=1)
        >>> len(draws)
        50
    """
    _check(fit, num, weights, chunk)
    fits = {"": fit} if isinstance(fit, Fit) else dict(fit.fits)
    seed = seed_of(key)
    if weights is None:
        sources = {name: _Drawn(one, make_plan(one, kind, by, seed), num) for name, one in fits.items()}
    else:
        sources = {name: _Given(one, _checked(one, weights)) for name, one in fits.items()}
    solutions = _refit_all(list(fits.values()), list(sources.values()), chunk, team_of(distributed))
    draws = {
        name: _as_draws(fits[name], sources[name], solution) for name, solution in zip(fits, solutions, strict=True)
    }
    return draws[""] if isinstance(fit, Fit) else draws


@dataclasses.dataclass(frozen=True, eq=False)
class _Drawn:
    """Resamples drawn by a plan."""

    fit: Fit
    plan: Plan
    num: int

    @property
    def origin(self) -> str:
        """What made the draws, in words."""
        return f"bootstrap ({self.plan.kind}, by {'group' if self.plan.grouped else 'point'})"

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader must know of them."""
        return plan_notes(self.fit, self.plan)

    def rows(self, first: int, last: int) -> Rows:
        """Weights and shifts of some of the resamples."""
        weights, shift = self.plan.rows(first, last)
        shared = np.broadcast_to(self.plan.weights, (last - first, len(self.plan.weights)))
        return Rows(shared if weights is None else weights, shift)


@dataclasses.dataclass(frozen=True, eq=False)
class _Given:
    """Resamples that the caller brought."""

    fit: Fit
    counts: np.ndarray
    origin: str = "bootstrap (given weights)"
    notes: tuple[Note, ...] = ()

    @property
    def num(self) -> int:
        """How many resamples."""
        return len(self.counts)

    def rows(self, first: int, last: int) -> Rows:
        """Weights of some of the resamples."""
        base = padded_weights(self.fit.runs)
        counts = self.counts[first:last]
        return Rows(np.pad(counts, ((0, 0), (0, len(base) - counts.shape[1]))) * base)


def _check(fit: Any, num: Any, weights: Any, chunk: Any) -> None:
    if not isinstance(fit, Fit | Fits):
        raise InputError(f"bootstrap refits a `Fit`, got {type(fit).__name__}. Call lj.fit(law, runs) first.")
    if weights is None and (not isinstance(num, int) or not 2 <= num <= 10_000_000):
        raise InputError(f"`num` must be a whole number from 2 to 10 million, got {num!r}.")
    check_whole("chunk", chunk, 1)


def _checked(fit: Fit, weights: Any) -> np.ndarray:
    counts = np.asarray(weights, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[1] != len(fit.runs) or len(counts) < 2:
        raise InputError(
            f"`weights` must have one row per resample, two at least, and one column for each of the {len(fit.runs)} "
            f"runs of the fit, got the shape {counts.shape}."
        )
    wrong = np.flatnonzero(~(np.all(np.isfinite(counts) & (counts >= 0), axis=1) & (counts.sum(axis=1) > 0)))
    if len(wrong):
        raise InputError(f"`weights` must be 0 or more, not all 0; resample {wrong[0]} is not.")
    return counts


def _refit_all(fits: Sequence[Fit], sources: Sequence[Any], chunk: int, team: Team) -> list[Solution]:
    """The best end of every resample of every fit."""
    mine = team.share(sources[0].num)
    if team.size == 1:
        return _refit_some(fits, sources, chunk, mine)
    found = team.all_do(lambda: _refit_some(fits, sources, chunk, mine) if mine else [])
    arrays = {f"{name} {fit}": a for fit, own in enumerate(found) for name, a in own._asdict().items()}
    parts = team.gather_arrays(arrays)
    return [
        Solution(*(np.concatenate([part[f"{name} {fit}"] for part in parts if part]) for name in Solution._fields))
        for fit in range(len(fits))
    ]


def _refit_some(fits: Sequence[Fit], sources: Sequence[Any], chunk: int, which: range) -> list[Solution]:
    """The best end of some resamples of every fit."""
    refitter = Refitter.of(fits)
    # Resamples are drawn and seeded in blocks: with very many fits a few of each would cost as much as a block.
    step = max(chunk // len(fits), min(chunk, 64))
    parts = [
        refitter.solve([source.rows(first, min(first + step, which.stop)) for source in sources])
        for first in which[::step]
    ]
    return [
        Solution(*(np.concatenate(arrays) for arrays in zip(*own, strict=True))) for own in zip(*parts, strict=True)
    ]


def _as_draws(fit: Fit, source: Any, solution: Solution) -> Draws:
    params: Mapping[str, np.ndarray] = natural_params(fit.problem, solution.vector)
    failed = solution.status == Status.NONFINITE
    params = {name: np.where(_lead(failed, array), np.nan, array) for name, array in params.items()}
    notes = (*source.notes, *_notes(fit, solution))
    return fit.as_draws_of(params, source.origin, status=solution.status, verdict=fit.verdict + Verdict(notes))


def _lead(mask: np.ndarray, array: np.ndarray) -> np.ndarray:
    return mask.reshape(mask.shape + (1,) * (array.ndim - 1))


def _notes(fit: Fit, solution: Solution) -> Iterator[Note]:
    num = distinct_runs(fit.law, fit.runs, padded_weights(fit.runs)[: len(fit.runs)] > 0)
    if num <= fit.layout.num_free:
        yield error(
            "no-slack",
            f"{num} different runs and {fit.layout.num_free} free parameters: resamples repeat the same perfect fit, "
            "and their spread says nothing.",
            "Add runs, or fix parameters.",
        )
    failed = int(np.sum(solution.status == Status.NONFINITE))
    if failed:
        yield warning(
            "failed-resamples", f"{failed} of {len(solution.status)} resamples gave no finite fit and are NaN."
        )
    stopped = float(np.mean(np.isin(solution.status, (Status.MAX_STEPS, Status.STALLED))))
    if stopped > 0.05:
        yield warning(
            "unconverged-resamples",
            f"{stopped:.0%} of the resamples stopped before they converged.",
            "Raise max_steps in the fit.",
        )
