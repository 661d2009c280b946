"""What a configuration costs, and the budget it must keep to."""

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lawjax.errors import InputError
from lawjax.planning.named import arguments_of

MAX_BUDGET = 1e300


@dataclasses.dataclass(frozen=True)
class Budget:
    """A finite amount above zero, in a unit.

    Raises:
        InputError: zero, negative, infinite or not a number.
    """

    value: float
    unit: str = "FLOP"

    def __post_init__(self) -> None:
        if isinstance(self.value, str | bool) or not _is_number(self.value):
            raise InputError(f"a budget is a number, got {self.value!r}. Write lj.flops(1e24).")
        value = float(self.value)
        if not 0 < value < MAX_BUDGET:
            raise InputError(
                f"a budget must be a finite number above 0, got {value:g} {self.unit}. Give what can be spent."
            )
        object.__setattr__(self, "value", value)

    def __str__(self) -> str:
        return f"{self.value:.3g} {self.unit}"


def flops(value: float) -> Budget:
    """A budget of training compute.

    Args:
        value: floating-point operations [FLOP], finite and above 0.
    Raises:
        InputError: zero, negative, infinite or not a number.
    Example:
        >>> import lawjax as lj
        >>> print(lj.flops(1e24))
        1e+24 FLOP
    """
    return Budget(value, "FLOP")


@dataclasses.dataclass(frozen=True)
class Cost:
    """What a configuration costs: a pure JAX function of its inputs, by name.

    Attributes:
        fn: the function; its arguments name the inputs. It must grow with each of them.
        unit: unit of the cost, that of the budget.
        name: how tables call it.

    Example:
        >>> import lawjax as lj
        >>> lj.Cost(lambda N, D: 6 * N * D + 2e9 * N, name="training and set-up").inputs
        ('N', 'D')
    """

    fn: Callable[..., Any]
    unit: str = "FLOP"
    name: str = ""
    inputs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = arguments_of(self.fn, "cost")
        if not names:
            raise InputError("a cost must take at least one input by name, as in `lambda N, D: 6 * N * D`.")
        if self.inputs and set(self.inputs) != set(names):
            raise InputError(
                f"a cost's `inputs` must be its function's arguments {list(names)}, got {list(self.inputs)}."
            )
        object.__setattr__(self, "inputs", names)
        object.__setattr__(
            self, "name", self.name or getattr(self.fn, "__name__", "cost").replace("<lambda>", "custom cost")
        )

    def __call__(self, inputs: Mapping[str, Any]) -> Any:
        """The cost of the inputs it names; others are ignored."""
        return self.fn(*(inputs[name] for name in self.inputs))


def _six_nd(N: Any, D: Any) -> Any:
    return 6.0 * N * D


SIX_ND = Cost(_six_nd, name="6ND")
"""Training compute of a dense transformer, 6 N D [FLOP]: Kaplan et al. 2020, section 2.1."""


def as_cost(cost: Cost | Callable[..., Any]) -> Cost:
    """A cost from a cost or from a function of named inputs."""
    if isinstance(cost, Cost):
        return cost
    if not callable(cost):
        raise InputError(f"`cost` is a function of named inputs, as `lambda N, D: 6 * N * D`, got {cost!r}.")
    return Cost(cost)


def as_budgets(budget: Any, unit: str) -> tuple[Budget, ...]:
    """Budgets from one budget, a plain number in the cost's unit, or a list of either.

    Raises:
        InputError: an empty list, a value out of range, or another unit than the cost's.
    """
    items: list[Any] = list(budget) if isinstance(budget, Iterable) and not isinstance(budget, str) else [budget]
    if not items:
        raise InputError("`budget` is empty. Give one budget or more, as budget=lj.flops(1e24).")
    budgets = tuple(item if isinstance(item, Budget) else Budget(item, unit) for item in items)
    for item in budgets:
        if item.unit != unit:
            raise InputError(f"the budget is in {item.unit}, the cost in {unit}. Give both in one unit.")
    return budgets


def _is_number(value: Any) -> bool:
    try:
        return not math.isnan(float(value))
    except (TypeError, ValueError):
        return False
