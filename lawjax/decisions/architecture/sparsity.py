"""How long to train for nearly all the sparsity that a model can have."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import between
from lawjax.laws.architecture import RELU_ACTIVATION, SILU_ACTIVATION
from lawjax.laws.terms import power

ACTIVATION_LAWS = (RELU_ACTIVATION, SILU_ACTIVATION)


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
