"""lawjax: fit empirical laws in JAX, carry the uncertainty, plan with it.

The public face. Nothing is imported until it is used: `import lawjax` loads no JAX.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Axis": "planning",
    "Budget": "planning",
    "Cost": "planning",
    "Draws": "draws",
    "InputError": "errors",
    "Law": "laws",
    "Param": "laws",
    "Runs": "data",
    "SIX_ND": "planning",
    "Variable": "laws",
    "VerdictError": "errors",
    "allocate": "planning",
    "backtest": "checking",
    "best_by": "planning",
    "bootstrap": "fitting",
    "bounded": "laws",
    "compare": "checking",
    "fit": "fitting",
    "flops": "planning",
    "grid": "planning",
    "histogram": "planning",
    "load": "storage",
    "log_grid": "planning",
    "pareto": "planning",
    "positive": "laws",
    "predict": "prediction",
    "read_runs": "data",
    "real": "laws",
    "report": "reporting",
    "sample": "inference",
    "simulate": "simulation",
    "space": "planning",
    "sweep": "planning",
    "top_k": "planning",
    "unit_interval": "laws",
    "values": "planning",
}
_ROOMS = ("datasets", "laws")

__all__ = ["__version__", *sorted((*_HOMES, *_ROOMS))]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(f"lawjax.{name}")
    if name in _HOMES:
        value = getattr(importlib.import_module(f"lawjax.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'lawjax' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
