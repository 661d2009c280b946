"""The choices along a budget, checked: which inputs are free, which are fixed, and between which bounds."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.costs import Budget, Cost
from lawjax.data.inputs import one_value
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable
from lawjax.planning.variables import checked_pair

BELOW_OBSERVED, ABOVE_OBSERVED = 1e-3, 1e6
MAX_FREE = 4
MONOTONE_POINTS = 9


@dataclasses.dataclass(frozen=True)
class BudgetLine:
    """What is held and what is chosen.

    Attributes:
        law: what is minimised.
        cost: what it costs; it grows with each of its inputs.
        free: the inputs to choose; the last is the one that spends what the others leave of the budget.
        bounds: lowest and highest value of each free input.
        fixed: value of every other input.
        stated: the free inputs whose bounds the caller gave.
    """

    law: Law
    cost: Cost
    free: tuple[str, ...]
    bounds: Mapping[str, tuple[float, float]]
    fixed: Mapping[str, np.ndarray]
    stated: frozenset[str]

    @property
    def logged(self) -> tuple[bool, ...]:
        """Whether each free input is searched in logs."""
        return tuple(self.bounds[name][0] > 0 for name in self.free)

    def cost_at(self, side: int) -> float:
        """Cost with every free input at its lowest (side 0) or highest (side 1)."""
        return float(self.cost({**self.fixed, **{name: self.bounds[name][side] for name in self.free}}))

    def infeasible(self, budget: Budget) -> str:
        """Why no choice within the bounds spends this budget; empty if one does."""
        cheapest, dearest = self.cost_at(0), self.cost_at(1)
        if cheapest > budget.value * (1 + 1e-12):
            return (
                f"the lower bounds ({self._listed(0, '>=')}) already cost {cheapest:.3g} {budget.unit}, "
                f"more than {budget}. Lower them or raise the budget."
            )
        if dearest < budget.value * (1 - 1e-12):
            return (
                f"the upper bounds ({self._listed(1, '<=')}) cost {dearest:.3g} {budget.unit} at most, "
                f"less than {budget}. Raise them or lower the budget."
            )
        return ""

    def _listed(self, side: int, sign: str) -> str:
        names = [name for name in self.free if name in self.cost.inputs]
        return ", ".join(f"`{name}` {sign} {self.bounds[name][side]:.3g}" for name in names)


def budget_line(
    law: Law,
    cost: Cost,
    budgets: tuple[Budget, ...],
    *,
    bounds: Mapping[str, Any] | None,
    fixed: Mapping[str, Any] | None,
    observed: Mapping[str, tuple[float, float]],
) -> BudgetLine:
    """The problem of one call, checked.

    Raises:
        InputError: a name that is neither an input of the law nor of the cost, bounds that are reversed or outside the
            input's kind, an input that must be fixed or bounded and is not, a cost that does not grow.
    """
    names = tuple(dict.fromkeys((*law.inputs, *cost.inputs)))
    for role, given in (("fixed", fixed or {}), ("bounds", bounds or {})):
        stray = [name for name in given if name not in names]
        if stray:
            raise InputError(
                f"`{role}` names {stray}; the inputs of law {law.name!r} and of the cost are {list(names)}."
            )
    held = {name: one_value(name, value, law.inputs.get(name, Variable())) for name, value in (fixed or {}).items()}
    twice = [name for name in held if name in (bounds or {})]
    if twice:
        raise InputError(f"{twice} are in both `fixed` and `bounds`. Keep one.")
    free = tuple(name for name in names if name not in held)
    box = {name: bounds_of(name, law, cost, bounds or {}, observed, budgets) for name in free}
    problem = BudgetLine(law, cost, _spender_last(free, cost, law), box, held, frozenset(bounds or {}))
    _check_growth(problem)
    return problem


def _spender_last(free: tuple[str, ...], cost: Cost, law: Law) -> tuple[str, ...]:
    """The free inputs, the last of those that cost anything put at the end, an input of the law if one is free."""
    paying = [name for name in free if name in cost.inputs]
    if not paying:
        raise InputError(
            f"every input of the cost ({', '.join(cost.inputs)}) is fixed, so a budget decides nothing. Free one."
        )
    if len(free) > MAX_FREE:
        raise InputError(
            f"{len(free)} inputs are free ({', '.join(free)}), at most {MAX_FREE} can be. Use fixed=... for the rest."
        )
    spender = ([name for name in paying if name in law.inputs] or paying)[-1]
    return (*(name for name in free if name != spender), spender)


def bounds_of(
    name: str,
    law: Law,
    cost: Cost,
    given: Mapping[str, Any],
    observed: Mapping[str, tuple[float, float]],
    budgets: tuple[Budget, ...],
) -> tuple[float, float]:
    """Between what an input is sought: what the caller gave, else about the runs, else what the budgets pay for."""
    variable = law.inputs.get(name)
    if variable is not None and (variable.size is not None or variable.kind == "simplex"):
        how = f'or choose its shares: bounds={{"{name}": lj.shares({variable.size})}}'
        raise InputError(f'`{name}` is a vector. Fix it, fixed={{"{name}": [...]}}, {how}.')
    if name in given:
        return checked_pair(name, given[name], variable or Variable())
    if variable is None or name not in cost.inputs or not variable.scalable:
        raise InputError(
            f'`{name}` is not held by the budget. Fix it, fixed={{"{name}": ...}}, or bound it, '
            f'bounds={{"{name}": (low, high)}}.'
        )
    if name in observed:
        return observed[name][0] * BELOW_OBSERVED, observed[name][1] * ABOVE_OBSERVED
    return min(1.0, *(b.value for b in budgets)), cost.reach(name, max(b.value for b in budgets))


def _check_growth(problem: BudgetLine) -> None:
    """Refuse a cost that is not positive or that falls when one of its inputs grows."""
    inside = {name: _between(*problem.bounds[name], 0.5) for name in problem.free}
    for name in (name for name in problem.free if name in problem.cost.inputs):
        path = [_between(*problem.bounds[name], t) for t in np.linspace(0, 1, MONOTONE_POINTS)]
        costs = np.array([float(problem.cost({**problem.fixed, **inside, name: value})) for value in path])
        if not np.all(np.isfinite(costs)) or np.any(costs <= 0):
            raise InputError(
                f"the cost must be finite and above 0 within the bounds, got {costs.tolist()} along `{name}`."
            )
        if np.any(np.diff(costs) <= 0):
            raise InputError(
                f"the cost must grow with each of its inputs; it does not along `{name}`: {costs.tolist()}."
            )


def _between(low: float, high: float, t: float) -> float:
    return float(low ** (1 - t) * high**t) if low > 0 else low + t * (high - low)
