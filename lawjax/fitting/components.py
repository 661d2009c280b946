r"""Variance components: what the residuals of one group share, and what each run adds of its own.

With groups of size $n_g$ and noise $u_g + w_i$, the variance of a group's mean residual is
$\sigma_u^2 + \sigma_w^2 / n_g$, less what the fit took away. Both variances follow from the sums of squares on and off
the groups' means, matched to their expectations under the fit (Henderson 1953, method 3, with the law's Jacobian).
"""

from typing import NamedTuple

import numpy as np

from lawjax.fitting.leverage import Leverage, unit_sums


class Components(NamedTuple):
    """Variances of the noise.

    Attributes:
        between: of what the rows of one group share.
        within: of what each row adds.
    """

    between: float
    within: float


def variance_components(pull: Leverage, weights: np.ndarray, residuals: np.ndarray, codes: np.ndarray) -> Components:
    r"""The variances between and within groups; 0 where the sums of squares leave nothing for one of them.

    With the hat matrix $H = A B^\top$, the indicators Z of the groups, and P the projection on the groups' means or off
    them, residuals $(I - H) \varepsilon$ have
    $E |P r|^2 = \sigma_w^2 |P (I - H)|_F^2 + \sigma_u^2 |P (I - H) Z|_F^2$.

    Args:
        pull: leverage of the single rows.
        weights: of the rows, positive, shape (run,).
        residuals: shape (run,).
        codes: group of each row, from 0 without gaps, shape (run,).
    """
    counts = np.bincount(codes)
    total, between = np.sum(residuals**2), np.sum(np.bincount(codes, residuals) ** 2 / counts)
    expected = _expected_squares(pull, weights, codes, counts)
    if len(counts) == len(codes):
        return Components(float(between / expected[1, 1]), 0.0)
    shared, own = np.linalg.solve(expected, [total - between, between])[::-1]
    if shared <= 0:
        return Components(0.0, float(total / expected[:, 0].sum()))
    return Components(float(shared), max(float(own), 0.0))


def _expected_squares(pull: Leverage, weights: np.ndarray, codes: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Sum of squares off (row 0) and on (row 1) the means for a unit variance within (column 0) and between."""
    num, num_groups = len(codes), len(counts)
    scale = np.sqrt(weights)[:, None]
    left, right = pull.whitened / scale, pull.whitened * scale
    sums, drawn = (unit_sums(side, codes, num_groups) for side in (left, right))
    on_means = (sums / counts[:, None]).T @ sums
    off_means = left.T @ left - on_means
    single, grouped = right.T @ right, drawn.T @ drawn
    crossed = np.sum(sums / counts[:, None] * drawn)
    off_own = num - num_groups - 2 * (np.sum(left * right) - crossed) + np.sum(off_means * single)
    on_own = num_groups - 2 * crossed + np.sum(on_means * single)
    on_shared = num - 2 * np.sum(sums * drawn) + np.sum(on_means * grouped)
    return np.array([[off_own, np.sum(off_means * grouped)], [on_own, on_shared]])


def levels_and_deviations(
    noise: np.ndarray, codes: np.ndarray, components: Components
) -> tuple[np.ndarray, np.ndarray]:
    """The noise split into a level for each group and a deviation for each row, each scaled to its own variance.

    The mean of a group still holds a share of its rows' deviations; unscaled it would be counted twice.
    """
    means = np.bincount(codes, noise) / np.bincount(codes)
    # The levels keep the mean of all rows, whatever the sizes of the groups.
    levels = noise.mean() + _scaled(means - means.mean(), components.between)
    return levels, _scaled(noise - means[codes], components.within)


def _scaled(parts: np.ndarray, variance: float) -> np.ndarray:
    size = np.mean(parts**2)
    return parts * np.sqrt(variance / size) if size > 0 else parts
