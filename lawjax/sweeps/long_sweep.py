"""A scan at once, or in shards that outlive the process: finished ones are read back, the others computed and kept."""

import dataclasses
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lawjax.draws import Draws
from lawjax.errors import check_whole
from lawjax.sweeps.facts import facts_of
from lawjax.sweeps.progress import Meter, meter
from lawjax.sweeps.reducer import Reducer
from lawjax.sweeps.store import Damaged, Store, arrays_of, part_of
from lawjax.sweeps.stream import Part, Scan
from lawjax.verdict import Note, info

PER_SHARD = 1 << 35
"""Law evaluations in a shard where the caller does not say: half a minute or so of two CPU cores."""
LEAST_SHARDS, MOST_SHARDS = 16, 4096
"""Shards where the caller does not say, if there are as many chunks."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a scan gave, the seconds it took over all processes, and what became of its files."""

    part: Part
    seconds: float
    notes: tuple[Note, ...] = ()


def run_at_once(scan: Scan, reducers: Sequence[Reducer], progress: bool) -> Outcome:
    """The whole space in this process."""
    begin = time.perf_counter()
    with meter(scan.layout.space.size, show=progress) as shown:
        part = scan.run(reducers, tick=shown.tick)
    return Outcome(part, time.perf_counter() - begin)


def store_of(
    folder: str | os.PathLike[str], shards: int | None, scan: Scan, draws: Draws, reducers: Mapping[str, Reducer]
) -> Store:
    """The store that a call of `sweep` asks for; nothing is written.

    Raises:
        InputError: `shards` is not a whole number above 0.
    """
    if shards is not None:
        check_whole("shards", shards, 1)
    size = scan.layout.space.size
    usual = min(max(-(-size * scan.num_draws // PER_SHARD), LEAST_SHARDS), MOST_SHARDS)
    facts = facts_of(scan, draws, reducers)
    return Store(Path(folder), facts, size, scan.num_chunks, min(shards or usual, scan.num_chunks))


def run_in_shards(scan: Scan, reducers: Sequence[Reducer], store: Store, progress: bool) -> Outcome:
    """The whole space, shard by shard, with a note on each that was damaged and had to be computed again."""
    like = blank_states(scan, reducers)
    with store.writing(), meter(store.num_configs, store.num_shards, show=progress) as shown:
        return merged_shards(scan, reducers, like, store, shown)


def blank_states(scan: Scan, reducers: Sequence[Reducer]) -> list[Any]:
    """The states of the reducers before any chunk.

    Raises:
        InputError: one of them cannot be kept in a file.
    """
    like = [reducer.init(scan.context) for reducer in reducers]
    for state in like:
        arrays_of(state)
    return like


def merged_shards(scan: Scan, reducers: Sequence[Reducer], like: list[Any], store: Store, shown: Meter) -> Outcome:
    """What all shards give together; those that are not there yet are computed and kept."""
    total, seconds, notes = Part(like, 0, 0, 0), 0.0, []
    for shard in range(store.num_shards):
        found = _shard(scan, reducers, like, store, shard, shown)
        total = scan.merged(reducers, total, found.part)
        seconds, notes = seconds + found.seconds, [*notes, *found.notes]
        shown.next_shard()
    return Outcome(total, seconds, tuple(notes))


def _shard(scan: Scan, reducers: Sequence[Reducer], like: list[Any], store: Store, shard: int, shown: Meter) -> Outcome:
    """A shard as it was kept, or computed now and kept."""
    kept, notes = kept_shard(store, shard)
    if kept is None:
        return dataclasses.replace(write_shard(scan, reducers, store, shard, shown), notes=notes)
    part = part_of(kept, like)
    shown.skip(part.configs)
    return Outcome(part, float(kept["seconds"]))


def kept_shard(store: Store, shard: int) -> tuple[Mapping[str, np.ndarray] | None, tuple[Note, ...]]:
    """The arrays of a shard, None if it is to be computed; with a note if that is because it was damaged."""
    try:
        return store.read(shard), ()
    except Damaged as damage:
        return None, (info("damaged-shard", f"{damage} and was computed again."),)


def write_shard(scan: Scan, reducers: Sequence[Reducer], store: Store, shard: int, shown: Meter) -> Outcome:
    """A shard, computed and kept."""
    begin = time.perf_counter()
    with store.advice():
        part = scan.run(reducers, store.chunks(shard), shown.tick)
    seconds = time.perf_counter() - begin
    store.write(shard, part, seconds)
    return Outcome(part, seconds)
