"""Asks a package for its result in a process of its own; one that is not installed gives a note, never a crash."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from contenders.outcome import Outcome, scaled_up
from contenders.problem import Problem

BENCHMARKS = Path(__file__).resolve().parents[1]
OWN = BENCHMARKS.parent / ".venv-bench" / "bin" / "python"
"""What `make bench-rivals` makes."""
MOST_SECONDS = 1800


def interpreter() -> str:
    """The Python that has the packages: `LAWJAX_BENCH_PYTHON`, or that of `make bench-rivals`, or this one."""
    return os.environ.get("LAWJAX_BENCH_PYTHON") or (str(OWN) if OWN.exists() else sys.executable)


def ask(rival: str, name: str, size: int, problem: Problem, **job: Any) -> Outcome:
    """How a package did; its seconds are scaled up to `size` starts or resamples where it tried fewer.

    Args:
        rival: which function of `contenders.packages`.
        name: what to call it.
        size: how many starts or resamples the row stands for.
        problem: what it is given.
        job: its options.
    """
    message = json.dumps(dict(problem=[column.tolist() for column in problem], **job))
    try:
        done = subprocess.run(
            [interpreter(), "-m", "contenders.packages", rival],
            input=message, capture_output=True, text=True, cwd=BENCHMARKS, timeout=MOST_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Outcome(name=name, note=f"stopped after {MOST_SECONDS} s")
    if done.returncode:
        return Outcome(name=name, note="failed: " + done.stderr.strip().splitlines()[-1])
    answer = json.loads(done.stdout.splitlines()[-1])
    if "missing" in answer:
        return Outcome(name=name, note=f"not installed ({answer['missing']})")
    objectives = np.array(answer["objectives"], dtype=float)
    if "num_draws" in job:
        return Outcome(name=name, size=size, objectives=objectives, cold=answer["cold"], warm=answer["warm"])
    return scaled_up(name, size, objectives, answer["cold"], answer["warm"])
