"""Points of a law's usual ranges: where records are put to the test, and a law is told from another."""

import math
from typing import Any

import jax
import numpy as np

from lawjax.laws.base import Law, Variable


def fingerprint(law: Law) -> list[float]:
    """What the law says at three points of its usual ranges: tells a law from another of the same name."""
    with jax.enable_x64(True):
        return [float(law.fn(*inputs_at(law, share), **params_at(law, share))) for share in (0.3, 0.5, 0.7)]


def inputs_at(law: Law, share: float) -> list[np.ndarray]:
    """A run a share of the way through the usual ranges of the inputs."""
    return [input_at(variable, share) for variable in law.inputs.values()]


def input_at(variable: Variable, share: float) -> np.ndarray:
    """A value of an input a share of the way through its usual range; an even mixture tilted by it for a simplex."""
    if variable.kind == "simplex":
        tilted = 1.0 + share * np.arange(variable.size or 1)
        return tilted / tilted.sum()
    return _along(variable.usual or (1.0, 2.0), variable.size, variable.positive, share)


def params_at(law: Law, share: float) -> dict[str, Any]:
    """Parameters a share of the way through their usual ranges."""
    ratio = {name: p.low > 0 and math.isinf(p.edges[1]) for name, p in law.params.items()}
    return {name: _along((p.low, p.high), p.size, ratio[name], share) for name, p in law.params.items()}


def _along(span: tuple[float, float], size: int | None, by_ratio: bool, share: float) -> np.ndarray:
    """A value a share of the way along a range, of a scalar's shape or a vector's."""
    low, high = span
    value = low * (high / low) ** share if by_ratio else low + share * (high - low)
    return np.full(() if size is None else (size,), value)
