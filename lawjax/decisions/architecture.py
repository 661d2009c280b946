"""Decisions of the architecture laws: streams, sparsity and patches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, between
from lawjax.errors import InputError
from lawjax.laws.architecture import (
    PARALLEL_STREAMS,
    PARALLEL_STREAMS_THEORY,
    PATCH_SIZE,
    RELU_ACTIVATION,
    SILU_ACTIVATION,
)
from lawjax.laws.terms import power

STREAM_LAWS = (PARALLEL_STREAMS, PARALLEL_STREAMS_THEORY)
ACTIVATION_LAWS = (RELU_ACTIVATION, SILU_ACTIVATION)
ROUNDING = 1e-9
"""How far above a whole number of streams still counts as that number."""


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
        held={"P": _at_least_one("P", P)},
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
        held={"multiplier": _at_least_one("multiplier", multiplier)},
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
    return {"P": P, "whole": jnp.ceil(P - ROUNDING)}


def tokens_to_limit_sparsity(source: Source, *, tolerance: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""How long to train until the activation ratio is within a tolerance of its limit.

    ReLU: D = ((b - ln tolerance) / c)^(1/alpha); SiLU: D = (c / tolerance)^(1/alpha).

    Args:
        source: of `RELU_ACTIVATION` or `SILU_ACTIVATION`.
        tolerance: how far the activation ratio may still be from its limit, above 0 and below 1.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `D` [tokens], 0 where the law starts within the tolerance, and `sparsity`, the limit 1 - A_0.
    Raises:
        InputError: a tolerance outside 0 to 1, or a source of another law.
    References:
        Luo et al. 2024, arXiv:2411.02335.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.tokens_to_limit_sparsity("luo2024-relu-0.8b", tolerance=0.005)
        >>> round(answer["D"] / 1e9), round(answer["sparsity"], 4)
        (215, 0.9279)
    """
    return decide(
        source,
        _tokens_to_limit,
        question=f"How many tokens until the activation ratio is within {tolerance} of its limit?",
        laws=ACTIVATION_LAWS,
        units={"D": "tokens", "sparsity": "share of neurons"},
        held={"tolerance": between("tolerance", tolerance, 0.0, 1.0)},
        method="closed form",
        prob=prob,
        force=force,
    )


def _tokens_to_limit(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    c, alpha = params["c"], params["alpha"]
    if "b" in params:
        e_folds = params["b"] - jnp.log(held["tolerance"])
        D = jnp.where(e_folds > 0, power(jnp.where(e_folds > 0, e_folds, 1.0) / c, 1.0 / alpha), 0.0)
    else:
        D = power(c / held["tolerance"], 1.0 / alpha)
    return {"D": D, "sparsity": 1.0 - params["A_0"]}


def smallest_patch(
    source: Source,
    *,
    image: float,
    budget: float,
    patches: Sequence[float] = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0),
    cost: Callable[[float], float] | None = None,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    r"""The smallest patch that a budget allows, which is the best one, and the loss it leads to.

    Args:
        source: of `PATCH_SIZE`.
        image: side of the square image [pixels].
        budget: most that one image may cost: tokens, or what `cost` returns.
        patches: sides of patches to choose from [pixels].
        cost: what an image of so many tokens costs, such as `lambda n: a * n + b * n**2`; None counts tokens.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `patch` [pixels], `tokens` per image and `loss`.
    Raises:
        InputError: no patch is affordable, a side that is not positive, or a source of another law.
    References:
        Wang et al. 2025, arXiv:2502.03738.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.smallest_patch("wang2025patches-deit-b-64", image=64, budget=1000)
        >>> answer["patch"], answer["tokens"], round(answer["loss"], 3)
        (4.0, 256.0, 0.201)
    """
    sides = [above_zero("patches", side) for side in patches]
    tokens = {side: (above_zero("image", image) / side) ** 2 for side in sides}
    price = {side: float(count if cost is None else cost(count)) for side, count in tokens.items()}
    affordable = [side for side in sides if price[side] <= above_zero("budget", budget)]
    if not affordable:
        raise InputError(
            f"no patch fits a budget of {budget:g}: the cheapest of them costs {min(price.values(), default=0.0):g}. "
            "Raise `budget` or give larger `patches`."
        )
    side = min(affordable)
    return decide(
        source,
        _patch_loss,
        question=f"Which patch for images of side {image:g} within {budget:g}?",
        laws=(PATCH_SIZE,),
        units={"patch": "pixels", "tokens": "tokens per image", "loss": PATCH_SIZE.unit},
        held={"P": side, "tokens": tokens[side]},
        method="the smallest affordable, since the law rises with the patch",
        prob=prob,
        force=force,
    )


def _patch_loss(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"patch": held["P"], "tokens": held["tokens"], "loss": PATCH_SIZE(held["P"], **params)}


def _at_least_one(name: str, value: float) -> float:
    if above_zero(name, value) < 1:
        raise InputError(f"`{name}` must be 1 or more, got {value!r}.")
    return value
