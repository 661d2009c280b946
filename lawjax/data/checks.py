"""The gate before a fit: what makes runs unusable for a law is an error, what makes them doubtful is a note.

`check_fit` is the front door. `doubts.py` holds the notes.
"""

from collections.abc import Collection
from typing import Any

import numpy as np

from lawjax.data.doubts import distinct_runs, doubts_of
from lawjax.data.inputs import check_shape, check_values, reject, reject_vanishing
from lawjax.data.runs import Runs
from lawjax.data.tracing import check_traceable
from lawjax.data.words import listed, nearest
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law, Variable
from lawjax.text import number
from lawjax.verdict import Note, Verdict, warning

SPACES = ("log", "raw", "logit")
SWAPPED_BELOW = 0.2


def check_law_and_runs(law: Any, runs: Any) -> None:
    """Raise where a call has something else in the place of its law or its runs.

    Raises:
        InputError: the message says how to get one.
    Example:
        >>> import lawjax as lj
        >>> check_law_and_runs("chinchilla", lj.Runs.from_columns(N=[1e6], loss=[3.0]))
        Traceback (most recent call last):
        lawjax.errors.InputError: `law` must be a Law, such as lj.laws.CHINCHILLA, got 'chinchilla'. ...
    """
    if not isinstance(law, Law):
        how = "Those of the catalogue are in lj.laws; make your own with lj.Law(function, response=..., params=...)."
        got = repr(law) if isinstance(law, str) else type(law).__name__
        raise InputError(f"`law` must be a Law, such as lj.laws.CHINCHILLA, got {got}. {how}")
    if not isinstance(runs, Runs):
        how = "Read a file with lj.read_runs, a frame with Runs.from_frame, arrays with Runs.from_columns."
        raise InputError(f"`runs` must be Runs, got {type(runs).__name__}. {how}")


def check_fit(
    law: Law,
    runs: Runs,
    *,
    num_free: int | None = None,
    residual: str = "log",
    fixed: Collection[str] = (),
    force: bool = False,
) -> Verdict:
    """Whether a law can be fitted to these runs: an error where it cannot, else what to know of them.

    Args:
        law: the law.
        runs: the table; it needs a column for each input and for the response.
        num_free: number of parameters that the fit is free to move; by default all that are not `fixed`.
        residual: "log", "raw" or "logit": the space in which the fit compares loss with law.
        fixed: names of parameters that the fit holds.
        force: accept an N and D that look swapped; a warning stays.
    Returns:
        Notes, each with a stable code: see `doubts_of`.
    Raises:
        InputError: the law is not one that JAX can follow, a column is missing or constant, a value is impossible,
            there are fewer different runs than parameters, or N and D look swapped. The message names column and rows
            and says what to do.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(N=[1e6, 1e7, 1e8], D=[1e9, 4e9, 2e9], loss=[4.0, 3.5, 3.1])
        >>> check_fit(lj.laws.CHINCHILLA, runs)
        Traceback (most recent call last):
        lawjax.errors.InputError: 3 runs cannot determine the 5 parameters of `chinchilla`: E, A, alpha, B, ...
    """
    check_law_and_runs(law, runs)
    choose("residual", residual, SPACES)
    check_traceable(law)
    free = [name for name in law.params if name not in fixed]
    num_free = sum(law.params[name].size or 1 for name in free) if num_free is None else num_free
    _check_columns(law, runs)
    rows = row_numbers(runs)
    for name, variable in law.inputs.items():
        check_values(name, variable, np.asarray(runs[name]), rows)
    _check_response(law, np.asarray(runs[law.response]), rows, residual)
    counted = _counted(runs)
    _check_number(law, int(counted.sum()), distinct_runs(law, runs, counted), num_free, free)
    for name in law.inputs:
        _check_varies(law, name, np.asarray(runs[name])[counted], free)
    notes = [*_swapped(law, runs, force), *doubts_of(law, runs, rows, counted, num_free)]
    return Verdict(tuple(notes))


def row_numbers(runs: Runs) -> np.ndarray:
    """Row number of each run in its source, counted from 1."""
    return np.arange(1, len(runs) + 1) if runs.row is None else np.asarray(runs.row)


def _counted(runs: Runs) -> np.ndarray:
    """Which runs have a weight above 0."""
    return np.ones(len(runs), dtype=bool) if runs.weight is None else np.asarray(runs.weight) > 0


def _check_columns(law: Law, runs: Runs) -> None:
    if len(runs) == 0:
        raise InputError(f"there are no runs to fit `{law.name}` to. The table is empty.")
    unusable = dict(runs.origin.unusable)
    missing = [name for name in (*law.inputs, law.response) if name not in runs]
    for name in missing:
        if name in unusable:
            raise InputError(f"`{law.name}` needs the column `{name}`. It is there, but {unusable[name]}")
    if missing:
        present = [*runs.columns, *unusable]
        raise InputError(
            f"`{law.name}` needs {_columns(missing)}, but the table has {listed(present)}."
            f'{nearest(missing[0], present)} Say which column it is: columns={{"{missing[0]}": "..."}}.'
        )


def _columns(names: list[str]) -> str:
    return f"the column{'s' if len(names) > 1 else ''} {listed(names)}"


def _check_response(law: Law, column: np.ndarray, rows: np.ndarray, residual: str) -> None:
    check_shape(law.response, Variable(), column)
    label = f"`{law.response}`"
    reject(label, column, rows, ~np.isfinite(column), "must be finite", "Drop these rows or correct them.")
    if residual == "logit":
        fix = 'Only values strictly between 0 and 1 have a logit: use residual="raw", or drop these rows.'
        reject(label, column, rows, (column <= 0) | (column >= 1), "must lie between 0 and 1", fix)
    if law.support == "unit":
        reject(label, column, rows, (column < 0) | (column > 1), "must lie from 0 to 1", "Divide per cent by 100.")
    if law.support == "positive" or residual == "log":
        reject(label, column, rows, column <= 0, "must be positive", _positive_fix(law))
        reject_vanishing(label, column, rows)


def _positive_fix(law: Law) -> str:
    if law.support == "positive":
        return f"Values at or below zero have no logarithm, and `{law.name}` is positive everywhere: drop these rows."
    return 'Values at or below zero have no logarithm: use residual="raw", or drop these rows.'


def _check_number(law: Law, num_runs: int, num_distinct: int, num_free: int, free: list[str]) -> None:
    if num_distinct >= num_free:
        return
    copies = f" that differ (of {num_runs})" if num_distinct < num_runs else ""
    count = f"{num_distinct} run{'' if num_distinct == 1 else 's'}{copies}"
    raise InputError(
        f"{count} cannot determine the {num_free} parameters of `{law.name}`: {', '.join(free)}. "
        f"Add at least {num_free - num_distinct + 1} runs, or fix parameters (fixed={{...}})."
    )


def _check_varies(law: Law, name: str, column: np.ndarray, free: list[str]) -> None:
    if not (column == column[0]).all():
        return
    tied = [key for key in _parameters_of(law, name) if key in free]
    if law.recentre is None and not tied:
        return
    rest = [key for key in free if key not in tied]
    blurred = f"{listed(tied)} cannot be told from {listed(rest)}" if tied and rest else "its effect cannot be learned"
    value = number(column[0]) if column.ndim == 1 else str(column[0].tolist())
    raise InputError(
        f"`{name}` is {value} in all {len(column)} runs, so {blurred}. Add runs with another `{name}`, use a law "
        "without it, or fix those parameters (fixed={...})."
    )


def _parameters_of(law: Law, name: str) -> list[str]:
    """Parameters that only runs with different values of an input can determine."""
    tied = []
    for key, param in law.params.items():
        if name in param.dims or name in param.shift:
            exponent = param.dims.get(name)
            tied += [key, *([exponent.removeprefix("-")] if isinstance(exponent, str) else [])]
    return list(dict.fromkeys(tied))


def _swapped(law: Law, runs: Runs, force: bool) -> list[Note]:
    units = {name: variable.unit for name, variable in law.inputs.items()}
    if units.get("N") != "parameters" or units.get("D") != "tokens":
        return []
    ratio = float(np.median(np.asarray(runs["D"], dtype=np.float64) / np.asarray(runs["N"], dtype=np.float64)))
    if ratio >= SWAPPED_BELOW:
        return []
    sizes, tokens = (number(float(np.median(np.asarray(runs[name])))) for name in ("N", "D"))
    reason = (
        f"`N` and `D` look swapped: the median run has N = {sizes} parameters and D = {tokens} tokens, "
        f"{number(ratio)} tokens per parameter."
    )
    if not force:
        raise InputError(f"{reason} Exchange the columns or check their units; pass force=True if this is meant.")
    return [warning("looks-swapped", reason, "It was accepted because force=True.")]
