"""The response of a system along its budget: at the compute-optimal allocation, or along one input of its law."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.costs.budget import Budget
from lawjax.costs.cost import Cost
from lawjax.data.inputs import one_value
from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.laws.base import Law, over_draws
from lawjax.planning.along_budget.budget_line import BudgetLine, budget_line
from lawjax.planning.along_budget.closed_form import closed_form, has_closed_form
from lawjax.planning.along_budget.optima import optima_of
from lawjax.planning.along_budget.surface import losses_at_optima, setup_of

COMPUTE = "compute"
"""Along the budget of compute, each amount of it spent as well as the draw knows."""


@dataclasses.dataclass(frozen=True)
class System:
    """One side of a comparison.

    Attributes:
        name: what it is called.
        draws: its law, with the uncertainty.
        along: "compute", or the input of the law that grows.
        cost: what a choice of inputs costs, along "compute".
        fixed: what is held of its other inputs.
        bounds: between what the inputs are chosen there.
    """

    name: str
    draws: Draws
    along: str
    cost: Cost
    fixed: Mapping[str, Any]
    bounds: Mapping[str, Any]

    @property
    def law(self) -> Law:
        """Its law."""
        return self.draws.law

    @property
    def unit(self) -> str:
        """The unit of what it is taken along."""
        return self.cost.unit if self.along == COMPUTE else self.law.inputs[self.along].unit


def unit_of(systems: Sequence[System]) -> str:
    """The unit of the budgets of both; an input that may be anything has none of its own."""
    return systems[0].unit or systems[1].unit


@dataclasses.dataclass(frozen=True)
class Responses:
    """What a system gives for each amount.

    Attributes:
        values: the response, shape (amount, draw); NaN where the bounds leave no choice that costs the amount.
        inputs: the inputs that were chosen, the median over draws, shape (amount,).
    """

    values: np.ndarray
    inputs: dict[str, np.ndarray]


def responses(system: System, amounts: np.ndarray) -> Responses:
    """The response at every amount, for every draw.

    Raises:
        InputError: inputs that are not held, or bounds that no budget fits in.
    """
    return _spent_well(system, amounts) if system.along == COMPUTE else _along_input(system, amounts)


def _along_input(system: System, amounts: np.ndarray) -> Responses:
    law, num = system.law, len(amounts)
    missing = [name for name in law.inputs if name not in system.fixed and name != system.along]
    if missing:
        raise InputError(f"system {system.name}: {law.name!r} also needs {missing}: fixed={{{missing[0]!r}: ...}}.")
    held = {name: one_value(name, system.fixed[name], law.inputs[name]) for name in law.inputs if name != system.along}
    columns = {name: np.repeat(value[None], num, axis=0) for name, value in held.items()} | {system.along: amounts}
    values = np.asarray(_law_values(law, system.draws.params, {name: columns[name] for name in law.inputs}))
    return Responses(values.T, {name: column for name, column in columns.items() if column.ndim == 1})


_law_values = jax.jit(over_draws)


def _spent_well(system: System, amounts: np.ndarray) -> Responses:
    budgets = tuple(Budget(float(amount), system.cost.unit) for amount in amounts)
    law, cost, draws = system.law, system.cost, system.draws
    # Not from the runs on: a curve that is followed a billion times beyond them would meet those default bounds.
    line = budget_line(law, cost, budgets, bounds=system.bounds, fixed=system.fixed, observed={})
    feasible = np.array([not line.infeasible(budget) for budget in budgets])
    if not feasible.any():
        raise InputError(f"system {system.name}: {line.infeasible(budgets[0])}")
    setup, box, fixed = setup_of(line)
    params = {name: jnp.asarray(array) for name, array in draws.params.items()}
    if has_closed_form(law, cost, line.fixed) and not line.stated:
        optima = closed_form(law, draws.params, amounts[feasible], cost)
        least = np.asarray(losses_at_optima(setup, fixed, optima, params))
    else:
        optima, least = optima_of(setup, box, fixed, amounts[feasible], params)
    values = np.full((len(amounts), len(draws)), np.nan)
    values[feasible] = least
    return Responses(values, _medians(line, optima, feasible))


def _medians(line: BudgetLine, optima: Mapping[str, np.ndarray], feasible: np.ndarray) -> dict[str, np.ndarray]:
    """The median choice at every amount, and what is held."""
    found = {name: np.full(len(feasible), float(value)) for name, value in line.fixed.items() if value.ndim == 0}
    for name, array in optima.items():
        found[name] = np.full(len(feasible), np.nan)
        found[name][feasible] = np.median(array, axis=1)
    return found
