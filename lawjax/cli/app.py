"""`main`: the commands together, and how they fail.

Exit status 0 is success, 2 an input that the caller can mend (one message, no traceback), 1 a bug in lawjax.
"""

import re
import sys
from collections.abc import Sequence

import typer

from lawjax.cli import (
    catalogue,
    checking,
    classical,
    deciding,
    designing,
    fitting,
    forecasting,
    laws,
    pages,
    planning,
    priors,
    profiling,
    sampling,
)
from lawjax.errors import InputError, MissingExtraError

app = typer.Typer(
    name="lawjax",
    help="Fit empirical laws such as scaling laws, carry the uncertainty, plan with it. Start with: lawjax demo",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS = (
    pages.demo,
    catalogue.data,
    fitting.fit,
    fitting.bootstrap,
    profiling.profile,
    priors.prior_check,
    sampling.sample,
    classical.isoflop,
    classical.envelope,
    classical.loglog,
    planning.predict,
    checking.compare,
    checking.compare_systems,
    checking.backtest,
    forecasting.forecast,
    planning.allocate,
    planning.sweep,
    designing.identifiability,
    designing.suggest,
    deciding.decide,
    catalogue.simulate,
    pages.report,
)
for _command in COMMANDS:
    app.command()(_command)
app.add_typer(laws.app, name="laws")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: the arguments; those of the process by default.
    Returns:
        The exit status: 0, or 2 where the caller must mend something.
    """
    try:
        typed = sys.argv[1:] if argv is None else list(argv)
        app(args=typed, prog_name="lawjax", obj=typed)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    except (InputError, MissingExtraError, OSError) as error:
        print(f"error: {as_option(str(error))}", file=sys.stderr)  # noqa: T201
        return 2
    return 0


OPTIONS = {"columns": "--columns", "units": "--units", "fixed": "--fix", "bounds": "--bounds", "tied": "--tie"}


def as_option(message: str) -> str:
    """A message of the library in the words of the command line.

    Example:
        >>> as_option('Fix it: fixed={"E": 1.7}, or pass force=True.')
        'Fix it: --fix E=1.7, or pass --force.'
    """
    message = message.replace("Pass force=True", "Pass --force").replace("force=True", "--force")
    for argument, option in OPTIONS.items():
        message = re.sub(rf"\b{argument}={{['\"](\w+)['\"]: ['\"]?([^'\"}}]*)['\"]?}}", rf"{option} \1=\2", message)
        message = message.replace(f"{argument}={{...}}", f"{option} NAME=VALUE")
    return message
