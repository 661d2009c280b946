"""What one aim costs another: the best of one objective at each of many limits on the other."""

from typing import Any

import numpy as np

from lawjax.errors import check_whole
from lawjax.laws.base import Law
from lawjax.planning.constraints import Quantity, at_most
from lawjax.planning.problem import Problem
from lawjax.planning.solution import Solution
from lawjax.planning.solving import solve

NO_LIMIT = 1e300
ABOVE_LEAST = 1e-6
"""Share by which the first limit lies above the least that is possible, so that there is a choice at all."""


def frontier(
    source: Any,
    problem: Problem,
    against: Quantity,
    *,
    num: int = 20,
    objective: str = "mean",
    prob: float = 0.9,
    law: Law | None = None,
    force: bool = False,
) -> Solution:
    """The best of a problem's objective at each of several limits on another quantity, from the least to no limit.

    Args:
        source, objective, prob, law, force: as for `solve`.
        problem: the problem, of one scenario.
        against: the other quantity, less of which is better too: a `Cost`, a name or a function, as in `at_most`.
        num: how many limits, even in logarithm where the quantity is above 0.

    Returns:
        A `Solution` with a scenario for each limit; its last `limits` are those, with the price of each.

    Raises:
        VerdictError: the source's verdict forbids a decision.
        InputError: as `solve`, and a number of limits below 2.

    Example:
        >>> import lawjax as lj
        >>> problem = lj.Problem(
        ...     choose={"N": (1e9, 1e12), "D": (1e10, 1e14)},
        ...     minimise="loss",
        ...     subject_to=lj.at_most(lj.costs.training(), lj.flops(1e23)),
        ... )
        >>> edge = lj.frontier(lj.laws.published("besiroglu2024"), problem, "N", num=3)
        >>> [f"{size:.2g}: {loss:.3f}" for size, loss in zip(edge.inputs["N"], edge.objective)]
        ['1e+09: 2.204', '5.4e+09: 2.071', '2.9e+10: 2.032']

    References:
        Miettinen 1999, Nonlinear Multiobjective Optimization, section 3.2 (the epsilon-constraint method).
    """
    check_whole("num", num, 2)
    options: dict[str, Any] = dict(objective=objective, prob=prob, law=law, force=force)
    least = solve(source, problem.with_(minimise=against, maximise=None), **options).objective[0]
    watched = problem.with_(subject_to=(*problem.subject_to, at_most(against, NO_LIMIT)))
    free = solve(source, watched, **options).limits[-1].value[0]
    first = least + ABOVE_LEAST * (abs(least) or abs(free))
    limits = np.geomspace(first, free, num) if first > 0 else np.linspace(first, free, num)
    return solve(source, problem.with_(subject_to=(*problem.subject_to, at_most(against, limits))), **options)
