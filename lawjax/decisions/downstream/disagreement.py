"""Whether models of different groups disagree more than models of one group do."""

from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import between
from lawjax.decisions.solving.whole import ROUNDING, next_whole
from lawjax.errors import check_whole
from lawjax.laws.base import Params
from lawjax.laws.downstream.disagreement import GROUP_DISAGREEMENT, group_components, group_disagreement
from lawjax.precision import as_key, in_float64


def disagreement_beyond_noise(source: Source, replicates: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """How much of the disagreement between groups is theirs, and how much is the noise of training.

    Args:
        source: a fit, draws or posterior of `GROUP_DISAGREEMENT`, or parameters, as `group_components` gives them.
        replicates: models per group [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `disagreement` that such models show, the `noise` that they would show if the groups were alike, and the
        `share` of the variance that is the groups'.
    Raises:
        InputError: replicates that are not positive, or a source of another law.
    References:
        Wang et al. 2021, arXiv:2103.13868 (the question).
    Example:
        >>> answer = disagreement_beyond_noise(dict(between=3.0, within=8.0), replicates=4)
        >>> answer["disagreement"], answer["noise"], round(answer["share"], 2)
        (5.0, 4.0, 0.36)
    """
    return decide(
        source,
        _beyond_noise,
        question="How much of the disagreement is the groups'?",
        laws=(GROUP_DISAGREEMENT,),
        units=dict(disagreement="unit of the prediction", noise="unit of the prediction", share="share of variance"),
        held=dict(replicates=replicates),
        method="components of variance",
        prob=prob,
        force=force,
    )


def replicates_for_share(source: Source, share: float = 0.5, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The fewest models per group with which a share of the variance between groups is theirs, not noise.

    Args:
        source: a fit, draws or posterior of `GROUP_DISAGREEMENT`, or parameters, as `group_components` gives them.
        share: share of the variance between groups, between 0 and 1.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `replicates`, a whole number per draw; no answer where the groups do not differ.
    Raises:
        InputError: a share outside 0 to 1, or a source of another law.
    References:
        Wang et al. 2021, arXiv:2103.13868 (the question).
    Example:
        >>> replicates_for_share(dict(between=3.0, within=8.0), share=0.5)["replicates"]
        8.0
    """
    return decide(
        source,
        _replicates,
        question="How many models per group show their disagreement?",
        laws=(GROUP_DISAGREEMENT,),
        units=dict(replicates="models per group"),
        held=dict(share=between("share", share, 0, 1)),
        method="inverse of the law, rounded up",
        prob=prob,
        force=force,
    )


@in_float64
def chance_under_noise(predictions: Any, *, num_shuffles: int = 999, key: Any = 0) -> float:
    """The chance that models disagree as much across groups as these do, if the groups were alike.

    A permutation test: models are dealt to groups at random, again and again.

    Args:
        predictions: shape (group, replicate, case), at least 2 groups of 2 models.
        num_shuffles: how often models are dealt again.
        key: seed of the shuffles, an int or a JAX key.
    Returns:
        The share of deals, these groups among them, that disagree at least as much: a p-value. It cannot fall below
        one in the number of ways to deal the models, so a few models per group cannot be conclusive.
    Raises:
        InputError: another shape, values that are not finite, or no shuffles.
    References:
        Wang et al. 2021, arXiv:2103.13868 (the question).
    Example:
        >>> import numpy as np
        >>> y = np.random.default_rng(0).normal(size=(3, 4, 50)) + np.arange(3)[:, None, None]
        >>> chance_under_noise(y) < 0.01
        True
    """
    check_whole("num_shuffles", num_shuffles, 1)
    group_components(predictions)
    y = jnp.asarray(predictions, float)
    spreads = _shuffled_spreads(y, jax.random.split(as_key(key), num_shuffles))
    as_large = jnp.sum(spreads >= _spread(y) * (1.0 - ROUNDING))
    return float((1 + as_large) / (1 + num_shuffles))


@jax.jit
def _shuffled_spreads(y: Any, keys: Any) -> Any:
    """Spread of each deal of the models to the groups, shape (shuffle,)."""
    models = y.reshape(-1, y.shape[2])
    return jax.lax.map(lambda key: _spread(jax.random.permutation(key, models).reshape(y.shape)), keys)


def _spread(y: Any) -> Any:
    """Variance across groups of their means, averaged over cases."""
    return jnp.mean(jnp.var(jnp.mean(y, axis=1), axis=0, ddof=1))


def _beyond_noise(params: Params, held: Params) -> dict[str, Any]:
    disagreement = group_disagreement(held["replicates"], **params)
    noise = params["within"] / jnp.sqrt(held["replicates"])
    return dict(disagreement=disagreement, noise=noise, share=(params["between"] / disagreement) ** 2)


def _replicates(params: Params, held: Params) -> dict[str, Any]:
    odds = held["share"] / (1.0 - held["share"])
    needed = odds * (params["within"] / jnp.where(params["between"] > 0, params["between"], jnp.nan)) ** 2
    return dict(replicates=jnp.maximum(next_whole(needed), 1.0))
