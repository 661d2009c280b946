"""Losses: how much a residual costs.

A robust loss is a family in one width: the same loss with its kink rounded, which is how the solver walks from a
smooth problem to the one that was asked. A likelihood brings numbers of its own, such as a scale, that are fitted
beside the law's parameters.
"""

import dataclasses
import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError, choose

LEAST_SCALE = 1e-10
"""Smallest scale of a likelihood, as a share of the size of the response: runs without noise would take it to 0."""
FREEDOM = (1.0, 200.0)
"""Range of a Student-t's degrees of freedom: below, the likelihood has no bound; above, it is a normal one."""


@dataclasses.dataclass(frozen=True)
class Loss:
    """A loss of one residual.

    Attributes:
        name: how it is called in results.
        rho: cost of a residual: `rho(r, width, extra)`, with the kink rounded over `width`.
        width: the width that was asked: Huber's delta, 0 for an absolute loss, infinite for a smooth one.
        extra: names of the numbers that are fitted beside the law's parameters.
        first_extra: where they start on the line, from the mean size of the residuals; shape (extra,).
        natural_extra: their values in words' units for a point of the line.
    """

    name: str
    rho: Callable[[Any, Any, Any], Any]
    width: float
    extra: tuple[str, ...] = ()
    first_extra: Callable[[Any], Any] = lambda size: jnp.zeros(0)
    natural_extra: Callable[[np.ndarray], dict[str, float]] = lambda point: {}

    def cost(self, residual: Any, extra: Any) -> Any:
        """The cost as it was asked and is reported."""
        return self.rho(residual, self.width, extra)


def _huber(residual: Any, width: Any, extra: Any) -> Any:
    size = jnp.abs(residual)
    inside = jnp.minimum(size, width)
    return 0.5 * inside**2 + width * (size - inside)


def _absolute(residual: Any, width: Any, extra: Any) -> Any:
    safe = jnp.maximum(width, 1e-300)
    return jnp.where(width > 0, _huber(residual, safe, extra) / safe, jnp.abs(residual))


def _squared(residual: Any, width: Any, extra: Any) -> Any:
    return 0.5 * residual**2


def _asymmetric(residual: Any, width: Any, extra: Any, penalty: float) -> Any:
    return _absolute(residual, width, extra) * jnp.where(residual > 0, penalty, 1.0)


def _student_t(residual: Any, width: Any, extra: Any) -> Any:
    scale, freedom = _scale(extra), _freedom(extra)
    normaliser = jax.lax.lgamma(0.5 * freedom) - jax.lax.lgamma(0.5 * (freedom + 1)) + 0.5 * jnp.log(jnp.pi * freedom)
    return normaliser + jnp.log(scale) + 0.5 * (freedom + 1) * jnp.log1p((residual / scale) ** 2 / freedom)


def _scale(extra: Any) -> Any:
    return LEAST_SCALE + jnp.exp(extra[0])


def _freedom(extra: Any) -> Any:
    low, high = FREEDOM
    return low + (high - low) * jax.nn.sigmoid(extra[1])


def _first_t(size: Any) -> Any:
    """A scale of the size of the residuals and four degrees of freedom."""
    low, high = FREEDOM
    share = (4.0 - low) / (high - low)
    return jnp.stack([jnp.log(size + LEAST_SCALE), jnp.full_like(size, math.log(share / (1 - share)))])


def _natural_t(point: np.ndarray) -> dict[str, float]:
    low, high = FREEDOM
    freedom = low + (high - low) / (1.0 + math.exp(-float(point[1])))
    return {"scale": LEAST_SCALE + math.exp(float(point[0])), "freedom": freedom}


LOSSES = ("huber", "absolute", "squared", "student_t", "asymmetric")


def make_loss(loss: str | Callable[[Any], Any], delta: float = 1e-3, penalty: float = 10.0) -> Loss:
    r"""The loss of that name, or your own function of one residual.

    Args:
        loss: "huber", $\tfrac12 r^2$ up to delta, $\delta(|r| - \tfrac12\delta)$ beyond (as in optax);
            "absolute", $|r|$; "squared", $\tfrac12 r^2$; "student_t", the negative log-likelihood of a Student-t whose
            scale and degrees of freedom (1 to 200) are estimated; "asymmetric", $|r|$ times `penalty` where the law
            predicts too much; or a JAX function of one residual.
        delta: where Huber turns from square to straight, in the unit of the residual.
        penalty: weight of predicting too much in "asymmetric".
    Raises:
        InputError: an unknown name, or a delta or penalty that is not a positive number.
    """
    if not callable(loss):
        choose("loss", loss, LOSSES)
        for name, value in (("delta", delta), ("penalty", penalty)):
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not (number and math.isfinite(value) and value > 0):
                raise InputError(f"`{name}` must be a positive number, got {value!r}.")
    return _make(loss, delta, penalty)


@functools.cache
def _make(loss: str | Callable[[Any], Any], delta: float, penalty: float) -> Loss:
    """The same object for the same choice, so that a solver compiled for it is found again."""
    if callable(loss):
        _check_own(loss)
        return Loss(getattr(loss, "__name__", "own"), lambda residual, width, extra: loss(residual), math.inf)
    if loss == "huber":
        return Loss(f"huber({delta:g})", _huber, float(delta))
    if loss == "absolute":
        return Loss("absolute", _absolute, 0.0)
    if loss == "squared":
        return Loss("squared", _squared, math.inf)
    if loss == "student_t":
        return Loss("student_t", _student_t, math.inf, ("scale", "freedom"), _first_t, _natural_t)
    return Loss(f"asymmetric({penalty:g})", functools.partial(_asymmetric, penalty=penalty), 0.0)


def _check_own(loss: Callable[[Any], Any]) -> None:
    """Raises InputError where a caller's loss is no function of one residual to one number."""
    try:
        said = jax.eval_shape(loss, jax.ShapeDtypeStruct((), jnp.result_type(float)))
    except Exception as problem:
        raise InputError(
            f"`loss` must be a JAX function of one residual (jnp, not NumPy or math); calling it gave: {problem}"
        ) from problem
    if getattr(said, "shape", None) != () or not jnp.issubdtype(said.dtype, jnp.floating):
        raise InputError(f"`loss` must give one real number for one residual, got {said}.")
    here, *far = (float(loss(jnp.asarray(residual))) for residual in (0.0, -1e3, 1e3))
    if min(far) < here or max(far) <= here:
        raise InputError(
            f"`loss` must be least at a residual of 0; it is {here:g} there, {far[0]:g} at -1000 and {far[1]:g} at "
            "1000."
        )
