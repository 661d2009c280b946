"""How often to sample each of two tasks that one model learns."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, between
from lawjax.decisions.joining import beside, own, part
from lawjax.decisions.solving.least import lowest
from lawjax.laws.size import MULTILINGUAL
from lawjax.laws.size.translation import multilingual

WIDEST, GRID = 16.0, 400
"""Largest log odds of a sampling probability that is looked at, and how many are."""


def best_task_weight(
    first: Source, second: Source, N: float, *, importance: float = 0.5, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""How often to sample the first of two tasks so that the weighted sum of both losses is least.

    $$\min_{0 < p < 1}\; v\, L_1(N, p) + (1 - v)\, L_2(N, 1 - p)$$

    Args:
        first, second: fits, posteriors, draws of `MULTILINGUAL`, or its parameters, one source for each task. Draws
            are paired one to one.
        N: non-embedding parameters of the model [count].
        importance: v, what a nat of the first task counts, between 0 and 1; that of the second is the rest.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        `p`, the sampling probability of the first task, and the losses `first` and `second` there [nats/token].
    Raises:
        InputError: a source of another law, numbers of draws that differ, or a size or importance that cannot be.
    References:
        Fernandes et al. 2023, arXiv:2302.09650 (the trade-off between two tasks at a size not trained).
    Example:
        >>> task = dict(E=1.2, A=60.0, alpha=0.25, c1=0.3, c2=0.8, c3=1.5)
        >>> round(best_task_weight(task, task, N=1e9)["p"], 6)
        0.5
    """
    return decide(
        beside(first, {"second": second}, MULTILINGUAL),
        _best_weight,
        question="How often should the first of two tasks be sampled?",
        laws=(MULTILINGUAL,),
        units={"p": "sampling probability", "first": "nats/token", "second": "nats/token"},
        held={"N": above_zero("N", N), "importance": between("importance", importance, 0.0, 1.0)},
        method="least weighted loss: grid, then a root of its derivative",
        prob=prob,
        force=force,
    )


def _best_weight(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    def losses(odds: Any) -> tuple[Any, Any]:
        one = multilingual(held["N"], jax.nn.sigmoid(odds), **own(params))
        return one, multilingual(held["N"], jax.nn.sigmoid(-odds), **part(params, "second"))

    def total(odds: Any) -> Any:
        one, other = losses(odds)
        return held["importance"] * one + (1.0 - held["importance"]) * other

    odds = lowest(total, jnp.linspace(-WIDEST, WIDEST, GRID))
    one, other = losses(odds)
    return {"p": jax.nn.sigmoid(odds), "first": one, "second": other}
