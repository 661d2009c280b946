"""Saving and loading results in open formats: JSON, or Parquet for long tables; never pickle.

A result class says what it is made of (`to_record`, `from_record`); this module knows the files. Every file
carries the schema version, the law's name, and the versions of the libraries that made it.
"""

import dataclasses
import hashlib
import importlib
import json
import math
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from lawjax.errors import InputError

if TYPE_CHECKING:
    from lawjax.laws.base import Law

SCHEMA = 1
DAMAGE = (
    TypeError,
    ValueError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    MemoryError,
    RecursionError,
)
"""What reading a header or an array ends in where lawjax did not write it."""
KINDS = {
    "runs": "lawjax.data.runs:Runs",
    "fit": "lawjax.fitting.fit_result:Fit",
    "draws": "lawjax.draws:Draws",
    "calibration": "lawjax.simulation.calibration_result:Calibration",
    "posterior": "lawjax.inference.posterior:Posterior",
    "prediction": "lawjax.prediction:Prediction",
    "comparison": "lawjax.checking.comparison:Comparison",
    "backtest": "lawjax.checking.backtested:Backtest",
    "forecast": "lawjax.forecasting.result:Forecast",
    "plan": "lawjax.planning.allocation:Plan",
    "solution": "lawjax.planning.solution:Solution",
    "sweep": "lawjax.sweeps.sweeping:SweepResult",
    "answer": "lawjax.decisions.answer:Answer",
    "identifiability": "lawjax.designs.judgement:Identifiability",
    "power": "lawjax.designs.power_result:Power",
    "suggestion": "lawjax.designs.suggestion:Suggestion",
    "system-comparison": "lawjax.decisions.systems.result:SystemComparison",
}


@dataclasses.dataclass(frozen=True)
class Record:
    """What a result is made of.

    Attributes:
        meta: JSON-able facts.
        arrays: columns by name; those of the longest shared length become Parquet columns.
    """

    meta: dict[str, Any]
    arrays: dict[str, np.ndarray] = dataclasses.field(default_factory=dict)


class Stored:
    """A result that can be saved and loaded."""

    kind: ClassVar[str]

    def to_record(self) -> Record:
        """What the result is made of."""
        raise TypeError(f"{type(self).__name__} does not say what it is made of.")

    @classmethod
    def from_record(cls, record: Record, law: "Law | None") -> Self:
        """The result that `to_record` described."""
        raise TypeError(f"{cls.__name__} does not say how to rebuild itself.")

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the result to `path` (.json or .parquet), whole or not at all.

        Raises:
            InputError: another suffix, or a folder that does not exist.
        """
        return save(self, path)


def save(result: Stored, path: str | os.PathLike[str]) -> Path:
    """Write a result to a .json or .parquet file, whole or not at all."""
    path = Path(path)
    if not path.parent.is_dir():
        raise InputError(
            f"cannot save to {str(path)!r}: the folder {str(path.parent)!r} does not exist. Create it first."
        )
    record = result.to_record()
    header = {"lawjax": result.kind, "schema": SCHEMA, "versions": versions(), **record.meta}
    if path.suffix == ".json":
        arrays = {name: _encode(array) for name, array in record.arrays.items()}
        content = json.dumps(plain({**header, "arrays": arrays}), indent=1, allow_nan=False).encode()
    elif path.suffix == ".parquet":
        content = _parquet_bytes(header, record.arrays)
    else:
        raise InputError(f"cannot save to {str(path)!r}: lawjax writes .json and .parquet files. Change the suffix.")
    write_atomically(path, content)
    return path


def load(path: str | os.PathLike[str], law: "Law | None" = None) -> Any:
    """A result that was saved with `.save(path)`.

    Args:
        path: a .json or .parquet file.
        law: the law, if it is your own; one of the catalogue is found by its name, one made from a formula by its text.
    Raises:
        InputError: not a lawjax file, a damaged one, a newer schema, or a law that must be passed.
    Example:
        >>> import lawjax as lj, tempfile, pathlib
        >>> runs = lj.Runs.from_columns(N=[1e6, 1e7], D=[1e9, 1e9], loss=[3.0, 2.5])
        >>> path = runs.save(pathlib.Path(tempfile.mkdtemp()) / "runs.json")
        >>> len(lj.load(path))
        2
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(f"cannot load {str(path)!r}: no such file.")
    try:
        return _read(path, law)
    except InputError:
        raise
    except DAMAGE as error:
        raise InputError(
            f"{str(path)!r} is not a file that lawjax wrote, or it was changed since ({type(error).__name__}: "
            f"{str(error)[:100]}). Make the result anew."
        ) from error


def _read(path: Path, law: "Law | None") -> Any:
    if path.suffix == ".json":
        header, arrays = _read_json(path)
    elif path.suffix == ".parquet":
        header, arrays = _read_parquet(path)
    else:
        raise InputError(
            f"cannot load {str(path)!r}: lawjax reads the .json and .parquet files it wrote, and never a pickle."
        )
    kind = header.get("lawjax")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError(f"{str(path)!r} is not a file that lawjax saved. For a table of runs, use read_runs.")
    if header.get("schema") != SCHEMA:
        raise InputError(
            f"{str(path)!r} has schema {header.get('schema')!r}, this lawjax reads schema {SCHEMA}. Use the lawjax "
            f"version that wrote it ({header.get('versions', {}).get('lawjax', 'unknown')}) or make the result anew."
        )
    module, _, name = KINDS[kind].partition(":")
    result_class = getattr(importlib.import_module(module), name)
    return result_class.from_record(Record(header, arrays), _law_of(header, law, path))


def _law_of(header: Mapping[str, Any], law: "Law | None", path: Path) -> "Law | None":
    from lawjax.laws import ALL, broken_power_law
    from lawjax.laws.formulas.formula import law_from_record

    name = header.get("law")
    if name is None:
        return None
    if law is None and header.get("law_formula") is not None:
        law = law_from_record(header["law_formula"])
    if law is None:
        law = ALL.get(name)
        prefix, _, breaks = name.rpartition("-")
        if law is None and prefix == "broken-power-law" and breaks.isdigit():
            law = broken_power_law(int(breaks))
    if law is None:
        raise InputError(f"{str(path)!r} was made with the law {name!r}, which is not in the catalogue. Pass law=...")
    if law.name != name or list(law.params) != header.get("law_params") or not _same_values(law, header):
        raise InputError(
            f"{str(path)!r} was made with the law {name!r} with parameters {header.get('law_params')}, and {law!r} is "
            "not that law. Pass it: load(path, law=...)."
        )
    return law


def _same_values(law: "Law", header: Mapping[str, Any]) -> bool:
    """Whether the law says at a few points what the saved one said."""
    from lawjax.laws.usual import fingerprint

    saved = [np.nan if value is None else value for value in header.get("law_values", [])]
    return len(saved) == 3 and np.allclose(saved, fingerprint(law), rtol=1e-6, equal_nan=True)


def law_meta(law: "Law") -> dict[str, Any]:
    """How a record names its law."""
    from lawjax.laws.formulas.formula import formula_record
    from lawjax.laws.usual import fingerprint

    meta = {"law": law.name, "law_params": list(law.params), "law_values": fingerprint(law)}
    formula = formula_record(law)
    return meta if formula is None else {**meta, "law_formula": formula}


def hash_of(arrays: Iterable[np.ndarray]) -> str:
    """A hash of arrays in order, with their types and shapes."""
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return found.hexdigest()


def versions() -> dict[str, str]:
    """Versions of the libraries that a result depends on."""
    found = {}
    for package in ("lawjax", "jax", "jaxlib", "numpy", "optax", "numpyro"):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new, never a part."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def plain(value: Any) -> Any:
    """`value` as what JSON can hold: floats that are not finite become null, arrays become lists."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    return value


def _encode(array: np.ndarray) -> dict[str, Any]:
    """An array that JSON gives back exactly, values that are not finite included."""
    array = np.asarray(array)
    flat = [x if not isinstance(x, float) or math.isfinite(x) else repr(x) for x in array.ravel().tolist()]
    return {
        "dtype": array.dtype.str if array.dtype.kind in "fiub" else "str",
        "shape": list(array.shape),
        "values": flat,
    }


def _decode(record: Mapping[str, Any]) -> np.ndarray:
    kind, shape, items = record["dtype"], record["shape"], record["values"]
    if kind != "str" and not re.fullmatch(r"[<>|=][fiub][0-9]", kind):
        raise ValueError(f"a saved array has the type {kind!r}")
    if not isinstance(items, list) or math.prod(_sizes(shape)) != len(items):
        raise ValueError(f"a saved array has the shape {shape!r} and other values")
    dtype = np.dtype("U" if kind == "str" else kind)
    allowed = {"U": (str,), "f": (float, int, str), "b": (bool,)}.get(dtype.kind, (int,))
    if not all(type(item) in allowed for item in items):
        raise TypeError(f"a saved array of type {kind!r} holds something else")
    numbers = [float(item) for item in items] if dtype.kind == "f" else items
    return np.asarray(numbers, dtype=dtype).reshape(shape)


def _sizes(shape: Any) -> list[int]:
    """A saved shape: whole numbers that are not negative."""
    if not isinstance(shape, list) or not all(type(size) is int and size >= 0 for size in shape):
        raise TypeError(f"a saved array has the shape {shape!r}")
    return shape


def _read_json(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    header = _header_of(path.read_bytes(), path)
    arrays = header.pop("arrays", {})
    return header, {name: _decode(array) for name, array in arrays.items()}


def _header_of(text: bytes, path: Path) -> dict[str, Any]:
    try:
        header = json.loads(text.decode(), parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{str(path)!r} is not valid JSON ({error}). Was it cut short?") from None
    if not isinstance(header, dict):
        raise InputError(f"{str(path)!r} is not a file that lawjax saved.")
    return header


def _refuse_constant(name: str) -> float:
    raise InputError(f"the JSON holds {name}, which is not a JSON number; lawjax does not write it.")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InputError(f"the JSON holds the key {twice!r} twice; which one counts is not clear.")
    return dict(pairs)


def _parquet_bytes(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = max((len(array) for array in arrays.values() if array.ndim), default=0)
    columns: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    shapes: dict[str, list[int]] = {}
    for name, array in arrays.items():
        if array.ndim and len(array) == rows and array.dtype.kind in "fiubU":
            shapes[name] = list(array.shape[1:])
            flat = array.reshape(rows, -1)
            for index in range(flat.shape[1]):
                columns[name if array.ndim == 1 else f"{name}[{index}]"] = flat[:, index]
        else:
            rest[name] = _encode(array)
    table = pa.table({name: pa.array(column) for name, column in columns.items()})
    note = json.dumps(plain({**header, "arrays": rest, "shapes": shapes}), allow_nan=False)
    sink = pa.BufferOutputStream()
    pq.write_table(table.replace_schema_metadata({"lawjax": note}), sink)
    return sink.getvalue().to_pybytes()


def _read_parquet(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{str(path)!r} is not a whole Parquet file ({str(error).splitlines()[0]}). Was it cut short?"
        ) from None
    note = (table.schema.metadata or {}).get(b"lawjax")
    if note is None:
        return {}, {}
    header = _header_of(note, path)
    arrays = {name: _decode(array) for name, array in header.pop("arrays").items()}
    for name, shape in header.pop("shapes").items():
        num_columns = math.prod(_sizes(shape))
        if num_columns > table.num_columns:
            raise ValueError(f"`{name}` is said to have {num_columns} columns")
        keys = [name] if not shape else [f"{name}[{index}]" for index in range(num_columns)]
        column = [table.column(key).to_numpy() for key in keys]
        arrays[name] = column[0] if not shape else np.stack(column, axis=1).reshape(-1, *shape)
    return header, arrays
