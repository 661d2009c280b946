"""The decision that new runs are to make sure of: what it is, how it moves, and what a wrong one costs."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lawjax.costs.budget import Budget
from lawjax.costs.cost import Cost
from lawjax.designs.known import Known
from lawjax.designs.quantities import (
    Optimum,
    Quantity,
    budget_at,
    function_of_params,
    least_response,
    optimal_inputs,
    optimum_of,
    parameters,
    regret_factor,
    response_at,
)
from lawjax.errors import InputError

Decision = str | Callable[[Mapping[str, Any]], Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Aim:
    """What new runs are for.

    Attributes:
        quantity: the decision, over the draws.
        regret: roots of the loss that a wrong decision costs, shape (draw, free, part); None where there is none.
        lost: draws whose optimum lies at the edge of its bounds, and which are left out.
    """

    quantity: Quantity
    regret: np.ndarray | None
    lost: int


def aim_of(
    known: Known,
    at: Any,
    decision: Decision | None,
    cost: Cost,
    bounds: Mapping[str, Any] | None,
    held: Mapping[str, Any] | None,
) -> Aim:
    """The aim that a caller named.

    Raises:
        InputError: no decision, or one that does not go with `at`.
    """
    if at is not None and not isinstance(at, Mapping):
        return _of_budget(known, budget_at(at, cost), decision, cost, bounds, held)
    law, problem, vectors = known.draws.law, known.problem, known.vectors
    if isinstance(at, Mapping):
        if decision not in (None, law.response):
            raise InputError(
                f"with inputs in `at` the decision is the response there, {law.response!r}; got {decision!r}. Leave it "
                "out, or give a budget: at=lj.flops(1e24)."
            )
        return Aim(response_at(law, at, problem, vectors), None, 0)
    if callable(decision):
        name = getattr(decision, "__name__", "quantity").strip("<>")
        return Aim(function_of_params(name, decision, problem, vectors), None, 0)
    labels = {quantity.name: quantity for quantity in parameters(problem, vectors)}
    if decision in labels:
        return Aim(labels[decision], None, 0)
    asked = "no decision was named" if decision is None else f"{decision!r} is no parameter"
    raise InputError(
        f"{asked}: say which budget is to be spent well, at=lj.flops(1e24), where the response matters, at={{...}}, or "
        f"name a parameter ({', '.join(labels)}) or a function of them as `decision`."
    )


def _of_budget(
    known: Known,
    at: Budget,
    decision: Decision | None,
    cost: Cost,
    bounds: Mapping[str, Any] | None,
    held: Mapping[str, Any] | None,
) -> Aim:
    law = known.draws.law
    best = optimum_of(known.draws, known.problem, known.vectors, at, cost, bounds, held)
    lost = int(np.sum(~best.inside))
    if decision == law.response:
        return Aim(least_response(best, law, at), None, 0)
    free = best.setup.free
    first = next(name for name in (*law.inputs, *free) if name in free)
    name = first if decision is None else decision
    if name not in free:
        raise InputError(
            f"`decision` with a budget is an input that is chosen or the response, one of "
            f"{', '.join((*free, law.response))}; got {decision!r}."
        )
    return Aim(optimal_inputs(best, at)[free.index(name)], _regret(best), lost)


def _regret(best: Optimum) -> np.ndarray:
    return np.where(best.inside[:, None, None], regret_factor(best), np.nan)
