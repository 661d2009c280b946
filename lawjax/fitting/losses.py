"""Losses: how much a residual costs.

A robust loss is a family in one scale: `smoothed(width)` gives the same loss with its kink rounded over `width`,
which is how the solver walks from a smooth problem to the one that was asked.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from lawjax.errors import InputError, choose


@dataclasses.dataclass(frozen=True)
class Loss:
    """A loss of one residual.

    Attributes:
        name: how it is called in results.
        rho: cost of a residual; `rho(r, width)` with the kink rounded over `width`.
        width: the width that was asked: Huber's delta, 0 for an absolute loss, infinite for a smooth one.
    """

    name: str
    rho: Callable[[Any, Any], Any]
    width: float

    def cost(self, residual: Any) -> Any:
        """The cost as it was asked and is reported."""
        return self.rho(residual, self.width)


def _huber(residual: Any, width: Any) -> Any:
    size = jnp.abs(residual)
    inside = jnp.minimum(size, width)
    return 0.5 * inside**2 + width * (size - inside)


def _absolute(residual: Any, width: Any) -> Any:
    safe = jnp.maximum(width, 1e-300)
    return jnp.where(width > 0, _huber(residual, safe) / safe, jnp.abs(residual))


def _squared(residual: Any, width: Any) -> Any:
    return 0.5 * residual**2


def _asymmetric(residual: Any, width: Any, penalty: float) -> Any:
    return _absolute(residual, width) * jnp.where(residual > 0, penalty, 1.0)


LOSSES = ("huber", "absolute", "squared", "asymmetric")


def make_loss(loss: str | Callable[[Any], Any], delta: float = 1e-3, penalty: float = 10.0) -> Loss:
    r"""The loss of that name, or your own function of one residual.

    Args:
        loss: "huber", $\tfrac12 r^2$ up to delta, $\delta(|r| - \tfrac12\delta)$ beyond (as in optax);
            "absolute", $|r|$; "squared", $\tfrac12 r^2$; "asymmetric", $|r|$ times `penalty` where the law predicts too
            much; or a JAX function of one residual.
        delta: where Huber turns from square to straight, in the unit of the residual.
        penalty: weight of predicting too much in "asymmetric".
    Raises:
        InputError: an unknown name, or a delta or penalty that is not a positive number.
    """
    if not callable(loss):
        choose("loss", loss, LOSSES)
        for name, value in (("delta", delta), ("penalty", penalty)):
            if not (isinstance(value, int | float) and math.isfinite(value) and value > 0):
                raise InputError(f"`{name}` must be a positive number, got {value!r}.")
    return _make(loss, delta, penalty)


@functools.cache
def _make(loss: str | Callable[[Any], Any], delta: float, penalty: float) -> Loss:
    """The same object for the same choice, so that a solver compiled for it is found again."""
    if callable(loss):
        return Loss(getattr(loss, "__name__", "own"), lambda residual, width: loss(residual), math.inf)
    if loss == "huber":
        return Loss(f"huber({delta:g})", _huber, float(delta))
    if loss == "absolute":
        return Loss("absolute", _absolute, 0.0)
    if loss == "squared":
        return Loss("squared", _squared, math.inf)
    return Loss(f"asymmetric({penalty:g})", functools.partial(_asymmetric, penalty=penalty), 0.0)
