"""Bootstraps: refit the law to many resampled tables at once.

A resample is a vector of weights, so shapes never change and all resamples share one program. Every resample
descends from each distinct optimum that the fit found and keeps the better end.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError, choose
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.problem import Problem, natural_params, padded_weights
from lawjax.fitting.solve import Solution, Status, solve
from lawjax.precision import as_key, in_float64, seed_of
from lawjax.verdict import Note, Verdict, warning

MAX_LANES = 512
"""Lanes solved together: enough to fill the vector units, few enough that the slowest lane does not hold many."""
KINDS = ("pairs", "residual", "wild")


@in_float64
def bootstrap(fit: Fit, *, num: int = 1000, by: str | None = None, kind: str = "pairs", key: Any = 0) -> Draws:
    """Draws of the parameters by refitting resampled runs.

    Args:
        fit: the fit whose law, runs and choices are used.
        num: how many resamples.
        by: "run" resamples whole groups (default where the runs have a `group`), "point" single rows.
        kind: "pairs" resamples rows; "residual" adds resampled residuals to the fitted values; "wild" flips the sign of
            each row's (or group's) own residual at random, which keeps their sizes where they are.
        key: an int or a JAX key.
    Returns:
        `Draws` with one status per draw; draws that failed are NaN.
    Raises:
        InputError: a wrong number, an unknown kind, by="run" without groups, or fewer than two groups.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.01, key=0)
        >>> draws = lj.bootstrap(lj.fit(lj.laws.CHINCHILLA, runs), num=50, key=1)
        >>> len(draws)
        50
    """
    _check(fit, num, by, kind)
    groups = _groups(fit, by)
    generator = np.random.default_rng(seed_of(as_key(key)))
    problem = fit.problem
    weights, shift = padded_weights(fit.runs), None
    if kind == "pairs":
        weights = _pairs_weights(fit, groups, num, generator)
    else:
        shift = _residual_shift(fit, groups, num, kind, generator)
    solution = _refit(fit, problem, weights, shift, num)
    params = natural_params(problem, solution.vector)
    failed = solution.status == Status.NONFINITE
    params = {name: np.where(_lead(failed, array), np.nan, array) for name, array in params.items()}
    unit = "group" if groups is not None else "point"
    return fit.as_draws_of(
        params,
        f"bootstrap ({kind}, by {unit})",
        status=solution.status,
        verdict=fit.verdict + Verdict(tuple(_notes(fit, solution, by))),
    )


def _check(fit: Fit, num: int, by: str | None, kind: str) -> None:
    if not isinstance(fit, Fit):
        raise InputError(f"bootstrap refits a `Fit`, got {type(fit).__name__}. Call lj.fit(law, runs) first.")
    if not isinstance(num, int) or not 2 <= num <= 10_000_000:
        raise InputError(f"`num` must be a whole number from 2 to 10 million, got {num!r}.")
    choose("bootstrap kind", kind, KINDS)
    if by is not None:
        choose("`by`", by, ("run", "point"))
    if kind == "residual" and by != "point" and fit.runs.group is not None:
        raise InputError(
            'residuals of one group belong together and cannot be drawn singly; use kind="wild" or "pairs".'
        )
    if by == "run" and fit.runs.group is None:
        raise InputError('by="run" needs to know which rows belong together: read the runs with group="...".')


def _groups(fit: Fit, by: str | None) -> np.ndarray | None:
    """Code of each row's group, 0 to the number of groups, or None where rows are resampled singly."""
    if by == "point" or fit.runs.group is None:
        return None
    labels, codes = np.unique(np.asarray(fit.runs.group), return_inverse=True)
    if len(labels) < 2:
        raise InputError('all rows belong to one group, so there is nothing to resample. Use by="point".')
    return codes


def _pairs_weights(fit: Fit, groups: np.ndarray | None, num: int, generator: np.random.Generator) -> np.ndarray:
    """Weight of each padded run in each resample, shape (num, padded run)."""
    size = len(fit.runs) if groups is None else int(groups.max()) + 1
    counts = generator.multinomial(size, np.full(size, 1 / size), size=num).astype(np.float64)
    rows = counts if groups is None else counts[:, groups]
    base = padded_weights(fit.runs)
    return np.pad(rows, ((0, 0), (0, len(base) - rows.shape[1]))) * base


def _residual_shift(
    fit: Fit, groups: np.ndarray | None, num: int, kind: str, generator: np.random.Generator
) -> np.ndarray:
    """What moves the observed response of each padded run to fitted value plus new noise, shape (num, padded run)."""
    noise = fit.noise.residuals
    assert noise is not None
    if kind == "wild":
        size = len(noise) if groups is None else int(groups.max()) + 1
        signs = generator.choice([-1.0, 1.0], size=(num, size))
        fresh = noise * (signs if groups is None else signs[:, groups])
    else:
        fresh = generator.choice(noise, size=(num, len(noise)))
    shift = fit.residuals + fresh
    return np.pad(shift, ((0, 0), (0, len(padded_weights(fit.runs)) - shift.shape[1])))


def _refit(fit: Fit, problem: Problem, weights: np.ndarray, shift: np.ndarray | None, num: int) -> Solution:
    """Solve every resample from every distinct optimum of the fit and keep the better end."""
    ends = [_from_start(fit, problem, start, weights, shift, num) for start in fit.optimum_vectors]
    best = np.argmin([end.objective for end in ends], axis=0)
    lanes = np.arange(num)
    return Solution(*(np.stack(arrays)[best, lanes] for arrays in zip(*ends, strict=True)))


def _from_start(
    fit: Fit, problem: Problem, start: np.ndarray, weights: np.ndarray, shift: np.ndarray | None, num: int
) -> Solution:
    loss, chunk, parts = fit.choices.make_loss(), min(MAX_LANES, num), []
    for first in range(0, num, chunk):
        # The last chunk is filled up with repeats, so that all chunks share one program.
        rows = np.minimum(np.arange(first, first + chunk), num - 1)
        part = solve(
            problem,
            loss,
            np.tile(start, (chunk, 1)),
            weights[rows] if weights.ndim == 2 else weights,
            shift=0.0 if shift is None else shift[rows],
            max_steps=fit.choices.max_steps,
        )
        parts.append(Solution(*(array[: num - first] for array in part)))
    return Solution(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _lead(mask: np.ndarray, array: np.ndarray) -> np.ndarray:
    return mask.reshape(mask.shape + (1,) * (array.ndim - 1))


def _notes(fit: Fit, solution: Solution, by: str | None) -> Iterator[Note]:
    failed = int(np.sum(solution.status == Status.NONFINITE))
    if failed:
        yield warning(
            "failed-resamples", f"{failed} of {len(solution.status)} resamples gave no finite fit and are NaN."
        )
    stopped = float(np.mean(solution.status == Status.MAX_STEPS))
    if stopped > 0.05:
        yield warning(
            "unconverged-resamples",
            f"{stopped:.0%} of the resamples took all their steps.",
            "Raise max_steps in the fit.",
        )
    if by == "point" and fit.runs.group is not None:
        yield warning(
            "grouped-rows",
            "Rows of one group were resampled as if they were independent; the intervals are too narrow.",
            'Use by="run".',
        )
    elif fit.runs.group is not None and fit.runs.num_groups < 10:
        yield warning(
            "few-groups-resampled",
            f"Only {fit.runs.num_groups} groups were resampled; the intervals are rough.",
            "Add runs.",
        )
