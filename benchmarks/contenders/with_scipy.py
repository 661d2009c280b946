"""SciPy, one start or resample after another: as published, with an analytic gradient, and at its best settings."""

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import once
from scipy.optimize import minimize

from contenders.outcome import Outcome, scaled_up
from contenders.problem import Problem, all_published_starts, published_starts

NUM_PUBLISHED = len(all_published_starts())
BEST: dict[str, Any] = dict(method="BFGS", gradient=True, scale=1e3)
"""SciPy's best settings here: the objective is about 1e-3, where its absolute tolerances would stop too early."""


def from_published_starts(name: str, problem: Problem, num: int, **choices: Any) -> Outcome:
    """From `num` of the 4500 published starts, scaled up to all; the choices are those of `descend`."""
    found: list[float] = []
    spent = once(lambda: found.extend(descend(problem, start, **choices) for start in published_starts(num)))
    return scaled_up(name, NUM_PUBLISHED, np.array(found), spent, spent)


def refit(name: str, problem: Problem, optimum: np.ndarray, weights: np.ndarray, size: int, **choices: Any) -> Outcome:
    """One descent for each resample from the optimum of the whole table, scaled up to `size` resamples."""
    found: list[float] = []
    spent = once(lambda: found.extend(descend(problem.weighted(row), optimum, **choices) for row in weights))
    return scaled_up(name, size, np.array(found), spent, spent)


def descend(problem: Problem, start: np.ndarray, *, method: str, gradient: bool, scale: float = 1.0) -> float:
    """The objective where one descent ends."""
    function = _with_gradient(problem, scale) if gradient else lambda v: scale * problem.value(v)
    return float(minimize(function, start, method=method, jac=gradient or None).fun) / scale


def _with_gradient(problem: Problem, scale: float) -> Callable[[np.ndarray], tuple[float, np.ndarray]]:
    def function(v: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = problem.value_and_gradient(v)
        return scale * value, scale * gradient

    return function
