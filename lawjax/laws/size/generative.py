"""Generative models of images, video, text and mathematics: Henighan's laws of loss, optimal size and information."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.size.loss import SIZE
from lawjax.laws.terms import log_linear, power, scaled_power

COMPUTE = Variable(unit="FLOP", kind="count", usual=(1e18, 1e25))


def scale_power_law(x: ScalarLike, *, x_0: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Loss that falls as a power of x, written by the x at which it would be 1.

    $$L(x) = (x_0 / x)^{\alpha}$$

    It is the plain power law with $A = x_0^{\alpha}$. Exponents of 0.02 put x_0 at 1e48, where neither it nor
    alpha can be read off alone: compare curves, or fit `power_law`.

    Args:
        x: size, tokens or compute, above 0.
        x_0: where the loss would be 1, in the unit of x.
        alpha: exponent.
    Returns:
        Loss.
    References:
        Yao et al. 2024, arXiv:2410.12360 (time series); Henighan et al. 2020, arXiv:2010.14701, table 1 (language).
    """
    return power(x_0 / x, alpha)


def irreducible_power_law(x: ScalarLike, *, L_inf: ScalarLike, x_0: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Loss as the entropy of the data and a reducible part that falls as a power of x.

    $$L(x) = L_\infty + (x_0 / x)^{\alpha}$$

    It is the power law with a floor with $A = x_0^{\alpha}$. The floor is read as the entropy of the data, the
    rest as the divergence of the model from it.

    Args:
        x: parameters, compute or tokens, above 0.
        L_inf: irreducible loss.
        x_0: where the reducible loss is 1, in the unit of x.
        alpha: exponent.
    Returns:
        Loss, in the unit of L_inf.
    References:
        Henighan et al. 2020, arXiv:2010.14701, equation 1.1.
    """
    return L_inf + power(x_0 / x, alpha)


def optimal_size_power(C: ScalarLike, *, C_N: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""Size of the model that makes the best of a compute budget.

    $$N_{\text{opt}}(C) = (C / C_N)^{\beta}$$

    Args:
        C: training compute [FLOP].
        C_N: compute for which one parameter is best [FLOP].
        beta: exponent of the optimal size.
    Returns:
        Model parameters [count].
    References:
        Henighan et al. 2020, arXiv:2010.14701, equation 1.4.
    """
    return power(C / C_N, beta)


def optimal_tokens_power(C: ScalarLike, *, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Training tokens that make the best of a compute budget.

    $$D^*(C) = A\, C^{\alpha}$$

    Args:
        C: training compute [FLOP].
        A: scale [tokens / FLOP^alpha].
        alpha: exponent of the optimal number of tokens.
    Returns:
        Training tokens [tokens].
    References:
        Grattafiori et al. 2024, arXiv:2407.21783, section 3.2.1.
    """
    return scaled_power(C, A, alpha)


def information_gain(N: ScalarLike, *, slope: ScalarLike, N_c: ScalarLike) -> Scalar:
    r"""Share of a text's information that its image gives a model of N parameters.

    $$\frac{I(\text{text}, \text{image})}{L(\text{text})} = \lambda \log (N / N_c)$$

    It cannot exceed 1, so the law must end before.

    Args:
        N: model parameters [count].
        slope: share gained per e-fold of size, the paper's lambda.
        N_c: size from which on the image helps [count].
    Returns:
        Mutual information per nat of text, 0 to 1.
    References:
        Henighan et al. 2020, arXiv:2010.14701, equation 4.1.
    """
    return log_linear(0.0, (N / N_c,), (slope,))


SCALE_POWER_LAW = Law(
    fn=scale_power_law,
    response="loss",
    falls=("x",),
    params=dict(x_0=positive(1e6, 1e40, dims={"x": 1.0}), alpha=positive(0.01, 0.15)),
    reference="yao2024",
)
IRREDUCIBLE_POWER_LAW = Law(
    fn=irreducible_power_law,
    response="loss",
    falls=("x",),
    params=dict(
        L_inf=positive(0.1, 4.0),
        x_0=positive(1e-2, 1e6, dims={"x": 1.0}, centred=(1e-6, 1e2)),
        alpha=positive(0.05, 0.4),
    ),
    linear=("L_inf",),
    reference="henighan2020",
)
OPTIMAL_SIZE_POWER = Law(
    fn=optimal_size_power,
    response="N",
    inputs=dict(C=COMPUTE),
    rises=("C",),
    unit="parameters",
    params=dict(C_N=positive(1e5, 1e9, dims={"C": 1.0}), beta=positive(0.4, 0.8)),
    reference="henighan2020",
)
OPTIMAL_TOKENS_POWER = Law(
    fn=optimal_tokens_power,
    response="D",
    inputs=dict(C=COMPUTE),
    rises=("C",),
    unit="tokens",
    params=dict(A=positive(1e-2, 1e2, dims={"C": "-alpha"}), alpha=positive(0.3, 0.7)),
    linear=("A",),
    reference="grattafiori2024",
)
INFORMATION_GAIN = Law(
    fn=information_gain,
    response="gain",
    inputs=dict(N=SIZE),
    support="real",
    rises=("N",),
    unit="nats per nat of text",
    params=dict(slope=positive(5e-3, 0.05), N_c=positive(1e5, 1e7, dims={"N": 1.0}, centred=(1e-4, 0.5))),
    linear=("slope",),
    reference="henighan2020",
)
