"""Between a parameter's open interval of possible values and the whole line.

Solvers and samplers work on the line: log for a positive parameter, logit for one between two edges.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.laws.base import Param, namespace


def to_line(param: Param, value: Any) -> Any:
    """The point of the line that stands for `value`."""
    low, high = param.edges
    log = _quiet_log if namespace(value) is np else jnp.log
    if math.isinf(low) and math.isinf(high):
        return value
    if math.isinf(high):
        return log(value - low)
    if math.isinf(low):
        return -log(high - value)
    return log(value - low) - log(high - value)


def _quiet_log(value: Any) -> Any:
    """The logarithm; a parameter that underflowed to its edge is at the end of the line."""
    with np.errstate(divide="ignore"):
        return np.log(value)


def from_line(param: Param, point: Any) -> Any:
    """The value that a point of the line stands for."""
    low, high = param.edges
    exp = namespace(point).exp
    if math.isinf(low) and math.isinf(high):
        return point
    if math.isinf(high):
        return low + exp(point)
    if math.isinf(low):
        return high - exp(-point)
    if isinstance(point, jax.Array):
        return low + (high - low) * jax.nn.sigmoid(point)
    return low + (high - low) / (1.0 + exp(-point))
