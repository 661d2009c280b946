"""Other software at the best configuration of a grid under a budget, float32, each in a process of its own.

Two grids: `sum`, N x D, where each power depends on one axis, under 6ND; and `both`, compute x tokens per parameter,
where N = sqrt(C / 6r) and D = sqrt(Cr / 6), so that both powers depend on both axes, under C.

`python -m contenders.sweepers NAME` reads a job as JSON and prints seconds and the winner's number as JSON.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import once, wall_and_cpu

from contenders.ask import BENCHMARKS, MOST_SECONDS, interpreter

Params = dict[str, float]
Find = Callable[[], int]
BUDGET = 1e24
ENDS = dict(sum=((1e8, 1e12), (1e9, 1e14)), both=((1e20, 1e26), (1.0, 1e3)))


def axes(grid: str, side: int) -> tuple[np.ndarray, np.ndarray]:
    """The two axes in float32."""
    first, second = (np.geomspace(*ends, side).astype(np.float32) for ends in ENDS[grid])
    return first, second


def sizes(grid: str, first: Any, second: Any, sqrt: Any) -> tuple[Any, Any, Any]:
    """Parameters, tokens and compute of configurations."""
    if grid == "sum":
        return first, second, 6 * first * second
    return sqrt(first / (6 * second)), sqrt(first * second / 6), first + 0 * second


def losses(N: Any, D: Any, p: Params) -> Any:
    """The law as it is written."""
    return p["E"] + p["A"] * N ** -p["alpha"] + p["B"] * D ** -p["beta"]


def excess(grid: str, side: int, winner: int, p: Params) -> float:
    """How far, relative, the loss of a winner lies above the least loss of the grid in float64; infinite beyond it."""
    first, second = (np.geomspace(*ends, side) for ends in ENDS[grid])

    def row(i: int) -> np.ndarray:
        N, D, C = sizes(grid, first[i], second, np.sqrt)
        return np.where(C <= BUDGET * (1 + 1e-6), losses(N, D, p), np.inf)

    # The least loss lies near the row of the winner, if that is right; the others are looked at on a coarser grid.
    rows = {*range(max(0, winner // side - 50), min(side, winner // side + 51)), *range(0, side, max(1, side // 300))}
    return float(row(winner // side)[winner % side] / min(row(i).min() for i in sorted(rows)) - 1)


def _by_blocks(side: int, rows: int, loss_of_block: Callable[[int], Any]) -> Find:
    """The least over blocks of rows, one in memory at a time; `loss_of_block` takes the first row of one."""

    def find() -> int:
        best, place = np.inf, -1
        for start in range(0, side, rows):
            loss = loss_of_block(start)
            j = int(loss.argmin())
            if loss[j] < best:
                best, place = loss[j], start * side + j
        return place

    return find


def _by_rows(grid: str, side: int, loss_of_row: Callable[[Any, Any], Any]) -> Find:
    """The least over rows, one row in memory at a time."""
    first, second = axes(grid, side)
    return _by_blocks(side, 1, lambda start: loss_of_row(first[start], second))


def numpy_powers(grid: str, side: int, p: Params) -> Find:
    """NumPy with `**`, row by row."""

    def row(one: Any, second: Any) -> Any:
        N, D, C = sizes(grid, one, second, np.sqrt)
        return np.where(C <= BUDGET, losses(N, D, p), np.float32(np.inf))

    return _by_rows(grid, side, row)


def numpy_exponentials(grid: str, side: int, p: Params) -> Find:
    """NumPy with `exp` of stored logarithms, row by row."""
    E, A, alpha, B, beta = (np.float32(p[name]) for name in ("E", "A", "alpha", "B", "beta"))
    log_second = np.log(axes(grid, side)[1])
    half, log_six = np.float32(0.5), np.float32(np.log(6))

    def row(one: Any, second: Any) -> Any:
        log = np.log(one)
        if grid == "sum":
            log_n, log_d, allowed = log, log_second, 6 * one * second <= BUDGET
        else:
            log_n, log_d, allowed = (
                half * (log - log_six - log_second),
                half * (log - log_six + log_second),
                one <= BUDGET,
            )
        loss = E + A * np.exp(-alpha * log_n) + B * np.exp(-beta * log_d)
        return np.where(allowed, loss, np.float32(np.inf))

    return _by_rows(grid, side, row)


def numpy_tables(grid: str, side: int, p: Params) -> Find:
    """NumPy with one table per axis, made once, where the law is a sum of such."""
    first, second = axes(grid, side)
    of_first = dict(zip(first.tolist(), (p["E"] + p["A"] * first ** -p["alpha"]).astype(np.float32)))
    of_second = (p["B"] * second ** -p["beta"]).astype(np.float32)
    row = lambda one, second: np.where(6 * one * second <= BUDGET, of_first[float(one)] + of_second, np.float32(np.inf))
    return _by_rows(grid, side, row)


def numexpr(grid: str, side: int, p: Params) -> Find:
    """numexpr on blocks of rows, all its threads."""
    import numexpr as ne

    first, second = axes(grid, side)
    scalars = {name: np.float32(value) for name, value in p.items()}
    text = "where({C} <= budget, E + A * {N} ** -alpha + B * {D} ** -beta, inf)"
    names = (
        dict(N="x", D="y", C="6 * x * y")
        if grid == "sum"
        else dict(N="sqrt(x / (6 * y))", D="sqrt(x * y / 6)", C="x + 0 * y")
    )
    rows = max(1, 4_000_000 // side)

    def block(start: int) -> Any:
        here = dict(x=first[start : start + rows, None], y=second[None])
        limits = dict(budget=np.float32(BUDGET), inf=np.float32(np.inf))
        return ne.evaluate(text.format(**names), local_dict={**scalars, **here, **limits}).ravel()

    return _by_blocks(side, rows, block)


def numba(grid: str, side: int, p: Params) -> Find:
    """Numba: loops with `exp` of stored logarithms, rows in parallel, fast mathematics."""
    # Numba looks for the package `coverage`, which the benchmark of that name would stand in for.
    sys.modules["coverage"] = None  # pyright: ignore[reportArgumentType]
    import numba as nb

    first, second = axes(grid, side)
    logs = np.log(first), np.log(second)
    E, A, alpha, B, beta = (np.float32(p[name]) for name in ("E", "A", "alpha", "B", "beta"))
    both, six, half, log_six, most = (
        grid == "both",
        np.float32(6),
        np.float32(0.5),
        np.float32(np.log(6)),
        np.float32(BUDGET),
    )

    @nb.njit(parallel=True, fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})
    def rows(x: Any, y: Any, log_x: Any, log_y: Any, least: Any, where: Any) -> None:
        for i in nb.prange(len(x)):
            best, place = np.float32(np.inf), -1
            for j in range(len(y)):
                cost = x[i] if both else six * x[i] * y[j]
                log_n = half * (log_x[i] - log_six - log_y[j]) if both else log_x[i]
                log_d = half * (log_x[i] - log_six + log_y[j]) if both else log_y[j]
                loss = E + A * np.exp(-alpha * log_n) + B * np.exp(-beta * log_d)
                if cost <= most and loss < best:
                    best, place = loss, j
            least[i], where[i] = best, place

    def find() -> int:
        least, where = np.empty(side, np.float32), np.empty(side, np.int64)
        rows(first, second, *logs, least, where)
        return int(least.argmin()) * side + int(where[least.argmin()])

    return find


def polars(grid: str, side: int, p: Params) -> Find:
    """polars: a lazy cross join, filtered, and its row of the least loss."""
    import polars as pl

    first, second = (pl.Series(name, values) for name, values in zip("xy", axes(grid, side)))
    x, y = pl.col("x"), pl.col("y")
    N, D, C = sizes(grid, x, y, lambda value: value.sqrt())
    left, right = (pl.LazyFrame([column]).with_row_index(f"at_{column.name}") for column in (first, second))
    asked = left.join(right, how="cross").filter(C <= BUDGET).with_columns(loss=losses(N, D, p))

    def find() -> int:
        row = asked.bottom_k(1, by="loss").collect(engine="streaming")
        return int(row["at_x"][0]) * side + int(row["at_y"][0])

    return find


def plain_jax(grid: str, side: int, p: Params) -> Find:
    """`jax.numpy` as one would write it first: powers on the whole grid, and one `argmin`."""
    import jax
    import jax.numpy as jnp

    first, second = (jnp.asarray(axis) for axis in axes(grid, side))

    @jax.jit
    def best(x: Any, y: Any) -> Any:
        N, D, C = sizes(grid, x[:, None], y[None, :], jnp.sqrt)
        return jnp.argmin(jnp.where(C <= BUDGET, losses(N, D, p), jnp.inf))

    return lambda: int(best(first, second))


NAMES = dict(
    numpy_powers=numpy_powers, numpy_exponentials=numpy_exponentials, numpy_tables=numpy_tables, numexpr=numexpr,
    numba=numba, polars=polars, plain_jax=plain_jax,
)  # fmt: skip


def ask_sweeper(rival: str, grid: str, side: int, params: Params, repeats: int = 3) -> dict[str, Any]:
    """Seconds of the first call and of later ones, and the winner's number; or why there is none."""
    python = sys.executable if rival == "plain_jax" else interpreter()
    job = json.dumps(dict(grid=grid, side=side, params=params, repeats=repeats))
    try:
        done = subprocess.run(
            [python, "-m", "contenders.sweepers", rival],
            input=job, capture_output=True, text=True, cwd=BENCHMARKS, timeout=MOST_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return dict(note=f"stopped after {MOST_SECONDS} s")
    if done.returncode:
        return dict(note="failed: " + done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout.splitlines()[-1])


def _answer(rival: str, job: dict[str, Any]) -> dict[str, Any]:
    found: list[int] = []
    try:
        made: list[Find] = []
        setup = once(lambda: made.append(NAMES[rival](job["grid"], job["side"], job["params"])))
        cold, warm, cpu = wall_and_cpu(lambda: found.append(made[0]()), job["repeats"])
    except ModuleNotFoundError as error:
        return dict(note=f"not installed ({error.name})")
    return dict(cold=setup + cold, warm=warm, cpu=cpu, winner=found[-1])


if __name__ == "__main__":
    print(json.dumps(_answer(sys.argv[1], json.loads(sys.stdin.read()))))
