"""The folder of a long sweep: a manifest of what is swept, and one file per finished shard.

A shard is a range of chunks, and holds the states of the reducers after them. Every file is written whole or not at
all and carries a hash, so that a process killed at any moment leaves the finished shards and nothing else.
"""

import contextlib
import dataclasses
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lawjax.errors import InputError, check_whole
from lawjax.storage import write_atomically
from lawjax.sweeps.lock import only_writer
from lawjax.sweeps.stream import Part

MANIFEST, LOCK, SCHEMA = "manifest.json", "lock", 1
HALF_WRITTEN = f".{MANIFEST}.", ".shard-", ".rows-"
"""How files begin that were being written when their process ended."""
COUNTS = ("passing", "finite", "configs")


@dataclasses.dataclass(frozen=True)
class Store:
    """A sweep in a folder.

    Attributes:
        folder: where.
        facts: what the result depends on.
        num_configs: configurations of the space.
        num_chunks: chunks of the scan.
        num_shards: parts that the chunks are cut in.
    """

    folder: Path
    facts: Mapping[str, str]
    num_configs: int
    num_chunks: int
    num_shards: int

    def __str__(self) -> str:
        return f"the store {str(self.folder)!r}"

    @property
    def lock(self) -> Path:
        """The lock file."""
        return self.folder / LOCK

    def chunks(self, shard: int) -> range:
        """The chunks of a shard."""
        return range(self.num_chunks * shard // self.num_shards, self.num_chunks * (shard + 1) // self.num_shards)

    def path(self, shard: int) -> Path:
        """The file of a shard."""
        return self.folder / f"shard-{shard:06d}.npz"

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Be the only writer during the block, of a folder that holds this sweep or none yet.

        Raises:
            InputError: the folder cannot be written to, holds another sweep or other files, or has another writer.
        """
        with contextlib.ExitStack() as held:
            with self.advice():
                self.folder.mkdir(parents=True, exist_ok=True)
                held.enter_context(only_writer(self.lock, str(self)))
                self._claim()
            yield

    @contextlib.contextmanager
    def advice(self) -> Iterator[None]:
        """Say what the system's refusal means for the sweep."""
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self} cannot be written: {error.strerror or error}. Finished shards are kept: make room or give "
                "yourself the right to write there, and repeat the call; or give another folder."
            ) from None

    def _claim(self) -> None:
        """Check the manifest, or write it; drop what a killed writer left half-written."""
        paths = [*self.folder.iterdir(), *self.folder.glob("rows/.*")]
        half_written = [path for path in paths if path.name.startswith(HALF_WRITTEN)]
        if (self.folder / MANIFEST).exists():
            _refuse_another(open_store(self.folder), self)
        elif others := sorted({path.name for path in paths} - {LOCK} - {path.name for path in half_written}):
            raise InputError(f"the folder {str(self.folder)!r} holds other files, as {others[0]!r}. Give an empty one.")
        else:
            record = {"lawjax": "sweep-store", "schema": SCHEMA, **dataclasses.asdict(self), "folder": None}
            write_atomically(self.folder / MANIFEST, json.dumps(record, indent=1).encode())
            _sync(self.folder)
        for path in half_written:
            path.unlink(missing_ok=True)

    def write(self, shard: int, part: Part, seconds: float) -> None:
        """Write what a shard gives, whole or not at all."""
        arrays = {**arrays_of_part(part), "seconds": np.array(seconds)}
        content = io.BytesIO()
        np.savez_compressed(content, allow_pickle=False, **arrays, hash=np.array(self._hash(shard, arrays)))
        with self.advice():
            write_atomically(self.path(shard), content.getvalue())
            _sync(self.folder)

    def read(self, shard: int) -> dict[str, np.ndarray] | None:
        """The arrays of a shard; None if it is not done.

        Raises:
            Damaged: the file is not what was written.
        """
        path = self.path(shard)
        if not path.exists():
            return None
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as file:
                arrays = {name: file[name] for name in file.files}
            intact = str(arrays.pop("hash")) == self._hash(shard, arrays)
        except Exception as error:  # A file that was changed may end in any of those of zip, zlib and NumPy.
            raise Damaged(f"shard {shard} cannot be read ({type(error).__name__})") from None
        if not intact:
            raise Damaged(f"shard {shard} does not match its hash")
        return arrays

    def _hash(self, shard: int, arrays: Mapping[str, np.ndarray]) -> str:
        """A hash of a shard's arrays, of the sweep and of the shard's place in it."""
        found = hashlib.sha256(json.dumps([dict(self.facts), self.num_shards, shard], sort_keys=True).encode())
        for name in sorted(arrays):
            array = np.ascontiguousarray(arrays[name])
            found.update(f"{name}{array.dtype}{array.shape}".encode() + array.tobytes())
        return found.hexdigest()


class Damaged(Exception):
    """A shard's file is not what was written."""


def open_store(folder: str | os.PathLike[str]) -> Store:
    """The sweep that a folder holds.

    Raises:
        InputError: it holds none, or its manifest is damaged or of a newer lawjax.
    """
    path = Path(folder) / MANIFEST
    if not path.is_file():
        raise InputError(f"{str(folder)!r} holds no sweep: it has no {MANIFEST}. Pass the folder given as store=...")
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        schema = record["schema"]
        kept = {field.name: record[field.name] for field in dataclasses.fields(Store)}
        for name in ("num_configs", "num_chunks", "num_shards"):
            check_whole(name, kept[name], 1)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{str(path)!r} is not a manifest that lawjax wrote, or it was changed since ({error}). "
            "Delete the folder to begin anew."
        ) from None
    if schema != SCHEMA:
        raise InputError(
            f"{str(path)!r} has schema {schema!r}, this lawjax reads {SCHEMA}. Use the lawjax that wrote it."
        )
    return Store(**{**kept, "folder": Path(folder)})


def _refuse_another(theirs: Store, ours: Store) -> None:
    there, here = ({**store.facts, "shards": str(store.num_shards)} for store in (theirs, ours))
    differing = [name for name in dict.fromkeys([*here, *there]) if here.get(name) != there.get(name)]
    if differing:
        listed = "; ".join(
            f"{name}: {there.get(name, 'none')} there, {here.get(name, 'none')} here" for name in differing
        )
        raise InputError(
            f"{ours} is of another sweep. What differs: {listed}. Repeat the call that began it, give another folder, "
            "or delete this one to begin anew."
        )


def arrays_of(state: Any) -> dict[str, np.ndarray]:
    """The arrays of a reducer's state: an array, or a dataclass of arrays.

    Raises:
        InputError: the state is something else.
    """
    fields = {"": state}
    if dataclasses.is_dataclass(state):
        fields = {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}
    if not all(isinstance(array, np.ndarray) and array.dtype.kind in "fiub" for array in fields.values()):
        raise InputError(
            "store= keeps reducers whose state is a NumPy array of numbers or a dataclass of those, and distributed= "
            f"hands on no others, got {state!r}."
        )
    return fields


def arrays_of_part(part: Part) -> dict[str, np.ndarray]:
    """What a shard gives, as arrays by name.

    Raises:
        InputError: a state cannot be kept.
    """
    states = {f"{i}.{key}": array for i, s in enumerate(part.states) for key, array in arrays_of(s).items()}
    return {**states, **{name: np.array(getattr(part, name)) for name in COUNTS}}


def part_of(arrays: Mapping[str, np.ndarray], like: Sequence[Any]) -> Part:
    """What a shard gives, from its arrays; the states are as `like`."""
    states = [_state(arrays, i, blank) for i, blank in enumerate(like)]
    return Part(states, *(int(arrays[name]) for name in COUNTS))


def _state(arrays: Mapping[str, np.ndarray], place: int, like: Any) -> Any:
    found = {key: arrays[f"{place}.{key}"] for key in arrays_of(like)}
    return type(like)(**found) if dataclasses.is_dataclass(like) else found[""]


def _sync(folder: Path) -> None:
    """Have the system write a folder's list of files to disk, so that a new name outlives a loss of power."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
