"""Coverage of nominal 90 % intervals: how often they hold the truth, in simulated tables. Prints docs/coverage.md.

Six laws, three designs, two kinds of noise; each row of the table is one quantity in one setting, over many simulated
tables that are fitted and resampled in batches. LAWJAX_FULL=1 takes 1000 tables a setting in place of 300.

    python benchmarks/coverage.py > docs/coverage.md
"""

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from harness import FULL, SMALL

import lawjax as lj
from lawjax import laws

PROB = 0.9
BAND = (0.87, 0.93)
METHODS = ("delta", "percentile", "expanded", "bca")
NUM_TABLES = 4 if SMALL else 1000 if FULL else 300
NUM_RESAMPLES = 19 if SMALL else 199
BATCH = 50
NUM_GROUPS, NUM_CHECKPOINTS = 12, 20
SCALE, OWN_SCALE = 0.01, 0.005
"""Noise in log loss: of a single run, or of what the checkpoints of a run share; and what each adds of its own."""

Params = Any
Quantity = str | Callable[[Params], Any]


class Case(NamedTuple):
    """A law to simulate from: its truth, where its inputs lie, and what is asked of it.

    `between` varies from run to run, `within` from checkpoint to checkpoint; "log" or "linear" says how evenly.
    """

    law: laws.Law
    truth: dict[str, float]
    between: dict[str, tuple[float, float, str]]
    within: dict[str, tuple[float, float, str]]
    quantities: dict[str, Quantity]


def loss_at(law: laws.Law, *inputs: float) -> Callable[[Params], Any]:
    """What the law predicts there."""
    return lambda p: law.fn(*inputs, **p)


def ratio(first: str, second: str) -> Callable[[Params], Any]:
    """The share of one exponent in the sum of two."""
    return lambda p: p[first] / (p[first] + p[second])


def chinchilla_log_size(p: Params) -> Any:
    """Log of the best size for 1e24 FLOPs of 6 N D."""
    scale = jnp.log(p["alpha"] * p["A"] / (p["beta"] * p["B"]))
    return (scale + p["beta"] * jnp.log(1e24 / 6)) / (p["alpha"] + p["beta"])


def kaplan_log_size(p: Params) -> Any:
    """Log of the best size for 1e22 FLOPs: where (N_c / N)^r + 6 N D_c / C is least."""
    r = p["alpha_N"] / p["alpha_D"]
    return (jnp.log(r) + r * jnp.log(p["N_c"]) + jnp.log(1e22 / 6) - jnp.log(p["D_c"])) / (1 + r)


def asked(law: laws.Law, *far: float, **more: Quantity) -> dict[str, Quantity]:
    """Every parameter, the loss far from the runs, and more."""
    place = ", ".join(f"{x:g}" for x in far)
    return {**{name: name for name in law.params}, f"loss at {place}": loss_at(law, *far), **more}


CASES = (
    Case(
        laws.POWER_LAW_FLOOR,
        {"E": 1.5, "A": 60.0, "alpha": 0.3},
        {},
        {"x": (1e4, 1e8, "log")},
        asked(laws.POWER_LAW_FLOOR, 1e9),
    ),
    Case(
        laws.CHINCHILLA,
        {"E": 1.8172, "A": 477.8, "alpha": 0.3473, "B": 2143.4, "beta": 0.3672},
        {"N": (5e7, 1.6e10, "log")},
        {"D": (1e9, 5e11, "log")},
        asked(
            laws.CHINCHILLA, 1e11, 2e12,
            **{"beta / (alpha + beta)": ratio("beta", "alpha")}, log_N_opt=chinchilla_log_size,
        ),
    ),
    Case(
        laws.KAPLAN_ND,
        {"N_c": 8.8e13, "alpha_N": 0.076, "D_c": 5.4e13, "alpha_D": 0.095},
        {"N": (1e6, 1e9, "log")},
        {"D": (2e7, 2e10, "log")},
        asked(
            laws.KAPLAN_ND, 1e10, 2e11,
            **{"alpha_N / (alpha_N + alpha_D)": ratio("alpha_N", "alpha_D")}, log_N_opt=kaplan_log_size,
        ),
    ),
    Case(
        laws.MIXING_SHARE,
        {"c": 2.0, "k": 1.0, "t": -3.0},
        {"r": (0.02, 0.8, "linear")},
        {},
        asked(laws.MIXING_SHARE, 1.0),
    ),
    Case(
        laws.BIT_LEVEL,
        {"E": 1.5, "A": 1000.0, "alpha": 0.4, "G": 50.0, "kappa": -0.05, "rate": 1.5},
        {"N": (1e7, 1e10, "log")},
        {"b": (2.0, 8.0, "linear")},
        asked(laws.BIT_LEVEL, 1e11, 4.0),
    ),
    Case(
        laws.RECTIFIED_HILL,
        {"E": 1.0, "A": 4.0, "beta": 0.4, "c": 9.9},
        {},
        {"D": (1e2, 1e8, "log")},
        asked(laws.RECTIFIED_HILL, 1e9),
    ),
)  # fmt: skip


class Design(NamedTuple):
    """Inputs of every row, and the run each belongs to, or None where rows are runs of their own."""

    inputs: dict[str, np.ndarray]
    group: np.ndarray | None


def spaced(span: tuple[float, float, str], num: int) -> np.ndarray:
    """Even values over a span."""
    low, high, how = span
    return np.geomspace(low, high, num) if how == "log" else np.linspace(low, high, num)


def independent(case: Case, num: int) -> Design:
    """Single runs, each input even over its span, in an order of its own."""
    generator = np.random.default_rng(0)
    spans = {**case.between, **case.within}
    return Design({name: generator.permutation(spaced(spans[name], num)) for name in case.law.inputs}, None)


def clustered(case: Case, num_groups: int) -> Design:
    """Runs read at checkpoints; a law without an input that varies within a run is read that often in one place."""
    rows = {name: np.repeat(spaced(span, num_groups), NUM_CHECKPOINTS) for name, span in case.between.items()}
    rows |= {name: np.tile(spaced(span, NUM_CHECKPOINTS), num_groups) for name, span in case.within.items()}
    return Design(rows, np.repeat(np.arange(num_groups), NUM_CHECKPOINTS))


DESIGNS = {
    "24 runs": lambda case: independent(case, 24),
    "60 runs": lambda case: independent(case, 60),
    "12 runs x 20": lambda case: clustered(case, NUM_GROUPS),
}
NOISES = {
    "normal": ("squared", lambda generator, size: generator.standard_normal(size)),
    "t(3)": ("huber", lambda generator, size: generator.standard_t(3, size)),
}
"""The noise, and the loss it is fitted with."""


def noise_of(design: Design, draw: Callable[..., np.ndarray], generator: np.random.Generator) -> np.ndarray:
    """Noise of one table, in log loss."""
    if design.group is None:
        return SCALE * draw(generator, len(next(iter(design.inputs.values()))))
    return SCALE * draw(generator, NUM_GROUPS)[design.group] + OWN_SCALE * draw(generator, len(design.group))


def tables(case: Case, design: Design, draw: Callable[..., np.ndarray]) -> dict[int, lj.Runs]:
    """The simulated tables of one setting."""
    law = case.law
    clean = np.asarray(lj.simulate(law, case.truth, design.inputs, noise=0.0)[law.response])
    generator = np.random.default_rng(1)
    group = {} if design.group is None else {"group": design.group}
    return {
        index: lj.Runs.from_columns(
            **design.inputs, **{law.response: clean * np.exp(noise_of(design, draw, generator))}, **group
        )
        for index in range(NUM_TABLES)
    }


def covered(case: Case, runs: dict[int, lj.Runs], loss: str) -> dict[str, list[float]]:
    """Share of the tables whose interval holds the truth, for each quantity and method."""
    asked_of = case.quantities.items()
    truth = {name: case.truth[q] if isinstance(q, str) else float(q(case.truth)) for name, q in asked_of}
    hits: dict[str, list[list[bool]]] = {name: [] for name in case.quantities}
    for first in range(0, len(runs), BATCH):
        batch = dict(list(runs.items())[first : first + BATCH])
        fits = lj.fit_each(case.law, batch, loss=loss, starts=case.truth, num_starts=3)
        draws = lj.bootstrap(fits, num=NUM_RESAMPLES, key=first)
        for index, fit in fits.items():
            for name, quantity in asked_of:
                found = [interval_of(fit, quantity, method, draws[index]) for method in METHODS]
                hits[name].append([one.low <= truth[name] <= one.high for one in found])
    return {name: np.mean(rows, axis=0).tolist() for name, rows in hits.items()}


def interval_of(fit: Any, quantity: Quantity, method: str, draws: lj.Draws) -> Any:
    """The interval by one method."""
    return lj.interval(fit, quantity, prob=PROB, method=method, draws=None if method == "delta" else draws)


def settings() -> Iterator[tuple[Case, str, str]]:
    """Every law, design and noise."""
    for case in CASES[:1] if SMALL else CASES:
        for design in DESIGNS:
            for noise in NOISES:
                yield case, design, noise


HEAD = """# Do the intervals cover?

<!-- Written by `make coverage-study`; every figure below comes from that run. -->

How often a nominal {prob:.0%} interval of lawjax holds the truth, over {tables} simulated tables in each setting. An
exact interval would show 0.90 with a standard error of {error:.3f}. Fits of normal noise use squared loss, fits of t(3)
noise the default, Huber's with delta 0.001; both on log residuals with noise of scale {scale}. In the third design 12
runs are read at 20 checkpoints, which share noise of that scale and add half as much of their own. Bootstraps draw
{resamples} resamples, pairs of whole runs. `lj.interval` describes the methods; "delta" is its default.
"""


def head() -> str:
    """What was done."""
    error = float(np.sqrt(PROB * (1 - PROB) / NUM_TABLES))
    return HEAD.format(prob=PROB, tables=NUM_TABLES, error=error, scale=SCALE, resamples=NUM_RESAMPLES)


def summary(found: dict[tuple[str, str], list[list[float]]]) -> Iterator[str]:
    """For each design and noise: lowest, median and highest coverage of each method over laws and quantities."""
    yield "\n## Over all laws and quantities\n"
    yield f"Lowest, median and highest; in brackets the share of quantities from {BAND[0]} to {BAND[1]}.\n"
    yield "| design | noise | " + " | ".join(METHODS) + " |"
    yield "|---|---|" + "---|" * len(METHODS)
    for (design, noise), rows in found.items():
        columns = np.array(rows).T
        cells = [
            f"{column.min():.2f}, {np.median(column):.2f}, {column.max():.2f} "
            f"({np.mean((column >= BAND[0]) & (column <= BAND[1])):.0%})"
            for column in columns
        ]
        yield " | ".join(["| " + design, noise, *cells]) + " |"


def lines() -> Iterator[str]:
    """The page, line by line."""
    yield head()
    yield "## By quantity\n"
    yield "| law | design | noise | quantity | " + " | ".join(METHODS) + " |"
    yield "|---|---|---|---|" + "---|" * len(METHODS)
    found: dict[tuple[str, str], list[list[float]]] = {}
    for case, design, noise in settings():
        began = time.perf_counter()
        loss, draw = NOISES[noise]
        rows = covered(case, tables(case, DESIGNS[design](case), draw), loss)
        for name, shares in rows.items():
            cells = [f"{share:.3f}" for share in shares]
            yield " | ".join([f"| {case.law.name}", design, noise, name, *cells]) + " |"
        found.setdefault((design, noise), []).extend(rows.values())
        print(f"{case.law.name}, {design}, {noise}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
    yield from summary(found)


if __name__ == "__main__":
    for line in lines():
        print(line, flush=True)
