"""What a plan may choose: ranges, lists of values, shares of a mixture; and their place in the unit box.

A range is one coordinate, even in the logarithm where its ends are above 0. A mixture of k shares is k - 1 coordinates,
the last share being what they leave of 1, which is an inequality of its own. A list of values is no coordinate: each of
its values is tried, and so is every combination of several lists.
"""

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from lawjax.axes import Axis
from lawjax.errors import InputError, check_whole
from lawjax.laws.base import Law, Variable

MAX_COMBINATIONS = 4096
"""Combinations of listed values that are tried; a design space of more is for `sweep`."""
MAX_COORDINATES = 12
"""Coordinates that are searched together; Newton's equations are written out for so many."""


@dataclasses.dataclass(frozen=True)
class Shares:
    """The shares of a mixture, each from `low` to what the others leave of 1."""

    size: int
    low: float = 0.0


def shares(size: int, *, low: float = 0.0) -> Shares:
    """The shares of a mixture, to be chosen by `solve` or `allocate`.

    Args:
        size: how many.
        low: the least that each may be.
    Raises:
        InputError: fewer than two shares, or a least share that leaves no choice.
    Example:
        >>> import lawjax as lj
        >>> lj.shares(3, low=0.05)
        Shares(size=3, low=0.05)
    """
    check_whole("size", size, 2, MAX_COORDINATES + 1)
    if isinstance(low, bool) or not 0 <= low < 1 / size:
        raise InputError(f"`low` of {size} shares must be from 0 to less than 1/{size}, got {low!r}.")
    return Shares(size, float(low))


@dataclasses.dataclass(frozen=True)
class Coordinates:
    """The inputs that are searched, in order: `("N", True, 0)` is a range in logarithm, `("w", False, 3)` 3 shares."""

    entries: tuple[tuple[str, bool, int], ...]

    @property
    def size(self) -> int:
        """Number of coordinates."""
        return sum(max(1, num - 1) for _, _, num in self.entries)

    @property
    def num_mixtures(self) -> int:
        """Number of mixtures, each of which has an inequality: its last share."""
        return sum(1 for _, _, num in self.entries if num)

    @property
    def names(self) -> tuple[str, ...]:
        """The input of each coordinate."""
        return tuple(name for name, _, num in self.entries for _ in range(max(1, num - 1)))

    def natural(self, box: Any, point: Any) -> dict[str, Any]:
        """The inputs at a point of the unit box; `box` has the ends of each coordinate, shape (coordinate, 2)."""
        spread = box[:, 0] + point * (box[:, 1] - box[:, 0])
        inputs, place = {}, 0
        for name, logged, num in self.entries:
            if num:
                chosen = spread[place : place + num - 1]
                inputs[name] = jnp.concatenate([chosen, 1.0 - jnp.sum(chosen, keepdims=True)])
            else:
                inputs[name] = jnp.exp(spread[place]) if logged else spread[place]
            place += max(1, num - 1)
        return inputs

    def leftovers(self, box: Any, inputs: Mapping[str, Any]) -> list[Any]:
        """By how much the last share of each mixture exceeds the least it may be."""
        starts = np.cumsum([0, *(max(1, num - 1) for _, _, num in self.entries)])
        return [inputs[n][-1] - box[place, 0] for (n, _, num), place in zip(self.entries, starts) if num]


@dataclasses.dataclass(frozen=True)
class Choices:
    """What may be chosen, checked and sorted by how it is searched.

    Attributes:
        coordinates: what is searched.
        box: the ends of each coordinate on its own scale, shape (coordinate, 2).
        bounds: lowest and highest value of each range.
        lists: the inputs that take listed values.
        order: all of them as the caller listed them.
    """

    coordinates: Coordinates
    box: np.ndarray
    bounds: Mapping[str, tuple[float, float]]
    lists: Mapping[str, Axis]
    order: tuple[str, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Every input that is chosen: ranges, shares and lists, and what goes along with a sample's points."""
        along = {name: () if axis.names else tuple(axis.also) for name, axis in self.lists.items()}
        return tuple(key for name in self.order for key in (name, *along.get(name, ())))

    @property
    def known(self) -> tuple[str, ...]:
        """Every input that is set by a choice."""
        along = (key for name, axis in self.lists.items() for key in axis.columns(name))
        return (*(name for name, _, _ in self.coordinates.entries), *along)

    @property
    def num_combinations(self) -> int:
        """Number of combinations of listed values; 1 where there are no lists."""
        return math.prod(len(axis) for axis in self.lists.values())

    def combinations(self) -> dict[str, np.ndarray]:
        """Every combination of listed values, each input with that many entries."""
        places = np.array(list(self._places()), dtype=int).reshape(self.num_combinations, len(self.lists))
        return {
            key: column[places[:, i]]
            for i, (name, axis) in enumerate(self.lists.items())
            for key, column in axis.columns(name).items()
        }

    def _places(self) -> Iterator[tuple[int, ...]]:
        return itertools.product(*(range(len(axis)) for axis in self.lists.values()))


def choices_of(choose: Mapping[str, Any], law: Law) -> Choices:
    """What may be chosen, checked against the law's inputs.

    Raises:
        InputError: nothing to choose, a range that is none, values an input cannot take, or more than can be searched.
    """
    if not isinstance(choose, Mapping) or not choose:
        raise InputError(f'`choose` takes a dict of what may be chosen, as {{"N": (1e8, 1e12)}}, got {choose!r}.')
    lists = {name: item for name, item in choose.items() if isinstance(item, Axis)}
    searched = {name: item for name, item in choose.items() if name not in lists}
    for name, axis in lists.items():
        _check_list(name, axis, law.inputs.get(name))
    entries, box, bounds = [], [], {}
    for name, item in searched.items():
        if isinstance(item, Shares):
            _check_shares(name, item, law.inputs.get(name))
            entries.append((name, False, item.size))
            box += [(item.low, 1 - (item.size - 1) * item.low)] * (item.size - 1)
        else:
            bounds[name] = checked_pair(name, item, law.inputs.get(name, Variable(kind="real")))
            logged = bounds[name][0] > 0
            entries.append((name, logged, 0))
            box.append(tuple(np.log(bounds[name])) if logged else bounds[name])
    made = Choices(Coordinates(tuple(entries)), np.array(box, dtype=float).reshape(-1, 2), bounds, lists, tuple(choose))
    if made.num_combinations > MAX_COMBINATIONS:
        raise InputError(
            f"the lists have {made.num_combinations:,} combinations, more than {MAX_COMBINATIONS:,}. Give ranges, as "
            "(low, high), instead of some, or use lj.sweep."
        )
    if made.coordinates.size > MAX_COORDINATES:
        raise InputError(
            f"{made.coordinates.size} numbers are to be chosen, at most {MAX_COORDINATES} can be. Hold some: given=..."
        )
    return made


def checked_pair(name: str, pair: Any, variable: Variable) -> tuple[float, float]:
    """The ends of a range, checked.

    Raises:
        InputError: no pair of finite numbers in order, or an end that the input cannot take.
    """
    try:
        low, high = (float(edge) for edge in pair)
    except (TypeError, ValueError):
        raise InputError(f"bounds of `{name}` are a pair of numbers (low, high), got {pair!r}.") from None
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"bounds of `{name}` must be finite with low < high, got ({low:g}, {high:g}).")
    if variable.positive and low <= 0:
        raise InputError(f"bounds of `{name}` must be above 0, got a lower bound of {low:g}.")
    if variable.kind == "fraction" and (low < 0 or high > 1):
        raise InputError(f"bounds of `{name}` must lie from 0 to 1, got ({low:g}, {high:g}).")
    if variable.size is not None:
        raise InputError(f"`{name}` is a vector. Choose shares, lj.shares({variable.size}), or hold it: given=...")
    return low, high


def _check_list(name: str, axis: Axis, variable: Variable | None) -> None:
    if variable is None:
        return
    wanted = () if variable.size is None else (variable.size,)
    if axis.values.shape[1:] != wanted:
        raise InputError(
            f"`{name}` has values of the shape {axis.values.shape[1:]}; this input has the shape {wanted}."
        )
    if variable.positive and np.min(axis.values) <= 0:
        raise InputError(f"`{name}` must be above 0; its list has {np.min(axis.values):g}.")
    if variable.kind == "fraction" and (np.min(axis.values) < 0 or np.max(axis.values) > 1):
        raise InputError(
            f"`{name}` must lie from 0 to 1; its list goes from {axis.values[0]:g} to {axis.values[-1]:g}."
        )


def _check_shares(name: str, item: Shares, variable: Variable | None) -> None:
    if variable is None or variable.size is None:
        raise InputError(f"`{name}` is one number, not a mixture. Give a range, (low, high).")
    if variable.size != item.size:
        raise InputError(f"`{name}` has {variable.size} shares, got lj.shares({item.size}).")
