"""The critical mixture ratio: the largest share of domain data from which the general loss still recovers."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Param, Scalar, Variable, positive, real
from lawjax.laws.mixture.continual import SHARE, share_power
from lawjax.laws.size.loss import NATS, TOKENS
from lawjax.laws.terms import power

SPENT = Variable(unit=TOKENS.unit, kind="count", usual=(1e8, 1e11))


def cmr_loss(R: ScalarLike, *, alpha: ScalarLike, s: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""Loss at the end of continual pre-training against the share of domain data.

    $$L(R) = \alpha R^s + \beta$$

    Fitted to the domain loss (alpha below 0) and to the general loss (alpha above 0) apart. Near s = 0 it becomes a
    logarithm: alpha and beta then grow against each other, while predictions stay put.

    Args:
        R: share of the training tokens that are domain data, 0 to 1, whichever loss it is.
        alpha: change of the loss from no domain data to nothing else [nats/token].
        s: exponent of the share.
        beta: the loss at R = 0 [nats/token].
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Gu et al. 2024, arXiv:2407.17467, section 5.1.
    """
    return alpha * share_power(R, s) + beta


def cmr_domain_change(T: ScalarLike, *, a1: ScalarLike, s1: ScalarLike, b1: ScalarLike) -> Scalar:
    r"""Change of the domain loss over T tokens of continual pre-training, at one mixture.

    $$\Delta L_{dom}(T) = a_1 T^{s_1} + b_1$$

    Args:
        T: tokens of continual pre-training [tokens].
        a1: scale [nats/token per tokens^s1]; below 0 for a loss that falls.
        s1: exponent of tokens.
        b1: constant of the fit [nats/token].
    Returns:
        Loss minus the loss before continual pre-training [nats/token].
    References:
        Gu et al. 2024, arXiv:2407.17467, equation 6.
    """
    return a1 * power(T, s1) + b1


def cmr_general_change(
    T: ScalarLike, *, a2: ScalarLike, s2: ScalarLike, a3: ScalarLike, s3: ScalarLike, b2: ScalarLike
) -> Scalar:
    r"""Change of the general loss over T tokens of continual pre-training, at one mixture: it rises, then falls.

    $$\Delta L_{gen}(T) = a_2 T^{s_2} + a_3 T^{s_3} + b_2$$

    The two powers could trade names, so their signs are fixed here: the first rises, the second falls. With s2 < s3
    the sum turns once, from rising to falling.

    Args:
        T: tokens of continual pre-training [tokens].
        a2, s2: scale, above 0, and exponent of what is forgotten at first.
        a3, s3: scale, below 0, and exponent of what is learnt again.
        b2: constant of the fit [nats/token].
    Returns:
        Loss minus the loss before continual pre-training [nats/token].
    References:
        Gu et al. 2024, arXiv:2407.17467, equation 6.
    """
    return a2 * power(T, s2) + a3 * power(T, s3) + b2


def critical_ratio(T: ScalarLike, *, a4: ScalarLike, s4: ScalarLike, b3: ScalarLike) -> Scalar:
    r"""Critical mixture ratio against the tokens of continual pre-training: the CMR law.

    $$R_{CMR}(T) = a_4 T^{s_4} + b_3$$

    Args:
        T: tokens of continual pre-training [tokens]. The paper counts them in units in which 100 is 20B tokens.
        a4: scale [1 / tokens^s4].
        s4: exponent of tokens.
        b3: constant of the fit.
    Returns:
        The largest share of domain data with which the general loss has turned by the end.
    References:
        Gu et al. 2024, arXiv:2407.17467, equation 8.
    """
    return a4 * power(T, s4) + b3


def _scale(exponent: str, low: float = -1.0, high: float = 1.0) -> Param:
    """A free scale of tokens to a power, placed by its size in the middle of the runs."""
    return real(low, high, dims={"T": f"-{exponent}"}, centred=(low, high))


CMR_LOSS = Law(
    fn=cmr_loss,
    response="loss",
    inputs=dict(R=SHARE),
    unit=NATS,
    params=dict(alpha=real(-1.0, 0.2), s=positive(0.05, 2.0), beta=positive(1.0, 4.0)),
    linear=("alpha", "beta"),
    reference="gu2024",
)
CMR_DOMAIN_CHANGE = Law(
    fn=cmr_domain_change,
    response="change",
    inputs=dict(T=SPENT),
    unit=NATS,
    support="real",
    params=dict(a1=_scale("s1"), s1=positive(0.05, 1.0), b1=real(-0.5, 0.5)),
    linear=("a1", "b1"),
    reference="gu2024",
)
CMR_GENERAL_CHANGE = Law(
    fn=cmr_general_change,
    response="change",
    inputs=dict(T=SPENT),
    unit=NATS,
    support="real",
    params=dict(
        a2=positive(1e-4, 1e-1, dims={"T": "-s2"}, centred=(0.01, 1.0)),
        s2=positive(0.05, 0.5),
        a3=Param(-1e-2, -1e-6, edges=(-float("inf"), 0.0), dims={"T": "-s3"}, centred=(-1.0, -0.01)),
        s3=positive(0.5, 1.5),
        b2=real(-0.5, 0.5),
    ),
    linear=("a2", "a3", "b2"),
    reference="gu2024",
)
CRITICAL_RATIO = Law(
    fn=critical_ratio,
    response="ratio",
    inputs=dict(T=SPENT),
    unit="share of the training tokens",
    support="unit",
    params=dict(a4=_scale("s4"), s4=positive(0.05, 1.0), b3=real(-0.5, 0.5)),
    linear=("a4", "b3"),
    reference="gu2024",
)
