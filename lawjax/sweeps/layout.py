"""How a space is laid out in rows and columns, so that the device counts columns and the host counts rows.

A row is a run of consecutive values of one axis times all values of the axes after it; its place among the rows is a
Python integer or an int64. So no index on the device ever nears 2**31, and memory does not grow with the space.
"""

import dataclasses
import functools
import math
from collections.abc import Mapping

import numpy as np

from lawjax.sweeps.design_space import Space

MIN_WIDTH, MAX_WIDTH = 512, 8192
FEW_ROWS = 32
LANE, FEW = 256, 32


@dataclasses.dataclass(frozen=True, eq=False)
class Layout:
    """Rows and columns of a space.

    Attributes:
        space: the space.
        split: the axis that a row holds a run of; the axes after it lie whole within a row.
        run: number of values of that axis in a row.
        tail: number of configurations of the axes after it.
        block: columns whose least value stands for them all.
    """

    space: Space
    split: int
    run: int
    tail: int
    block: int = LANE

    @property
    def runs(self) -> int:
        """Number of rows that share one choice of the axes before the split."""
        return -(-self.space.shape[self.split] // self.run)

    @property
    def prefixes(self) -> int:
        """Number of choices of the axes before the split."""
        return math.prod(self.space.shape[: self.split])

    @property
    def num_rows(self) -> int:
        """Number of rows; all rows of the first run come first, then those of the second."""
        return self.prefixes * self.runs

    @property
    def width(self) -> int:
        """Number of columns, with padding to whole lanes."""
        return -(-self.run * self.tail // LANE) * LANE

    @property
    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Axes that are constant along a row, and axes that vary along it."""
        names = tuple(self.space.axes)
        return names[: self.split], names[self.split :]

    @functools.cached_property
    def tables(self) -> dict[str, np.ndarray]:
        """Values of the inputs whose axes vary along a row, each shape (runs, width), or (runs, width, size)."""
        columns = np.minimum(np.arange(self.width), self.run * self.tail - 1)
        places = np.unravel_index(columns % self.tail, self.space.shape[self.split + 1 :] or (1,))
        first, *rest = self.names[1]
        length = self.space.shape[self.split]
        along = np.minimum(np.arange(self.runs)[:, None] * self.run + columns // self.tail, length - 1)
        tables = self._values(first, along)
        for name, place in zip(rest, places):
            for key, values in self._values(name, place).items():
                tables[key] = np.broadcast_to(values, (self.runs, *values.shape))
        return tables

    def _values(self, axis: str, place: np.ndarray) -> dict[str, np.ndarray]:
        """What the inputs that an axis sets are at places on it."""
        return {key: column[place] for key, column in self.space.axes[axis].columns(axis).items()}

    def rows(self, start: int, num: int) -> tuple[int, dict[str, np.ndarray]]:
        """How many of rows `start` to `start + num` lie in the run of `start`, and the inputs that the prefix axes set.

        The rows past those repeat the last of the run.
        """
        first = start % self.prefixes
        prefix = np.minimum(first + np.arange(num, dtype=np.int64), self.prefixes - 1)
        values: dict[str, np.ndarray] = {}
        for name, place in self.prefix_places(prefix).items():
            values |= self._values(name, place)
        return min(num, self.prefixes - first), values

    def filled(self, run: int) -> int:
        """Number of filled columns in the rows of a run."""
        return min(self.space.shape[self.split] - run * self.run, self.run) * self.tail

    def prefix_places(self, prefix: np.ndarray) -> dict[str, np.ndarray]:
        """Place on each axis before the split of a choice of them."""
        places = {}
        for name, size in zip(reversed(self.names[0]), reversed(self.space.shape[: self.split])):
            prefix, places[name] = np.divmod(prefix, size)
        return places

    def flat(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Configuration numbers of filled columns, int64."""
        run, prefix = np.divmod(np.asarray(row, dtype=np.int64), self.prefixes)
        return (prefix * self.space.shape[self.split] + run * self.run) * self.tail + column

    def inside(self, row: np.ndarray, column: np.ndarray) -> np.ndarray:
        """Whether columns are filled."""
        run = np.asarray(row, dtype=np.int64) // self.prefixes
        return column < np.minimum(self.space.shape[self.split] - run * self.run, self.run) * self.tail


def layout_of(space: Space, max_width: int = MAX_WIDTH, num_draws: int = 1) -> Layout:
    """A layout whose rows fit a CPU's cache, longer ones where there are few of them.

    Blocks are small where there are draws: then it costs more to compute one again than to look at more of them.
    """
    split, tail = len(space.shape) - 1, 1
    while split > 0 and tail * space.shape[split] < MIN_WIDTH:
        tail *= space.shape[split]
        split -= 1
    prefixes = math.prod(space.shape[:split])
    width = max_width * max(1, FEW_ROWS // min(prefixes, FEW_ROWS))
    runs = -(-space.shape[split] // max(1, width // tail))
    return Layout(space, split, -(-space.shape[split] // runs), tail, LANE if num_draws == 1 else FEW)


def configurations(space: Space, index: np.ndarray) -> dict[str, np.ndarray]:
    """Values of the inputs that axes set at configuration numbers, float64, shape (config,), or (config, size)."""
    found: Mapping[str, np.ndarray] = {}
    rest = np.asarray(index, dtype=np.int64)
    for name, axis in reversed(list(space.axes.items())):
        rest, place = np.divmod(rest, len(axis))
        found = {**{key: column[place] for key, column in axis.columns(name).items()}, **found}
    return dict(found)
