"""How to spend a budget: `allocate` finds each draw's optimum and one plan to act on.

A formula is used where the law has one (`closed_form`), a search along the budget elsewhere (`optima`).
"""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.axes import Axis
from lawjax.costs.budget import Budget, as_budgets
from lawjax.costs.cost import SIX_ND, Cost, as_cost
from lawjax.draws import Draws
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law
from lawjax.planning.allocation_under import allocate_under
from lawjax.planning.along_budget.budget_line import BudgetLine, budget_line
from lawjax.planning.along_budget.closed_form import closed_form, has_closed_form
from lawjax.planning.along_budget.optima import one_plan, optima_of
from lawjax.planning.along_budget.surface import Setup, losses_at, losses_at_optima, on_scale, setup_of
from lawjax.planning.constraints import Constraint
from lawjax.planning.criteria import CRITERIA
from lawjax.planning.plan import Plan, PlanStatus, extrapolation_notes
from lawjax.planning.source import check_prob, mc_notes, point_note, usable_draws
from lawjax.planning.variables import Shares
from lawjax.precision import in_float64
from lawjax.verdict import Note, Verdict, info, warning

__all__ = ["Plan", "PlanStatus", "allocate"]

AT_EDGE = 1e-7


@in_float64
def allocate(
    source: Any,
    budget: Any,
    *,
    cost: Cost | Any = SIX_ND,
    bounds: Mapping[str, tuple[float, float] | Axis | Shares] | None = None,
    fixed: Mapping[str, Any] | None = None,
    subject_to: Constraint | Sequence[Constraint] = (),
    objective: str = "mean",
    prob: float = 0.9,
    law: Law | None = None,
    force: bool = False,
) -> Plan:
    """How to spend each budget, for every draw and as one plan to act on.

    The optimum is sought where the whole budget is spent, `cost(inputs) = budget`. With further constraints, listed
    values or shares to choose, the budget is a limit among others, and `lj.solve` does the work.

    Args:
        source: a fit, draws, a posterior, published coefficients, or parameters with `law`.
        budget: `lj.flops(1e24)`, a number in the cost's unit, or a list of either.
        cost: `SIX_ND`, a `Cost`, or a function of named inputs that grows with each of them.
        bounds: (low, high) of an input. The default is 1/1000 of the smallest to 10**6 times the largest run, or
            where no runs are known, 1 to what the budget pays for. What costs nothing must be bounded or fixed. Also a
            list of values (`lj.values`, `lj.integers`, `lj.powers_of_two`) or `lj.shares` of a mixture.
        fixed: inputs held at a value; vector inputs that are not chosen must be.
        subject_to: further constraints, `lj.at_most(...)`, `lj.at_least(...)`, `lj.equal(...)`; a list of limits in one
            goes along with the list of budgets.
        objective: what makes the one plan best over draws: "mean" (least mean loss, which is also least mean regret),
            "quantile" (least `prob` quantile of loss), "cvar" (least mean of what lies beyond that), "regret" (least
            `prob` quantile of regret), "minimax" (least greatest regret).
        prob: probability of the intervals and of these quantiles.
        law: the law of plain parameters.
        force: plan even if the source's verdict is an error.

    Returns:
        A `Plan` with one entry per budget.

    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: a bad budget, cost, bound or name; or every budget infeasible, naming the bounds.

    Example:
        >>> import lawjax as lj
        >>> plan = lj.allocate(lj.laws.published("besiroglu2024"), lj.flops(5.76e23))
        >>> f"{plan.inputs['N'][0]:.3e} {plan.tokens_per_parameter[0]:.1f} {plan.method}"
        '7.235e+10 18.3 closed form'

    References:
        Hoffmann et al. 2022, arXiv:2203.15556, equation 4.
    """
    choose("objective", objective, CRITERIA)
    check_prob(prob)
    draws, lost = usable_draws(source, law, "allocate", force)
    cost = as_cost(cost)
    budgets = as_budgets(budget, cost.unit)
    if subject_to or any(isinstance(item, Axis | Shares) for item in (bounds or {}).values()):
        return allocate_under(draws, cost, budgets, bounds or {}, fixed or {}, subject_to, objective, prob, lost)
    problem = budget_line(draws.law, cost, budgets, bounds=bounds, fixed=fixed, observed=draws.observed)
    question = _Question(problem, draws, budgets, objective, prob)
    solution = _solve(question)
    return _plan(question, solution, _one_choice(question, solution), lost)


@dataclasses.dataclass(frozen=True)
class _Question:
    """What was asked, and its parts as the search takes them."""

    problem: BudgetLine
    draws: Draws
    budgets: tuple[Budget, ...]
    objective: str
    prob: float

    @functools.cached_property
    def parts(self) -> tuple[Setup, np.ndarray, dict[str, np.ndarray]]:
        return setup_of(self.problem)

    @functools.cached_property
    def params(self) -> dict[str, jax.Array]:
        return {name: jnp.asarray(array) for name, array in self.draws.params.items()}

    @functools.cached_property
    def reasons(self) -> list[str]:
        """Why each budget is infeasible; empty where it is feasible."""
        return [self.problem.infeasible(budget) for budget in self.budgets]

    @property
    def feasible(self) -> np.ndarray:
        return np.array([not reason for reason in self.reasons])

    @property
    def amounts(self) -> np.ndarray:
        return np.array([budget.value for budget in self.budgets])


@dataclasses.dataclass(frozen=True)
class _Solution:
    """Optima and their losses at the feasible budgets, shape (feasible, draw), and how they were found."""

    optima: dict[str, np.ndarray]
    least: np.ndarray
    method: str
    has_formula: bool = False


def _solve(question: _Question) -> _Solution:
    if not question.feasible.any():
        raise InputError(f"no choice within the bounds spends the budget: {question.reasons[0]}")
    problem, amounts, params = question.problem, question.amounts[question.feasible], question.params
    setup, box, fixed = question.parts
    if has_closed_form(problem.law, problem.cost, problem.fixed):
        optima = closed_form(problem.law, question.draws.params, amounts, problem.cost)
        if _within(optima, problem):
            least = np.asarray(losses_at_optima(setup, fixed, optima, params))
            return _Solution(optima, least, "closed form", has_formula=True)
    found, least = optima_of(setup, box, fixed, amounts, params)
    method = f"budget boundary, batched search in {setup.dim}-D" if setup.dim else "budget inverted"
    return _Solution({name: np.asarray(found[name]) for name in problem.free}, np.asarray(least), method)


def _within(optima: Mapping[str, np.ndarray], problem: BudgetLine) -> bool:
    return all(np.all((x >= problem.bounds[name][0]) & (x <= problem.bounds[name][1])) for name, x in optima.items())


def _one_choice(question: _Question, solution: _Solution) -> dict[str, np.ndarray]:
    """The one choice per feasible budget."""
    if len(question.draws) == 1:
        return {name: array[:, 0] for name, array in solution.optima.items()}
    setup, box, fixed = question.parts
    amounts = question.amounts[question.feasible]
    # Where there is a formula, the mean loss along the budget is convex in log N: any start leads to its least.
    starts = {name: np.median(x, axis=1) for name, x in solution.optima.items()} if solution.has_formula else None
    return one_plan(
        setup, question.objective, box, fixed, amounts, question.params, solution.least, question.prob, starts
    )


def _plan(question: _Question, solution: _Solution, chosen: dict[str, np.ndarray], lost: tuple[Note, ...]) -> Plan:
    problem, draws, prob = question.problem, question.draws, question.prob
    setup, _, fixed = question.parts
    losses = np.asarray(losses_at(setup, fixed, chosen, question.params))
    low, high = np.quantile(losses, [(1 - prob) / 2, (1 + prob) / 2], axis=1)
    spread = lambda array: _spread(array, question.feasible)
    inputs = {name: spread(array) for name, array in chosen.items()}
    status, edges = _status(question, solution, chosen)
    unspent = (warning("infeasible", reason) for reason in question.reasons if reason)
    # In logarithms where an input must be positive: some draw's optimum may be orders of magnitude off.
    noisy = mc_notes(draws, {**on_scale(setup, solution.optima), draws.law.response: losses})
    known = {name: value[None] for name, value in problem.fixed.items() if value.ndim == 0} | inputs
    return Plan(
        law=draws.law,
        budget=question.amounts,
        unit=problem.cost.unit,
        inputs=inputs,
        fixed=dict(problem.fixed),
        loss=spread(losses.mean(axis=1)),
        loss_interval=(spread(low), spread(high)),
        regret=spread(np.maximum((losses - solution.least).mean(axis=1), 0.0)),
        optima={name: spread(array) for name, array in solution.optima.items()},
        status=status,
        objective=question.objective,
        prob=prob,
        method=solution.method + (" for each draw, one plan by search" if len(draws) > 1 else ""),
        cost=problem.cost.name,
        basis=draws.basis,
        verdict=draws.verdict
        + Verdict((*lost, *unspent, *edges, *point_note(draws), *noisy, *extrapolation_notes(known, draws.observed))),
    )


def _spread(array: np.ndarray, feasible: np.ndarray) -> np.ndarray:
    """Rows put back among all budgets, NaN for the infeasible."""
    full = np.full((len(feasible), *array.shape[1:]), np.nan)
    full[feasible] = array
    return full


def _status(
    question: _Question, solution: _Solution, chosen: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, tuple[Note, ...]]:
    """A status per budget and draw, and a note for each bound that the plan rests on or that draws reach."""
    problem, notes = question.problem, []
    inner = np.where(np.isfinite(solution.least), PlanStatus.OK, PlanStatus.NONFINITE).astype(np.int32)
    for name in problem.free if len(problem.free) > 1 else ():
        for side in (0, 1):
            reached = _touches(solution.optima[name], problem.bounds[name], side)
            inner[reached & (inner == PlanStatus.OK)] = PlanStatus.AT_EDGE
            rests = bool(np.any(_touches(chosen[name], problem.bounds[name], side)))
            if rests or reached.any():
                notes.append(_edge_note(name, side, problem, rests, float(reached.mean())))
    status = np.full((len(question.budgets), len(question.draws)), PlanStatus.INFEASIBLE, dtype=np.int32)
    status[question.feasible] = inner
    return status, tuple(notes)


def _touches(values: np.ndarray, bounds: tuple[float, float], side: int) -> np.ndarray:
    low, high = bounds
    if low > 0:
        values, low, high = np.log(values), float(np.log(low)), float(np.log(high))
    return np.abs(values - (low, high)[side]) <= AT_EDGE * (high - low)


def _edge_note(name: str, side: int, problem: BudgetLine, rests: bool, share: float) -> Note:
    grade = warning if rests else info
    whose = "the plan" if rests else f"{100 * share:.3g} % of the draws' optima"
    origin = "given" if name in problem.stated else "default"
    edge = f"{('lower', 'upper')[side]} bound {problem.bounds[name][side]:.4g}"
    reason = f"optimum at the edge of bounds of `{name}`: {whose} at its {origin} {edge}."
    return grade("edge", reason, "Widen bounds=... unless the bound is real.")
