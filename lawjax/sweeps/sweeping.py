"""Every configuration of a space, streamed: `sweep` keeps the best, a frontier, the best by group, or a histogram."""

import dataclasses
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lawjax.costs import Cost
from lawjax.draws import Draws
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law
from lawjax.parallel.processes import team_of
from lawjax.planning.plan import extrapolation_notes
from lawjax.planning.source import check_prob, usable_draws
from lawjax.sweeps.asking import Functions, check_space, cost_and_budget, named_reducers, program_of, reductions_of
from lawjax.sweeps.design_space import Space
from lawjax.sweeps.kernel import Program
from lawjax.sweeps.ladder import method_of, quickest
from lawjax.sweeps.layout import LANE, MAX_WIDTH, Layout, layout_of
from lawjax.sweeps.long_sweep import store_of
from lawjax.sweeps.reducers import Reducer, top_k
from lawjax.sweeps.shared_sweep import scanned
from lawjax.sweeps.stream import Scan
from lawjax.sweeps.sweep_result import SweepResult
from lawjax.verdict import Note, Verdict, info, warning

__all__ = ["SweepResult", "sweep"]

MAX_FLOAT32 = 1e37
SORTED_AT_ONCE = 1 << 20


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
    shortcut: bool = True,
    progress: bool = False,
    store: str | os.PathLike[str] | None = None,
    shards: int | None = None,
    distributed: bool = False,
) -> SweepResult:
    """What is best among all configurations of a space, in constant memory.

    Functions passed in are pure JAX functions that name the inputs they take; define them once, not per call, and a
    second sweep compiles nothing.

    Args:
        source: a fit, draws, a posterior, published coefficients, or parameters with `law`.
        space: `lj.space(N=lj.log_grid(...), ...)`; it has every input of the law.
        keep: what to keep: `top_k`, `pareto`, `best_by`, `histogram`, `quantiles`, `best_in_draws`, `rows`, a list or
            a dict of them. Default `top_k(100)`.
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
        shortcut: compute only the configurations that can be the best, where it is proven which these are; False
            computes every one. The result is the same, and says which way was taken.
        progress: show shards done, configurations a second and the time left, as a bar on a terminal, else in lines.
        store: a folder in which finished shards are kept. The same call goes on where a process ended, however it
            ended, and its result is that of an unbroken sweep bit for bit. `sweep_status` looks into the folder.
        shards: parts that the sweep is cut in, at most one per chunk; more lose less to a kill. By default as many as
            last half a minute or so each on two cores, from 16 to 4096. Not part of the result.
        distributed: share the sweep among the processes joined by `lawjax.parallel.distributed`, each of which makes
            this call and gets the result; with a store, on a file system that all of them see.

    Returns:
        A `SweepResult`.

    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: an input missing from the space, an unknown name, or no feasible configuration, naming what binds;
            a store of another sweep, naming what differs, with another writer, or that cannot be written.
        LostProcessError: a process that shares the sweep died; says which, and how to go on.

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
    if shards is not None and store is None:
        raise InputError("`shards` cuts a sweep that is kept in a folder; pass store=... as well.")
    team = team_of(distributed)
    draws, lost = usable_draws(source, law, "sweep", force)
    check_space(draws.law, space)
    reducers = named_reducers(top_k(100) if keep is None else keep)
    paid, limit = cost_and_budget(cost, budget, space)
    program = program_of(draws.law, space, paid, where, objectives or {}, objective, list(reducers.values()))
    layout = layout_of(space, _widest(len(draws)) if objective == "quantile" else MAX_WIDTH, len(draws))
    program = dataclasses.replace(program, reductions=reductions_of(reducers, layout))
    general = scan = _scan(program, layout, draws, limit, prob, dtype, chunk)
    if shortcut:
        scan, reducers = quickest(scan, reducers)
    kept_in = None
    if store is not None:
        scan = dataclasses.replace(scan, folder=Path(store))
        kept_in = store_of(store, shards, scan, draws, reducers)
    outcome = scanned(scan, list(reducers.values()), kept_in, team, progress)
    part, begin = outcome.part, time.perf_counter()
    if not part.finite:
        raise InputError(_why_none(general, part.passing))
    kept = {n: r.finish(s, scan.context) for (n, r), s in zip(reducers.items(), part.states, strict=True)}
    result = SweepResult(
        law=draws.law,
        tables={name: space.with_names(table) for name, (table, _) in kept.items()},
        num_configs=space.size,
        num_feasible=part.finite,
        num_nonfinite=part.passing - part.finite,
        seconds=outcome.seconds + time.perf_counter() - begin,
        method=method_of(scan),
        dtype=dtype,
        objective=objective if objective == "mean" else f"{prob:g} quantile",
        verdict=draws.verdict,
        basis=draws.basis,
    )
    remarks = [info(f"{dtype}-order", f"{name}: {text}.") for name, (_, texts) in kept.items() for text in texts]
    notes = (*lost, *outcome.notes, *remarks, *_notes(result, space, draws))
    return dataclasses.replace(result, verdict=draws.verdict + Verdict(notes))


def _widest(num_draws: int) -> int:
    """How wide rows may be so that a row times the draws, which a quantile sorts, stays small."""
    return int(np.clip(SORTED_AT_ONCE // num_draws, LANE, MAX_WIDTH))


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
    part = free.run([reducer])
    if not part.finite:
        return np.inf
    return 0.0 if by == "loss" else float(reducer.finish(part.states[0], free.context)[0]["cost"][0])


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
        if axis.is_range and len(axis) > 1 and best[name] in (axis.values[0], axis.values[-1]):
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
