"""Runs: the table that laws are fitted to, how it is read, and the gate before a fit."""

from lawjax.data.checks import check_fit
from lawjax.data.reading import read_runs, runs_from_columns, runs_from_frame
from lawjax.data.runs import Basis, Origin, Runs

__all__ = ["Basis", "Origin", "Runs", "check_fit", "read_runs", "runs_from_columns", "runs_from_frame"]
