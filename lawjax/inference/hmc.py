"""HMC in lockstep over many chains: short jittered paths in whitened coordinates, tuned across chains.

All chains take the same number of leapfrogs, so that one program evaluates all of their gradients together: on a CPU
that costs a tenth of one chain after another, and on a whitened law two to four leapfrogs make a draw.
"""

import dataclasses
import functools
import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from lawjax.errors import check_whole
from lawjax.inference.jumps import PAIR, Evaluate, Jump, Place, choose_place, log_uniform, suggest
from lawjax.inference.mode import Density, Whitening
from lawjax.inference.tuning import Moves, Tuning, first_tuning, learn, longest_share

MOST_ENERGY_ERROR = 1000.0
STARTS = 2**31 - 1
"""What the key of the starts is made with: an index that no step has."""

FEWEST = {"num_chains": 4, "num_warmup": 10, "num_draws": 4, "max_steps": 1, "jump_every": 1}


@dataclasses.dataclass(frozen=True)
class HmcPlan:
    """How many chains of what length.

    Attributes:
        num_chains: chains in lockstep; what is learnt while they warm up is learnt from all of them.
        num_warmup: steps of each chain to settle and tune before.
        num_draws: draws kept of each chain.
        max_steps: most leapfrogs of one path.
        jump_every: steps from one round of jumps to the next.
    """

    num_chains: int = 64
    num_warmup: int = 100
    num_draws: int = 250
    max_steps: int = 32
    jump_every: int = 1

    def __post_init__(self) -> None:
        for name, fewest in FEWEST.items():
            check_whole(name, getattr(self, name), fewest)


class HmcState(NamedTuple):
    """All that the next step needs beside its index."""

    place: Place
    tuning: Tuning


class Launch(NamedTuple):
    """Where paths begin and how they go on: a jump is a path that stays where it begins.

    Attributes:
        white: where, in whitened coordinates (chain, dim).
        momentum: with what momentum (chain, dim).
        step, num_steps: length and number of the leapfrogs.
        balance: log q(old | new) - log q(new | old) of what was proposed, shape (chain,).
        bar: what the gain must exceed for the move to be accepted, the log of a uniform number, shape (chain,).
    """

    white: Any
    momentum: Any
    step: Any
    num_steps: Any
    balance: Any
    bar: Any


class Landing(NamedTuple):
    """What became of the last move: where chains are after it, where the path went, and what it gained."""

    place: Place
    start: Any
    end: Any
    momentum: Any
    gain: Any
    energy: Any


def run_hmc(
    target: Density,
    whitening: Whitening,
    plan: HmcPlan,
    key: jax.Array,
    starts: Any = None,
    jumps: Sequence[Jump] = (),
) -> tuple[jax.Array, dict[str, jax.Array]]:
    """Draws from a target, and what the sampler said of each: traceable, so that `jit` and `vmap` apply.

    Args:
        target: the posterior; the chains are float32 or float64 as its arrays are.
        whitening: the change of variables at its peak.
        plan: how many chains of what length.
        key: draws depend on it and on the index of the step alone.
        starts: vectors on the line to start from, shape (chain, dim); without them, normal draws about the peak.
        jumps: every so many steps (`plan.jump_every`), a move of each.
    Returns:
        vectors on the line, shape (chain, draw, dim), and the statistics (chain, draw): energy, potential, acceptance,
        num_steps, diverging, longest_path, and with jumps `jumped`.
    References:
        Hoffman, Radul and Sountsov 2021, PMLR 130:3907 (ChEES-HMC).
    """
    state = first_state(target, whitening, plan, key, starts)
    indices = jnp.arange(num_indices(plan))
    _, (vectors, stats) = advance(target, whitening, plan, key, state, indices, jumps)
    keep = indices.size - plan.num_draws
    return jax.tree.map(lambda seen: jnp.swapaxes(seen[keep:], 0, 1), (vectors, stats))


def num_indices(plan: HmcPlan) -> int:
    """Steps in all: the warm-up, whose first step evaluates the starts, and the draws."""
    return plan.num_warmup + plan.num_draws


def first_state(target: Density, whitening: Whitening, plan: HmcPlan, key: jax.Array, starts: Any = None) -> HmcState:
    """The chains before step 0, which evaluates them: so the gradient is compiled in one place alone."""
    dtype, shape = _dtype(target, whitening), (plan.num_chains, target.num_dims)
    if starts is None:
        white = jax.random.normal(jax.random.fold_in(key, STARTS), shape, dtype)
    else:
        white = jax.vmap(lambda start: whitening.back(start))(jnp.asarray(starts, dtype))
    return HmcState(
        Place(white, jnp.full(shape[:1], jnp.inf, dtype), jnp.zeros(shape, dtype)), first_tuning(dtype, shape[1])
    )


def advance(
    target: Density,
    whitening: Whitening,
    plan: HmcPlan,
    key: jax.Array,
    state: HmcState,
    indices: Any,
    jumps: Sequence[Jump] = (),
) -> tuple[HmcState, tuple[Any, dict[str, Any]]]:
    """The steps of these indices: the state after them, and the vectors and statistics of each, shape (step, chain)."""
    dtype = state.place.white.dtype
    whitening = jax.tree.map(lambda array: jnp.asarray(array, dtype), whitening)

    def potential(white: Any) -> Any:
        return target.potential(whitening.place(white)).astype(dtype)

    one = functools.partial(_step, jax.vmap(jax.value_and_grad(potential)), whitening, plan, jumps)
    state, (whites, stats) = jax.lax.scan(one, state, (indices, _normals(key, indices, state.place.white, jumps)))
    return state, (jax.vmap(jax.vmap(whitening.place))(whites), stats)


def _normals(key: jax.Array, indices: Any, white: Any, jumps: Sequence[Jump]) -> list[Any]:
    """All randomness of these steps, as standard normals (step, chain, ...): of each jump, then of the path."""
    sizes = [PAIR + count for count in (*(jump.num_normals for jump in jumps), white.shape[1])]
    num = len(white) * sum(sizes)
    # As one row, which XLA compiles in a fifth of the time that a table takes.
    flat = jax.vmap(lambda index: jax.random.normal(jax.random.fold_in(key, index), (num,), white.dtype))(indices)
    normals = flat.reshape(len(indices), len(white), sum(sizes))
    return jnp.split(normals, list(itertools.accumulate(sizes))[:-1], axis=2)


def _step(
    evaluate: Evaluate, whitening: Whitening, plan: HmcPlan, jumps: Sequence[Jump], state: HmcState, at: Any
) -> tuple[HmcState, Any]:
    """One step of every chain: the jumps if they are due, then a path, and what is learnt from it during the warm-up.

    Jumps and path take turns in one loop, so that the gradient is compiled once.
    """
    (place, tuning), (index, normals) = state, at
    step, num_steps = _lengths(tuning, plan, index)
    starting = index == 0
    due = jnp.where(starting | (index % plan.jump_every != 0), 0, len(jumps)) if jumps else 0
    path = functools.partial(
        _launch_path, normals[-1], jnp.where(starting, 0.0, step), jnp.where(starting, 1, num_steps)
    )
    launches = [functools.partial(_launch_jump, whitening, *pair) for pair in zip(jumps, normals)] + [path]

    def move(turn: Any, at: Landing) -> Landing:
        launch = jax.lax.switch(jnp.where(turn < due, turn, len(jumps)), launches, at.place.white)
        return _land(evaluate, tuning.factor, at.place, launch)

    begun = Landing(place, place.white, place.white, place.white, place.potential, place.potential)
    landing = jax.lax.fori_loop(0, due + 1, move, begun)
    acceptance = jnp.exp(jnp.minimum(landing.gain, 0.0))
    moves = Moves(landing.start, landing.end, landing.momentum @ tuning.factor.T, acceptance)
    adapting = (index > 0) & (index < plan.num_warmup)
    learnt = learn(tuning, moves, step * num_steps, index, plan.max_steps)
    tuning = jax.tree.map(lambda new, old: jnp.where(adapting, new, old), learnt, tuning)
    jumped = {"jumped": jnp.any(landing.start != place.white, axis=1)} if jumps else {}
    place = _rescue(landing.place)
    stats = {
        "energy": landing.energy,
        "potential": place.potential,
        "acceptance": acceptance,
        "num_steps": jnp.full(acceptance.shape, num_steps),
        "diverging": landing.gain < -MOST_ENERGY_ERROR,
        "longest_path": jnp.full(acceptance.shape, num_steps >= plan.max_steps),
    }
    return HmcState(place, tuning), (place.white, stats | jumped)


def _lengths(tuning: Tuning, plan: HmcPlan, index: Any) -> tuple[Any, Any]:
    """Length and number of the leapfrogs of step `index`."""
    adapting = index < plan.num_warmup
    step = jnp.exp(jnp.where(adapting, tuning.log_step, tuning.mean_log_step))
    path = jnp.exp(jnp.where(adapting, tuning.log_path, tuning.mean_log_path)) * longest_share(index, step.dtype)
    num_steps = jnp.clip(jnp.ceil(path / step), 1, plan.max_steps).astype(int)
    return jnp.minimum(step, path / num_steps.astype(step.dtype)), num_steps


def _launch_path(normals: Any, step: Any, num_steps: Any, white: Any) -> Launch:
    """A path from where the chains are."""
    bar = log_uniform(normals[:, :PAIR])
    return Launch(white, normals[:, PAIR:], step, num_steps, jnp.zeros_like(bar), bar)


def _launch_jump(whitening: Whitening, jump: Jump, normals: Any, white: Any) -> Launch:
    """A look at where a jump would go."""
    there, balance = suggest(whitening, jump, normals[:, PAIR:], white)
    still = jnp.zeros((), white.dtype)
    return Launch(there, jnp.zeros_like(white), still, jnp.asarray(1), balance, log_uniform(normals[:, :PAIR]))


def _land(evaluate: Evaluate, factor: Any, place: Place, launch: Launch) -> Landing:
    """Where a move ends, accepted or not."""
    start = place._replace(white=launch.white)
    end, momentum = _leapfrogs(evaluate, start, launch.momentum, factor, launch.step, launch.num_steps)
    energy, end_energy = _energy(place, launch.momentum), _energy(end, momentum)
    gain = energy - end_energy + launch.balance
    gain = jnp.where(jnp.isnan(gain), -jnp.inf, gain)
    accepted = launch.bar < gain
    return Landing(
        place=choose_place(accepted, end, place),
        start=launch.white,
        end=end.white,
        momentum=momentum,
        gain=gain,
        energy=jnp.where(accepted, end_energy, energy),
    )


def _leapfrogs(
    evaluate: Evaluate, place: Place, momentum: Any, factor: Any, step: Any, num_steps: Any
) -> tuple[Place, Any]:
    """Where the paths of all chains end, and with what momentum."""

    def one(_: Any, at: tuple[Place, Any]) -> tuple[Place, Any]:
        place, momentum = at
        white = place.white + step * (momentum @ factor.T)
        potential, slope = evaluate(white)
        return Place(white, potential, slope), momentum - step * (slope @ factor)

    place, momentum = jax.lax.fori_loop(0, num_steps, one, (place, momentum - 0.5 * step * (place.slope @ factor)))
    return place, momentum + 0.5 * step * (place.slope @ factor)


def _energy(place: Place, momentum: Any) -> Any:
    return place.potential + 0.5 * jnp.sum(momentum**2, axis=1)


def _rescue(place: Place) -> Place:
    """Chains where the density is not finite, as it may be at a start, go to where it is highest."""
    lost = ~jnp.isfinite(place.potential)
    best = jnp.argmin(jnp.where(lost, jnp.inf, place.potential))
    return choose_place(lost, jax.tree.map(lambda array: jnp.broadcast_to(array[best], array.shape), place), place)


def _dtype(target: Density, whitening: Whitening) -> Any:
    """That of the target's floating-point arrays; of the whitening's where it has none."""
    dtypes = [jnp.result_type(leaf) for leaf in jax.tree.leaves(target)]
    floating = [dtype for dtype in dtypes if jnp.issubdtype(dtype, jnp.floating)]
    return jnp.result_type(*floating or [whitening.factor])
