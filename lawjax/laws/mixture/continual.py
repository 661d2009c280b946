"""Continual pre-training on a mixture: loss against size, tokens and the share of the corpus that is validated."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Param, Scalar, Variable, positive
from lawjax.laws.size.loss import NATS, SIZE, TOKENS
from lawjax.laws.terms import power, shifted_power

SHARE = Variable(unit="share of the training tokens", kind="fraction")
EARLY_LOSS = Variable(unit="nats/token", kind="positive", usual=(1.0, 5.0))
EARLY_FALL = Variable(unit="nats/token per step", kind="positive", usual=(1e-4, 1e-1))


def d_cpt(
    N: ScalarLike,
    D: ScalarLike,
    r: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    B: ScalarLike,
    eta: ScalarLike,
    beta: ScalarLike,
    C: ScalarLike,
    gamma: ScalarLike,
    eps: ScalarLike,
) -> Scalar:
    r"""Loss on a corpus after continual pre-training with a share r of it: the D-CPT law.

    $$L(N, D, r) = E + \frac{A}{N^\alpha} + \frac{B\, r^\eta}{D^\beta} + \frac{C}{(r + \epsilon)^\gamma}$$

    It is fitted twice: to the domain's loss with its share r, and to the general loss with 1 - r. At a fixed r it is
    Chinchilla. It falls in N and in D, so it cannot say that a loss rises with training. It falls in r only where
    $C \gamma / (r + \epsilon)^{\gamma + 1} > B \eta\, r^{\eta - 1} / D^\beta$, which fails near r = 0 when eta < 1.

    Args:
        N: model parameters [count].
        D: tokens of continual pre-training, of all corpora [tokens].
        r: share of those tokens from the corpus whose loss this is, 0 to 1.
        E: irreducible loss [nats/token].
        A, alpha: scale and exponent of the size term.
        B, eta, beta: scale of the data term, its exponent in the share, its exponent in the tokens.
        C, gamma: scale and exponent of what a small share costs.
        eps: share below which that cost levels off.
    Returns:
        Validation cross-entropy on that corpus [nats/token].
    References:
        Que et al. 2024, arXiv:2406.01375, the law "L3".
    """
    return E + A / power(N, alpha) + B * share_power(r, eta) / power(D, beta) + C * shifted_power(r, eps, gamma)


def d_cpt_cross_domain(
    N: ScalarLike,
    D: ScalarLike,
    r: ScalarLike,
    K: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    B: ScalarLike,
    eta: ScalarLike,
    beta: ScalarLike,
    C: ScalarLike,
    gamma: ScalarLike,
    eps: ScalarLike,
    F: ScalarLike,
    mu: ScalarLike,
) -> Scalar:
    r"""The D-CPT law for many domains at once, told apart by how learnable each is.

    $$L(N, D, r, K) = E + \frac{A}{N^\alpha} + \frac{B\, r^\eta}{D^\beta} + \frac{C}{(r + \epsilon)^\gamma}
    + \frac{F}{K^\mu}$$

    Args:
        N: model parameters [count].
        D: tokens of continual pre-training, of all corpora [tokens].
        r: share of those tokens from the corpus whose loss this is, 0 to 1.
        K: learnability of the domain, a positive number on any scale of one's own.
        E, A, alpha, B, eta, beta, C, gamma, eps: as for `d_cpt`.
        F, mu: scale and exponent of the learnability term.
    Returns:
        Validation cross-entropy on that corpus [nats/token].
    References:
        Que et al. 2024, arXiv:2406.01375, the cross-domain law.
    """
    one_domain = d_cpt(N, D, r, E=E, A=A, alpha=alpha, B=B, eta=eta, beta=beta, C=C, gamma=gamma, eps=eps)
    return one_domain + F / power(K, mu)


def d_cpt_early_loss(
    N: ScalarLike,
    D: ScalarLike,
    r: ScalarLike,
    k1: ScalarLike,
    k2: ScalarLike,
    *,
    E: ScalarLike,
    A: ScalarLike,
    alpha: ScalarLike,
    B: ScalarLike,
    eta: ScalarLike,
    beta: ScalarLike,
    C: ScalarLike,
    gamma: ScalarLike,
    eps: ScalarLike,
    F: ScalarLike,
    mu: ScalarLike,
    w1: ScalarLike,
    w2: ScalarLike,
) -> Scalar:
    r"""The cross-domain D-CPT law with learnability read from the first steps of training on the domain.

    $$L(N, D, r, K) = E + \frac{A}{N^\alpha} + \frac{B\, r^\eta}{D^\beta} + \frac{C}{(r + \epsilon)^\gamma}
    + \frac{F}{K^\mu}, \qquad K = \frac{w_1}{k_1} + w_2 k_2$$

    Only the product of F with a power of the common scale of w1 and w2 is determined: hold one of them when fitting,
    as in `fixed={"F": 1.0}`.

    Args:
        N: model parameters [count].
        D: tokens of continual pre-training, of all corpora [tokens].
        r: share of those tokens from the corpus whose loss this is, 0 to 1.
        k1: loss on the domain before training [nats/token].
        k2: how fast that loss falls at first [nats/token per step].
        E, A, alpha, B, eta, beta, C, gamma, eps: as for `d_cpt`.
        F, mu: scale and exponent of the learnability term.
        w1, w2: weights of both early readings in the learnability K.
    Returns:
        Validation cross-entropy on that corpus [nats/token].
    References:
        Que et al. 2024, arXiv:2406.01375, the cross-domain law with its representation K3.
    """
    K = w1 / k1 + w2 * k2
    return d_cpt_cross_domain(
        N, D, r, K,
        E=E, A=A, alpha=alpha, B=B, eta=eta, beta=beta, C=C, gamma=gamma, eps=eps, F=F, mu=mu,
    )  # fmt: skip


def share_power(r: Any, exponent: Any) -> Any:
    r"""$r^{\text{exponent}}$ of a share, for a positive exponent: 0 with a finite gradient at a share of 0."""
    return jnp.where(r > 0, power(jnp.where(r > 0, r, 1.0), exponent), 0.0)


def _params() -> dict[str, Param]:
    return dict(
        E=positive(0.2, 4.0),
        A=positive(1e1, 1e4, dims={"N": "alpha"}),
        alpha=positive(0.1, 1.0),
        B=positive(1e1, 1e4, dims={"D": "beta"}),
        eta=positive(0.7, 2.0),
        beta=positive(0.1, 1.0),
        C=positive(0.02, 1.0),
        gamma=positive(0.2, 2.0),
        eps=positive(0.02, 0.5),
    )


D_CPT = Law(
    fn=d_cpt,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS, r=SHARE),
    falls=("N", "D"),
    unit=NATS,
    params=_params(),
    linear=("E", "A", "B", "C"),
    reference="que2024",
)
D_CPT_CROSS_DOMAIN = Law(
    fn=d_cpt_cross_domain,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS, r=SHARE, K=Variable(unit="any", kind="positive", usual=(0.1, 10.0))),
    falls=("N", "D", "K"),
    unit=NATS,
    params=_params() | dict(F=positive(0.02, 4.0, dims={"K": "mu"}), mu=positive(0.1, 2.0)),
    linear=("E", "A", "B", "C", "F"),
    reference="que2024",
)
D_CPT_EARLY_LOSS = Law(
    fn=d_cpt_early_loss,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS, r=SHARE, k1=EARLY_LOSS, k2=EARLY_FALL),
    falls=("N", "D", "k2"),
    rises=("k1",),
    unit=NATS,
    params=_params()
    | dict(
        F=positive(0.02, 4.0),
        mu=positive(0.1, 2.0),
        w1=positive(0.1, 10.0, dims={"k1": 1.0}),
        w2=positive(1.0, 1e3, dims={"k2": -1.0}),
    ),
    linear=("E", "A", "B", "C", "F"),
    reference="que2024",
)
