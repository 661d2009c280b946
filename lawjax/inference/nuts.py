"""NUTS chains in lockstep, in whitened coordinates: one compiled program per law and shape of the data."""

import dataclasses
import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.infer.hmc import hmc

from lawjax.errors import InputError
from lawjax.inference.mode import Peak, Whitening
from lawjax.inference.model import Target
from lawjax.inference.progress import bar, report

MAX_TREE_DEPTH = 10
TARGET_ACCEPTANCE = 0.9
WIDE, NARROW = 1.0, 0.1
"""How far from the peak chains start, in standard deviations where the curvature is known, else on the line."""

FEWEST = {"num_chains": 1, "num_warmup": 50, "num_draws": 10}


@dataclasses.dataclass(frozen=True)
class Plan:
    """How many chains of what length."""

    num_chains: int
    num_warmup: int
    num_draws: int
    progress: bool = False

    def __post_init__(self) -> None:
        for name, fewest in FEWEST.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < fewest:
                raise InputError(f"`{name}` must be a whole number from {fewest} up, got {value!r}.")


def run_chains(target: Target, peak: Peak, plan: Plan, key: jax.Array) -> tuple[Any, dict[str, np.ndarray]]:
    """Draws from a target, and what the sampler said of each.

    Returns:
        vectors on the line, shape (chain * draw, dim), and the statistics (chain, draw): energy, potential,
        acceptance, num_steps, diverging, longest_path.
    """
    with bar("sampling", plan.num_warmup + plan.num_draws, show=plan.progress):
        vectors, stats = jax.block_until_ready(_chains(target, peak.whitening, plan, peak.sound, key))
    return vectors, {name: np.asarray(array).T for name, array in stats.items()}


@functools.partial(jax.jit, static_argnames=("plan", "sound"))
def _chains(target: Target, whitening: Whitening, plan: Plan, sound: bool, key: jax.Array) -> tuple[Any, Any]:
    """The chains, each of which adapts its step and its mass matrix: a dense one where the whitening is not sound."""

    def potential(white: Any) -> Any:
        return target.potential(whitening.place(white))

    init, step = hmc(potential)
    options = {
        "dense_mass": not sound,
        "target_accept_prob": TARGET_ACCEPTANCE,
        "max_tree_depth": MAX_TREE_DEPTH,
    }
    key_start, key_chain = jax.random.split(key)
    starts = _starts(potential, (plan.num_chains, target.num_dims), WIDE if sound else NARROW, key_start)
    keys = jax.random.split(key_chain, plan.num_chains)
    state = jax.vmap(lambda start, key: init(start, plan.num_warmup, rng_key=key, **options))(starts, keys)

    def advance(state: Any, index: Any) -> tuple[Any, Any]:
        if plan.progress:
            report(index)
        state = jax.vmap(step)(state)
        return state, (state.z, _statistics(state))

    steps = jnp.arange(plan.num_warmup + plan.num_draws)
    _, (whites, stats) = jax.lax.scan(advance, state, steps)
    whites, stats = jax.tree.map(lambda seen: seen[plan.num_warmup :], (whites, stats))
    vectors = jax.vmap(jax.vmap(whitening.place))(jnp.swapaxes(whites, 0, 1))
    return vectors.reshape(-1, target.num_dims), stats


def _starts(potential: Any, shape: tuple[int, int], spread: float, key: jax.Array) -> Any:
    """Around the peak, or at the peak where the density around it is not finite."""
    starts = spread * jax.random.normal(key, shape)
    usable = jnp.isfinite(jax.vmap(potential)(starts))
    return jnp.where(usable[:, None], starts, 0.0)


def _statistics(state: Any) -> dict[str, Any]:
    return {
        "energy": state.energy,
        "potential": state.potential_energy,
        "acceptance": state.accept_prob,
        "num_steps": state.num_steps,
        "diverging": state.diverging,
        "longest_path": state.num_steps >= 2**MAX_TREE_DEPTH - 1,
    }
