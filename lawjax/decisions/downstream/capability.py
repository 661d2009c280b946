"""Which capability to improve, where a task needs several at once."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import numbers
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Params
from lawjax.laws.downstream.capability import ranked_link_law, weakest_link_law


def capability_to_improve(
    source: Source, scores: Any, costs: Any = 1.0, *, prob: float = 0.9, force: bool = False
) -> Answer:
    """The capability whose improvement raises a task that needs them all the most, per unit of cost.

    A point gained in capability i is worth the gradient of the cross score: softmin weights for the weakest link,
    the weight of its rank for the ordered scores.

    Args:
        source: a fit, draws or posterior of `weakest_link_law` or `ranked_link_law`, or parameters of either.
        scores: score of each capability now [points], shape (capability,).
        costs: cost of one more point in each capability, one number or one per capability.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `gain`, points of the task per unit of cost, one per capability; `best`, 1 at the capability to improve and
        0 elsewhere, so that its mean over the draws is the chance that each is the one.
    Raises:
        InputError: the source is of another law, scores that do not fit it, or a cost that is not positive.
    References:
        Zhong et al. 2024, arXiv:2409.19951.
    Example:
        >>> answer = capability_to_improve(dict(offset=-5.0, sharpness=0.14), scores=[56.81, 51.0])
        >>> answer["best"].tolist(), answer["gain"].round(3).tolist()
        ([0.0, 1.0], [0.307, 0.693])
    """
    scores = numbers("scores", scores)
    if scores.ndim != 1 or len(scores) < 2:
        raise InputError(f"`scores` must be 2 or more numbers, one per capability, got the shape {scores.shape}.")
    ranked = isinstance(source, Mapping) and "weight" in source
    draws = as_draws(source, (ranked_link_law if ranked else weakest_link_law)(len(scores)))
    if draws.law.reference != "zhong2024":
        raise InputError(f"this decision is for the laws of cross capabilities; the source is of {draws.law.name!r}.")
    return decide(
        draws,
        _worth_per_cost,
        question="Which capability is worth improving?",
        laws=(draws.law,),
        units=dict(gain="points of the task per unit of cost", best="1 at the best"),
        held=dict(scores=scores, costs=_costs(costs, len(scores))),
        vectors=("scores", "costs"),
        method="gradient of the law",
        prob=prob,
        force=force,
    )


def _worth_per_cost(params: Params, held: Params) -> dict[str, Any]:
    gain = _worth(params, held["scores"]) / held["costs"]
    return dict(gain=gain, best=jax.nn.one_hot(jnp.argmax(gain), len(gain)))


def _worth(params: Params, scores: Any) -> Any:
    """What a point gained in each capability is worth."""
    if "sharpness" in params:
        return jax.nn.softmax(-params["sharpness"] * scores)
    return params["weight"][jnp.argsort(jnp.argsort(scores))]


def _costs(costs: Any, num: int) -> np.ndarray:
    array = numbers("costs", costs)
    if array.shape not in ((), (num,)) or not np.all(array > 0):
        raise InputError(f"`costs` must be positive, one number or {num}, got {costs!r}.")
    return np.broadcast_to(array, (num,)).copy()
