"""Between a parameter's open interval of possible values and the whole line.

Solvers and samplers work on the line: log for a positive parameter, logit for one between two edges.
"""

import math
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.laws.base import Param


def to_line(param: Param, value: Any) -> Any:
    """The point of the line that stands for `value`."""
    low, high = param.edges
    if math.isinf(low) and math.isinf(high):
        return jnp.asarray(value)
    if math.isinf(high):
        return jnp.log(value - low)
    if math.isinf(low):
        return -jnp.log(high - value)
    return jnp.log(value - low) - jnp.log(high - value)


def from_line(param: Param, point: Any) -> Any:
    """The value that a point of the line stands for."""
    low, high = param.edges
    if math.isinf(low) and math.isinf(high):
        return jnp.asarray(point)
    if math.isinf(high):
        return low + jnp.exp(point)
    if math.isinf(low):
        return high - jnp.exp(-point)
    return low + (high - low) * jax.nn.sigmoid(point)
