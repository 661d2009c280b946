"""The sweep of a space in which the best of every line along one axis lies at an end of what the constraints allow.

Where the loss is proven to fall along an axis, and the constraints to hold up to some place on it and not beyond, a
search finds that place, and one configuration a line is computed instead of all; its neighbours only where they may be
kept too.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.sweeps.best import NOTHING, BestBy, Kept, merged
from lawjax.sweeps.kernel import Lowest, Program, Reduction, Values, rest_of
from lawjax.sweeps.layout import Layout
from lawjax.sweeps.reducer import Chunk, Context, Reducer, Table
from lawjax.sweeps.stream import Part, Scan, Tick

LINES = 1 << 14
"""Lines in a chunk where the caller does not say."""
LEAST_WORK, SMALL = 256, 1 << 22
"""Lines are worth a search from so many evaluations of the law in each, or up to so many configurations in all."""
ROUNDING = 1e-13
"""By how much, relative, rounding in float64 may order two losses wrongly."""
BEST_OF_LINE = Lowest("loss", 1)


def boundary_axis(scan: Scan, reducers: Sequence[Reducer]) -> str | None:
    """The longest axis along which the best of a line is proven to lie at an end of what is allowed, or None."""
    only_best = all(isinstance(r, BestBy) and r.key is None and r.by == "loss" for r in reducers)
    space, proof = scan.layout.space, scan.proof
    if not only_best or not proof.finite or len(space.axes) < 2 or scan.plan.rest.takes("loss", 0):
        return None
    worth = lambda length: length * scan.num_draws >= LEAST_WORK or space.size <= SMALL
    proven = [name for name in space.axes if abs(proof.loss.trend(name)) == 1 and proof.one_way(name)]
    fit = [name for name in proven if worth(len(space.axes[name]))]
    return max(fit, key=lambda name: len(space.axes[name]), default=None)


@partial(jax.jit, static_argnums=0)
def allowed_of(program: Program, lines: Values, along: Values, held: Mapping[str, Any]) -> tuple[Any, Any]:
    """How many configurations of each line meet the constraints, and whether the first does.

    Args:
        program: what is computed.
        lines: inputs of the other axes, each shape (line,).
        along: inputs of the axis, each shape (place,).
        held: `fixed` inputs and the `limit` on the cost.
    """
    length = len(next(iter(along.values())))

    def of_line(line: Values) -> tuple[Any, Any]:
        def passes(place: Any) -> Any:
            values = {**held["fixed"], **line, **{name: table[place] for name, table in along.items()}}
            return rest_of(program, values, jnp.nan, held["limit"])[1]

        first = passes(0)

        def halved(_: int, ends: tuple[Any, Any]) -> tuple[Any, Any]:
            low, high = ends
            middle = (low + high) // 2
            same = (passes(jnp.minimum(middle, length - 1)) == first) & (low < high)
            return jnp.where(same, middle + 1, low), jnp.where(same, high, middle)

        turn = jax.lax.fori_loop(0, length.bit_length(), halved, (jnp.int32(0), jnp.int32(length)))[0]
        return jnp.where(first, turn, length - turn), first

    return jax.vmap(of_line)(lines)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class BoundaryScan(Scan):
    """A sweep along lines.

    Attributes:
        axis: the lines are along it.
    """

    axis: str

    @property
    def length(self) -> int:
        """Number of configurations in a line."""
        return len(self.layout.space.axes[self.axis])

    @property
    def num_lines(self) -> int:
        """Number of lines."""
        return self.layout.space.size // self.length

    @property
    def rows_per_chunk(self) -> int:
        """Lines in a chunk."""
        return max(1, min(LINES if self.chunk is None else self.chunk // self.length, self.num_lines))

    @property
    def num_chunks(self) -> int:
        """Number of chunks."""
        return -(-self.num_lines // self.rows_per_chunk)

    def run(self, reducers: Sequence[Reducer], chunks: range | None = None, tick: Tick | None = None) -> Part:
        """What a range of chunks gives, all by default; `tick` is told the configurations of each as it is done."""
        context, num = self.context, self.rows_per_chunk
        part = Part([reducer.init(context) for reducer in reducers], 0, 0, 0)
        for chunk in range(self.num_chunks) if chunks is None else chunks:
            lines = np.arange(chunk * num, min((chunk + 1) * num, self.num_lines), dtype=np.int64)
            found = Chunk(int(lines[0]), {BEST_OF_LINE: self.least(lines)})
            count = int(self.allowed(lines, self.dtype)[0].sum(dtype=np.int64))
            states = [r.update(state, found, context) for r, state in zip(reducers, part.states, strict=True)]
            configs = len(lines) * self.length
            part = Part(states, part.passing + count, part.finite + count, part.configs + configs)
            if tick is not None:
                tick(configs)
        return part

    def least(self, lines: np.ndarray) -> np.ndarray:
        """The least loss of each line, in float64; infinite where no configuration is allowed."""
        first, last = self.allowed(lines, "float64")[1:]
        any_allowed = first <= last
        found = np.full(len(lines), np.inf)
        rows = self.exact(self.numbers(lines[any_allowed], self.best_end(first, last)[any_allowed]))
        found[any_allowed] = np.where(rows["ok"], rows["loss"], np.inf)
        return found

    @property
    def falls(self) -> bool:
        """Whether the loss falls along the axis, so that the last that is allowed is the best."""
        return self.proof.loss.trend(self.axis) < 0

    def best_end(self, first: np.ndarray, last: np.ndarray) -> np.ndarray:
        """The place of the least loss of each line."""
        return last if self.falls else first

    def allowed(self, lines: np.ndarray, dtype: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How many configurations of each line meet the constraints, and the places of the first and last of them."""
        num = max(LINES, len(lines)) if len(lines) > 256 else 256
        filled = np.pad(lines, (0, num - len(lines)), mode="edge")
        with jax.enable_x64(dtype == "float64"):
            cast = lambda values: {name: column.astype(dtype) for name, column in values.items()}
            along = cast(self.layout.space.axes[self.axis].columns(self.axis))
            found = allowed_of(self.program, cast(self._inputs(filled)), along, self.held(dtype))
            count, low = (np.asarray(array)[: len(lines)] for array in found)
        count = count.astype(np.int64)
        return count, np.where(low, 0, self.length - count), np.where(low, count, self.length) - 1

    def _inputs(self, lines: np.ndarray) -> dict[str, np.ndarray]:
        """What the other axes set in each line."""
        axes, found = self.layout.space.axes, {}
        for name, axis in reversed(list(axes.items())):
            if name != self.axis:
                lines, place = np.divmod(lines, len(axis))
                found |= {key: column[place] for key, column in axis.columns(name).items()}
        return found

    def numbers(self, lines: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Configuration numbers of places on lines."""
        shape, axis = self.layout.space.shape, list(self.layout.space.axes).index(self.axis)
        before, after = np.divmod(lines, np.prod(shape[axis + 1 :], dtype=np.int64))
        return (before * self.length + places) * np.prod(shape[axis + 1 :], dtype=np.int64) + after


@dataclasses.dataclass(frozen=True)
class BestOnLines:
    """The `keep` configurations with the least loss; of each line that may hold one, its number and its least loss."""

    keep: int
    scan: BoundaryScan = dataclasses.field(repr=False, compare=False)

    label = "top_k"
    quantities = ("loss",)

    def reductions(self, layout: Layout) -> tuple[Reduction, ...]:
        """What each line is reduced to."""
        return (BEST_OF_LINE,)

    def init(self, context: Context) -> Kept:
        """No line yet."""
        return NOTHING

    def update(self, state: Kept, chunk: Chunk, context: Context) -> Kept:
        """Add the lines of a chunk that may hold one of the best."""
        values = chunk.outputs[BEST_OF_LINE]
        lines = chunk.start + np.flatnonzero(np.isfinite(values))
        return self.merge(state, Kept(np.zeros(len(lines), np.int64), values[lines - chunk.start], lines), context)

    def merge(self, first: Kept, second: Kept, context: Context) -> Kept:
        """The lines of two parts of a space that may hold one of the best, however many are equally good."""
        return merged(first, second, self.keep, len(first.value) + len(second.value), ROUNDING)

    def finish(self, state: Kept, context: Context) -> tuple[Table, tuple[str, ...]]:
        """The best in order, the lowest configuration number first among equals."""
        scan = self.scan
        first, last = scan.allowed(state.block, "float64")[1:]
        num, seen, step = last - first + 1, np.zeros(len(first), np.int64), 1
        going, won = np.arange(len(first)), scan.exact(np.zeros(0, np.int64))
        while len(going):
            ahead = np.minimum(step, num[going] - seen[going])
            line = np.repeat(going, ahead)
            along = np.arange(len(line)) - np.repeat(np.cumsum(ahead) - ahead, ahead) + seen[line]
            rows = scan.exact(
                scan.numbers(state.block[line], last[line] - along if scan.falls else first[line] + along)
            )
            seen[going] += ahead
            ends = rows["loss"][np.cumsum(ahead) - 1]
            won = self._best({name: np.concatenate([won[name], rows[name]]) for name in won})
            bar = won["loss"][-1] if len(won["loss"]) == self.keep else np.inf
            going, step = going[(ends <= bar + ROUNDING * abs(bar)) & (seen[going] < num[going])], 2 * step
        won.pop("ok")
        return won, ()

    def _best(self, rows: Table) -> Table:
        rows = {name: column[rows["ok"]] for name, column in rows.items()}
        order = np.lexsort((rows["index"], rows["loss"]))[: self.keep]
        return {name: column[order] for name, column in rows.items()}
