"""Loss against training steps and batch size: Kaplan's L(N, S), the critical batch, and the whole trajectory."""

from typing import Any

from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.roots import root
from lawjax.laws.size.loss import NATS, SIZE, kaplan_n
from lawjax.laws.terms import power

STEPS = Variable(unit="steps", kind="count", usual=(1e3, 1e6))
BATCH = Variable(unit="tokens per step", kind="count", usual=(1e4, 1e7))
LOSS = Variable(unit=NATS, usual=(2.0, 6.0))


def kaplan_ns(
    N: ScalarLike, S_min: ScalarLike, *, N_c: ScalarLike, alpha_N: ScalarLike, S_c: ScalarLike, alpha_S: ScalarLike
) -> Scalar:
    r"""Loss of a model with N parameters after S_min steps of a batch so large that no step is noisy.

    $$L(N, S_{\min}) = (N_c / N)^{\alpha_N} + (S_c / S_{\min})^{\alpha_S}$$

    Args:
        N: non-embedding parameters [count].
        S_min: optimiser steps at a batch far above the critical one [steps].
        N_c, alpha_N: scale [count] and exponent of size.
        S_c, alpha_S: scale [steps] and exponent of steps.
    Returns:
        Test cross-entropy [nats/token].
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equation 1.6.
    """
    return kaplan_n(N, N_c=N_c, alpha_N=alpha_N) + power(S_c / S_min, alpha_S)


def critical_batch_size(loss: ScalarLike, *, B_star: ScalarLike, alpha_B: ScalarLike) -> Scalar:
    r"""Batch at which more of it begins to cost more tokens than it saves steps, at a given loss.

    $$B_{\text{crit}}(L) = B_* / L^{1 / \alpha_B}$$

    Args:
        loss: training loss [nats/token].
        B_star: critical batch at a loss of 1 nat [tokens].
        alpha_B: exponent; the loss enters with its reciprocal.
    Returns:
        Critical batch [tokens].
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equation 1.4.
    """
    return B_star / power(loss, 1.0 / alpha_B)


def least_steps(S: Any, B: Any, critical: Any) -> Any:
    r"""What S steps of batch B are worth, in steps of a very large batch: $S / (1 + B_{\text{crit}} / B)$."""
    return S / (1.0 + critical / B)


def kaplan_nsb(
    N: ScalarLike,
    S: ScalarLike,
    B: ScalarLike,
    *,
    N_c: ScalarLike,
    alpha_N: ScalarLike,
    S_c: ScalarLike,
    alpha_S: ScalarLike,
    B_star: ScalarLike,
    alpha_B: ScalarLike,
) -> Scalar:
    r"""Loss of a model with N parameters after S steps of B tokens each: the whole training curve.

    $$L = (N_c / N)^{\alpha_N} + \bigg( \frac{S_c}{S} \Big(1 + \frac{B_*}{B\, L^{1 / \alpha_B}}\Big) \bigg)^{\alpha_S}$$

    The loss stands on both sides, because the critical batch depends on it. The right-hand side falls as L rises,
    so there is one solution, between the loss of endless training and what that loss would give on the right.

    Args:
        N: non-embedding parameters [count].
        S: optimiser steps [steps].
        B: batch [tokens per step].
        N_c, alpha_N: scale [count] and exponent of size.
        S_c, alpha_S: scale [steps] and exponent of steps.
        B_star, alpha_B: critical batch at 1 nat [tokens] and its exponent.
    Returns:
        Test cross-entropy [nats/token].
    References:
        Kaplan et al. 2020, arXiv:2001.08361, equations 1.4, 1.6 and 5.4; Su et al. 2024, arXiv:2403.06563.
    """
    least = kaplan_n(N, N_c=N_c, alpha_N=alpha_N)

    def right_side(loss: Any) -> Any:
        steps = least_steps(S, B, critical_batch_size(loss, B_star=B_star, alpha_B=alpha_B))
        return least + power(S_c / steps, alpha_S)

    return root(lambda loss: right_side(loss) - loss, least, right_side(least))


_SIZE = dict(N_c=positive(1e10, 1e16, dims={"N": 1.0}), alpha_N=positive(0.03, 0.2))

KAPLAN_NS = Law(
    fn=kaplan_ns,
    response="loss",
    inputs=dict(N=SIZE, S_min=STEPS),
    falls=("N", "S_min"),
    unit=NATS,
    params=dict(**_SIZE, S_c=positive(1e2, 1e4, dims={"S_min": 1.0}), alpha_S=positive(0.3, 1.2)),
    reference="kaplan2020",
)
CRITICAL_BATCH_SIZE = Law(
    fn=critical_batch_size,
    response="batch",
    inputs=dict(loss=LOSS),
    falls=("loss",),
    unit="tokens per step",
    params=dict(
        B_star=positive(1e7, 1e9, dims={"loss": lambda params: 1.0 / params["alpha_B"]}),
        alpha_B=positive(0.15, 0.4),
    ),
    linear=("B_star",),
    reference="kaplan2020",
)
KAPLAN_NSB = Law(
    fn=kaplan_nsb,
    response="loss",
    inputs=dict(N=SIZE, S=STEPS, B=BATCH),
    falls=("N", "S", "B"),
    unit=NATS,
    params=dict(
        **_SIZE,
        S_c=positive(1e2, 1e4, dims={"S": 1.0}),
        alpha_S=positive(0.3, 1.2),
        B_star=positive(1e7, 1e9, dims={"B": 1.0}),
        alpha_B=positive(0.15, 0.4),
    ),
    reference="kaplan2020",
)
