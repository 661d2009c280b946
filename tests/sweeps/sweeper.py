"""A long sweep that tests run here and in processes that they kill.

`python -m tests.sweeps.sweeper FOLDER SHARDS CHUNKS` begins it, or goes on with it.
"""

import sys

import lawjax as lj


def long_sweep(folder=None, shards=None, chunks=300, **shared):
    """The same call each time: a grid of so many small chunks, with every kind of reducer."""
    grid = lj.space(scale=lj.values(range(1, chunks + 1)), N=lj.log_grid(1e8, 1e12, 8), D=lj.log_grid(1e9, 1e14, 64))
    kept = [lj.top_k(20), lj.pareto(), lj.best_by("N"), lj.histogram("loss", 7, (2.0, 3.0))]
    source = lj.laws.published("besiroglu2024")
    return lj.sweep(source, grid, keep=kept, budget=1e23, chunk=1, store=folder, shards=shards, **shared)


if __name__ == "__main__":
    print("begun", flush=True)
    long_sweep(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
