"""Loss against model size and training tokens: Kaplan, Chinchilla, and the coupled form."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.terms import power, power_mean

SIZE = Variable(unit="parameters", kind="count", usual=(1e7, 1e10))
TOKENS = Variable(unit="tokens", kind="count", usual=(1e8, 1e12))
NATS = "nats/token"


def kaplan_n(N: ScalarLike, *, N_c: ScalarLike, alpha_N: ScalarLike) -> Scalar:
    r"""Loss of a model with N parameters trained to the end on unlimited data.

    $$L(N) = (N_c / N)^{\alpha_N}$$

    Args:
        N: non-embedding parameters [count].
        N_c: size at which the loss would be 1 nat [count].
        alpha_N: exponent of size.
    Returns:
        Test cross-entropy [nats/token].
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equation 1.1.
    """
    return power(N_c / N, alpha_N)


def kaplan_d(D: ScalarLike, *, D_c: ScalarLike, alpha_D: ScalarLike) -> Scalar:
    r"""Loss of a large model stopped early on D tokens.

    $$L(D) = (D_c / D)^{\alpha_D}$$

    Args:
        D: training tokens [tokens].
        D_c: tokens at which the loss would be 1 nat [tokens].
        alpha_D: exponent of data.
    Returns:
        Test cross-entropy [nats/token].
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equation 1.2.
    """
    return power(D_c / D, alpha_D)


def kaplan_nd(
    N: ScalarLike, D: ScalarLike, *, N_c: ScalarLike, alpha_N: ScalarLike, D_c: ScalarLike, alpha_D: ScalarLike
) -> Scalar:
    r"""Loss of a model with N parameters stopped early on D tokens.

    $$L(N, D) = \Big[ (N_c / N)^{\alpha_N / \alpha_D} + D_c / D \Big]^{\alpha_D}$$

    Args:
        N: non-embedding parameters [count].
        D: training tokens [tokens].
        N_c, alpha_N: scale [count] and exponent of size.
        D_c, alpha_D: scale [tokens] and exponent of data.
    Returns:
        Test cross-entropy [nats/token].
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equation 1.5.
    """
    return power_mean((power(N_c / N, alpha_N / alpha_D), D_c / D), alpha_D)


def chinchilla(
    N: ScalarLike, D: ScalarLike, *, E: ScalarLike, A: ScalarLike, alpha: ScalarLike, B: ScalarLike, beta: ScalarLike
) -> Scalar:
    r"""Loss of a model with N parameters trained on D tokens.

    $$L(N, D) = E + A N^{-\alpha} + B D^{-\beta}$$

    Args:
        N: model parameters [count]; say in the data which are counted.
        D: training tokens seen [tokens].
        E: irreducible loss [nats/token].
        A, alpha: scale and exponent of the size term.
        B, beta: scale and exponent of the data term.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Hoffmann et al. 2022, arXiv:2203.15556, section D.2.
    """
    return E + A / power(N, alpha) + B / power(D, beta)


def coupled(
    N: ScalarLike,
    D: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    B: ScalarLike,
    beta: ScalarLike,
    gamma: ScalarLike,
) -> Scalar:
    r"""Chinchilla with an exponent on the sum, so that size and data need not act apart.

    $$L(N, D) = E + \big( A N^{-\alpha} + B D^{-\beta} \big)^{\gamma}$$

    With gamma = 1 it is Chinchilla. The exponents that matter for allocation are alpha and beta, as there:
    gamma raises a sum whose minimum it cannot move.

    Args:
        N: model parameters [count].
        D: training tokens seen [tokens].
        E: irreducible loss [nats/token].
        A, alpha: scale and exponent of the size term.
        B, beta: scale and exponent of the data term.
        gamma: exponent of the sum.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Beck et al. 2025, arXiv:2510.02228 (exponent on the sum).
    """
    return E + power_mean((A / power(N, alpha), B / power(D, beta)), gamma)


KAPLAN_N = Law(
    fn=kaplan_n,
    response="loss",
    inputs=dict(N=SIZE),
    falls=("N",),
    unit=NATS,
    params=dict(N_c=positive(1e10, 1e16, dims={"N": 1.0}), alpha_N=positive(0.02, 0.3)),
    reference="kaplan2020",
)
KAPLAN_D = Law(
    fn=kaplan_d,
    response="loss",
    inputs=dict(D=TOKENS),
    falls=("D",),
    unit=NATS,
    params=dict(D_c=positive(1e10, 1e16, dims={"D": 1.0}), alpha_D=positive(0.02, 0.3)),
    reference="kaplan2020",
)
KAPLAN_ND = Law(
    fn=kaplan_nd,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS),
    falls=("N", "D"),
    unit=NATS,
    params=dict(
        N_c=positive(1e10, 1e16, dims={"N": 1.0}),
        alpha_N=positive(0.02, 0.3),
        D_c=positive(1e10, 1e16, dims={"D": 1.0}),
        alpha_D=positive(0.02, 0.3),
    ),
    reference="kaplan2020",
)
CHINCHILLA = Law(
    fn=chinchilla,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS),
    falls=("N", "D"),
    unit=NATS,
    params=dict(
        E=positive(0.2, 4.0),
        A=positive(1e1, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.1, 1.0),
        B=positive(1e1, 1e4, dims={"D": "beta"}),
        beta=positive(0.1, 1.0),
    ),
    linear=("E", "A", "B"),
    reference="hoffmann2022",
)
COUPLED = Law(
    fn=coupled,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS),
    falls=("N", "D"),
    unit=NATS,
    params=dict(
        E=positive(0.2, 4.0),
        A=positive(1e1, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.1, 1.0),
        B=positive(1e1, 1e4, dims={"D": "beta"}),
        beta=positive(0.1, 1.0),
        gamma=positive(0.3, 3.0),
    ),
    linear=("E",),
    reference="beck2025",
)
