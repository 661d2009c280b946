"""`report`: runs in, one self-contained HTML page out."""

import os
from pathlib import Path
from typing import Any

from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting import Fit
from lawjax.laws import Law
from lawjax.reporting.findings import gather
from lawjax.reporting.headline import headline
from lawjax.reporting.html import render
from lawjax.reporting.sections import sections
from lawjax.storage import write_atomically


def report(
    runs: Runs,
    out: str | os.PathLike[str] = "report.html",
    *,
    law: Law | None = None,
    budget: Any = None,
    fit: Fit | None = None,
    draws: Any = None,
    key: Any = 0,
    title: str | None = None,
    command: str = "",
) -> Path:
    """One HTML file that says what the runs show and what to train next.

    What is not given is computed: the fit, 1000 bootstrap draws, and the plan for ten times the largest run. A fit
    whose verdict is an error gets a page that says so, and no plan.

    Args:
        runs: the runs.
        out: where to write, a .html file; replaced whole.
        law: the law to fit; Chinchilla where the runs have N, D and loss.
        budget: what to plan for [FLOP]: a number or `lj.flops(...)`.
        fit: a fit of these runs, in place of fitting `law`.
        draws: a bootstrap or a posterior of that fit, in place of a bootstrap.
        key: seed of the fit and of the bootstrap.
        title: title of the page.
        command: the command line that made the page, to print in it.
    Returns:
        The path of the file. It loads nothing from anywhere.
    Raises:
        InputError: runs that cannot be fitted, a bad budget, no clear law, or a folder that does not exist.
        MissingExtraError: Matplotlib or Jinja is not installed.
    Example:
        >>> import lawjax as lj, tempfile, pathlib
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=40, noise=0.01, key=0)
        >>> page = lj.report(runs, pathlib.Path(tempfile.mkdtemp()) / "report.html", budget=1e24)
        >>> page.name
        'report.html'
    """
    path = checked_path(out)
    found = gather(runs, law=law, budget=budget, fit_=fit, draws=draws, key=key)
    title = f"{found.law.name} on {Path(runs.origin.source).name}" if title is None else title
    write_atomically(path, render(title, headline(found), sections(found, command)).encode())
    return path


def checked_path(out: str | os.PathLike[str]) -> Path:
    """Where to write, refused before any work is done."""
    path = Path(out)
    if path.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"a report is an HTML file, got {str(path)!r}. Give a name that ends in .html.")
    if not path.parent.is_dir():
        raise InputError(
            f"cannot write {str(path)!r}: the folder {str(path.parent)!r} does not exist. Create it first."
        )
    return path
