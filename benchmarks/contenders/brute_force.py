"""Brute force: SciPy's BFGS at its best settings from many random starts, in processes that never load lawjax.

`python -m contenders.brute_force` reads a job as JSON and prints the lowest objectives as JSON.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from contenders import with_scipy
from contenders.problem import GRID, Problem


def search(problem: Problem, weights: np.ndarray, num_starts: int) -> np.ndarray:
    """Where every start of every resample ends, shape (resample, start); the resamples are shared among the cores."""
    parts = np.array_split(np.arange(len(weights)), min(os.cpu_count() or 1, len(weights)))
    jobs = [
        dict(
            problem=[column.tolist() for column in problem], weights=weights[part].tolist(),
            seeds=part.tolist(), num_starts=num_starts,
        )
        for part in parts
    ]  # fmt: skip
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        return np.array([row for rows in pool.map(_elsewhere, jobs) for row in rows])


def _elsewhere(job: dict) -> list[list[float]]:
    """The answer to a job by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", __name__], input=json.dumps(job), capture_output=True, text=True, check=True,
        cwd=Path(__file__).resolve().parents[1],
    )  # fmt: skip
    return json.loads(done.stdout)


def _from_random_starts(problem: Problem, num: int, seed: int) -> list[float]:
    """Where random starts in the box of the published grid end."""
    low, high = (np.array([pick(axis) for axis in GRID.values()]) for pick in (np.min, np.max))
    starts = np.random.default_rng([1, seed]).uniform(low, high, size=(num, len(low)))
    return [with_scipy.descend(problem, start, **with_scipy.BEST) for start in starts]


def main() -> None:
    """Read a job and print its answer."""
    job = json.load(sys.stdin)
    problem = Problem(*(np.array(column, float) for column in job["problem"]))
    pairs = zip(job["weights"], job["seeds"], strict=True)
    print(json.dumps([_from_random_starts(problem.weighted(row), job["num_starts"], seed) for row, seed in pairs]))


if __name__ == "__main__":
    main()
