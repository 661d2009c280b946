"""Training beyond the compute optimum: loss against compute and tokens per parameter, and error against loss."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, unit_interval
from lawjax.laws.size.generative import COMPUTE
from lawjax.laws.size.loss import NATS
from lawjax.laws.size.steps import LOSS
from lawjax.laws.terms import power, stretched_exponential

MULTIPLIER = Variable(unit="tokens per parameter", usual=(5.0, 640.0))


def overtrained(
    C: ScalarLike, M: ScalarLike, *, E: ScalarLike, a: ScalarLike, b: ScalarLike, eta: ScalarLike
) -> Scalar:
    r"""Loss of a model trained with a compute of C on M tokens per parameter.

    $$L(C, M) = E + \big( a\, M^{\eta} + b\, M^{-\eta} \big)\, C^{-\eta}$$

    It is Chinchilla with $\alpha = \beta = 2 \eta$ and C = 6 N D, D = M N: then $A = a\, 6^{-\eta}$ and
    $B = b\, 6^{-\eta}$. For every M it falls with the same exponent, so curves of different M are parallel.

    Args:
        C: training compute, 6 N D [FLOP].
        M: training tokens per parameter, D / N.
        E: irreducible loss [nats/token].
        a: scale of the term that grows with M, of model size.
        b: scale of the term that falls with M, of data.
        eta: exponent of compute.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Gadre et al. 2024, arXiv:2403.08540, equation 4.
    """
    return E + (a * power(M, eta) + b / power(M, eta)) / power(C, eta)


def error_of_loss(loss: ScalarLike, *, epsilon: ScalarLike, k: ScalarLike, gamma: ScalarLike) -> Scalar:
    r"""Mean error over downstream tasks of a model with that validation loss.

    $$\text{Err}(L) = \varepsilon - k\, e^{-\gamma L}$$

    In perplexity it is a power law. It holds for the mean over a set of tasks, not for each.

    Args:
        loss: validation cross-entropy [nats/token].
        epsilon: error of a model that knows nothing.
        k: how much of it a loss of 0 would take away.
        gamma: rate [1 / (nats/token)].
    Returns:
        Mean top-1 error, 0 to 1.
    References:
        Gadre et al. 2024, arXiv:2403.08540, equation 5.
    """
    return epsilon - k * stretched_exponential(loss, gamma, 1.0)


OVERTRAINED = Law(
    fn=overtrained,
    response="loss",
    inputs=dict(C=COMPUTE, M=MULTIPLIER),
    falls=("C",),
    unit=NATS,
    params=dict(
        E=positive(0.5, 3.0),
        a=positive(20.0, 2e3, dims={"C": "eta", "M": "-eta"}),
        b=positive(20.0, 2e3, dims={"C": "eta", "M": "eta"}),
        eta=positive(0.05, 0.3),
    ),
    linear=("E", "a", "b"),
    reference="gadre2024",
)
ERROR_OF_LOSS = Law(
    fn=error_of_loss,
    response="error",
    inputs=dict(loss=LOSS),
    support="unit",
    rises=("loss",),
    params=dict(epsilon=unit_interval(0.6, 0.95), k=positive(0.5, 3.0), gamma=positive(0.4, 1.2, dims={"loss": -1.0})),
    linear=("epsilon", "k"),
    reference="gadre2024",
)
