"""What this machine can do at most, each by a benchmark of its own: exponentials, sums with comparisons, copies."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from harness import SMALL, wall_and_cpu

WIDTH, ROWS, CALLS, COPIED = 4096, 512, 4 if SMALL else 64, 1 << (20 if SMALL else 27)
THREADS, REPEATS = 2, 9
PART = 256


def in_threads(run: Callable[[], Any]) -> float:
    """The least CPU seconds of so many calls, shared by two threads."""
    with ThreadPoolExecutor(THREADS) as pool:
        return least(lambda: list(pool.map(lambda _: run(), range(CALLS)))) / THREADS


def least(run: Callable[[], Any]) -> float:
    """The least CPU seconds of several calls: a ceiling is what was reached once."""
    return min(wall_and_cpu(run, repeats=1)[2] for _ in range(REPEATS))


def _rate(row: Callable[[Any, Any], Any], operations: int) -> float:
    """Operations per second of XLA on rows that stay in the fastest cache, of which the least of each part is kept.

    The better of two orders in which XLA may look for it.
    """
    columns, rows = jnp.linspace(-3.0, 3.0, WIDTH), jnp.linspace(0.0, 1.0, ROWS)
    along = lambda values: values.reshape(-1, PART).min(axis=-1)
    across = lambda values: values.reshape(PART, -1).min(axis=0)
    spent = []
    for reduced_to in (along, across):
        reduced = jax.jit(lambda rows, to=reduced_to: jax.lax.map(lambda one: to(row(one, columns)), rows))
        spent.append(in_threads(lambda reduced=reduced: reduced(rows).block_until_ready()))
    return operations * CALLS * WIDTH * ROWS / min(spent)


def xla_exponentials() -> float:
    """Exponentials per second: two an element, of which the least is kept."""
    return _rate(lambda one, columns: jnp.exp(one * columns) + jnp.exp(one - columns), 2)


def xla_add_compare() -> float:
    """Configurations per second of one addition, one multiplication, one comparison and one minimum each."""
    return _rate(lambda one, columns: jnp.where(one * columns > 0.9, jnp.inf, one + columns), 1)


def numpy_exponentials() -> float:
    """Exponentials per second of NumPy, in place, two threads."""
    values = [np.linspace(-3, 3, WIDTH, dtype=np.float32) for _ in range(CALLS)]

    def run(one: np.ndarray) -> None:
        out = np.empty_like(one)
        for _ in range(ROWS):
            np.exp(one, out=out)

    with ThreadPoolExecutor(THREADS) as pool:
        spent = least(lambda: list(pool.map(run, values))) / THREADS
    return CALLS * WIDTH * ROWS / spent


def copied_bytes() -> float:
    """Bytes per second read and written by a copy beyond all caches, two threads."""
    source = np.ones(COPIED // 4, np.float32)
    target = np.zeros_like(source)
    halves = [slice(0, len(source) // 2), slice(len(source) // 2, None)]

    def run(part: slice) -> None:
        target[part] = source[part]

    with ThreadPoolExecutor(THREADS) as pool:
        spent = least(lambda: list(pool.map(run, halves))) / THREADS
    return 2 * source.nbytes / spent


CEILINGS: dict[str, tuple[str, Callable[[], float]]] = {
    "XLA, exp": ("exponentials/s", xla_exponentials),
    "NumPy, exp": ("exponentials/s", numpy_exponentials),
    "XLA, add, multiply, compare, minimum": ("configurations/s", xla_add_compare),
    "NumPy, copy": ("bytes/s", copied_bytes),
}
