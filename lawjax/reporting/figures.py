"""The figures of a report, each one axes: arrays in, SVG out."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from lawjax.reporting import plots
from lawjax.reporting.plots import ACCENT, HAIR, INK, MUTED, POINT_SIZE, SHADE, WARM, WIDE
from lawjax.reporting.words import plain, power_of_ten, short_count

MAX_POINTS = 4000
"""Of more points than this an even share is drawn, so that a page stays light."""
NUM_BINS = 30


class Band(NamedTuple):
    """A curve with its band, each shape (point,)."""

    x: np.ndarray
    middle: np.ndarray
    low: np.ndarray
    high: np.ndarray


class IsoFlop(NamedTuple):
    """The law along one budget: its curve, the runs near it, and its optimum."""

    budget: float
    sizes: np.ndarray
    losses: np.ndarray
    run_sizes: np.ndarray
    run_losses: np.ndarray
    best_size: float
    best_loss: float


def thinned(*columns: np.ndarray) -> list[np.ndarray]:
    """An even share of the rows, at most `MAX_POINTS`."""
    step = max(-(-len(columns[0]) // MAX_POINTS), 1)
    return [column[::step] for column in columns]


def design(x: np.ndarray, y: np.ndarray, response: np.ndarray, names: tuple[str, str, str]) -> str:
    """Where the runs lie in two inputs, coloured by the response."""
    x, y, response = thinned(x, y, response)

    def paint(axes: Any) -> None:
        mapped = plots.mapped(response)
        axes.scatter(x, y, c=mapped.to_rgba(response), s=POINT_SIZE, linewidths=0)
        plots.log_axis(axes, "x", x)
        plots.log_axis(axes, "y", y)
        bar = axes.figure.colorbar(mapped, ax=axes, aspect=30, pad=0.02)
        bar.outline.set_visible(False)
        bar.set_label(plots.clean(names[2]))
        plots.few_ticks(bar.ax.yaxis)
        # Without edges of their own colour its steps show hairlines between them.
        bar.solids.set_edgecolor("face")
        bar.solids.set_rasterized(False)
        plots.labels(axes, names[0], names[1])

    return plots.svg("design", paint, WIDE)


def curve(band: Band, x: np.ndarray, y: np.ndarray, names: tuple[str, str]) -> str:
    """A law of one input with its band, over the runs; beyond them is shaded."""
    x, y = thinned(x, y)

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", band.x)
        _shade_beyond(axes, x.max(), band.x)
        axes.fill_between(band.x, band.low, band.high, color=ACCENT, alpha=0.18, linewidth=0)
        axes.plot(band.x, band.middle, color=ACCENT, linewidth=1.6)
        axes.scatter(x, y, s=POINT_SIZE, color=WARM, linewidths=0, zorder=3)
        plots.few_ticks(axes.yaxis)
        plots.labels(axes, *names)

    return plots.svg("curve", paint, WIDE)


def agreement(observed: np.ndarray, predicted: np.ndarray, name: str) -> str:
    """Observed against predicted, with the line where they are equal."""
    observed, predicted = thinned(observed, predicted)
    ends = np.array([min(observed.min(), predicted.min()), max(observed.max(), predicted.max())])

    def paint(axes: Any) -> None:
        axes.plot(ends, ends, color=SHADE, linewidth=0.9)
        axes.scatter(predicted, observed, s=POINT_SIZE * 0.8, color=ACCENT, alpha=0.65, linewidths=0)
        plots.few_ticks(axes.xaxis)
        plots.few_ticks(axes.yaxis)
        plots.labels(axes, f"predicted {name}", f"observed {name}")

    return plots.svg("agreement", paint)


def residuals(
    x: np.ndarray, residual: np.ndarray, names: tuple[str, str], *, power: bool = False, number: int = 0
) -> str:
    """Residuals against something they should not depend on, with a running median."""
    x, residual = thinned(x, residual)

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", x, power=power)
        axes.axhline(0, color=SHADE, linewidth=0.9)
        axes.scatter(x, residual, s=POINT_SIZE * 0.8, color=ACCENT, alpha=0.65, linewidths=0)
        axes.plot(*running_median(x, residual), color=WARM, linewidth=1.6)
        plots.few_ticks(axes.yaxis)
        plots.labels(axes, *names)

    return plots.svg(f"residuals-{number}", paint)


def running_median(x: np.ndarray, y: np.ndarray, parts: int = 8) -> tuple[np.ndarray, np.ndarray]:
    """Medians of x and y over consecutive parts of the rows in order of x."""
    chunks = np.array_split(np.argsort(x, kind="stable"), min(parts, max(len(x) // 4, 1)))
    return np.array([np.median(x[c]) for c in chunks]), np.array([np.median(y[c]) for c in chunks])


def isoflops(curves: Sequence[IsoFlop], names: tuple[str, str]) -> str:
    """Loss along each budget, the runs near it, and the optimum of each."""
    shares = np.linspace(0, 1, len(curves))

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", np.concatenate([curve.sizes for curve in curves]))
        for share, iso in zip(shares, curves, strict=True):
            color = plots.ramp(share)
            axes.plot(iso.sizes, iso.losses, color=color, linewidth=1.4)
            axes.scatter(iso.run_sizes, iso.run_losses, s=POINT_SIZE * 0.8, color=color, alpha=0.75, linewidths=0)
            axes.annotate(
                power_of_ten(iso.budget, 2), (iso.sizes[-1], iso.losses[-1]), (4, 0),
                textcoords="offset points", color=color, fontsize=8, va="center", annotation_clip=False,
            )  # fmt: skip
        best = [iso.best_size for iso in curves], [iso.best_loss for iso in curves]
        axes.plot(*best, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.scatter(*best, s=30, color=INK, marker="D", linewidths=0, zorder=4)
        plots.few_ticks(axes.yaxis, 6)
        plots.labels(axes, *names)

    return plots.svg("isoflops", paint, WIDE)


def histogram(name: str, values: np.ndarray, interval: tuple[float, float], estimate: float, *, number: int) -> str:
    """How a parameter scatters over the draws, its interval and its estimate."""
    values = values[np.isfinite(values)]
    low, high = np.quantile(values, [0.005, 0.995])
    spread = low > 0 and high / low > 8
    edges = np.geomspace(low, high, NUM_BINS) if spread else np.linspace(low, high, NUM_BINS)

    def paint(axes: Any) -> None:
        if spread:
            plots.log_axis(axes, "x", edges)
        axes.hist(values, bins=edges, color=ACCENT, alpha=0.35, linewidth=0)
        axes.axvline(estimate, color=WARM, linewidth=1.4)
        axes.plot(interval, [0, 0], color=ACCENT, linewidth=4, solid_capstyle="butt", clip_on=False)
        axes.set_yticks([])
        axes.grid(False)
        axes.spines["left"].set_visible(False)
        if not spread:
            plots.few_ticks(axes.xaxis, 4)
        plots.labels(axes, name, "")

    return plots.svg(f"draws-{number}", paint, plots.LOW)


def path(
    band: Band, observed_to: float, planned: tuple[float, float] | None, names: tuple[str, str], *, number: int
) -> str:
    """What the best choice is at each amount of compute, with its band; beyond the runs is shaded."""

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", band.x, power=True)
        plots.log_axis(axes, "y", np.concatenate([band.low, band.high]))
        _shade_beyond(axes, observed_to, band.x, label_at=0)
        axes.fill_between(band.x, band.low, band.high, color=ACCENT, alpha=0.18, linewidth=0)
        axes.plot(band.x, band.middle, color=ACCENT, linewidth=1.6)
        if planned is not None:
            _mark(axes, planned, short_count, (-7, 0))
        plots.labels(axes, *names)

    return plots.svg(f"path-{number}", paint)


def payoff(band: Band, observed_to: float, planned: tuple[float, float] | None, names: tuple[str, str]) -> str:
    """The least loss at each amount of compute, with its band; beyond the runs is shaded."""

    def paint(axes: Any) -> None:
        plots.log_axis(axes, "x", band.x, power=True)
        _shade_beyond(axes, observed_to, band.x)
        axes.fill_between(band.x, band.low, band.high, color=ACCENT, alpha=0.18, linewidth=0)
        axes.plot(band.x, band.middle, color=ACCENT, linewidth=1.6)
        if planned is not None:
            _mark(axes, planned, lambda value: plain(value, 4), (4, 14))
        plots.few_ticks(axes.yaxis)
        plots.labels(axes, *names)

    return plots.svg("payoff", paint)


def _mark(axes: Any, point: tuple[float, float], form: Callable[[float], str], offset: tuple[int, int]) -> None:
    """The plan, with its value so many points off."""
    axes.scatter(*point, s=34, color=WARM, marker="D", linewidths=0, zorder=4)
    axes.annotate(
        form(point[1]), point, offset, textcoords="offset points", color=WARM, fontsize=9, ha="right", va="bottom"
    )


def _shade_beyond(axes: Any, observed_to: float, x: np.ndarray, label_at: int = 1) -> None:
    """Shade what lies beyond the runs and say so, at the top (1) or the bottom (0): where the curve is not."""
    start, end = float(x.min()), float(x.max())
    axes.set_xlim(start, end)
    if not start <= observed_to < end:
        return
    axes.axvspan(observed_to, end, color=HAIR, alpha=0.55, linewidth=0, zorder=0)
    axes.annotate(
        "beyond the runs", (end, label_at), (-4, 4 - 8 * label_at), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=MUTED, fontsize=7.5, ha="right", va="top" if label_at else "bottom",
    )  # fmt: skip
