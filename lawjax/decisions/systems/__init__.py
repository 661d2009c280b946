"""Two systems against each other at every budget: which is better, where they cross, what one is worth in the other."""

from lawjax.decisions.systems.comparing import compare_systems
from lawjax.decisions.systems.result import SystemComparison

__all__ = ["SystemComparison", "compare_systems"]
