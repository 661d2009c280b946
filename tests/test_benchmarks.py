"""Every benchmark runs to its end, at small size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
QUICK = ("sweep",)
"""The others are studies of minutes, whose small size still takes long."""
BENCHMARKS = [
    pytest.param(path, id=path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in sorted(FOLDER.glob("*.py"))
    if path.stem != "harness"
]


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_a_benchmark_runs(benchmark, shared_originals):
    environment = {
        **os.environ,
        "LAWJAX_SMALL": "1",
        "LAWJAX_DATA_DIR": str(shared_originals),
        "LAWJAX_BENCH_PYTHON": sys.executable,  # without the rivals, installed or not
    }
    done = subprocess.run([sys.executable, str(benchmark)], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "lawjax" in done.stdout
