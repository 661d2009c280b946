"""Two laws of translation and captioning: effective parameters of a task, and powers of size and samples."""

from collections.abc import Mapping
from typing import Any

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real
from lawjax.laws.size.loss import NATS, SIZE
from lawjax.laws.terms import power, product_of_powers

SAMPLES = Variable(unit="samples", kind="count", usual=(5e5, 1e7))
MULTIPLY_ADDS = Variable(unit="GMACs", kind="count", usual=(1e9, 1e12))


def parameter_fraction(p: ScalarLike, *, c1: ScalarLike, c2: ScalarLike, c3: ScalarLike) -> Scalar:
    r"""Share of a multi-task model's parameters that work for a task of weight p: $p + c_1 p^{c_2} (1 - p)^{c_3}$."""
    return p + c1 * power(p, c2) * power(1.0 - p, c3)


def multilingual(
    N: ScalarLike,
    p: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    c1: ScalarLike,
    c2: ScalarLike,
    c3: ScalarLike,
) -> Scalar:
    r"""Loss on one task of a model that trains on several, this one with weight p.

    $$L(N, p) = E + A\, \big( f(p)\, N \big)^{-\alpha}, \quad f(p) = p + c_1 p^{c_2} (1 - p)^{c_3}$$

    f(p) is the share of the parameters that work for the task: a model of the task alone with f(p) N parameters
    would be as good. f(0) = 0 and f(1) = 1; with c1 = 0 tasks only compete, above it they help each other.

    Args:
        N: non-embedding parameters [count].
        p: probability of sampling the task, 0 to 1.
        E: irreducible loss of the task [nats/token].
        A, alpha: scale and exponent of a model of the task alone.
        c1, c2, c3: size and shape of what other tasks give.
    Returns:
        Test cross-entropy on the task [nats/token].
    References:
        Fernandes et al. 2023, arXiv:2302.09650, equations 11 and 12.
    """
    return E + A / power(parameter_fraction(p, c1=c1, c2=c2, c3=c3) * N, alpha)


def log_linear_compute(C: ScalarLike, *, alpha0: ScalarLike, alpha1: ScalarLike) -> Scalar:
    r"""Loss as a straight line in decimal logarithms of compute.

    $$\log_{10} L = \alpha_0 + \alpha_1 \log_{10} C$$

    Args:
        C: training compute [GMACs].
        alpha0: decimal logarithm of the loss at C = 1.
        alpha1: slope, below 0.
    Returns:
        Cross-entropy [nats/token].
    References:
        Spravil et al. 2025, arXiv:2503.09443, equation 1.
    """
    return power(10.0, alpha0) * power(C, alpha1)


def log_linear_size(N: ScalarLike, S: ScalarLike, *, beta0: ScalarLike, beta1: ScalarLike, beta2: ScalarLike) -> Scalar:
    r"""Loss as a plane in decimal logarithms of size and samples seen.

    $$\log_{10} L = \beta_0 + \beta_1 \log_{10} N + \beta_2 \log_{10} S$$

    Args:
        N: model parameters [count].
        S: training samples seen [samples].
        beta0: decimal logarithm of the loss at N = S = 1.
        beta1, beta2: slopes in size and samples, below 0.
    Returns:
        Cross-entropy [nats/token].
    References:
        Spravil et al. 2025, arXiv:2503.09443, equation 3.
    """
    return power(10.0, beta0) * product_of_powers((N, S), (beta1, beta2))


def _log10(factor: Any) -> Any:
    return namespace(factor).log10(factor)


def _recentre_compute(params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    shift = params["alpha1"] * _log10(factors.get("C", 1.0))
    return {**params, "alpha0": params["alpha0"] + shift}


def _recentre_size(params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    shift = params["beta1"] * _log10(factors.get("N", 1.0)) + params["beta2"] * _log10(factors.get("S", 1.0))
    return {**params, "beta0": params["beta0"] + shift}


MULTILINGUAL = Law(
    fn=multilingual,
    response="loss",
    inputs=dict(N=SIZE, p=Variable(unit="sampling probability", kind="fraction")),
    falls=("N",),
    unit=NATS,
    params=dict(
        E=positive(0.2, 3.0),
        A=positive(1e1, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.1, 0.6),
        c1=positive(0.05, 2.0),
        c2=positive(0.2, 2.0),
        c3=positive(0.5, 4.0),
    ),
    linear=("E", "A"),
    reference="fernandes2023",
)
LOG_LINEAR_COMPUTE = Law(
    fn=log_linear_compute,
    response="loss",
    inputs=dict(C=MULTIPLY_ADDS),
    falls=("C",),
    unit=NATS,
    params=dict(alpha0=real(0.5, 3.0), alpha1=real(-0.4, -0.02)),
    recentre=_recentre_compute,
    reference="spravil2025",
)
LOG_LINEAR_SIZE = Law(
    fn=log_linear_size,
    response="loss",
    inputs=dict(N=SIZE, S=SAMPLES),
    falls=("N", "S"),
    unit=NATS,
    params=dict(beta0=real(1.5, 4.0), beta1=real(-0.3, -0.02), beta2=real(-0.3, -0.02)),
    recentre=_recentre_size,
    reference="spravil2025",
)
