"""Optima a second: lawjax against two published packages and SciPy's SLSQP, and against what the machine can.

Three problems: Chinchilla's law under 6 N D (closed form); the same law under a cost with an overhead (one dimension
along the budget); four variables under three inequality constraints. A solve is one optimum of one draw at one budget.
lawjax's seconds hold everything that the call gives: every draw's optimum, one plan, intervals, regret, notes.
SLSQP gets analytic gradients, logarithms and a feasible start; it solves a part of the problems, one after another.

    python benchmarks/allocate.py
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from contenders.ask import BENCHMARKS, MOST_SECONDS, interpreter
from contenders.hoffmann import hoffmann
from harness import SMALL, header, once, seconds
from scipy.optimize import minimize

import lawjax as lj
from lawjax.planning.along_budget.closed_form import closed_form
from lawjax.text import number, table

NUM_DRAWS, NUM_BUDGETS = (20, 5) if SMALL else (1000, 1000)
NUM_BOUNDARY, NUM_FOUR, NUM_SCIPY = (4, 2, 4) if SMALL else (200, 20, 200)
OVERHEAD = 2e9
PUBLISHED = lj.laws.published("besiroglu2024")
NAMES = ("E", "A", "B", "alpha", "beta")
FOUR_BOX = {"N": (1e8, 1e12), "D": (1e9, 1e14), "P": (2.0, 16.0), "U": (1e9, 1e13)}
FOUR_LIMITS = (2e10, 2e5)
"""Bytes of weights, and dollars of data."""


class Row(NamedTuple):
    """What one contender did."""

    problem: str
    name: str
    solves: int = 0
    cold: float = np.nan
    warm: float = np.nan
    quality: str = ""


def draws_of(num: int) -> lj.Draws:
    """Parameters about the published ones, as a bootstrap scatters them."""
    noise = np.random.default_rng(0).normal(size=(num, 5))
    params = {name: PUBLISHED.params[name] * np.exp(0.03 * z) for name, z in zip(NAMES, noise.T, strict=True)}
    return lj.Draws(law=PUBLISHED.law, params=params)


def four(N: Any, D: Any, P: Any, U: Any, *, E: Any, A: Any, B: Any, alpha: Any, beta: Any) -> Any:
    """A law of four inputs, made for this table: bits act as a smaller size, fresh tokens weigh more."""
    return E + A * (N * (1 - jnp.exp(-P / 2.7))) ** -alpha + B * (D**0.7 * U**0.3) ** -beta


FOUR = lj.Law(
    four,
    "loss",
    inputs={"N": lj.Variable(kind="count"), "D": lj.Variable(kind="count"), "P": lj.Variable(kind="bits"),
            "U": lj.Variable(kind="count")},
    params={"E": lj.positive(1, 3), "A": lj.positive(1e1, 1e3), "B": lj.positive(1e1, 1e4),
            "alpha": lj.positive(0.1, 1), "beta": lj.positive(0.1, 1)},
)  # fmt: skip
WEIGHTS = lj.Cost(lambda N, P: N * P / 8, unit="byte", name="weights")
DATA = lj.Cost(lambda D, U: 1e-7 * D + 1e-6 * U, unit="USD", name="data")


def overhead(N: Any, D: Any) -> Any:
    """Compute with a part that does not grow with the tokens."""
    return 6 * N * D + OVERHEAD * N


def ask(name: str, **job: Any) -> dict[str, Any]:
    """A published package's answer."""
    done = subprocess.run(
        [interpreter(), "-m", "contenders.planners", name],
        input=json.dumps(job), capture_output=True, text=True, cwd=BENCHMARKS, timeout=MOST_SECONDS,
    )  # fmt: skip
    if done.returncode:
        return {"missing": "failed: " + done.stderr.strip().splitlines()[-1]}
    return json.loads(done.stdout.splitlines()[-1])


def timed(problem: str, name: str, solves: int, run: Callable[[], Any], quality: Callable[[Any], str]) -> Row:
    """A contender of this process."""
    kept: list[Any] = []
    cold, warm = seconds(lambda: kept.append(run()), repeats=3)
    return Row(problem, name, solves, cold, warm, quality(kept[-1]))


def rows_of_closed_form(runs: lj.Runs) -> Iterator[Row]:
    problem, draws, budgets = "6 N D, closed form", draws_of(NUM_DRAWS), np.geomspace(1e18, 1e26, NUM_BUDGETS)
    yield timed(problem, "lawjax", NUM_DRAWS * NUM_BUDGETS, lambda: lj.allocate(draws, budgets), lambda p: p.method)
    bare = lambda: closed_form(draws.law, draws.params, budgets)
    yield timed(problem, "lawjax, the formula alone", NUM_DRAWS * NUM_BUDGETS, bare, lambda _: "N and D alone")
    answer = ask("chinchilla", budgets=budgets.tolist(), params={n: a.tolist() for n, a in draws.params.items()})
    if "missing" in answer:
        yield Row(problem, "chinchilla", quality=f"not installed ({answer['missing']})")
    else:
        point = lj.Draws(law=draws.law, params={n: a[:1] for n, a in draws.params.items()})
        own = lj.allocate(point, answer["amounts"]).inputs["N"]
        off = np.max(np.abs(np.array(answer["sizes"]) / own - 1))
        yield Row(problem, "chinchilla, one draw", answer["solves"], answer["cold"], answer["warm"], f"N off {off:.1e}")
    few = budgets[:: max(1, NUM_BUDGETS // 100)]
    columns = {name: np.asarray(runs[name], float).tolist() for name in ("N", "D", "loss")}
    answer = ask("simple_scaling_laws", budgets=few.tolist(), runs=columns, num_draws=NUM_DRAWS)
    if "missing" in answer:
        yield Row(problem, "simple-scaling-laws", quality=f"not installed ({answer['missing']})")
    else:
        yield Row(problem, "simple-scaling-laws", answer["solves"], answer["cold"], answer["warm"], "quantiles")


def rows_along_a_budget() -> Iterator[Row]:
    problem, draws, budgets = "overhead, one dimension", draws_of(NUM_DRAWS), np.geomspace(1e20, 1e26, NUM_BOUNDARY)
    cost = lj.Cost(overhead, name="with an overhead")
    solves = NUM_DRAWS * NUM_BOUNDARY
    yield timed(problem, "lawjax", solves, lambda: lj.allocate(draws, budgets, cost=cost), along_quality)
    params = {name: array[:NUM_SCIPY] for name, array in draws.params.items()}
    kept: list[np.ndarray] = []
    spent = once(lambda: kept.append(slsqp_along(params, 1e23)))
    own = lj.allocate(lj.Draws(law=draws.law, params=params), 1e23, cost=cost)
    off = np.max(np.abs(kept[0][:, 0] / np.log(own.optima["N"][0]) - 1))
    yield Row(problem, "SciPy SLSQP", NUM_SCIPY, spent, spent, f"log N within {off:.1e}")


def along_quality(plan: Any) -> str:
    """The worst slope of the loss along the budget, per unit of log N, as a share of the loss."""
    p = {name: array[None, :] for name, array in draws_of(NUM_DRAWS).params.items()}
    size, tokens = plan.optima["N"], plan.optima["D"]
    by_size = -p["alpha"] * p["A"] * size ** -p["alpha"]
    by_tokens = -p["beta"] * p["B"] * tokens ** -p["beta"]
    slope = by_size - by_tokens * overhead(size, tokens) / (6 * size * tokens)
    return f"KKT {np.max(np.abs(slope)) / 2:.1e}"


def slsqp_along(params: dict[str, np.ndarray], budget: float) -> np.ndarray:
    """log N and log D of each draw, by SLSQP with analytic gradients."""

    def cost(x: np.ndarray) -> float:
        return np.log(overhead(np.exp(x[0]), np.exp(x[1]))) - np.log(budget)

    def cost_slope(x: np.ndarray) -> np.ndarray:
        tokens = 6 * np.exp(x[1])
        return np.array([1.0, tokens / (tokens + OVERHEAD)])

    limit = {"type": "eq", "fun": cost, "jac": cost_slope}
    found = []
    for e, a, b, alpha, beta in zip(*(params[name] for name in NAMES), strict=True):

        def loss(x: np.ndarray) -> float:
            return e + a * np.exp(-alpha * x[0]) + b * np.exp(-beta * x[1])  # noqa: B023

        def slope(x: np.ndarray) -> np.ndarray:
            return np.array([-alpha * a * np.exp(-alpha * x[0]), -beta * b * np.exp(-beta * x[1])])  # noqa: B023

        start = np.log([np.sqrt(budget / 120), np.sqrt(budget / 0.3)])
        end = minimize(loss, start, jac=slope, constraints=[limit], method="SLSQP", options={"ftol": 1e-14})
        found.append(end.x)
    return np.array(found)


def rows_of_four() -> Iterator[Row]:
    problem, budgets = "4 variables, 3 limits", np.geomspace(1e21, 1e25, NUM_FOUR)
    draws = lj.Draws(law=FOUR, params=draws_of(NUM_DRAWS).params)
    asked = lj.Problem(
        choose=FOUR_BOX,
        minimise="loss",
        subject_to=[
            lj.at_most(lj.costs.training(), budgets),
            lj.at_most(WEIGHTS, FOUR_LIMITS[0]),
            lj.at_most(DATA, FOUR_LIMITS[1]),
        ],
    )
    solves = NUM_DRAWS * NUM_FOUR
    yield timed(problem, "lawjax", solves, lambda: lj.solve(draws, asked), lambda s: f"KKT {s.residual.max():.1e}")
    own = lj.solve(draws, asked)
    place = NUM_FOUR // 2
    kept: list[np.ndarray] = []
    params = {name: array[:NUM_SCIPY] for name, array in draws.params.items()}
    spent = once(lambda: kept.append(slsqp_of_four(params, budgets[place])))
    off = kept[0] - own.optimum[place, :NUM_SCIPY]
    yield Row(problem, "SciPy SLSQP", NUM_SCIPY, spent, spent, f"loss {off.min():+.0e} to {off.max():+.0e} of lawjax's")


def slsqp_of_four(params: dict[str, np.ndarray], budget: float) -> np.ndarray:
    """The least loss of each draw, by SLSQP with analytic gradients, from one start."""
    low, high = np.log(np.array(list(FOUR_BOX.values()))).T

    def room(x: np.ndarray) -> np.ndarray:
        n, d, p, u = np.exp(x)
        return np.log([budget / (6 * n * d), FOUR_LIMITS[0] / (n * p / 8), FOUR_LIMITS[1] / (1e-7 * d + 1e-6 * u)])

    def room_slope(x: np.ndarray) -> np.ndarray:
        share = 1e-7 * np.exp(x[1]) / (1e-7 * np.exp(x[1]) + 1e-6 * np.exp(x[3]))
        return -np.array([[1, 1, 0, 0], [1, 0, 1, 0], [0, share, 0, 1 - share]])

    limit = {"type": "ineq", "fun": room, "jac": room_slope}
    found = []
    for e, a, b, alpha, beta in zip(*(params[name] for name in NAMES), strict=True):

        def loss(x: np.ndarray) -> float:
            kept = 1 - np.exp(-np.exp(x[2]) / 2.7)
            by_size, by_data = np.exp(-alpha * (x[0] + np.log(kept))), np.exp(-beta * (0.7 * x[1] + 0.3 * x[3]))  # noqa: B023
            return e + a * by_size + b * by_data  # noqa: B023

        def slope(x: np.ndarray) -> np.ndarray:
            p = np.exp(x[2])
            kept = 1 - np.exp(-p / 2.7)
            by_size = -alpha * a * np.exp(-alpha * (x[0] + np.log(kept)))  # noqa: B023
            by_data = -beta * b * np.exp(-beta * (0.7 * x[1] + 0.3 * x[3]))  # noqa: B023
            return np.array([by_size, 0.7 * by_data, by_size * np.exp(-p / 2.7) * p / 2.7 / kept, 0.3 * by_data])

        start = np.log([1e9, 1e11, 4.0, 1e10])
        end = minimize(
            loss, start, jac=slope, bounds=list(zip(low, high, strict=True)), constraints=[limit],
            method="SLSQP", options={"ftol": 1e-14, "maxiter": 300},
        )  # fmt: skip
        found.append(end.fun if room(end.x).min() > -1e-8 else np.inf)
    return np.array(found)


def ceilings() -> list[str]:
    """What the machine can at most: exponentials, and bytes moved, in float64."""
    size = 1 << 16 if SMALL else 1 << 23
    with jax.enable_x64(True):
        values = jnp.linspace(0.0, 1.0, size)
        exp = jax.jit(lambda x: jnp.sum(jnp.exp(x)))
        _, spent = seconds(lambda: exp(values).block_until_ready())
        copy = jax.jit(lambda x: x + 1.0)
        _, moved = seconds(lambda: copy(values).block_until_ready())
    rate, bandwidth = size / spent, 16 * size / moved
    return [
        f"measured here, float64: {rate / 1e9:.2f}e9 exponentials a second, {bandwidth / 1e9:.1f}e9 bytes a second",
        "so a closed form that writes N, D and the loss of each solve (24 bytes) and needs 4 exponentials can do at "
        f"most {min(rate / 4, bandwidth / 24):.1e} solves a second",
    ]


def lines() -> Iterator[str]:
    """The table, line by line."""
    yield header(f"Optima a second: {NUM_DRAWS} draws, {NUM_BUDGETS}, {NUM_BOUNDARY} and {NUM_FOUR} budgets")
    rows = [*rows_of_closed_form(hoffmann()), *rows_along_a_budget(), *rows_of_four()]
    best = {row.problem: row.solves / row.warm for row in rows if row.name == "lawjax"}
    cells = [
        [
            row.problem,
            row.name,
            f"{row.solves:,}" if row.solves else "-",
            number(row.cold, 3),
            number(row.warm, 3),
            number(row.solves / row.warm, 3) if row.solves else "-",
            number(best[row.problem] * row.warm / row.solves, 3) if row.solves else "-",
            row.quality,
        ]
        for row in rows
    ]
    yield table(["problem", "", "solves", "s cold", "s warm", "solves/s", "lawjax is x", "how good"], cells)
    yield from ceilings()


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
