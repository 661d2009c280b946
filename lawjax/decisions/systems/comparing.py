"""`compare_systems`: which of two systems is better at each budget, where they cross, what one is worth in the other.

A system is a law with its uncertainty, taken along compute, spent as well as each draw knows, or along one input.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from lawjax.costs.cost import SIX_ND, as_cost
from lawjax.decisions.held import number
from lawjax.decisions.systems.curves import COMPUTE, System, responses, unit_of
from lawjax.decisions.systems.grid import Grid, amounts_of
from lawjax.decisions.systems.pair import Pair, usable_in_both
from lawjax.decisions.systems.pairing import together
from lawjax.decisions.systems.result import SystemComparison
from lawjax.decisions.systems.telling import notes_of
from lawjax.draws import Draws, as_draws
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law
from lawjax.planning.source import check_prob
from lawjax.precision import in_float64
from lawjax.verdict import Verdict

__all__ = ["compare_systems"]

BETTER = ("lower", "higher")


@in_float64
def compare_systems(
    a: Any,
    b: Any,
    budgets: Any,
    *,
    along: str | tuple[str, str] = COMPUTE,
    target: float | None = None,
    fixed: Any = None,
    cost: Any = SIX_ND,
    bounds: Any = None,
    better: str = "lower",
    names: tuple[str, str] = ("A", "B"),
    paired: bool | None = None,
    prob: float = 0.9,
    law: Any = None,
    force: bool = False,
) -> SystemComparison:
    r"""Two systems (model families, recipes, architectures) against each other, with the uncertainty of both.

    With $L_A(C)$ and $L_B(C)$ what each gives for a budget, every draw has its difference $L_A(C) - L_B(C)$, its
    crossover where that changes sign, and its compute-equivalent gain $g$, $L_B(g C) = L_A(C)$: how many times the
    budget B needs for what A gives. Where the floor of B lies above, there is no such budget and the gain is infinite.

    What else may be given for both at once may also be a pair, (of A, of B): `along`, `fixed`, `cost`, `bounds`, `law`.

    Args:
        a, b: fits, bootstraps, posteriors, published coefficients or their names, or dicts of parameters with `law`; of
            one law or of two with the same response. One source may be on both sides, with other things `fixed`.
        budgets: amounts to compare at: (low, high), which is filled evenly in logarithm, an axis, or a list that rises;
            `lj.flops(...)`, or numbers in the unit of the cost, or of the input.
        along: "compute", spent at each draw's own optimum; or the input that grows, all others `fixed`.
        target: a response at which to give the ratio of what B and A need.
        fixed: inputs that are held; those that a law does not have concern the other.
        cost: what a choice of inputs costs, as for `lj.allocate`.
        bounds: (low, high) of inputs along compute.
        better: "lower" for a loss, "higher" for an accuracy.
        names: what to call them.
        paired: whether draw i of A goes with draw i of B. By default bootstraps of the same runs that were resampled
            alike stay together and all others are independent.
        prob: probability of the intervals.
        law: the law of plain parameters.
        force: compare even if a source's verdict is an error.
    Returns:
        A `SystemComparison`, with one row per budget, and one crossover per draw.
    Raises:
        InputError: budgets that do not rise, responses or units that differ, or inputs that are not held.
        VerdictError: a source's verdict forbids a decision.
    References:
        Hoffmann et al. 2022, arXiv:2203.15556; Nezhurina et al. 2025, arXiv:2506.04598; Davidson et al. 2023,
        arXiv:2312.07413, for the gain.
    Example:
        >>> import lawjax as lj
        >>> found = lj.compare_systems("hoffmann2022", "besiroglu2024", (1e18, 1e25), names=("published", "refit"))
        >>> f"{found.crossover[0]:.3g} FLOP"
        '8.43e+21 FLOP'
    """
    check_prob(prob)
    choose("better", better, BETTER)
    first, second, how = _draws_of(a, b, _pair(law), paired, force)
    systems = _systems(names, (first, second), _pair(along), _pair(cost), fixed=_pair(fixed), bounds=_pair(bounds))
    grid = Grid.around(amounts_of(budgets, unit_of(systems)))
    given = [responses(system, grid.amounts) for system in systems]
    usable = usable_in_both(systems, given, grid)
    level = None if target is None else number("target", target)
    found = Pair(systems, given, grid, usable, better).compared(level, prob, how)
    notes = dict.fromkeys(notes_of(found, systems, given, grid, usable))
    return dataclasses.replace(found, verdict=Verdict(tuple(notes)))


def _pair(value: Any) -> tuple[Any, Any]:
    """What is given for A and for B: a pair as it is, anything else for both."""
    return value if isinstance(value, tuple) and len(value) == 2 else (value, value)


def _draws_of(a: Any, b: Any, laws: tuple[Any, Any], paired: bool | None, force: bool) -> tuple[Draws, Draws, str]:
    """The draws of both, one to one, and how they were put together."""
    first = as_draws(a, laws[0])
    second = first if b is a and laws[0] is laws[1] else as_draws(b, laws[1])
    for draws in (first, second):
        draws.verdict.require("compare_systems", force=force)
    return together(first, second, paired)


def _systems(names: Any, draws: Any, along: Any, cost: Any, **given: tuple[Any, Any]) -> list[System]:
    """Both sides, checked; of what is held or bounded for both, each takes what it knows."""
    if isinstance(names, str) or len(names) != 2:
        raise InputError(f"`names` must be two names, of A and of B, got {names!r}.")
    for one, path in zip(draws, along, strict=True):
        _check_along(one.law, path)
    sides = list(zip(map(str, names), draws, along, map(as_cost, cost), strict=True))
    systems = [System(*side, fixed={}, bounds={}) for side in sides]
    for role, pair in given.items():
        allowed = [_known(system, role) for system in systems]
        _check_names(role, pair, allowed)
        parts = [{k: v for k, v in (held or {}).items() if k in known} for held, known in zip(pair, allowed)]
        systems = [dataclasses.replace(system, **{role: part}) for system, part in zip(systems, parts)]
    _check_alike(systems)
    return systems


def _check_along(law: Law, along: Any) -> None:
    if along == COMPUTE:
        return
    if along not in law.inputs:
        raise InputError(f"law {law.name!r} has no input `{along}`: along={COMPUTE!r}, or one of {list(law.inputs)}.")
    if not law.inputs[along].positive or law.inputs[along].size is not None:
        raise InputError(f"systems are compared along a single number above 0; `{along}` is none.")


def _known(system: System, role: str) -> set[str]:
    """What can be fixed, or bounded, in a system."""
    if system.along == COMPUTE:
        return {*system.law.inputs, *system.cost.inputs}
    return {*system.law.inputs} - {system.along} if role == "fixed" else set()


def _check_names(role: str, pair: tuple[Any, Any], allowed: list[set[str]]) -> None:
    """Refuse names that the side, or where they are given for both at once, neither side, knows."""
    for given, known in zip(pair, allowed, strict=True):
        if given is not None and not isinstance(given, Mapping):
            raise InputError(f"`{role}` must be a dict by input, or a pair of them, got {given!r}.")
        names = set().union(*allowed) if pair[0] is pair[1] else known
        stray = [name for name in given or () if name not in names]
        if stray:
            raise InputError(f"`{role}` names {stray}; what can be in `{role}` here is {sorted(names)}.")


def _check_alike(systems: list[System]) -> None:
    """Refuse systems whose responses or budgets are not of one kind, and what neither knows as held."""
    first, second = systems
    if first.law.response != second.law.response:
        raise InputError(
            f"the systems give {first.law.response!r} and {second.law.response!r}; only one response compares."
        )
    if first.unit and second.unit and first.unit != second.unit:
        raise InputError(f"the systems are taken along {first.unit!r} and {second.unit!r}; give both in one unit.")
