"""Distillation: the teacher for a student, and the student for a teacher."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.laws.downstream import CAPACITY_GAP, DISTILLED_SCORE

LAWS = (CAPACITY_GAP, DISTILLED_SCORE)


def teacher_size(source: Source, S: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """Parameters of the teacher that is best for a student of size S.

    Args:
        source: a fit, posterior, draws or published coefficients of `capacity_gap` or of `distilled_score`, or a
            dict of their parameters. `distilled_score` is fitted to all teachers, not to the best
            of a few, so that its interval can be trusted.
        S: parameters of the student [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with T [parameters] and ratio T / S; no answer in a draw whose line ends below the student.
    Raises:
        InputError: a source of another law, or a size that is not above 0.
    References:
        Zhang et al. 2023, arXiv:2311.07052.
    Example:
        >>> import lawjax as lj
        >>> f"{lj.decisions.teacher_size('zhang2023', 1e9)['T']:.5g}"
        '2.4865e+09'
    """
    S = above_zero("S", S)
    return decide(
        source,
        _teacher,
        question=f"How large is the best teacher of a student of {S:g} parameters?",
        laws=LAWS,
        units={"T": "parameters", "ratio": "teacher / student"},
        held={"S": S},
        method="closed form",
        prob=prob,
        force=force,
    )


def student_size(source: Source, T: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """Parameters of the student for which a teacher of size T is the best one.

    A larger student still scores higher with that teacher, but would score higher yet with a larger one.

    Args:
        source: as for `teacher_size`.
        T: parameters of the teacher [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with S [parameters] and sparsity, the share of the teacher that is left out; no answer in a draw
        whose line has no student of that teacher's size or less.
    Raises:
        InputError: a source of another law, or a size that is not above 0.
    References:
        Zhang et al. 2023, arXiv:2311.07052.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.student_size("zhang2023", 7e9)
        >>> f"{answer['S']:.3g} {answer['sparsity']:.2f}"
        '2.81e+09 0.60'
    """
    T = above_zero("T", T)
    return decide(
        source,
        _student,
        question=f"Which student has a teacher of {T:g} parameters as its best?",
        laws=LAWS,
        units={"S": "parameters", "sparsity": "share"},
        held={"T": T},
        method="closed form",
        prob=prob,
        force=force,
    )


def _teacher(params: Any, held: Any) -> dict[str, Any]:
    S = held["S"]
    T = params["rho"] * S if "rho" in params else params["slope"] * S + params["intercept"]
    T = jnp.where(T >= S, T, jnp.nan)
    return {"T": T, "ratio": T / S}


def _student(params: Any, held: Any) -> dict[str, Any]:
    T = held["T"]
    S = T / params["rho"] if "rho" in params else (T - params["intercept"]) / params["slope"]
    S = jnp.where((S > 0) & (S <= T), S, jnp.nan)
    return {"S": S, "sparsity": 1.0 - S / T}
