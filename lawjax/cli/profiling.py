"""`lawjax profile`: how far one parameter may be moved before the runs object."""

from typing import Annotated

import typer

from lawjax.cli import options as o
from lawjax.cli.files import Reading, read_table
from lawjax.cli.fitting import FittedFile, fitted_to, saved_fit
from lawjax.cli.output import emit_text, step


def profile(
    file: FittedFile,
    param: Annotated[str, typer.Option("--param", help="The parameter that is held at each of the values.")],
    law: o.LawOrFormula = "chinchilla",
    param_range: o.Ranges = None,
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    loss: o.Loss = "huber",
    delta: o.Delta = 1e-3,
    num: Annotated[int, typer.Option(help="How many values.")] = 41,
    kind: Annotated[str, typer.Option(help="sandwich or hessian: the covariance that sets the scale.")] = "sandwich",
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    force: o.Force = False,
    as_json: o.Json = False,
) -> None:
    """Hold one parameter at each of many values and refit the others: its interval, without a normal approximation."""
    from lawjax.fitting import profile as walk

    fitted = saved_fit(file)
    if fitted is None:
        runs = read_table(file, Reading(columns, units, where, group, weight))
        fitted = fitted_to(runs, law, param_range, loss=loss, delta=delta, key=seed, force=force)
    with step(f"profiling {param} at {num} values"):
        found = walk(fitted, param, num=num, prob=prob, kind=kind)
    emit_text(found.to_dict(), found.summary(), as_json=as_json)
