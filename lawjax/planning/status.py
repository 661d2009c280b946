"""How a search under constraints ended."""

import enum


class SolutionStatus(enum.IntEnum):
    """How the optimum of one draw in one scenario came out."""

    OK = 0
    INFEASIBLE = 1
    NOT_CONVERGED = 2
    NONFINITE = 3
