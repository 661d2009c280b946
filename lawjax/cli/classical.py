"""`lawjax isoflop`, `lawjax envelope`, `lawjax loglog`: exponents without a law of size and tokens."""

from typing import Annotated

import typer

from lawjax.cli import options as o
from lawjax.cli.files import Reading, read_table
from lawjax.cli.output import emit_text, step

Boots = Annotated[int, typer.Option("--num", help="How many resamples.")]
Response = Annotated[str, typer.Option("--response", help="The column that is minimised.")]


def isoflop(
    file: o.File,
    method: Annotated[str, typer.Option(help="parabola, cubic or akima.")] = "parabola",
    along: Annotated[str, typer.Option(help="N or D: what the curves run along.")] = "N",
    space: Annotated[str, typer.Option(help="raw or log: the form of the loss.")] = "raw",
    budget: Annotated[str, typer.Option(help="The column of compute; C is 6ND where there is none.")] = "C",
    tolerance: Annotated[float, typer.Option(help="How far compute may vary inside a budget, as a share.")] = 0.1,
    weighting: Annotated[str, typer.Option(help="equal or precision: how the minima count.")] = "equal",
    noise: Annotated[float | None, typer.Option(help="Relative noise of the loss, as repeats show it.")] = None,
    response: Response = "loss",
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    num: Boots = 1000,
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    as_json: o.Json = False,
) -> None:
    """Best size and tokens at each compute budget, and their power laws."""
    from lawjax.classical import isoflop as find

    runs = read_table(file, Reading(columns, units, where, group, weight))
    with step(f"minimising isoFLOP curves of {len(runs)} runs"):
        found = find(
            runs, method=method, along=along, space=space, budget=budget, tolerance=tolerance, loss=response,
            weighting=weighting, noise=noise, num_boots=num, prob=prob, key=seed,
        )  # fmt: skip
    emit_text(found.to_dict(), found.summary(), as_json=as_json)


def envelope(
    file: o.File,
    bins: Annotated[int, typer.Option(help="How many amounts of compute.")] = 200,
    keep_edges: Annotated[bool, typer.Option(help="Count bins that the smallest or largest run wins.")] = False,
    response: Response = "loss",
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    num: Boots = 1000,
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    as_json: o.Json = False,
) -> None:
    """Best size and tokens from training curves: the lowest run at each compute. Needs --group."""
    from lawjax.classical import envelope as find

    runs = read_table(file, Reading(columns, units, where, group))
    with step(f"finding the envelope of {runs.num_groups} training curves"):
        found = find(runs, num_bins=bins, keep_edges=keep_edges, loss=response, num_boots=num, prob=prob, key=seed)
    emit_text(found.to_dict(), found.summary(), as_json=as_json)


def loglog(
    file: o.File,
    x: Annotated[str, typer.Option("--x", help="The column that explains; C is 6ND where there is none.")],
    y: Annotated[str, typer.Option("--y", help="The column that is explained.")] = "loss",
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    num: Boots = 1000,
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    as_json: o.Json = False,
) -> None:
    """A power law between two columns, by regression of logarithms."""
    from lawjax.classical import log_log

    runs = read_table(file, Reading(columns, units, where, group, weight))
    found = log_log(runs, x=x, y=y, num_boots=num, prob=prob, key=seed)
    emit_text(found.to_dict(), found.summary(), as_json=as_json)
