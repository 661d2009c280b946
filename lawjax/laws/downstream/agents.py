"""Agents: what a simpler agent costs, and whether that shrinks as the model inside it improves."""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive, real
from lawjax.laws.terms import logistic


def agent_complexity(theta: ScalarLike, u: ScalarLike, *, d: ScalarLike, k: ScalarLike) -> Scalar:
    r"""A form of our own: success of a simpler agent, whose handicap on the logit scale shrinks with the model.

    $$\operatorname{logit} p = \theta + u - d\, e^{-k \theta}$$

    k > 0 is the claim that agents converge as models improve; k = 0 is a handicap that stays. It must be asked on
    the logit scale: there a constant handicap d already closes the gap in success rates, by d p (1 - p), as p
    nears 1, so raw percentages confirm the claim by their ceiling alone.

    Args:
        theta: strength of the model: logit of its success with the most elaborate agent on a middling task.
        u: easiness of the task, or set of tasks, on the same scale; 0 is middling.
        d: handicap of the simpler agent at theta = 0 [logits].
        k: rate at which it shrinks with theta.
    Returns:
        Success rate of the simpler agent, from 0 to 1.
    References:
        Dai et al. 2025, arXiv:2509.25873 (a tendency in words; it gives no formula).
    """
    return logistic(theta + u - d * jnp.exp(-jnp.multiply(k, theta)))


AGENT_COMPLEXITY = Law(
    fn=agent_complexity,
    response="success",
    inputs=dict(
        theta=Variable("logits", kind="real", usual=(-2.0, 3.0)),
        u=Variable("logits", kind="real", usual=(-1.5, 1.5)),
    ),
    support="unit",
    rises=("u",),
    params=dict(d=positive(0.1, 2.0), k=real(-0.2, 1.2)),
    reference="dai2025",
)
