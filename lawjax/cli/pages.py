"""`lawjax report`, `lawjax demo`: a page to read, and the whole road to it."""

import shlex
from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli.files import Reading, read_table
from lawjax.cli.fitting import FittedFile, fitted_to, saved_fit
from lawjax.cli.output import emit_text, step
from lawjax.errors import InputError

Budget = Annotated[
    float | None, typer.Option("--budget", help="What to plan for [FLOP]; ten times the largest run by default.")
]


def report(
    context: typer.Context,
    file: FittedFile,
    law: Annotated[
        str | None, typer.Option("--law", help="Name of the law; chinchilla where there are N, D and loss.")
    ] = None,
    budget: Budget = None,
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    draws: Annotated[
        str | None, typer.Option("--draws", metavar="FILE", help="A saved bootstrap or posterior of the same law.")
    ] = None,
    title: Annotated[str | None, typer.Option("--title", help="Title of the page.")] = None,
    seed: o.Seed = 0,
    force: o.Force = False,
    as_json: o.Json = False,
    out: Annotated[str, typer.Option("--out", help="The page, a .html file.")] = "report.html",
) -> None:
    """Write one HTML page that says what the runs show and what to train next."""
    from lawjax.reporting.writing import checked_path
    from lawjax.reporting.writing import report as write

    checked_path(out)
    fitted = saved_fit(file)
    if fitted is None:
        runs = read_table(file, Reading(columns, units, where, group, weight))
        fitted = fitted_to(runs, law or _usual_law(runs), key=seed, force=force)
    drawn = _matching(draws, fitted)
    with step("resampling, planning and drawing"):
        path = write(
            fitted.runs, out, fit=fitted, draws=drawn, budget=budget, key=seed, title=title, command=_typed(context)
        )
    record = {
        "report": str(path),
        "law": fitted.law.name,
        "rows_used": len(fitted.runs),
        "verdict": fitted.verdict.to_dict(),
    }
    emit_text(record, f"wrote {path}", as_json=as_json)


def _usual_law(runs: Any) -> str:
    if all(name in runs for name in ("N", "D", "loss")):
        return "chinchilla"
    raise InputError(
        f"which law to fit is not clear: the table has no N, D and loss, only {list(runs.columns)}. "
        "Give --law, or name its columns with --columns."
    )


def _matching(name: str | None, fitted: Any) -> Any:
    from lawjax.cli.files import source_of

    if name is None:
        return None
    found = source_of(name, None)
    if found.draws.law is not fitted.law:
        raise InputError(
            f"{name!r} holds draws of {found.draws.law.name}, the report is on {fitted.law.name}. "
            "Use draws of the same law."
        )
    return found


def _typed(context: typer.Context) -> str:
    """The command as it was typed, which `main` hands down."""
    return shlex.join(["lawjax", *(context.obj or [])])


def demo(
    out: Annotated[str, typer.Option("--out", help="The folder to write to; made if it does not exist.")] = "demo",
    small: Annotated[bool, typer.Option("--small", help="Fewer resamples and draws.")] = False,
    seed: o.Seed = 0,
    as_json: o.Json = False,
) -> None:
    """Go the whole road on real runs in under a minute: fit, resample, sample, predict, plan, sweep, report."""
    from lawjax.reporting.demo import SMALL, USUAL, run_demo

    result = run_demo(out, SMALL if small else USUAL, key=seed, step=step)
    emit_text(result.to_dict(), result.summary(), as_json=as_json)
