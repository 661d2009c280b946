"""Posteriors of many data sets of one shape, each found, whitened and sampled in the same compiled program.

For studies of calibration and coverage. Data sets run side by side in lanes of a fixed number on each device, so that a
result does not depend on how many data sets or devices there are, nor on which.
"""

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.inference.hmc import HmcPlan, run_hmc
from lawjax.inference.mode import FLAT, SETTLED, Look, Whitening, newton
from lawjax.inference.model import Target
from lawjax.inference.progress import bar, tick
from lawjax.inference.ridge import ridge_jumps
from lawjax.parallel.mesh import local_mesh, on_each_device

NUM_LANES = 16
NUM_STARTS = 8


class Batch(NamedTuple):
    """What `run_batch` gives back.

    Attributes:
        vectors: draws on the line, shape (data set, chain, draw, dim).
        stats: of each draw, (data set, chain, draw), as `run_hmc` has them.
        centres: the highest peak of each data set, shape (data set, dim).
        sound: whether the curvature there made a change of variables, shape (data set,); the draws of a data set for
            which it did not are of no use, and NUTS should see to it.
    """

    vectors: Any
    stats: dict[str, Any]
    centres: Any
    sound: Any


def with_responses(target: Target, responses: Any) -> Target:
    """A stack of targets that differ in their responses alone, shape (data set, run)."""
    responses = np.asarray(responses)
    stacked = jax.tree.map(lambda leaf: np.broadcast_to(leaf, (len(responses), *np.shape(leaf))), target)
    return dataclasses.replace(stacked, response=responses)


def run_batch(
    targets: Target,
    keys: jax.Array,
    plan: HmcPlan,
    *,
    starts: Any = None,
    num_starts: int = NUM_STARTS,
    progress: bool = False,
) -> Batch:
    """Draws from the posterior of each data set: its highest peak, the whitening there, and HMC.

    Computes in float64, which must be on (`lawjax.precision.in_float64`).

    Args:
        targets: one target whose arrays all lead with an axis over data sets; see `with_responses`.
        keys: one key per data set, shape (data set,); what is drawn for a data set depends on its own alone.
        plan: how many chains of what length, for each data set.
        starts: vectors on the line to look for the peak from, shape (data set, start, dim); without them,
            `num_starts` draws from the priors of each.
        num_starts: how many.
        progress: show a bar on the terminal.
    Returns:
        A `Batch`.
    """
    num, mesh = len(keys), local_mesh()
    run = functools.partial(on_each_device, mesh, _lanes, plan=plan, num_starts=num_starts)
    together = NUM_LANES * mesh.size
    lanes = [np.minimum(np.arange(first, first + together), num - 1) for first in range(0, num, together)]

    parts = []
    with bar("sampling data sets", num, show=progress):
        for index in lanes:
            here = jax.block_until_ready(_taken((targets, keys, starts), index))
            parts.append(run(here))
            tick(min(len(parts) * together, num))
    return jax.tree.map(lambda *arrays: np.concatenate(arrays)[:num], *parts)


def _taken(tree: Any, index: np.ndarray) -> Any:
    return jax.tree.map(lambda leaf: jnp.asarray(leaf[index]), tree)


@functools.partial(jax.jit, static_argnames=("plan", "num_starts"))
def _lanes(own: tuple[Target, Any, Any], _: Any, *, plan: HmcPlan, num_starts: int) -> Batch:
    targets, keys, starts = own
    one = functools.partial(_one, plan=plan, num_starts=num_starts)
    return jax.vmap(one, in_axes=(0, 0, None if starts is None else 0))(targets, keys, starts)


def _one(target: Target, key: Any, starts: Any, *, plan: HmcPlan, num_starts: int) -> Batch:
    """The posterior of one data set."""
    key_starts, key_draws = jax.random.split(key)
    if starts is None:
        starts = target.prior_vectors(key_starts, num_starts)
    whitening, sound = _whitening(jax.vmap(lambda start: newton(target, start))(starts))
    vectors, stats = run_hmc(target, whitening, plan, key_draws, jumps=ridge_jumps(target, whitening))
    return Batch(vectors, stats, whitening.centre, sound)


def _whitening(ends: Look) -> tuple[Whitening, Any]:
    """The change of variables at the highest point reached, and whether it is a peak with a covariance."""
    best = jax.tree.map(lambda array: array[jnp.argmin(ends.potential)], ends)
    values, vectors = jnp.linalg.eigh(best.hessian)
    curved = jnp.isfinite(best.potential) & (values[0] > jnp.maximum(FLAT * values[-1], 0.0))
    factor = jnp.where(curved, vectors / jnp.sqrt(jnp.where(curved, values, 1.0))[None], jnp.eye(len(values)))
    return Whitening(best.point, factor), curved & (jnp.linalg.norm(best.gradient @ factor) < SETTLED)
