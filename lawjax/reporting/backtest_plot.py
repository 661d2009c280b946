"""The figure of a back-test: how wrong each row was, by how many times beyond the cut it lies."""

import math
from typing import Any

import numpy as np

from lawjax.checking import Backtest
from lawjax.reporting import plots
from lawjax.reporting.plots import ACCENT, MUTED, SHADE, WARM

COLUMNS = 3
CELL = (2.5, 1.9)
"""Width and height of one small figure [inches]."""
SHOWN = 0.98
"""Share of the errors that the common scale holds; what lies beyond is drawn at its edge."""
NUM_PARTS = 8


def errors_by_distance(found: Backtest) -> str:
    """One figure as SVG text: a small one for each law and estimator, all of one scale.

    A point is a predicted row: how many times beyond its cut it lies, and its relative error, dark where the band for a
    new run held it and warm where it did not. The shade is the median band.

    Example:
        >>> import lawjax as lj
        >>> runs = lj.simulate(lj.laws.POWER_LAW, {"A": 20.0, "alpha": 0.1}, num_runs=32, noise=0.01, key=0)
        >>> errors_by_distance(lj.backtest(lj.laws.POWER_LAW, runs))[:4]
        '<svg'
    """
    names = list(dict.fromkeys(found.contender))
    columns = min(COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)

    def paint(axes: Any) -> None:
        figure = axes.figure
        axes.remove()
        cells = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        _draw(cells, found, names)
        figure.supxlabel("times beyond the cut", fontsize=8.5, color=MUTED)
        figure.supylabel("relative error of the prediction", fontsize=8.5, color=MUTED)

    return plots.svg("backtest", paint, (columns * CELL[0] + 0.4, rows * CELL[1] + 0.4))


def _draw(cells: Any, found: Backtest, names: list[str]) -> None:
    top = float(np.quantile(np.abs(found.rows.relative), SHOWN)) * 1.2 or 1.0
    whose = np.asarray(found.contender)[found.case]
    for axes, name in zip(cells, names, strict=False):
        own = whose == name
        distance, relative = found.rows.distance[own], np.clip(found.rows.relative[own], -top, top)
        inside = found.rows.inside[own]
        _shade(axes, found, own)
        axes.axhline(0.0, color=MUTED, linewidth=0.7)
        for which, color in ((inside, ACCENT), (~inside, WARM)):
            axes.scatter(distance[which], relative[which], s=5, color=color, linewidths=0, alpha=0.7)
        plots.log_axis(axes, "x", found.rows.distance)
        axes.set_title(f"{plots.clean(name)}: {inside.mean():.0%} held", loc="left", fontsize=8, color=MUTED, pad=3)
        axes.set_ylim(-top, top)
        plots.few_ticks(axes.yaxis, 3)
    for axes in cells[len(names) :]:
        axes.set_axis_off()


def _shade(axes: Any, found: Backtest, own: np.ndarray) -> None:
    """The median band over even parts of the log distance."""
    distance = found.rows.distance[own]
    edges = np.geomspace(distance.min(), distance.max() * (1 + 1e-9), NUM_PARTS + 1)
    part = np.clip(np.digitize(distance, edges) - 1, 0, NUM_PARTS - 1)
    kept = [index for index in range(NUM_PARTS) if np.any(part == index)]
    middle = [np.exp(np.mean(np.log(distance[part == index]))) for index in kept]
    low, high = (
        [np.median((edge[own] / found.rows.median[own] - 1)[part == index]) for index in kept]
        for edge in (found.rows.low, found.rows.high)
    )
    axes.fill_between(middle, low, high, color=SHADE, alpha=0.2, linewidth=0)
