"""Decisions: how to spend a budget, and what is best among very many configurations."""

from lawjax.planning.allocation import Plan, allocate
from lawjax.planning.axes import Axis, Space, grid, log_grid, space, values
from lawjax.planning.cost import SIX_ND, Budget, Cost, flops
from lawjax.planning.reducers import best_by, histogram, pareto, top_k
from lawjax.planning.sweeping import SweepResult, sweep

__all__ = [
    "SIX_ND",
    "Axis",
    "Budget",
    "Cost",
    "Plan",
    "Space",
    "SweepResult",
    "allocate",
    "best_by",
    "flops",
    "grid",
    "histogram",
    "log_grid",
    "pareto",
    "space",
    "sweep",
    "top_k",
    "values",
]
