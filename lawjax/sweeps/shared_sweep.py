"""A scan shared among the processes of a job: each computes its part, and all return what one process would."""

import contextlib
import dataclasses
import functools
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from lawjax.parallel.processes import LostProcessError, Team, packed, unpacked
from lawjax.sweeps.long_sweep import (
    Outcome,
    blank_states,
    kept_shard,
    merged_shards,
    run_at_once,
    run_in_shards,
    write_shard,
)
from lawjax.sweeps.progress import meter
from lawjax.sweeps.reducer import Reducer
from lawjax.sweeps.store import Store, arrays_of_part, part_of
from lawjax.sweeps.stream import Scan
from lawjax.verdict import Note, info

WITHOUT_STORE = "What the others computed is lost as well. Start all processes again; store=... keeps finished parts."
WITH_STORE = (
    "Finished shards are kept in {}: start all processes again, as many as you like, and they go on from there."
)


def scanned(scan: Scan, reducers: Sequence[Reducer], store: Store | None, team: Team, progress: bool) -> Outcome:
    """The whole space, by this process or by several, with a store or without."""
    if team.size == 1 and store is None:
        return run_at_once(scan, reducers, progress)
    if store is None:
        return share_at_once(scan, reducers, team, progress)
    if team.size == 1:
        return run_in_shards(scan, reducers, store, progress)
    return share_shards(scan, reducers, store, team, progress)


def share_at_once(scan: Scan, reducers: Sequence[Reducer], team: Team, progress: bool) -> Outcome:
    """The whole space, each process scanning a range of chunks."""
    like, mine = blank_states(scan, reducers), team.share(scan.num_chunks)
    with _advising(WITHOUT_STORE):
        found = team.all_do(lambda: _scanned(scan, reducers, mine, progress and team.is_first))
        parts = [_outcome_of(content, like) for content in team.gather(_content_of(found))]
    total = functools.reduce(functools.partial(scan.merged, reducers), [part.part for part in parts])
    return Outcome(total, sum(part.seconds for part in parts))


def share_shards(scan: Scan, reducers: Sequence[Reducer], store: Store, team: Team, progress: bool) -> Outcome:
    """The whole space, each process taking some of the shards that are left.

    The first process alone holds the lock, says what is left, and puts the shards together in the end.
    """
    like = blank_states(scan, reducers)
    with contextlib.ExitStack() as held, _advising(WITH_STORE.format(store)):
        left, damaged = json.loads(team.first_does(lambda: json.dumps(_claimed(store, held)).encode()))
        mine = left[team.index :: team.size]
        team.all_do(lambda: _write_shards(scan, reducers, store, mine, progress and team.is_first))
        found = team.first_does(lambda: _content_of(_put_together(scan, reducers, like, store)))
    outcome = _outcome_of(found, like)
    return dataclasses.replace(outcome, notes=(*_notes(damaged), *outcome.notes))


@contextlib.contextmanager
def _advising(advice: str) -> Iterator[None]:
    try:
        yield
    except LostProcessError as error:
        raise LostProcessError(error.names, advice) from None


def _scanned(scan: Scan, reducers: Sequence[Reducer], chunks: range, progress: bool) -> Outcome:
    begin = time.perf_counter()
    with meter(scan.layout.space.size * len(chunks) // scan.num_chunks, show=progress) as shown:
        part = scan.run(reducers, chunks, shown.tick)
    return Outcome(part, time.perf_counter() - begin)


def _claimed(store: Store, held: contextlib.ExitStack) -> tuple[list[int], list[str]]:
    """The shards that are left to compute, and what is wrong with damaged ones; the folder is locked from here on."""
    held.enter_context(store.writing())
    left, reasons = [], []
    for shard in range(store.num_shards):
        kept, notes = kept_shard(store, shard)
        left += [shard] if kept is None else []
        reasons += [note.reason for note in notes]
    return left, reasons


def _write_shards(scan: Scan, reducers: Sequence[Reducer], store: Store, shards: list[int], progress: bool) -> None:
    size = store.num_configs * len(shards) // store.num_shards
    with meter(max(size, 1), max(len(shards), 1), show=progress) as shown:
        for shard in shards:
            write_shard(scan, reducers, store, shard, shown)
            shown.next_shard()


def _put_together(scan: Scan, reducers: Sequence[Reducer], like: list[Any], store: Store) -> Outcome:
    with meter(store.num_configs, store.num_shards, show=False) as unseen:
        return merged_shards(scan, reducers, like, store, unseen)


def _content_of(found: Outcome) -> bytes:
    notes = np.array([note.reason for note in found.notes], dtype=np.str_)
    return packed({**arrays_of_part(found.part), "seconds": np.array(found.seconds), "notes": notes})


def _outcome_of(content: bytes, like: Sequence[Any]) -> Outcome:
    arrays = unpacked(content)
    return Outcome(part_of(arrays, like), float(arrays["seconds"]), _notes(arrays["notes"]))


def _notes(reasons: Iterable[str]) -> tuple[Note, ...]:
    return tuple(info("damaged-shard", str(reason)) for reason in reasons)
