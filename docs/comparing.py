"""Prints the figures that docs/comparing.md quotes: python docs/comparing.py FOLDER

FOLDER holds public tables, a folder for each: hoffmann_epoch/chinchilla_fig4.csv, the runs of Hoffmann et al. 2022
digitised by epoch-research/analyzing-chinchilla; porian/optimal_pairs.csv, the optima of
formll/resolving-scaling-law-discrepancies; routing_moe/final_losses_dense_hash_rlr.csv, the runs of
google-deepmind/scaling_laws_for_routing.
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np

import lawjax as lj
from lawjax.decisions.systems.curves import System, responses
from lawjax.decisions.systems.grid import Grid
from lawjax.decisions.systems.meeting import Curves
from lawjax.laws import CHINCHILLA, COUPLED, KAPLAN_ND, POWER_LAW_FLOOR, ROUTED

TARGET = {"N": 7e10, "D": 1.4e12}
LOSSES = ("huber", "absolute", "squared", "student_t")
TRUTHS = dict(E=1.6, A=6.0, alpha=0.30), dict(E=1.5, A=9.0, alpha=0.30)
MEET = (3.0 / 0.1) ** (1 / 0.30)
NUM_PAIRS = 200


def hoffmann(folder: Path) -> lj.Runs:
    """The runs that the published refit used."""
    return lj.read_runs(
        folder / "hoffmann_epoch" / "chinchilla_fig4.csv",
        columns={"N": "params", "D": "tokens", "loss": "loss", "C": "flops"},
        where="used_in_published_fit==1",
    )


def laws(folder: Path) -> Iterator[str]:
    """Three laws on the runs of Hoffmann et al."""
    runs = hoffmann(folder)
    fits = [lj.fit(law, runs) for law in (CHINCHILLA, COUPLED, KAPLAN_ND)]
    yield from repr(lj.compare(fits, at=TARGET)).splitlines()


def losses(folder: Path) -> Iterator[str]:
    """One law with four losses on the same runs."""
    runs = hoffmann(folder)
    fits = [lj.fit(CHINCHILLA, runs, loss=loss) for loss in LOSSES]
    yield from repr(lj.compare(fits, at=TARGET, score="aicc")).splitlines()


def recipe(folder: Path, choice: str) -> lj.Runs:
    """The best loss at each compute of one recipe of Porian et al. 2024 on RefinedWeb."""
    kept = ["file == 'summary_df'", "dataset == 'rw'", "param_count == 'standard'", choice]
    table = folder / "porian" / "optimal_pairs.csv"
    return lj.read_runs(table, columns={"x": "flops", "loss": "loss_opt"}, where=kept)


def recipes(folder: Path) -> Iterator[str]:
    """Tuned hyperparameters at a constant rate against usual ones with a cosine."""
    pair = [
        lj.fit(POWER_LAW_FLOOR, recipe(folder, choice)) for choice in ("hparams == 'tuned'", "decay == 'chinchilla'")
    ]
    budgets = lj.log_grid(1.25e16, 2.56e19, 12)
    found = lj.compare_systems(*pair, budgets, along="x", names=("tuned", "cosine"), target=3.5)
    yield from repr(found).splitlines()


def routed(folder: Path) -> Iterator[str]:
    """Two routers against each other, and 64 experts against none."""
    table = folder / "routing_moe" / "final_losses_dense_hash_rlr.csv"
    columns = {"N": "dense_parameter_count", "E": "num_experts", "loss": "loss_validation"}
    shared = ["routing_frequency == 0.5", "k == 1", "seed == 42"]
    tables = [lj.read_runs(table, columns=columns, where=[*shared, f"router_type != {other!r}"]) for other in ROUTERS]
    learned, hashed = (lj.fit(ROUTED, runs, loss="squared", num_starts=16) for runs in tables)
    sizes = lj.log_grid(2e7, 1.3e9, 5)
    pairs = {
        ("learned", "dense"): (learned, learned, ({"E": 64}, {"E": 1})),
        ("learned", "hashed"): (learned, hashed, {"E": 64}),
    }
    for names, (one, other, fixed) in pairs.items():
        found = lj.compare_systems(one, other, sizes, along="N", fixed=fixed, names=names)
        for row in found.to_frame().itertuples():
            ends = f"{row.gain_low:.2f} to {row.gain_high:.2f}"
            yield f"{names[0]} over {names[1]} at {row.budget:.2e}: gain {row.gain:.2f}, 90 % interval {ends}"


ROUTERS = ("Hash", "RL-R")


def coverage() -> Iterator[str]:
    """How often the interval of a crossover covers the true one."""
    for num in (15, 40):
        for prob in (0.5, 0.9):
            hits = np.mean([_covers(num, prob, index) for index in range(NUM_PAIRS)])
            yield f"{num} runs a system: {prob:.0%} interval covers {hits:.1%} of {NUM_PAIRS} crossovers"


def _covers(num: int, prob: float, index: int) -> bool:
    design = {"x": np.geomspace(1e2, 1e7, num)}
    tables = [
        lj.simulate(POWER_LAW_FLOOR, truth, design, noise=0.01, key=2 * index + side)
        for side, truth in enumerate(TRUTHS)
    ]
    pair = [lj.fit(POWER_LAW_FLOOR, runs, loss="squared", num_starts=8) for runs in tables]
    low, _, high = lj.compare_systems(*pair, (1e2, 1e8), along="x").crossover_interval(prob)
    return low <= MEET <= high


def accuracy() -> Iterator[str]:
    """How far the curves are off half-way between their knots, as a share of the response."""
    for name in ("besiroglu2024", "hoffmann2022", "nezhurina2025-clip-imagenet"):
        draws = lj.draws.as_draws(name)
        system = System("A", draws, "compute" if "N" in draws.law.inputs else "x", lj.SIX_ND, {}, {})
        grid = Grid.around(np.geomspace(1e18, 1e24, 4))
        between = 0.5 * (grid.knots[1:] + grid.knots[:-1])
        with jax.enable_x64(True):
            values, exact = (np.log(responses(system, np.exp(knots)).values) for knots in (grid.knots, between))
        half = 0.5 * np.diff(grid.knots)
        a, b, c, d = Curves.through(grid.knots, values).pieces[:, :, 0]
        off = np.abs(((a * half + b) * half + c) * half + d - exact[:, 0])
        inside = (between > np.log(1e18)) & (between < np.log(1e24))
        yield f"{name}: {off[inside].max():.0e} in the range, {off[~inside].max():.0e} beyond it"


def speed() -> Iterator[str]:
    """Seconds of a call at 4000 draws and 50 budgets, the least of five, compilation apart."""
    generator = np.random.default_rng(0)
    base = dict(lj.laws.published("besiroglu2024").params)
    pair = [
        lj.draws.as_draws({k: v * np.exp(0.01 * generator.standard_normal(4000)) for k, v in base.items()}, CHINCHILLA)
        for _ in range(2)
    ]
    budgets = lj.log_grid(1e18, 1e24, 50)
    ranges = {"N": (1.0, 1e20), "D": (1.0, 1e25)}
    for how, bounds in (("by formula", None), ("by search", ranges)):
        seconds = []
        for _ in range(5):
            began = time.perf_counter()
            lj.compare_systems(*pair, budgets, bounds=bounds)
            seconds.append(time.perf_counter() - began)
        yield f"compute-optimal losses {how}: {min(seconds):.2f} s"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    for part in (laws, losses, recipes, routed):
        print(f"# {part.__name__}", *part(Path(sys.argv[1])), sep="\n")
    for part in (coverage, accuracy, speed):
        print(f"# {part.__name__}", *part(), sep="\n")
