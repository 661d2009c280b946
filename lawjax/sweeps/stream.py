"""The scan of a sweep: chunks of rows through the device in order, all or a range of them, with constant memory.

A few chunks are in flight at a time, one per thread, because XLA runs a loop over rows on one core, and one per device
where there are several; they are folded in order, so the result does not depend on their number.
"""

import collections
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh

from lawjax.parallel.cores import num_cores
from lawjax.parallel.mesh import local_mesh, on_all_devices, over_devices
from lawjax.sweeps.kernel import Program, losses_by_draw, measure_all
from lawjax.sweeps.layout import Layout, configurations
from lawjax.sweeps.plan import Plan, Proof, plan_of, proof_of
from lawjax.sweeps.reducer import Chunk, Context, Reducer
from lawjax.sweeps.row_kernel import reduce_rows, table_of
from lawjax.sweeps.staging import COLUMN, ROW

CPU_CHUNK, ACCELERATOR_CHUNK = 1 << 23, 1 << 26
IN_CACHE = 1 << 16
BATCHES = (256, 16384)
DRAWS_AT_ONCE = 64
SLACK = {"float32": 2e-6, "float64": 1e-9}
ROUNDING = 32

Tick = Callable[[int], None]


@dataclasses.dataclass(frozen=True)
class Part:
    """What some of a space's configurations give.

    Attributes:
        states: one per reducer.
        passing: how many meet the constraints.
        finite: how many of those have finite quantities, and so count.
        configs: how many configurations there are.
    """

    states: list[Any]
    passing: int
    finite: int
    configs: int


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
        folder: of a long sweep, or None.
    """

    program: Program
    layout: Layout
    params: Mapping[str, np.ndarray]
    limit: float
    prob: float
    dtype: str
    chunk: int | None
    folder: Path | None = None

    def held(self, dtype: str) -> dict[str, Any]:
        """What the kernel holds, in a precision; a budget met to rounding is met."""
        cast = lambda tree: {name: jnp.asarray(np.asarray(array, dtype=dtype)) for name, array in tree.items()}
        # Between which draws a quantile lies is settled in float64, as `numpy.quantile` has it.
        rank, share = divmod(self.prob * (self.num_draws - 1), 1)
        scalars = {"limit": np.asarray(self.limit * (1 + SLACK[dtype])), "share": np.asarray(share)}
        held = {"params": cast(self.params), "fixed": cast(self.layout.space.fixed), **cast(scalars)}
        return {**held, "rank": jnp.int32(rank)}

    @property
    def context(self) -> Context:
        """What reducers may ask."""
        rounding = ROUNDING * float(np.finfo(self.dtype).eps)
        return Context(self.layout, self.exact, rounding, self.num_draws, self.losses, self.folder)

    def losses(self, index: np.ndarray, draws: np.ndarray) -> np.ndarray:
        """Losses of configuration numbers under draws of some numbers, in float64, shape (draw, config)."""
        with jax.enable_x64(True):
            parts = [self._losses_part(part, draws) for part in _parts(index, BATCHES[-1])]
        return np.concatenate(parts, axis=1)

    def _losses_part(self, index: np.ndarray, draws: np.ndarray) -> np.ndarray:
        values = configurations(self.layout.space, _padded(index, BATCHES))
        fixed = {name: jnp.asarray(value) for name, value in self.layout.space.fixed.items()}
        found = [np.zeros((0, len(index)))]
        for start in range(0, len(draws), DRAWS_AT_ONCE):
            now = draws[start : start + DRAWS_AT_ONCE]
            chosen = np.pad(now, (0, DRAWS_AT_ONCE - len(now)), mode="edge")
            params = {name: np.asarray(array, np.float64)[chosen] for name, array in self.params.items()}
            found.append(np.asarray(losses_by_draw(self.program, values, fixed, params))[: len(now), : len(index)])
        return np.concatenate(found)

    def exact(self, index: np.ndarray) -> dict[str, np.ndarray]:
        """Quantities of configuration numbers in float64, and `ok`, whether each counts; ready for a table."""
        with jax.enable_x64(True):
            held = self.held("float64")
            parts = self._exact_parts(_parts(np.asarray(index, dtype=np.int64), self._batches[-1]), held)
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _exact_parts(self, parts: Sequence[np.ndarray], held: Mapping[str, Any]) -> list[dict[str, np.ndarray]]:
        if len(parts) == 1:
            return [self._exact_part(parts[0], held)]
        with ThreadPoolExecutor(_num_threads()) as pool:
            return list(pool.map(lambda part: self._exact_part(part, held), parts))

    def _exact_part(self, index: np.ndarray, held: Mapping[str, Any]) -> dict[str, np.ndarray]:
        # The precision is a setting of the thread, so each sets its own.
        with jax.enable_x64(True):
            values = configurations(self.layout.space, _padded(index, self._batches))
            known, ok = measure_all(self.program, values, held)
        order = [
            *self.layout.space.columns,
            *self.layout.space.derived,
            "loss",
            "cost",
            *(n for n, _ in self.program.extras),
        ]
        table = {name: np.asarray(known[name])[: len(index)] for name in dict.fromkeys(order) if name in known}
        return {"index": index, **table, "ok": np.asarray(ok)[: len(index)]}

    def run(self, reducers: Sequence[Reducer], chunks: range | None = None, tick: Tick | None = None) -> Part:
        """What a range of chunks gives, all by default; `tick` is told the configurations of each as it is done."""
        context = self.context
        part = Part([reducer.init(context) for reducer in reducers], 0, 0, 0)
        wanted = range(self.num_chunks) if chunks is None else chunks
        for chunk, (passed, counted, outputs) in self._reduced_in_order(wanted):
            seen = Chunk(self.start(chunk), dict(zip(self.program.reductions, outputs, strict=True)))
            configs = len(passed) * self.layout.filled(seen.start // self.layout.prefixes)
            part = Part(
                [r.update(state, seen, context) for r, state in zip(reducers, part.states, strict=True)],
                part.passing + int(passed.sum(dtype=np.int64)),
                part.finite + int(counted.sum(dtype=np.int64)),
                part.configs + configs,
            )
            if tick is not None:
                tick(configs)
        return part

    def merged(self, reducers: Sequence[Reducer], first: Part, second: Part) -> Part:
        """What two ranges of chunks give together, the first before the second."""
        together = zip(reducers, first.states, second.states, strict=True)
        states = [reducer.merge(one, other, self.context) for reducer, one, other in together]
        counts = (getattr(first, name) + getattr(second, name) for name in ("passing", "finite", "configs"))
        return Part(states, *counts)

    @property
    def rows_per_chunk(self) -> int:
        """A chunk holds whole rows, at least one, and is smaller where there are draws, so that every core has one."""
        most = CPU_CHUNK if jax.default_backend() == "cpu" else ACCELERATOR_CHUNK
        chunk = self.chunk or max(IN_CACHE, most // self.num_draws)
        return max(1, min(chunk // self.layout.width, self.layout.prefixes))

    @property
    def _batches(self) -> Sequence[int]:
        """Configurations that are computed together in float64; where there are many draws, few."""
        return BATCHES[:1] if self.num_draws > DRAWS_AT_ONCE else BATCHES

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
    def num_chunks(self) -> int:
        """Number of chunks; each lies in one run."""
        return self.layout.runs * self._chunks_per_run

    @property
    def _chunks_per_run(self) -> int:
        return -(-self.layout.prefixes // self.rows_per_chunk)

    def start(self, chunk: int) -> int:
        """First row of a chunk."""
        run, place = divmod(chunk, self._chunks_per_run)
        return run * self.layout.prefixes + place * self.rows_per_chunk

    def _reduced_in_order(self, chunks: range) -> Iterator[tuple[int, Any]]:
        """The chunks of a range, each with what its rows reduce to."""
        num = self._mesh.size
        threads = _num_threads(num)
        with ThreadPoolExecutor(threads) as pool:
            waiting: collections.deque[Future[Any]] = collections.deque()
            for together in (chunks[first : first + num] for first in range(0, len(chunks), num)):
                columns = [self._columns(self._run(chunk)) for chunk in together]
                waiting.append(pool.submit(self._reduced, together, columns))
                if len(waiting) > threads:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()

    @functools.cached_property
    def _mesh(self) -> Mesh:
        return local_mesh()

    def _run(self, chunk: int) -> int:
        return self.start(chunk) // self.layout.prefixes

    @functools.cached_property
    def proof(self) -> Proof:
        """What is proven of the program over the space."""
        with jax.enable_x64(self.dtype == "float64"):
            return proof_of(self.program, self.layout, self.params, self.limit, self.dtype)

    @functools.cached_property
    def plan(self) -> Plan:
        """The program in stages."""
        with jax.enable_x64(self.dtype == "float64"):
            return plan_of(self.program, self.layout, self.params, self.proof, self.dtype)

    @functools.cached_property
    def _held(self) -> dict[str, Any]:
        """What all chunks share: once per scan, not per range of chunks."""
        with jax.enable_x64(self.dtype == "float64"):
            return self.held(self.dtype)

    def _columns(self, run: int) -> Any:
        """The table of the columns of a run; kept for its chunks, which come one after the other."""
        if run not in self._kept_columns:
            self._kept_columns.clear()
            tables = {name: table[run] for name, table in self.layout.tables.items()}
            self._kept_columns[run] = self._table(COLUMN, tables, self.layout.width, self.layout.filled(run))
        return self._kept_columns[run]

    @functools.cached_property
    def _kept_columns(self) -> dict[int, Any]:
        return {}

    def _table(self, kind: int, values: Mapping[str, np.ndarray], num: int, filled: int) -> Any:
        """What rows or columns alone decide, of the inputs that they set; `place` is there where none is wanted."""
        names = self.plan.inputs[0 if kind == ROW else 1]
        inputs = {name: np.log(values[name[4:]]) if name.startswith("log.") else values[name] for name in names}
        # The precision is a setting of the thread, so each sets its own.
        with jax.enable_x64(self.dtype == "float64"):
            cast = {name: array.astype(self.dtype) for name, array in {"place": np.arange(num), **inputs}.items()}
            return table_of(self.plan, kind, cast, np.int32(filled), self._held)

    def _reduced(self, chunks: Sequence[int], columns: Sequence[Any]) -> list[tuple[int, Any]]:
        """What the rows of some chunks reduce to, at most one chunk for each device."""
        inside, rows = zip(*(self._rows(chunk) for chunk in chunks), strict=True)
        with jax.enable_x64(self.dtype == "float64"):
            filled = [np.int32(self.layout.filled(self._run(chunk))) for chunk in chunks]
            outs = self._reduced_each(list(zip(filled, rows, columns, strict=True)))
            cut = [jax.tree.map(lambda array, num=num: np.asarray(array)[:num], out) for num, out in zip(inside, outs)]
        return list(zip(chunks, cut, strict=True))

    def _rows(self, chunk: int) -> tuple[int, Any]:
        """How many rows of a chunk lie in its run, and the table of all of them."""
        inside, values = self.layout.rows(self.start(chunk), self.rows_per_chunk)
        return inside, self._table(ROW, values, self.rows_per_chunk, self.rows_per_chunk)

    def _reduced_each(self, parts: list[Any]) -> list[Any]:
        """What each chunk's columns filled, table of rows and table of columns give, each on a device of its own."""
        if self._mesh.size == 1:
            return [reduce_rows(self.plan, self.rows_together, *part, self._held) for part in parts]
        idle = self._mesh.size - len(parts)
        own = jax.tree.map(lambda *arrays: np.stack(arrays), *parts, *parts[-1:] * idle)
        static = dict(plan=self.plan, batch=self.rows_together)
        out = jax.tree.map(np.asarray, over_devices(self._mesh, _reduce_part, own, self._held_everywhere, **static))
        return [jax.tree.map(lambda array, place=place: array[place], out) for place in range(len(parts))]

    @functools.cached_property
    def _held_everywhere(self) -> Any:
        return on_all_devices(self._mesh, self._held)


def _reduce_part(own: Any, held: Any, *, plan: Plan, batch: int) -> Any:
    """`reduce_rows` of one device's chunk."""
    out = reduce_rows(plan, batch, *jax.tree.map(lambda array: array[0], own), held)
    return jax.tree.map(lambda array: array[None], out)


def _num_threads(num_devices: int = 1) -> int:
    """How many calls are in flight: enough for every core of a CPU, and elsewhere for the host to work meanwhile."""
    if jax.default_backend() != "cpu":
        return 2
    return num_cores() if num_devices == 1 else max(2, num_cores() // num_devices)


def _padded(index: np.ndarray, batches: Sequence[int]) -> np.ndarray:
    """Configuration numbers in one of few lengths, each of which is compiled once."""
    size = next((size for size in batches if len(index) <= size), batches[-1])
    return np.pad(index, (0, size - len(index)), mode="edge") if len(index) else np.zeros(size, np.int64)


def _parts(index: np.ndarray, size: int) -> list[np.ndarray]:
    return [index[start : start + size] for start in range(0, max(len(index), 1), size)]
