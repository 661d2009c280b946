"""Curves of loss through the points of one budget, many resamples at once, and where each is lowest.

A curve is a parabola or a cubic by least squares, or Akima's interpolation, in the logarithm of the size or tokens.
"""

import dataclasses
from typing import NamedTuple

import numpy as np

METHODS = {"parabola": 3, "cubic": 4, "akima": 3}
"""Each method with the number of different sizes that it needs."""
NOISE_DEGREE = {"parabola": 2, "cubic": 3, "akima": 3}
"""Degree of the polynomial whose residuals are the noise: Akima's curve passes through every point and has none."""
AKIMA_POINTS = 25
"""Points of the grid on which Akima's curve is searched, for each gap between two sizes (Porian et al. 2024)."""


class Minimum(NamedTuple):
    """Where curves are lowest; NaN where that is at no inner point. Arrays of shape (curve,).

    Attributes:
        place: x there.
        value: the curve there.
        downward: whether the curve opens downward, so that its stationary point is a maximum.
    """

    place: np.ndarray
    value: np.ndarray
    downward: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Points:
    """The points of one budget.

    Attributes:
        x: logarithm of size or tokens, shape (point,).
        y: loss, or its logarithm, shape (point,).
        weight: shape (point,).
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    @property
    def num_distinct(self) -> int:
        """Number of different x."""
        return len(np.unique(self.x))

    @property
    def scaled(self) -> np.ndarray:
        """x from -1 at the least to 1 at the greatest."""
        low, high = self.x.min(), self.x.max()
        return (2 * self.x - low - high) / (high - low)

    def unscaled(self, z: np.ndarray) -> np.ndarray:
        """x of a scaled z."""
        low, high = self.x.min(), self.x.max()
        return 0.5 * (low + high + z * (high - low))

    def projector(self, degree: int) -> np.ndarray:
        """The matrix that turns y into coefficients of the polynomial in scaled x, shape (coefficient, point)."""
        root = np.sqrt(self.weight)
        return np.linalg.pinv(np.vander(self.scaled, degree + 1, increasing=True) * root[:, None]) * root

    def noise(self, degree: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The polynomial at each point, the residuals as noise of equal variance, and where there are any.

        A residual is smaller than the noise behind it, by the leverage h of its point: it is divided by
        $\\sqrt{1 - h}$, and multiplied by the root of its weight. A point that the polynomial must pass through says
        nothing of the noise.
        """
        design = np.vander(self.scaled, degree + 1, increasing=True)
        projector = self.projector(degree)
        fitted = design @ (projector @ self.y)
        spare = 1 - np.einsum("pc,cp->p", design, projector)
        free = spare > 1e-8
        return fitted, np.sqrt(self.weight / np.where(free, spare, 1.0)) * (self.y - fitted), free


def lowest(method: str, points: Points, y: np.ndarray) -> Minimum:
    """Where the curve through each row of y, shape (curve, point), is lowest."""
    return _of_akima(points, y) if method == "akima" else _of_polynomial(points, y, NOISE_DEGREE[method])


def traced(method: str, points: Points, x: np.ndarray) -> np.ndarray:
    """The curve through the points, at some x."""
    if method == "akima":
        sizes, losses = _distinct(points, points.y[None])
        return _akima(sizes, losses, x)[0]
    coefs = points.projector(NOISE_DEGREE[method]) @ points.y
    low, high = points.x.min(), points.x.max()
    return np.polynomial.polynomial.polyval((2 * x - low - high) / (high - low), coefs)


def _of_polynomial(points: Points, y: np.ndarray, degree: int) -> Minimum:
    coefs = y @ points.projector(degree).T
    padded = np.pad(coefs, ((0, 0), (0, 3 - degree)))
    z = _stationary(*padded.T[1:])
    inside = np.abs(z) < 1  # False where there is none.
    z = np.where(inside, z, np.nan)
    value = np.sum(coefs * z[:, None] ** np.arange(degree + 1), axis=1)
    downward = (padded[:, 2] <= 0) & (padded[:, 3] == 0)
    return Minimum(points.unscaled(z), value, downward)


def _stationary(slope: np.ndarray, square: np.ndarray, cube: np.ndarray) -> np.ndarray:
    """Where slope z + square z^2 + cube z^3 has its local minimum; NaN where it has none.

    Of the two forms of the root, each is used where it loses no digits; with no cube the second is the parabola's.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        root = np.sqrt(square**2 - 3 * cube * slope)
        first, second = (root - square) / (3 * cube), -slope / (square + root)
        z = np.where(square < 0, first, second)
        return np.where(square + 3 * cube * z > 0, z, np.nan)


def _of_akima(points: Points, y: np.ndarray) -> Minimum:
    sizes, losses = _distinct(points, y)
    fine = np.linspace(sizes[0], sizes[-1], (len(sizes) - 1) * AKIMA_POINTS)
    curves = _akima(sizes, losses, fine)
    best = np.argmin(curves, axis=1)
    inner = (best > 0) & (best < len(fine) - 1)
    value = curves[np.arange(len(curves)), best]
    return Minimum(np.where(inner, fine[best], np.nan), np.where(inner, value, np.nan), np.zeros(len(y), dtype=bool))


def _akima(sizes: np.ndarray, losses: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Akima's curve through each row of losses, at x, shape (curve, x)."""
    from scipy.interpolate import Akima1DInterpolator

    return Akima1DInterpolator(sizes, losses, axis=1)(x)


def _distinct(points: Points, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different x in order, and the weighted mean of y at each, shape (curve, x)."""
    sizes, codes = np.unique(points.x, return_inverse=True)
    share = np.zeros((len(points.x), len(sizes)))
    share[np.arange(len(codes)), codes] = points.weight
    return sizes, y @ (share / share.sum(axis=0))
