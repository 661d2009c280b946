"""Laplace's approximation: the normal with the posterior's peak and curvature, and whether it will do."""

import functools
import math
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.inference.approximation import Approximation, weigh
from lawjax.inference.mixture import Mixture
from lawjax.inference.mode import Density, Peaks, Whitening
from lawjax.inference.psis import threshold

NUM_DRAWS = 2000
WIDE = 1.5
"""Width of the Student-t in units of the scales at the peak."""
WITH_VARIANCE = 0.5
"""Pareto k below which ratios have a variance; asked of the Student-t's, whose k hardly varies with the key."""


def laplace(target: Density, whitening: Whitening, key: jax.Array, num_draws: int = NUM_DRAWS) -> Approximation:
    r"""Draws from the normal at a peak, with their importance ratios and Pareto k.

    $$\theta = \hat\theta + F z, \quad z \sim N(0, I), \quad F F^T = (-\nabla^2 \log p(\hat\theta))^{-1}$$

    It costs one evaluation of the density per draw, whatever the number of parameters, once the peak is known.

    Args:
        target: a posterior density.
        whitening: of a sound peak (`find_peak`).
        key: JAX key.
        num_draws: number of draws.
    Returns:
        An `Approximation`; a note `high-pareto-k` says when the posterior is too far from normal.
    References:
        Tierney and Kadane 1986, JASA 81(393); Yao, Vehtari, Simpson and Gelman 2018, arXiv:1802.02538 (the check).
    """
    return weigh("Laplace", *_normal(target, whitening, key, num_draws))


def check_peak(target: Density, peaks: Peaks, key: jax.Array) -> tuple[Peaks, Approximation | None]:
    """The peaks, sound only where draws by the curvature are good enough to weigh, and those draws.

    The draws are a wide Student-t's, since tails a little heavier than normal make the normal's Pareto k a matter of
    luck and are no trouble for chains; or the normal's where there are too many dimensions for a Student-t. The
    curvature of an unsound peak still serves as coordinates, but a sampler should learn its own scales there.

    Args:
        target: the posterior density.
        peaks: as `find_peak` gives them.
        key: JAX key.
    Returns:
        the peaks, and the draws about the heaviest; no draws where there was no peak to draw about.
    """
    if not peaks.sound:
        return peaks, None
    draws = weigh("Student-t", *_wide(target, peaks.whitening, key))
    if draws.pareto_k <= WITH_VARIANCE:
        return peaks, draws
    draws = laplace(target, peaks.whitening, key)
    return peaks._replace(sound=draws.pareto_k <= threshold(len(draws))), draws


@functools.partial(jax.jit, static_argnames="num_draws")
def _normal(target: Density, whitening: Whitening, key: jax.Array, num_draws: int) -> tuple[Any, Any]:
    """Draws of the normal at a peak, and their log ratios."""
    whites = jax.random.normal(key, (num_draws * target.num_dims,)).reshape(num_draws, -1)
    vectors = jax.vmap(whitening.place)(whites)
    return vectors, -jax.vmap(target.potential)(vectors) - log_normal(whites, whitening)


@jax.jit
def _wide(target: Density, whitening: Whitening, key: jax.Array) -> tuple[Any, Any]:
    """Draws of a Student-t at a peak, and their log ratios."""
    proposal = Mixture.about(whitening, (WIDE,))
    vectors = proposal.sample(key, NUM_DRAWS)
    return vectors, -jax.vmap(target.potential)(vectors) - jax.vmap(proposal.log_density)(vectors)


def log_normal(whites: Any, whitening: Whitening) -> Any:
    """Log density on the line of the normal that a whitening stands for, at whitened vectors, shape (draw,)."""
    size = whites.shape[-1]
    _, log_volume = jnp.linalg.slogdet(jnp.asarray(whitening.factor))
    return -jnp.sum(whites**2, axis=-1) / 2 - size / 2 * math.log(2 * math.pi) - log_volume
