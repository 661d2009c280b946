"""Frames as tables: pandas, polars and Arrow, through narwhals, column by column."""

from typing import Any

import narwhals as nw
import pyarrow as pa

from lawjax.data.cells import from_objects
from lawjax.data.files import Source, named
from lawjax.errors import InputError


def frame_source(frame: Any, name: str | None = None) -> Source:
    """A pandas or polars frame (a lazy one is collected) or an Arrow table, as a table of cells.

    Raises:
        InputError: not a frame, or two columns of one name.
    """
    try:
        native = nw.from_native(frame)
        eager = native.collect() if isinstance(native, nw.LazyFrame) else native
        columns = list(eager.iter_columns())
    except nw.exceptions.DuplicateError as error:
        raise InputError(f"columns of a frame must have different names. {error}".replace("\n", " ")) from None
    except TypeError:
        raise InputError(
            f"Runs.from_frame takes a pandas or polars frame or a pyarrow table, got {type(frame).__name__}. "
            "For arrays or a dict of lists use Runs.from_columns(**columns)."
        ) from None
    name = name or str(eager.implementation.value)
    titles = [str(column.name) for column in columns]
    return Source(named(pa.table([_cells(column) for column in columns], names=titles), titles, name), name)


def _cells(series: Any) -> pa.Array | pa.ChunkedArray:
    try:
        cells = series.to_arrow()
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        return from_objects(series.to_list())
    # Polars hands out its objects as addresses.
    return from_objects(series.to_list()) if pa.types.is_fixed_size_binary(cells.type) else cells
