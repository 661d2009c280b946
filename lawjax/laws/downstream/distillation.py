"""Distillation: the teacher that is best for a student, and what a teacher too small or too large costs."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real
from lawjax.laws.terms import log_linear

STUDENT = Variable(unit="parameters", kind="count", usual=(5e7, 5e9))
TEACHER = Variable(unit="parameters", kind="count", usual=(1e8, 1e10))


def capacity_gap(S: ScalarLike, *, slope: ScalarLike, intercept: ScalarLike) -> Scalar:
    r"""Size of the best teacher for a student, over the student's: the line T* = slope S + intercept.

    $$T^*(S) / S = \text{slope} + \text{intercept} / S$$

    The response is the ratio, so that it has no unit. The line was drawn through the best of a few teachers for each
    student, so its fit is told too well: fit `distilled_score` to all teachers where their scores are known.

    Args:
        S: parameters of the student [count].
        slope: teacher parameters per student parameter.
        intercept: of the line of T* [count].
    Returns:
        Parameters of the best teacher per parameter of the student.
    References:
        Zhang et al. 2023, arXiv:2311.07052.
    """
    return jnp.add(slope, jnp.divide(intercept, S))


def distilled_score(
    T: ScalarLike, S: ScalarLike, *, peak: ScalarLike, slope: ScalarLike, k: ScalarLike, rho: ScalarLike
) -> Scalar:
    r"""A form of our own: score of a student of size S taught by a teacher of size T, best at T = rho S.

    $$\text{score}(T, S) = p(S) - k\, \big(\log (T/S) - \log \rho\big)^2, \qquad
    p(S) = \text{peak} + \text{slope}\, \log S$$

    Args:
        T: parameters of the teacher [count].
        S: parameters of the student [count].
        peak, slope: score with the best teacher at S = 1, and its gain per unit of log S.
        k: loss of score per squared log ratio off the best teacher.
        rho: best ratio of teacher to student.
    Returns:
        Score of the student, in the unit of peak.
    References:
        Zhang et al. 2023, arXiv:2311.07052 (a rise and a fall; it gives no formula of the curve).
    """
    return log_linear(peak, (S,), (slope,)) - k * (jnp.log(T) - jnp.log(S) - jnp.log(rho)) ** 2


def _recentre(params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    # The score with the best teacher is counted from S = 1, so the place of that moves with the unit of S.
    teacher, student = factors.get("T", 1.0), factors.get("S", 1.0)
    lift = params["slope"] * namespace(student).log(student)
    return {**params, "peak": params["peak"] + lift, "rho": params["rho"] * student / teacher}


CAPACITY_GAP = Law(
    fn=capacity_gap,
    response="ratio",
    inputs=dict(S=STUDENT),
    unit="teacher parameters per student parameter",
    params=dict(slope=positive(1.0, 10.0), intercept=real(-4e7, 4e7, dims={"S": 1.0})),
    linear=("slope", "intercept"),
    reference="zhang2023",
)
DISTILLED_SCORE = Law(
    fn=distilled_score,
    response="score",
    inputs=dict(T=TEACHER, S=STUDENT),
    support="real",
    params=dict(peak=real(-1.0, 1.0), slope=real(0.01, 0.2), k=positive(0.005, 0.2), rho=positive(1.0, 10.0)),
    linear=("peak", "slope", "k"),
    recentre=_recentre,
    reference="zhang2023",
)
