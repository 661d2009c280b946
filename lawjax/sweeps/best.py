"""The best configurations of a sweep, over all or in each group."""

import dataclasses

import numpy as np

from lawjax.errors import InputError
from lawjax.sweeps.kernel import GroupLowest, Lowest, Reduction
from lawjax.sweeps.layout import Layout, configurations
from lawjax.sweeps.reducer import Chunk, Context, Table, members

BATCH, SMALL_BATCH = 1 << 19, 1 << 10
"""Configurations that are computed again in float64 together: with one draw, and with several."""


@dataclasses.dataclass(frozen=True)
class Kept:
    """Blocks that may hold a winner: the group each stands for, its least value and its number; in order of those.

    Where more blocks than there is room for lie within rounding of the best, one beyond the room is kept as the sign.
    """

    group: np.ndarray
    value: np.ndarray
    block: np.ndarray


NOTHING = Kept(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))


@dataclasses.dataclass(frozen=True)
class BestBy:
    """The `keep` configurations with the least `by` in each group; groups are axis values or lie between edges."""

    keep: int
    by: str = "loss"
    key: str | None = None
    edges: tuple[float, ...] | None = None

    @property
    def label(self) -> str:
        """The name of its table."""
        return "top_k" if self.key is None else "best_by"

    @property
    def quantities(self) -> tuple[str, ...]:
        """The quantities it looks at."""
        return (self.by,) if self.key is None else (self.by, self.key)

    def reductions(self, layout: Layout) -> tuple[Reduction, ...]:
        """What each row is reduced to on the device."""
        if self.key is not None and self.edges is None and self.key not in layout.space.axes:
            raise InputError(
                f"best_by needs bins=[...], increasing edges, because `{self.key}` is not an axis of the space."
            )
        if self._whole_blocks(layout):
            return (Lowest(self.by, layout.block),)
        return (GroupLowest(self.by, self.key or "", self._edges(layout)),)

    def init(self, context: Context) -> Kept:
        """No block yet."""
        return NOTHING

    def update(self, state: Kept, chunk: Chunk, context: Context) -> Kept:
        """Add the blocks of a chunk that are not worse than those already kept."""
        (reduction,) = self.reductions(context.layout)
        if self.key is None:
            return self.merge(state, self._hopeful(state, chunk.start, chunk.outputs[reduction], context), context)
        values = chunk.outputs[reduction].astype(np.float64)
        rows = chunk.start + np.arange(len(values), dtype=np.int64)
        if self._whole_blocks(context.layout):
            block = rows[:, None] * values.shape[1] + np.arange(values.shape[1])
            group = np.broadcast_to(self._group_of_rows(rows, context.layout)[:, None], values.shape)
        else:
            block = np.broadcast_to(rows[:, None], values.shape)
            group = np.broadcast_to(np.arange(values.shape[1]), values.shape)
        hopeful = np.isfinite(values) & (values <= self._cutoffs(state, context)[group])
        return self.merge(state, Kept(group[hopeful], values[hopeful], block[hopeful]), context)

    def _hopeful(self, state: Kept, start: int, values: np.ndarray, context: Context) -> Kept:
        """The blocks of some rows that are not worse than those already kept, of which there is but one group."""
        bar = self._cutoffs(state, context)[0]
        row, place = np.nonzero(values <= np.nextafter(values.dtype.type(bar), np.inf))
        found = values[row, place].astype(np.float64)
        block = (start + row.astype(np.int64)) * values.shape[1] + place
        hopeful = np.isfinite(found) & (found <= bar)
        return Kept(np.zeros(int(hopeful.sum()), np.int64), found[hopeful], block[hopeful])

    def merge(self, first: Kept, second: Kept, context: Context) -> Kept:
        """The blocks that may still hold one of the best `keep` of their group.

        What is dropped of a part would be dropped of the whole, so it does not matter how a space is cut in parts.
        """
        return merged(first, second, self.keep, self._room(context.layout), context.rounding)

    def finish(self, state: Kept, context: Context) -> tuple[Table, tuple[str, ...]]:
        """The winners, computed and ordered in float64, the lowest configuration number first among equals."""
        step = max(1, (BATCH if context.num_draws == 1 else SMALL_BATCH) // self._block_size(context.layout))
        won = self._winners(self._computed(state, slice(0, step), context))
        for start in range(step, len(state.block), step):
            if self._settled(won, state.value[start], context):
                break
            more = self._computed(state, slice(start, start + step), context)
            won = self._winners({name: np.concatenate([won[name], more[name]]) for name in won})
        group, origin = won.pop("group"), won.pop("origin")
        return {**self._labels(group, context.layout), **won}, self._remarks(state, origin, won[self.by], context)

    def _settled(self, won: Table, least: float, context: Context) -> bool:
        """Whether blocks from this least value up, to rounding, can hold no winner any more."""
        full = self.key is None and len(won["index"]) >= self.keep
        return full and bool(least - context.rounding * abs(least) > won[self.by].max())

    def _computed(self, state: Kept, part: slice, context: Context) -> Table:
        """The configurations of some of the kept blocks in float64, those that count in the group of their block."""
        layout = context.layout
        index, origin = members(state.block[part], self._block_size(layout), layout)
        wanted = state.group[part][origin]
        if self.key is not None and self.key in layout.space.axes and self.edges is None:
            mine = bin_of(configurations(layout.space, index)[self.key], self._edges(layout)) == wanted
            index, origin, wanted = index[mine], origin[mine], wanted[mine]
        rows = context.exact(index)
        mine = rows.pop("ok")
        if self.edges is not None:
            mine &= bin_of(rows[self.key or ""], self.edges) == wanted
        rows |= {"group": wanted, "origin": origin + part.start}
        return {name: column[mine] for name, column in rows.items()}

    def _winners(self, rows: Table) -> Table:
        order = np.lexsort((rows["index"], rows[self.by], rows["group"]))
        group = rows["group"][order]
        rank = np.arange(len(group)) - np.searchsorted(group, group, side="left")
        return {name: column[order[rank < self.keep]] for name, column in rows.items()}

    def _remarks(self, state: Kept, origin: np.ndarray, exact: np.ndarray, context: Context) -> tuple[str, ...]:
        """What the precision of the scan could not settle: `origin` is each winner's block, `exact` its value."""
        scanned, rounding = state.value[origin], context.rounding
        crowded = np.bincount(state.group, minlength=1).max() > self._room(context.layout)
        doubts = {
            "the scan alone would have put another configuration first": self.key is None and bool(np.any(origin[:1])),
            f"more blocks lie within rounding of the best by `{self.by}` than were computed in float64": bool(crowded),
            'rounding in the scan is larger than was allowed for; pass dtype="float64"': bool(
                np.any(exact < scanned - rounding * np.abs(scanned))
            ),
        }
        return tuple(text for text, true in doubts.items() if true)

    def _labels(self, group: np.ndarray, layout: Layout) -> Table:
        if self.key is None or self.key in layout.space.axes:
            return {}
        edges = np.asarray(self._edges(layout))
        return {f"{self.key}_from": edges[group], f"{self.key}_to": edges[group + 1]}

    def _cutoffs(self, state: Kept, context: Context) -> np.ndarray:
        """Above which value a block cannot matter, for each group."""
        return cutoffs(state, self.keep, self._num_groups(context.layout), context.rounding)

    def _room(self, layout: Layout) -> int:
        return 4 * self.keep + (256 if self.key is None else 4 if self._whole_blocks(layout) else 0)

    def _whole_blocks(self, layout: Layout) -> bool:
        return self.key is None or (self.edges is None and self.key in layout.names[0])

    def _block_size(self, layout: Layout) -> int:
        return layout.block if self._whole_blocks(layout) else layout.width

    def _group_of_rows(self, rows: np.ndarray, layout: Layout) -> np.ndarray:
        if self.key is None:
            return np.zeros(len(rows), np.int64)
        return layout.prefix_places(rows % layout.prefixes)[self.key]

    def _num_groups(self, layout: Layout) -> int:
        if self.key is None:
            return 1
        return len(layout.space.axes[self.key]) if self.edges is None else len(self.edges) - 1

    def _edges(self, layout: Layout) -> tuple[float, ...]:
        """Edges of the groups; for an axis, half-way between its values."""
        if self.edges is not None:
            return self.edges
        axis = layout.space.axes[self.key or ""].values
        return (-np.inf, *(0.5 * (axis[1:] + axis[:-1])).tolist(), np.inf)


def merged(first: Kept, second: Kept, keep: int, room: int, rounding: float) -> Kept:
    """The blocks of two parts that may still hold one of the best `keep` of their group, in at most `room` + 1 each."""
    if not len(second.value):
        return first
    group, value, block = (np.concatenate([getattr(first, n), getattr(second, n)]) for n in ("group", "value", "block"))
    order = np.lexsort((block, value, group))
    group, value, block = group[order], value[order], block[order]
    begins = np.searchsorted(group, group, side="left")
    rank = np.arange(len(group)) - begins
    bar = value[np.minimum(begins + keep, np.searchsorted(group, group, side="right")) - 1]
    near = (rank < keep) | (value <= bar + rounding * np.abs(bar))
    kept = near & (rank <= room)
    return Kept(group[kept], value[kept], block[kept])


def cutoffs(state: Kept, keep: int, num_groups: int, rounding: float) -> np.ndarray:
    """Above which value a block cannot matter, for each group."""
    found = np.full(num_groups, np.inf)
    groups, begins, counts = np.unique(state.group, return_index=True, return_counts=True)
    full = counts >= keep
    bars = state.value[begins[full] + keep - 1]
    found[groups[full]] = bars + rounding * np.abs(bars)
    return found


def bin_of(values: np.ndarray, edges: tuple[float, ...]) -> np.ndarray:
    """Which pair of edges each value lies between, the lower one inside; -1 below all."""
    return np.searchsorted(np.asarray(edges), values, side="right") - 1
