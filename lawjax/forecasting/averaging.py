"""How much each law counts: by what it predicted of the runs beyond earlier cuts."""

from collections.abc import Sequence

import numpy as np

LEARNING = 0.5
"""By how much a back-test is believed; 1 would let one good origin decide."""

MOST = 2.0
"""Runs beyond one cut count as the root of their number, and as so many at most: they share their luck."""


def backtest_weights(log_scores: Sequence[np.ndarray], log_evidence: np.ndarray) -> np.ndarray:
    r"""Weights of laws, $w_k \propto \exp\big(\tfrac12 \sum_o n_o^{-1/2} \sum_i \log p_k(y_i)\big)$, over origins o.

    Runs beyond one cut share their luck, so that n of them count as $\sqrt n$. Without any origin the weights are the
    laws' posterior probabilities, likewise tempered.

    Args:
        log_scores: of each origin, log predictive densities of the runs beyond it, shape (law, run).
        log_evidence: of each law on all runs, shape (law,).
    Returns:
        Weights that sum to 1, shape (law,).
    Example:
        >>> backtest_weights([np.array([[1.0, 1.2], [0.1, -1.0]])], np.zeros(2)).round(2)
        array([0.75, 0.25])
    """
    parts = [scores.mean(axis=1) * min(np.sqrt(scores.shape[1]), MOST) for scores in log_scores]
    total = LEARNING * (np.sum(parts, axis=0) if parts else log_evidence)
    weights = np.exp(total - total.max())
    return weights / weights.sum()
