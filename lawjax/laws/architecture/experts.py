"""Mixture of experts: how many times the compute a dense model would need for the same loss.

The efficiency leverage is the compute of a dense model over that of a mixture of experts of equal loss. Its laws
mix bases of the logarithm, which the paper does not state; each docstring says which is meant.
"""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real
from lawjax.laws.terms import log_linear, log_polynomial, power, saturate

LOG_2 = 0.6931471805599453
LOG_10 = 2.302585092994046


def leverage(
    A: ScalarLike,
    G: ScalarLike,
    C: ScalarLike,
    *,
    a: ScalarLike,
    d: ScalarLike,
    gamma: ScalarLike,
    beta: ScalarLike,
    A_start: ScalarLike,
    A_max: ScalarLike,
) -> Scalar:
    r"""Efficiency leverage of a mixture of experts over a dense model.

    $$EL(A, G, C) = \hat A^{\,a + d \log_{10} C + \gamma (\log_2 G)^2 + \beta \log_2 G}, \qquad
    \frac{1}{\hat A} = \frac{1}{A + (1/A_{start} - 1/A_{max})^{-1}} + \frac{1}{A_{max}}$$

    The paper writes log for both; only these two bases give its numbers: a leverage above 7 at 3.1 % of active
    experts, granularity 12 and 1e22 FLOP, with its best near granularity 12.

    Args:
        A: share of the experts that a token activates, shared ones included, 0 to 1.
        G: granularity, twice the width of the model over the width of an expert.
        C: training compute [FLOP].
        a, d: exponent of the activation at one FLOP, and its change with each tenfold of compute.
        gamma, beta: curvature and slope of the exponent in log2 G.
        A_start, A_max: lower and upper knee of the activation.
    Returns:
        Compute of a dense model of the same loss over that of the mixture of experts.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 13.
    """
    by_compute = log_linear(a, (C,), (d / LOG_10,))
    by_granularity = log_polynomial(G, (0.0, beta / LOG_2, gamma / LOG_2**2))
    return power(saturate(A, A_start, A_max), by_compute + by_granularity)


def leverage_by_activation(A: ScalarLike, *, a_A: ScalarLike, A_start: ScalarLike, A_max: ScalarLike) -> Scalar:
    r"""Efficiency leverage against the share of active experts, at one granularity and budget.

    $$EL_{C,G}(A) = \hat A^{\,a_A}, \qquad
    \frac{1}{\hat A} = \frac{1}{A + (1/A_{start} - 1/A_{max})^{-1}} + \frac{1}{A_{max}}$$

    Args:
        A: share of the experts that a token activates, shared ones included, 0 to 1.
        a_A: exponent, below 0.
        A_start, A_max: lower and upper knee of the activation.
    Returns:
        Compute of a dense model of the same loss over that of the mixture of experts.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 10.
    """
    return power(saturate(A, A_start, A_max), a_A)


def leverage_by_granularity(G: ScalarLike, *, a_G: ScalarLike, b_G: ScalarLike, c_G: ScalarLike) -> Scalar:
    r"""Efficiency leverage against granularity, at one activation and budget.

    $$\log EL_{C,A}(G) = a_G + b_G \log_2 G\, (\log_2 G + c_G)$$

    The paper states no base for log G and prints no coefficients; base 2 is that of the joint law.

    Args:
        G: granularity, twice the width of the model over the width of an expert.
        a_G: natural logarithm of the leverage at G = 1.
        b_G: curvature, below 0 where one granularity is best.
        c_G: that granularity is 2^(-c_G / 2).
    Returns:
        Compute of a dense model of the same loss over that of the mixture of experts.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 11.
    """
    return jnp.exp(log_polynomial(G, (a_G, b_G * c_G / LOG_2, b_G / LOG_2**2)))


def leverage_by_compute(C: ScalarLike, *, a_C: ScalarLike, c_C: ScalarLike) -> Scalar:
    r"""Efficiency leverage against compute, for one architecture.

    $$EL_{A,G}(C) = e^{c_C}\, C^{a_C}$$

    Args:
        C: training compute [FLOP].
        a_C: exponent.
        c_C: natural logarithm of the leverage at one FLOP.
    Returns:
        Compute of a dense model of the same loss over that of the mixture of experts.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 12.
    """
    return jnp.exp(log_linear(c_C, (C,), (a_C,)))


def _joint_recentred(params: Params, factors: Mapping[str, Any]) -> Params:
    """The exponent moves by d for each tenfold of the unit of compute."""
    factor = factors.get("C", 1.0)
    return {**params, "a": params["a"] + params["d"] * namespace(factor).log(factor) / LOG_10}


def _compute_recentred(params: Params, factors: Mapping[str, Any]) -> Params:
    factor = factors.get("C", 1.0)
    return {**params, "c_C": params["c_C"] + params["a_C"] * namespace(factor).log(factor)}


ACTIVATION = Variable(unit="share of experts", kind="fraction", usual=(0.008, 0.5))
GRANULARITY = Variable(unit="2 d_model / d_expert", kind="number", usual=(1.0, 32.0))
BUDGET = Variable(unit="FLOP", usual=(3e18, 3e21))
RATIO = "dense FLOP / MoE FLOP"
KNEES = dict(A_start=positive(5e-3, 5e-2), A_max=positive(3.0, 1e3))

LEVERAGE = Law(
    fn=leverage,
    response="leverage",
    inputs=dict(A=ACTIVATION, G=GRANULARITY, C=BUDGET),
    unit=RATIO,
    params=dict(a=real(0.8, 1.5), d=real(-0.1, -0.06), gamma=real(0.01, 0.03), beta=real(-0.2, -0.05), **KNEES),
    recentre=_joint_recentred,
    reference="tian2025",
)
LEVERAGE_BY_ACTIVATION = Law(
    fn=leverage_by_activation,
    response="leverage",
    inputs=dict(A=ACTIVATION),
    unit=RATIO,
    falls=("A",),
    params=dict(a_A=real(-0.8, -0.1), **KNEES),
    reference="tian2025",
)
LEVERAGE_BY_GRANULARITY = Law(
    fn=leverage_by_granularity,
    response="leverage",
    inputs=dict(G=GRANULARITY),
    unit=RATIO,
    params=dict(a_G=real(0.0, 2.0), b_G=real(-0.1, -0.02), c_G=real(-10.0, -4.0)),
    reference="tian2025",
)
LEVERAGE_BY_COMPUTE = Law(
    fn=leverage_by_compute,
    response="leverage",
    inputs=dict(C=BUDGET),
    unit=RATIO,
    rises=("C",),
    params=dict(a_C=real(0.02, 0.2), c_C=real(-6.0, 0.0)),
    recentre=_compute_recentred,
    reference="tian2025",
)
