"""Decisions: how to spend a budget, and what to choose under any constraints."""

from lawjax.planning.allocation import Plan, allocate
from lawjax.planning.constraints import at_least, at_most, change, equal
from lawjax.planning.frontier import frontier
from lawjax.planning.problem import Problem
from lawjax.planning.solving import Solution, solve
from lawjax.planning.variables import shares

__all__ = [
    "Plan",
    "Problem",
    "Solution",
    "allocate",
    "at_least",
    "at_most",
    "change",
    "equal",
    "frontier",
    "shares",
    "solve",
]
