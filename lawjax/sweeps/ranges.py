"""What holds for a value over a whole space: the range it lies in, and which way it goes along each axis.

Interval arithmetic and the rules of monotone functions, applied to each step of a jaxpr. What they prove is true of
every configuration and every draw; where a rule does not apply, nothing is claimed.

References:
    Moore, Kearfott and Cloud 2009, "Introduction to Interval Analysis", SIAM, for the arithmetic.
    Grant, Boyd and Ye 2006, "Disciplined convex programming", for deciding properties by rules of composition.
"""

import dataclasses
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.sweeps.walking import walked

LARGEST, LEAST = 1e37, 1e-37
"""Sizes that a float32 holds with all its digits, with room for rounding."""
STEP, SUM = 2e-5, 2e-6
"""How much a range is widened by rounding in float32: relative to a result, and to the terms of a sum."""
AMPLE = math.e
"""From where on a logarithm is so far from 0 that a sum of logarithms has it to rounding."""
UNKNOWN = 2
"""Neither 0 (constant), 1 (never falls) nor -1 (never rises)."""

Trends = Mapping[str, int]


@dataclasses.dataclass(frozen=True)
class Range:
    """What is proven of a value; of every element of an array.

    Attributes:
        low, high: it lies between them, rounding included.
        trends: for each axis it may depend on, which way it goes as the axis goes up.
        real: it is never NaN, infinite or too large for a float32, and nothing it was computed from is.
    """

    low: float = -math.inf
    high: float = math.inf
    trends: Trends = dataclasses.field(default_factory=dict)
    real: bool = False

    @property
    def positive(self) -> bool:
        """Whether it is above 0, even in float32."""
        return self.real and self.low >= LEAST

    @property
    def size(self) -> float:
        """The largest magnitude."""
        return max(abs(self.low), abs(self.high))

    def trend(self, axis: str) -> int:
        """Which way it goes along an axis."""
        return self.trends.get(axis, 0)


def range_of(values: np.ndarray, axis: str | None = None) -> Range:
    """What is known of given numbers, in the order of an axis if they vary along one."""
    low, high = float(np.min(values)), float(np.max(values))
    real = bool(np.all(np.isfinite(values))) and max(abs(low), abs(high)) <= LARGEST
    return Range(low, high, {} if axis is None else {axis: _trend_of(values)}, real)


def _trend_of(values: np.ndarray) -> int:
    steps = np.diff(values, axis=0)
    if values.ndim > 1:
        return UNKNOWN if np.any(steps != 0) else 0
    falls, rises = bool(np.any(steps < 0)), bool(np.any(steps > 0))
    return UNKNOWN if falls and rises else int(rises) - int(falls)


def ranges_of(closed: Any, inputs: Sequence[Range]) -> tuple[list[Range], tuple[bool, ...]]:
    """What is proven of the outputs of a closed jaxpr, and of every step in order whether it gives `AMPLE` or more."""
    ample: list[bool] = []

    def step(eqn: Any, given: list[Range]) -> list[Range]:
        found = _step(eqn, given)
        ample.append(found.real and found.low >= AMPLE)
        return [found] * len(eqn.outvars)

    return walked(closed, inputs, lambda value: range_of(np.asarray(value)), step), tuple(ample)


def _step(eqn: Any, given: list[Range]) -> Range:
    """What is proven of the result of one step."""
    name = eqn.primitive.name
    unknown = Range(trends={axis: UNKNOWN for axis in _axes(given) if any(r.trend(axis) for r in given)})
    rule = RULES.get(name)
    if rule is None or (not all(r.real for r in given) and name not in ALWAYS):
        return unknown
    with np.errstate(all="ignore"):
        found = rule(eqn.params, *given)
    if found is None or not (math.isfinite(found.low) and math.isfinite(found.high)) or found.size > LARGEST:
        return unknown
    return found


def _axes(given: Sequence[Range]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(axis for one in given for axis in one.trends))


def _joined(*signed: tuple[Range, int]) -> dict[str, int]:
    """The trends of what rises with some values and falls with others; a sign of UNKNOWN is neither."""
    found = {}
    for axis in _axes([one for one, _ in signed]):
        signs = {_times(one.trend(axis), sign) for one, sign in signed} - {0}
        found[axis] = 0 if not signs else signs.pop() if len(signs) == 1 else UNKNOWN
    return found


def _times(trend: int, sign: int) -> int:
    return UNKNOWN if trend and sign and UNKNOWN in (trend, sign) else trend * sign


def _made(low: float, high: float, trends: Trends, around: float = 0.0) -> Range:
    """A range with room for rounding."""
    return Range(low - STEP * abs(low) - around, high + STEP * abs(high) + around, trends, True)


def _sign(one: Range) -> int:
    """Which way a product goes with its other factor."""
    return 1 if one.low >= 0 else -1 if one.high <= 0 else UNKNOWN


def _add(_: Any, x: Range, y: Range) -> Range:
    return _made(x.low + y.low, x.high + y.high, _joined((x, 1), (y, 1)), SUM * max(x.size, y.size))


def _sub(_: Any, x: Range, y: Range) -> Range:
    return _made(x.low - y.high, x.high - y.low, _joined((x, 1), (y, -1)), SUM * max(x.size, y.size))


def _mul(_: Any, x: Range, y: Range) -> Range:
    ends = [a * b for a, b in itertools.product((x.low, x.high), (y.low, y.high))]
    return _made(min(ends), max(ends), _joined((x, _sign(y)), (y, _sign(x))))


def _div(params: Any, x: Range, y: Range) -> Range | None:
    if y.low < LEAST and y.high > -LEAST:
        return None
    inverse = Range(1 / y.high, 1 / y.low, _joined((y, -1)), True)
    return _mul(params, x, inverse)


def _pow(_: Any, x: Range, y: Range) -> Range | None:
    """x**y = exp(y log x): it rises with x where y is not below 0, and with y where x is not below 1."""
    if not x.positive:
        return None
    ends = [b * math.log(a) for a, b in itertools.product((x.low, x.high), (y.low, y.high))]
    if max(ends) > math.log(LARGEST):
        return None
    above_one = 1 if x.low >= 1 else -1 if x.high <= 1 else UNKNOWN
    return _made(math.exp(min(ends)), math.exp(max(ends)), _joined((x, _sign(y)), (y, above_one)))


def _whole_power(params: Any, x: Range) -> Range | None:
    power = params.get("y", 2)
    if power < 0:
        raised = _whole_power({"y": -power}, x)
        return None if raised is None else _div({}, Range(1.0, 1.0, {}, True), raised)
    ends = [_raised(x.low, power), _raised(x.high, power)]
    low = 0.0 if power % 2 == 0 and x.low < 0 < x.high else min(ends)
    return _made(low, max(ends), _joined((x, _sign(x) if power % 2 == 0 else 1)) if power else {})


def _raised(value: float, power: int) -> float:
    try:
        return value**power
    except OverflowError:
        return math.inf


def _largest(_: Any, x: Range, y: Range) -> Range:
    return Range(max(x.low, y.low), max(x.high, y.high), _joined((x, 1), (y, 1)), True)


def _smallest(_: Any, x: Range, y: Range) -> Range:
    return Range(min(x.low, y.low), min(x.high, y.high), _joined((x, 1), (y, 1)), True)


def _clamped(params: Any, low: Range, x: Range, high: Range) -> Range:
    return _smallest(params, high, _largest(params, low, x))


def _chosen(_: Any, which: Range, *cases: Range) -> Range:
    """One of several by a condition: what all share, where the condition stays what it is."""
    trends = _joined(*((case, 1) for case in cases))
    turns = {axis: UNKNOWN for axis in which.trends if which.trend(axis)}
    return Range(min(case.low for case in cases), max(case.high for case in cases), {**trends, **turns}, True)


def _truth(low: bool, high: bool, trends: Trends) -> Range:
    return Range(float(low), float(high), trends, True)


def _above(_: Any, x: Range, y: Range) -> Range:
    margin = SUM * max(x.size, y.size)
    return _truth(x.low > y.high + margin, x.high >= y.low - margin, _joined((x, 1), (y, -1)))


def _below(params: Any, x: Range, y: Range) -> Range:
    return _above(params, y, x)


def _both(_: Any, x: Range, y: Range) -> Range | None:
    return Range(min(x.low, y.low), min(x.high, y.high), _joined((x, 1), (y, 1)), True) if _logical(x, y) else None


def _either(_: Any, x: Range, y: Range) -> Range | None:
    return Range(max(x.low, y.low), max(x.high, y.high), _joined((x, 1), (y, 1)), True) if _logical(x, y) else None


def _negated(_: Any, x: Range) -> Range | None:
    return Range(1 - x.high, 1 - x.low, _joined((x, -1)), True) if _logical(x) else None


def _logical(*given: Range) -> bool:
    """Whether these are truth values, not whole numbers whose bits are meant."""
    return all(one.low >= 0 and one.high <= 1 for one in given)


def _same(_: Any, *given: Range) -> Range:
    return Range(min(r.low for r in given), max(r.high for r in given), _joined(*((r, 1) for r in given)), True)


def _finite(_: Any, x: Range) -> Range:
    return Range(1.0, 1.0, {}, True) if x.real else Range(0.0, 1.0, dict.fromkeys(x.trends, UNKNOWN), True)


def _cast(params: Any, x: Range) -> Range | None:
    kind = np.dtype(params["new_dtype"]).kind
    if kind == "b":
        return None
    return x if kind == "f" else Range(math.trunc(x.low), math.trunc(x.high), x.trends, True)


def _rising(function: Callable[[float], float], sign: int = 1, domain: tuple[float, float] = (-math.inf, math.inf)):
    """The rule of a function of one value that never falls, or with sign -1 never rises, on a domain."""

    def rule(_: Any, x: Range) -> Range | None:
        if x.low < domain[0] or x.high > domain[1]:
            return None
        try:
            ends = sorted((function(x.low), function(x.high)))
        except (OverflowError, ValueError, ZeroDivisionError):
            return None
        return _made(ends[0], ends[1], _joined((x, sign)))

    return rule


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def _abs(_: Any, x: Range) -> Range:
    low = 0.0 if x.low < 0 < x.high else min(abs(x.low), abs(x.high))
    return Range(low, x.size, _joined((x, _sign(x))), True)


RULES: dict[str, Callable[..., Range | None]] = {
    "add": _add, "add_any": _add, "sub": _sub, "mul": _mul, "div": _div, "pow": _pow, "integer_pow": _whole_power,
    "square": _whole_power, "max": _largest, "min": _smallest, "clamp": _clamped, "select_n": _chosen,
    "gt": _above, "ge": _above, "lt": _below, "le": _below, "and": _both, "or": _either, "not": _negated,
    "neg": lambda _, x: Range(-x.high, -x.low, _joined((x, -1)), True), "abs": _abs,
    "is_finite": _finite, "convert_element_type": _cast,
    "exp": _rising(math.exp), "exp2": _rising(lambda x: 2.0**x), "expm1": _rising(math.expm1),
    "log": _rising(math.log, domain=(LEAST, math.inf)), "log1p": _rising(math.log1p, domain=(-0.999, math.inf)),
    "sqrt": _rising(math.sqrt, domain=(0.0, math.inf)), "cbrt": _rising(math.cbrt),
    "rsqrt": _rising(lambda x: 1 / math.sqrt(x), -1, (LEAST, math.inf)),
    "tanh": _rising(math.tanh), "logistic": _rising(_logistic), "erf": _rising(math.erf), "atan": _rising(math.atan),
    "erfc": _rising(math.erfc, -1), "asinh": _rising(math.asinh), "sinh": _rising(math.sinh),
    "floor": _rising(math.floor), "ceil": _rising(math.ceil), "round": _rising(lambda x: float(round(x))),
    **dict.fromkeys(
        ("broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose", "slice", "concatenate", "copy",
         "copy_p", "stop_gradient", "reduce_max", "reduce_min", "rev", "reduce_precision", "optimization_barrier"),
        _same,
    ),
}  # fmt: skip
ALWAYS = frozenset({"is_finite"})
"""Rules that hold of values that may not be numbers too."""
