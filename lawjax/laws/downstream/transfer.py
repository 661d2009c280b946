"""Transfer: what pretraining tokens are worth after fine-tuning, in cross-entropy and in translation quality."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.size.curves import power_law_floor
from lawjax.laws.terms import power

PRETRAINING = Variable(unit="pretraining tokens", kind="count", usual=(1e9, 1e12))
NOTHING = 1e-30
"""Least logarithm that is raised to a power: below D_0 the score is as good as none (1e-6 s for beta = 0.2), and its
gradient in D_0 is zero."""


def transfer_score(D_p: ScalarLike, *, s: ScalarLike, D_0: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""Translation quality after fine-tuning a model that was pretrained on D_p tokens.

    $$f(D_p) = \big( \log (A\, D_p^{\alpha}) \big)^{\beta} = s\, \big( \log (D_p / D_0) \big)^{\beta}$$

    The paper writes the first form. Its A, alpha and beta lie on a narrow ridge; in the second an amplitude enters
    linearly and a place is in tokens: alpha = s^(1/beta) and A = D_0^(-alpha). One fit holds for one pretraining
    mixture, one fine-tuning set and its size. Where more pretraining makes the score fall or waver, because the
    mixture is not aligned with the task, the law does not apply, although cross-entropy still improves.

    Args:
        D_p: pretraining tokens [tokens]; above D_0.
        s: score where log(D_p / D_0) is 1 [BLEU, COMET or the like].
        D_0: tokens at which the score would be zero [tokens].
        beta: exponent of the logarithm.
    Returns:
        Score of the fine-tuned model, in the unit of s.
    References:
        Isik et al. 2024, arXiv:2402.04177 (figure of BLEU against pretraining tokens).
    """
    return s * power(jnp.maximum(jnp.log(D_p) - jnp.log(D_0), NOTHING), beta)


def transfer_loss(D_p: ScalarLike, *, E: ScalarLike, A: ScalarLike, alpha: ScalarLike) -> Scalar:
    r"""Cross-entropy after fine-tuning a model that was pretrained on D_p tokens.

    $$L(D_p) = E + A\, D_p^{-\alpha}$$

    Args:
        D_p: pretraining tokens [tokens].
        E: loss with unlimited pretraining [nats/token].
        A, alpha: scale and exponent of the part that pretraining removes.
    Returns:
        Cross-entropy on the downstream task [nats/token].
    References:
        Isik et al. 2024, arXiv:2402.04177.
    """
    return power_law_floor(D_p, E=E, A=A, alpha=alpha)


TRANSFER_SCORE = Law(
    fn=transfer_score,
    response="score",
    inputs=dict(D_p=PRETRAINING),
    unit="BLEU",
    rises=("D_p",),
    params=dict(
        s=positive(1.0, 30.0),
        D_0=positive(1e3, 1e7, dims={"D_p": 1.0}, centred=(1e-8, 1e-2)),
        beta=positive(0.2, 2.0),
    ),
    linear=("s",),
    reference="isik2024",
)
TRANSFER_LOSS = Law(
    fn=transfer_loss,
    response="loss",
    inputs=dict(D_p=PRETRAINING),
    unit="nats/token",
    falls=("D_p",),
    params=dict(
        E=positive(0.2, 4.0),
        A=positive(1e1, 1e4, dims={"D_p": "alpha"}),
        alpha=positive(0.1, 1.0),
    ),
    linear=("E", "A"),
    reference="isik2024",
)
