"""Where to look for the peak of a hierarchy: each member fitted alone, then all of them together.

Members' coordinates are made about a point (`Target.about`). Fits of single members are a good one: a search of all
members at once from draws of the priors has a member at a wrong place in nearly every start.
"""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.inference.mode import Peaks, find_peak, newton
from lawjax.inference.model import Target

ROUNDS = 3
"""Peaks of members are found so many times, each in coordinates made about the one before."""


def searched_dims(target: Target) -> int:
    """Latents of the largest search for a peak from draws of the priors: of one member where there are members."""
    return target.alone().num_dims if target.pooled else target.num_dims


def settle(target: Target, starts: Any) -> tuple[Target, Peaks]:
    """The peaks of a target, and the target in coordinates made for them where parameters vary between members.

    Args:
        target: a posterior.
        starts: vectors on the line to look from, shape (start, dim).
    """
    if not target.pooled:
        return target, find_peak(target, starts)
    target, peaks = _round(target, pilot(target, starts))
    for _ in range(ROUNDS - 1):
        target, peaks = _round(target, target.params(peaks.whitening.centre))
    return target, peaks


def _round(target: Target, latent: dict[str, Any]) -> tuple[Target, Peaks]:
    """Coordinates made about a point, and the peak found in them from there."""
    target = _about(target, latent)
    return target, find_peak(target, _vector(target, latent)[None])


def pilot(target: Target, starts: Any) -> dict[str, Any]:
    """Values of all latents from fits of single members, with what members share in the middle of theirs."""
    pooled = target.pooled
    alone = target.alone()
    rows = [members for part in pooled for members in _rows_of(part.codes, part.num)]
    fits = _fit_alone(alone, *_padded(rows), _starts_alone(target, alone, starts))
    latent = {name: jnp.median(values, axis=0) for name, values in (_latents(target, starts) | fits).items()}
    ends = np.cumsum([part.num for part in pooled])
    for part, end in zip(pooled, ends, strict=True):
        latent |= part.placed({name: fits[name][end - part.num : end] for name in part.names})
    return latent


@jax.jit
def _latents(target: Target, starts: Any) -> dict[str, Any]:
    return jax.vmap(target.params)(starts)


@jax.jit
def _starts_alone(target: Target, alone: Target, starts: Any) -> Any:
    return jax.vmap(lambda start: alone.vector(target.params(start)))(starts)


def _rows_of(codes: Any, num: int) -> list[np.ndarray]:
    return [np.flatnonzero(np.asarray(codes) == code) for code in range(num)]


def _padded(rows: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of each fit and whether they count, shape (fit, most rows)."""
    most = max(map(len, rows))
    index = np.stack([np.pad(held, (0, most - len(held)), mode="edge") for held in rows])
    return index, np.arange(most)[None] < np.array([len(held) for held in rows])[:, None]


@jax.jit
def _fit_alone(alone: Target, index: Any, counts: Any, starts: Any) -> dict[str, Any]:
    """The latents of the highest peak of each set of rows, shape (fit, ...)."""

    def one(index: Any, counts: Any) -> dict[str, Any]:
        own = alone.take(index)
        own = dataclasses.replace(own, weight=own.weight * counts)
        ends = jax.vmap(lambda start: newton(own, start))(starts)
        return own.params(ends.point[jnp.argmin(ends.potential)])

    return jax.vmap(one)(index, counts)


@jax.jit
def _about(target: Target, latent: dict[str, Any]) -> Target:
    return target.about(latent)


@jax.jit
def _vector(target: Target, latent: dict[str, Any]) -> Any:
    return target.vector(latent)
