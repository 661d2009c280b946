"""The tables that come with lawjax, read from inside the package."""

import dataclasses
import json
from importlib import resources
from typing import Any

from lawjax.data.reading import read_runs
from lawjax.data.runs import Runs
from lawjax.errors import InputError, choose

BUNDLED = {
    "bytelm": {
        "holds": "small language models trained on bytes with lawjax's own trainer: N, D, C, loss and the recipe",
        "licence": "Apache-2.0",
        "reference": "lawjax",
        "source": "lawjax.simulation.training",
    },
}
COLUMNS = {"N": "params", "D": "tokens", "C": "flops"}
SCALING = {"bytelm": "tokens > 1000000"}
"""Where a table scales as a power law; runs before it are kept in the file and counted as dropped."""


def load(name: str, *, all_runs: bool = False) -> Runs:
    """The runs of a table that comes with lawjax.

    `bytelm`: decoder-only transformers trained on bytes of source code by `lawjax.simulation.training`. `N` is
    parameters without the embedding [count], `params_total` with it; `D` bytes seen [tokens], `unique_tokens` how
    many of them were seen for the first time; `C` training compute [FLOP]; `loss` on held-out text [nats/token],
    where a token is a byte; then the recipe. Runs under a million bytes are left out and counted as dropped: a model
    of any size is then still learning which bytes follow which, and its loss hardly depends on size.

    Args:
        name: a name in `BUNDLED`.
        all_runs: give the early runs too.
    Raises:
        InputError: no such table; a name that `fetch` knows is said so.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.datasets.load("bytelm")
        >>> {"N", "D", "C", "loss"} <= set(runs.columns)
        True
    """
    with resources.as_file(_table(name, "csv")) as path:
        runs = read_runs(path, columns=COLUMNS, where=None if all_runs else SCALING[name])
    return dataclasses.replace(runs, origin=dataclasses.replace(runs.origin, source=name))


def provenance(name: str) -> dict[str, Any]:
    """How a table that comes with lawjax was made: corpus, architecture, recipe, machine and versions.

    Raises:
        InputError: no such table.
    Example:
        >>> import lawjax as lj
        >>> "recipe" in lj.datasets.provenance("bytelm")
        True
    """
    return json.loads(_table(name, "provenance.json").read_text(encoding="utf-8"))


def _table(name: str, suffix: str) -> Any:
    from lawjax.datasets.public import PUBLIC

    if name in PUBLIC:
        raise InputError(f'{name!r} does not come with lawjax; it is downloaded: lawjax.datasets.fetch("{name}").')
    return resources.files("lawjax.datasets") / "tables" / f"{choose('bundled data set', name, BUNDLED)}.{suffix}"
