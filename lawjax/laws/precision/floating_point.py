"""Training in low-precision floating point: exponent bits, mantissa bits and the block that shares a scale."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.size.loss import NATS, SIZE, TOKENS, chinchilla
from lawjax.laws.terms import power, product_of_powers


def floating_point(
    N: ScalarLike,
    D: ScalarLike,
    E: ScalarLike,
    M: ScalarLike,
    B: ScalarLike,
    *,
    n: ScalarLike,
    alpha: ScalarLike,
    d: ScalarLike,
    beta: ScalarLike,
    eps: ScalarLike,
    gamma: ScalarLike,
    delta: ScalarLike,
    nu: ScalarLike,
) -> Scalar:
    r"""Loss of a model trained in low-precision floating point.

    $$L(N, D, E, M, B) = \frac{n}{N^\alpha} + \frac{d}{D^\beta} + \epsilon
    + \frac{D^\beta}{N^\alpha} \frac{\log_2 B}{\gamma\, (E + 0.5)^\delta (M + 0.5)^\nu}$$

    It is Chinchilla plus what precision costs, with the same alpha and beta in both. The cost grows with D, so beyond
    some amount of data the loss rises.

    Args:
        N: model parameters [count].
        D: training tokens [tokens].
        E: exponent bits of the format, 0 or more; its width is E + M + 1, with the sign.
        M: mantissa bits of the format, 0 or more.
        B: elements that share one scaling factor, 1 or more.
        n, alpha: scale and exponent of size.
        d, beta: scale and exponent of data.
        eps: irreducible loss [nats/token].
        gamma: how little precision costs.
        delta, nu: exponents of exponent bits and mantissa bits.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Sun et al. 2025, arXiv:2501.02423, the unified law.
    """
    fineness = gamma * product_of_powers((E + 0.5, M + 0.5), (delta, nu))
    cost = power(D, beta) / power(N, alpha) * jnp.log2(B) / fineness
    return chinchilla(N, D, E=eps, A=n, alpha=alpha, B=d, beta=beta) + cost


FLOATING_POINT = Law(
    fn=floating_point,
    response="loss",
    inputs=dict(
        N=SIZE,
        D=TOKENS,
        E=Variable(unit="exponent bits", kind="amount", usual=(1.0, 8.0)),
        M=Variable(unit="mantissa bits", kind="amount", usual=(1.0, 10.0)),
        B=Variable(unit="elements that share a scale", kind="number", usual=(2.0, 512.0)),
    ),
    falls=("N", "E", "M"),
    rises=("B",),
    unit=NATS,
    params=dict(
        n=positive(1e1, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.1, 0.6),
        d=positive(1e2, 1e5, dims={"D": "beta"}),
        beta=positive(0.1, 0.8),
        eps=positive(0.2, 4.0),
        gamma=positive(1e3, 1e5, dims={"D": "beta", "N": "-alpha"}),
        delta=positive(1.0, 5.0),
        nu=positive(1.0, 5.0),
    ),
    linear=("n", "d", "eps"),
    reference="sun2025",
)
