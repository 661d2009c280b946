"""A budget among other limits: `allocate` with further constraints, listed values or shares, answered as a `Plan`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.axes import Axis
from lawjax.costs.budget import Budget
from lawjax.costs.cost import Cost
from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.planning.along_budget.budget_line import bounds_of
from lawjax.planning.constraints import Constraint, at_most
from lawjax.planning.plan import Plan, PlanStatus
from lawjax.planning.problem import LOSS, Problem
from lawjax.planning.solution import Solution
from lawjax.planning.solving import answer
from lawjax.planning.status import SolutionStatus
from lawjax.verdict import Note

OF_PLAN = np.array([PlanStatus[status.name] for status in SolutionStatus], dtype=np.int32)
"""The status of a plan for each of a solution."""


def allocate_under(
    draws: Draws,
    cost: Cost,
    budgets: tuple[Budget, ...],
    bounds: Mapping[str, Any],
    fixed: Mapping[str, Any],
    subject_to: Constraint | Sequence[Constraint],
    objective: str,
    prob: float,
    lost: tuple[Note, ...],
) -> Plan:
    """The plan for each budget under every constraint.

    Raises:
        InputError: as `allocate`, and a list of limits that is not as long as that of the budgets.
    """
    names = dict.fromkeys((*draws.law.inputs, *cost.inputs))
    set_by_choice = {key for n, item in bounds.items() for key in (item.columns(n) if isinstance(item, Axis) else [n])}
    free = [name for name in names if name not in fixed and name not in set_by_choice]
    box = {name: bounds_of(name, draws.law, cost, {}, draws.observed, budgets) for name in free} | dict(bounds)
    choose = {name: box[name] for name in dict.fromkeys((*names, *bounds)) if name in box}
    further = (subject_to,) if isinstance(subject_to, Constraint) else tuple(subject_to)
    for constraint in further:
        if isinstance(constraint, Constraint) and len(constraint.limits) not in (1, len(budgets)):
            raise InputError(
                f"{str(constraint)!r} has {len(constraint.limits)} limits, there are {len(budgets)} budgets. Give one "
                "limit, or one for each budget."
            )
    paid = at_most(cost, list(budgets))
    solution = answer(
        draws, Problem(choose=choose, minimise=LOSS, subject_to=(paid, *further), given=fixed), objective, prob, lost
    )
    return _plan(solution, cost, budgets, fixed)


def _plan(solution: Solution, cost: Cost, budgets: tuple[Budget, ...], fixed: Mapping[str, Any]) -> Plan:
    return Plan(
        law=solution.law,
        budget=np.array([budget.value for budget in budgets]),
        unit=cost.unit,
        inputs=solution.inputs,
        fixed={name: np.asarray(value, dtype=float) for name, value in fixed.items()},
        loss=solution.objective,
        loss_interval=solution.objective_interval,
        regret=solution.regret,
        optima=solution.optima,
        status=OF_PLAN[solution.status],
        objective=solution.criterion,
        prob=solution.prob,
        method=solution.method,
        cost=cost.name,
        basis=solution.basis,
        verdict=solution.verdict,
        limits=solution.limits,
        names=solution.names,
    )
