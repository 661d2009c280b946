"""The table of finished runs on disk: append one line at a time, survive being killed, refuse to mix studies.

Beside `runs.csv` lies `runs.provenance.json`: what every run has in common (corpus, recipe) and each session
that wrote to the table. One process writes; others may read at any time.
"""

import csv
import json
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lawjax.errors import InputError
from lawjax.storage import write_atomically

COLUMNS = {
    "run": str,
    "params": int,
    "params_total": int,
    "tokens": int,
    "unique_tokens": int,
    "flops": int,
    "loss": float,
    "lr": float,
    "batch": int,
    "seed": int,
    "steps": int,
    "warmup_steps": int,
    "d_model": int,
    "num_layers": int,
    "num_heads": int,
    "seconds": float,
    "device": str,
}
Row = dict[str, Any]


def open_ledger(path: Path, study: Mapping[str, Any], session: Mapping[str, Any]) -> list[Row]:
    """Make the table ready for appending and return the runs it already has.

    Args:
        path: the CSV file; made, with its folder, when missing.
        study: what all runs of the table share, such as corpus hashes and recipe; must be plain JSON.
        session: versions, device, date and command of this start, added to the list in the provenance.
    Returns:
        Finished runs, in the order of the file.
    Raises:
        InputError: the table belongs to another study, or it is not a table of runs.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    provenance = _join_provenance(path, study, session)
    rows = _repair(path) if path.exists() else _start(path)
    write_atomically(_provenance_path(path), (json.dumps(provenance, indent=2) + "\n").encode())
    return rows


def append(path: Path, row: Row) -> None:
    """Add one finished run with a single write, flushed to the disk."""
    line = ",".join(_text(row[name]) for name in COLUMNS) + "\n"
    with open(path, "ab", buffering=0) as file:
        file.write(line.encode())
        os.fsync(file.fileno())


def read(path: Path) -> list[Row]:
    """Finished runs in the table.

    Raises:
        InputError: another header than `COLUMNS`, or a line that is not a full run.
    """
    with open(path, newline="") as file:
        header, *lines = list(csv.reader(file)) or [[]]
    if header != list(COLUMNS):
        raise InputError(
            f"{path.name} is not a table of runs: expected the header {','.join(COLUMNS)}. Choose another `--out`."
        )
    return [_parse(path, number, line) for number, line in enumerate(lines, start=2)]


def _parse(path: Path, number: int, line: list[str]) -> Row:
    try:
        return {name: kind(text) for (name, kind), text in zip(COLUMNS.items(), line, strict=True)}
    except ValueError as error:
        raise InputError(
            f"line {number} of {path.name} is not a full run ({error}). Delete the line; its run is then trained again."
        ) from error


def _start(path: Path) -> list[Row]:
    write_atomically(path, (",".join(COLUMNS) + "\n").encode())
    return []


def _repair(path: Path) -> list[Row]:
    # Every append ends in a newline, so what follows the last one is a run whose writing was cut off.
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        warnings.warn(f"{path.name} ended in half a line; dropped it, its run is trained again.", stacklevel=3)
        write_atomically(path, whole)
    return read(path) if whole else _start(path)


def _join_provenance(path: Path, study: Mapping[str, Any], session: Mapping[str, Any]) -> dict[str, Any]:
    file = _provenance_path(path)
    if not file.exists():
        if path.exists():
            raise InputError(
                f"{path.name} has no {file.name} beside it, so its corpus and recipe are unknown. "
                f"Restore that file or choose another `--out`."
            )
        return {**study, "sessions": [session]}
    known = json.loads(file.read_text())
    changed = [name for name, value in study.items() if known.get(name) != value]
    if changed:
        raise InputError(
            f"{path.name} holds runs of another study: {', '.join(f'`{name}`' for name in changed)} "
            f"changed since it was begun. Runs of two studies do not compare; choose another `--out`."
        )
    return {**known, "sessions": [*known["sessions"], session]}


def _provenance_path(path: Path) -> Path:
    return path.with_suffix(".provenance.json")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)
