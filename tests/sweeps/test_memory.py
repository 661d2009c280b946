"""A billion configurations in less memory than a list of their losses would take."""

import subprocess
import sys

import numpy as np
import pytest

import lawjax as lj

LIMIT = 3 * 2**30
SWEEP = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]), int(sys.argv[1])))
import lawjax as lj
grid = lj.space(N=lj.log_grid(1e8, 1e12, 20_000), D=lj.log_grid(1e9, 1e14, 50_000))
call = dict(budget=1e24, keep=[lj.top_k(100), lj.histogram("loss", 20, (1.8, 3.0))][: 1 + (sys.argv[2] == "counts")])
found = lj.sweep(lj.laws.published("besiroglu2024"), grid, **call, shortcut=sys.argv[2] == "shortcut")
print(found.method.split(" in ")[0].split(":")[0], found.num_configs, found.best["index"])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "named"), [("shortcut", "boundary along `D`"), ("every", "factored grid"), ("counts", "factored grid")]
)
def test_a_billion_configurations_are_swept_in_less_memory_than_their_losses_take(way, named):
    done = subprocess.run([sys.executable, "-c", SWEEP, str(LIMIT), way], capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    name, configs, index = done.stdout.strip().rsplit(" ", 2)
    assert (name, int(configs)) == (named, 10**9)
    assert int(index) == best_of_all()
    assert 4 * int(configs) > LIMIT


def best_of_all():
    """Number of the best configuration: of each size the most tokens that the budget pays for, in NumPy float64."""
    p = lj.laws.published("besiroglu2024").params
    N, D = np.geomspace(1e8, 1e12, 20_000), np.geomspace(1e9, 1e14, 50_000)
    most = np.searchsorted(D, 1e24 * (1 + 1e-9) / (6 * N), side="right") - 1
    loss = p["E"] + p["A"] * N ** -p["alpha"] + p["B"] * D[most] ** -p["beta"]
    best = np.where(most >= 0, loss, np.inf).argmin()
    return int(best * len(D) + most[best])
