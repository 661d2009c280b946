"""`lawjax data`, `lawjax simulate`: tables of runs to fit, real and made."""

from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import Reading, read_table, write_table
from lawjax.cli.output import emit_text, say, step
from lawjax.errors import InputError


def data(
    file: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="A table of runs or a data set's name; none lists the data sets."),
    ] = None,
    law: Annotated[
        str | None,
        typer.Option("--law", help="Check the runs for a fit of this law; chinchilla where there are N, D and loss."),
    ] = None,
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    fetch: Annotated[str | None, typer.Option("--fetch", metavar="NAME", help="Download a public data set.")] = None,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Look at a table of runs: ranges and doubts. Without a table, list the data sets."""
    if file is not None and fetch is not None:
        raise InputError("give either FILE or --fetch NAME, not both.")
    name = fetch if file is None else file
    if name is None:
        return _list_data_sets(as_json)
    runs = _fetched(name) if fetch is not None else read_table(name, Reading(columns, units, where, group, weight))
    if out is not None:
        write_table(runs, out)
        say(f"saved to {out}")
    verdict = _checked(runs, law)
    record = {**runs.to_dict(), "sha256": runs.sha256, "verdict": None if verdict is None else verdict.to_dict()}
    return emit_text(record, f"{runs!r}\n{verdict or ''}".rstrip(), as_json=as_json)


def _fetched(name: str) -> Any:
    from lawjax.datasets import fetch

    with step(f"fetching {name}"):
        return fetch(name)


def _list_data_sets(as_json: bool) -> None:
    from lawjax.datasets import available
    from lawjax.text import table

    frame = available().reset_index()
    rows = [[str(cell) for cell in row] for row in frame[["name", "get", "licence", "reference"]].to_numpy()]
    records = {"data_sets": frame.to_dict(orient="records")}
    emit_text(records, table(["data set", "in Python", "licence", "reference"], rows), as_json=as_json)


def _checked(runs: Any, law_name: str | None) -> Any:
    """What the checks before a fit say; None where no law is meant."""
    from lawjax.data.checks import check_fit
    from lawjax.laws import CHINCHILLA

    if law_name is not None:
        return check_fit(parsing.law(law_name), runs)
    return check_fit(CHINCHILLA, runs) if all(name in runs for name in ("N", "D", "loss")) else None


def simulate(
    law: o.Law = "chinchilla",
    param: Annotated[
        list[str] | None,
        typer.Option("--param", metavar="NAME=VALUE,...", help="True parameters, as E=1.8; repeatable."),
    ] = None,
    published: Annotated[
        str | None, typer.Option("--published", help="Take law and parameters from a paper, as besiroglu2024.")
    ] = None,
    design: Annotated[
        str | None, typer.Option("--design", metavar="FILE", help="A table with the inputs of each run.")
    ] = None,
    num_runs: Annotated[int, typer.Option("--num-runs", help="How many runs, where there is no design.")] = 60,
    noise: Annotated[float, typer.Option("--noise", help="Scale of the noise in log response.")] = 0.01,
    columns: o.Columns = None,
    seed: o.Seed = 0,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Make runs that follow a law, with noise: CSV on standard output, or a file."""
    from lawjax.simulation import simulate as make

    found, params = _truth(law, param, published)
    table = None if design is None else read_table(design, Reading(columns))
    runs = make(found, params, table, num_runs=num_runs, noise=noise, key=seed)
    if out is not None:
        write_table(runs, out)
        say(f"saved {len(runs)} runs to {out}")
    if as_json or out is None:
        emit_text(
            {"law": found.name, "params": params, **runs.to_dict()},
            runs.to_frame().to_csv(index=False).rstrip(),
            as_json=as_json,
        )


def _truth(law: str, param: list[str] | None, published: str | None) -> tuple[Any, dict[str, float]]:
    from lawjax.laws import published as of_paper

    given = parsing.numbers(param, "--param", "E=1.8")
    if published is not None:
        paper = of_paper(published)
        return paper.law, {**paper.params, **given}
    return parsing.law(law), given
