"""Usual ranges made from the two published starts alone, by one rule for all problems; the answer plays no part."""

import math

import lawjax as lj

KINDS = {
    "usual": "two decades around the better start",
    "poor": "from a tenth to ten times the poor start, and to the better one",
    "far": "a factor of two either side of the poor start, wherever the answer lies",
}


def param_of(sign: str, start_1: float, start_2: float, kind: str) -> lj.Param:
    """The parameter of known ("+", "-") or unknown ("real") sign."""
    low, high = _sizes(abs(start_1), abs(start_2), kind)
    if sign == "+":
        return lj.positive(low, high)
    if sign == "-":
        return lj.Param(-high, -low, edges=(-math.inf, 0.0))
    if kind == "far":
        return lj.real(*sorted((math.copysign(low, start_1), math.copysign(high, start_1))))
    return lj.real(-high, high)


def _sizes(poor: float, better: float, kind: str) -> tuple[float, float]:
    """The smallest and the largest absolute value."""
    if kind == "usual":
        return better / 10, better * 10
    if kind == "poor":
        return min(poor / 10, better), max(poor * 10, better)
    return poor / 2, poor * 2
