"""Parallel streams: what they are worth in parameters, and how many match a larger model."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import at_least
from lawjax.decisions.solving.whole import next_whole
from lawjax.laws.architecture import PARALLEL_STREAMS, PARALLEL_STREAMS_THEORY
from lawjax.laws.terms import power

STREAM_LAWS = (PARALLEL_STREAMS, PARALLEL_STREAMS_THEORY)


def equal_loss_multiplier(source: Source, *, P: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""How many times larger a model of one stream must be to do as well as this one with P streams.

    k ln P + 1 for the fitted law, (P / ((P - 1) rho + 1))^(1/alpha) for the theoretical one; at any size.

    Args:
        source: of `PARALLEL_STREAMS` or `PARALLEL_STREAMS_THEORY`.
        P: parallel streams, 1 or more.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `multiplier` of the parameters.
    Raises:
        InputError: P below 1, or a source of another law.
    References:
        Chen et al. 2025, arXiv:2505.10475.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.equal_loss_multiplier("chen2025parscale-stack", P=4)["multiplier"], 3)
        1.545
    """
    return decide(
        source,
        _multiplier,
        question=f"How much larger must one stream be to equal {P} streams?",
        laws=STREAM_LAWS,
        units={"multiplier": "times the parameters"},
        held={"P": at_least("P", P, 1)},
        method="closed form",
        prob=prob,
        force=force,
    )


def _multiplier(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    P = held["P"]
    if "rho" in params:
        return {"multiplier": power(P / ((P - 1.0) * params["rho"] + 1.0), 1.0 / params["alpha"])}
    return {"multiplier": params["k"] * jnp.log(P) + 1.0}


def streams_to_match(source: Source, *, multiplier: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""How many parallel streams do as well as a model so many times larger.

    The inverse of `equal_loss_multiplier`: P = exp((m - 1) / k). The theoretical law may never get there: streams
    whose errors are correlated are worth a bounded factor.

    Args:
        source: of `PARALLEL_STREAMS` or `PARALLEL_STREAMS_THEORY`.
        multiplier: how many times larger the model to match is, 1 or more.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `P`, a real number of streams, and `whole`, the next whole number.
    Raises:
        InputError: a multiplier below 1, or a source of another law.
    References:
        Chen et al. 2025, arXiv:2505.10475.
    Example:
        >>> import lawjax as lj
        >>> lj.decisions.streams_to_match("chen2025parscale-stack", multiplier=1.5)["whole"]
        4.0
    """
    return decide(
        source,
        _streams,
        question=f"How many streams equal {multiplier} times the parameters?",
        laws=STREAM_LAWS,
        units={"P": "streams", "whole": "streams"},
        held={"multiplier": at_least("multiplier", multiplier, 1)},
        method="closed form",
        prob=prob,
        force=force,
    )


def _streams(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    m = held["multiplier"]
    if "rho" in params:
        gain, rho = power(m, params["alpha"]), params["rho"]
        left = 1.0 - rho * gain
        P = jnp.where(left > 0, gain * (1.0 - rho) / jnp.where(left > 0, left, 1.0), jnp.nan)
    else:
        P = jnp.exp((m - 1.0) / params["k"])
    return {"P": P, "whole": next_whole(P)}
