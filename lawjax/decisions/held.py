"""Checks of what a caller holds beside the inputs of a law, which `decide` checks itself."""

from typing import Any

import numpy as np

from lawjax.data.inputs import one_value
from lawjax.errors import InputError
from lawjax.laws.base import Variable


def check_positive(**held: Any) -> None:
    """Refuse a value that is not one number above zero, by its name.

    Example:
        >>> check_positive(d=4096)
    """
    for name, value in held.items():
        one_value(name, value, Variable())


def above_zero(name: str, value: Any) -> float:
    """The number, refused where it is not finite and above zero.

    Example:
        >>> above_zero("delta", 0.05)
        0.05
    """
    check_positive(**{name: value})
    return float(value)


def between(name: str, value: Any, low: float, high: float) -> float:
    """The number, refused where it does not lie between `low` and `high`, ends excluded.

    Example:
        >>> between("score", 0.7, 0, 1)
        0.7
    """
    found = number(name, value)
    if not low < found < high:
        raise InputError(f"`{name}` must lie between {low:g} and {high:g}, got {value!r}.")
    return found


def at_least(name: str, value: Any, least: float) -> float:
    """The number, refused where it lies below `least`.

    Example:
        >>> at_least("experts", 1, 1)
        1.0
    """
    found = number(name, value)
    if found < least:
        raise InputError(f"`{name}` must be {least:g} or more, got {value!r}.")
    return found


def not_negative(name: str, value: Any) -> float:
    """The number, refused where it lies below 0.

    Example:
        >>> not_negative("tolerance", 0.03)
        0.03
    """
    return at_least(name, value, 0.0)


def number(name: str, value: Any) -> float:
    """The number, refused where it is none or not finite.

    Example:
        >>> number("t", -3)
        -3.0
    """
    return float(one_value(name, value, Variable(kind="real")))


def numbers(name: str, value: Any) -> np.ndarray:
    """The numbers as a float64 array of whatever shape, refused where they are none or not finite.

    Example:
        >>> numbers("sizes", [1e9, 7e9]).shape
        (2,)
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` must be numbers, got {value!r}.") from None
    if not np.all(np.isfinite(array)):
        raise InputError(f"`{name}` must be finite, got {value!r}.")
    return array
