"""Moves of a chain beside the sampler's own: far ones, each accepted or not by Metropolis and Hastings.

A sampler's paths are short. Where a posterior has several peaks, or a ridge that bends away from the scales at its
peak, they stay where they are, and every diagnostic may look well while a tail is missing. A jump goes there.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp

from lawjax.inference.mode import Whitening

Evaluate = Callable[[Any], tuple[Any, Any]]
"""From whitened coordinates (chain, dim) to the potential and its gradient."""

PAIR = 2
"""Standard normals that a uniform number is made of."""


class Jump(Protocol):
    """A way to propose a vector on the line, be it near or far.

    Its randomness is a row of standard normals: those of all chains and steps are then drawn in one go, which compiles
    and runs far faster than a generator at every place where a number is wanted.
    """

    @property
    def num_normals(self) -> int:
        """How many standard normals one proposal takes."""
        ...

    def propose(self, normals: Any, vector: Any) -> tuple[Any, Any]:
        """A vector for one chain, and log q(old | new) - log q(new | old)."""
        ...


class Place(NamedTuple):
    """Where chains are, in whitened coordinates (chain, dim), with their potential and its gradient."""

    white: Any
    potential: Any
    slope: Any


def leap(evaluate: Evaluate, whitening: Whitening, jumps: Sequence[Jump], key: jax.Array, place: Place) -> Place:
    """Where the chains are after one move of each jump."""
    for index, jump in enumerate(jumps):
        shape = (len(place.white), jump.num_normals + PAIR)
        normals = jax.random.normal(jax.random.fold_in(key, index), shape, place.white.dtype)
        white, balance = suggest(whitening, jump, normals[:, PAIR:], place.white)
        new = Place(white, *evaluate(white))
        # A comparison with a gain that is not a number is false, and the chain stays.
        accepted = log_uniform(normals[:, :PAIR]) < place.potential - new.potential + balance
        place = choose_place(accepted, new, place)
    return place


def suggest(whitening: Whitening, jump: Jump, normals: Any, white: Any) -> tuple[Any, Any]:
    """What a jump proposes for each chain in whitened coordinates, and the balance of its proposals."""
    vectors, balance = jax.vmap(jump.propose)(normals, jax.vmap(whitening.place)(white))
    return jax.vmap(whitening.back)(vectors.astype(white.dtype)), balance.astype(white.dtype)


def log_uniform(pairs: Any) -> Any:
    """Logarithms of uniform numbers from 0 to 1 made of pairs of standard normals, shape (..., 2): half their squares'
    sum is exponential."""
    return -0.5 * jnp.sum(pairs**2, axis=-1)


def choose_place(first: Any, one: Place, other: Place) -> Place:
    """For each chain, the one place or the other."""
    return Place(*(jnp.where(first.reshape(-1, *[1] * (a.ndim - 1)), a, b) for a, b in zip(one, other, strict=True)))
