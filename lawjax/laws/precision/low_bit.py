"""Quantising a trained model: what the loss gains in few bits, more the longer the model was trained."""

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.size.loss import KAPLAN_ND, NATS, SIZE, TOKENS, kaplan_nd
from lawjax.laws.terms import power, product_of_powers

WIDTH = Variable(unit="bits per weight", kind="bits", usual=(2.0, 4.0))


def quantisation_gap(
    N: ScalarLike,
    D: ScalarLike,
    P: ScalarLike,
    *,
    k: ScalarLike,
    alpha: ScalarLike,
    beta: ScalarLike,
    gamma: ScalarLike,
) -> Scalar:
    r"""Loss that a model gains when its weights are quantised to P bits after training.

    $$\Delta_q L(N, D, P) = k \frac{D^\beta}{N^\alpha P^\gamma}$$

    Args:
        N: non-embedding parameters [count].
        D: tokens the model was trained on [tokens].
        P: bits per weight.
        k: scale of the gap.
        alpha, beta, gamma: exponents of size, data and bits.
    Returns:
        Loss of the quantised model minus its loss in 16 bits [nats/token].
    References:
        Ouyang et al. 2024, arXiv:2411.17691, the unified law (figure 6).
    """
    return k * power(D, beta) / product_of_powers((N, P), (alpha, gamma))


def quantisation_gap_at_width(
    N: ScalarLike, D: ScalarLike, *, k: ScalarLike, alpha: ScalarLike, beta: ScalarLike
) -> Scalar:
    r"""Loss that a model gains when its weights are quantised to one given width after training.

    $$\Delta_q L(N, D) = k \frac{D^\beta}{N^\alpha}$$

    Args:
        N: non-embedding parameters [count].
        D: tokens the model was trained on [tokens].
        k: scale of the gap.
        alpha, beta: exponents of size and data.
    Returns:
        Loss of the quantised model minus its loss in 16 bits [nats/token].
    References:
        Ouyang et al. 2024, arXiv:2411.17691, fitted to one bit width at a time.
    """
    return k * power(D, beta) / power(N, alpha)


def quantised_loss(
    N: ScalarLike,
    D: ScalarLike,
    P: ScalarLike,
    *,
    N_c: ScalarLike,
    alpha_N: ScalarLike,
    D_c: ScalarLike,
    alpha_D: ScalarLike,
    k: ScalarLike,
    alpha: ScalarLike,
    beta: ScalarLike,
    gamma: ScalarLike,
) -> Scalar:
    r"""Loss of a model whose weights are quantised to P bits after training.

    $$L_q(N, D, P) = \Big[ (N_c / N)^{\alpha_N / \alpha_D} + D_c / D \Big]^{\alpha_D}
    + k \frac{D^\beta}{N^\alpha P^\gamma}$$

    It is Kaplan's law for the model in 16 bits plus `quantisation_gap`. The first falls in D and the second rises, so
    there are tokens beyond which more training makes the quantised model worse.

    Args:
        N: non-embedding parameters [count].
        D: tokens the model was trained on [tokens].
        P: bits per weight.
        N_c, alpha_N: scale [count] and exponent of size, in 16 bits.
        D_c, alpha_D: scale [tokens] and exponent of data, in 16 bits.
        k: scale of the gap.
        alpha, beta, gamma: exponents of size, data and bits of the gap.
    Returns:
        Loss of the quantised model [nats/token].
    References:
        Ouyang et al. 2024, arXiv:2411.17691, figures 6 and 7.
    """
    in_16_bits = kaplan_nd(N, D, N_c=N_c, alpha_N=alpha_N, D_c=D_c, alpha_D=alpha_D)
    return in_16_bits + quantisation_gap(N, D, P, k=k, alpha=alpha, beta=beta, gamma=gamma)


_GAP = dict(
    k=positive(1e-3, 1.0, dims={"D": "-beta", "N": "alpha", "P": "gamma"}),
    alpha=positive(0.1, 0.6),
    beta=positive(0.2, 1.0),
    gamma=positive(2.0, 8.0),
)

QUANTISATION_GAP = Law(
    fn=quantisation_gap,
    response="gap",
    inputs=dict(N=SIZE, D=TOKENS, P=WIDTH),
    falls=("N", "P"),
    rises=("D",),
    unit=NATS,
    params=_GAP,
    linear=("k",),
    reference="ouyang2024",
)
QUANTISATION_GAP_AT_WIDTH = Law(
    fn=quantisation_gap_at_width,
    response="gap",
    inputs=dict(N=SIZE, D=TOKENS),
    falls=("N",),
    rises=("D",),
    unit=NATS,
    params=dict(
        k=positive(1e-6, 1e-3, dims={"D": "-beta", "N": "alpha"}), alpha=positive(0.1, 0.6), beta=positive(0.2, 1.0)
    ),
    linear=("k",),
    reference="ouyang2024",
)
QUANTISED_LOSS = Law(
    fn=quantised_loss,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS, P=WIDTH),
    falls=("N", "P"),
    unit=NATS,
    params=dict(KAPLAN_ND.params) | _GAP,
    linear=("k",),
    reference="ouyang2024",
)
