"""The axes of a space: the values that an input takes, and what goes along with them."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from lawjax.errors import InputError, check_whole


@dataclasses.dataclass(frozen=True, eq=False)
class Axis:
    """The values that an input takes.

    Attributes:
        values: in increasing order, shape (num,); or vectors, shape (num, size).
        label: how they were made, in a word.
        also: further inputs that go along with it, each shape (num,).
        names: what the values 0, 1, 2, ... stand for, where they are choices.
    """

    values: np.ndarray
    label: str = "values"
    also: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    def columns(self, name: str) -> dict[str, np.ndarray]:
        """All inputs that it sets, as an axis of that name."""
        return {name: self.values, **self.also}

    @property
    def is_range(self) -> bool:
        """Whether its ends are the least and the greatest of what could be asked for."""
        return self.values.ndim == 1 and not self.also and not self.names

    def __repr__(self) -> str:
        if self.names:
            what = " of " + ", ".join(self.names)
        elif self.also:
            what = " points in " + ", ".join(self.also)
        elif self.values.ndim == 2:
            what = f" of {self.values.shape[1]} shares"
        else:
            what = f" from {self.values[0]:.4g} to {self.values[-1]:.4g}"
        return f"<Axis {self.label}: {len(self)}{what}>"


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


def integers(low: int, high: int, step: int = 1) -> Axis:
    """Whole numbers from `low` in steps, up to `high` at most.

    Raises:
        InputError: an end or a step that is not a whole number, or `low` above `high`.
    Example:
        >>> import lawjax as lj
        >>> lj.integers(2, 8, step=3).values.tolist()
        [2.0, 5.0, 8.0]
    """
    for name, value in (("low", low), ("high", high)):
        check_whole(name, value, -(2**53), 2**53)
    check_whole("step", step, 1)
    if low > high:
        raise InputError(f"integers needs low <= high, got {low} to {high}.")
    return Axis(np.arange(low, high + 1, step, dtype=np.float64), "integers")


def powers_of_two(low: float, high: float) -> Axis:
    """Every power of two from `low` to `high`, as for batch sizes, experts or devices.

    Raises:
        InputError: an end that is not a finite number above 0, or no power of two between them.
    Example:
        >>> import lawjax as lj
        >>> lj.powers_of_two(3, 32).values.tolist()
        [4.0, 8.0, 16.0, 32.0]
    """
    if not (0 < low <= high and math.isfinite(high)):
        raise InputError(f"powers_of_two needs finite ends with 0 < low <= high, got {low!r} to {high!r}.")
    first, last = math.ceil(math.log2(low)), math.floor(math.log2(high))
    if first > last:
        raise InputError(f"no power of two lies between {low:g} and {high:g}. Widen the ends.")
    return Axis(np.exp2(np.arange(first, last + 1, dtype=np.float64)), "powers of two")


def choices(options: Mapping[str, Mapping[str, float]]) -> Axis:
    """Named choices, each of which sets several inputs together, as a kind of device its price and its speed.

    In `where`, costs and objectives the choice is its place among the options, 0, 1, 2, ...; in results, its name.

    Args:
        options: by the name of each choice, the inputs that it sets; may be empty.
    Raises:
        InputError: no option, options that set different inputs, or a value that is not a finite number.
    Example:
        >>> import lawjax as lj
        >>> lj.choices({"A100": {"price": 1.5, "peak": 312e12}, "H100": {"price": 2.5, "peak": 989e12}})
        <Axis choices: 2 of A100, H100>
    """
    if not isinstance(options, Mapping) or not options:
        raise InputError(f'choices takes a dict of options, as {{"A100": {{"price": 1.5}}, ...}}, got {options!r}.')
    inputs = tuple(next(iter(options.values())))
    for name, option in options.items():
        if set(option) != set(inputs):
            raise InputError(
                f"every choice must set the same inputs; {name!r} sets {list(option)}, not {list(inputs)}."
            )
    also = {key: _finite([option[key] for option in options.values()], key) for key in inputs}
    return Axis(np.arange(len(options), dtype=np.float64), "choices", MappingProxyType(also), tuple(options))


def _finite(items: Sequence[float], name: str) -> np.ndarray:
    try:
        array = np.asarray(items, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.array([np.nan])
    if array.ndim != 1 or not np.all(np.isfinite(array)):
        raise InputError(f"`{name}` must be a finite number in every choice, got {list(items)!r}.")
    return array


def _checked_range(name: str, low: Any, high: Any, num: Any) -> tuple[float, float, int]:
    if isinstance(num, bool) or int(num) != num or num < 1:
        raise InputError(f"{name} takes a whole number of values, at least 1, got {num!r}.")
    low, high, num = float(low), float(high), int(num)
    if not (math.isfinite(low) and math.isfinite(high) and (low < high or (num == 1 and low == high))):
        raise InputError(f"{name} needs finite ends with low < high, got {low:g} to {high:g}.")
    return low, high, num
