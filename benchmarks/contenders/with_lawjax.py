"""lawjax itself, and its answers in the objective of its rivals."""

from typing import Any

import numpy as np
from harness import in_a_fresh_process, seconds

import lawjax as lj
from contenders.hoffmann import READ
from contenders.outcome import Outcome
from contenders.problem import Problem, coordinates
from lawjax.fitting import Fit


def fit(name: str, runs: lj.Runs, repeats: int = 5, **choices: Any) -> Outcome:
    """A fit with these choices; its starts are those it took."""
    fits: list[Fit] = []
    cold, warm = seconds(lambda: fits.append(lj.fit(lj.laws.CHINCHILLA, runs, **choices)), repeats)
    ends = np.asarray(fits[-1].start_objectives)
    return Outcome(name=name, size=len(ends), objectives=ends, cold=cold, warm=warm, batched=True)


def fit_in_a_fresh_process(name: str) -> Outcome:
    """From starting Python to the printed objective: imports, reading, compiling and fitting."""
    spent, printed = in_a_fresh_process(READ + "print(repr(float(lj.fit(lj.laws.CHINCHILLA, runs).objective)))")
    return Outcome(name=name, size=1, objectives=np.array([float(printed)]), cold=spent)


def bootstrap(name: str, fitted: Fit, num: int, repeats: int = 3) -> Outcome:
    """`lj.bootstrap` with its defaults."""
    cold, warm = seconds(lambda: lj.bootstrap(fitted, num=num, key=0), repeats)
    return Outcome(name=name, size=num, cold=cold, warm=warm)


def objectives(problem: Problem, params: dict[str, np.ndarray], weights: np.ndarray) -> np.ndarray:
    """The objective of each resample by the rivals' own code, which shares none with lawjax."""
    vectors = [coordinates({name: float(array[i]) for name, array in params.items()}) for i in range(len(weights))]
    return np.array([problem.weighted(row).value(vector) for row, vector in zip(weights, vectors, strict=True)])
