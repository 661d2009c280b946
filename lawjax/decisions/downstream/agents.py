"""Agents: how strong a model must be for a simpler agent to do."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.laws.downstream import AGENT_COMPLEXITY


def strength_for_gap(source: Source, gap: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Strength of the model from which the simpler agent lies less than a gap behind, on the logit scale.

    $$\theta = \log(d / \text{gap}) / k$$

    Where k is not above zero the handicap does not shrink, and the draw has no answer: the share of draws with an
    answer is the probability that agents converge at all.

    Args:
        source: a fit, posterior or draws of `agent_complexity`, or a dict of its parameters.
        gap: the handicap that is acceptable [logits], above 0.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with theta [logits].
    Raises:
        InputError: a source of another law, or a gap that is not above 0.
    References:
        Dai et al. 2025, arXiv:2509.25873 (the form is our own).
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.strength_for_gap(dict(d=1.0, k=0.5), 0.1)["theta"], 3)
        4.605
    """
    gap = above_zero("gap", gap)
    return decide(
        source,
        _strength,
        question=f"How strong must the model be for a gap of {gap:g} logits?",
        laws=(AGENT_COMPLEXITY,),
        units={"theta": "logits"},
        held={"gap": gap},
        method="closed form",
        prob=prob,
        force=force,
    )


def _strength(params: Any, held: Any) -> dict[str, Any]:
    rate = jnp.where(params["k"] > 0, params["k"], jnp.nan)
    return {"theta": jnp.log(params["d"] / held["gap"]) / rate}
