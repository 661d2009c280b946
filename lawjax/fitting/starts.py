"""Starts: space-filling points of the usual ranges, the linear parameters solved for.

For fixed exponents a Chinchilla law is linear in E, A and B. A law that declares such parameters (`Law.linear`)
is started with them already at their best for each draw of the others (variable projection).
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.fitting.centring import Centring
from lawjax.fitting.cholesky import solve_positive
from lawjax.fitting.problem import Problem, line_box
from lawjax.fitting.transforms import to_line
from lawjax.laws.base import over_runs

RIDGE = 1e-9


def make_starts(
    problem: Problem, centring: Centring, response: np.ndarray, weights: np.ndarray, num: int, seed: Any
) -> np.ndarray:
    """Vectors on the line to start from, shape (num, free)."""
    low, high = line_box(problem.layout, centring)
    points = low + (high - low) * _space_filling(num, len(low), seed)
    linear = _free_linear(problem)
    if not linear:
        return points
    padded = np.concatenate([response, np.repeat(response[-1:], len(problem.target) - len(response))])
    return np.asarray(_project(problem, tuple(linear), jnp.asarray(points), jnp.asarray(padded), jnp.asarray(weights)))


def _free_linear(problem: Problem) -> list[str]:
    """Linear parameters that the fit moves, and with them only parameters that are linear too."""
    layout = problem.layout
    bent = {other for name, other in layout.tied if name not in layout.law.linear}
    return [name for name in layout.law.linear if name in layout.free and name not in bent]


def _space_filling(num: int, size: int, seed: Any) -> np.ndarray:
    """A scrambled Sobol sequence in the unit cube, shape (num, size)."""
    from scipy.stats import qmc

    sampler = qmc.Sobol(size, rng=np.random.default_rng(seed))
    return sampler.random_base2(max(int(np.ceil(np.log2(num))), 0))[:num]


@functools.partial(jax.jit, static_argnums=1)
def _project(problem: Problem, linear: tuple[str, ...], points: Any, response: Any, weights: Any) -> Any:
    return jax.vmap(lambda point: _project_one(problem, linear, point, response, weights))(points)


def _project_one(problem: Problem, linear: tuple[str, ...], point: Any, response: Any, weights: Any) -> Any:
    """The point with its linear parameters replaced by their weighted least-squares solution.

    Residuals are taken relative to the response, which is what a log residual is to first order. A solution
    outside a parameter's edges is left out, and the parameter keeps its own start.
    """
    law, layout = problem.layout.law, problem.layout
    params = problem.params(point)

    def predict(values: Any) -> Any:
        moved = dict(zip(linear, values, strict=True))
        moved |= {name: moved[other] for name, other in layout.tied if other in moved}
        return over_runs(law, {**params, **moved}, problem.inputs)

    zeros = jnp.zeros(len(linear))
    basis = jax.jacfwd(predict)(zeros)
    scale = jnp.sqrt(weights) / jnp.maximum(jnp.abs(response), 1e-12)
    design = basis * scale[:, None]
    normal = design.T @ design
    # Relative to each column, whatever its unit; an empty column keeps its start.
    own = jnp.diagonal(normal)
    normal += RIDGE * jnp.diag(jnp.where(own > 0, own, 1.0))
    solution = solve_positive(normal, design.T @ ((response - predict(zeros)) * scale))
    labels = layout.labels
    for name, value in zip(linear, solution, strict=True):
        param, index = law.params[name], labels.index(name)
        placed = to_line(param, value)
        point = point.at[index].set(jnp.where(jnp.isfinite(placed), placed, point[index]))
    return point
