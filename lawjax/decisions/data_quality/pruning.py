"""Which fraction of the examples to keep."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.laws.data_quality import PRUNED_PERCEPTRON
from lawjax.laws.data_quality.pruning import pruned_perceptron

LEAST_KEPT = 0.02

GRID, ZOOMS = 24, 2


def fraction_to_keep(source: Source, alpha: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The fraction of hardest examples to keep, for a number of examples that can be kept.

    With a perfect metric, theta = 0, the harder the better without end once there are enough examples. With any other
    there is a best fraction: beyond it one trains on what the metric wrongly finds hard.

    Args:
        source: a fit, draws or parameters of `PRUNED_PERCEPTRON`: dict(theta=0.3) is an angle of 17 degrees.
        alpha: examples kept per dimension.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with keep, the fraction; error there; and unpruned, the error of as many examples taken at random.
        NaN where the best fraction lies below 0.02 or is all of them.
    Raises:
        InputError: a source of another law, or a number that is not above 0.
    References:
        Sorscher et al. 2022, arXiv:2206.14486.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.fraction_to_keep(dict(theta=0.1745), 3.0)
        >>> f"{answer['keep']:.2f} {answer['error']:.3f} {answer['unpruned']:.3f}"
        '0.28 0.065 0.143'
    """
    alpha = above_zero("alpha", alpha)
    return decide(
        source,
        _fraction,
        question=f"Which fraction of the examples to keep, if {alpha:g} per dimension are kept?",
        laws=(PRUNED_PERCEPTRON,),
        units={"keep": "fraction", "error": "error rate", "unpruned": "error rate"},
        held={"alpha": alpha},
        method="least error over fractions",
        prob=prob,
        force=force,
    )


def _fraction(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    def error(log_keep: Any) -> Any:
        return pruned_perceptron(held["alpha"], jnp.exp(log_keep), **params)

    best = _zoomed(error, jnp.log(LEAST_KEPT), -1e-6)
    at_best, unpruned = jax.vmap(error)(jnp.stack([best, jnp.zeros_like(best)]))
    return {"keep": jnp.exp(best), "error": at_best, "unpruned": unpruned}


def _zoomed(fn: Any, low: Any, high: Any) -> Any:
    """Where a costly function is least: ever finer grids, then a parabola; NaN at an end of one."""

    def zoom(ends: Any, _: Any) -> Any:
        grid = jnp.linspace(ends[0], ends[1], GRID)
        values = jax.vmap(fn)(grid)
        values = jnp.where(jnp.isnan(values), jnp.inf, values)
        best = jnp.clip(jnp.argmin(values), 1, GRID - 2)
        before, here, after = values[best - 1], values[best], values[best + 1]
        shift = 0.5 * (before - after) / (before - 2.0 * here + after)
        inside = (before >= here) & (after >= here)
        place = jnp.where(inside, grid[best] + shift * (grid[1] - grid[0]), jnp.nan)
        return jnp.stack([grid[best - 1], grid[best + 1]]), place

    _, places = jax.lax.scan(zoom, jnp.stack([low, jnp.full_like(low, high)]), None, length=ZOOMS)
    return jnp.where(jnp.isnan(places[0]), jnp.nan, places[-1])
