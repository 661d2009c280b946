"""One column at a time: cells to numbers, or the reason why not, with the row, the cell and the fix."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

import dataclasses
import numbers
import re
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lawjax.data.words import rows_text
from lawjax.errors import InputError

Cells: TypeAlias = "pa.ChunkedArray | pa.Array"

NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$|^\s*[+-]?(?i:nan|inf|infinity)\s*$"
LARGEST = 2**63 - 1
SUFFIXES = {"K": 3, "M": 6, "B": 9, "G": 9, "T": 12}
MISSING = ("", "-", "--", "?", "na", "n/a", "<na>", "none", "null", "missing", "nil")


@dataclasses.dataclass(frozen=True)
class Problem:
    """Why a column cannot be read as numbers: a phrase that follows its name, and the fix."""

    what: str
    fix: str

    def __str__(self) -> str:
        return f"{self.what}. {self.fix}"


def numbers_of(cells: Cells, rows: np.ndarray, *, as_text: bool = False) -> np.ndarray | Problem:
    """The column as int64 where whole numbers are exact, else as float64; or why it cannot be.

    Args:
        cells: the column.
        rows: row number of each cell, shape (run,).
        as_text: whether the file holds all numbers as text, so that text which reads as numbers is fine.
    """
    if is_text(cells.type):
        problem = _text_problem(cells, rows, as_text)
        if problem is not None:
            return problem
        cells = _parsed(cells)
    problem = _type_problem(cells.type) or _gap_problem(cells, rows)
    if problem is not None:
        return problem
    return _exact(cells, rows) if pa.types.is_integer(cells.type) else _finite(cells, rows)


def _exact(cells: Cells, rows: np.ndarray) -> np.ndarray | Problem:
    values = cells.to_numpy()
    large = np.flatnonzero(values > LARGEST) if values.dtype == np.uint64 else np.array([], dtype=int)
    if len(large):
        what = (
            f"has {values[large[0]]} in {rows_text(rows[large])}, above 2^63 - 1, the largest whole number kept exactly"
        )
        return Problem(
            what, "A negative number stored as unsigned looks like this; if it is meant, make the column floats."
        )
    return values.astype(np.int64)


def _finite(cells: Cells, rows: np.ndarray) -> np.ndarray | Problem:
    values = cells.cast(pa.float64()).to_numpy()
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        what = f"is not a finite number in {rows_text(rows[bad])} ({values[bad[0]]})"
        return Problem(what, "Drop these rows (`where=...`) or correct them.")
    return values.astype(np.float64)


def _gap_problem(cells: Cells, rows: np.ndarray) -> Problem | None:
    if cells.null_count == 0:
        return None
    gaps = rows[cells.is_null().to_numpy(zero_copy_only=False)]
    return Problem(f"is empty or NaN in {rows_text(gaps)}", "Fill these cells, or drop the rows (`where=...`).")


def _type_problem(kind: pa.DataType) -> Problem | None:
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return None
    if pa.types.is_boolean(kind):
        return Problem("holds true and false", "Map it to 0 and 1 if it is meant as a number.")
    if pa.types.is_temporal(kind):
        return Problem(f"holds dates or times ({kind})", "Give a number, such as seconds or tokens.")
    if pa.types.is_dictionary(kind):
        return Problem("is categorical", "Convert it to numbers first, as in `frame[name].astype(float)`.")
    if pa.types.is_nested(kind):
        return Problem(
            f"holds lists or records ({kind})", 'Give one column per entry: columns={"ratio": ["r1", "r2"]}.'
        )
    if pa.types.is_null(kind):
        return Problem("is empty in every row", "Fill it or leave it out.")
    return Problem(f"has the type {kind}", "Convert it to numbers.")


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds text."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _text_problem(cells: Cells, rows: np.ndarray, as_text: bool) -> Problem | None:
    reads = pc.match_substring_regex(cells, NUMBER).fill_null(True).to_numpy(zero_copy_only=False)
    bad = np.flatnonzero(~reads)
    if len(bad) == 0 and as_text:
        return None
    first = int(bad[0]) if len(bad) else 0
    cell = str(cells[first].as_py() or "")
    more = f" (and {len(bad) - 1} more)" if len(bad) > 1 else ""
    return Problem(f"has text in row {rows[first]}: {cell!r}{more}", fix_of(cell))


def fix_of(cell: str) -> str:
    """What to do about a cell that is text where a number should be."""
    cell = cell.strip()
    scaled = re.fullmatch(r"([\d.]+)\s*([KMBGT])", cell, re.IGNORECASE)
    if cell.lower() in MISSING:
        return "It stands for a missing value: fill it, or drop the row (`where=...`)."
    if scaled:
        return f"Write {scaled[1]}e{SUFFIXES[scaled[2].upper()]}, or drop the letter everywhere and pass `units`."
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", cell):
        return f"Write {cell.replace(',', '')}, without thousands separators."
    if re.fullmatch(r"[+-]?\d+,\d+([eE][+-]?\d+)?", cell):
        return f"Write {cell.replace(',', '.')}, with a decimal point."
    if cell.lower() in ("true", "false", "yes", "no"):
        return "Map it to 0 and 1 if it is meant as a number."
    if re.match(NUMBER, cell):
        return "It is a number written as text: convert the column, as in `frame[name].astype(float)`."
    if re.fullmatch(r"\(?[\d.eE+-]+j\)?", cell):
        return "It is a complex number: pass its real part."
    return "Write a plain number, such as 7e10."


def _parsed(cells: Cells) -> Cells:
    """Text that reads as numbers, as numbers: whole ones exactly."""
    trimmed = pc.utf8_trim_whitespace(cells)
    try:
        return trimmed.cast(pa.int64())
    except pa.ArrowInvalid:
        return pa.array([None if cell is None else float(cell) for cell in trimmed.to_pylist()], pa.float64())


def must(source: str, read: np.ndarray | Problem, name: str = "") -> np.ndarray:
    """The numbers of a column that has to have them; else an error with the reason and the fix."""
    if isinstance(read, Problem):
        mapped = f" (read as `{name}`)" if name and name != source else ""
        raise InputError(f"column `{source}`{mapped} {read}")
    return read


def as_array(values: Any, name: str) -> np.ndarray:
    """A sequence as an array, its masks kept; InputError where it has no regular shape."""
    try:
        return np.asanyarray(values)
    except ValueError:
        raise InputError(f"`{name}` must have one number per run, got entries of unequal length.") from None


def as_cells(values: Any, name: str) -> pa.Array:
    """Any sequence as one column of cells; what has no common type becomes text, cell by cell.

    Raises:
        InputError: not a flat sequence.
    """
    array = as_array(values, name)
    if array.ndim != 1:
        raise InputError(f"`{name}` must be a list or array with one entry per run, got the shape {array.shape}.")
    if array.dtype.kind == "f" or _is_small_float(array.dtype):
        array = array.astype(np.float64)
    if array.dtype.kind in "mM":
        return from_objects(array.astype(f"{array.dtype.kind}8[us]").tolist())
    if array.dtype.kind not in "biuf":
        return from_objects(list(values))
    mask = np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else None
    return pa.array(np.asarray(array), mask=mask)


def _is_small_float(dtype: np.dtype) -> bool:
    """bfloat16 and its like, which NumPy knows only by name."""
    return dtype.kind == "V" and "float" in dtype.name


def from_objects(cells: Sequence[Any]) -> pa.Array:
    """Python objects as a column: Arrow's type for them, else floats, else text."""
    try:
        return pa.array(cells)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        kept = [None if _is_missing(cell) else cell for cell in cells]
    if all(cell is None or _is_real(cell) for cell in kept):
        return pa.array([None if cell is None else float(cell) for cell in kept], pa.float64())
    return pa.array([None if cell is None else str(cell) for cell in kept], pa.string())


def _is_real(cell: Any) -> bool:
    return isinstance(cell, numbers.Real) and not isinstance(cell, bool)


def _is_missing(cell: Any) -> bool:
    return cell is None or type(cell).__name__ in ("NAType", "NaTType")
