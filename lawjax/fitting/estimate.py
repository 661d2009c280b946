"""`fit`: the front door of point estimates. Descend from many starts, keep the best, say how it went."""

import dataclasses
import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from lawjax.data.checks import check_fit
from lawjax.data.runs import Runs
from lawjax.errors import InputError, choose
from lawjax.fitting.centring import Centring, undeclared_note
from lawjax.fitting.fit_result import Choices, Fit
from lawjax.fitting.losses import Loss, make_loss
from lawjax.fitting.problem import Layout, Problem, make_problem, natural_params, padded_weights
from lawjax.fitting.residuals import choose_space
from lawjax.fitting.solve import Solution, Status, solve
from lawjax.fitting.starts import make_starts
from lawjax.laws.base import Law
from lawjax.precision import as_key, in_float64, seed_of

NUM_STARTS = 64
GAUSS_NEWTON_STEPS = 200
OPTAX_STEPS = 2000
METHODS = ("auto", "gauss-newton")


@in_float64
def fit(
    law: Law,
    runs: Runs,
    *,
    loss: str | Callable[[Any], Any] = "huber",
    delta: float = 1e-3,
    penalty: float = 10.0,
    residual: str | None = None,
    weights: Any = None,
    fixed: Mapping[str, float] | None = None,
    tied: Mapping[str, str] | None = None,
    method: str = "auto",
    optimizer: Any = None,
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
        loss: "huber", "absolute", "squared", "asymmetric", or a JAX function of one residual.
        delta: where Huber turns straight, in the unit of the residual.
        penalty: weight of predicting too much, for "asymmetric".
        residual: "log" (default where the response is positive), "raw" or "logit".
        weights: weight of each run, in place of the table's; rows of weight 0 are dropped and counted.
        fixed: parameters held at a value, in natural units.
        tied: parameters that equal another, {"beta": "alpha"}.
        method: "gauss-newton", or "auto", which is gauss-newton unless there is an `optimizer`.
        optimizer: an Optax gradient transformation to use in place of the damped Gauss-Newton solver.
        num_starts: how many starts.
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
    space = choose_space(law, residual)
    layout = Layout.of(law, fixed, tied)
    cost = make_loss(loss, delta, penalty)
    _check_options(method, optimizer, num_starts, max_steps)
    runs = (runs if weights is None else runs.reweighted(weights)).counted()
    held = tuple(name for name, _ in (*layout.fixed, *layout.tied))
    data_verdict = check_fit(law, runs, num_free=layout.num_free, fixed=held, residual=space, force=force)
    centring = Centring.of(law, runs)
    data_verdict += undeclared_note(centring)
    problem = make_problem(layout, runs, centring, space)
    weights = padded_weights(runs)
    response = np.asarray(runs[law.response], dtype=np.float64)
    starts = make_starts(problem, centring, response, weights, num_starts, seed_of(as_key(key)))
    solution, ran, steps = _descend(problem, cost, starts, weights, optimizer, max_steps)
    best = int(np.argmin(solution.objective))
    params = natural_params(problem, solution.vector)
    choices = Choices(
        loss=loss, delta=delta, penalty=penalty, space=space, fixed=layout.fixed, tied=layout.tied,
        method=ran, num_starts=num_starts, max_steps=steps,
    )  # fmt: skip
    found = Fit(
        law=law,
        runs=runs,
        params={name: array[best] for name, array in params.items()},
        objective=float(solution.objective[best]),
        status=Status(int(solution.status[best])),
        num_steps=int(solution.num_steps[best]),
        choices=choices,
        start_objectives=solution.objective,
        start_status=solution.status,
        start_params=params,
        data_verdict=data_verdict,
        seconds=time.perf_counter() - began,
        device=jax.devices()[0].device_kind,
    )
    return dataclasses.replace(found, status=Status.AT_EDGE) if found.edges else found


def _descend(
    problem: Problem, cost: Loss, starts: np.ndarray, weights: np.ndarray, optimizer: Any, max_steps: int | None
) -> tuple[Solution, str, int]:
    """Where the starts ended, what ran, and its bound on steps."""
    if optimizer is None:
        steps = max_steps or GAUSS_NEWTON_STEPS
        return solve(problem, cost, starts, weights, max_steps=steps), "gauss-newton", steps
    from lawjax.fitting.descend import descend

    steps = max_steps or OPTAX_STEPS
    return descend(problem, cost, optimizer, starts, weights, num_steps=steps), "optax", steps


def _check_options(method: str, optimizer: Any, num_starts: int, max_steps: int | None) -> None:
    choose("method", method, METHODS)
    if method == "gauss-newton" and optimizer is not None:
        raise InputError('method="gauss-newton" and an `optimizer` exclude each other; leave one out.')
    for name, value in (("num_starts", num_starts), ("max_steps", max_steps)):
        if value is not None and (not isinstance(value, int) or value < 1):
            raise InputError(f"`{name}` must be a whole number above 0, got {value!r}.")
