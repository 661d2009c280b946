"""Routed models: loss against the size that a token sees and the number of experts, dense models included."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.architecture.experts import LOG_10
from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real
from lawjax.laws.terms import saturate


def routed(
    N: ScalarLike,
    E: ScalarLike,
    *,
    a: ScalarLike,
    b: ScalarLike,
    c: ScalarLike,
    d: ScalarLike,
    E_start: ScalarLike,
    E_max: ScalarLike,
) -> Scalar:
    r"""Loss of a model that routes each token to one of E experts; dense models have E = 1.

    $$\log_{10} L(N, E) = a \log_{10} N + b \log_{10} \hat E + c \log_{10} N \log_{10} \hat E + d, \qquad
    \frac{1}{\hat E} = \frac{1}{E - 1 + (1/E_{start} - 1/E_{max})^{-1}} + \frac{1}{E_{max}}$$

    Args:
        N: parameters that one token sees [count].
        E: experts per routed layer, 1 or more.
        a: exponent of size of a model with one effective expert.
        b: exponent of experts of a model of one parameter.
        c: how much the gain from experts shrinks with each tenfold of size.
        d: base-10 logarithm of the loss where N and the effective experts are 1.
        E_start, E_max: effective experts of a dense model and of one with very many; E_start < E_max.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Clark et al. 2022, arXiv:2202.01169, and google-deepmind/scaling_laws_for_routing, `example.ipynb`.
    """
    size = jnp.log(N) / LOG_10
    experts = jnp.log(saturate(E - 1.0, E_start, E_max)) / LOG_10
    return jnp.exp(LOG_10 * (a * size + b * experts + c * size * experts + d))


def _recentred(params: Params, factors: Mapping[str, Any]) -> Params:
    """A change of the unit of N moves the slope in experts by c and the level by a, for each tenfold."""
    factor = factors.get("N", 1.0)
    tenfolds = namespace(factor).log(factor) / LOG_10
    return {
        **params,
        "b": params["b"] + params["c"] * tenfolds,
        "d": params["d"] + params["a"] * tenfolds,
    }


ROUTED = Law(
    fn=routed,
    response="loss",
    inputs=dict(
        N=Variable(unit="parameters", kind="count", usual=(1e7, 1e9)),
        E=Variable(unit="experts", kind="number", usual=(1.0, 512.0)),
    ),
    unit="nats/token",
    falls=("N", "E"),
    params=dict(
        a=real(-0.12, -0.07),
        b=real(-0.2, -0.118),
        c=real(0.003, 0.013),
        d=real(0.9, 1.4),
        E_start=positive(1.2, 8.0),
        E_max=positive(1e2, 1e3),
    ),
    recentre=_recentred,
    reference="clark2022",
)
