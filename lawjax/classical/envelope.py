"""The envelope of training curves: at each compute the run of least loss, then power laws through those runs.

`envelope` is the front door: approach 1 of Hoffmann et al. 2022.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from lawjax.classical.columns import MAX_BOOTS, checked_runs, group_codes, log_column, random_numbers
from lawjax.classical.envelope_result import Envelope
from lawjax.classical.estimate import check_prob
from lawjax.classical.power import PowerLaw, power_law
from lawjax.data.runs import Basis, Runs
from lawjax.errors import InputError, check_whole
from lawjax.verdict import Note, Verdict, warning

LEAST_SIZES, FEW_SIZES, FEW_RUNS = 3, 5, 10
MAX_CELLS = 20_000_000
"""Cells of (resample, bin, run) that are held at once."""


class _Curves(NamedTuple):
    """Training curves on one grid of compute.

    Attributes:
        log_compute: centre of each bin, shape (bin,).
        tables: logarithms of "N", "D" (where known) and "loss", shape (bin, run) each, NaN beyond a curve's ends.
        log_size: logarithm of each run's parameters, shape (run,).
        labels: name of each run, shape (run,).
    """

    log_compute: np.ndarray
    tables: dict[str, np.ndarray]
    log_size: np.ndarray
    labels: np.ndarray


def envelope(
    runs: Runs,
    *,
    num_bins: int = 200,
    keep_edges: bool = False,
    loss: str = "loss",
    num_boots: int = 1000,
    prob: float = 0.9,
    key: Any = 0,
) -> Envelope:
    r"""Best size, tokens and loss against compute from training curves: approach 1 of Hoffmann et al.

    Each run's loss is interpolated in logarithms at `num_bins` amounts of compute C; the run that is lowest there
    gives $N^*(C)$, $D^*(C)$ and $L^*(C)$, and lines in logarithms go through those. Whole runs are resampled.

    The smallest run is lowest where compute is least, whatever the optimum, and the largest where it is most. So a bin
    counts only where both a smaller and a larger run were there to lose.

    Args:
        runs: checkpoints of many runs, a group each: `N`, the loss, and `C` [FLOP], or `D` for C = 6ND.
        num_bins: how many amounts of compute, evenly spaced in logarithm over the checkpoints.
        keep_edges: count also bins that the smallest or the largest run wins.
        loss: the column that is minimised.
        num_boots: how many resamples.
        prob: probability of the intervals.
        key: an int or a JAX key.
    Returns:
        An `Envelope`.
    Raises:
        InputError: no groups, a group of several sizes, or too few bins that count.
    References:
        hoffmann2022, section 3.1.
    Example:
        >>> import numpy as np
        >>> import lawjax as lj
        >>> N, D = (grid.ravel() for grid in np.meshgrid(np.geomspace(1e7, 1e9, 12), np.geomspace(1e8, 1e11, 40)))
        >>> runs = lj.Runs.from_columns(N=N, D=D, loss=N**-0.3 + D**-0.3, group=N)
        >>> round(lj.classical.envelope(runs, num_boots=50)["N"].exponent, 2)
        0.5
    """
    check_whole("num_bins", num_bins, LEAST_SIZES, 100_000)
    check_whole("num_boots", num_boots, 2, MAX_BOOTS)
    check_prob(prob)
    runs = checked_runs(runs)
    curves, short = _curves(runs, num_bins, loss)
    whole = np.ones((1, len(curves.labels)), dtype=bool)
    winner, counted = (array[0] for array in _winners(curves, whole, keep_edges))
    _check_counted(curves, winner, counted)
    drawn = _winners(curves, _present(len(curves.labels), num_boots, random_numbers(key)), keep_edges)
    laws = {name: _law_of(name, curves, (winner, counted), drawn, prob, runs.basis) for name in curves.tables}
    notes = _notes(curves, winner[counted], short, keep_edges)
    found = winner >= 0
    return Envelope(
        compute=np.exp(curves.log_compute),
        best={name: np.exp(_at(curves, name, winner)) for name in curves.tables},
        winner=np.where(found, curves.labels[winner], ""),
        counted=counted,
        power_laws=laws,
        prob=prob,
        verdict=sum((law.verdict for law in laws.values()), Verdict(tuple(notes))),
        basis=runs.basis,
    )


def _curves(runs: Runs, num_bins: int, loss: str) -> tuple[_Curves, int]:
    """The curves on a grid of compute, and how many runs have but one checkpoint and so no curve."""
    codes = group_codes(runs)
    if codes is None:
        raise InputError('an envelope needs to know which rows are one run: read the runs with group="...".')
    names = {"N": "N", **({"D": "D"} if "D" in runs else {}), "loss": loss}
    logs = {name: log_column(runs, column) for name, column in names.items()}
    log_compute = log_column(runs, "C")
    _check_sizes(logs["N"], codes)
    grid = np.linspace(log_compute.min(), log_compute.max(), num_bins)
    groups = [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]
    long = [rows for rows in groups if np.ptp(log_compute[rows]) > 0]
    if len(long) < 2:
        raise InputError("an envelope needs at least two runs with two checkpoints or more, at different compute.")
    tables = {
        name: np.stack([_on_grid(grid, log_compute[rows], values[rows]) for rows in long], axis=1)
        for name, values in logs.items()
    }
    names_of = runs.origin.group_labels or np.unique(np.asarray(runs.group)).astype(str)
    labels = np.asarray([str(names_of[codes[rows[0]]]) for rows in long])
    sizes = np.array([logs["N"][rows[0]] for rows in long])
    return _Curves(grid, tables, sizes, labels), len(groups) - len(long)


def _check_sizes(log_size: np.ndarray, codes: np.ndarray) -> None:
    first = log_size[np.unique(codes, return_index=True)[1]]
    off = np.flatnonzero(np.abs(log_size - first[codes]) > 1e-6)
    if len(off):
        raise InputError("runs of one group have different `N`; the group must name the training run, not a family.")


def _on_grid(grid: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A curve at each x of the grid, straight between checkpoints; NaN beyond its ends."""
    order = np.argsort(x, kind="stable")
    return np.interp(grid, x[order], y[order], left=np.nan, right=np.nan)


def _present(num_runs: int, num: int, generator: np.random.Generator) -> np.ndarray:
    """Which runs are in each resample, shape (draw, run): a run drawn twice has the same curve twice."""
    return generator.multinomial(num_runs, np.full(num_runs, 1 / num_runs), size=num) > 0


def _winners(curves: _Curves, present: np.ndarray, keep_edges: bool) -> tuple[np.ndarray, np.ndarray]:
    """Position of the lowest run in each bin (-1 for none) and whether the bin counts, each of shape (draw, bin)."""
    size = max(MAX_CELLS // curves.tables["loss"].size, 1)
    parts = [_lowest(curves, present[i : i + size], keep_edges) for i in range(0, len(present), size)]
    winner, counted = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return winner, counted


def _lowest(curves: _Curves, present: np.ndarray, keep_edges: bool) -> tuple[np.ndarray, np.ndarray]:
    losses = curves.tables["loss"]
    order = np.argsort(losses, axis=1)  # NaN last.
    covered = np.take_along_axis(np.isfinite(losses), order, axis=1)
    there = present[:, order] & covered
    found = np.any(there, axis=2)
    winner = order[np.arange(len(order)), there.argmax(axis=2)]
    if keep_edges:
        return np.where(found, winner, -1), found
    size = curves.log_size[order]
    best = curves.log_size[winner][..., None]
    inner = np.any(there & (size < best), axis=2) & np.any(there & (size > best), axis=2)
    return np.where(found, winner, -1), found & inner


def _at(curves: _Curves, name: str, winner: np.ndarray) -> np.ndarray:
    """A quantity's logarithm on the winning curve in each bin, shape (..., bin); NaN where there is none."""
    values = curves.tables[name][np.arange(len(curves.log_compute)), winner]
    return np.where(winner >= 0, values, np.nan)


def _law_of(
    name: str,
    curves: _Curves,
    seen: tuple[np.ndarray, np.ndarray],
    drawn: tuple[np.ndarray, np.ndarray],
    prob: float,
    basis: Basis,
) -> PowerLaw:
    """The power law through the bins that count, in the runs and in each resample of them."""
    (winner, counted), (winners, all_counted) = seen, drawn
    enough = _num_sizes(curves, winners, all_counted)[:, None] >= LEAST_SIZES
    return power_law(
        ("C", name), curves.log_compute, _at(curves, name, winner), counted.astype(float),
        _at(curves, name, winners), (all_counted & enough).astype(float), prob=prob, basis=basis,
    )  # fmt: skip


def _num_sizes(curves: _Curves, winner: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """How many sizes are lowest in some bin that counts, shape (draw,)."""
    sizes, codes = np.unique(curves.log_size, return_inverse=True)
    won = np.zeros((len(winner), len(sizes)), dtype=bool)
    draw, column = np.nonzero(counted)
    won[draw, codes[winner[draw, column]]] = True
    return won.sum(axis=1)


def _check_counted(curves: _Curves, winner: np.ndarray, counted: np.ndarray) -> None:
    sizes = int(_num_sizes(curves, winner[None], counted[None])[0])
    if sizes < LEAST_SIZES:
        raise InputError(
            f"{sizes} sizes are lowest in a bin of compute that counts; a power law needs {LEAST_SIZES}. Elsewhere the "
            "smallest or the largest run wins. Add sizes, or pass keep_edges=True to count those bins as well."
        )


def _notes(curves: _Curves, winner: np.ndarray, short: int, keep_edges: bool) -> Iterator[Note]:
    if short:
        yield warning("single-checkpoints", f"{short} runs have one checkpoint and so no curve; they are left out.")
    if keep_edges:
        reason = "Bins count although the smallest or the largest run wins them, which bends the power laws."
        yield warning("edges-kept", reason, "Leave keep_edges=False.")
    sizes = len(np.unique(curves.log_size[winner]))
    if sizes < FEW_SIZES:
        reason = f"Only {sizes} sizes are ever lowest inside the range, so the best size is a staircase of few steps."
        yield warning("few-winners", reason, "Add sizes between the smallest and the largest.")
    if len(curves.labels) < FEW_RUNS:
        reason = f"Only {len(curves.labels)} runs were resampled; the intervals are rough."
        yield warning("few-resampled", reason, "Add runs.")
