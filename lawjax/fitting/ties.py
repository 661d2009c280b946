"""When two objectives count as the same: one tolerance for sums of losses and for likelihoods."""

from typing import Any

import numpy as np


def slack(share: float, objective: Any, size: Any, likelihood: bool) -> Any:
    """How far above `objective` another may lie and still be within `share` of it.

    A sum of losses is judged by its own size. A likelihood has no zero, so what counts is nats: a sum of squares that
    is larger by a share s costs s n / 2 of them.

    Args:
        share: of the objective.
        objective: the best, any shape.
        size: sum of the weights of the runs.
        likelihood: whether the objective is a negative log-likelihood.
    """
    return 0.5 * share * size if likelihood else share * np.abs(objective)
