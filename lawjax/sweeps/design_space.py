"""The space of a sweep: a product of axes, held inputs, and inputs that follow from others; never held in memory."""

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from lawjax.axes import Axis
from lawjax.costs.named import ordered
from lawjax.errors import InputError

MAX_SIZE = 2**62


@dataclasses.dataclass(frozen=True, eq=False)
class Space:
    """A product of axes, the last varying fastest.

    Attributes:
        axes: the axes by name.
        fixed: inputs held at a value, a number or a vector.
        derived: inputs that are functions of others, in an order in which they can be computed.
    """

    axes: Mapping[str, Axis]
    fixed: Mapping[str, np.ndarray]
    derived: Mapping[str, Callable[..., Any]]

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return tuple(len(axis) for axis in self.axes.values())

    @property
    def size(self) -> int:
        """Number of configurations."""
        return math.prod(self.shape)

    @property
    def names(self) -> tuple[str, ...]:
        """All inputs."""
        return (*self.columns, *self.fixed, *self.derived)

    @functools.cached_property
    def columns(self) -> dict[str, np.ndarray]:
        """Every value of each input that an axis sets, shape (num,), or (num, size) for vectors."""
        return {key: column for name, axis in self.axes.items() for key, column in axis.columns(name).items()}

    @property
    def vectors(self) -> dict[str, tuple[int, ...]]:
        """Inputs that are vectors, with their shapes."""
        found = {name: column.shape[1:] for name, column in self.columns.items()}
        shapes = found | {name: value.shape for name, value in self.fixed.items()}
        return {name: shape for name, shape in shapes.items() if shape}

    def with_names(self, table: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """A table of configurations with the names of choices in place of their numbers."""
        named = {name: np.array(axis.names) for name, axis in self.axes.items() if axis.names}
        return {key: named[key][column.astype(int)] if key in named else column for key, column in table.items()}

    def digits(self, index: int) -> tuple[int, ...]:
        """Place on each axis of configuration number `index`, exact at any size."""
        places = []
        for size in reversed(self.shape):
            index, place = divmod(index, size)
            places.append(place)
        return tuple(reversed(places))

    def __repr__(self) -> str:
        return (
            f"<Space of {self.size:,} configurations: {', '.join(f'{name} {len(a)}' for name, a in self.axes.items())}>"
        )


def space(**inputs: Any) -> Space:
    """The space of a sweep.

    Args:
        inputs: one keyword per input: an axis (`log_grid`, `grid`, `values`, `integers`, `powers_of_two`, `simplex`),
            a number or vector to hold it at, or a function of other inputs, such as `D=lambda N, C: C / (6 * N)`. An
            axis may set several inputs together (`choices`, `sobol`, `latin_hypercube`); then the keyword names it.
    Raises:
        InputError: no axis, a function of an unknown input or of itself, an input set twice, or more than 2**62
            configurations.
    Example:
        >>> import lawjax as lj
        >>> lj.space(N=lj.log_grid(1e8, 1e12, 1000), C=lj.log_grid(1e20, 1e24, 500), D=lambda N, C: C / (6 * N))
        <Space of 500,000 configurations: N 1000, C 500>
    """
    axes = {name: item for name, item in inputs.items() if isinstance(item, Axis)}
    functions = {name: item for name, item in inputs.items() if callable(item) and name not in axes}
    held = {name: _held(name, item) for name, item in inputs.items() if name not in axes and name not in functions}
    if not axes:
        raise InputError("a space needs at least one axis, such as N=lj.log_grid(1e8, 1e12, 1000).")
    known = _known([*held, *functions, *(key for name, axis in axes.items() for key in axis.columns(name))])
    order = ordered(functions, known - set(functions), "the space")
    made = Space(MappingProxyType(axes), MappingProxyType(held), MappingProxyType(order))
    if made.size > MAX_SIZE:
        raise InputError(
            f"the space has {made.size:.3g} configurations, more than can be numbered (2**62). Use coarser axes."
        )
    return made


def _known(names: list[str]) -> set[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{twice} are set twice, by an axis and by what goes along with another. Drop or rename one.")
    return set(names)


def _held(name: str, item: Any) -> np.ndarray:
    try:
        array = np.asarray(item, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(
            f"`{name}` must be an axis, a number, a vector or a function of other inputs, got {item!r}."
        ) from None
    if array.ndim > 1 or not np.all(np.isfinite(array)):
        raise InputError(
            f"`{name}` must be held at a finite number or vector, got {item!r}. For several use lj.values([...])."
        )
    return array
