"""Learning rate and batch for a model before it is trained."""

from collections.abc import Mapping
from typing import Any

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.errors import InputError
from lawjax.laws.training import (
    BATCH_BY_COMPUTE,
    BATCH_BY_TOKENS,
    LEARNING_RATE_BY_COMPUTE,
    LEARNING_RATE_BY_SIZE,
)


def best_learning_rate(
    source: Source,
    *,
    N: float | None = None,
    D: float | None = None,
    C: float | None = None,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """The best peak learning rate of a run, from its size and tokens or from its compute.

    Args:
        source: of `LEARNING_RATE_BY_SIZE`, with N and D, or of `LEARNING_RATE_BY_COMPUTE`, with C.
        N: non-embedding parameters [count].
        D: training tokens [tokens].
        C: training compute [FLOP].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `learning_rate`, at the peak of the schedule.
    Raises:
        InputError: neither N with D nor C alone, or a source of the other law.
    References:
        Li et al. 2025, arXiv:2503.04715; Tian et al. 2025, arXiv:2507.17702.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.best_learning_rate("li2025steplaw-rate", N=1e9, D=1e11)["learning_rate"], 6)
        0.001632
    """
    held = {name: value for name, value in (("N", N), ("D", D), ("C", C)) if value is not None}
    if set(held) not in ({"N", "D"}, {"C"}):
        raise InputError(f"give `N` and `D`, or `C` alone, got {sorted(held) or 'none of them'}.")
    by_compute = "C" in held
    return decide(
        source,
        _rate_by_compute if by_compute else _rate_by_size,
        question="What is the best peak learning rate?",
        laws=(LEARNING_RATE_BY_COMPUTE if by_compute else LEARNING_RATE_BY_SIZE,),
        units={"learning_rate": ""},
        held=held,
        method="the law itself",
        prob=prob,
        force=force,
    )


def _rate_by_size(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"learning_rate": LEARNING_RATE_BY_SIZE(held["N"], held["D"], **params)}


def _rate_by_compute(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"learning_rate": LEARNING_RATE_BY_COMPUTE(held["C"], **params)}


def best_batch(
    source: Source, *, D: float | None = None, C: float | None = None, prob: float = 0.9, force: bool = False
) -> Answer:
    """The best batch size of a run, from its tokens or from its compute.

    Args:
        source: of `BATCH_BY_TOKENS`, with D, or of `BATCH_BY_COMPUTE`, with C.
        D: training tokens [tokens].
        C: training compute [FLOP].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `batch` [tokens]; divide by the length of a sequence for sequences.
    Raises:
        InputError: neither D nor C, or both, or a source of the other law.
    References:
        Li et al. 2025, arXiv:2503.04715; Tian et al. 2025, arXiv:2507.17702.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.best_batch("li2025steplaw-batch", D=1e11)["batch"], -3)
        1108000.0
    """
    held = {name: value for name, value in (("D", D), ("C", C)) if value is not None}
    if len(held) != 1:
        raise InputError(f"give `D` or `C`, one of them, got {sorted(held) or 'none of them'}.")
    by_compute = "C" in held
    return decide(
        source,
        _batch_by_compute if by_compute else _batch_by_tokens,
        question="What is the best batch size?",
        laws=(BATCH_BY_COMPUTE if by_compute else BATCH_BY_TOKENS,),
        units={"batch": "tokens"},
        held=held,
        method="the law itself",
        prob=prob,
        force=force,
    )


def _batch_by_tokens(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"batch": BATCH_BY_TOKENS(held["D"], **params)}


def _batch_by_compute(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"batch": BATCH_BY_COMPUTE(held["C"], **params)}
