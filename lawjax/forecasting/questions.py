"""What is asked of one table: its response as something that falls, and the targets."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.data.checks import row_numbers
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.verdict import Note, info


@dataclasses.dataclass(frozen=True, eq=False)
class Question:
    """One table and its targets.

    Attributes:
        runs: the runs.
        name: of the response.
        response: what is forecast, above 0 and meant to fall: the response, or 1 less a score; shape (run,).
        is_score: whether it is 1 less the response.
        targets: a table of the targets' inputs.
        notes: on how the response was taken.
    """

    runs: Runs
    name: str
    response: np.ndarray
    is_score: bool
    targets: Runs
    notes: tuple[Note, ...] = ()

    def turned(self, values: np.ndarray) -> np.ndarray:
        """Values of what falls as values of the response."""
        return 1 - values if self.is_score else values

    def restored(self, median: np.ndarray, low: np.ndarray, high: np.ndarray) -> dict[str, np.ndarray]:
        """Middle and edges of a band as values of the response."""
        edges = (high, low) if self.is_score else (low, high)
        return {n: self.turned(v) for n, v in zip(("median", "low", "high"), (median, *edges), strict=True)}


def question_of(name: Any, runs: Runs, target: Mapping[str, Any], response: str | None, least: int) -> Question:
    """The question, checked.

    A response between 0 and 1 that rises along the first input is taken for a score, and its distance from 1 is what
    falls.

    Args:
        name: of the table, for messages.
        runs: the table.
        target: where, by column.
        response: the column to forecast, or None.
        least: fewest runs.
    Raises:
        InputError: a missing column, values that cannot be used, or too few runs.
    """
    try:
        return _question(runs, target, response, least)
    except InputError as problem:
        raise InputError(f"table {name!r}: {problem}" if name != "" else str(problem)) from problem


def _question(runs: Runs, target: Mapping[str, Any], response: str | None, least: int) -> Question:
    if not isinstance(runs, Runs):
        raise InputError(f"`runs` must be Runs, got {type(runs).__name__}; read a file with lj.read_runs.")
    missing = [column for column in target if column not in runs]
    if missing:
        raise InputError(f"the target names {missing}, which the runs have not; they have {list(runs.columns)}.")
    runs = runs.counted()
    if len(runs) < least:
        raise InputError(f"a forecast needs {least} runs or more, got {len(runs)}.")
    column = _response(runs, target, response)
    values = np.asarray(runs[column], dtype=np.float64)
    is_score = _rises_in_unit(values, np.asarray(runs[next(iter(target))], dtype=np.float64))
    falling = 1 - values if is_score else values
    if np.any(falling <= 0):
        raise InputError(
            f"`{column}` must be positive to be forecast as a ratio, got "
            f"{values[falling <= 0][0]:g} in row {row_numbers(runs)[falling <= 0][0]}. "
            "Shift it, or forecast its distance from the best that is possible."
        )
    notes = (info("score", f"`{column}` rises between 0 and 1: 1 less it is forecast, and turned back."),)
    return Question(runs, column, falling, is_score, _targets(target), notes if is_score else ())


def _response(runs: Runs, target: Mapping[str, Any], response: str | None) -> str:
    if response is not None:
        if response not in runs:
            raise InputError(f"the runs have no column {response!r}; they have {list(runs.columns)}.")
        return response
    if "loss" in runs:
        return "loss"
    left = [name for name in runs.columns if name not in target and name != "C"]
    if len(left) != 1:
        raise InputError(f"which column is to be forecast? Name one of {left} with `response`.")
    return left[0]


def _rises_in_unit(values: np.ndarray, inputs: np.ndarray) -> bool:
    inside = np.all((values > 0) & (values < 1)) and np.ndim(inputs) == 1
    if not inside or np.ptp(inputs) == 0 or np.ptp(values) == 0:
        return False
    ranks = np.argsort(np.argsort(inputs)), np.argsort(np.argsort(values))
    return bool(np.corrcoef(*ranks)[0, 1] > 0)


def _targets(target: Mapping[str, Any]) -> Runs:
    """The targets as a table; single numbers are repeated."""
    columns = {name: np.atleast_1d(np.asarray(value, dtype=np.float64)) for name, value in target.items()}
    size = max(len(column) for column in columns.values())
    for name, column in columns.items():
        if len(column) not in (1, size):
            raise InputError(
                f"the target's `{name}` has {len(column)} values, others have {size}; give one or as many."
            )
        if not np.all(np.isfinite(column)) or np.any(column <= 0):
            raise InputError(f"the target's `{name}` must be positive and finite, got {column.tolist()}.")
    return Runs(columns={name: np.broadcast_to(column, size).copy() for name, column in columns.items()})
