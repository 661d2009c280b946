"""How fast the best configuration is found, against other software and against what this machine can do at most.

Two grids, float32, in one run: `sum`, N x D under 6ND, where each power of the law depends on one axis, and `both`,
compute x tokens per parameter, where both powers depend on both axes. Everyone looks for the configuration with the
least loss of the law of Besiroglu et al. 2024 under a budget; lawjax keeps the best 100 and checks them in float64.
Rival packages are those of `make bench-rivals`; one that is not installed says so.

    python benchmarks/sweep.py
"""

import os

# Small problems are slower, not faster, on several BLAS threads; NumPy reads this when it loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from typing import Any

import jax.numpy as jnp
import numpy as np
from contenders.ceilings import CEILINGS, THREADS
from contenders.sweepers import BUDGET, ENDS, ask_sweeper, excess
from harness import SMALL, header, wall_and_cpu

import lawjax as lj
from lawjax.sweeps import Space, SweepResult
from lawjax.text import number, table

LARGE, SIDE, SMALLER, FEW = (300, 200, 100, 30) if SMALL else (40_000, 10_000, 2_000, 1_000)
DRAWS = 20 if SMALL else 4000
SOURCE = lj.laws.published("besiroglu2024")
PARAMS = {name: float(value) for name, value in SOURCE.params.items()}
RIVALS = {
    "NumPy, powers": ("numpy_powers", SMALLER, ("both", "sum")),
    "NumPy, exponentials of stored logarithms": ("numpy_exponentials", SIDE, ("both", "sum")),
    "NumPy, a table per axis, by hand": ("numpy_tables", SIDE, ("sum",)),
    "numexpr": ("numexpr", SMALLER, ("both", "sum")),
    "Numba, exponentials, parallel": ("numba", SIDE, ("both", "sum")),
    "polars, lazy cross join": ("polars", SMALLER, ("both", "sum")),
    "jax.numpy, powers and argmin": ("plain_jax", SIDE, ("both", "sum")),
}


def space(grid: str, side: int) -> Space:
    """The space of a grid."""
    first, second = (lj.log_grid(*ends, side) for ends in ENDS[grid])
    if grid == "sum":
        return lj.space(N=first, D=second)
    return lj.space(C=first, ratio=second, N=parameters, D=tokens)


def parameters(C: Any, ratio: Any) -> Any:
    return jnp.sqrt(C / (6 * ratio))


def tokens(C: Any, ratio: Any) -> Any:
    return jnp.sqrt(C * ratio / 6)


def compute(C: Any) -> Any:
    return C


def draws(num: int) -> lj.Draws:
    """Draws with a spread of 2 %."""
    generator = np.random.default_rng(0)
    params = {name: value * np.exp(0.02 * generator.normal(size=num)) for name, value in PARAMS.items()}
    return lj.Draws(law=SOURCE.law, params=params)


def swept(name: str, grid: str, side: int, source: Any = SOURCE, **options: Any) -> list[Any]:
    """A row of the table for lawjax."""
    found: list[SweepResult] = []
    cost: dict[str, Any] = dict(cost=compute) if grid == "both" else {}
    asked: dict[str, Any] = dict(budget=BUDGET, keep=lj.top_k(100), **cost, **options)
    where = space(grid, side)
    cold, warm, cpu = wall_and_cpu(lambda: found.append(lj.sweep(source, where, **asked)))
    way, num = found[-1].method.split(" in ")[0].split(":")[0], 1 if source is SOURCE else len(source)
    above = excess(grid, side, int(found[-1].best["index"]), PARAMS) if num == 1 else np.nan
    return [f"{name}, {way}", grid, side * side, num, cold, warm, cpu, above]


def rival_rows() -> list[list[Any]]:
    """A row for each rival and grid."""
    rows = []
    for name, (rival, side, grids) in RIVALS.items():
        for grid in grids:
            answer = ask_sweeper(rival, grid, side, PARAMS)
            if "note" in answer:
                rows.append([f"{name}: {answer['note']}", grid, side * side, 1, np.nan, np.nan, np.nan, np.nan])
                continue
            above = excess(grid, side, answer["winner"], PARAMS)
            rows.append([name, grid, side * side, 1, answer["cold"], answer["warm"], answer["cpu"], above])
    return rows


def our_rows() -> list[list[Any]]:
    """A row for each way of lawjax, with and without draws."""
    many = draws(DRAWS)
    return [
        swept("lawjax", "both", LARGE, shortcut=False),
        swept("lawjax", "sum", LARGE, shortcut=False),
        swept("lawjax", "both", LARGE),
        swept("lawjax", "sum", LARGE),
        swept("lawjax, mean of draws", "both", FEW, many, shortcut=False),
        swept("lawjax, mean of draws", "sum", FEW, many, shortcut=False),
        swept("lawjax, 0.9 quantile of draws", "both", FEW, many, objective="quantile"),
        swept("lawjax, 0.9 quantile of draws", "sum", FEW, many, objective="quantile"),
        swept("lawjax, 0.9 quantile of draws", "sum", FEW // 10, many, objective="quantile", shortcut=False),
    ]


def ceilings() -> dict[str, float]:
    """What the machine can do at most, the better of what is measured before and after the others."""
    return {name: measure() for name, (_, measure) in CEILINGS.items()}


def fraction(row: list[Any], most: dict[str, float]) -> str:
    """Share of the ceiling: two exponentials a configuration of `both`, an addition and a comparison one of `sum`."""
    name, grid, size, num, _, _, cpu, _ = row
    if "boundary" in name or np.isnan(cpu) or (grid == "sum" and num > 1):
        return "-"
    exponentials = max(most["XLA, exp"], most["NumPy, exp"])
    limit = exponentials / 2 if grid == "both" else most["XLA, add, multiply, compare, minimum"]
    return f"{size * num / (cpu / THREADS) / limit:.0%}"


def shown(name: str, grid: str, size: int, num: int, cold: float, warm: float, cpu: float, _: float) -> list[str]:
    """The cells of a row."""
    if np.isnan(warm):
        return [name, grid, f"{size:,}", str(num), "-", "-", "-", "-"]
    return [name, grid, f"{size:,}", str(num), *(number(value, 3) for value in (cold, warm, cpu, size * num / warm))]


def main() -> None:
    before = ceilings()
    rows = [*rival_rows(), *our_rows()]
    after = ceilings()
    most = {name: max(before[name], after[name]) for name in before}
    print(header("The least loss under a budget, float32"))
    limits = [[name, number(rate, 3), CEILINGS[name][0]] for name, rate in most.items()]
    print(table(["ceiling of two threads, by CPU time", "rate", "unit"], limits), "\n")
    cells = [[*shown(*row), fraction(row, most), "-" if np.isnan(row[7]) else f"{row[7]:.0e}"] for row in rows]
    head = [
        "what",
        "grid",
        "configurations",
        "draws",
        "cold [s]",
        "warm [s]",
        "CPU [s]",
        "evaluations/s",
        "of ceiling",
        "excess",
    ]
    note = (
        "evaluations: configurations x draws that the answer covers, computed or not. warm, CPU: medians, the latter "
        "summed over threads.\nof ceiling, per second of CPU time: of half the exponentials, whoever has more (both), "
        "of sums with comparisons (sum).\n"
        "excess: how far, relative, the loss of the winner lies above the least in float64."
    )
    print(table(head, cells, footer=note))
    wrong = [row[0] for row in rows if row[7] > 1e-6]
    if wrong:
        raise SystemExit(f"not the winner: {wrong}")


if __name__ == "__main__":
    main()
