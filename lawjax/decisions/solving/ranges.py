"""Where a decision looks for an input: around its usual values and the runs, or between bounds that are given."""

from collections.abc import Mapping
from typing import Any

from lawjax.decisions.held import number
from lawjax.errors import InputError
from lawjax.laws.base import USUAL, Variable

FAR = 1e6
"""How far beyond usual values and runs an input is looked for."""
ANY_UNIT = 1e30
"""How far where the law knows no usual values, so that its unit may put the input anywhere."""
AMOUNT = 10.0
"""How far an input that may be 0 is looked for: its range is not cut by ratio."""

Bounds = tuple[float, float]
Observed = Mapping[str, tuple[float, float]]


def home_of(name: str, variable: Variable, *observed: Observed) -> Bounds:
    """The values of an input among the runs of all sources; its usual ones where there are no runs."""
    spans = [each[name] for each in observed if name in each] or [variable.usual or (1.0, 1.0)]
    return min(low for low, _ in spans), max(high for _, high in spans)


def search_range(name: str, variable: Variable, bounds: Any, *observed: Observed) -> Bounds:
    """The bounds that are given, checked; else a range far beyond the usual values of an input and the runs.

    Args:
        name: the input.
        variable: what it is.
        bounds: (low, high), or None.
        observed: the span of each input among the runs, one mapping per source.
    Raises:
        InputError: bounds that are not two numbers that rise, or none for an input that may be any real number.
    Example:
        >>> search_range("k", Variable(kind="number", usual=(1.0, 256.0)), None)
        (1e-06, 256000000.0)
    """
    if bounds is not None:
        return _given(name, variable, bounds)
    if variable.kind == "real":
        raise InputError(f"`{name}` may be any real number: pass bounds=(low, high) to look between.")
    if variable.kind == "fraction":
        return 1e-9, 1.0 - 1e-9
    spans = (variable.usual or (1.0, 1.0), home_of(name, variable, *observed))
    if variable.kind == "amount":
        return 0.0, AMOUNT * max(high for _, high in spans)
    reach = ANY_UNIT if variable.scalable and variable.usual == USUAL[variable.kind] else FAR
    return min(low for low, _ in spans) / reach, max(high for _, high in spans) * reach


def _given(name: str, variable: Variable, bounds: Any) -> Bounds:
    try:
        low, high = (number("bounds", end) for end in bounds)
    except (TypeError, ValueError):
        raise InputError(f"`bounds` must be (low, high), two numbers, got {bounds!r}.") from None
    if not low < high or (variable.positive and low <= 0):
        raise InputError(f"`bounds` must be (low, high) with low < high, above 0 for `{name}`, got {bounds!r}.")
    return low, high
