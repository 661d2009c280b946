"""What tests compute here and in processes of their own, with several devices or as one of several processes.

`python -m tests.parallel.work DEVICES TASK [COORDINATOR NUM INDEX FOLDER]` prints what the task gives, as JSON.
"""

import contextlib
import hashlib
import json
import os
import signal
import sys
import time
from pathlib import Path

import jax
import numpy as np

import lawjax as lj
from lawjax.errors import InputError
from lawjax.parallel import distributed
from lawjax.simulation import calibrate
from lawjax.sweeps.store import Store
from tests.sweeps.sweeper import long_sweep

TRUTH = {"E": 1.8, "A": 400.0, "alpha": 0.34, "B": 2000.0, "beta": 0.37}
SHARDS, CHUNKS = 40, 80


def digest(arrays):
    """A hash of every bit of some arrays."""
    found = hashlib.sha256()
    for name in sorted(arrays):
        found.update(name.encode() + np.ascontiguousarray(arrays[name]).tobytes())
    return found.hexdigest()


def of_sweep(result):
    """A hash of all that a sweep kept, and what it counted."""
    flat = {f"{table} {name}": column for table, kept in result.tables.items() for name, column in kept.items()}
    return [digest(flat), result.num_configs, result.num_feasible, result.method, str(result.verdict)]


def swept(**shared):
    return of_sweep(long_sweep(chunks=CHUNKS, **shared))


def swept_over_draws(**shared):
    generator = np.random.default_rng(0)
    source = lj.laws.published("besiroglu2024")
    params = {name: value * np.exp(0.02 * generator.normal(size=9)) for name, value in source.params.items()}
    grid = lj.space(N=lj.log_grid(1e8, 1e12, 70), D=lj.log_grid(1e9, 1e13, 700))
    draws = lj.Draws(law=source.law, params=params)
    return of_sweep(lj.sweep(draws, grid, keep=[lj.top_k(9), lj.quantiles("loss", [0.1, 0.9])], chunk=7000, **shared))


def resampled(**shared):
    runs = lj.simulate(lj.laws.CHINCHILLA, TRUTH, num_runs=40, noise=0.01, key=0)
    draws = lj.bootstrap(lj.fit(lj.laws.CHINCHILLA, runs), num=151, key=1, **shared)
    return [digest(draws.params), len(draws), str(draws.verdict)]


def calibrated(**shared):
    design = {"x": np.geomspace(1, 1e4, 12)}
    found = calibrate(lj.laws.POWER_LAW, design, noise="normal", num_data_sets=50, **shared)
    return [digest(found.ranks), found.num_again, int(found.failed.sum())]


def sweeps(**shared):
    """Of one draw and over draws."""
    return {"one": swept(**shared), "draws": swept_over_draws(**shared)}


def everything(**shared):
    """Sweeps, a bootstrap and a calibration."""
    return {**sweeps(**shared), "bootstrap": resampled(**shared), "calibration": calibrated(**shared)}


def of_two(team, folder):
    """Sweeps shared by processes, without a store and with one; and what is said where one of them cannot go on."""
    found = {**sweeps(distributed=True), "store": swept(folder=folder, shards=SHARDS, distributed=True)}

    def fails():
        raise InputError("the disk is full")

    with contextlib.suppress(InputError):
        team.all_do(fails if team.index == 1 else lambda: None)
    return {**found, "known": str(team.known), "told": [part.decode() for part in team.gather(b"me" * team.index)]}


def of_four(_team, _folder):
    return everything(distributed=True)


def dies(team, folder):
    """Process 1 is killed after its third shard, once the file `go` is there."""
    write = Store.write
    written = []

    def then_dies(store, shard, part, seconds):
        write(store, shard, part, seconds)
        written.append(shard)
        if len(written) == 3:
            wait_for(folder.with_name("go"))
            os.kill(os.getpid(), signal.SIGKILL)

    if team.index == 1:
        Store.write = then_dies
    return swept(folder=folder, shards=SHARDS, distributed=True)


def wait_for(path):
    last = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < last
        time.sleep(0.05)


def main(devices, task, coordinator=None, num=None, index=None, folder=None):
    jax.config.update("jax_num_cpu_devices", int(devices))
    if coordinator is None:
        found = globals()[task]()
    else:
        with distributed(coordinator, int(num), int(index), patience=5, start=60) as team:
            found = globals()[task](team, Path(folder))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
