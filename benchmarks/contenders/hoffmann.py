"""The 240 runs that every benchmark of fits uses, once as lawjax reads them and once as its rivals do."""

import numpy as np

import lawjax as lj
from contenders.problem import Problem

READ = """
import lawjax as lj
runs = lj.datasets.fetch("hoffmann2022")
runs = runs.take(runs["used_in_published_fit"] == 1, "among the five highest losses")
"""
"""The same in a fresh process."""


def hoffmann() -> lj.Runs:
    """The 240 runs of the published refit."""
    runs = lj.datasets.fetch("hoffmann2022")
    return runs.take(np.asarray(runs["used_in_published_fit"]) == 1, "among the five highest losses")


def as_problem(runs: lj.Runs) -> Problem:
    """What the rivals are given."""
    return Problem.of(runs["N"], runs["D"], runs["loss"])
