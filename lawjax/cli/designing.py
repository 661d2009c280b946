"""`lawjax identifiability`, `lawjax suggest`: what planned runs will tell, and which to make next."""

from typing import Annotated, Any

import typer

from lawjax.cli import costing as c
from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import Reading, read_table, source_of
from lawjax.cli.output import emit, say
from lawjax.errors import InputError

FORM = "1e24 or N=7e10,D=1.4e12"
At = Annotated[
    list[str] | None,
    typer.Option(
        "--at",
        metavar="BUDGET|N=...,D=...",
        help="What matters: a budget to spend well, or where the response does.",
    ),
]
Noise = Annotated[
    float | None,
    typer.Option("--noise", help="Standard deviation of one run's response (of its logarithm); else the source's."),
]


def identifiability(
    design: Annotated[
        str, typer.Argument(metavar="DESIGN", help="A table of planned runs: a column for each input of the law.")
    ],
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help="The parameters that are supposed: a saved fit, bootstrap or posterior."),
    ] = None,
    published: o.Published = None,
    at: At = None,
    noise: Noise = None,
    shared: Annotated[float, typer.Option("--shared", help="Standard deviation that rows of one group share.")] = 0.0,
    repeats: Annotated[int, typer.Option("--repeats", help="How often each planned run is made.", min=1)] = 1,
    observed: Annotated[
        str | None, typer.Option("--observed", metavar="FILE", help="A table of runs that are there already.")
    ] = None,
    known: Annotated[
        list[str] | None, typer.Option("--known", metavar="NAME", help="A parameter that is known; repeatable.")
    ] = None,
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    prob: o.Prob = 0.9,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Say how wide the intervals of planned runs will be, and what they cannot tell apart."""
    from lawjax.designs import identifiability as judge

    reading = Reading(columns, units, where, group)
    found = judge(
        source_of(source, published),
        read_table(design, reading),
        noise=noise,
        shared=shared,
        repeats=repeats,
        observed=None if observed is None else read_table(observed, reading),
        at=[_place(text) for text in at or ()],
        fixed=tuple(known or ()),
        prob=prob,
    )
    emit(found, as_json=as_json, out=out)


def suggest(
    source: o.Source = None,
    candidates: Annotated[
        str | None, typer.Option("--candidates", metavar="FILE", help="A table of runs that may be made.")
    ] = None,
    axis: Annotated[
        list[str] | None,
        typer.Option(
            "--axis",
            metavar="NAME=LOW:HIGH:NUM",
            help="In place of --candidates: values of an input, even in the logarithm, as N=1e7:1e9:12; repeatable.",
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option("--budget", help="What all new runs may cost, in FLOP unless --device or --price say otherwise."),
    ] = None,
    at: At = None,
    decision: Annotated[
        str | None,
        typer.Option("--decision", help="An input, the response or a parameter: what is to be known. See the docs."),
    ] = None,
    criterion: Annotated[str, typer.Option("--criterion", help="information or regret.")] = "information",
    noise: Noise = None,
    misfit: Annotated[
        float, typer.Option("--misfit", help="What the law misses at a configuration, in the unit of the noise.")
    ] = 0.0,
    repeats: Annotated[int, typer.Option("--repeats", help="The most runs of one candidate.", min=1)] = 16,
    max_runs: Annotated[int, typer.Option("--max-runs", help="The most runs.", min=1)] = 256,
    prob: o.Prob = 0.9,
    device: c.Device = None,
    utilisation: c.Utilisation = None,
    price: c.Price = None,
    served: c.Served = None,
    force: o.Force = False,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Choose the next runs: those that make most sure of a decision, within a budget."""
    from lawjax.designs import suggest as choose_runs

    if budget is None:
        raise InputError("--budget is missing: say what all new runs may cost [FLOP], as in --budget 1e21.")
    if at is not None and len(at) > 1:
        raise InputError(f"--at was given {len(at)} times; the runs are chosen for one decision. Keep one.")
    cost = c.cost_of(device, utilisation, price, served)
    chosen: dict[str, Any] = {} if cost is None else {"cost": cost}
    found = choose_runs(
        source_of(source, None),
        _candidates(candidates, axis),
        budget=budget,
        at=_place(at[0]) if at else None,
        decision=decision,
        criterion=criterion,
        noise=noise,
        misfit=misfit,
        repeats=repeats,
        max_runs=max_runs,
        prob=prob,
        force=force,
        **chosen,
    )
    emit(found, as_json=as_json, out=out)


def _place(text: str) -> Any:
    """A budget, or inputs by name."""
    return parsing.numbers([text], "--at", FORM) if "=" in text else parsing.number(text, text, "--at", FORM)


def _candidates(file: str | None, axis: list[str] | None) -> Any:
    """The runs that may be made: of a table, or of axes."""
    from lawjax.sweeps import space

    if (file is None) == (axis is None):
        raise InputError("give either --candidates FILE or the --axis of each input, as in --axis N=1e7:1e9:12.")
    if file is not None:
        return read_table(file, Reading())
    found = space(**parsing.axes(axis))
    say(f"choosing among {found.size:,} candidates")
    return found
