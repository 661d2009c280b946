"""Every notebook runs from top to bottom, at small size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = ("bits_and_tokens", "chinchilla_replication", "repeated_data", "size_for_serving")
"""The others compile half a minute and more."""
NOTEBOOKS = [
    pytest.param(path, id=path.stem, marks=() if path.stem in QUICK else pytest.mark.slow)
    for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))
]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_notebook_runs(notebook, shared_originals, tmp_path):
    environment = {**os.environ, "LAWJAX_SMALL": "1", "LAWJAX_DATA_DIR": str(shared_originals)}
    done = subprocess.run(
        [sys.executable, str(notebook)], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
