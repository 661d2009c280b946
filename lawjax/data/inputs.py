"""What an input of a law may be: one owner of the check, for tables, predictions and designs alike."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.data.words import rows_text
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable

SUM_TOLERANCE = 1e-3


def input_columns(law: Law, inputs: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The law's inputs as float64 arrays of one length, checked; single values are repeated.

    Raises:
        InputError: a missing or unknown input, lengths that differ, or values that an input cannot have.
    """
    missing = [name for name in law.inputs if name not in inputs]
    stray = [name for name in inputs if name not in law.inputs]
    if missing or stray:
        raise InputError(f"law {law.name!r} has the inputs {list(law.inputs)}; missing {missing}, not known {stray}.")
    columns = {name: _column(name, variable, inputs[name]) for name, variable in law.inputs.items()}
    num_rows = max(len(column) for column in columns.values())
    for name, column in columns.items():
        if len(column) not in (1, num_rows):
            raise InputError(f"`{name}` has {len(column)} rows, other inputs have {num_rows}; give one or as many.")
    return {name: np.broadcast_to(c, (num_rows, *c.shape[1:])).copy() for name, c in columns.items()}


def _column(name: str, variable: Variable, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` must be numbers, got {value!r}.") from None
    array = array[None] if array.ndim == (0 if variable.size is None else 1) else array
    if not len(array):
        raise InputError(f"`{name}` is empty; give one number or more.")
    check_values(name, variable, array, np.arange(1, len(array) + 1))
    return array


def one_value(name: str, value: Any, variable: Variable) -> np.ndarray:
    """A value that a caller holds, as float64 of its variable's shape, checked.

    Raises:
        InputError: no number, a wrong shape, or a value outside the variable's kind.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` must be a number, got {value!r}.") from None
    wanted = () if variable.size is None else (variable.size,)
    if array.shape != wanted:
        what = "one number" if variable.size is None else f"{variable.size} numbers"
        raise InputError(f"`{name}` must be {what}, got the shape {array.shape}.")
    unit = f" ({variable.unit})" if variable.unit else ""
    for holds, rule in (
        (np.all(np.isfinite(array)), "must be finite"),
        (not variable.positive or np.all(array > 0), f"must be positive{unit}"),
        (variable.kind != "amount" or np.all(array >= 0), "must not be negative"),
        (variable.kind not in ("fraction", "simplex") or np.all((array >= 0) & (array <= 1)), "must lie from 0 to 1"),
        (variable.kind != "simplex" or abs(array.sum() - 1) <= SUM_TOLERANCE, "must sum to 1"),
    ):
        if not holds:
            raise InputError(f"`{name}` {rule}, got {value!r}.")
    return array


def check_values(name: str, variable: Variable, column: np.ndarray, rows: np.ndarray) -> None:
    """Raise where a column holds what its variable cannot be, naming the rows.

    Args:
        name: of the column, for the message.
        variable: what it measures.
        column: its values, shape (run,) or (run, size).
        rows: row number of each run, for the message.
    Raises:
        InputError: a wrong shape, or values outside the variable's kind.
    """
    check_shape(name, variable, column)
    label = f"`{name}`"
    reject(label, column, rows, ~np.isfinite(column), "must be finite", "Drop these rows or correct them.")
    if variable.positive:
        fix = "Laws take logarithms of their inputs: drop these rows, or check the column."
        reject(label, column, rows, column <= 0, f"must be positive ({variable.unit or variable.kind})", fix)
        reject_vanishing(label, column, rows)
    if variable.kind == "amount":
        reject(label, column, rows, column < 0, "must not be negative", "Drop these rows, or check the column.")
    if variable.kind in ("fraction", "simplex"):
        fix = "Divide per cent by 100."
        reject(label, column, rows, (column < 0) | (column > 1), "must lie from 0 to 1", fix)
    if variable.kind == "simplex":
        sums = column.sum(axis=1)
        off = np.abs(sums - 1) > SUM_TOLERANCE
        reject(f"the entries of {label}", sums, rows, off, "must sum to 1", "Divide each row by its sum.")


def check_shape(name: str, variable: Variable, column: np.ndarray) -> None:
    """Raise where a column is not one number, or one vector of the variable's length, per run."""
    entries = () if variable.size is None else (variable.size,)
    if column.ndim == 1 + len(entries) and column.shape[1:] == entries:
        return
    wanted = "one number" if variable.size is None else f"{variable.size} numbers"
    raise InputError(
        f"`{name}` must have {wanted} per run, got the shape {column.shape}. "
        'A vector is read from a list of columns: columns={"ratio": ["web", "code"]}.'
    )


def reject(label: str, column: np.ndarray, rows: np.ndarray, bad: np.ndarray, rule: str, fix: str) -> None:
    """Raise where a value breaks a rule, with the rows and the first such value."""
    hits = np.flatnonzero(bad.any(axis=1) if bad.ndim > 1 else bad)
    if len(hits):
        value = column[bad][0]
        raise InputError(f"{label} {rule}, got {value:g} in {rows_text(rows[hits])}. {fix}")


def reject_vanishing(label: str, column: np.ndarray, rows: np.ndarray) -> None:
    """Raise where a positive column holds numbers so small that the compiler takes them for zero."""
    least = sys.float_info.min
    rule = f"must be at least {least:.2g}, the least number that is not taken for zero"
    reject(label, column, rows, (column > 0) & (column < least), rule, "Check the unit of the column.")
