"""The Chinchilla law on the 240 runs of Hoffmann et al.: the global optimum, then bootstraps, against other software.

Everyone minimises the same objective, the summed Huber loss (delta 0.001) of log residuals, in one run on one machine.
Rivals tried from a sample of starts or resamples are scaled up and marked ~. Rival packages are those of
`make bench-rivals`; one that is not installed says so.

    python benchmarks/fitting.py
"""

import os

# Small problems are slower, not faster, on several BLAS threads; NumPy reads this when it loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from contenders import with_lawjax, with_optax, with_scipy
from contenders.ask import ask
from contenders.hoffmann import as_problem, hoffmann
from contenders.outcome import Outcome
from contenders.problem import Problem, coordinates, published_starts, resamples
from harness import SMALL, header

import lawjax as lj
from lawjax.fitting import Fit
from lawjax.text import number, table

NUM_BOOTSTRAPS = 200 if SMALL else 4000
PUBLISHED_ERRORS = dict(A=124.52232, B=1293.28410, E=0.02566, alpha=0.01540, beta=0.02060)
"""Besiroglu et al. 2024, arXiv:2404.10102; digits of the notebook in epoch-research/analyzing-chinchilla."""
PUBLISHED_SEED = 42


def fit_outcomes(runs: lj.Runs, problem: Problem) -> list[Outcome]:
    """The race to the global optimum; lawjax first."""
    import optax

    few, some, many = (4, 4, 8) if SMALL else (20, 64, 300)
    steps, published = 50 if SMALL else 5000, with_scipy.NUM_PUBLISHED
    starts = published_starts(some)
    moved, moved_starts = with_optax.centred(problem, starts)
    ours, grid = with_lawjax.fit, with_scipy.from_published_starts
    cosine = optax.adam(optax.cosine_decay_schedule(0.1, steps))
    lbfgs, adam = with_optax.lbfgs(300), with_optax.adam(steps)
    return [
        ours("lawjax", runs),
        with_lawjax.fit_in_a_fresh_process("lawjax, first call in a fresh process incl. imports"),
        ours("lawjax, optimizer=optax.lbfgs()", runs, 1, optimizer=optax.lbfgs(), max_steps=min(steps, 300)),
        ours(f"lawjax, optimizer=optax.adam(), {steps} steps", runs, 1, optimizer=cosine, max_steps=steps),
        grid("SciPy L-BFGS-B, as published", problem, many, method="L-BFGS-B", gradient=False),
        grid("SciPy L-BFGS-B, analytic gradient", problem, many, method="L-BFGS-B", gradient=True),
        grid("SciPy BFGS, analytic gradient, objective x 1000", problem, many, **with_scipy.BEST),
        with_optax.from_starts("vmap of optax.lbfgs, raw", lbfgs, problem, starts),
        with_optax.from_starts("vmap of optax.lbfgs, centred", lbfgs, moved, moved_starts),
        with_optax.from_starts(f"vmap of optax.adam, {steps} steps, raw", adam, problem, starts),
        with_optax.from_starts(f"vmap of optax.adam, {steps} steps, centred", adam, moved, moved_starts),
        ask("iminuit", "iminuit MIGRAD, analytic gradient, objective x 1000", published, problem, num=many),
        ask("chinchilla", "chinchilla (kyo-takano), BFGS over a grid", published, problem, num=many),
        ask("nlsq", "NLSQ curve_fit, Huber", 64, problem, num=few),
        ask("simple_scaling_laws", "simple-scaling-laws, its own least squares", 1, problem, num_draws=1),
    ]  # fmt: skip


def fit_table(outcomes: Sequence[Outcome]) -> str:
    """Objective, share of starts there, seconds, ratio to lawjax, and seconds until the optimum is nearly sure."""
    best, ours = min(o.reached for o in outcomes), outcomes[0]
    rows = [
        [
            o.name,
            f"{o.reached:.12f}" if np.isfinite(o.reached) else o.note,
            _size(o),
            _percent(o.share(best)),
            _seconds(o.cold),
            _seconds(o.warm),
            _seconds(o.warm / ours.warm),
            _seconds(o.surely(best)),
        ]
        for o in outcomes
    ]
    head = ["contender", "objective", "starts", "at optimum", "cold s", "warm s", "ratio", "s for 99.9 %"]
    notes = (
        "at optimum: share of the starts tried that end within 1e-6 (relative) of the best objective of the table. "
        "~: seconds scaled up from a sample.\ns for 99.9 %: warm seconds of so many starts that one of them is at the "
        "optimum with that probability."
    )
    return table(head, rows, footer=notes)


def bootstrap_outcomes(fitted: Fit, problem: Problem) -> tuple[list[Outcome], np.ndarray]:
    """The race of the bootstraps, and the best objective known of each resample that the rivals tried."""
    num = 10 if SMALL else 200
    weights = resamples(num, len(problem.log_n))
    optimum = coordinates(fitted.params)
    job, scipy = (problem, optimum, weights, NUM_BOOTSTRAPS), with_scipy.refit
    lawjax = with_lawjax.bootstrap("lawjax, pairs", fitted, NUM_BOOTSTRAPS)
    ours = with_lawjax.objectives(problem, lj.bootstrap(fitted, weights=weights).params, weights)
    everyone = [
        dataclasses.replace(lawjax, objectives=ours),
        scipy("SciPy BFGS, analytic gradient, as published", *job, method="BFGS", gradient=True),
        scipy("SciPy BFGS, analytic gradient, objective x 1000", *job, **with_scipy.BEST),
        with_optax.refit("vmap of optax.lbfgs, centred", *job),
        ask(
            "iminuit_refit", "iminuit MIGRAD, analytic gradient, objective x 1000", NUM_BOOTSTRAPS, problem,
            optimum=optimum.tolist(), weights=weights.tolist(),
        ),
    ]  # fmt: skip
    best = np.min([o.objectives for o in everyone if len(o.objectives)], axis=0)
    wild = ask(
        "simple_scaling_laws", "simple-scaling-laws, wild draws of its own least squares", NUM_BOOTSTRAPS, problem,
        num_draws=NUM_BOOTSTRAPS,
    )  # fmt: skip
    return [*everyone, dataclasses.replace(wild, objectives=np.empty(0))], best


def bootstrap_table(outcomes: Sequence[Outcome], best: np.ndarray) -> str:
    """Seconds and ratio to lawjax, and how often each found the best objective of a resample."""
    ours = outcomes[0]
    rows = [
        [
            o.name,
            f"{_size(o)}" if not o.note else o.note,
            _percent(o.share(best)),
            _seconds(o.cold),
            _seconds(o.warm),
            _seconds(o.warm / ours.warm),
        ]
        for o in outcomes
    ]
    notes = (
        f"at optimum: share of {len(best)} resamples, the same for all, whose objective is within 1e-6 (relative) of "
        "the best that anyone found. ~: seconds scaled up from these.\nRivals start once, at the optimum of all runs."
    )
    return table(["contender", "resamples", "at optimum", "cold s", "warm s", "ratio"], rows, footer=notes)


def error_table(fitted: Fit) -> str:
    """Published standard errors beside ours: with our resamples, and with the published ones."""
    draws = lj.bootstrap(fitted, num=NUM_BOOTSTRAPS, key=0)
    theirs = lj.bootstrap(fitted, weights=published_resamples(len(fitted.runs), NUM_BOOTSTRAPS))
    rows = [
        [name, _digits(published), *_beside(published, np.std(draws[name])), *_beside(published, np.std(theirs[name]))]
        for name, published in PUBLISHED_ERRORS.items()
    ]
    head = ["standard error", "published", "ours, key 0", "differs", "ours, published resamples", "differs"]
    return table(head, rows, footer=f"{NUM_BOOTSTRAPS} resamples each.")


def published_resamples(size: int, num: int) -> np.ndarray:
    """Weights of the resamples that the published bootstrap drew, shape (num, size)."""
    state = np.random.RandomState(PUBLISHED_SEED)
    rows = (state.choice(np.arange(size), size, replace=True) for _ in range(num))
    return np.stack([np.bincount(row, minlength=size) for row in rows]).astype(float)


def _beside(published: float, own: Any) -> tuple[str, str]:
    """A number and how much it differs from the published one."""
    return _digits(own), f"{own / published - 1:+.2%}"


def _digits(value: float) -> str:
    return number(value, 5)


def _size(outcome: Outcome) -> str:
    return ("~" if outcome.scaled else "") + str(outcome.size) if outcome.size else "-"


def _percent(share: float) -> str:
    return "-" if np.isnan(share) else f"{share:.1%}"


def _seconds(value: float) -> str:
    return "-" if np.isnan(value) else "never" if np.isinf(value) else number(value, 3)


def main() -> None:
    runs = hoffmann()
    problem = as_problem(runs)
    print(header("Chinchilla law on 240 runs, summed Huber loss (delta 0.001) of log residuals"))
    print(fit_table(fit_outcomes(runs, problem)), "\n")
    fitted = lj.fit(lj.laws.CHINCHILLA, runs)
    print(bootstrap_table(*bootstrap_outcomes(fitted, problem)), "\n")
    print(error_table(fitted))


if __name__ == "__main__":
    main()
