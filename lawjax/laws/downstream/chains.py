"""Chains: from size and tokens by way of a loss to a score on a task."""

import dataclasses
import functools

from lawjax.laws.base import Law
from lawjax.laws.composition.compose import substitute
from lawjax.laws.downstream.density import TASK_LOSS
from lawjax.laws.downstream.metric import LOSS_TO_SCORE
from lawjax.laws.size.loss import CHINCHILLA


@functools.cache
def scored(loss_law: Law) -> Law:
    r"""The chain from the inputs of a law of the loss to a score: `loss_to_score` of that loss.

    Scores alone do not tell the scale of the loss from gamma, nor its floor from L_0. Fit the loss law to losses and
    `loss_to_score` to pairs of loss and score and put both together with `lawjax.decisions.chained`; or hold gamma,
    and the floor of the loss where it has one, at a value.

    Args:
        loss_law: a law of the loss whose record accounts for the units of all its inputs.
    Returns:
        The same `Law` for the same loss law each time, so that it compiles once. Its parameters are floor, ceiling,
        gamma and L_0, then those of the loss law.
    Raises:
        InputError: a loss law with a parameter of the same name as one of `loss_to_score`.
    References:
        Xiao et al. 2024, arXiv:2412.04315, equations 2 and 3; Bhagia et al. 2024, arXiv:2412.04403.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.scored(lj.laws.KAPLAN_N)
        <Law kaplan-n-score: score(N; floor, ceiling, gamma, L_0, N_c, alpha_N)>
    """
    chain = substitute(LOSS_TO_SCORE, "L", loss_law, scales={}, name=f"{loss_law.name}-score")
    return chain if loss_law is TASK_LOSS else dataclasses.replace(chain, reference="bhagia2024")


TASK_SCORE = scored(TASK_LOSS)
"""Score from size and tokens by way of the loss on the answers: the densing law's chain."""
CHINCHILLA_SCORE = scored(CHINCHILLA)
"""The same by way of Chinchilla: the two steps of a ladder of small runs."""
