"""Every configuration of a space, streamed: `sweep` keeps the best, a frontier, the best by group, or a histogram."""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law
from lawjax.planning.axes import Space
from lawjax.planning.cost import SIX_ND, Cost, as_budgets, as_cost
from lawjax.planning.kernel import Program, Reduction
from lawjax.planning.layout import LANE, MAX_WIDTH, Layout, layout_of
from lawjax.planning.named import arguments_of
from lawjax.planning.plan import extrapolation_notes
from lawjax.planning.reducers import BestBy, Histogram, Pareto, Reducer, top_k
from lawjax.planning.source import check_prob, usable_draws
from lawjax.planning.stream import Scan
from lawjax.planning.sweep_result import SweepResult
from lawjax.verdict import Note, Verdict, info, warning

__all__ = ["SweepResult", "sweep"]

Functions = Mapping[str, Callable[..., Any]]
MAX_FLOAT32 = 1e37
SORTED_AT_ONCE = 1 << 20
NAMES = {BestBy: "top_k", Pareto: "pareto", Histogram: "histogram"}


def sweep(
    source: Any,
    space: Space,
    *,
    keep: Reducer | Sequence[Reducer] | Mapping[str, Reducer] | None = None,
    objective: str = "mean",
    prob: float = 0.9,
    objectives: Functions | None = None,
    budget: Any = None,
    cost: Cost | Callable[..., Any] | None = None,
    where: Callable[..., Any] | None = None,
    law: Law | None = None,
    chunk: int | None = None,
    dtype: str = "float32",
    force: bool = False,
    progress: bool = False,
) -> SweepResult:
    """What is best among all configurations of a space, in constant memory.

    Functions passed in are pure JAX functions that name the inputs they take; define them once, not per call, and a
    second sweep compiles nothing.

    Args:
        source: a fit, draws, a posterior, published coefficients, or parameters with `law`.
        space: `lj.space(N=lj.log_grid(...), ...)`; it has every input of the law.
        keep: what to keep: `top_k`, `pareto`, `best_by`, `histogram`, a list or a dict of them. Default `top_k(100)`.
        objective: what `loss` is over draws: "mean", or "quantile" at `prob`.
        prob: probability of that quantile.
        objectives: further quantities by name, functions of inputs, "loss", "cost" or the ones before them.
        budget: the most a configuration may cost, `lj.flops(1e24)` or a number; met to 1e-9 counts as met.
        cost: what it costs; 6ND if there is a budget and the space has N and D.
        where: a condition on inputs or quantities; configurations that fail it do not count.
        law: the law of plain parameters.
        chunk: configurations computed together; changes memory and speed, never the result.
        dtype: "float32" or "float64", for the scan; what is kept is always computed again in float64, and with it
            whatever lies within 4e-6 of it in float32.
        force: sweep even if the source's verdict is an error.
        progress: show a progress bar.

    Returns:
        A `SweepResult`.

    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: an input missing from the space, an unknown name, or no feasible configuration, naming what binds.

    Example:
        >>> import lawjax as lj
        >>> grid = lj.space(N=lj.log_grid(1e8, 1e12, 101), D=lj.log_grid(1e9, 1e13, 101))
        >>> result = lj.sweep(lj.laws.published("besiroglu2024"), grid, budget=lj.flops(1e24), keep=lj.top_k(3))
        >>> result.num_configs, f"{result.best['N']:.3g}"
        (10201, '9.12e+10')
    """
    choose("objective", objective, ("mean", "quantile"))
    choose("dtype", dtype, ("float32", "float64"))
    check_prob(prob)
    draws, lost = usable_draws(source, law, "sweep", force)
    _check_space(draws.law, space)
    reducers = _named_reducers(top_k(100) if keep is None else keep)
    paid, limit = _cost_and_budget(cost, budget, space)
    program = _program(draws.law, space, paid, where, objectives or {}, objective, list(reducers.values()))
    layout = layout_of(space, _widest(len(draws)) if objective == "quantile" else MAX_WIDTH)
    program = dataclasses.replace(program, reductions=_reductions(reducers, layout))
    scan = _scan(program, layout, draws, limit, prob, dtype, chunk)
    begin = time.perf_counter()
    states, passing, finite = scan.run(list(reducers.values()), progress)
    if not finite:
        raise InputError(_why_none(scan, passing))
    kept = {n: r.finish(s, scan.context) for (n, r), s in zip(reducers.items(), states, strict=True)}
    result = SweepResult(
        law=draws.law,
        tables={name: table for name, (table, _) in kept.items()},
        num_configs=space.size,
        num_feasible=finite,
        num_nonfinite=passing - finite,
        seconds=time.perf_counter() - begin,
        method=f"general scan in {layout.num_rows:,} rows of {layout.width:,}, {dtype}; what is kept, in float64",
        dtype=dtype,
        objective=objective if objective == "mean" else f"{prob:g} quantile",
        verdict=draws.verdict,
        basis=draws.basis,
    )
    remarks = [info(f"{dtype}-order", f"{name}: {text}.") for name, (_, texts) in kept.items() for text in texts]
    notes = (*lost, *remarks, *_notes(result, space, draws))
    return dataclasses.replace(result, verdict=draws.verdict + Verdict(notes))


def _check_space(law: Law, space: Space) -> None:
    if not isinstance(space, Space):
        raise InputError(f"`space` must come from lj.space(N=lj.log_grid(...), ...), got {type(space).__name__}.")
    missing = [name for name in law.inputs if name not in space.names]
    if missing:
        raise InputError(f"the space has no {missing}, which law {law.name!r} takes. Add an axis or a value for each.")
    for name, variable in law.inputs.items():
        held = space.fixed.get(name)
        wanted = () if variable.size is None else (variable.size,)
        if variable.size is not None and held is None:
            raise InputError(f"`{name}` is a vector; hold it at a value: lj.space(..., {name}=[...]).")
        if held is not None and held.shape != wanted:
            raise InputError(f"`{name}` is held at the shape {held.shape}; this input has the shape {wanted}.")
        given = space.axes[name].values if name in space.axes else np.ones(1) if held is None else held
        if variable.positive and np.min(given) <= 0:
            raise InputError(f"`{name}` must be above 0, the space reaches {np.min(given):g}.")


def _named_reducers(keep: Any) -> dict[str, Reducer]:
    if isinstance(keep, Mapping):
        named = dict(keep)
    else:
        items = list(keep) if isinstance(keep, list | tuple) else [keep]
        labels = [
            "best_by" if getattr(item, "key", None) else NAMES.get(type(item), type(item).__name__) for item in items
        ]
        named = {
            f"{label}_{i + 1}" if labels.count(label) > 1 else label: item
            for i, (label, item) in enumerate(zip(labels, items))
        }
    if not named or not all(hasattr(item, "reductions") for item in named.values()):
        raise InputError(f"`keep` takes top_k, pareto, best_by, histogram, or a list or dict of them, got {keep!r}.")
    return named


def _cost_and_budget(cost: Any, budget: Any, space: Space) -> tuple[Cost | None, float]:
    if cost is None:
        has_6nd = {"N", "D"} <= set(space.names)
        if budget is not None and not has_6nd:
            raise InputError("a budget needs a cost, and the space has no N and D for 6ND. Pass cost=lambda ...: ....")
        paid = SIX_ND if has_6nd else None
    else:
        paid = as_cost(cost)
    if paid is None or budget is None:
        return paid, np.inf
    only, *others = as_budgets(budget, paid.unit)
    if others:
        raise InputError(
            "a sweep takes one budget. For several, keep=lj.best_by('cost', bins=[...]) gives the best in each range."
        )
    return paid, only.value


def _program(
    law: Law,
    space: Space,
    cost: Cost | None,
    where: Callable[..., Any] | None,
    objectives: Functions,
    objective: str,
    reducers: Sequence[Reducer],
) -> Program:
    known = [*space.names, "loss", *(["cost"] if cost is not None else [])]
    if cost is not None:
        _check_names("cost", cost.inputs, list(space.names))
    for name, function in objectives.items():
        if name in known:
            raise InputError(f"`objectives` names {name!r}, which is already a quantity. Choose another name.")
        _check_names(f"objective `{name}`", arguments_of(function, f"objective `{name}`"), known)
        known.append(name)
    if where is not None:
        _check_names("where", arguments_of(where, "where"), known)
    wanted = tuple(dict.fromkeys(["loss", *(name for reducer in reducers for name in reducer.quantities)]))
    for name in wanted:
        choose("quantity", name, [n for n in known if n not in space.fixed])
    return Program(
        law=law,
        cost=cost,
        where=where,
        derived=tuple(space.derived.items()),
        extras=tuple(objectives.items()),
        quantile=objective == "quantile",
        wanted=wanted,
    )


def _reductions(reducers: Mapping[str, Reducer], layout: Layout) -> tuple[Reduction, ...]:
    """What the reducers ask of the device, each once."""
    return tuple(dict.fromkeys(reduction for reducer in reducers.values() for reduction in reducer.reductions(layout)))


def _widest(num_draws: int) -> int:
    """How wide rows may be so that a row times the draws, which a quantile sorts, stays small."""
    return int(np.clip(SORTED_AT_ONCE // num_draws, LANE, MAX_WIDTH))


def _check_names(role: str, names: Sequence[str], known: Sequence[str]) -> None:
    stray = [name for name in names if name not in known]
    if stray:
        raise InputError(f"{role} takes {stray}, which the sweep does not have. It has {list(known)}.")


def _scan(
    program: Program, layout: Layout, draws: Draws, limit: float, prob: float, dtype: str, chunk: int | None
) -> Scan:
    if chunk is not None and (isinstance(chunk, bool) or int(chunk) != chunk or chunk < 1):
        raise InputError(f"`chunk` is a whole number of configurations, at least 1, got {chunk!r}.")
    if dtype == "float32" and np.isfinite(limit) and limit > MAX_FLOAT32:
        raise InputError(f'a budget of {limit:g} overflows float32. Pass dtype="float64", or a cost in a larger unit.')
    return Scan(program, layout, draws.params, limit, prob, dtype, chunk)


def _why_none(scan: Scan, passing: int) -> str:
    """Which constraint leaves no configuration, found by scanning without the others."""
    size = f"none of the {scan.layout.space.size:,} configurations is feasible"
    if passing:
        return f"{size}: {passing:,} meet the constraints, but their quantities are not finite. Check the law there."
    cheapest = _cheapest(scan, with_where=False)
    if cheapest > scan.limit:
        return (
            f"{size}: the budget is {scan.limit:.3g}, the cheapest configuration costs {cheapest:.3g}. "
            "Raise it or extend the axes."
        )
    allowed = _cheapest(scan, with_where=True)
    if not np.isfinite(allowed):
        return f"{size}: `where` holds for none of them. Relax it or extend the axes."
    return (
        f"{size}: `where` and the budget exclude each other; the cheapest configuration that satisfies `where` costs "
        f"{allowed:.3g}, the budget is {scan.limit:.3g}."
    )


def _cheapest(scan: Scan, with_where: bool) -> float:
    """Least cost in the space without the budget; infinite if `where` holds nowhere, 0 for what costs nothing."""
    by = "loss" if scan.program.cost is None else "cost"
    reducer = top_k(1, by)
    where = scan.program.where if with_where else None
    reductions = reducer.reductions(scan.layout)
    program = dataclasses.replace(scan.program, where=where, wanted=(by,), reductions=reductions)
    free = dataclasses.replace(scan, program=program, limit=np.inf)
    (state,), _, finite = free.run([reducer])
    if not finite:
        return np.inf
    return 0.0 if by == "loss" else float(reducer.finish(state, free.context)[0]["cost"][0])


def _notes(result: SweepResult, space: Space, draws: Draws) -> list[Note]:
    """What a reader must know of the winner: axes whose edge it is on, inputs beyond the runs."""
    notes = []
    if result.num_nonfinite:
        notes.append(
            warning(
                "nonfinite", f"{result.num_nonfinite:,} configurations have quantities that are not finite; left out."
            )
        )
    if not any(len(table.get("loss", ())) for table in result.tables.values()):
        return notes
    best = result.best
    for name, axis in space.axes.items():
        if len(axis) > 1 and best[name] in (axis.values[0], axis.values[-1]):
            end = "lower" if best[name] == axis.values[0] else "upper"
            grade = info if axis.label == "values" else warning
            notes.append(
                grade(
                    "edge",
                    f"the best is at the {end} end of `{name}` ({best[name]:.4g}).",
                    "Extend the axis if it can go on.",
                )
            )
    chosen = {name: np.array([best[name]]) for name in draws.law.inputs if name in best}
    return [*notes, *extrapolation_notes(chosen, draws.observed)]
