"""Over-optimisation: the true reward of a policy that moves away from where it began, up and then down."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real

DISTANCE = Variable(unit="square root of the KL divergence in nats", kind="positive", usual=(0.5, 20.0))


def overoptimisation(d: ScalarLike, *, alpha: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""True reward of a policy trained by reinforcement learning, or directly on preferences, at a distance d.

    $$R(d) = d\, (\alpha - \beta \log d), \qquad d = \sqrt{\mathrm{KL}(\pi \,\|\, \pi_{\text{ref}})}$$

    It peaks at d* = exp(alpha/beta - 1), where R = beta d*, and is back at zero at e d*. Both parameters enter
    linearly. They belong to one algorithm and one size. Log is natural.

    Args:
        d: square root of the KL divergence from the policy at the start [nats^(1/2)].
        alpha: reward per unit of distance at d = 1.
        beta: how fast it is used up.
    Returns:
        True reward, or win rate less that of the start.
    References:
        Rafailov et al. 2024, arXiv:2406.02900; Gao et al. 2022, arXiv:2210.10760 (the form for reinforcement
        learning).
    """
    return jnp.multiply(d, alpha - beta * jnp.log(d))


def overoptimisation_best_of_n(d: ScalarLike, *, alpha: ScalarLike, beta: ScalarLike) -> Scalar:
    r"""True reward of the best of n samples by a proxy reward, at a distance d from the policy that drew them.

    $$R(d) = d\, (\alpha - \beta d), \qquad d^2 = \log n - \frac{n - 1}{n}$$

    Args:
        d: square root of the KL divergence of best-of-n sampling [nats^(1/2)].
        alpha: reward per unit of distance near 0.
        beta: how fast it is used up.
    Returns:
        True reward, zero at the start.
    References:
        Gao et al. 2022, arXiv:2210.10760.
    """
    return jnp.multiply(d, jnp.subtract(alpha, jnp.multiply(beta, d)))


def _recentre(params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    # d = f d': the reward is d' f (alpha - beta log f - beta log d').
    factor = factors.get("d", 1.0)
    log = namespace(factor).log(factor)
    return {"alpha": factor * (params["alpha"] - params["beta"] * log), "beta": factor * params["beta"]}


OVEROPTIMISATION = Law(
    fn=overoptimisation,
    response="reward",
    inputs=dict(d=DISTANCE),
    support="real",
    params=dict(alpha=real(0.05, 2.0), beta=positive(0.02, 1.0)),
    linear=("alpha", "beta"),
    recentre=_recentre,
    reference="rafailov2024",
)
OVEROPTIMISATION_BEST_OF_N = Law(
    fn=overoptimisation_best_of_n,
    response="reward",
    inputs=dict(d=DISTANCE),
    support="real",
    params=dict(alpha=real(0.05, 2.0, dims={"d": -1.0}), beta=positive(0.01, 0.5, dims={"d": -2.0})),
    linear=("alpha", "beta"),
    reference="gao2022",
)
