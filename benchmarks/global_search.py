"""How often a bootstrap finds the global optimum of a resample: lawjax against brute force by other software.

Each resample of the 240 Chinchilla runs is also solved by SciPy's BFGS, at its best settings, from many random starts,
none of them informed by lawjax. `LAWJAX_FULL=1` takes 500 resamples; `LAWJAX_SMALL=1` two.

    python benchmarks/global_search.py
"""

import os

# One BLAS thread for each of the processes that search.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from contenders import with_lawjax
from contenders.brute_force import search
from contenders.hoffmann import as_problem, hoffmann
from contenders.outcome import SAME
from contenders.problem import resamples
from harness import FULL, SMALL, header, once

import lawjax as lj
from lawjax.text import number, table

NUM_RESAMPLES = 2 if SMALL else 500 if FULL else 100
NUM_STARTS = 8 if SMALL else 160


def main() -> None:
    runs = hoffmann()
    problem, fitted = as_problem(runs), lj.fit(lj.laws.CHINCHILLA, runs)
    weights = resamples(NUM_RESAMPLES, len(runs), seed=1)
    ours = with_lawjax.objectives(problem, lj.bootstrap(fitted, weights=weights).params, weights)
    found: list[np.ndarray] = []
    spent = once(lambda: found.append(search(problem, weights, NUM_STARTS)))
    ends = found[0]
    theirs = np.min(ends, axis=1)
    best = np.minimum(ours, theirs)
    as_good = {"lawjax": ours, f"best of {NUM_STARTS} SciPy starts": theirs}
    rows = [
        [name, f"{np.mean(values <= best * (1 + SAME)):.2%}", number(float(np.max(values / best - 1)), 3)]
        for name, values in as_good.items()
    ]
    footer = (
        f"within {SAME:g} of the best known. A single random start of SciPy's is: "
        f"{np.mean(ends <= best[:, None] * (1 + SAME)):.1%}. Brute force took {number(spent, 3)} s on "
        f"{os.cpu_count()} processes."
    )
    print(header(f"{NUM_RESAMPLES} resamples of the Chinchilla law on 240 runs: is the optimum global?"))
    print(table(["contender", "resamples at the best known optimum", "worst gap, relative"], rows, footer=footer))


if __name__ == "__main__":
    main()
