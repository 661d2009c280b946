"""Every notebook runs from top to bottom, at small size."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.py"))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(notebook, shared_originals, tmp_path):
    environment = {**os.environ, "LAWJAX_SMALL": "1", "LAWJAX_DATA_DIR": str(shared_originals)}
    done = subprocess.run(
        [sys.executable, str(notebook)], capture_output=True, text=True, cwd=tmp_path, env=environment
    )
    assert done.returncode == 0, done.stderr[-2000:]
