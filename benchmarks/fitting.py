"""Job: the Chinchilla law on the 240 Hoffmann runs; the global optimum, then bootstraps.

One table: objective reached, share of starts that reach it, seconds cold and warm, and the ratio to lawjax, all in one
run on one machine. Each rival gets the same objective; SciPy gets the published grid of starts, sampled and scaled up.

    OPENBLAS_NUM_THREADS=1 python benchmarks/fitting.py
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import optax
from harness import SMALL, header, seconds
from scipy.optimize import minimize

import lawjax as lj
from lawjax.laws import CHINCHILLA
from lawjax.text import number, table

GRID = (
    np.arange(0, 30, 5.0),
    np.arange(0, 30, 5.0),
    np.arange(-1, 1.5, 0.5),
    np.arange(0, 2.5, 0.5),
    np.arange(0, 2.5, 0.5),
)
NUM_PUBLISHED_STARTS = 4500
NUM_BOOTSTRAPS = 200 if SMALL else 4000


class Row(NamedTuple):
    """One contender."""

    name: str
    objective: float
    share: float
    cold: float
    warm: float


def load_runs() -> lj.Runs:
    """The 240 runs of the published refit."""
    runs = lj.datasets.fetch("hoffmann2022")
    return runs.take(np.asarray(runs["used_in_published_fit"]) == 1, "among the five highest losses")


def scipy_objective(runs: lj.Runs, *, gradient: bool) -> Callable:
    """Summed Huber loss of log residuals in raw coordinates, with its gradient if asked."""
    log_n, log_d, log_loss = (np.log(np.asarray(runs[name], float)) for name in ("N", "D", "loss"))

    def objective(v: np.ndarray):
        terms = np.stack([v[0] - v[3] * log_n, v[1] - v[4] * log_d, np.full_like(log_n, v[2])])
        top = terms.max(axis=0)
        parts = np.exp(terms - top)
        residual = top + np.log(parts.sum(axis=0)) - log_loss
        size = np.abs(residual)
        inside = np.minimum(size, 1e-3)
        value = float(np.sum(0.5 * inside**2 + 1e-3 * (size - inside)))
        if not gradient:
            return value
        weight = parts / parts.sum(axis=0) * np.clip(residual, -1e-3, 1e-3)
        return value, np.array(
            [weight[0].sum(), weight[1].sum(), weight[2].sum(), -(weight[0] @ log_n), -(weight[1] @ log_d)]
        )

    return objective


def scipy_row(name: str, runs: lj.Runs, best: float, *, gradient: bool) -> Row:
    """SciPy's L-BFGS-B from a sample of the published grid; seconds scaled to all 4500 starts."""
    grid = np.stack(np.meshgrid(*GRID), axis=-1).reshape(-1, 5)
    starts = grid[np.random.default_rng(0).choice(len(grid), 20 if SMALL else 150, replace=False)]
    objective, found = scipy_objective(runs, gradient=gradient), []

    def run() -> None:
        found[:] = [minimize(objective, start, method="L-BFGS-B", jac=gradient or None).fun for start in starts]

    _, warm = seconds(run, repeats=1)
    scale = NUM_PUBLISHED_STARTS / len(starts)
    share = np.mean(np.array(found) <= best * (1 + 1e-6))
    return Row(name, min(found), float(share), warm * scale, warm * scale)


def lawjax_row(name: str, runs: lj.Runs, **choices) -> Row:
    """A lawjax fit with these choices."""
    kept: list[lj.fitting.Fit] = []
    cold, warm = seconds(lambda: kept.append(lj.fit(CHINCHILLA, runs, **choices)), repeats=3)
    return Row(name, kept[-1].objective, kept[-1].agreement, cold, warm)


def fit_table(runs: lj.Runs) -> str:
    """The race to the global optimum."""
    ours = lawjax_row("lawjax, 64 starts", runs)
    best = ours.objective
    rows = [
        ours,
        lawjax_row("Optax L-BFGS in lawjax (centred), 64 starts x 100", runs, optimizer=optax.lbfgs(), max_steps=100),
        lawjax_row(
            "Optax Adam in lawjax (centred), 64 starts x 2000",
            runs,
            optimizer=optax.adam(optax.cosine_decay_schedule(0.1, 2000)),
            max_steps=2000,
        ),
        scipy_row("SciPy L-BFGS-B, 4500 starts, analytic gradient", runs, best, gradient=True),
        scipy_row("SciPy L-BFGS-B, 4500 starts, as published", runs, best, gradient=False),
    ]
    cells = [
        [
            row.name,
            f"{row.objective:.10f}",
            f"{row.share:.0%}",
            number(row.cold, 3),
            number(row.warm, 3),
            number(row.warm / ours.warm, 3),
        ]
        for row in rows
    ]
    return table(["contender", "objective", "starts there", "cold s", "warm s", "ratio"], cells)


def bootstrap_table(runs: lj.Runs) -> str:
    """The race of the bootstraps: SciPy's BFGS with an analytic gradient from the optimum, scaled up from a sample."""
    fit = lj.fit(CHINCHILLA, runs)
    cold, warm = seconds(lambda: lj.bootstrap(fit, num=NUM_BOOTSTRAPS, key=0), repeats=2)
    num = 10 if SMALL else 60
    generator = np.random.default_rng(0)
    tables = [runs.take(generator.integers(0, len(runs), len(runs))) for _ in range(num)]
    p = {name: float(value) for name, value in fit.params.items()}
    start = np.array([np.log(p["A"]), np.log(p["B"]), np.log(p["E"]), p["alpha"], p["beta"]])

    def rival() -> None:
        for resampled in tables:
            minimize(scipy_objective(resampled, gradient=True), start, jac=True, method="BFGS")

    _, theirs = seconds(rival, repeats=1)
    theirs *= NUM_BOOTSTRAPS / num
    rows = [
        [f"lawjax, {NUM_BOOTSTRAPS} resamples", number(cold, 3), number(warm, 3), "1"],
        [
            f"SciPy BFGS, {NUM_BOOTSTRAPS} resamples, one start each",
            number(theirs, 3),
            number(theirs, 3),
            number(theirs / warm, 3),
        ],
    ]
    return table(["contender", "cold s", "warm s", "ratio"], rows)


if __name__ == "__main__":
    table_of_runs = load_runs()
    print(header("Chinchilla law on 240 runs, summed Huber loss (delta 0.001) of log residuals"))
    print(fit_table(table_of_runs))
    print(bootstrap_table(table_of_runs))
