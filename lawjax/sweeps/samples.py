"""Axes of points in several inputs at once: samples that fill a box evenly, and lattices of mixtures."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from lawjax.axes import Axis
from lawjax.errors import InputError, check_whole
from lawjax.precision import seed_of

MAX_POINTS = 2**22
Ranges = Mapping[str, tuple[float, float]]


def sobol(num: int, *, log: Ranges | None = None, even: Ranges | None = None, key: Any) -> Axis:
    """A Sobol sample of a box: points that fill it evenly in every pair of inputs, where a grid would need too many.

    Args:
        num: number of points, a power of two, which is what a Sobol sequence is balanced at.
        log: ranges of inputs that are even in the logarithm, as `{"N": (1e8, 1e12)}`.
        even: ranges of inputs that are even as they are.
        key: an int or a JAX key, for the scrambling.
    Returns:
        An axis for `space`; its own value is the number of the point, and the inputs go along with it.
    Raises:
        InputError: a number of points that is not a power of two up to 2**22, or a range that is none.
    Example:
        >>> import lawjax as lj
        >>> lj.space(point=lj.sobol(1024, log={"N": (1e8, 1e12), "D": (1e9, 1e13)}, key=0), bits=lj.values([4, 8, 16]))
        <Space of 3,072 configurations: point 1024, bits 3>

    References:
        Owen 1998, "Scrambling Sobol' and Niederreiter-Xing points", Journal of Complexity 14.
    """
    check_whole("num", num, 1, MAX_POINTS, advice="Use a power of two.")
    if num & (num - 1):
        near = 1 << (num.bit_length() - 1), 1 << num.bit_length()
        raise InputError(f"sobol takes a power of two of points, got {num}. Use {near[0]} or {near[1]}.")

    def unit(dim: int, generator: np.random.Generator) -> np.ndarray:
        from scipy.stats import qmc

        return qmc.Sobol(dim, scramble=True, rng=generator).random_base2(num.bit_length() - 1)

    return _sample("sobol", num, unit, log or {}, even or {}, key)


def latin_hypercube(num: int, *, log: Ranges | None = None, even: Ranges | None = None, key: Any) -> Axis:
    """A Latin hypercube sample of a box: cut each input in `num` slices, and one point lies in every slice of each.

    Args:
        num: number of points.
        log, even, key: as for `sobol`.
    Raises:
        InputError: a number of points that is not whole or above 2**22, or a range that is none.
    Example:
        >>> import lawjax as lj
        >>> lj.latin_hypercube(100, log={"N": (1e8, 1e12)}, even={"dropout": (0, 0.5)}, key=0)
        <Axis latin_hypercube: 100 points in N, dropout>

    References:
        McKay, Beckman and Conover 1979, "A comparison of three methods for selecting values of input variables in the
        analysis of output from a computer code", Technometrics 21.
    """
    check_whole("num", num, 1, MAX_POINTS)

    def unit(dim: int, generator: np.random.Generator) -> np.ndarray:
        from scipy.stats import qmc

        return qmc.LatinHypercube(dim, rng=generator).random(num)

    return _sample("latin_hypercube", num, unit, log or {}, even or {}, key)


def simplex(size: int, steps: int, least: float = 0.0) -> Axis:
    """Every mixture of `size` shares that are `least` and a multiple of a step more, for an input that is a mixture.

    There are (steps + size - 1)! / (steps! (size - 1)!) of them; each sums to 1.

    Args:
        size: number of shares, at least 2.
        steps: number of steps that are handed out; more give a finer lattice.
        least: the least that a share may be; above 0 for laws that take a share's logarithm or a power below 0.
    Raises:
        InputError: more than 2**22 mixtures, or a `least` that leaves nothing to hand out.
    Example:
        >>> import lawjax as lj
        >>> lj.simplex(2, 4).values.tolist()
        [[0.0, 1.0], [0.25, 0.75], [0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]
    """
    check_whole("size", size, 2)
    check_whole("steps", steps, 1)
    if isinstance(least, bool) or not 0 <= least < 1 / size:
        raise InputError(f"`least` must be at least 0 and below 1/size = {1 / size:.4g}, got {least!r}.")
    num = math.comb(steps + size - 1, size - 1)
    if num > MAX_POINTS:
        raise InputError(f"the lattice has {num:.3g} mixtures, more than 2**22. Take fewer steps.")
    shares = least + (1 - size * least) * _compositions(size, steps) / steps
    return Axis(shares, "simplex")


def _compositions(size: int, total: int) -> np.ndarray:
    """All ways to write `total` as a sum of `size` whole numbers from 0 up, in order, shape (way, size)."""
    if size == 1:
        return np.array([[total]])
    parts = [(first, _compositions(size - 1, total - first)) for first in range(total + 1)]
    return np.concatenate([np.insert(rest, 0, first, axis=1) for first, rest in parts])


def _sample(
    label: str, num: int, unit: Callable[[int, np.random.Generator], np.ndarray], log: Any, even: Any, key: Any
) -> Axis:
    """Points of the unit cube put in the box."""
    names = [*log, *even]
    if not names or len(set(names)) < len(names):
        raise InputError(f'{label} needs each input in one of log={{"N": (1e8, 1e12)}} and even=, got {names}.')
    cube = unit(len(names), np.random.default_rng(seed_of(key)))
    also = {name: _placed(label, name, log.get(name), even.get(name), cube[:, i]) for i, name in enumerate(names)}
    return Axis(np.arange(num, dtype=np.float64), label, MappingProxyType(also))


def _placed(label: str, name: str, log: Any, even: Any, share: np.ndarray) -> np.ndarray:
    """Points at these shares of the way through a range."""
    given = even if log is None else log
    try:
        low, high = (float(end) for end in given)
    except (TypeError, ValueError):
        raise InputError(f"{label} takes a range (low, high) for `{name}`, got {given!r}.") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high and (log is None or low > 0)):
        above = "" if log is None else " and low > 0"
        raise InputError(f"{label} needs finite ends with low < high{above} for `{name}`, got {low:g} to {high:g}.")
    return low + share * (high - low) if log is None else low * (high / low) ** share
