"""Tables and saved results by the name that was typed."""

import dataclasses
from pathlib import Path
from typing import Any

from lawjax.cli import parsing
from lawjax.cli.output import step
from lawjax.errors import InputError

TABLES = {".csv": ",", ".tsv": "\t"}


@dataclasses.dataclass(frozen=True)
class Reading:
    """How to read a table, as it was typed."""

    columns: list[str] | None = None
    units: list[str] | None = None
    where: list[str] | None = None
    group: str | None = None
    weight: str | None = None

    def options(self) -> dict[str, Any]:
        """The arguments of `read_runs`; those not given are left out."""
        given = {
            "columns": parsing.pairs(self.columns, "--columns", "N=params,D=tokens,loss=loss"),
            "units": parsing.pairs(self.units, "--units", "D=1e9"),
            "where": self.where,
            "group": self.group,
            "weight": self.weight,
        }
        return {name: value for name, value in given.items() if value}


def read_table(name: str, reading: Reading) -> Any:
    """The runs in a file, in a saved table (.json), on standard input ("-"), or of a data set.

    Raises:
        InputError: neither a file nor a data set, or a table that cannot be used.
    """
    from lawjax.data import read_runs

    path = Path(name)
    if path.suffix.lower() == ".json":
        return _reread(_saved_runs(name), reading)
    if name == "-" or path.exists() or path.suffix or len(path.parts) > 1:
        return read_runs(name, **reading.options())
    return _reread(_data_set(name), reading)


def _saved_runs(name: str) -> Any:
    from lawjax.data import Runs
    from lawjax.storage import load

    runs = load(name)
    if not isinstance(runs, Runs):
        raise InputError(f"{name!r} holds a saved {runs.kind}, not runs. Give a table.")
    return runs


def _data_set(name: str) -> Any:
    from lawjax.datasets import BUNDLED, PUBLIC, fetch, load

    if name in BUNDLED:
        return load(name)
    if name in PUBLIC:
        with step(f"fetching {name}"):
            return fetch(name)
    known = ", ".join((*BUNDLED, *PUBLIC))
    raise InputError(f"there is no file {name!r}, and no data set of that name. Data sets: {known}.")


def _reread(runs: Any, reading: Reading) -> Any:
    """The runs, filtered and renamed as if they had come from a file."""
    options = reading.options()
    if not options:
        return runs
    return type(runs).from_frame(runs.to_frame(), source=runs.origin.source, **options)


def write_table(runs: Any, out: str) -> None:
    """Save runs: a plain table, or the whole record where the name ends in .json.

    Raises:
        InputError: another suffix, or a folder that does not exist.
    """
    from lawjax.storage import write_atomically

    path = Path(out)
    suffix = path.suffix.lower()
    if not path.parent.is_dir():
        raise InputError(f"cannot save to {out!r}: the folder {str(path.parent)!r} does not exist. Create it first.")
    if suffix == ".json":
        runs.save(path)
    elif suffix in TABLES:
        write_atomically(path, runs.to_frame().to_csv(index=False, sep=TABLES[suffix]).encode())
    elif suffix == ".parquet":
        write_atomically(path, runs.to_frame().to_parquet(index=False))
    else:
        raise InputError(f"cannot save runs to {out!r}: give a name that ends in .csv, .tsv, .parquet or .json.")


def source_of(name: str | None, published: str | None) -> Any:
    """The fit, draws or posterior in a file, or the coefficients of a paper.

    Raises:
        InputError: neither or both given, or a file that holds something else.
    """
    from lawjax.draws import HasDraws
    from lawjax.laws import published as of_paper
    from lawjax.storage import load

    if (name is None) == (published is None):
        raise InputError("give either SOURCE, a saved fit, bootstrap or posterior, or --published NAME.")
    if published is not None:
        return of_paper(published)
    found = load(str(name))
    if not isinstance(found, HasDraws):
        raise InputError(f"{name!r} holds a saved {found.kind}; this needs a fit, a bootstrap or a posterior.")
    return found
