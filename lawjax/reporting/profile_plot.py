"""The figure of a profile: the statistic over the parameter, the threshold, the interval, other minima."""

from typing import Any

import numpy as np

from lawjax.fitting import Profile
from lawjax.reporting import plots
from lawjax.reporting.plots import ACCENT, INK, MUTED, SHADE, WARM, WIDE

ROOM = 2.6
"""Height of the figure in thresholds."""
BY_RATIO = 3.0
"""Values whose largest is this many times the least are shown on a logarithmic axis."""


def profile_curve(found: Profile) -> str:
    """One figure as SVG text: the statistic, its threshold, the interval as a bar, and other minima as open points.

    Example:
        >>> import lawjax as lj
        >>> runs = lj.simulate(lj.laws.POWER_LAW, {"A": 20.0, "alpha": 0.1}, num_runs=32, noise=0.01, key=0)
        >>> profile_curve(lj.profile(lj.fit(lj.laws.POWER_LAW, runs, loss="squared"), "alpha", num=11))[:4]
        '<svg'
    """
    ends = np.clip(found.interval, found.values[0], found.values[-1])
    top = ROOM * found.threshold

    def paint(axes: Any) -> None:
        if found.values[0] > 0 and found.values[-1] > BY_RATIO * found.values[0]:
            plots.log_axis(axes, "x", found.values)
        axes.axvspan(*ends, color=SHADE, alpha=0.15, linewidth=0)
        axes.axhline(found.threshold, color=WARM, linewidth=1.0, linestyle=(0, (4, 3)))
        axes.annotate(
            f"{100 * found.prob:g} %", (1.0, found.threshold), (-2, 3), xycoords=("axes fraction", "data"),
            textcoords="offset points", color=WARM, fontsize=8, ha="right",
        )  # fmt: skip
        axes.plot(found.values, found.statistic, color=ACCENT, linewidth=1.6)
        axes.scatter([found.estimate], [0.0], s=30, color=INK, marker="D", linewidths=0, zorder=4, clip_on=False)
        if found.minima:
            heights = np.interp(found.minima, found.values, found.statistic)
            axes.scatter(found.minima, heights, s=26, facecolors="none", edgecolors=MUTED, linewidths=1.0, zorder=4)
        axes.set_ylim(0.0, top)
        plots.few_ticks(axes.yaxis)
        plots.labels(axes, found.parameter, "statistic", f"{found.law}: profile of {found.parameter}")

    return plots.svg("profile", paint, WIDE)
