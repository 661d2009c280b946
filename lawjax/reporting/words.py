"""How numbers read in a report: counts with a letter, powers of ten, labels with their unit."""

import math
from collections.abc import Callable, Mapping

from lawjax.laws.base import Law, Variable
from lawjax.text import number

LETTERS = ((1e12, "T", "trillion"), (1e9, "B", "billion"), (1e6, "M", "million"), (1e3, "k", "thousand"))
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(value: float, digits: int = 3) -> str:
    """A count as it is spoken, "72.3 billion"; a power of ten beyond the trillions."""
    return _scaled(value, digits, {letter: f" {word}" for _, letter, word in LETTERS})


def short_count(value: float, digits: int = 3) -> str:
    """A count as an axis shows it, "72.3B"."""
    return _scaled(value, digits, {letter: letter for _, letter, _ in LETTERS})


def _scaled(value: float, digits: int, endings: Mapping[str, str]) -> str:
    if not math.isfinite(value) or abs(value) >= 1e16 or 0 < abs(value) < 1e-2:
        return power_of_ten(value, digits)
    for size, letter, _ in LETTERS:
        if abs(value) >= size * (1 - 0.5 * 10**-digits):
            return plain(value / size, digits) + endings[letter]
    return plain(value, digits)


def plain(value: float, digits: int = 3) -> str:
    """A number to `digits` significant digits without trailing zeros: "72.3", "400"."""
    rounded = float(f"{value:.{digits - 1}e}")
    return f"{rounded:.10f}".rstrip("0").rstrip(".") if abs(rounded) >= 1e-6 or rounded == 0 else number(value, digits)


def power_of_ten(value: float, digits: int = 3) -> str:
    """A number as mantissa and power, "5.76×10²³"; the mantissa is left out where it is 1."""
    if not math.isfinite(value) or value == 0:
        return f"{value:g}"
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    power = "10" + str(int(exponent)).translate(SUPERSCRIPTS)
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return power if mantissa == "1" else f"{mantissa}×{power}"


def compact(value: float, digits: int = 3) -> str:
    """A number without trailing zeros, as a power of ten where it is very large or small."""
    usual = value == 0 or 1e-3 <= abs(value) < 1e6
    return plain(value, digits) if usual else power_of_ten(value, digits)


def quantity(value: float, variable: Variable, digits: int = 3) -> str:
    """A value of an input: a count spoken, anything else a plain number."""
    return count(value, digits) if variable.kind == "count" else compact(value, digits)


def short_quantity(value: float, variable: Variable) -> str:
    """A value of an input as a table shows it."""
    return short_count(value) if variable.kind == "count" else compact(value)


def input_label(law: Law, name: str) -> str:
    """An axis label: the input with its unit."""
    return with_unit(name, law.inputs[name].unit)


def response_label(law: Law) -> str:
    """An axis label: the response with its unit."""
    return with_unit(law.response, law.unit)


def with_unit(name: str, unit: str) -> str:
    """A name with its unit in brackets, where it has one."""
    return f"{name} [{unit}]" if unit else name


def span(low: float, high: float, form: Callable[[float], str] = number) -> str:
    """An interval, "61.2B to 84.0B"."""
    return f"{form(low)} to {form(high)}"
