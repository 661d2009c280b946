"""Numbers and small helpers that several tests use."""

import numpy as np

from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws import Law


def typical_params(law: Law, where: float = 0.5) -> dict[str, np.ndarray]:
    """Parameters a share `where` of the way through each usual range, on the line where the fit works."""
    return {name: _between(param, where) for name, param in law.params.items()}


def _between(param, where: float) -> np.ndarray:
    low, high = (float(to_line(param, edge)) for edge in (param.low, param.high))
    return np.full(param.shape, float(from_line(param, low + where * (high - low))))


def typical_inputs(law: Law, where: float = 0.5) -> dict[str, float]:
    """Inputs a share `where` of the way through each usual range."""
    return {
        name: float(np.exp(np.log(v.usual[0]) + where * np.log(v.usual[1] / v.usual[0])))
        for name, v in law.inputs.items()
    }
