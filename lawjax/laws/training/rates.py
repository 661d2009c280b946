"""The best learning rate and batch size: powers of model size, tokens or compute."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, positive, real
from lawjax.laws.size.generative import COMPUTE
from lawjax.laws.size.loss import SIZE, TOKENS
from lawjax.laws.terms import power, scaled_power


def learning_rate_by_size(
    N: ScalarLike, D: ScalarLike, *, c: ScalarLike, alpha: ScalarLike, beta: ScalarLike
) -> Scalar:
    r"""Best peak learning rate for a model with N parameters trained on D tokens.

    $$\eta(N, D) = c\, N^{-\alpha} D^{\beta}$$

    Args:
        N: non-embedding parameters [count].
        D: training tokens [tokens].
        c: scale; has dimension N^alpha D^-beta.
        alpha: how fast the rate falls with size.
        beta: how it moves with tokens; either sign.
    Returns:
        Peak learning rate.
    References:
        Li et al. 2025, arXiv:2503.04715 (Step Law).
    """
    return c / power(N, alpha) * power(D, beta)


def batch_by_tokens(D: ScalarLike, *, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Best batch size for a run of D tokens.

    $$B(D) = A\, D^{\alpha}$$

    Args:
        D: training tokens [tokens].
        A: scale; has dimension D^-alpha.
        alpha: exponent of tokens.
    Returns:
        Batch size [tokens].
    References:
        Li et al. 2025, arXiv:2503.04715 (Step Law).
    """
    return scaled_power(D, A, alpha)


def learning_rate_by_compute(C: ScalarLike, *, c: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Best peak learning rate of a compute-optimal run of C FLOP.

    $$\eta(C) = c\, C^{-\alpha}$$

    Args:
        C: training compute [FLOP].
        c: scale; has dimension C^alpha.
        alpha: how fast the rate falls with compute.
    Returns:
        Peak learning rate.
    References:
        Tian et al. 2025, arXiv:2507.17702.
    """
    return c / power(C, alpha)


def batch_by_compute(C: ScalarLike, *, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Best batch size of a compute-optimal run of C FLOP.

    $$B(C) = A\, C^{\alpha}$$

    Args:
        C: training compute [FLOP].
        A: scale; has dimension C^-alpha.
        alpha: exponent of compute.
    Returns:
        Batch size [tokens].
    References:
        Tian et al. 2025, arXiv:2507.17702.
    """
    return scaled_power(C, A, alpha)


LEARNING_RATE_BY_SIZE = Law(
    fn=learning_rate_by_size,
    response="learning_rate",
    inputs=dict(N=SIZE, D=TOKENS),
    falls=("N",),
    params=dict(
        c=positive(0.1, 100.0, dims={"N": "alpha", "D": "-beta"}),
        alpha=positive(0.2, 1.2),
        beta=real(-0.2, 0.6),
    ),
    linear=("c",),
    reference="li2025steplaw",
)
BATCH_BY_TOKENS = Law(
    fn=batch_by_tokens,
    response="batch",
    inputs=dict(D=TOKENS),
    unit="tokens",
    rises=("D",),
    params=dict(A=positive(0.01, 100.0, dims={"D": "-alpha"}), alpha=positive(0.2, 1.0)),
    linear=("A",),
    reference="li2025steplaw",
)
LEARNING_RATE_BY_COMPUTE = Law(
    fn=learning_rate_by_compute,
    response="learning_rate",
    inputs=dict(C=COMPUTE),
    falls=("C",),
    params=dict(c=positive(0.1, 10.0, dims={"C": "alpha"}), alpha=positive(0.05, 0.4)),
    linear=("c",),
    reference="tian2025",
)
BATCH_BY_COMPUTE = Law(
    fn=batch_by_compute,
    response="batch",
    inputs=dict(C=COMPUTE),
    unit="tokens",
    rises=("C",),
    params=dict(A=positive(1e-3, 10.0, dims={"C": "-alpha"}), alpha=positive(0.1, 0.7)),
    linear=("A",),
    reference="tian2025",
)
