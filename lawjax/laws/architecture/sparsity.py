"""Activation sparsity against training tokens: the share of neurons that a token switches on."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, real, unit_interval
from lawjax.laws.terms import power, stretched_exponential

TOKENS = Variable(unit="tokens", kind="count", usual=(2e9, 4e11))


def relu_activation(D: ScalarLike, *, A_0: ScalarLike, b: ScalarLike, c: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Share of active neurons in a ReLU model, which falls with training towards a limit.

    $$A(D) = e^{b - c D^{\alpha}} + A_0$$

    Args:
        D: training tokens seen [tokens].
        A_0: the limit activation ratio; 1 - A_0 is the limit sparsity.
        b: logarithm of the part above the limit before training.
        c, alpha: scale and exponent of the stretched exponential; c has dimension D^-alpha.
    Returns:
        Activation ratio, 0 to 1, at a fixed tolerated rise of perplexity.
    References:
        Luo et al. 2024, arXiv:2411.02335.
    """
    return jnp.exp(b) * stretched_exponential(D, c, alpha) + A_0


def silu_activation(D: ScalarLike, *, A_0: ScalarLike, c: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Share of active neurons in a SiLU model, which rises with training towards a limit.

    $$A(D) = A_0 - c D^{-\alpha}$$

    Args:
        D: training tokens seen [tokens].
        A_0: the limit activation ratio; 1 - A_0 is the limit sparsity.
        c, alpha: scale and exponent of the part that is missing; c has dimension D^alpha.
    Returns:
        Activation ratio, 0 to 1, at a fixed tolerated rise of perplexity.
    References:
        Luo et al. 2024, arXiv:2411.02335.
    """
    return A_0 - c / power(D, alpha)


RELU_ACTIVATION = Law(
    fn=relu_activation,
    response="activation_ratio",
    inputs=dict(D=TOKENS),
    unit="share of neurons",
    support="unit",
    falls=("D",),
    params=dict(
        A_0=unit_interval(0.03, 0.3),
        b=real(-5.0, -0.5),
        c=positive(1e-8, 1e-3, dims={"D": "-alpha"}, centred=(0.1, 5.0)),
        alpha=positive(0.2, 2.0),
    ),
    linear=("A_0",),
    reference="luo2024",
)
SILU_ACTIVATION = Law(
    fn=silu_activation,
    response="activation_ratio",
    inputs=dict(D=TOKENS),
    unit="share of neurons",
    support="unit",
    rises=("D",),
    params=dict(
        A_0=unit_interval(0.1, 0.6),
        c=positive(1.0, 1e8, dims={"D": "alpha"}, centred=(1e-3, 0.3)),
        alpha=positive(0.3, 1.5),
    ),
    linear=("A_0", "c"),
    reference="luo2024",
)
