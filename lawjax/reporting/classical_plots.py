"""The figure of an isoFLOP analysis: a curve per budget, the minima, and the power laws through them."""

from typing import Any

import numpy as np

from lawjax.classical import IsoFlop
from lawjax.reporting import plots
from lawjax.reporting.plots import INK, POINT_SIZE, WARM, WIDE
from lawjax.reporting.words import power_of_ten

AXIS_LABELS = {"N": "model size N [parameters]", "D": "training tokens D [tokens]"}
PATH_POINTS = 60


def isoflop_curves(found: IsoFlop) -> str:
    """One figure as SVG text: the curve of each budget with its points, the minima, and the power laws as a path.

    The path joins best size and least loss, both from their power laws. Budgets without an inner minimum are hollow.

    Example:
        >>> import numpy as np
        >>> import lawjax as lj
        >>> C, ratio = (grid.ravel() for grid in np.meshgrid([1e18, 1e19, 1e20], [0.25, 0.5, 1.0, 2.0, 4.0]))
        >>> loss = 30 * C**-0.05 + 0.02 * np.log(ratio) ** 2
        >>> runs = lj.Runs.from_columns(C=C, N=0.1 * C**0.5 * ratio, loss=loss)
        >>> isoflop_curves(lj.classical.isoflop(runs, num_boots=20))[:4]
        '<svg'
    """
    shares = np.linspace(0, 1, len(found.curves))

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", np.concatenate([curve.sizes for curve in found.curves]))
        for share, curve in zip(shares, found.curves, strict=True):
            color = plots.ramp(share)
            axes.plot(*curve.line, color=color, linewidth=1.4)
            face = color if curve.ok else "none"
            axes.scatter(curve.sizes, curve.losses, s=POINT_SIZE, facecolors=face, edgecolors=color, linewidths=0.8)
            last = np.argmax(curve.sizes)
            axes.annotate(
                power_of_ten(curve.budget, 2), (curve.sizes[last], curve.losses[last]), (6, 0),
                textcoords="offset points", color=color, fontsize=8, va="center", annotation_clip=False,
            )  # fmt: skip
        usable = [curve for curve in found.curves if curve.ok]
        compute = np.geomspace(usable[0].budget, usable[-1].budget, PATH_POINTS)
        path = found[found.along].at(compute).value, found["loss"].at(compute).value
        axes.plot(*path, color=WARM, linewidth=1.2, linestyle=(0, (4, 3)))
        best = [curve.best[found.along] for curve in usable], [curve.best["loss"] for curve in usable]
        axes.scatter(*best, s=30, color=INK, marker="D", linewidths=0, zorder=4)
        plots.few_ticks(axes.yaxis, 6)
        plots.labels(axes, AXIS_LABELS[found.along], "loss")

    return plots.svg("isoflop-curves", paint, WIDE)
