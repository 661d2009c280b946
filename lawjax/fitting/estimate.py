"""`fit`: the front door of point estimates. Descend from many starts, keep the best, say how it went."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np

from lawjax.data.checks import check_fit
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring, undeclared_note
from lawjax.fitting.fit_result import Choices, Fit
from lawjax.fitting.losses import make_loss
from lawjax.fitting.problem import Layout, make_problem, natural_params, padded_weights
from lawjax.fitting.residuals import choose_space
from lawjax.fitting.solve import Status, solve
from lawjax.fitting.starts import make_starts
from lawjax.laws.base import Law
from lawjax.precision import as_key, in_float64, seed_of

NUM_STARTS = 64
OPTAX_STEPS = 2000


@in_float64
def fit(
    law: Law,
    runs: Runs,
    *,
    loss: str | Callable[[Any], Any] = "huber",
    delta: float = 1e-3,
    penalty: float = 10.0,
    residual: str | None = None,
    fixed: Mapping[str, float] | None = None,
    tied: Mapping[str, str] | None = None,
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
        fixed: parameters held at a value, in natural units.
        tied: parameters that equal another, {"beta": "alpha"}.
        optimizer: an Optax gradient transformation to use in place of the damped Gauss-Newton solver.
        num_starts: how many starts.
        max_steps: bound on steps of each start; 200 for Gauss-Newton, 2000 updates for Optax.
        key: seed of the starts.
        force: go on although the inputs look swapped.
    Returns:
        A `Fit`; `fit.choices.method` says what ran.
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
    if not isinstance(num_starts, int) or num_starts < 1:
        raise InputError(f"`num_starts` must be a whole number above 0, got {num_starts!r}.")
    held = tuple(name for name, _ in layout.fixed)
    data_verdict = check_fit(law, runs, num_free=layout.num_free, fixed=held, residual=space, force=force)
    centring = Centring.of(law, runs)
    data_verdict += undeclared_note(centring)
    problem = make_problem(layout, runs, centring, space)
    weights = padded_weights(runs)
    response = np.asarray(runs[law.response], dtype=np.float64)
    starts = make_starts(problem, centring, response, weights, num_starts, seed_of(as_key(key)))
    if optimizer is None:
        method, steps = "damped gauss-newton", max_steps or 200
        solution = solve(problem, cost, starts, weights, max_steps=steps)
    else:
        from lawjax.fitting.descend import descend

        method, steps = "optax", max_steps or OPTAX_STEPS
        solution = descend(problem, cost, optimizer, starts, weights, num_steps=steps)
    best = int(np.argmin(solution.objective))
    params = natural_params(problem, solution.vector)
    choices = Choices(
        loss=loss, delta=delta, penalty=penalty, space=space, fixed=layout.fixed, tied=layout.tied,
        method=method, num_starts=num_starts, max_steps=steps,
    )  # fmt: skip
    return Fit(
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
