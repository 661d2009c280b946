"""`lawjax forecast`: what runs beyond those in a table will give."""

from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import Reading, read_table
from lawjax.cli.output import emit, step


def forecast(
    file: o.File,
    target: Annotated[
        list[str], typer.Option("--target", "--at", metavar="NAME=VALUE,...", help="Where, as N=7e10,D=1.4e12.")
    ],
    response: Annotated[str | None, typer.Option(help="The column to forecast; loss, or the only one left.")] = None,
    through: Annotated[
        str | None, typer.Option(help="A column of losses that the response, a score, depends on.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="A column whose values part the table into curves of their own.")
    ] = None,
    laws: Annotated[str | None, typer.Option(help="Laws to average, with commas between.")] = None,
    along: Annotated[str | None, typer.Option(help="The column that is extrapolated along.")] = None,
    kind: Annotated[str, typer.Option(help="new_run or mean.")] = "new_run",
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Say what runs at a target will give, with a band that was tried on the runs at hand."""
    from lawjax.errors import InputError
    from lawjax.forecasting import forecast as look_ahead
    from lawjax.forecasting import forecast_each

    runs = read_table(file, Reading(columns, units, where, group, weight))
    place = parsing.numbers(target, "--target", "N=7e10,D=1.4e12")
    chosen = [parsing.law(name.strip()) for name in laws.split(",")] if laws else None
    if by is not None and through is not None:
        raise InputError("--by and --through exclude each other; forecast one table at a time through a loss.")
    how: dict[str, Any] = dict(response=response, laws=chosen, along=along, kind=kind, prob=prob, key=seed)
    with step("fitting the laws to the runs, and to those below earlier cuts"):
        if by is not None:
            found = forecast_each(runs, place, by=by, **how)
        else:
            found = look_ahead(runs, place, through=through, **how)
    emit(found, as_json=as_json, out=out)
