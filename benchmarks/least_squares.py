"""The 27 nonlinear regressions that NIST certified: digits reached and seconds, lawjax against SciPy's least_squares.

lawjax gets two decades around NIST's second start; SciPy one start, the first (poor) or the second (better), with exact
derivatives and the sizes of the start as scales. Digits are of the worst parameter: -log10 of its relative error, 11 at
most, as many as NIST certifies; a dash stands for an answer without one right digit.

    python benchmarks/least_squares.py
"""

import os

# Small problems are slower, not faster, on several BLAS threads; NumPy reads this when it loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
from harness import SMALL, header, seconds
from scipy.optimize import least_squares

import lawjax as lj
from lawjax.laws.base import over_runs
from lawjax.text import number, table

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.reference import strd

DIGITS = 11.0
SIX = 6.0


def digits(problem: strd.Problem, params: dict[str, Any] | None) -> float:
    """Right digits of the worst parameter; minus infinity where there is no answer."""
    if params is None:
        return -np.inf
    error = problem.relative_error(params)
    return min(-np.log10(max(error, 10**-DIGITS)), DIGITS) if np.isfinite(error) else -np.inf


def lawjax_row(problem: strd.Problem) -> tuple[float, float, str]:
    """Digits, warm seconds, and what the fit says of itself."""
    law, runs, fits = problem.law("usual"), problem.runs, []
    _, warm = seconds(lambda: fits.append(lj.fit(law, runs, loss="squared", residual="raw")), repeats=1 if SMALL else 3)
    return digits(problem, fits[-1].params), warm, fits[-1].status.name.lower()


def scipy_row(problem: strd.Problem, start: dict[str, float]) -> tuple[float, float]:
    """Digits and warm seconds of MINPACK's Levenberg-Marquardt from one start."""
    law, names, found = problem.law("usual"), list(start), []
    inputs = {key: column for key, column in problem.columns.items() if key != problem.model.response}
    target = problem.columns[problem.model.response]

    def residuals(vector: Any) -> Any:
        return over_runs(law, dict(zip(names, vector, strict=True)), inputs) - target

    with jax.enable_x64(True):
        value, slope = jax.jit(residuals), jax.jit(jax.jacfwd(residuals))
        begin = np.array(list(start.values()))
        _, warm = seconds(lambda: found.append(_descend(value, slope, begin)), repeats=1 if SMALL else 3)
    return digits(problem, None if found[-1] is None else dict(zip(names, found[-1], strict=True))), warm


def _descend(value: Any, slope: Any, start: np.ndarray) -> np.ndarray | None:
    """Where it ends; None where the model overflows."""
    options = {"method": "lm", "x_scale": np.abs(start), "max_nfev": 5000, "ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}
    jac: Any = lambda v: np.asarray(slope(v))
    try:
        return least_squares(lambda v: np.asarray(value(v)), start, jac, **options).x
    except ValueError:
        return None


def share(found: Sequence[tuple[Any, ...]]) -> str:
    """How many were solved to six digits."""
    return f"{sum(reached >= SIX for reached, *_ in found)} of {len(found)}"


def main() -> None:
    """Print the table."""
    problems = [strd.load(name) for name in strd.NAMES[: 2 if SMALL else None]]
    ours = [lawjax_row(problem) for problem in problems]
    first, second = ([scipy_row(p, start) for p, start in pairs] for pairs in _starts(problems))
    rows = [
        [problem.name, *(_cell(cell) for cell in mine[:2]), mine[2], *(_cell(cell) for cell in (*one, *two))]
        for problem, mine, one, two in zip(problems, ours, first, second, strict=True)
    ]
    head = ["problem", "lawjax", "s", "status", "SciPy, start 1", "s", "SciPy, start 2", "s"]
    totals = ["six digits", share(ours), "", "", share(first), "", share(second), ""]
    print(header("NIST nonlinear regression: right digits of the worst parameter, warm seconds; lawjax and SciPy"))
    print(table(head, [*rows, totals]))


def _starts(problems: list[strd.Problem]) -> tuple[list[tuple[strd.Problem, dict[str, float]]], ...]:
    """Each problem with its first start, and each with its second."""
    return [(problem, problem.start_1) for problem in problems], [(problem, problem.start_2) for problem in problems]


def _cell(value: float) -> str:
    """A number, or a dash."""
    return number(value, 2) if value > 0 else "-"


if __name__ == "__main__":
    main()
