"""Capability density: the loss on a task's answers, and the growth of density with time."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, real
from lawjax.laws.size.loss import NATS, SIZE, TOKENS, chinchilla

DAYS = Variable(unit="days", kind="real", usual=(0.0, 700.0))


def task_loss(
    N: ScalarLike, D: ScalarLike, *, a: ScalarLike, alpha: ScalarLike, b: ScalarLike, beta: ScalarLike
) -> Scalar:
    r"""Loss on the right answers of a task: Chinchilla without a floor.

    $$L(N, D) = a N^{-\alpha} + b D^{-\beta}$$

    Args:
        N: parameters of a reference model [count].
        D: its training tokens [tokens].
        a, alpha: scale and exponent of the size term.
        b, beta: scale and exponent of the data term.
    Returns:
        Loss on the answers, given the questions [nats/token].
    References:
        Xiao et al. 2024, arXiv:2412.04315, equation 2.
    """
    return chinchilla(N, D, E=0.0, A=a, alpha=alpha, B=b, beta=beta)


def density_trend(t: ScalarLike, *, A: ScalarLike, B: ScalarLike) -> Scalar:
    r"""Density of the best open models of a day: effective over real parameters, growing at a constant rate.

    $$\log \rho(t) = A\, t + B$$

    It describes the upper envelope, not the typical model. A plain regression on all models lies below it;
    `fit(..., loss="asymmetric", penalty=1/9)` runs at the 0.9 quantile.

    Args:
        t: date [days since a day of your choice].
        A: growth rate [1/day]; density doubles in log(2) / A days.
        B: log density at t = 0.
    Returns:
        Density: parameters that a reference model needs for the same score, over those of the model.
    References:
        Xiao et al. 2024, arXiv:2412.04315.
    """
    return jnp.exp(A * t + B)


TASK_LOSS = Law(
    fn=task_loss,
    response="loss",
    inputs=dict(N=SIZE, D=TOKENS),
    unit=NATS,
    falls=("N", "D"),
    params=dict(
        a=positive(1.0, 1e3, dims={"N": "alpha"}),
        alpha=positive(0.05, 0.8),
        b=positive(1.0, 1e3, dims={"D": "beta"}),
        beta=positive(0.05, 0.8),
    ),
    linear=("a", "b"),
    reference="xiao2024",
)
DENSITY_TREND = Law(
    fn=density_trend,
    response="density",
    inputs=dict(t=DAYS),
    rises=("t",),
    params=dict(A=positive(0.001, 0.02), B=real(-3.0, 3.0)),
    reference="xiao2024",
)
