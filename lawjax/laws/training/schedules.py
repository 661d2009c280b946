"""The loss curve under any learning-rate schedule: how far the run has come, and how far it has annealed.

`schedule_areas` turns a schedule into the two areas that `annealed_loss` takes.
"""

import itertools
from typing import Any

import numpy as np
from jaxtyping import ScalarLike

from lawjax.errors import InputError
from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.size.curves import power_law_floor

FORWARD = Variable(unit="learning rate x steps", kind="positive", usual=(0.2, 20.0))
ANNEALED = Variable(unit="learning rate x steps", kind="real", usual=(0.0, 0.5))


def annealed_loss(
    S1: ScalarLike, S2: ScalarLike, *, L_0: ScalarLike, A: ScalarLike, alpha: ScalarLike, C: ScalarLike
) -> Scalar:
    r"""Loss at any step of a run, from the forward and the annealing area of its learning-rate schedule.

    $$L(s) = L_0 + A\, S_1^{-\alpha} - C\, S_2$$

    Args:
        S1: forward area: sum of the learning rates up to the step.
        S2: annealing area: what the rate has come down, each fall counted with momentum (`schedule_areas`);
            0 for a constant rate, below 0 where the rate rises again.
        L_0: irreducible loss of a run that is not annealed [nats/token].
        A, alpha: scale and exponent of the forward term.
        C: loss saved per annealing area.
    Returns:
        Validation cross-entropy [nats/token].
    References:
        Tissue et al. 2024, arXiv:2408.11029.
    """
    return power_law_floor(S1, E=L_0, A=A, alpha=alpha) - C * S2


def schedule_areas(rates: Any, *, decay: float = 0.999) -> tuple[np.ndarray, np.ndarray]:
    r"""Forward and annealing area of a learning-rate schedule, at each of its steps.

    $$S_1 = \sum_{i=1}^{s} \eta_i, \qquad S_2 = \sum_{i=2}^{s} \sum_{k=2}^{i} (\eta_{k-1} - \eta_k)\, \lambda^{i-k}$$

    Args:
        rates: learning rate of each step, shape (step,); leave the warm-up out, or it counts as annealing backwards.
        decay: lambda, how much of a fall is still felt one step later, 0 to 1.
    Returns:
        S1 and S2 after each step, each of shape (step,).
    Raises:
        InputError: rates that are not a row of numbers above or equal to 0, or a decay outside 0 to 1.
    References:
        Tissue et al. 2024, arXiv:2408.11029, section 3.
    Example:
        >>> forward, annealed = schedule_areas([1.0, 1.0, 0.5, 0.5], decay=0.5)
        >>> forward.tolist(), annealed.tolist()
        ([1.0, 2.0, 2.5, 3.0], [0.0, 0.0, 0.5, 0.75])
    """
    schedule = np.asarray(rates, dtype=np.float64)
    if schedule.ndim != 1 or not schedule.size or not np.all(np.isfinite(schedule) & (schedule >= 0)):
        raise InputError("`rates` must be one learning rate per step, none below 0 and all finite.")
    if not 0 <= decay <= 1:
        raise InputError(f"`decay` must lie from 0 to 1, got {decay!r}.")
    falls = np.append(schedule[0], schedule[:-1]) - schedule
    momentum = list(itertools.accumulate(falls, lambda felt, fall: decay * felt + fall))
    return np.cumsum(schedule), np.cumsum(momentum)


ANNEALED_LOSS = Law(
    fn=annealed_loss,
    response="loss",
    inputs=dict(S1=FORWARD, S2=ANNEALED),
    unit="nats/token",
    falls=("S1", "S2"),
    params=dict(
        L_0=positive(1.0, 4.0),
        A=positive(0.1, 2.0, dims={"S1": "alpha"}),
        alpha=positive(0.2, 1.0),
        C=positive(0.05, 1.0),
    ),
    linear=("L_0", "A", "C"),
    reference="tissue2024",
)
