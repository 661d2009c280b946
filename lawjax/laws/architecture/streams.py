"""Parallel streams: loss of a model that runs P learnt views of its input side by side and mixes the outputs."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, unit_interval
from lawjax.laws.terms import power

SIZE = Variable(unit="parameters", kind="count", usual=(1e8, 1e10))
STREAMS = Variable(unit="streams", kind="number", usual=(1.0, 8.0))


def parallel_streams(
    N: ScalarLike, P: ScalarLike, *, E: ScalarLike, A: ScalarLike, alpha: ScalarLike, k: ScalarLike
) -> Scalar:
    r"""Loss of a model with N parameters and P parallel streams.

    $$L(N, P) = E + \Big( \frac{A}{N\,(k \ln P + 1)} \Big)^{\alpha}$$

    P streams are worth k ln P + 1 times the parameters. With P = 1 it is a power law of size with a floor.

    Args:
        N: non-embedding parameters, with the few that streams add [count].
        P: parallel streams, 1 or more.
        E: irreducible loss [nats/token].
        A: size at which the reducible loss of one stream would be 1 [count].
        alpha: exponent of size.
        k: worth of a stream, per e-fold of streams.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Chen et al. 2025, arXiv:2505.10475 (the form that is fitted).
    """
    return E + power(A / (N * (k * jnp.log(P) + 1.0)), alpha)


def parallel_streams_theory(
    N: ScalarLike, P: ScalarLike, *, E: ScalarLike, A: ScalarLike, alpha: ScalarLike, rho: ScalarLike
) -> Scalar:
    r"""Loss with P parallel streams whose errors have the correlation rho, as theory gives it.

    $$L(N, P) = E + \Big( \frac{A}{N P^{1/\alpha} \delta} \Big)^{\alpha}, \qquad
    \delta = \big[ (P - 1)\, \rho + 1 \big]^{-1/\alpha}$$

    The reducible loss is that of one stream times ((P - 1) rho + 1) / P: equal streams (rho = 1) gain nothing,
    independent ones (rho = 0) divide it by P.

    Args:
        N: non-embedding parameters [count].
        P: parallel streams, 1 or more.
        E: irreducible loss [nats/token].
        A: size at which the reducible loss of one stream would be 1 [count].
        alpha: exponent of size.
        rho: correlation of the relative errors of two streams, 0 to 1.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Chen et al. 2025, arXiv:2505.10475 (the proposition on diversity).
    """
    return E + power(A / N, alpha) * ((P - 1.0) * rho + 1.0) / P


PARALLEL_STREAMS = Law(
    fn=parallel_streams,
    response="loss",
    inputs=dict(N=SIZE, P=STREAMS),
    unit="nats/token",
    falls=("N", "P"),
    params=dict(
        E=positive(0.2, 3.0),
        A=positive(1e5, 1e9, dims={"N": 1.0}),
        alpha=positive(0.05, 0.6),
        k=positive(0.05, 1.5),
    ),
    linear=("E",),
    reference="chen2025parscale",
)
PARALLEL_STREAMS_THEORY = Law(
    fn=parallel_streams_theory,
    response="loss",
    inputs=dict(N=SIZE, P=STREAMS),
    unit="nats/token",
    falls=("N", "P"),
    params=dict(
        E=positive(0.2, 3.0),
        A=positive(1e5, 1e9, dims={"N": 1.0}),
        alpha=positive(0.05, 0.6),
        rho=unit_interval(0.3, 0.98),
    ),
    linear=("E",),
    reference="chen2025parscale",
)
