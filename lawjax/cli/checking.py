"""`lawjax compare`, `lawjax backtest`: a law against other laws, and against runs it has not seen."""

from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import Reading, read_table
from lawjax.cli.fitting import fitted_to
from lawjax.cli.output import emit, step
from lawjax.errors import InputError


def compare(
    file: o.File,
    laws: Annotated[
        str, typer.Option("--laws", metavar="LAW,LAW,...", help="Two laws or more.")
    ] = "chinchilla,coupled,kaplan-nd",
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    loss: o.Loss = "huber",
    delta: o.Delta = 1e-3,
    residual: o.Residual = None,
    seed: o.Seed = 0,
    force: o.Force = False,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Rank laws by what they predict of runs they were not fitted to."""
    from lawjax.checking import compare as rank

    names = [name.strip() for name in laws.split(",") if name.strip()]
    if len(names) < 2:
        raise InputError(
            f"--laws names {len(names)} law, a comparison needs two or more, as in --laws chinchilla,coupled."
        )
    known = [parsing.law(name).name for name in names]
    runs = read_table(file, Reading(columns, units, where, group, weight))
    choices: dict[str, Any] = dict(loss=loss, delta=delta, residual=residual, key=seed, force=force)
    fits = [fitted_to(runs, name, **choices) for name in known]
    with step(f"refitting {len(fits)} laws to folds of the runs"):
        found = rank(fits, key=seed)
    emit(found, as_json=as_json, out=out)


def backtest(
    file: o.File,
    law: o.LawOrFormula = "chinchilla",
    param_range: o.Ranges = None,
    along: Annotated[str, typer.Option(help="The column to cut; C is 6ND where there is no such column.")] = "C",
    cuts: Annotated[int, typer.Option(help="How many cuts.")] = 5,
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    loss: o.Loss = "huber",
    delta: o.Delta = 1e-3,
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Fit the small runs, predict the large ones, and see how far off that was."""
    from lawjax.checking import backtest as look_back

    runs = read_table(file, Reading(columns, units, where, group, weight))
    found = parsing.law(law, runs, param_range)
    with step(f"fitting {found.name} below {cuts} cuts along {along}"):
        result = look_back(found, runs, along=along, num_cuts=cuts, prob=prob, key=seed, loss=loss, delta=delta)
    emit(result, as_json=as_json, out=out)
