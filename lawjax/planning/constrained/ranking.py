"""Which of the ends of a search is best: constraints first, then the objective; and which are one and the same."""

import jax
import numpy as np

from lawjax.planning.constrained.interior_point import FEASIBLE, Ended

MAX_BASINS = 3
"""Distinct optima of the middle draw that other draws start from."""
SAME, NEAR = 1e-7, 1e-4
"""Optima are one where their objectives or their places differ by less."""


def usable(ended: Ended) -> np.ndarray:
    """Which ends keep to the constraints and are finite."""
    return np.isfinite(ended.objective) & (ended.violation <= FEASIBLE)


def ranked(ended: Ended) -> np.ndarray:
    """The objective where the constraints are kept to; else a number beyond all, more the worse they are broken."""
    broken = np.where(np.isfinite(ended.violation), np.minimum(ended.violation, 1e100), 1e101)
    return np.where(usable(ended), ended.objective, 1e200 * (1 + broken))


def least(ended: Ended, axis: int) -> Ended:
    """The best along an axis."""
    place = np.argmin(ranked(ended), axis=axis)
    return jax.tree.map(lambda a: np.take_along_axis(a, expand(place, a.ndim, axis), axis=axis).squeeze(axis), ended)


def expand(place: np.ndarray, ndim: int, axis: int) -> np.ndarray:
    """Indices along an axis, in the shape that `take_along_axis` asks of an array with more axes."""
    at = np.expand_dims(place, axis)
    return at.reshape(*at.shape, *[1] * (ndim - at.ndim))


def distinct(objective: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The points of distinct optima, best first; the middle of the box where there is none."""
    kept: list[int] = []
    for i in np.argsort(objective, kind="stable"):
        if not np.isfinite(objective[i]):
            break
        alone = all(np.max(np.abs(points[i] - points[j]), initial=0.0) > NEAR for j in kept)
        new_value = all(abs(objective[i] - objective[j]) > SAME * (1 + abs(objective[j])) for j in kept)
        if not kept or (alone and new_value):
            kept.append(int(i))
    return points[kept[:MAX_BASINS]] if kept else np.full((1, points.shape[-1]), 0.5)


def middle(points: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """The median of the draws' optima; the middle of the box where there are none."""
    return np.median(points[usable], axis=0) if usable.any() else np.full(points.shape[-1], 0.5)
