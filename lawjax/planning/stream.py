"""The scan of a sweep: chunks of rows through the device in order, with constant memory.

A few chunks are in flight at a time, one per thread, because XLA runs a loop over rows on one core; they are folded in
order, so the result does not depend on their number.
"""

import collections
import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.planning.kernel import Program, logs_of, measure_all, reduce_rows
from lawjax.planning.layout import Layout, configurations
from lawjax.planning.reducer import Chunk, Context, Reducer

CPU_CHUNK, ACCELERATOR_CHUNK = 1 << 21, 1 << 26
IN_CACHE = 1 << 16
BATCHES = (256, 16384)
SLACK = {"float32": 2e-6, "float64": 1e-9}
ROUNDING = 32


@dataclasses.dataclass(frozen=True, eq=False)
class Scan:
    """A sweep ready to run.

    Attributes:
        program: what is compiled in.
        layout: rows and columns.
        params: one array per parameter, shape (draw,).
        limit: the most a configuration may cost; infinite without a budget.
        prob: probability of the quantile.
        dtype: "float32" or "float64".
        chunk: configurations in flight per thread, or None.
    """

    program: Program
    layout: Layout
    params: Mapping[str, np.ndarray]
    limit: float
    prob: float
    dtype: str
    chunk: int | None

    def held(self, dtype: str) -> dict[str, Any]:
        """What the kernel holds, in a precision; a budget met to rounding is met."""
        cast = lambda tree: {name: jnp.asarray(np.asarray(array, dtype=dtype)) for name, array in tree.items()}
        scalars = {"limit": np.asarray(self.limit * (1 + SLACK[dtype])), "prob": np.asarray(self.prob)}
        return {"params": cast(self.params), "fixed": cast(self.layout.space.fixed), **cast(scalars)}

    @property
    def context(self) -> Context:
        """What reducers may ask."""
        return Context(self.layout, self.exact, ROUNDING * float(np.finfo(self.dtype).eps))

    def exact(self, index: np.ndarray) -> dict[str, np.ndarray]:
        """Quantities of configuration numbers in float64, and `ok`, whether each counts; ready for a table."""
        with jax.enable_x64(True):
            held = self.held("float64")
            parts = [self._exact_part(part, held) for part in _parts(np.asarray(index, dtype=np.int64))]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _exact_part(self, index: np.ndarray, held: Mapping[str, Any]) -> dict[str, np.ndarray]:
        size = next((size for size in BATCHES if len(index) <= size), BATCHES[-1])
        padded = np.pad(index, (0, size - len(index)), mode="edge") if len(index) else np.zeros(size, np.int64)
        known, ok = measure_all(self.program, configurations(self.layout.space, padded), held)
        order = [
            *self.layout.space.axes,
            *self.layout.space.derived,
            "loss",
            "cost",
            *(n for n, _ in self.program.extras),
        ]
        table = {name: np.asarray(known[name])[: len(index)] for name in dict.fromkeys(order) if name in known}
        return {"index": index, **table, "ok": np.asarray(ok)[: len(index)]}

    def run(self, reducers: Sequence[Reducer], progress: bool = False) -> tuple[list[Any], int, int]:
        """The final state of each reducer, the number that pass the constraints, and of those the finite ones."""
        context = self.context
        states = [reducer.init(context) for reducer in reducers]
        passing = finite = 0
        for start, (passed, counted, outputs) in _shown(self._chunks(), self._num_chunks, progress):
            passing, finite = passing + int(passed.sum(dtype=np.int64)), finite + int(counted.sum(dtype=np.int64))
            chunk = Chunk(start, dict(zip(self.program.reductions, outputs, strict=True)))
            states = [reducer.update(state, chunk, context) for reducer, state in zip(reducers, states, strict=True)]
        return states, passing, finite

    @property
    def rows_per_chunk(self) -> int:
        """A chunk holds whole rows, at least one, and is smaller where there are draws, so that every core has one."""
        most = CPU_CHUNK if jax.default_backend() == "cpu" else ACCELERATOR_CHUNK
        chunk = self.chunk or max(IN_CACHE, most // self.num_draws)
        return max(1, min(chunk // self.layout.width, self.layout.prefixes))

    @property
    def num_draws(self) -> int:
        """Number of draws."""
        return len(next(iter(self.params.values())))

    @property
    def rows_together(self) -> int:
        """Rows that the kernel computes at once.

        An accelerator takes all. A CPU takes one, which stays in its fastest cache, or, summing over draws, as many
        as a larger cache holds: then what depends on the column alone is computed once per draw for all of them.
        """
        if jax.default_backend() != "cpu":
            return self.rows_per_chunk
        several = self.num_draws > 1 and not self.program.quantile
        return min(self.rows_per_chunk, max(1, IN_CACHE // self.layout.width)) if several else 1

    @property
    def _starts(self) -> Iterator[int]:
        """First row of each chunk; a chunk lies in one run."""
        prefixes, num = self.layout.prefixes, self.rows_per_chunk
        return (run * prefixes + first for run in range(self.layout.runs) for first in range(0, prefixes, num))

    @property
    def _num_chunks(self) -> int:
        return self.layout.runs * -(-self.layout.prefixes // self.rows_per_chunk)

    def _chunks(self) -> Iterator[tuple[int, Any]]:
        """Reduced chunks in order, with the row that each starts at."""
        num = self.rows_per_chunk
        batch, threads = self.rows_together, _num_threads() if jax.default_backend() == "cpu" else 2
        with jax.enable_x64(self.dtype == "float64"):
            tables, held = self._tables(), self.held(self.dtype)
        with ThreadPoolExecutor(threads) as pool:
            waiting: collections.deque[tuple[int, Future[Any]]] = collections.deque()
            for start in self._starts:
                waiting.append((start, pool.submit(self._reduced, start, num, batch, tables, held)))
                if len(waiting) > threads:
                    first, future = waiting.popleft()
                    yield first, future.result()
            while waiting:
                first, future = waiting.popleft()
                yield first, future.result()

    def _tables(self) -> dict[str, Any]:
        tables = self.layout.tables
        logs = logs_of(tuple(self.program.law.inputs), tables)
        named = {f"value.{name}": table for name, table in tables.items()} | {
            f"log.{name}": table for name, table in logs.items()
        }
        return {name: jnp.asarray(table.astype(self.dtype)) for name, table in named.items()}

    def _reduced(self, start: int, num: int, batch: int, tables: Any, held: Any) -> Any:
        # The precision is a setting of the thread, so each sets its own.
        run = start // self.layout.prefixes
        inside, values = self.layout.rows(start, num)
        logs = {f"log.{name}": log for name, log in logs_of(self._logged_rows, values).items()}
        rows = {"place": np.arange(num), **{f"value.{name}": value for name, value in values.items()}, **logs}
        with jax.enable_x64(self.dtype == "float64"):
            cast = {name: array.astype(self.dtype) for name, array in rows.items()}
            out = reduce_rows(self.program, batch, np.int32(run), np.int32(self.layout.filled(run)), cast, tables, held)
            return jax.tree.map(lambda array: np.asarray(array)[:inside], out)

    @property
    def _logged_rows(self) -> tuple[str, ...]:
        axes = self.layout.space.axes
        return tuple(name for name in self.program.law.inputs if name in axes and axes[name].values[0] > 0)


def _num_threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _parts(index: np.ndarray) -> list[np.ndarray]:
    return [index[start : start + BATCHES[-1]] for start in range(0, max(len(index), 1), BATCHES[-1])]


def _shown(chunks: Iterator[Any], num_chunks: int, progress: bool) -> Iterator[Any]:
    if not progress:
        return chunks
    from rich.progress import track

    return iter(track(chunks, description="sweep", total=num_chunks))
