"""Prints the figures that docs/classical.md quotes: python docs/classical.py"""

from collections.abc import Iterator

import numpy as np

import lawjax as lj
from lawjax.classical import envelope, isoflop, log_log

E, A, ALPHA, B, BETA = 1.69, 406.4, 0.34, 410.7, 0.28
SIZE_EXPONENT = BETA / (ALPHA + BETA)
BUDGETS = np.geomspace(1e18, 1e21, 7)


def loss_of(N: np.ndarray, D: np.ndarray) -> np.ndarray:
    """Chinchilla's law as Hoffmann et al. print it."""
    return E + A * N**-ALPHA + B * D**-BETA


def best_size(C: np.ndarray) -> np.ndarray:
    """Its best size under 6ND = C, in closed form."""
    return (ALPHA * A / (BETA * B)) ** (1 / (ALPHA + BETA)) * (C / 6) ** SIZE_EXPONENT


def profile(width: float, num: int, noise: float = 0.0, seed: int = 0) -> lj.Runs:
    """IsoFLOP curves of that law, each from 1/`width` to `width` times the best size."""
    C = np.repeat(BUDGETS, num)
    N = best_size(C) * np.tile(np.geomspace(1 / width, width, num), len(BUDGETS))
    D = C / (6 * N)
    scatter = np.exp(noise * np.random.default_rng(seed).standard_normal(len(C)))
    return lj.Runs.from_columns(N=N, D=D, loss=loss_of(N, D) * scatter)


def fixed_sizes(low: float, high: float, num: int) -> lj.Runs:
    """The same sizes at every budget."""
    C, N = (column.ravel() for column in np.meshgrid(BUDGETS, np.geomspace(low, high, num), indexing="ij"))
    return lj.Runs.from_columns(N=N, D=C / (6 * N), loss=loss_of(N, C / (6 * N)))


def training(num_sizes: int) -> lj.Runs:
    """Training curves of that law."""
    sizes, tokens = np.geomspace(1e7, 1e10, num_sizes), np.geomspace(1e8, 1e13, 60)
    N, D = (column.ravel() for column in np.meshgrid(sizes, tokens, indexing="ij"))
    return lj.Runs.from_columns(N=N, D=D, loss=loss_of(N, D), group=[f"{size:.0f}" for size in N])


def example() -> Iterator[str]:
    """What an analysis of noisy curves prints."""
    yield from repr(isoflop(profile(4, 7, noise=0.002), key=0)).splitlines()


def biases() -> Iterator[str]:
    """How far the best size is off, by method and by how wide the curves are, without any noise."""
    for width in (2, 4, 20):
        for method in ("parabola", "cubic", "akima"):
            found = isoflop(profile(width, 9), method=method, num_boots=2)
            off = round(found["N"].at(1e20).value / best_size(np.array(1e20)) - 1, 4) + 0.0
            slip = round(found["N"].exponent - SIZE_EXPONENT, 4) + 0.0  # No minus sign before a zero.
            yield f"sizes within {width:2d}x of the best, {method:8s}: size {off:+.2%}, exponent {slip:+.4f}"


def same_sizes() -> Iterator[str]:
    """The bias of the exponent where all budgets share their sizes."""
    for method in ("parabola", "cubic", "akima"):
        found = isoflop(fixed_sizes(1e7, 1e11, 25), method=method, num_boots=2)
        yield f"the same sizes at every budget, {method:8s}: exponent {found['N'].exponent - SIZE_EXPONENT:+.4f}"


def envelopes() -> Iterator[str]:
    """The envelope with and without the bins that the smallest and the largest run win."""
    for keep in (False, True):
        found = envelope(training(40), keep_edges=keep, num_boots=2)
        yield f"envelope, keep_edges={keep}: exponent {found['N'].exponent - SIZE_EXPONENT:+.4f}"


def floors() -> Iterator[str]:
    """What a floor does to a line through logarithms."""
    law = isoflop(profile(2, 9), num_boots=2)["loss"]
    yield f"least loss against compute: exponent {law.exponent:.4f}, {law.verdict.codes[0]}"
    yield f"least loss above the floor: exponent {-ALPHA * BETA / (ALPHA + BETA):.4f}"
    N = np.geomspace(1e7, 1e10, 10)
    for floor in (0.0, E):
        runs = lj.Runs.from_columns(N=N, loss=floor + A * N**-ALPHA)
        law = log_log(runs, x="N", y="loss", num_boots=50)
        yield f"loss against size, floor {floor:.2f}: exponent {law.exponent:.4f}, R^2 {law.r_squared:.4f}"


def coverage(num: int = 400) -> Iterator[str]:
    """How many 90 % intervals of the size's exponent hold it, in simulated studies with 0.2 % noise."""
    for method, points, noise in (
        ("parabola", 5, None), ("parabola", 7, None), ("cubic", 7, None), ("akima", 7, None), ("akima", 7, 0.002),
    ):  # fmt: skip
        held, widths = [], []
        for seed in range(num):
            runs = profile(4, points, noise=0.002, seed=seed)
            low, high = isoflop(runs, method=method, noise=noise, num_boots=300, key=seed)["N"].interval(prob=0.9)
            held.append(low <= SIZE_EXPONENT <= high)
            widths.append(high - low)
        given = "" if noise is None else f", noise={noise}"
        yield f"{method}, {points} sizes{given}: {np.mean(held):.0%} covered, median width {np.median(widths):.3f}"


if __name__ == "__main__":
    for part in (example, biases, same_sizes, envelopes, floors, coverage):
        print(*part(), sep="\n", end="\n\n")
