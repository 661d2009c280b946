"""lawjax: fit empirical laws in JAX, carry the uncertainty, plan with it.

The public face. Nothing is imported until it is used: `import lawjax` loads no JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lawjax import classical as classical
    from lawjax import costs as costs
    from lawjax import datasets as datasets
    from lawjax import decisions as decisions
    from lawjax import laws as laws
    from lawjax.checking import backtest as backtest
    from lawjax.checking import compare as compare
    from lawjax.costs import SIX_ND as SIX_ND
    from lawjax.costs import Budget as Budget
    from lawjax.costs import Cost as Cost
    from lawjax.costs import cluster_days as cluster_days
    from lawjax.costs import device_hours as device_hours
    from lawjax.costs import flops as flops
    from lawjax.costs import usd as usd
    from lawjax.data import Runs as Runs
    from lawjax.data import read_runs as read_runs
    from lawjax.decisions.systems import compare_systems as compare_systems
    from lawjax.designs import identifiability as identifiability
    from lawjax.designs import power as power
    from lawjax.designs import suggest as suggest
    from lawjax.draws import Draws as Draws
    from lawjax.errors import InputError as InputError
    from lawjax.errors import VerdictError as VerdictError
    from lawjax.fitting import bootstrap as bootstrap
    from lawjax.fitting import fit as fit
    from lawjax.fitting import fit_each as fit_each
    from lawjax.fitting import interval as interval
    from lawjax.fitting import profile as profile
    from lawjax.forecasting import forecast as forecast
    from lawjax.forecasting import forecast_each as forecast_each
    from lawjax.inference import loo as loo
    from lawjax.inference import prior_check as prior_check
    from lawjax.inference import sample as sample
    from lawjax.laws import Law as Law
    from lawjax.laws import Param as Param
    from lawjax.laws import Variable as Variable
    from lawjax.laws import bounded as bounded
    from lawjax.laws import positive as positive
    from lawjax.laws import real as real
    from lawjax.laws import unit_interval as unit_interval
    from lawjax.parallel import distributed as distributed
    from lawjax.planning import Problem as Problem
    from lawjax.planning import allocate as allocate
    from lawjax.planning import at_least as at_least
    from lawjax.planning import at_most as at_most
    from lawjax.planning import change as change
    from lawjax.planning import equal as equal
    from lawjax.planning import frontier as frontier
    from lawjax.planning import shares as shares
    from lawjax.planning import solve as solve
    from lawjax.prediction import predict as predict
    from lawjax.reporting import report as report
    from lawjax.simulation import calibrate as calibrate
    from lawjax.simulation import simulate as simulate
    from lawjax.storage import load as load
    from lawjax.sweeps import Axis as Axis
    from lawjax.sweeps import best_by as best_by
    from lawjax.sweeps import best_in_draws as best_in_draws
    from lawjax.sweeps import choices as choices
    from lawjax.sweeps import grid as grid
    from lawjax.sweeps import histogram as histogram
    from lawjax.sweeps import integers as integers
    from lawjax.sweeps import latin_hypercube as latin_hypercube
    from lawjax.sweeps import log_grid as log_grid
    from lawjax.sweeps import pareto as pareto
    from lawjax.sweeps import powers_of_two as powers_of_two
    from lawjax.sweeps import quantiles as quantiles
    from lawjax.sweeps import rows as rows
    from lawjax.sweeps import simplex as simplex
    from lawjax.sweeps import sobol as sobol
    from lawjax.sweeps import space as space
    from lawjax.sweeps import sweep as sweep
    from lawjax.sweeps import sweep_status as sweep_status
    from lawjax.sweeps import top_k as top_k
    from lawjax.sweeps import values as values

__version__ = "0.1.0"

_HOMES = {
    "Axis": "sweeps",
    "Budget": "costs",
    "Cost": "costs",
    "Draws": "draws",
    "InputError": "errors",
    "Law": "laws",
    "Param": "laws",
    "Problem": "planning",
    "Runs": "data",
    "SIX_ND": "costs",
    "Variable": "laws",
    "VerdictError": "errors",
    "allocate": "planning",
    "at_least": "planning",
    "at_most": "planning",
    "backtest": "checking",
    "best_by": "sweeps",
    "best_in_draws": "sweeps",
    "bootstrap": "fitting",
    "bounded": "laws",
    "calibrate": "simulation",
    "change": "planning",
    "cluster_days": "costs",
    "compare": "checking",
    "compare_systems": "decisions.systems",
    "device_hours": "costs",
    "equal": "planning",
    "distributed": "parallel",
    "fit": "fitting",
    "fit_each": "fitting",
    "forecast": "forecasting",
    "forecast_each": "forecasting",
    "flops": "costs",
    "frontier": "planning",
    "grid": "sweeps",
    "identifiability": "designs",
    "histogram": "sweeps",
    "load": "storage",
    "log_grid": "sweeps",
    "loo": "inference",
    "pareto": "sweeps",
    "positive": "laws",
    "power": "designs",
    "predict": "prediction",
    "prior_check": "inference",
    "interval": "fitting",
    "profile": "fitting",
    "read_runs": "data",
    "real": "laws",
    "report": "reporting",
    "sample": "inference",
    "shares": "planning",
    "simulate": "simulation",
    "solve": "planning",
    "quantiles": "sweeps",
    "rows": "sweeps",
    "space": "sweeps",
    "choices": "sweeps",
    "integers": "sweeps",
    "latin_hypercube": "sweeps",
    "powers_of_two": "sweeps",
    "simplex": "sweeps",
    "sobol": "sweeps",
    "suggest": "designs",
    "sweep": "sweeps",
    "sweep_status": "sweeps",
    "top_k": "sweeps",
    "unit_interval": "laws",
    "usd": "costs",
    "values": "sweeps",
}
_ROOMS = ("classical", "costs", "datasets", "decisions", "laws")

__all__ = ["__version__", *_HOMES, *_ROOMS]  # pyright: ignore[reportUnsupportedDunderAll]


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
