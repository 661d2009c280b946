"""Peak memory of bootstraps with many resamples of the 240 Chinchilla runs, which are solved a chunk at a time.

`LAWJAX_FULL=1` takes a million resamples; peak memory is that of this process, imports included.

    python benchmarks/memory.py
"""

import resource
import sys

from contenders.hoffmann import hoffmann
from harness import FULL, SMALL, header, once

import lawjax as lj
from lawjax.text import number, table

NUM_RESAMPLES = 1000 if SMALL else 1_000_000 if FULL else 50_000
CHUNK = 8192
LIMIT = 2.0


def peak_gigabytes() -> float:
    """The most memory this process has had resident so far [GB]."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e9  # bytes on macOS, KiB elsewhere


def main() -> None:
    stages = [("imports and data", 0.0, peak_gigabytes())]
    fits = []
    runs = hoffmann()
    spent = once(lambda: fits.append(lj.fit(lj.laws.CHINCHILLA, runs)))
    stages.append(("one fit", spent, peak_gigabytes()))
    for num in (NUM_RESAMPLES // 10, NUM_RESAMPLES):
        spent = once(lambda num=num: lj.bootstrap(fits[0], num=num, chunk=CHUNK, key=0))
        stages.append((f"lj.bootstrap, {num:,} resamples, chunk {CHUNK}", spent, peak_gigabytes()))
    rows = [[name, number(spent, 3), number(peak, 3)] for name, spent, peak in stages]
    verdict = "under" if peak_gigabytes() < LIMIT else "NOT under"
    print(header("Memory of bootstraps, lawjax"))
    print(table(["stage", "seconds", "peak resident [GB]"], rows, footer=f"Peak {verdict} {LIMIT:g} GB."))


if __name__ == "__main__":
    main()
