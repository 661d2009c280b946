"""The 27 nonlinear regressions that NIST certified are solved to six digits, or reported as not solved."""

import jax
import numpy as np
import pytest

import lawjax as lj
from lawjax.fitting import Fit, Status
from lawjax.laws.base import over_runs
from tests.reference import strd
from tests.reference.strd.ranges import KINDS

SIX_DIGITS = 1e-6
EIGHT_DIGITS = 1e-8
REPORTS = {"max-steps", "nonfinite", "not-identified", "at-edge", "few-starts-agree"}
"""Notes by which a fit says that its parameters may not be those of least squares, or that there are none."""
QUICK = {"MGH09", "Kirby2", "Roszman1", "BoxBOD"}
"""Problems run each time, from ranges around the poor start; the others, and other ranges, take minutes."""
CASES = [
    pytest.param(name, kind, marks=() if name in QUICK and kind == "far" else pytest.mark.slow, id=f"{name}-{kind}")
    for kind in KINDS
    for name in strd.NAMES
]


def rounding_of(problem: strd.Problem) -> float:
    """What float64 can tell of a residual sum of squares: the responses are known to a few parts in 1e16."""
    grain = 8 * np.finfo(float).eps * np.abs(problem.columns[problem.model.response]).max()
    num = len(problem.runs)
    return float(num * grain**2 + 2 * grain * np.sqrt(num * problem.residual_sum_of_squares))


def is_solved(problem: strd.Problem, fit: Fit) -> bool:
    """Six digits of every parameter, eight of the objective."""
    excess = abs(2 * fit.objective - problem.residual_sum_of_squares)
    near = excess <= EIGHT_DIGITS * problem.residual_sum_of_squares + rounding_of(problem)
    return near and problem.relative_error(fit.params) <= SIX_DIGITS


def is_reported(fit: Fit) -> bool:
    """Whether the fit says that it is not to be taken for the answer."""
    return fit.status != Status.CONVERGED or bool(REPORTS & set(fit.verdict.codes))


@pytest.mark.parametrize("name", sorted(set(strd.NAMES) - {"Lanczos1"}))
def test_the_transcribed_model_has_the_certified_sum_of_squares_at_the_certified_parameters(name):
    problem = strd.load(name)
    inputs = {key: column for key, column in problem.columns.items() if key != problem.model.response}
    said = numpy_of(problem, inputs)
    total = np.sum((said - problem.columns[problem.model.response]) ** 2)
    assert total == pytest.approx(problem.residual_sum_of_squares, rel=1e-9)


def numpy_of(problem: strd.Problem, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """The model at the certified parameters, float64."""
    with jax.enable_x64(True):
        return np.asarray(over_runs(problem.law("usual"), problem.certified, inputs))


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_certified_regression_is_solved_to_six_digits_or_reported(name, kind):
    problem = strd.load(name)
    fit = lj.fit(problem.law(kind), problem.runs, loss="squared", residual="raw")
    assert is_solved(problem, fit) or is_reported(fit), fit.summary()


@pytest.mark.slow
def test_nearly_all_certified_regressions_are_solved_and_not_only_reported():
    problems = [strd.load(name) for name in strd.NAMES]
    fits = [lj.fit(problem.law("usual"), problem.runs, loss="squared", residual="raw") for problem in problems]
    solved = [problem.name for problem, fit in zip(problems, fits, strict=True) if is_solved(problem, fit)]
    assert len(solved) >= 25, sorted(set(strd.NAMES) - set(solved))
