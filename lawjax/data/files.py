"""Files as tables: CSV, TSV, JSON Lines and Parquet, with errors that name the row and the fix."""

import contextlib
import dataclasses
import gzip
import json
import os
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
from pyarrow import csv, parquet
from pyarrow import json as json_lines

from lawjax.data.cells import from_objects
from lawjax.data.words import listed
from lawjax.errors import InputError

PathOrStream = str | os.PathLike[str] | IO[bytes] | IO[str]
DELIMITERS = {".csv": ",", ".tsv": "\t"}
JSON_LINES = (".jsonl", ".ndjson")
ADVICE = {
    ".json": "For a result that lawjax saved use `lawjax.load`; for a log write one JSON object per line (.jsonl).",
    ".xlsx": "Export the sheet as CSV.",
    ".xls": "Export the sheet as CSV.",
    ".pkl": "A pickle can run code when it is opened, so lawjax never reads one; save the table as Parquet or CSV.",
    ".pickle": "A pickle can run code when it is opened, so lawjax never reads one; save the table as Parquet or CSV.",
}


@dataclasses.dataclass(frozen=True)
class Source:
    """A table as it was found.

    Attributes:
        table: its cells.
        name: what to call it in messages.
        as_text: whether the format writes numbers as text, so that text may turn out to be a number.
    """

    table: pa.Table
    name: str
    as_text: bool = False


def read_source(path: PathOrStream) -> Source:
    """The table in a file or on standard input.

    Args:
        path: a .csv, .tsv, .jsonl or .ndjson file (also with .gz), a .parquet file, "-" or an open stream of CSV.
    Raises:
        InputError: no such file, an unknown format, or a file that is damaged.
    """
    if path == "-":
        return _read_delimited(sys.stdin.buffer.read(), "standard input", ",")
    if not isinstance(path, str | os.PathLike):
        return _read_stream(path)
    file = Path(path).expanduser()
    packed = file.suffix.lower() == ".gz"
    suffix = Path(file.stem).suffix.lower() if packed else file.suffix.lower()
    if suffix == ".parquet" and not packed:
        return _read_parquet(_bytes_of(file, packed), str(file))
    if suffix in JSON_LINES:
        return _read_json_lines(_bytes_of(file, packed), str(file))
    if suffix in DELIMITERS:
        return _read_delimited(_bytes_of(file, packed), str(file), DELIMITERS[suffix])
    advice = ADVICE.get(suffix, "Rename the file, or pass an open stream of CSV.")
    raise InputError(
        f"cannot read {str(file)!r}: read_runs knows .csv, .tsv, .jsonl and .ndjson (also .gz) and .parquet. {advice}"
    )


def _bytes_of(file: Path, packed: bool) -> bytes:
    try:
        content = file.read_bytes()
        return gzip.decompress(content) if packed else content
    except FileNotFoundError:
        raise InputError(f"cannot read {str(file)!r}: no such file in {str(Path.cwd())!r}. Check the path.") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{str(file)!r} is not a whole gzip file ({error}). Was it cut short?") from None
    except OSError as error:
        raise InputError(f"cannot read {str(file)!r}: {error.strerror}.") from None


def _read_stream(stream: Any) -> Source:
    if not hasattr(stream, "read"):
        raise InputError(
            f'read_runs takes a path, "-" or an open stream, got {type(stream).__name__}. '
            "For a frame use Runs.from_frame, for arrays Runs.from_columns."
        )
    content = stream.read()
    return _read_delimited(content.encode() if isinstance(content, str) else content, "a stream", ",")


def _read_delimited(content: bytes, name: str, delimiter: str) -> Source:
    if not content.strip():
        raise InputError(f"{name!r} is empty. It needs a header line and one line per run.")
    if not _is_utf16(content):
        _check_text(content, name, delimiter)
    try:
        table = _parse_delimited(content, delimiter)
        columns = [column.strip() for column in table.column_names]
    except UnicodeDecodeError:
        raise InputError(_not_utf8(name)) from None
    except pa.ArrowInvalid as error:
        raise InputError(_ragged(content, name, delimiter) or f"{name!r} is not a whole CSV file: {error}.") from None
    if any(pa.types.is_binary(kind) for kind in table.schema.types):
        raise InputError(_not_utf8(name))
    if all(_is_number(column) for column in columns):
        raise InputError(f"{name!r} begins with numbers ({', '.join(columns)}). Put a line with column names on top.")
    return Source(named(table, columns, name), name, as_text=True)


def _parse_delimited(
    content: bytes, delimiter: str, bad_row: Callable[[Any], str] | None = None, use_threads: bool = True
) -> pa.Table:
    encoding = "utf-16" if _is_utf16(content) else "utf-8"
    return csv.read_csv(
        pa.BufferReader(content),
        read_options=csv.ReadOptions(encoding=encoding, use_threads=use_threads),
        parse_options=csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=b'"' in content, invalid_row_handler=bad_row
        ),
        convert_options=csv.ConvertOptions(null_values=[""], strings_can_be_null=True),
    )


def _is_utf16(content: bytes) -> bool:
    return content[:2] in (b"\xff\xfe", b"\xfe\xff")


def _not_utf8(name: str) -> str:
    return f"{name!r} holds bytes that are not UTF-8 text. Save it as UTF-8."


def _check_text(content: bytes, name: str, delimiter: str) -> None:
    if b"\0" in content[:4096]:
        raise InputError(f"{name!r} holds zero bytes, so it is not UTF-8 text. Save it as CSV in UTF-8.")
    header = content[: content.find(b"\n") if b"\n" in content else None]
    other = next((mark for mark in ";\t,|" if mark.encode() in header), None)
    if delimiter.encode() not in header and other:
        raise InputError(
            f"the separator in {name!r} seems to be {other!r}, not {delimiter!r}. Save it with commas as .csv or with "
            "tabs as .tsv; numbers need a decimal point."
        )


def _ragged(content: bytes, name: str, delimiter: str) -> str:
    """What is wrong with the first row that has too many or too few cells; nothing where no row has."""
    found: list[Any] = []

    def note(row: Any) -> str:
        found.append(row)
        return "skip"

    # Arrow numbers the rows only when it reads them in one thread.
    _parse_delimited(content, delimiter, note, use_threads=False)
    if not found:
        return ""
    row = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    ending = " It ends in a separator that the header lacks." if row.text.rstrip().endswith(delimiter) else ""
    return (
        f"{name!r}: row {row.number - 1} has {row.actual_columns} cells where the header has {row.expected_columns}: "
        f"{row.text[:80]!r}{more}.{ending} Correct these lines; a cell that holds a separator needs quotes."
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def named(table: pa.Table, columns: list[str], name: str) -> pa.Table:
    """The table under these names; columns without a name, such as an index, are left out."""
    twice = [column for column in dict.fromkeys(columns) if column and columns.count(column) > 1]
    if twice:
        raise InputError(f"{name!r} has more than one column called {listed(twice)}. Rename them.")
    kept = [index for index, column in enumerate(columns) if column and not column.startswith("__index_level_")]
    return table.rename_columns(columns).select(kept)


def _read_parquet(content: bytes, name: str) -> Source:
    try:
        table = parquet.ParquetFile(pa.BufferReader(content)).read()
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{name!r} is not a whole Parquet file ({str(error).splitlines()[0]}). Was it cut short?"
        ) from None
    if b"lawjax" in (table.schema.metadata or {}):
        raise InputError(f"{name!r} is a result that lawjax saved. Open it with `lawjax.load`.")
    return Source(named(table, table.column_names, name), name)


def _read_json_lines(content: bytes, name: str) -> Source:
    try:
        lines = [line for line in content.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError:
        raise InputError(_not_utf8(name)) from None
    if not lines:
        raise InputError(f"{name!r} is empty. It needs one JSON object per run.")
    fast = _flat_json(content, len(lines))
    if fast is not None:
        return Source(named(fast, fast.column_names, name), name)
    rows = [_json_row(line, number, name) for number, line in enumerate(lines, start=1)]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    cells = {column: from_objects([row.get(column) for row in rows]) for column in columns}
    return Source(named(pa.table(list(cells.values()), names=columns), columns, name), name)


def _flat_json(content: bytes, num_lines: int) -> pa.Table | None:
    """The table as Arrow reads it, or None where Python must, to say what is wrong or because lines are nested."""
    # Arrow's reader overflows the stack on deep nesting, so it is given flat objects only.
    if b"[" in content or content.count(b"{") != num_lines:
        return None
    with contextlib.suppress(pa.ArrowException):
        return json_lines.read_json(pa.BufferReader(content.removeprefix(b"\xef\xbb\xbf")))
    return None


def _json_row(line: str, number: int, name: str) -> dict[str, Any]:
    try:
        row = json.loads(line, object_pairs_hook=_unique_keys)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name!r}: row {number} is not one JSON object ({error}): {line[:80]!r}.") from None
    if not isinstance(row, dict):
        raise InputError(f"{name!r}: row {number} is not one JSON object: {line[:80]!r}. Write one object per line.")
    return row


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} comes twice")
    return row
