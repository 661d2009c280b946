"""Quality against the bits that a model occupies: many parameters in few bits, or few in many."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, real
from lawjax.laws.size.loss import SIZE
from lawjax.laws.terms import power


def bit_level(
    N: ScalarLike,
    b: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    G: ScalarLike,
    kappa: ScalarLike,
    rate: ScalarLike,
) -> Scalar:
    r"""A form of our own for the generation error of a model of N parameters quantised to b bits each.

    $$Q(N, b) = E + \frac{A}{N^\alpha} + G\, N^\kappa\, 2^{-\rho b}$$

    The paper plots quality against the total bits $N b$ and states no formula. This one says that size lowers the
    error by a power, and that each bit divides what rounding adds by $2^\rho$ (4 for the variance of uniform
    rounding). The bit-level scaling curve is its lower envelope over b at a fixed $N b$.

    Args:
        N: parameters [count].
        b: bits per parameter.
        E: error that neither size nor bits remove.
        A, alpha: scale and exponent of size.
        G, kappa: scale of the rounding error and its exponent in size, of either sign.
        rate: $\rho$, halvings of the rounding error per bit.
    Returns:
        Generation error, such as gFID; lower is better.
    References:
        Ding et al. 2025, arXiv:2501.06218 (the question; the formula is ours).
    """
    return E + A / power(N, alpha) + G * power(N, kappa) / jnp.exp2(jnp.multiply(rate, b))


BIT_LEVEL = Law(
    fn=bit_level,
    response="error",
    inputs=dict(N=SIZE, b=Variable(unit="bits per parameter", kind="bits", usual=(2.0, 16.0))),
    falls=("b",),
    unit="gFID",
    params=dict(
        E=positive(0.5, 5.0),
        A=positive(1e2, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.2, 1.0),
        G=positive(1.0, 1e3, dims={"N": "-kappa"}),
        kappa=real(-0.3, 0.3),
        rate=positive(0.5, 3.0, dims={"b": -1.0}, centred=(2.0, 20.0)),
    ),
    linear=("E", "A", "G"),
    reference="ding2025",
)
