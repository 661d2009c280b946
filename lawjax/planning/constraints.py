"""What a plan must keep to: a quantity at most, at least or equal to a limit, with units where the quantity has one."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from lawjax.costs.budget import Budget
from lawjax.costs.cost import Cost
from lawjax.costs.named import arguments_of
from lawjax.errors import InputError
from lawjax.text import number

AT_MOST, AT_LEAST, EQUAL = "<=", ">=", "=="


@dataclasses.dataclass(frozen=True)
class Change:
    """How much the law's response changes where some inputs are put to other values than the plan's."""

    held: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        return "change from " + ", ".join(f"{name}={value:g}" for name, value in self.held)


def change(**held: float) -> Change:
    """The law's response at the plan, less what it would be with some inputs at other values, all else the same.

    So a limit on it is a limit on a degradation: `lj.at_most(lj.change(P=16), 0.01)` allows a number of bits P as long
    as the loss is at most 0.01 above that at 16 bits.

    Args:
        held: those inputs, each a finite number.
    Raises:
        InputError: no input, or a value that is not a finite number.
    Example:
        >>> import lawjax as lj
        >>> print(lj.at_most(lj.change(P=16), 0.01))
        change from P=16 <= 0.01000
    """
    if not held:
        raise InputError("`change` takes the inputs to compare with, as lj.change(P=16).")
    for name, value in held.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise InputError(f"`{name}` in lj.change(...) must be a finite number, got {value!r}.")
    return Change(tuple((name, float(value)) for name, value in held.items()))


Quantity = str | Cost | Change | Callable[..., Any]
"""A named quantity, a cost, a change of the response, or a function of named quantities."""


@dataclasses.dataclass(frozen=True)
class Constraint:
    """A quantity, a sense, and its limits, one per scenario or one for all.

    Attributes:
        quantity: what is limited.
        sense: "<=", ">=" or "==".
        limits: the limit in each scenario.
        unit: their unit, empty where the quantity has none.
        prob: None for the mean over draws; or in which share of the draws one plan must keep to it.
    """

    quantity: Quantity
    sense: str
    limits: tuple[float, ...]
    unit: str = ""
    prob: float | None = None

    @property
    def label(self) -> str:
        """The quantity in words."""
        return label_of(self.quantity)

    def at(self, scenario: int) -> float:
        """The limit in one scenario."""
        return self.limits[scenario if len(self.limits) > 1 else 0]

    def __str__(self) -> str:
        limits = ", ".join(number(limit, 4) for limit in self.limits[:3]) + ", ..." * (len(self.limits) > 3)
        share = f" in {100 * self.prob:g} % of the draws" if self.prob is not None else ""
        return f"{self.label} {self.sense} {limits} {self.unit}".rstrip() + share


def label_of(quantity: Quantity) -> str:
    """A quantity in words."""
    if isinstance(quantity, str):
        return quantity
    if isinstance(quantity, Cost):
        return quantity.name
    if isinstance(quantity, Change):
        return str(quantity)
    name = getattr(quantity, "__name__", type(quantity).__name__)
    if name != "<lambda>":
        return name
    return f"function of {', '.join(arguments_of(quantity, 'quantity'))}"


def at_most(quantity: Quantity, limit: Any, *, prob: float | None = None) -> Constraint:
    """A quantity may be at most a limit.

    Args:
        quantity: a `Cost`; the name of an input, of "loss" or of a quantity of the problem; `lj.change(...)`; or a JAX
            function that names the quantities it takes. Define functions once, so that nothing compiles twice.
        limit: a number, or a `Budget` in the cost's unit; a list of them for as many scenarios.
        prob: for what depends on the law: None keeps the mean over draws within the limit, 0.9 keeps it there in 90 %
            of the draws.
    Raises:
        InputError: a limit that is no finite number, or whose unit is not the quantity's.
    Example:
        >>> import lawjax as lj
        >>> print(lj.at_most(lj.costs.training(), lj.flops(1e24)))
        6ND <= 1.000e+24 FLOP
    """
    return _constraint(quantity, AT_MOST, limit, prob)


def at_least(quantity: Quantity, limit: Any, *, prob: float | None = None) -> Constraint:
    """A quantity must be at least a limit; arguments as for `at_most`.

    Example:
        >>> import lawjax as lj
        >>> print(lj.at_least("D", 1e9))
        D >= 1.000e+09
    """
    return _constraint(quantity, AT_LEAST, limit, prob)


def equal(quantity: Quantity, limit: Any) -> Constraint:
    """A quantity must equal a limit; arguments as for `at_most`.

    Example:
        >>> import lawjax as lj
        >>> print(lj.equal(lambda N, D: D / N, 20))
        function of N, D == 20.00
    """
    return _constraint(quantity, EQUAL, limit, None)


def _constraint(quantity: Any, sense: str, limit: Any, prob: float | None) -> Constraint:
    if not isinstance(quantity, str | Cost | Change):
        if not callable(quantity):
            raise InputError(f"a constraint is on a cost, a name or a function of named quantities, got {quantity!r}.")
        arguments_of(quantity, "constraint")
    if prob is not None and not (isinstance(prob, float) and 0 < prob < 1):
        raise InputError(f"`prob` of a constraint must lie between 0 and 1, got {prob!r}.")
    items = list(limit) if isinstance(limit, Iterable) and not isinstance(limit, str) else [limit]
    if not items:
        raise InputError(f"the limit of {label_of(quantity)!r} is empty. Give one number or more.")
    unit = quantity.unit if isinstance(quantity, Cost) else ""
    return Constraint(quantity, sense, tuple(_amount(quantity, item, unit) for item in items), unit, prob)


def _amount(quantity: Any, item: Any, unit: str) -> float:
    if isinstance(item, Budget):
        if item.unit != unit:
            has = f"is in {unit}" if unit else "has no unit; wrap it, lj.Cost(function, unit=...)"
            raise InputError(f"the limit of {label_of(quantity)!r} is in {item.unit}, the quantity {has}.")
        return item.value
    if isinstance(item, bool) or not isinstance(item, int | float | np.number) or not np.isfinite(item):
        raise InputError(f"the limit of {label_of(quantity)!r} must be a finite number, got {item!r}.")
    return float(item)
