"""Published packages, each in a process of its own, which may run another Python than lawjax.

`python -m contenders.packages NAME` reads a job as JSON and prints what came of it as JSON.
"""

import contextlib
import io
import json
import logging
import sys
import tempfile
import warnings
from typing import Any

import numpy as np
from harness import once, seconds

from contenders.problem import DELTA, GRID, Problem, coordinates, published_starts

Answer = dict[str, Any]


def iminuit(problem: Problem, num: int, **_: Any) -> Answer:
    """MIGRAD with the analytic gradient from published starts."""
    found = []
    spent = once(lambda: found.extend(_migrad(problem, start) for start in published_starts(num)))
    return dict(objectives=found, cold=spent, warm=spent)


def iminuit_refit(problem: Problem, optimum: list[float], weights: list[list[float]], **_: Any) -> Answer:
    """MIGRAD for each resample from the optimum of the whole table."""
    found = []
    rows = np.array(weights)
    spent = once(lambda: found.extend(_migrad(problem.weighted(row), np.array(optimum)) for row in rows))
    return dict(objectives=found, cold=spent, warm=spent)


def _migrad(problem: Problem, start: np.ndarray) -> float:
    """MIGRAD at its best settings: it stops when 0.002 x tol x errordef is left of an objective of about 1."""
    from iminuit import Minuit

    minuit = Minuit(lambda v: 1e3 * problem.value(v), start, grad=lambda v: 1e3 * problem.gradient(v))
    minuit.errordef, minuit.tol = 1e-3, 1e-6
    return float(minuit.migrad(ncall=20_000).fval) / 1e3


def nlsq(problem: Problem, num: int, **_: Any) -> Answer:
    """`curve_fit` with its own Huber loss of log residuals, from published starts."""
    import jax.numpy as jnp
    from nlsq import curve_fit

    logging.disable(logging.CRITICAL)

    def log_loss(x: Any, a: Any, b: Any, e: Any, alpha: Any, beta: Any) -> Any:
        terms = jnp.stack([a - alpha * x[0], b - beta * x[1], e + 0 * x[0]])
        top = terms.max(axis=0)
        return top + jnp.log(jnp.exp(terms - top).sum(axis=0))

    def from_start(start: np.ndarray) -> float:
        try:
            params, _ = curve_fit(log_loss, x, problem.log_loss, p0=start, loss="huber", f_scale=DELTA)
        except RuntimeError:  # it raises where a start does not converge
            return np.inf
        return problem.value(np.asarray(params, float))

    x, starts, found = np.stack([problem.log_n, problem.log_d]), published_starts(num), []
    compiling = once(lambda: from_start(starts[0]))
    warm = once(lambda: found.extend(map(from_start, starts)))
    return dict(objectives=found, cold=warm + max(compiling - warm / num, 0.0), warm=warm)


def chinchilla(problem: Problem, num: int, **_: Any) -> Answer:
    """Its BFGS over a grid with its Huber loss; a part of the published grid that keeps the ends of each axis."""
    import chinchilla.core as core
    import pandas as pd
    from chinchilla import Chinchilla
    from chinchilla._metrics import log_huber

    keep = {name: (0, len(axis) // 2, -1) if num > 32 else (0, -1) for name, axis in GRID.items()}
    grid = {name: [float(GRID[name][i]) for i in keep[name]] for name in ("e", "a", "b", "alpha", "beta")}
    N, D = np.exp(problem.log_n), np.exp(problem.log_d)
    minimize, ends = core.sciop.minimize, []

    def recorded(*args: Any, **choices: Any) -> Any:
        ends.append(minimize(*args, **choices))
        return ends[-1]

    with tempfile.TemporaryDirectory() as folder:
        model = Chinchilla(folder, param_grid=grid, loss_fn=lambda y, p: log_huber(y, p, delta=DELTA), log_level=50)
        model.database.df = pd.DataFrame(dict(C=6 * N * D, N=N, D=D, loss=np.exp(problem.log_loss)))
        core.sciop.minimize = recorded
        spent = once(lambda: model.fit(parallel=False))
    scale = model._autoscale_range.astype(float)
    order = [1, 2, 0, 3, 4]
    return dict(objectives=[problem.value((end.x * scale)[order]) for end in ends], cold=spent, warm=spent)


def simple_scaling_laws(problem: Problem, num_draws: int, **_: Any) -> Answer:
    """Its fit by least squares of the loss itself, with so many wild draws; its parameters in our objective."""
    import polars as pl
    from simple_scaling_laws import fit

    table = pl.DataFrame(
        {
            "training_run_id": [f"run {i}" for i in range(len(problem.log_n))],
            "model_size__N": np.exp(problem.log_n),
            "dataset_size__D": np.exp(problem.log_d),
            "test_loss__nats": np.exp(problem.log_loss),
        }
    )
    models: list[Any] = []
    cold, warm = seconds(lambda: models.append(fit(table, law="separable-power", n_draws=num_draws)), repeats=1)
    p = models[-1].params("test_loss__nats")
    # Its amplitudes are those of inputs divided by their geometric means.
    p["A"] *= np.exp(p["alpha"] * problem.log_n.mean())
    p["B"] *= np.exp(p["beta"] * problem.log_d.mean())
    return dict(objectives=[problem.value(coordinates(p))], cold=cold, warm=warm)


RIVALS = dict(
    iminuit=iminuit,
    iminuit_refit=iminuit_refit,
    nlsq=nlsq,
    chinchilla=chinchilla,
    simple_scaling_laws=simple_scaling_laws,
)


def main() -> None:
    """Read a job, run it quietly, print its answer as the last line."""
    job = json.load(sys.stdin)
    problem = Problem(*(np.array(column, float) for column in job.pop("problem")))
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            answer = RIVALS[sys.argv[1]](problem, **job)
        except ModuleNotFoundError as error:
            answer = dict(missing=error.name)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
