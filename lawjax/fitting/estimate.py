"""`fit`: the front door of point estimates. Descend from many starts, keep the best, say how it went."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from lawjax.data.checks import check_law_and_runs
from lawjax.data.runs import Runs
from lawjax.errors import InputError, check_whole, choose
from lawjax.fitting.fit_result import Choices, Fit
from lawjax.fitting.problem import Layout, fixed_pairs
from lawjax.fitting.residuals import choose_space
from lawjax.fitting.task import finish, prepare, solved
from lawjax.laws.base import Law
from lawjax.precision import in_float64

NUM_STARTS = 64
GAUSS_NEWTON_STEPS = 200
OPTAX_STEPS = 2000
MANY_PARAMETERS = 60
"""Free parameters above which Optax's L-BFGS is the default: a Gauss-Newton step costs the cube of their number."""
METHODS = ("auto", "gauss-newton", "optax")


@in_float64
def fit(
    law: Law,
    runs: Runs,
    *,
    loss: str | Callable[[Any], Any] = "huber",
    delta: float = 1e-3,
    penalty: float = 10.0,
    residual: str | None = None,
    rounding: float | str | None = None,
    weights: Any = None,
    fixed: Mapping[str, float] | None = None,
    tied: Mapping[str, str] | None = None,
    method: str = "auto",
    optimizer: Any = None,
    starts: Mapping[str, Any] | None = None,
    num_starts: int = NUM_STARTS,
    max_steps: int | None = None,
    key: Any = 0,
    force: bool = False,
) -> Fit:
    """The best parameters of a law for these runs, with how sure one may be of them.

    The fit runs in float64 on centred inputs from many starts at once; `agreement` says how many ended at the best
    objective, `verdict` what may be wrong.

    Args:
        law: the law.
        runs: a column per input of the law and one for its response.
        loss: "huber", "absolute", "squared", "student_t" (scale and degrees of freedom are estimated, see
            `loss_params`), "asymmetric", or a JAX function of one residual.
        delta: where Huber turns straight, in the unit of the residual.
        penalty: weight of predicting too much, for "asymmetric".
        residual: "log" (default where the response is positive), "raw" or "logit".
        rounding: width of the interval that was rounded to one response, as for a table read off a colour map: a number
            in the response's unit, or the name of a column of them. A prediction inside the interval costs nothing.
        weights: weight of each run, in place of the table's; rows of weight 0 are dropped and counted.
        fixed: parameters held at a value, in natural units.
        tied: parameters that equal another, {"beta": "alpha"}.
        method: "gauss-newton", "optax", or "auto": gauss-newton unless there is an `optimizer` or more than 60 free
            parameters.
        optimizer: an Optax gradient transformation in place of the damped Gauss-Newton solver; for "optax" L-BFGS.
        starts: points to start from beside the drawn ones, natural units: a number or an array of them per parameter.
        num_starts: how many starts are drawn from the usual ranges.
        max_steps: bound on steps of each start; 200 for Gauss-Newton, 2000 updates for Optax.
        key: seed of the starts.
        force: go on although the inputs look swapped.
    Returns:
        A `Fit`; `fit.method` says what ran. Bootstraps and refits of it use gauss-newton.
    Raises:
        InputError: a wrong option, or runs that cannot determine the law; the message says how to mend it.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.0, key=0)
        >>> round(float(lj.fit(lj.laws.CHINCHILLA, runs).params["alpha"]), 6)
        0.34
    """
    began = time.perf_counter()
    check_law_and_runs(law, runs)
    check_options(method, optimizer, num_starts, max_steps)
    layout = Layout.of(law, fixed, tied)
    ran, steps = _what_runs(layout, method, optimizer, max_steps)
    choices = Choices(
        loss=loss, delta=delta, penalty=penalty, space=choose_space(law, residual), rounding=rounding,
        fixed=fixed_pairs(fixed), tied=layout.tied, method=ran, num_starts=num_starts, max_steps=steps,
    )  # fmt: skip
    table = runs if weights is None else runs.reweighted(weights)
    task = prepare(layout, table, choices, starts, key, force, alone=ran == "gauss-newton")
    solution = solved(task, optimizer)
    return finish(task, solution, time.perf_counter() - began)


def _what_runs(layout: Layout, method: str, optimizer: Any, max_steps: int | None) -> tuple[str, int]:
    """The method, never silent, and its bound on steps."""
    many = method == "auto" and layout.num_free > MANY_PARAMETERS
    if optimizer is None and method != "optax" and not many:
        return "gauss-newton", max_steps or GAUSS_NEWTON_STEPS
    return "optax", max_steps or OPTAX_STEPS


def check_options(method: str, optimizer: Any, num_starts: Any, max_steps: Any) -> None:
    """Raises InputError where one of these options is wrong."""
    choose("method", method, METHODS)
    if method == "gauss-newton" and optimizer is not None:
        raise InputError('method="gauss-newton" and an `optimizer` exclude each other; leave one out.')
    if optimizer is not None and not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise InputError(
            f"`optimizer` must be an Optax gradient transformation, such as optax.adam(1e-2), got {optimizer!r}."
        )
    check_whole("num_starts", num_starts, 1)
    if max_steps is not None:
        check_whole("max_steps", max_steps, 1)
