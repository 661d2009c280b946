"""`lawjax compare`, `compare-systems`, `backtest`: law against law, system against system, law against unseen runs."""

from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import Reading, read_table, source_of
from lawjax.cli.fitting import fitted_to
from lawjax.cli.output import emit, step
from lawjax.errors import InputError


def compare(
    file: o.File,
    laws: Annotated[
        str, typer.Option("--laws", metavar="LAW,LAW,...", help="Two laws or more; one with several losses.")
    ] = "chinchilla,coupled,kaplan-nd",
    at: Annotated[
        list[str] | None, typer.Option("--at", metavar="N=...,D=...", help="Where it matters, as N=7e10,D=1.4e12.")
    ] = None,
    score: Annotated[str | None, typer.Option(help="cv, aicc or bic: what orders the laws.")] = None,
    columns: o.Columns = None,
    units: o.Units = None,
    where: o.Where = None,
    group: o.Group = None,
    weight: o.Weight = None,
    loss: Annotated[
        str, typer.Option("--loss", metavar="LOSS,...", help="As for fit; each law is fitted with each.")
    ] = "huber",
    delta: o.Delta = 1e-3,
    residual: o.Residual = None,
    prob: o.Prob = 0.9,
    seed: o.Seed = 0,
    force: o.Force = False,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Rank laws, or losses, by what they predict of runs they were not fitted to."""
    from lawjax.checking import compare as rank

    names, losses = _listed(laws), _listed(loss)
    if len(names) * len(losses) < 2:
        raise InputError(
            f"--laws names {len(names)} law, a comparison needs two or more, as in --laws chinchilla,coupled."
        )
    known = [parsing.law(name).name for name in names]
    place = parsing.numbers(at, "--at", "N=7e10,D=1.4e12") or None
    runs = read_table(file, Reading(columns, units, where, group, weight))
    choices: dict[str, Any] = dict(delta=delta, residual=residual, key=seed, force=force)
    fits = [fitted_to(runs, name, loss=one, **choices) for name in known for one in losses]
    with step(f"refitting {len(fits)} laws to folds of the runs"):
        found = rank(fits, at=place, score=score, prob=prob, key=seed)
    emit(found, as_json=as_json, out=out)


def compare_systems(
    first: Annotated[str, typer.Argument(metavar="A", help="A saved fit, bootstrap or posterior, or coefficients.")],
    second: Annotated[str, typer.Argument(metavar="B", help="The other.")],
    budgets: Annotated[
        str, typer.Option("--budgets", metavar="LOW:HIGH[:NUM]", help="From where to where, as 1e18:1e24:25.")
    ],
    along: Annotated[
        str, typer.Option(help="compute, spent as well as can be, or the input that grows; A,B where they differ.")
    ] = "compute",
    target: Annotated[
        float | None, typer.Option(help="A response at which to give the ratio of what they need.")
    ] = None,
    fix: o.Fixed = None,
    fix_a: Annotated[list[str] | None, typer.Option("--fix-a", metavar="NAME=VALUE", help="Hold in A alone.")] = None,
    fix_b: Annotated[list[str] | None, typer.Option("--fix-b", metavar="NAME=VALUE", help="Hold in B alone.")] = None,
    bounds: Annotated[
        list[str] | None, typer.Option("--bounds", metavar="NAME=LOW:HIGH", help="Limits of an input along compute.")
    ] = None,
    better: Annotated[str, typer.Option(help="lower for a loss, higher for an accuracy.")] = "lower",
    names: Annotated[str, typer.Option(metavar="A,B", help="What to call them.")] = "A,B",
    paired: Annotated[
        bool | None, typer.Option("--paired/--independent", help="Whether draws go together one by one.")
    ] = None,
    prob: o.Prob = 0.9,
    force: o.Force = False,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Say which of two systems is better at each budget, where they cross, and what one is worth in the other."""
    from lawjax.decisions.systems import compare_systems as compare_both
    from lawjax.laws import PUBLISHED

    shared, *own = (parsing.numbers(given, "--fix", "E=1") for given in (fix, fix_a, fix_b))
    held = tuple(shared | one for one in own) if fix_a or fix_b else shared
    path = tuple(_listed(along))
    found = compare_both(
        *(name if name in PUBLISHED else source_of(name, None) for name in (first, second)),
        _budgets(budgets),
        along=path if len(path) == 2 else along,
        target=target,
        fixed=held,
        bounds=parsing.bounds(bounds) or None,
        better=better,
        names=tuple(_listed(names)),
        paired=paired,
        prob=prob,
        force=force,
    )
    emit(found, as_json=as_json, out=out)


def backtest(
    file: o.File,
    law: Annotated[str, typer.Option(help="The law; several with commas between; or a formula.")] = "chinchilla",
    param_range: o.Ranges = None,
    along: Annotated[
        str | None, typer.Option(help="The column to cut; C (6ND where there is none) for N and D, else the first.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="A column whose values part the table into tables.")] = None,
    estimator: Annotated[
        str, typer.Option(help="student_t, normal, huber, absolute or squared; several with commas between.")
    ] = "student_t",
    cuts: Annotated[int, typer.Option(help="How many cuts.")] = 5,
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
    """Fit the small runs, predict the large ones, and see how far off that was."""
    from lawjax import laws
    from lawjax.checking import backtest as look_back

    runs = read_table(file, Reading(columns, units, where, group, weight))
    names = _listed(law)
    several = len(names) > 1 and all(name in laws.ALL for name in names)
    found = [parsing.law(name) for name in names] if several else parsing.law(law, runs, param_range)
    with step(f"fitting below {cuts} cuts"):
        result = look_back(
            found, runs, along=along, by=by, estimator=_listed(estimator), num_cuts=cuts, prob=prob, key=seed
        )
    emit(result, as_json=as_json, out=out)


def _listed(text: str) -> list[str]:
    """Words between commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def _budgets(text: str) -> Any:
    """Budgets from LOW:HIGH, or from LOW:HIGH:NUM."""
    from lawjax.axes import log_grid

    form = "1e18:1e24:25"
    ends = [parsing.number(part, text, "--budgets", form) for part in text.split(":")]
    if len(ends) not in (2, 3):
        raise InputError(f"cannot read {text!r} in --budgets: write LOW:HIGH or LOW:HIGH:NUM, as in {form}.")
    return ends if len(ends) == 2 else log_grid(ends[0], ends[1], parsing.whole(ends[2], text, "--budgets"))
