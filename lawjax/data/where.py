"""Row filters: "column OP value" as a person types it, with its own small parser and no evaluation."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

import dataclasses
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lawjax.data.cells import NUMBER
from lawjax.data.words import find
from lawjax.errors import InputError

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SHAPE = re.compile(r"(`[^`]+`\s*|[^<>=!`]+)(==|!=|<=|>=|<|>)(.*)", re.DOTALL)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"", re.DOTALL)


@dataclasses.dataclass(frozen=True)
class Condition:
    """One comparison of a column with a number or with text."""

    column: str
    op: str
    value: int | float | str

    def __str__(self) -> str:
        return f"{self.column} {self.op} {self.value}"


def parse(text: str) -> Condition:
    """The comparison that `text` says.

    Args:
        text: `column OP value`; OP is one of == != < <= > >=; a value in quotes is text; `nan` stands for every
            cell that is no number; a column whose name holds an operator stands in backticks.
    Raises:
        InputError: not one comparison, or text where an order is asked for.
    Example:
        >>> parse("split == 'dev set'")
        Condition(column='split', op='==', value='dev set')
    """
    shape = _SHAPE.fullmatch(text.strip()) if isinstance(text, str) else None
    column, op, value = (part.strip() for part in shape.groups()) if shape else ("", "", "")
    quoted = _QUOTED.fullmatch(value) is not None
    if not column or not value or (not quoted and re.search(r"[<>=!'\"]", value)):
        raise InputError(
            f"cannot read the filter {text!r}. Write one comparison, `column OP value` with OP one of "
            f'{" ".join(OPERATORS)}, as in where="loss < 5" or where="split == \'dev\'"; pass a list for several.'
        )
    condition = Condition(column.strip("`").strip(), op, value[1:-1] if quoted else _number_or_text(value))
    if isinstance(condition.value, str) and op not in ("==", "!="):
        raise InputError(f"the filter {text!r} orders text; `{op}` needs a number on its right.")
    return condition


def _number_or_text(value: str) -> int | float | str:
    if re.fullmatch(r"[+-]?\d+", value) and len(value) < 19:
        return int(value)
    return float(value) if re.match(NUMBER, value) else value


def keep_rows(
    table: pa.Table, where: str | Sequence[str], aliases: Mapping[str, str]
) -> tuple[np.ndarray, tuple[tuple[str, int], ...]]:
    """Which rows meet every condition, and how many each condition dropped.

    Args:
        table: the source, before columns are renamed or multiplied.
        where: one condition or several.
        aliases: lawjax's name for a column, where it has one.
    Returns:
        A mask, shape (row,), and (reason, number of rows) pairs.
    Raises:
        InputError: an unknown column, or no row is left.
    """
    keep = np.ones(table.num_rows, dtype=bool)
    dropped = []
    texts: Iterable[Any] = where if isinstance(where, list | tuple) else [where]
    for condition in map(parse, texts):
        name = condition.column
        if name not in table.column_names:
            name = find(aliases.get(name, name), table.column_names, "`where` uses")
        held = keep & _holds(table[name], condition)
        dropped.append((f"not {condition}", int(keep.sum() - held.sum())))
        keep = held
    if not keep.any():
        steps = ", ".join(f"{count} for {reason}" for reason, count in dropped)
        raise InputError(f"`where` drops all {table.num_rows} rows ({steps}). Loosen it, or check the column's unit.")
    return keep, tuple((reason, count) for reason, count in dropped if count)


def _holds(cells: pa.ChunkedArray, condition: Condition) -> np.ndarray:
    if isinstance(condition.value, str):
        same = _text_of(cells, condition).to_numpy(zero_copy_only=False) == condition.value
        return same if condition.op == "==" else ~same
    values, present = _comparable(cells, condition)
    if condition.op in ("==", "!="):
        missing = ~present | np.isnan(values)
        same = missing if np.isnan(condition.value) else ~missing & (values == condition.value)
        return same if condition.op == "==" else ~same
    return present & OPERATORS[condition.op](values, condition.value)


def _comparable(cells: pa.ChunkedArray, condition: Condition) -> tuple[np.ndarray, np.ndarray]:
    """Cells as numbers, and which of them are; text that reads as a number counts as one."""
    if pa.types.is_integer(cells.type):
        return cells.fill_null(0).to_numpy(), cells.is_valid().to_numpy()
    if pa.types.is_floating(cells.type):
        return cells.cast(pa.float64()).fill_null(np.nan).to_numpy(), cells.is_valid().to_numpy()
    text = _text_of(cells, condition)
    reads = pc.match_substring_regex(text, NUMBER).fill_null(False)
    values = [float(cell) for cell in pc.if_else(reads, text, "nan").to_pylist()]
    return np.asarray(values), reads.to_numpy(zero_copy_only=False)


def _text_of(cells: pa.ChunkedArray, condition: Condition) -> pa.ChunkedArray:
    """Cells as text without the spaces around it; an empty cell becomes empty text."""
    if pa.types.is_nested(cells.type):
        raise InputError(
            f"`where` cannot compare `{condition.column}`, which holds lists or records. Filter the table first."
        )
    return pc.utf8_trim_whitespace(cells.cast(pa.string())).fill_null("")
