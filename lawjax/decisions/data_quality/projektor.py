"""Performance projected from two pilots."""

from collections.abc import Mapping
from typing import Any

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.laws.data_quality import PROJEKTOR_SIZE


def project_performance(source: Source, n: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """Performance of a mixture at a training size, from pilots.

    Two pilots determine the line with nothing to spare, and their noise grows by `noise_amplification`. Give draws,
    `line_through` of simulated or repeated pilots, to see it in the interval.

    Args:
        source: a fit, draws or parameters of `projektor_size`; `line_through` makes them of two pilots.
        n: training examples [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with performance.
    Raises:
        InputError: a source of another law, or a size that is not above 0.
    References:
        Kang et al. 2023, arXiv:2307.02460.
    Example:
        >>> import lawjax as lj
        >>> line = lj.laws.line_through((1000, 1500), (0.60, 0.65))
        >>> round(lj.decisions.project_performance(line, 10000)["performance"], 5)
        0.88394
    """
    n = above_zero("n", n)
    return decide(
        source,
        _performance,
        question=f"What performance at {n:g} examples?",
        laws=(PROJEKTOR_SIZE,),
        units={"performance": "as in the pilots"},
        held={"n": n},
        method="straight line in log n",
        prob=prob,
        force=force,
    )


def _performance(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"performance": PROJEKTOR_SIZE(held["n"], **params)}
