"""The best choice under constraints: `solve` answers a `Problem` for every draw, and with one plan to act on."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law
from lawjax.planning.constrained.conflict import conflict
from lawjax.planning.constrained.interior_point import FEASIBLE
from lawjax.planning.constrained.one_plan import one_plan
from lawjax.planning.constrained.search import Found, Search
from lawjax.planning.constraints import AT_LEAST, EQUAL
from lawjax.planning.criteria import CRITERIA
from lawjax.planning.limits import Limit
from lawjax.planning.plan import extrapolation_notes
from lawjax.planning.problem import Bound, Problem, bind
from lawjax.planning.solution import Solution
from lawjax.planning.source import check_prob, mc_notes, point_note, usable_draws
from lawjax.planning.status import SolutionStatus
from lawjax.precision import in_float64
from lawjax.text import number
from lawjax.verdict import Note, Verdict, info, warning

AT_END = 1e-6
"""Share of a range within which its end is reached."""
ACTIVE, ROUNDED = 1e-6, 1e-3
"""Share of its limit up to which a constraint binds; one on a share of the draws is rounded, and kept to as nearly."""
FEW = 0.5
"""Share of the starts below which an optimum is said to be hard to find."""


@in_float64
def solve(
    source: Any,
    problem: Problem,
    *,
    objective: str = "mean",
    prob: float = 0.9,
    law: Law | None = None,
    force: bool = False,
) -> Solution:
    """The best choice under constraints, for every draw and as one plan to act on.

    Every draw's optimum is sought by an interior-point method from several starts, every combination of listed values
    with the ranges searched anew; the residual of the Karush-Kuhn-Tucker conditions says how well each was met.

    Args:
        source: a fit, draws, a posterior, published coefficients, or parameters with `law`.
        problem: what may be chosen, what is best and what must be kept to.
        objective: what makes the one plan best over draws: "mean"; "quantile", exceeded by one draw in 1 / (1 - prob);
            "cvar", the mean of those worse than that; "regret", that quantile of the loss against the draw's own
            optimum; "minimax", the greatest such regret.
        prob: probability of the intervals and of these.
        law: the law of plain parameters.
        force: solve even if the source's verdict is an error.

    Returns:
        A `Solution` with one entry per scenario.

    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: a bad problem, or one without a feasible choice, naming what excludes each other.

    Example:
        >>> import lawjax as lj
        >>> problem = lj.Problem(
        ...     choose={"N": (1e8, 1e12), "D": (1e9, 1e14)},
        ...     minimise="loss",
        ...     subject_to=[lj.at_most(lj.costs.training(), lj.flops(1e24)), lj.at_most("D", 1e12)],
        ... )
        >>> best = lj.solve(lj.laws.published("besiroglu2024"), problem)
        >>> f"{best['N']:.3e} {best['D']:.3e} {best.limits[1].binds[0]}"
        '1.667e+11 1.000e+12 True'

    References:
        Nocedal and Wright 2006, Numerical Optimization, chapter 19; Rockafellar and Uryasev 2000, "Optimization of
        conditional value-at-risk", Journal of Risk 2.
    """
    choose("objective", objective, CRITERIA)
    check_prob(prob)
    draws, lost = usable_draws(source, law, "solve", force)
    return answer(draws, problem, objective, prob, lost)


def answer(draws: Draws, problem: Problem, objective: str, prob: float, lost: tuple[Note, ...]) -> Solution:
    """The solution for draws that have been let through."""
    bound = bind(problem, draws.law)
    search = Search(bound, draws)
    own, each = search.per_draw()
    broken = [i for i in range(bound.num_scenarios) if not _any_choice(own, i)]
    reasons = {i: conflict(search, i) for i in broken}
    if len(broken) == bound.num_scenarios:
        raise InputError(reasons[0])
    plan = one_plan(search, own, each, objective, prob) if len(draws) > 1 else _only(own)
    return _solution(search, own, plan, objective, prob, lost, reasons)


def _any_choice(own: Found, scenario: int) -> bool:
    return bool(np.isfinite(own.objective[scenario]).any())


def _only(own: Found) -> Found:
    """The optima of the only draw as the plan."""
    return Found(**{name: _first_draw(value) for name, value in vars(own).items()})


def _first_draw(value: Any) -> Any:
    return {name: array[:, 0] for name, array in value.items()} if isinstance(value, Mapping) else value[:, 0]


def _solution(
    search: Search,
    own: Found,
    plan: Found,
    objective: str,
    prob: float,
    lost: tuple[Note, ...],
    reasons: Mapping[int, str],
) -> Solution:
    bound, draws = search.bound, search.draws
    values = search.values(plan)
    feasible = np.array([i not in reasons for i in range(bound.num_scenarios)])
    put = lambda array: np.where(feasible.reshape(-1, *[1] * (np.ndim(array) - 1)), array, np.nan)
    low, high = np.quantile(values[..., 0], [(1 - prob) / 2, (1 + prob) / 2], axis=1)
    limits = _limits(search, plan, values)
    inputs = {name: put(array) for name, array in plan.inputs.items()}
    return Solution(
        law=draws.law,
        aim=bound.problem.aim,
        inputs=inputs,
        names=_names(bound, plan),
        objective=put(values[..., 0].mean(axis=1)),
        objective_interval=(put(low), put(high)),
        regret=put(_regret(bound, values, own)),
        loss=put(search.responses(plan)),
        optima={name: put(array) for name, array in own.inputs.items()},
        optimum=put(own.objective),
        status=own.status,
        residual=own.residual,
        agreement=search.agreement,
        limits=limits,
        criterion=objective,
        prob=prob,
        method=_method(search),
        basis=draws.basis,
        scenarios={name: held for name, held in bound.held.items() if len(held) > 1 and held.ndim == 1},
        verdict=draws.verdict
        + Verdict(
            (
                *lost,
                *(warning("infeasible", f"scenario {i + 1}: {text}") for i, text in reasons.items()),
                *_search_notes(search, own, plan),
                *_end_notes(bound, inputs),
                *point_note(draws),
                *mc_notes(draws, {"objective": values[..., 0]}),
                *extrapolation_notes(_known(bound, inputs), draws.observed),
            )
        ),
    )


def _regret(bound: Bound, values: np.ndarray, own: Found) -> np.ndarray:
    """Mean loss of the plan against the draws' own optima; NaN where what is allowed depends on the draw too."""
    spread = np.ptp(values[..., 1:], axis=1) if values.shape[1] > 1 else np.zeros(1)
    worse = np.mean(bound.problem.sign * (values[..., 0] - own.objective), axis=1)
    return np.where(np.any(spread > 0), np.nan, np.maximum(worse, 0.0))


def _method(search: Search) -> str:
    lists = search.num_combinations
    ways = [f"interior point in {search.bound.choices.coordinates.size} dimensions"] * bool(
        search.bound.choices.coordinates.size
    )
    ways += [f"each of {lists:,} combinations of listed values"] * (lists > 1)
    return " for ".join(ways)


def _names(bound: Bound, plan: Found) -> dict[str, list[str]]:
    """The names of named choices."""
    return {
        name: [axis.names[int(place)] for place in plan.inputs[name]]
        for name, axis in bound.choices.lists.items()
        if axis.names
    }


def _known(bound: Bound, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The law's numbers at the plan."""
    known = {**bound.held, **inputs}
    return {name: known[name] for name in bound.law.inputs if name in known and known[name].ndim == 1}


def _limits(search: Search, plan: Found, values: np.ndarray) -> tuple[Limit, ...]:
    """How the plan stands to each constraint."""
    bound, logged, scales = search.bound, search.program.logged, search.scales
    above, equal = list(plan.above.T[bound.choices.coordinates.num_mixtures :]), list(plan.equal.T)
    found = []
    for i, constraint in enumerate(bound.problem.subject_to):
        pull = np.abs((equal if constraint.sense == EQUAL else above).pop(0))
        limit, each = bound.limits[:, i], values[..., i + 1]
        mean = each.mean(axis=1)
        sign = -1.0 if constraint.sense == AT_LEAST else 1.0
        room = sign * (np.log(limit / mean) if logged[i + 1] else (limit - mean) / scales[i + 1])
        off = sign * (np.log(each / limit[:, None]) if logged[i + 1] else (each - limit[:, None]) / scales[i + 1])
        kept = (np.abs(off) if constraint.sense == EQUAL else off) <= ACTIVE
        if constraint.prob is not None:
            room = -np.quantile(off, constraint.prob, axis=1)
        binds = np.abs(room) <= (ACTIVE if constraint.prob is None else ROUNDED)
        by_ratio = logged[0] and logged[i + 1]
        if not by_ratio:
            size = np.abs(plan.objective) if logged[0] else scales[0]
            pull = pull * size / (limit if logged[i + 1] else scales[i + 1])
        found.append(
            Limit(
                text=str(constraint),
                value=mean,
                limit=limit,
                room=sign * -np.expm1(-sign * room) if logged[i + 1] else room,
                binds=binds,
                kept=kept.mean(axis=1),
                price=np.where(binds, pull, 0.0),
                per="% per %" if by_ratio else f"per {constraint.unit or 'unit'}",
            )
        )
    return tuple(found)


def _search_notes(search: Search, own: Found, plan: Found) -> list[Note]:
    """What the search could not do."""
    notes = []
    unproven, none = float(np.mean(own.status == SolutionStatus.NOT_CONVERGED)), own.status == SolutionStatus.INFEASIBLE
    if unproven:
        reason = (
            f"in {100 * unproven:.3g} % of the draws the conditions of an optimum are met only to "
            f"{number(float(np.nanmax(own.residual)), 2)}."
        )
        notes.append(warning("not-converged", reason, "A law or a constraint with a kink may have its optimum there."))
    some = none.any(axis=1) & ~none.all(axis=1)
    if some.any():
        share = 100 * float(none[some].mean())
        notes.append(warning("infeasible-draws", f"in {share:.3g} % of the draws no choice keeps to the constraints."))
    if len(search.draws) > 1 and np.any(plan.violation > FEASIBLE):
        reason = "no one plan keeps to every constraint over all draws; the nearest is shown."
        notes.append(warning("plan-infeasible", reason, "Relax a constraint, or its `prob`."))
    least = float(search.agreement.min())
    if least < FEW:
        reason = f"only {100 * least:.3g} % of the starts led to the best optimum found; there are others."
        notes.append(info("several-optima", reason, "Narrow the ranges, or check by lj.sweep."))
    return notes


def _end_notes(bound: Bound, inputs: Mapping[str, np.ndarray]) -> list[Note]:
    """Ranges and lists at whose end the plan lies."""
    notes = []
    for name, (low, high) in bound.choices.bounds.items():
        ends = (np.log(low), np.log(high), np.log(inputs[name])) if low > 0 else (low, high, inputs[name])
        for side in (0, 1):
            if np.any(np.abs(ends[2] - ends[side]) <= AT_END * (ends[1] - ends[0])):
                reason = f"the plan rests on the {('lower', 'upper')[side]} bound {(low, high)[side]:.4g} of `{name}`."
                notes.append(warning("edge", reason, "Widen it unless the bound is real."))
    for name, axis in bound.choices.lists.items():
        if axis.is_range and len(axis) > 1:
            for side, end in (("lower", axis.values[0]), ("upper", axis.values[-1])):
                if np.any(inputs[name] == end):
                    reason = f"the plan takes the {side} end {end:.4g} of the list of `{name}`."
                    notes.append(info("edge", reason, "Extend the list if it can go on."))
    return notes
