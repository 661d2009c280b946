"""The rectified law: loss of fine-tuning, flat until the data exceed what the model had learned before."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real
from lawjax.laws.terms import hill

EXAMPLES = Variable(unit="examples or tokens of fine-tuning", kind="count", usual=(200.0, 2e6))


def rectified_hill(D: ScalarLike, *, E: ScalarLike, A: ScalarLike, beta: ScalarLike, c: ScalarLike) -> Scalar:
    r"""Loss after fine-tuning on D examples, by the place in log D where half of the gain is made.

    $$L(D) = E + \frac{A - E}{1 + e^{\beta (\ln D - c)}}$$

    It is `rectified` with $A = E + B / D_l$ and $c = \ln(D_l) / \beta$, and far better conditioned: fit this one.

    Args:
        D: fine-tuning examples, or tokens [count].
        E: loss with unlimited data.
        A: loss that the curve starts from. The loss without any fine-tuning need not lie on the curve.
        beta: exponent.
        c: log of the number of examples that makes half of the gain.
    Returns:
        Test loss or error rate, in the unit of E.
    References:
        Lin et al. 2024, arXiv:2402.02314; the code of linhaowei1/Fine-tuning-Scaling-Law fits in this form.
    """
    left = hill(D, c, beta)
    return A * left + E * (1.0 - left)


def rectified(D: ScalarLike, *, E: ScalarLike, B: ScalarLike, D_l: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""Loss after fine-tuning on D examples, for a model that had learned D_l before.

    $$L(D) = \frac{B}{D_l + D^\beta} + E$$

    Args:
        D: fine-tuning or synthetic examples, or tokens [count].
        E: loss with unlimited data.
        B: scale [loss x D^beta].
        D_l: size of what was learned before [D^beta].
        beta: exponent, mostly from 0 to 1.
    Returns:
        Test loss or error rate, in the unit of E.
    References:
        Lin et al. 2024, arXiv:2402.02314; Qin et al. 2025, arXiv:2503.19551.
    """
    return rectified_hill(D, E=E, A=E + B / D_l, beta=beta, c=jnp.log(D_l) / beta)


def as_hill(params: Params) -> dict[str, Any]:
    """Parameters of `rectified-hill` for those of `rectified`."""
    E, B, D_l, beta = (params[name] for name in ("E", "B", "D_l", "beta"))
    return dict(E=E, A=E + B / D_l, beta=beta, c=namespace(D_l).log(D_l) / beta)


def as_rectified(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of `rectified` for those of `rectified-hill`."""
    E, A, beta, c = (params[name] for name in ("E", "A", "beta", "c"))
    D_l = namespace(c).exp(beta * c)
    return dict(E=E, B=(A - E) * D_l, D_l=D_l, beta=beta)


RECTIFIED_HILL = Law(
    fn=rectified_hill,
    response="loss",
    inputs=dict(D=EXAMPLES),
    falls=("D",),
    params=dict(
        E=positive(0.05, 2.0),
        A=positive(2.0, 8.0),
        beta=positive(0.1, 0.8),
        c=real(5.0, 13.0, shift={"D": 1.0}),
    ),
    linear=("E", "A"),
    reference="lin2024",
)
RECTIFIED = Law(
    fn=rectified,
    response="loss",
    inputs=dict(D=EXAMPLES),
    falls=("D",),
    params=dict(
        E=positive(0.05, 2.0),
        B=positive(10.0, 5e3, dims={"D": "beta"}),
        D_l=positive(5.0, 2e3, dims={"D": "beta"}),
        beta=positive(0.1, 0.8),
    ),
    linear=("E", "B"),
    reference="lin2024",
)
