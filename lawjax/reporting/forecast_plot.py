"""The figure of a forecast along one input: the runs, the laws, and the band."""

from typing import Any

import numpy as np

from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.forecasting import Forecast
from lawjax.reporting import plots
from lawjax.reporting.plots import ACCENT, INK, MUTED, SHADE, WIDE


def forecast_curve(found: Forecast, runs: Runs) -> str:
    """One figure as SVG text: the runs, the forecast with its band, and each law in proportion to its weight.

    Args:
        found: a forecast at several values of one input.
        runs: the runs that it rests on.
    Raises:
        InputError: a forecast of several inputs, which is no curve.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(D=[1e6, 1e7, 1e8, 1e9, 1e10], loss=[5.0, 4.0, 3.4, 3.0, 2.75])
        >>> forecast_curve(lj.forecast(runs, {"D": [2e10, 5e10, 1e11]}), runs)[:4]
        '<svg'
    """
    if len(found.inputs) != 1:
        raise InputError(f"a forecast of {list(found.inputs)} is no curve; ask for one at values of a single input.")
    ((name, ahead),) = found.inputs.items()
    order = np.argsort(ahead)
    behind, seen = np.asarray(runs[name], dtype=float), np.asarray(runs[found.response], dtype=float)

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", np.concatenate([behind, ahead]))
        axes.fill_between(ahead[order], found.low[order], found.high[order], color=SHADE, alpha=0.3, linewidth=0)
        for weight, middle in zip(found.weights, found.by_law, strict=True):
            axes.plot(ahead[order], middle[order], color=MUTED, linewidth=0.8, alpha=float(0.1 + 0.9 * weight))
        axes.plot(ahead[order], found.median[order], color=ACCENT, linewidth=1.6)
        axes.scatter(behind, seen, s=14, color=INK, linewidths=0, zorder=4)
        title = f"{found.response}: forecast, central {found.prob:.0%} band"
        plots.labels(axes, name, found.response, title)

    return plots.svg("forecast", paint, WIDE)
