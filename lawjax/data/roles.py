"""What some columns stand for: the group of a row, its weight, and the multiple that a column is given in."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lawjax.data.cells import Cells, Problem, must
from lawjax.data.words import find, rows_text
from lawjax.errors import InputError

MULTIPLES = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
WORDS = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}

RUN_ID = re.compile(
    r"(run|wandb|wandbrun|seedrun|job|trial|exp|experiment)(id|name|key|no|number|hash|uuid|s|ids)?|hyperid|name|u?id|uuid"
)
"""Names of columns that tell runs apart, in lower case and without punctuation. Not `model` or `family`: models of
one name are often trained anew for each amount of data."""


def is_run_id(column: str) -> bool:
    """Whether a column of this name tells training runs apart.

    Example:
        >>> [is_run_id(name) for name in ("Run ID", "wandb_id", "exp.", "model", "N")]
        [True, True, True, False, False]
    """
    return RUN_ID.fullmatch(re.sub(r"[^a-z0-9]", "", column.lower())) is not None


def group_codes(cells: Cells, name: str, rows: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Group codes in the order of the sorted labels, and the labels."""
    if cells.null_count:
        gaps = rows[cells.is_null().to_numpy(zero_copy_only=False)]
        raise InputError(f"the group column `{name}` is empty in {rows_text(gaps)}. Say which run each row belongs to.")
    if pa.types.is_nested(cells.type):
        raise InputError(f"the group column `{name}` holds lists or records. Give one number or text per row.")
    chunked = pa.chunked_array([cells]) if isinstance(cells, pa.Array) else cells
    plain = chunked.cast(cells.type.value_type) if pa.types.is_dictionary(cells.type) else chunked
    encoded = plain.combine_chunks().dictionary_encode()
    labels = encoded.dictionary
    order = pc.array_sort_indices(labels).to_numpy()
    code_of = np.empty(len(order), dtype=np.int64)
    code_of[order] = np.arange(len(order))
    return code_of[encoded.indices.to_numpy()], tuple(str(label) for label in labels.take(pa.array(order)).to_pylist())


def weights_of(read: np.ndarray | Problem, name: str, rows: np.ndarray) -> np.ndarray:
    """Weights that are not negative and not all zero, shape (run,)."""
    weights = must(name, read, "weight").astype(np.float64)
    negative = np.flatnonzero(weights < 0)
    if len(negative):
        raise InputError(
            f"weights must not be negative, got {weights[negative[0]]:g} in `{name}`, {rows_text(rows[negative])}. "
            "Use 0 to leave a row out."
        )
    if not weights.any():
        raise InputError(f"all {len(weights)} weights in `{name}` are 0, so no row counts. Give at least one above 0.")
    return weights


def multiples_of(
    units: Mapping[str, float | str], values: Mapping[str, Any], unusable: Mapping[str, Problem]
) -> dict[str, float]:
    """The factor of each column that `units` names."""
    if not isinstance(units, Mapping):
        raise InputError(f'`units` maps a column to its multiple, as in {{"D": "1e9"}}, got {units!r}.')
    for name in units:
        if name in unusable:
            raise InputError(f"`units` names `{name}`, but that column {unusable[name]}")
        find(name, list(values), "`units` names")
    return {name: _multiple(name, unit) for name, unit in units.items()}


def _multiple(name: str, unit: float | str) -> float:
    text = str(unit).strip().lower()
    try:
        factor = MULTIPLES.get(text) or WORDS.get(text.removesuffix("s")) or float(text)
    except ValueError:
        factor = np.nan
    if not (np.isfinite(factor) and factor > 0):
        choices = ", ".join(f'"{word}s"' for word in WORDS)
        raise InputError(
            f"the unit of `{name}` is {unit!r}, which is not a multiple. Give a number above 0, such as 1e9, or one of "
            f'{choices}, "K", "M", "B", "T".'
        )
    return factor


def scaled(name: str, column: np.ndarray, factor: float | None, rows: np.ndarray) -> np.ndarray:
    """The column in single counts."""
    if factor is None:
        return column
    with np.errstate(over="ignore"):
        scaled = column.astype(np.float64) * factor
    lost = np.flatnonzero(~np.isfinite(scaled.reshape(len(rows), -1)).all(axis=1))
    if len(lost):
        raise InputError(
            f"`{name}` times {factor:g} (its unit) is not finite in {rows_text(rows[lost])}. Check the unit."
        )
    return scaled
