"""Which runs to make next: `suggest` against random runs and isoFLOP designs at equal FLOPs, and how fast it is.

For each of three laws, many simulated projects: a few small runs, then the same compute spent in three ways, then a
refit. The error is that of log N_opt at 100 times the largest run that could be made.

    python benchmarks/designs.py
"""

import functools
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from contenders import suggesters
from harness import SMALL, header, seconds

import lawjax as lj
from lawjax import laws
from lawjax.text import number, table

NUM_PROJECTS = 4 if SMALL else 200
NOISE = 0.005
LARGEST = 1e20
"""Compute of the largest run that can be made [FLOP]."""
TARGET = 100 * LARGEST
SIZES, TOKENS = np.geomspace(1e7, 3e9, 18), np.geomspace(2e8, 1e11, 20)
SEED_SIZES, SEED_TOKENS = np.geomspace(1e7, 1e8, 4), np.geomspace(2e8, 2e9, 4)
LINES, PER_LINE = LARGEST * np.array([1 / 16, 1 / 4, 1.0]), 5
"""Budgets of the isoFLOP design, and its sizes on each."""
WIDTH = 4.0
"""Its sizes go from the best one of the first fit divided by this to that times this."""
BUDGET = PER_LINE * LINES.sum()

CASES: dict[laws.Law, dict[str, float]] = {
    laws.CHINCHILLA: {"E": 1.8172, "A": 477.8, "alpha": 0.3473, "B": 2143.4, "beta": 0.3672},
    laws.COUPLED: {"E": 1.7, "A": 2000.0, "alpha": 0.42, "B": 9000.0, "beta": 0.45, "gamma": 0.8},
    laws.KAPLAN_ND: {"N_c": 8.8e13, "alpha_N": 0.076, "D_c": 5.4e13, "alpha_D": 0.095},
}
NUM_DRAWS, NUM_CANDIDATES, FEW_RUNS = (100, 50, 2) if SMALL else (4000, 1000, 5)
Inputs = dict[str, np.ndarray]


class Project(NamedTuple):
    """What one simulated project has when it must choose: its first fit, and random numbers of its own."""

    fit: Any
    generator: np.random.Generator


def grid(sizes: np.ndarray, tokens: np.ndarray) -> Inputs:
    """Every size with every number of tokens."""
    N, D = np.meshgrid(sizes, tokens, indexing="ij")
    return {"N": N.ravel(), "D": D.ravel()}


def offered() -> Inputs:
    """The runs that may be made."""
    every = grid(SIZES, TOKENS)
    small = 6 * every["N"] * every["D"] <= LARGEST
    return {name: column[small] for name, column in every.items()}


def suggested(project: Project, **limits: int) -> Inputs:
    """What `suggest` chooses."""
    return lj.suggest(
        project.fit, offered(), budget=BUDGET, at=lj.flops(TARGET), num_draws=32, force=True, **limits
    ).design


def at_random(project: Project) -> Inputs:
    """Runs drawn from the same candidates, each as likely as any, as long as the next one can be paid."""
    candidates = offered()
    cost = 6 * candidates["N"] * candidates["D"]
    left, chosen = BUDGET, []
    while np.any(cost <= left):
        chosen.append(project.generator.choice(np.flatnonzero(cost <= left)))
        left -= cost[chosen[-1]]
    return {name: column[chosen] for name, column in candidates.items()}


def on_isoflop_lines(project: Project) -> Inputs:
    """A few sizes around the best one on each of three lines of equal compute."""
    best = lj.allocate(project.fit.point, LINES, force=True).inputs["N"]
    N = (best[:, None] * np.geomspace(1 / WIDTH, WIDTH, PER_LINE)).ravel()
    return {"N": N, "D": np.repeat(LINES, PER_LINE) / (6 * N)}


DESIGNS: dict[str, Callable[[Project], Inputs]] = {
    "suggest": suggested,
    "suggest, 64 runs": functools.partial(suggested, max_runs=64, repeats=4),
    "random": at_random,
    "isoFLOP": on_isoflop_lines,
}


def simulated(law: laws.Law, truth: dict[str, float], inputs: Inputs, generator: np.random.Generator) -> lj.Runs:
    """Runs with noise."""
    return lj.simulate(law, truth, inputs, noise=NOISE, key=int(generator.integers(2**31)))


def joined(first: lj.Runs, second: lj.Runs) -> lj.Runs:
    """The rows of both."""
    columns: dict[str, Any] = {name: np.concatenate([first[name], second[name]]) for name in first.columns}
    return lj.Runs.from_columns(**columns)


def fitted(law: laws.Law, truth: dict[str, float], runs: dict[int, lj.Runs]) -> Any:
    """A fit of every table."""
    return lj.fit_each(law, runs, loss="squared", starts=truth, num_starts=3)


def errors(law: laws.Law, truth: dict[str, float], fits: Any) -> np.ndarray:
    """Error of log N_opt at the target in every fit."""
    params = {name: np.array([truth[name], *(fit.params[name] for fit in fits.values())]) for name in law.params}
    best = lj.allocate(lj.Draws(law=law, params=params), TARGET).optima["N"][0]
    return np.log(best[1:] / best[0])


class Outcome(NamedTuple):
    """How one way of choosing did for one law."""

    errors: np.ndarray
    runs: float
    spent: float


def outcomes(law: laws.Law, truth: dict[str, float]) -> dict[str, Outcome]:
    """Every way of choosing, in the same projects."""
    generator = np.random.default_rng(0)
    seeds = {i: simulated(law, truth, grid(SEED_SIZES, SEED_TOKENS), generator) for i in range(NUM_PROJECTS)}
    fits = fitted(law, truth, seeds)
    found = {"nothing": Outcome(errors(law, truth, fits), 0, 0)}
    for name, choose in DESIGNS.items():
        more = {i: choose(Project(fit, np.random.default_rng([1, i]))) for i, fit in fits.items()}
        tables = {i: joined(seeds[i], simulated(law, truth, inputs, generator)) for i, inputs in more.items()}
        spent = np.mean([np.sum(6 * inputs["N"] * inputs["D"]) for inputs in more.values()])
        runs = np.mean([len(inputs["N"]) for inputs in more.values()])
        found[name] = Outcome(errors(law, truth, fitted(law, truth, tables)), float(runs), float(spent))
    return found


def rows(law: laws.Law, found: dict[str, Outcome]) -> list[list[str]]:
    """Lines of the table."""
    median = {name: float(np.median(np.abs(one.errors))) for name, one in found.items()}
    return [
        [law.name, name, number(one.runs, 3), number(one.spent, 3), number(median[name], 3),
         number(float(np.quantile(np.abs(one.errors), 0.9)), 3), number(median[name] / median["random"], 2)]
        for name, one in found.items()
    ]  # fmt: skip


def speed() -> str:
    """Seconds of one call for many draws of many candidates, beside another package's where it is installed."""
    law, truth = next(iter(CASES.items()))
    runs = simulated(law, truth, grid(SEED_SIZES, SEED_TOKENS), np.random.default_rng(0))
    draws = lj.bootstrap(lj.fit(law, runs, loss="squared"), num=NUM_DRAWS, key=0)
    N = np.repeat(np.geomspace(1e7, 3e9, NUM_CANDIDATES // 25), 25)
    candidates = {"N": N, "D": np.tile(np.geomspace(2e8, 1e11, 25), NUM_CANDIDATES // 25)}
    few: dict[str, Any] = {
        "budget": 1e23,
        "at": lj.flops(TARGET),
        "max_runs": FEW_RUNS,
        "num_draws": NUM_DRAWS,
        "noise": NOISE,
    }
    cold, warm = seconds(lambda: lj.suggest(draws, candidates, **few, force=True), repeats=3)
    lines = [["lawjax", f"{len(draws)} x {len(N)}", number(cold, 3), number(warm, 3)]]
    table_of_runs = {name: column.tolist() for name, column in runs.columns.items()}
    size = {"num_draws": NUM_DRAWS, "num_candidates": NUM_CANDIDATES, "num_runs": FEW_RUNS}
    rival = suggesters.ask("simple_scaling_laws", runs=table_of_runs, target=TARGET, **size)
    which = f"{rival.get('num_draws', '')} x {rival.get('num_candidates', '')}"
    lines += [["simple-scaling-laws", which, *(number(rival[name], 3) for name in ("cold", "warm"))]] if rival else []
    title = f"choosing {FEW_RUNS} runs: draws x candidates, seconds of the first call and of later ones"
    return table(["package", "size", "first", "later"], lines, title=title)


def main() -> None:
    """Print the tables."""
    began = time.perf_counter()
    lines = [row for law, truth in CASES.items() for row in rows(law, outcomes(law, truth))]
    headers = ["law", "next runs", "runs", "FLOP", "median |error|", "90 %", "over random"]
    print(header(f"lawjax: error of log N_opt at {TARGET:.0e} FLOP, {NUM_PROJECTS} projects"))
    print(table(headers, lines))
    print(f"{time.perf_counter() - began:.0f} s\n")
    print(speed())


if __name__ == "__main__":
    main()
