"""Sweeps: what is best among very many configurations, in constant memory."""

from lawjax.axes import Axis, choices, grid, integers, log_grid, powers_of_two, values
from lawjax.sweeps.design_space import Space, space
from lawjax.sweeps.reducers import best_by, best_in_draws, histogram, pareto, quantiles, rows, top_k
from lawjax.sweeps.samples import latin_hypercube, simplex, sobol
from lawjax.sweeps.status import SweepStatus, sweep_status
from lawjax.sweeps.sweeping import SweepResult, sweep

__all__ = [
    "Axis",
    "Space",
    "SweepResult",
    "SweepStatus",
    "best_by",
    "best_in_draws",
    "choices",
    "grid",
    "histogram",
    "integers",
    "latin_hypercube",
    "log_grid",
    "pareto",
    "powers_of_two",
    "quantiles",
    "rows",
    "simplex",
    "sobol",
    "space",
    "sweep",
    "sweep_status",
    "top_k",
    "values",
]
