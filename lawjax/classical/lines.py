"""Straight lines by weighted least squares, over any number of resamples at once."""

import numpy as np

BEND_T = 4.0
"""A curvature so many standard errors from 0 is not noise."""
BEND_SHARE = 0.1
"""A bend is worth a word where the slope drifts by this share of itself."""
ROUNDING = 1e-12


def fit_line(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slope and level at x = 0 of each line; NaN where fewer than two different x count.

    Args:
        x: shape (point,).
        y, weight: shape (..., point); a y of weight 0 may be NaN.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        share = weight / weight.sum(axis=-1, keepdims=True)
        y = np.where(weight > 0, y, 0.0)
        centre, middle = (share * x).sum(axis=-1), (share * y).sum(axis=-1)
        off = x - centre[..., None]
        spread = (share * off**2).sum(axis=-1)
        slope = (share * off * y).sum(axis=-1) / np.where(spread > ROUNDING * np.ptp(x) ** 2, spread, np.nan)
        return slope, middle - slope * centre


def bend(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> float | None:
    """How far the slope drifts from the least x to the greatest; None where that is noise, or little.

    A quadratic is fitted beside the line, and its curvature set against its standard error.
    """
    span = np.ptp(x)
    z = (x - x.min()) / span
    if len(np.unique(z)) < 4 or len(z) < 5:
        return None
    root = np.sqrt(weight)
    design = np.vander(z, 3, increasing=True) * root[:, None]
    coefs, *_ = np.linalg.lstsq(design, y * root, rcond=None)
    left = y * root - design @ coefs
    variance = left @ left / (len(z) - 3)
    stderr = np.sqrt(variance * np.linalg.inv(design.T @ design)[2, 2])
    drift, slope = 2 * coefs[2] / span, (coefs[1] + coefs[2]) / span
    clear = abs(coefs[2]) > BEND_T * stderr + ROUNDING * np.abs(y).max()
    return float(drift) if clear and abs(drift) > BEND_SHARE * abs(slope) else None
