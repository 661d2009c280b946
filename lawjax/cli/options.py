"""Arguments and options that several commands share."""

from typing import Annotated

import typer

TABLE_PANEL, SAVE_PANEL = "The table", "Output"

File = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="A table of runs (.csv, .tsv, .jsonl, .parquet), a data set's name, or - for CSV on standard input.",
    ),
]
Source = Annotated[
    str | None, typer.Argument(metavar="SOURCE", help="A saved fit, bootstrap or posterior (.json or .parquet).")
]
Law = Annotated[str, typer.Option("--law", help="Name of the law; `lawjax laws` lists them.")]
LawOrFormula = Annotated[
    str,
    typer.Option(
        "--law",
        metavar="NAME|FORMULA",
        help="Name of a law (`lawjax laws` lists them), or a formula of columns: 'loss = E + A / N**alpha'.",
    ),
]
Ranges = Annotated[
    list[str] | None,
    typer.Option(
        "--param-range",
        metavar="NAME=LOW:HIGH",
        help="Where a parameter of a formula usually lies, as E=0.1:5; repeatable.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--columns",
        metavar="OURS=THEIRS,...",
        help="Names of the table's columns, as N=params,D=tokens.",
        rich_help_panel=TABLE_PANEL,
    ),
]
Units = Annotated[
    list[str] | None,
    typer.Option(
        "--units",
        metavar="NAME=MULTIPLE,...",
        help="The multiple a column is given in, as D=1e9.",
        rich_help_panel=TABLE_PANEL,
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Keep rows for which this holds, as 'loss < 5'; repeatable.",
        rich_help_panel=TABLE_PANEL,
    ),
]
Group = Annotated[
    str | None,
    typer.Option("--group", help="The column that names the run a row belongs to.", rich_help_panel=TABLE_PANEL),
]
Weight = Annotated[
    str | None, typer.Option("--weight", help="The column with the weight of each row.", rich_help_panel=TABLE_PANEL)
]
Published = Annotated[
    str | None, typer.Option("--published", help="Coefficients of a paper in place of SOURCE, as hoffmann2022.")
]
Loss = Annotated[str, typer.Option("--loss", help="huber, absolute, squared, student_t or asymmetric.")]
Delta = Annotated[float, typer.Option("--delta", help="Where Huber turns straight, in the unit of the residual.")]
Residual = Annotated[str | None, typer.Option("--residual", help="log, raw or logit.")]
Rounding = Annotated[
    str | None,
    typer.Option(
        "--rounding",
        metavar="WIDTH|COLUMN",
        help="Width of the interval that was rounded to one response: a number, or the column that holds it.",
    ),
]
Fixed = Annotated[
    list[str] | None, typer.Option("--fix", metavar="NAME=VALUE", help="Hold at a value, as E=1.7; repeatable.")
]
Tied = Annotated[
    list[str] | None,
    typer.Option("--tie", metavar="NAME=OTHER", help="Make one parameter equal another, as beta=alpha."),
]
Starts = Annotated[int, typer.Option("--starts", help="How many starts.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of everything random.")]
Prob = Annotated[float, typer.Option("--prob", help="Probability of intervals.")]
Force = Annotated[bool, typer.Option("--force", help="Go on although a check forbids it.")]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print one JSON object and nothing else on standard output.", rich_help_panel=SAVE_PANEL
    ),
]
Out = Annotated[str | None, typer.Option("--out", help="Save the result to this file.", rich_help_panel=SAVE_PANEL)]
