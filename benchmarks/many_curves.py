"""The rectified law on 90 fine-tuning curves, all in one call: fits, then bootstraps of every fit.

Data and published errors: Lin et al. 2024, arXiv:2402.02314. Least squares of log loss, as the authors fit. SciPy, at
its best settings, refits a sample of the resamples, from the optimum of each curve; its seconds are scaled up.

    python benchmarks/many_curves.py
"""

import os

# Small problems are slower, not faster, on several BLAS threads; NumPy reads this when it loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from typing import Any

import numpy as np
from contenders.curves import Curve, coordinates
from contenders.outcome import SAME, Outcome, scaled_up
from contenders.problem import resamples
from harness import SMALL, header, once, seconds

import lawjax as lj
from lawjax.fitting import Status
from lawjax.text import number, table

NUM_CURVES, NUM_RESAMPLES, NUM_TRIED = (4, 20, 3) if SMALL else (90, 100, 10)
PUBLISHED_ERROR = 0.007970
"""Mean over the curves of the root mean square error of log loss in the authors' `results/rmsd.csv`."""


def load_curves() -> lj.Runs:
    """The curves, one group each, without the loss before fine-tuning, which need not lie on the curve."""
    runs = lj.datasets.fetch("rectified_sft")
    first = np.unique(np.asarray(runs.group))[:NUM_CURVES]
    return runs.take((np.asarray(runs["D"]) > 0) & np.isin(runs.group, first), "before fine-tuning")


def fit_row(runs: lj.Runs) -> tuple[Any, list[str]]:
    """The fits, and their row of the table."""
    found: list[Any] = []
    job = dict(by="group", loss="squared", residual="log")
    cold, warm = seconds(lambda: found.append(lj.fit_each(lj.laws.RECTIFIED_HILL, runs, **job)), repeats=2)
    errors = [np.sqrt(np.mean(np.asarray(fit.residuals) ** 2)) for fit in found[-1].values()]
    name = f"lj.fit_each: {len(errors)} curves, mean error {np.mean(errors):.6f} (published {PUBLISHED_ERROR:.6f})"
    return found[-1], [name, "-", number(cold, 3), number(warm, 3), "-"]


def bootstrap_rows(fits: Any) -> tuple[list[list[str]], str]:
    """lawjax is timed on all resamples, SciPy on a few of each curve; these few judge both, in the footer too."""
    size = len(fits) * NUM_RESAMPLES
    cold, warm = seconds(lambda: lj.bootstrap(fits, num=NUM_RESAMPLES, key=0), repeats=2)
    ours: list[float] = []
    theirs: list[float] = []
    done: list[bool] = []
    spent = 0.0
    for index, fit in enumerate(fits.values()):
        weights, start = resamples(NUM_TRIED, len(fit.runs), seed=index), coordinates(fit.params)
        curve = Curve(np.log(fit.runs["D"]), np.log(fit.runs["loss"]))
        draws = lj.bootstrap(fit, weights=weights)
        ours.extend(curve.costs(coordinates(draws.params), weights))
        done.extend(np.asarray(draws.status) == Status.CONVERGED)
        spent += once(lambda c=curve, s=start, w=weights: theirs.extend(c.solve(s, row) for row in w))
    best = np.minimum(ours, theirs)
    outcomes = [
        Outcome(
            name="lj.bootstrap of all curves in one call", size=size, objectives=np.array(ours), cold=cold, warm=warm
        ),
        scaled_up("SciPy least_squares (MINPACK), analytic Jacobian, one by one", size, np.array(theirs), spent, spent),
    ]
    good = np.array(ours)[done] <= best[done] * (1 + SAME)
    footer = (
        f"at optimum: within {SAME:g} (relative) of the best of both, on {len(best)} resamples. lawjax says that "
        f"{np.mean(done):.1%} of them converged, of which {np.mean(good):.1%} are at the optimum. Many optima are at "
        "infinity, where the law is a pure power law."
    )
    rows = [
        [o.name, f"{o.share(best):.1%}", number(o.cold, 3), number(o.warm, 3), number(o.warm / warm, 3)]
        for o in outcomes
    ]
    return rows, footer


def main() -> None:
    fits, row = fit_row(load_curves())
    rows, footer = bootstrap_rows(fits)
    title = f"Rectified law: {len(fits)} curves, {NUM_RESAMPLES} resamples each, least squares of log loss, lawjax"
    print(header(title))
    print(table(["what", "at optimum", "cold s", "warm s", "ratio"], [row, *rows], footer=footer))


if __name__ == "__main__":
    main()
