"""How messages name rows, columns and the column that was probably meant."""

import difflib
from collections.abc import Iterable, Sequence

import numpy as np

from lawjax.errors import InputError

SHOWN_ROWS = 5


def rows_text(rows: Sequence[int] | np.ndarray) -> str:
    """ "row 7", "rows 4, 17 and 90", or the first five and how many more."""
    shown = [str(row) for row in np.sort(rows)[:SHOWN_ROWS]]
    more = len(rows) - len(shown)
    if len(rows) == 1:
        return f"row {shown[0]}"
    if more:
        return f"rows {', '.join(shown)} and {more} more"
    return f"rows {', '.join(shown[:-1])} and {shown[-1]}"


def listed(names: Iterable[str]) -> str:
    """Names in backticks, with commas."""
    return ", ".join(f"`{name}`" for name in names)


def nearest(name: str, present: Iterable[str]) -> str:
    """ " Did you mean `params`?", or nothing where no name is close."""
    by_lower = {other.lower(): other for other in present}
    close = difflib.get_close_matches(name.lower(), by_lower, n=1)
    return f" Did you mean `{by_lower[close[0]]}`?" if close else ""


def find(name: str, present: Sequence[str], role: str) -> str:
    """`name` if the table has that column; else an error that lists the columns.

    Args:
        name: the column that is asked for.
        present: the columns of the table.
        role: what asks for it, as in "`group`" or "`columns` maps `N` to".
    """
    if name in present:
        return name
    raise InputError(
        f"{role} `{name}`, but the table has no such column; its columns are {listed(present)}.{nearest(name, present)}"
    )
