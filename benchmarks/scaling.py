"""How sweeps and bootstraps share devices and processes: rates with 1, 2 and 4 of each, and what sharing itself costs.

Every setting runs in fresh processes, since JAX counts devices once. A machine with fewer cores than devices shows no
speed-up beyond its cores. So beside the rate by the clock stands the rate by the seconds of all cores: its ratio to
that of one device is the efficiency, the share of the work that is not overhead, whatever else the machine does.

    python benchmarks/scaling.py
"""

import functools
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from harness import SMALL, header, once

COUNTS = (1, 2) if SMALL else (1, 2, 4)
SIDE, RESAMPLES, SHARDS, REPEATS = (200, 50, 8, 1) if SMALL else (20_000, 1000, 32, 8)
FOLDER = Path(__file__).parent


def sweep(side=SIDE, **shared):
    """A general scan: D is what N and the compute leave, so one exponential of both is due in every configuration."""
    import lawjax as lj

    space = lj.space(N=lj.log_grid(1e8, 1e12, side), C=lj.log_grid(1e20, 1e26, side), D=_tokens)
    return lj.sweep(lj.laws.published("besiroglu2024"), space, keep=lj.top_k(100), shortcut=False, **shared)


def _tokens(N, C):
    return C / (6 * N)


def fitted():
    import lawjax as lj

    truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
    return lj.fit(lj.laws.CHINCHILLA, lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=200, noise=0.01, key=0))


def least(run):
    """Seconds of the quickest of some calls, by the clock and of all cores, after one that compiles."""
    run()
    return np.min([timed(run) for _ in range(REPEATS)], axis=0).tolist()


def timed(run):
    began = time.process_time()
    by_clock = once(run)
    return by_clock, time.process_time() - began


def spent(**shared):
    """Seconds that a sweep and a bootstrap take."""
    import lawjax as lj

    fit = fitted()
    bootstrap = least(lambda: lj.bootstrap(fit, num=RESAMPLES, key=1, **shared))
    return {"sweep": least(lambda: sweep(**shared)), "bootstrap": bootstrap}


def of_devices(num):
    import jax

    jax.config.update("jax_num_cpu_devices", int(num))
    return spent()


def of_processes(address, num, index):
    """The seconds of one of so many processes, those of handing a hundred bytes round too."""
    from lawjax.parallel import distributed

    with distributed(address, int(num), int(index)) as team:
        return {**spent(distributed=True), "exchange": least(lambda: team.gather(b"x" * 100))}


def of_store():
    """What a shard costs: its file, writing it, reading and merging it; and the manifest."""
    sweep()
    alone, whole, again, sizes, manifest = zip(*(in_a_folder() for _ in range(REPEATS)), strict=True)
    num = len(sizes[0])
    return {
        "shards": num,
        "shard": sum(sizes[0]) / num,
        "manifest": manifest[0],
        "read": min(again) / num,
        "write": max(min(whole) - min(alone), 0.0) / num,
    }


def in_a_folder():
    """Seconds without a store, with one, and of reading it back; bytes of each shard and of the manifest."""
    with tempfile.TemporaryDirectory() as folder:
        kept = functools.partial(sweep, store=folder, shards=SHARDS)
        spent = once(sweep), once(kept), once(kept)
        sizes = [path.stat().st_size for path in Path(folder).glob("shard-*")]
        return *spent, sizes, (Path(folder) / "manifest.json").stat().st_size


def started(task, *arguments):
    command = [sys.executable, __file__, task, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=FOLDER)


def answers(children):
    """The JSON that each process printed last."""
    found = []
    for child in children:
        out, err = child.communicate()
        if child.returncode:
            raise RuntimeError(err[-2000:])
        found.append(json.loads(out.strip().splitlines()[-1]))
    return found


def job(num):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
    return [started("of_processes", address, num, index) for index in range(num)]


def together(found):
    """The clock's seconds of the slowest process, and the cores' of all."""
    return {what: (max(one[what][0] for one in found), sum(one[what][1] for one in found)) for what in found[0]}


def settings():
    """What shares, how many of it, and what that takes."""
    for num in COUNTS:
        yield "devices of one process", num, together(answers([started("of_devices", num)]))
    for num in COUNTS:
        yield "processes", num, together(answers(job(num)))


def main():
    from lawjax.text import number, table

    print(header("Sharing sweeps and bootstraps, lawjax: the quickest of a few calls, settings in fresh processes"))
    rows, base = [], {}
    for kind, num, found in settings():
        one = base.setdefault(kind, found)
        row = [kind, str(num)]
        for what, size in (("sweep", SIDE**2), ("bootstrap", RESAMPLES)):
            by_clock, of_cores = found[what]
            row += [number(size / by_clock, 3), number(size / of_cores, 3), number(one[what][1] / of_cores, 3)]
        rows.append([*row, number(1e3 * found["exchange"][0], 2) if num > 1 and "exchange" in found else ""])
    each = "a core-second", "efficiency"
    titles = ["what shares", "number", "configs/s", *each, "resamples/s", *each, "exchange [ms]"]
    print(table(titles, rows, f"{SIDE**2:,} configurations, {RESAMPLES:,} resamples"))
    kept = answers([started("of_store")])[0]
    facts = [
        ["file of a shard [kB]", number(kept["shard"] / 1e3, 3)],
        ["manifest [kB]", number(kept["manifest"] / 1e3, 3)],
        ["writing a shard [ms]", number(1e3 * kept["write"], 3)],
        ["reading and merging a shard [ms]", number(1e3 * kept["read"], 3)],
    ]
    print(table(["a store", "is"], facts, f"{kept['shards']} shards of a sweep that keeps the best 100"))


if __name__ == "__main__":
    if sys.argv[1:]:
        print(json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
    else:
        main()
