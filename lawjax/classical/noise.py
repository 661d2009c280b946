"""New errors for the points of all budgets at once: residuals of their curves resampled, or noise of a known size."""

import numpy as np

from lawjax.classical.budgets import Budget
from lawjax.classical.curves import NOISE_DEGREE, Points


def from_residuals(
    budgets: list[Budget], method: str, codes: np.ndarray | None, num: int, generator: np.random.Generator
) -> list[np.ndarray] | None:
    """Losses as they could have been, one array of shape (draw, point) per budget; None where no noise is seen.

    A polynomial's losses are its curve and new errors. Akima's are the losses seen and new errors: its curve leaves
    no residuals, so those of a cubic stand in.

    Args:
        budgets: the curves that have points enough.
        method: how a curve is drawn.
        codes: code of each run's group, shape (run,), or None.
        num: how many resamples.
        generator: where random numbers come from.
    """
    parts = [budget.points.noise(NOISE_DEGREE[method]) for budget in budgets]
    pool = np.concatenate([residual[free] for _, residual, free in parts])
    if len(pool) == 0:
        return None
    signs = None if codes is None else generator.choice([-1.0, 1.0], size=(num, int(codes.max()) + 1))
    losses = []
    for budget, (fitted, residual, free) in zip(budgets, parts, strict=True):
        if codes is None or signs is None:
            # A few points tell little of their noise: all budgets lend theirs.
            errors = generator.choice(pool - pool.mean(), size=(num, len(residual)))
        else:
            errors = np.where(free, residual, 0.0) * signs[:, codes[budget.rows]]
        centre = budget.points.y if method == "akima" else fitted
        losses.append(centre + errors / np.sqrt(budget.points.weight))
    return losses


def of_size(
    noise: float,
    budgets: list[Budget],
    method: str,
    space: str,
    codes: np.ndarray | None,
    num: int,
    generator: np.random.Generator,
) -> list[np.ndarray]:
    """The curves' losses with normal noise of a known relative size, alike within a group; shapes as above."""
    num_runs = 1 + max(int(budget.rows.max()) for budget in budgets)
    size = num_runs if codes is None else int(codes.max()) + 1
    errors = noise * generator.standard_normal((num, size))
    losses = []
    for budget in budgets:
        own = errors[:, budget.rows if codes is None else codes[budget.rows]] / np.sqrt(budget.points.weight)
        centre = _centre(method, budget.points)
        losses.append(centre + own if space == "log" else centre * np.exp(own))
    return losses


def _centre(method: str, points: Points) -> np.ndarray:
    return points.y if method == "akima" else points.noise(NOISE_DEGREE[method])[0]
