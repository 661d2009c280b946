"""Prints the figures that docs/bytelm.md quotes: python docs/bytelm_figures.py"""

import numpy as np

import lawjax as lj
from lawjax.laws import CHINCHILLA, COUPLED


def main() -> None:
    """The table's extent, its noise, and how well each law describes it."""
    everything = lj.datasets.load("bytelm", all_runs=True)
    scaling = lj.datasets.load("bytelm")
    print(f"{len(everything)} runs, {everything['C'].sum():.3g} FLOP, {everything['seconds'].sum():.0f} s of training")
    print(f"{len(scaling)} of them in the scaling range; {scaling.rows_dropped} earlier")
    cells = scaling.to_frame().groupby(["N", "D"])["loss"].agg(["mean", "std", "count"])
    repeated = int((cells["count"] >= 3).sum())
    print(f"{repeated} cells with three seeds, pooled seed sd {np.sqrt((cells['std'] ** 2).mean()):.4f} nats")
    print(cells["mean"].unstack("D").round(3).to_string())
    for name, runs in (("scaling range", scaling), ("all runs", everything)):
        for law in (CHINCHILLA, COUPLED):
            fit = lj.fit(law, runs)
            print(
                f"{name}, {law.name}: R^2 (log) {fit.quality['r_squared_log']:.4f}, rmse {fit.quality['rmse_log']:.4f}"
            )
            print("  ", {key: float(f"{float(value):.4g}") for key, value in fit.params.items()}, fit.verdict.codes)


if __name__ == "__main__":
    main()
