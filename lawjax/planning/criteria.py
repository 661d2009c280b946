"""What makes one plan best over draws: the mean, a quantile, the mean of the worst, or the regret.

Each criterion turns the values of a quantity in all draws into one number, less is better. All but the mean have kinks
where draws change places, which Newton's method cannot cross; each therefore has a rounded form too, whose width a
search lowers from stage to stage. The plan that a search ends at is judged by the criterion itself.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

BISECTIONS = 60
REACH = 40.0
"""Widths beyond which a rounded step is flat to rounding."""


def mean(values: Any, least: Any, prob: Any) -> Any:
    """The mean over draws; the choice with the least mean also has the least mean regret."""
    return jnp.mean(values)


def quantile(values: Any, least: Any, prob: Any) -> Any:
    """What only one draw in 1 / (1 - prob) exceeds."""
    return jnp.quantile(values, prob)


def cvar(values: Any, least: Any, prob: Any) -> Any:
    """The mean over the worst 1 - prob of the draws (conditional value at risk, expected shortfall)."""
    edge = jnp.quantile(values, prob)
    return edge + jnp.mean(jnp.maximum(values - edge, 0.0)) / (1 - prob)


def quantile_regret(values: Any, least: Any, prob: Any) -> Any:
    """The regret against each draw's own optimum that only one draw in 1 / (1 - prob) exceeds."""
    return jnp.quantile(values - least, prob)


def greatest_regret(values: Any, least: Any, prob: Any) -> Any:
    """The regret of the draw that loses most against its own optimum."""
    return jnp.max(values - least)


CRITERIA: dict[str, Callable[[Any, Any, Any], Any]] = {
    "mean": mean,
    "quantile": quantile,
    "cvar": cvar,
    "regret": quantile_regret,
    "minimax": greatest_regret,
}
"""By name: mean, quantile at `prob`, mean beyond that quantile, quantile of the regret, greatest regret."""
OF_REGRET = ("regret", "minimax")
"""Those that compare with each draw's own optimum; they may be 0."""


def rounded(name: str, values: Any, least: Any, prob: Any, width: Any) -> Any:
    """A criterion with its kinks rounded over a width in the quantity's own unit."""
    if name == "mean":
        return jnp.mean(values)
    if name == "minimax":
        regret = values - least
        top = jax.lax.stop_gradient(jnp.max(regret))
        return top + width * jax.nn.logsumexp((regret - top) / width)
    if name == "regret":
        return _rounded_quantile(values - least, prob, width)
    edge = _rounded_quantile(values, prob, width)
    if name == "quantile":
        return edge
    return edge + width * jnp.mean(jax.nn.softplus((values - edge) / width)) / (1 - prob)


def _rounded_quantile(values: Any, prob: Any, width: Any) -> Any:
    """Where a distribution function whose steps are rounded reaches a probability; differentiable to any order."""

    def above(edge: Any) -> Any:
        return jnp.mean(jax.nn.sigmoid((edge - values) / width)) - prob

    low, high = jnp.min(values) - REACH * width, jnp.max(values) + REACH * width

    def bisected(function: Callable[[Any], Any], _: Any) -> Any:
        def halve(_: Any, ends: tuple[Any, Any]) -> tuple[Any, Any]:
            bottom, top = ends
            middle = 0.5 * (bottom + top)
            under = function(middle) < 0
            return jnp.where(under, middle, bottom), jnp.where(under, top, middle)

        bottom, top = jax.lax.fori_loop(0, BISECTIONS, halve, (low, high))
        return 0.5 * (bottom + top)

    return jax.lax.custom_root(above, 0.5 * (low + high), bisected, lambda linear, y: y / linear(1.0))
