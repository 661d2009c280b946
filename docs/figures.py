"""Draws the picture of the README from the bundled runs: python docs/figures.py"""

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import lawjax as lj

OUT = Path(__file__).parent / "images" / "bytelm.png"
INK, ACCENT, SHADE = "#1d2730", "#0f6f7c", "#8a949d"


def main() -> None:
    """Fit, resample, plan, and draw both halves."""
    runs = lj.datasets.load("bytelm")
    fit = lj.fit(lj.laws.CHINCHILLA, runs)
    draws = lj.bootstrap(fit, num=1000, key=0)
    figure = Figure(figsize=(9, 3.6), dpi=160, layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_losses(left, runs, fit)
    draw_plans(right, runs, draws)
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    OUT.parent.mkdir(exist_ok=True)
    FigureCanvasAgg(figure).print_png(OUT)


def draw_losses(axes, runs: lj.Runs, fit: "lj.fitting.Fit") -> None:
    """Measured losses against size, one line of the law per token count."""
    counts = np.unique(runs["D"])
    for index, tokens in enumerate(counts):
        share = index / (len(counts) - 1)
        colour = (0.85 - 0.79 * share, 0.62 - 0.18 * share, 0.35 + 0.14 * share)
        here = runs["D"] == tokens
        sizes = np.geomspace(runs["N"].min(), runs["N"][here].max(), 60)
        axes.plot(runs["N"][here], runs["loss"][here], "o", ms=4, color=colour)
        line = lj.predict(fit.point, {"N": sizes, "D": tokens}).median
        axes.plot(sizes, line, lw=1.2, color=colour, label=f"{tokens / 1e6:.1f}M")
    axes.set(xscale="log", xlabel="non-embedding parameters", ylabel="validation loss [nats/byte]")
    axes.set_title(f"{len(runs)} trained models and the fitted law", loc="left", fontsize=9, color=INK)
    axes.legend(title="bytes seen", title_fontsize=7, fontsize=7, frameon=False, labelcolor="linecolor")


def draw_plans(axes, runs: lj.Runs, draws: lj.Draws) -> None:
    """The best size for each budget, with its 90 % interval."""
    budgets = np.geomspace(runs["C"].min(), 100 * runs["C"].max(), 25)
    plan = lj.allocate(draws, [lj.flops(float(budget)) for budget in budgets])
    low, middle, high = np.nanquantile(plan.optima["N"], [0.05, 0.5, 0.95], axis=1)
    axes.fill_between(budgets, low, high, color=ACCENT, alpha=0.2, lw=0)
    axes.plot(budgets, middle, color=ACCENT, lw=1.5)
    axes.axvline(runs["C"].max(), color=SHADE, lw=0.8, ls=":")
    axes.annotate("largest run", (runs["C"].max(), low[0]), fontsize=7, color=SHADE, ha="right", rotation=90)
    axes.set(xscale="log", yscale="log", xlabel="compute [FLOP]", ylabel="best number of parameters")
    axes.set_title("the plan for each budget, 90 % interval", loc="left", fontsize=9, color=INK)


if __name__ == "__main__":
    main()
