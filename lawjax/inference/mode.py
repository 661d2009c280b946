"""Where a posterior peaks and how it is curved there, found from many starts at once.

The curvature makes a change of variables (`Whitening`) after which the posterior is nearly a standard normal:
a sampler then needs a handful of steps per draw instead of hundreds.
"""

import dataclasses
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError
from lawjax.inference.model import Target

MAX_STEPS = 100
STEP = 1e-4
"""Half the distance of the two gradients whose difference is a row of the Hessian; compiles in half the time of
second derivatives, and is exact to about eight digits."""

LONGEST_STEP = 2.0
FLAT = 1e-10
"""An eigenvalue below this share of the largest is taken for a flat direction."""

SETTLED = 1e-2
"""Largest gradient, in whitened units, at a point that counts as a peak."""

NEARBY = 3.0
RIVAL = 5.0
"""Another peak matters when it is more than `NEARBY` standard deviations away and less than `RIVAL` nats lower."""


class Look(NamedTuple):
    """A point and what the potential does there."""

    point: Any
    potential: Any
    gradient: Any
    hessian: Any


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Whitening:
    """A change of variables: `vector = centre + factor @ white`.

    Attributes:
        centre: the highest peak, shape (dim,).
        factor: square root of the covariance there, shape (dim, dim).
    """

    centre: Any
    factor: Any

    def place(self, white: Any) -> Any:
        """The vector on the line for a whitened one."""
        return self.centre + self.factor @ white


class Peak(NamedTuple):
    """The highest peak: its change of variables, whether its curvature can be trusted, and how many rivals it has."""

    whitening: Whitening
    sound: bool
    num_rivals: int


def find_peak(target: Target, starts: Any) -> Peak:
    """The highest peak that Newton steps reach from `starts`, shape (start, dim).

    Raises:
        InputError: the posterior density is not finite at any start.
    """
    ends = jax.tree.map(np.asarray, _descend(target, jnp.asarray(starts)))
    if not np.isfinite(ends.potential).any():
        raise InputError(
            f"the posterior of {target.law.name!r} is not finite at any of {len(starts)} draws from the priors: "
            "the law gives NaN there, or values that the response cannot have. Check the law, its ranges and `priors`."
        )
    best = int(np.argmin(ends.potential))
    factor = _root_of_covariance(ends.hessian[best])
    if factor is None or np.linalg.norm(ends.gradient[best] @ factor) > SETTLED:
        return Peak(Whitening(ends.point[best], np.eye(target.num_dims)), sound=False, num_rivals=0)
    return Peak(Whitening(ends.point[best], factor), sound=True, num_rivals=_count_rivals(ends, best, factor))


def _root_of_covariance(hessian: np.ndarray) -> np.ndarray | None:
    """Square root of the inverse of a Hessian, or None where it is flat or falls in some direction."""
    values, vectors = np.linalg.eigh(hessian)
    return vectors / np.sqrt(values) if values[0] > max(FLAT * values[-1], 0.0) else None


def _count_rivals(ends: Look, best: int, factor: np.ndarray) -> int:
    """Peaks that differ from the best one and are nearly as high."""
    near_top = ends.potential < ends.potential[best] + RIVAL
    settled = np.linalg.norm(ends.gradient[near_top] @ factor, axis=1) < SETTLED
    to_white = np.linalg.inv(factor)
    found = [to_white @ ends.point[best]]
    for point in ends.point[near_top][settled] @ to_white.T:
        if min(np.linalg.norm(point - other) for other in found) > NEARBY:
            found.append(point)
    return len(found) - 1


@jax.jit
def _descend(target: Target, starts: Any) -> Look:
    return jax.vmap(lambda start: _newton(target, start))(starts)


def _newton(target: Target, start: Any) -> Look:
    """Damped Newton steps: by absolute curvatures, so that they leave saddles, and shorter after each failure."""
    size = len(start)
    nowhere = Look(start, jnp.asarray(jnp.inf), jnp.full(size, jnp.inf), jnp.eye(size))

    def unfinished(state: Any) -> Any:
        best, _, damping, step = state
        return (step < MAX_STEPS) & (damping < 1e12) & (jnp.linalg.norm(best.gradient) > 1e-6)

    def advance(state: Any) -> Any:
        best, proposal, damping, step = state
        new = _look(target, proposal)
        better = new.potential < best.potential
        best = Look(*(jnp.where(better, ours, theirs) for ours, theirs in zip(new, best, strict=True)))
        damping = jnp.where(better, damping / 10, damping * 4)
        return best, best.point + _step(best, damping), damping, step + 1

    return jax.lax.while_loop(unfinished, advance, (nowhere, start, jnp.asarray(1.0), 0))[0]


def _step(at: Look, damping: Any) -> Any:
    values, vectors = jnp.linalg.eigh(at.hessian)
    step = -vectors @ ((vectors.T @ at.gradient) / (jnp.abs(values) + damping))
    return step * jnp.minimum(1.0, LONGEST_STEP / jnp.linalg.norm(step))


def _look(target: Target, point: Any) -> Look:
    """Potential, gradient and Hessian from one batch of gradients."""
    size = len(point)
    offsets = STEP * jnp.concatenate([jnp.zeros((1, size)), jnp.eye(size), -jnp.eye(size)])
    potentials, gradients = jax.vmap(jax.value_and_grad(target.potential))(point[None] + offsets)
    slopes = (gradients[1 : size + 1] - gradients[size + 1 :]) / (2 * STEP)
    usable = jnp.isfinite(potentials[0]) & jnp.all(jnp.isfinite(gradients))
    return Look(point, jnp.where(usable, potentials[0], jnp.inf), gradients[0], (slopes + slopes.T) / 2)
