"""The space of a sweep: a product of axes, held inputs, and inputs that follow from others; never held in memory."""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from lawjax.errors import InputError
from lawjax.planning.named import arguments_of

MAX_SIZE = 2**62


@dataclasses.dataclass(frozen=True, eq=False)
class Axis:
    """The values that one input takes, in increasing order, shape (num,)."""

    values: np.ndarray
    label: str = "values"

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"<Axis {self.label}: {len(self)} from {self.values[0]:.4g} to {self.values[-1]:.4g}>"


def log_grid(low: float, high: float, num: int) -> Axis:
    """Values evenly spaced in logarithm, both ends included.

    Raises:
        InputError: `low` not above 0, not below `high`, or `num` not a whole number of at least 1.
    Example:
        >>> import lawjax as lj
        >>> lj.log_grid(1e8, 1e12, 5).values.tolist()
        [100000000.0, 1000000000.0, 10000000000.0, 100000000000.0, 1000000000000.0]
    """
    low, high, num = _checked_range("log_grid", low, high, num)
    if low <= 0:
        raise InputError(
            f"log_grid needs a lower end above 0, got {low:g}. Use grid(low, high, num) for an axis that reaches 0."
        )
    return Axis(np.geomspace(low, high, num), "log_grid")


def grid(low: float, high: float, num: int) -> Axis:
    """Values evenly spaced, both ends included.

    Raises:
        InputError: `low` not below `high`, or `num` not a whole number of at least 1.
    Example:
        >>> import lawjax as lj
        >>> lj.grid(0, 1, 3).values.tolist()
        [0.0, 0.5, 1.0]
    """
    low, high, num = _checked_range("grid", low, high, num)
    return Axis(np.linspace(low, high, num), "grid")


def values(items: Sequence[float]) -> Axis:
    """Values one by one, in increasing order.

    Raises:
        InputError: none, one that is not a finite number, or values that do not increase.
    Example:
        >>> import lawjax as lj
        >>> len(lj.values([4, 8, 16]))
        3
    """
    try:
        array = np.asarray(items, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"an axis takes numbers, got {items!r}.") from None
    if array.ndim != 1 or not len(array):
        raise InputError(f"an axis takes a list of at least one number, got {items!r}.")
    if not np.all(np.isfinite(array)):
        place = int(np.flatnonzero(~np.isfinite(array))[0])
        raise InputError(f"an axis takes finite numbers, got {array[place]} at place {place + 1}.")
    if np.any(np.diff(array) <= 0):
        place = int(np.flatnonzero(np.diff(array) <= 0)[0])
        raise InputError(
            f"an axis must increase, got {array[place]:g} then {array[place + 1]:g}. Sort it and drop repeats."
        )
    return Axis(array)


def _checked_range(name: str, low: Any, high: Any, num: Any) -> tuple[float, float, int]:
    if isinstance(num, bool) or int(num) != num or num < 1:
        raise InputError(f"{name} takes a whole number of values, at least 1, got {num!r}.")
    low, high, num = float(low), float(high), int(num)
    if not (math.isfinite(low) and math.isfinite(high) and (low < high or (num == 1 and low == high))):
        raise InputError(f"{name} needs finite ends with low < high, got {low:g} to {high:g}.")
    return low, high, num


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
        return (*self.axes, *self.fixed, *self.derived)

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
        inputs: one keyword per input: an axis (`log_grid`, `grid`, `values`), a number or vector to hold it at, or a
            function of other inputs, such as `D=lambda N, C: C / (6 * N)`.
    Raises:
        InputError: no axis, a function of an unknown input or of itself, or more than 2**62 configurations.
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
    made = Space(MappingProxyType(axes), MappingProxyType(held), MappingProxyType(_ordered(functions, {*axes, *held})))
    if made.size > MAX_SIZE:
        raise InputError(
            f"the space has {made.size:.3g} configurations, more than can be numbered (2**62). Use coarser axes."
        )
    return made


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


def _ordered(functions: dict[str, Callable[..., Any]], known: set[str]) -> dict[str, Callable[..., Any]]:
    """The functions in an order in which each finds its arguments computed."""
    wanted = {name: arguments_of(function, f"derived input `{name}`") for name, function in functions.items()}
    for name, arguments in wanted.items():
        stray = [argument for argument in arguments if argument not in known and argument not in functions]
        if stray:
            raise InputError(
                f"`{name}` is a function of {stray}, which the space does not have. "
                f"It has {sorted(known | set(functions))}."
            )
    order: dict[str, Callable[..., Any]] = {}
    while len(order) < len(functions):
        ready = [name for name in functions if name not in order and {*wanted[name]} <= known | set(order)]
        if not ready:
            raise InputError(f"{[name for name in functions if name not in order]} depend on each other in a circle.")
        order |= {name: functions[name] for name in ready}
    return order
