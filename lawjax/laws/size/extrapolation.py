"""Learning curves made to extrapolate: Alabdulmohsin's M3 and M4; M1 and M2 are `power_law` and `power_law_floor`."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, positive
from lawjax.laws.roots import root
from lawjax.laws.terms import logistic, power

SPAN = 700.0
"""Widest log odds of the excess error that are looked at; e^-700 is still a normal double, the least is e^-708."""


def levelling_power_law(x: ScalarLike, *, A: ScalarLike, gamma: ScalarLike, c: ScalarLike) -> Scalar:
    r"""A power law that levels off at large x, the estimator M3.

    $$\varepsilon(x) = A\, (1/x + \gamma)^{c}$$

    It falls as $A x^{-c}$ while x is far below $1 / \gamma$, and ends at $A \gamma^c$.

    Args:
        x: examples seen, above 0.
        A: scale [unit of the error, times x^c].
        gamma: reciprocal of the place where it levels off [1 / unit of x].
        c: exponent.
    Returns:
        Error or loss.
    References:
        Alabdulmohsin et al. 2022, arXiv:2209.06640, estimator M3.
    """
    return A * power(1.0 / x + gamma, c)


def sigmoidal_power_law(
    x: ScalarLike, *, E: ScalarLike, drop: ScalarLike, alpha: ScalarLike, A: ScalarLike, c: ScalarLike
) -> Scalar:
    r"""A power law between the error of guessing and the least error there is, the estimator M4.

    $$\frac{\varepsilon - \varepsilon_\infty}{(\varepsilon_0 - \varepsilon)^{\alpha}} = A\, x^{-c}$$

    The error stands on the left only in part, so it is found as a root: of the log odds of the share of the drop
    that is still to come, where the equation is smooth and has exactly one solution.

    Args:
        x: examples seen, above 0.
        E: the least error there is, epsilon at infinity.
        drop: how far the error of guessing lies above it, so that $\varepsilon_0$ = E + drop.
        alpha: how the curve leaves the error of guessing; with 0 it is a power law with a floor.
        A, c: scale and exponent.
    Returns:
        Error, between E and E + drop.
    References:
        Alabdulmohsin et al. 2022, arXiv:2209.06640, estimator M4.
    """
    log_right = jnp.log(A / power(x, c))

    def imbalance(odds: Any) -> Any:
        log_excess = jnp.log(drop) + jax.nn.log_sigmoid(odds)
        log_left_over = jnp.log(drop) + jax.nn.log_sigmoid(-odds)
        return log_excess - alpha * log_left_over - log_right

    return E + drop * logistic(root(imbalance, -SPAN, SPAN, logarithmic=False))


LEVELLING_POWER_LAW = Law(
    fn=levelling_power_law,
    response="loss",
    falls=("x",),
    params=dict(
        A=positive(0.1, 1e4, dims={"x": "c"}),
        gamma=positive(1e-9, 1.0, dims={"x": -1.0}, centred=(1e-3, 10.0)),
        c=positive(0.05, 1.0),
    ),
    linear=("A",),
    reference="alabdulmohsin2022",
)
SIGMOIDAL_POWER_LAW = Law(
    fn=sigmoidal_power_law,
    response="loss",
    falls=("x",),
    params=dict(
        E=positive(0.05, 0.5),
        drop=positive(0.2, 2.0),
        alpha=positive(0.1, 3.0),
        A=positive(0.1, 1e4, dims={"x": "c"}),
        c=positive(0.1, 1.0),
    ),
    linear=("E",),
    reference="alabdulmohsin2022",
)
