"""Chains: from size and tokens by way of a loss to a score on a task."""

import dataclasses
import functools

from lawjax.laws.base import Law
from lawjax.laws.composition.compose import substitute
from lawjax.laws.composition.variants import rename
from lawjax.laws.downstream.density import TASK_LOSS
from lawjax.laws.downstream.metric import LOSS_TO_SCORE
from lawjax.laws.size.loss import CHINCHILLA


def names_in_chain(loss_law: Law) -> dict[str, str]:
    """What each parameter of a loss law is called in its chain: "gamma" is taken, so one is "gamma_loss" there.

    Example:
        >>> import lawjax as lj
        >>> names_in_chain(lj.laws.COUPLED)["gamma"]
        'gamma_loss'
    """
    return {name: f"{name}_loss" if name in LOSS_TO_SCORE.params else name for name in loss_law.params}


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
        gamma and L_0, then those of the loss law under the names of `names_in_chain`.
    References:
        Xiao et al. 2024, arXiv:2412.04315, equations 2 and 3; Bhagia et al. 2024, arXiv:2412.04403.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.scored(lj.laws.KAPLAN_N)
        <Law kaplan-n-score: score(N; floor, ceiling, gamma, L_0, N_c, alpha_N)>
    """
    clashing = {name: new for name, new in names_in_chain(loss_law).items() if new != name}
    inner = rename(loss_law, clashing) if clashing else loss_law
    chain = substitute(LOSS_TO_SCORE, "L", inner, scales={}, name=f"{loss_law.name}-score")
    return chain if loss_law is TASK_LOSS else dataclasses.replace(chain, reference="bhagia2024")


TASK_SCORE = scored(TASK_LOSS)
"""Score from size and tokens by way of the loss on the answers: the densing law's chain."""
CHINCHILLA_SCORE = scored(CHINCHILLA)
"""The same by way of Chinchilla: the two steps of a ladder of small runs."""
