"""Draws from the posteriors of many simulated data sets; those that are hard to sample are sampled again, and longer.

A calibration may leave out no data set, since those that are hard to sample are no random choice. So the draws of each
are judged, and where they fail the next, longer run starts from what they taught: its change of variables has the mean
and covariance of the draws in place of the curvature at the peak, and each step begins with a move proposed from a
Student-t of that mean and covariance, which reaches along a bent ridge where short paths do not.
"""

import dataclasses
import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError
from lawjax.inference.batched import NUM_LANES, run_batch, with_responses
from lawjax.inference.diagnostics import BAD_RHAT
from lawjax.inference.hmc import HmcPlan, run_hmc
from lawjax.inference.mixing import measure_quantity
from lawjax.inference.mixture import Mixture
from lawjax.inference.mode import Whitening
from lawjax.inference.model import Target
from lawjax.inference.ridge import ridge_jumps
from lawjax.parallel.mesh import local_mesh, on_each_device
from lawjax.parallel.processes import Team

FIRST = HmcPlan(num_chains=8, num_warmup=60, num_draws=120, max_steps=8)
AGAIN = HmcPlan(num_chains=8, num_warmup=100, num_draws=200, max_steps=32)
LONG = HmcPlan(num_chains=8, num_warmup=400, num_draws=400, max_steps=64)
TURNS = (AGAIN, AGAIN, LONG)
"""One after the other, for the data sets that fail: two programs serve all three."""

LEAST_VARIANCE = 1e-12
"""For draws that stood still in some direction."""

Draws = list[np.ndarray]
"""For each data set the vectors of its draws, shape (chain, draw, dim)."""


class Posteriors(NamedTuple):
    """What was drawn for every data set.

    Attributes:
        draws: vectors on the line, shape (chain, draw, dim), for each data set.
        failed: whether the last draws still fail their gate, shape (data set,).
        num_again: data sets that were sampled more than once.
    """

    draws: Draws
    failed: np.ndarray
    num_again: int


def sample_posteriors(
    target: Target, responses: Any, keys: tuple[Any, Any], least: int, *, progress: bool = False
) -> Posteriors:
    """Draws for each response, shape (data set, run), worth at least `least` independent ones where the gate is passed.

    Args:
        target: the posterior of any one response.
        responses: one per data set, shape (data set, run).
        keys: one per data set for its first draws, and one for later ones; its draws depend on its own alone.
        least: the effective sample size that the gate asks for.
        progress: show a bar on the terminal.
    """
    batch = run_batch(with_responses(target, responses), keys[0], FIRST, progress=progress)
    draws = list(batch.vectors)
    failed = fails_gate(draws, least) | ~batch.sound
    num_again = int(np.sum(failed))
    for turn, plan in enumerate(TURNS, start=1):
        rows = np.flatnonzero(failed)
        if not len(rows):
            break
        taken = _hmc_again(target, responses, keys[1], plan, turn, rows, [draws[row] for row in rows])
        failed[rows] = fails_gate(taken, least)
        for row, new in zip(rows, taken, strict=True):
            draws[row] = new
    return Posteriors(draws, failed, num_again)


class Sampled(NamedTuple):
    """What a calibration needs of the posteriors: draws to rank among, shape (data set, draw, dim), and as there."""

    draws: np.ndarray
    failed: np.ndarray
    num_again: int


def sample_together(
    team: Team, target: Target, responses: Any, keys: tuple[Any, Any], num_draws: int, *, progress: bool = False
) -> Sampled:
    """`num_draws` draws for each response, each process sampling a share of the data sets.

    Raises:
        InputError: there are more processes than data sets.
    """
    mine = team.share(len(responses))
    if team.size > len(responses):
        raise InputError(f"{team.size} processes are more than the {len(responses)} data sets that they could share.")
    index = np.arange(mine.start, mine.stop)
    own = target, responses[index], (keys[0][index], keys[1][index])
    found = team.all_do(lambda: sample_posteriors(*own, num_draws, progress=progress and team.is_first))
    kept = dict(draws=thinned(found.draws, num_draws), failed=found.failed, num_again=np.array(found.num_again))
    parts = team.gather_arrays(kept)
    return Sampled(
        np.concatenate([part["draws"] for part in parts]),
        np.concatenate([part["failed"] for part in parts]),
        sum(int(part["num_again"]) for part in parts),
    )


def thinned(draws: Draws, num: int) -> np.ndarray:
    """`num` draws of each data set, evenly spread over its chains, shape (data set, num, dim)."""
    flat = [part.reshape(-1, part.shape[-1]) for part in draws]
    return np.stack([part[np.round(np.linspace(0, len(part) - 1, num)).astype(int)] for part in flat])


def fails_gate(draws: Draws, least: int) -> np.ndarray:
    """Which data sets' draws cannot be trusted: chains that disagree, or are worth too few draws.

    The tails count as well as the bulk: ranks near either end are what too short chains get wrong first. Paths that
    diverge do not: jumps go where they end, and it is for the ranks to show what is missing.
    """
    found = measure_quantity(np.stack(draws, axis=2))
    mixed = (found["rhat"] < BAD_RHAT) & (np.minimum(found["ess_bulk"], found["ess_tail"]) >= least)
    return ~np.all(mixed, axis=1)


def _hmc_again(
    target: Target, responses: Any, keys: Any, plan: HmcPlan, turn: int, rows: np.ndarray, draws: Draws
) -> Draws:
    """HMC whitened by earlier draws, from where their chains ended, in lanes of a fixed number."""
    whitenings = [whitened_by(part) for part in draws]
    everything = (
        np.asarray(responses)[rows],
        jax.tree.map(lambda *parts: np.stack(parts), *whitenings),
        np.stack([part[:, -1] for part in draws]),
    )
    mesh = local_mesh()
    num, found = NUM_LANES * mesh.size, []
    for first in range(0, len(rows), num):
        lanes = np.minimum(np.arange(first, first + num), len(rows) - 1)
        part = jax.tree.map(lambda leaf, lanes=lanes: jnp.asarray(leaf[lanes]), everything)
        own, shared = (*part, keys[rows[lanes]]), (target, turn)
        found.append(on_each_device(mesh, _lanes, own, shared, plan=plan))
    return list(np.concatenate(found)[: len(rows)])


@functools.partial(jax.jit, static_argnames="plan")
def _lanes(own: tuple[Any, Whitening, Any, Any], shared: tuple[Target, Any], *, plan: HmcPlan) -> Any:
    (responses, whitenings, starts, keys), (target, turn) = own, shared

    def one(response: Any, whitening: Whitening, start: Any, key: Any) -> Any:
        here = dataclasses.replace(target, response=response)
        jumps = (Mixture.about(whitening), *ridge_jumps(here, whitening))
        return run_hmc(here, whitening, plan, jax.random.fold_in(key, turn), start, jumps)[0]

    return jax.vmap(one)(responses, whitenings, starts, keys)


def whitened_by(draws: np.ndarray) -> Whitening:
    """The change of variables with the mean and covariance of draws, shape (chain, draw, dim)."""
    flat = draws.reshape(-1, draws.shape[-1])
    values, vectors = np.linalg.eigh(np.atleast_2d(np.cov(flat, rowvar=False)))
    return Whitening(np.mean(flat, axis=0), vectors * np.sqrt(np.maximum(values, LEAST_VARIANCE)))
