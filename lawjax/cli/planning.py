"""`lawjax predict`, `lawjax allocate`, `lawjax sweep`: what a fit says of runs that were not made."""

from typing import Annotated, Any

import typer

from lawjax.cli import costing as c
from lawjax.cli import joining as j
from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import source_of
from lawjax.cli.output import emit, say
from lawjax.errors import InputError

Bounds = Annotated[
    list[str] | None,
    typer.Option("--bounds", metavar="NAME=LOW:HIGH", help="Limits of an input, as D=1e9:1e13; repeatable."),
]


def predict(
    source: o.Source = None,
    published: o.Published = None,
    at: Annotated[
        list[str] | None, typer.Option("--at", metavar="N=...,D=...", help="Where, as N=7e10,D=1.4e12; repeatable.")
    ] = None,
    kind: Annotated[str, typer.Option(help="mean for the law itself, new_run for one more run.")] = "mean",
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Predict at new inputs, with a band."""
    from lawjax.prediction import predict as predict_at

    inputs = parsing.rows(at, "--at", "N=7e10,D=1.4e12")
    emit(predict_at(source_of(source, published), inputs, kind=kind, prob=prob, key=seed), as_json=as_json, out=out)


def allocate(
    source: o.Source = None,
    published: o.Published = None,
    budget: Annotated[
        list[float] | None,
        typer.Option(
            "--budget", help="What can be spent, in FLOP unless --device or --price say otherwise; repeatable."
        ),
    ] = None,
    bounds: Bounds = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--values", metavar="NAME=A:B:...", help="The values an input may take, as N=7e9:13e9:70e9."),
    ] = None,
    fix: o.Fixed = None,
    at_most: Annotated[
        list[str] | None,
        typer.Option("--at-most", metavar="NAME=LIMIT", help="The most of an input, or of the loss; repeatable."),
    ] = None,
    at_least: Annotated[
        list[str] | None, typer.Option("--at-least", metavar="NAME=LIMIT", help="The least of one; repeatable.")
    ] = None,
    objective: Annotated[
        str, typer.Option(help="mean, quantile, cvar, regret or minimax: what the plan makes least over draws.")
    ] = "mean",
    prob: o.Prob = 0.9,
    device: c.Device = None,
    utilisation: c.Utilisation = None,
    price: c.Price = None,
    served: c.Served = None,
    force: o.Force = False,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Split a budget of compute, device-hours or money between the inputs of a law, with an interval."""
    from lawjax.planning import allocate as plan_for
    from lawjax.planning import at_least as floor
    from lawjax.planning import at_most as cap

    if not budget:
        raise InputError("--budget is missing: say what can be spent [FLOP], as in --budget 5.76e23.")
    found = source_of(source, published)
    chosen: dict[str, Any] = dict(
        bounds=parsing.bounds(bounds) | parsing.listed(values),
        fixed=parsing.numbers(fix, "--fix", "D=1e12"),
        subject_to=[*parsing.limits(at_most, "--at-most", cap), *parsing.limits(at_least, "--at-least", floor)],
        objective=objective,
        prob=prob,
    )
    cost = c.cost_of(device, utilisation, price, served)
    if cost is not None:
        chosen["cost"] = cost
    emit(plan_for(found, budget, **chosen, force=force), as_json=as_json, out=out)


def sweep(
    source: o.Source = None,
    published: o.Published = None,
    axis: Annotated[
        list[str] | None,
        typer.Option(
            "--axis",
            metavar="NAME=LOW:HIGH:NUM",
            help="Range of an input, even in the logarithm, as N=1e8:1e12:1000; repeatable.",
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            "--budget", help="The most that a configuration may cost, in FLOP unless --device or --price say otherwise."
        ),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep", help="top:100, pareto:loss,cost, best-by:N, quantiles:loss or best-in-draws; repeatable."
        ),
    ] = None,
    objective: Annotated[str, typer.Option(help="mean or quantile: what the loss is over draws.")] = "mean",
    prob: o.Prob = 0.9,
    store: Annotated[
        str | None,
        typer.Option(
            "--store", metavar="DIR", help="Keep finished shards in this folder; the same command goes on from there."
        ),
    ] = None,
    shards: Annotated[
        int | None, typer.Option("--shards", help="Parts that a sweep with --store is cut in.", min=1)
    ] = None,
    status: Annotated[bool, typer.Option("--status", help="Only say how far the sweep in --store is.")] = False,
    device: c.Device = None,
    utilisation: c.Utilisation = None,
    price: c.Price = None,
    served: c.Served = None,
    force: o.Force = False,
    distributed: j.Distributed = False,
    coordinator: j.Coordinator = None,
    num_processes: j.NumProcesses = None,
    process_id: j.ProcessId = None,
    patience: j.Patience = 30,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Score every configuration of a grid and keep the best."""
    from lawjax.sweeps import space, sweep_status
    from lawjax.sweeps import sweep as search

    if status:
        if store is None:
            raise InputError("--status needs --store: name the folder of the sweep, as in --store runs/big.")
        emit(sweep_status(store), as_json=as_json)
        return
    with j.joined(distributed, coordinator, num_processes, process_id, patience) as speaks:
        grid = space(**parsing.axes(axis))
        cost = c.cost_of(device, utilisation, price, served)
        chosen: dict[str, Any] = dict(
            keep=parsing.keepers(keep), budget=budget, cost=cost, objective=objective, prob=prob
        )
        found = source_of(source, published)
        if speaks:
            say(f"sweeping {grid.size:,} configurations")
        result = search(
            found, grid, **chosen, store=store, shards=shards, force=force, progress=True, distributed=distributed
        )
        if speaks:
            emit(result, as_json=as_json, out=out)
