"""How many labels, or trajectories, a target needs."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import between
from lawjax.laws.base import Params
from lawjax.laws.downstream.fewshot import FEW_SHOT_ERROR, FEW_SHOT_ERROR_SHIFTED, PASS_RATE
from lawjax.laws.terms import logit

LAWS = (FEW_SHOT_ERROR, FEW_SHOT_ERROR_SHIFTED, PASS_RATE)


def labels_for_accuracy(source: Source, accuracy: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The training examples (labels, or trajectories of an agent) with which a fine-tuned model reaches an accuracy.

    A draw whose floor lies above the wanted error has no answer. So the chance that n examples are enough is the
    share of draws with `labels` at most n: `np.mean(answer.draws["labels"] <= n)`, in which such draws count as no.

    Args:
        source: a fit, draws or posterior of `FEW_SHOT_ERROR`, `FEW_SHOT_ERROR_SHIFTED` or `PASS_RATE`, or parameters.
        accuracy: share of cases to get right, or of tasks to pass, between 0 and 1.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `labels`, examples to train on, trajectories for `PASS_RATE`; 0 where the untuned model is good enough.
    Raises:
        InputError: an accuracy outside 0 to 1, or a source of another law.
    References:
        Dominguez-Olmedo et al. 2024, arXiv:2407.16615; Zeng et al. 2025, arXiv:2506.19290.
    Example:
        >>> answer = labels_for_accuracy(dict(e=0.1, a=0.5, c=0.25), accuracy=0.8)
        >>> round(answer["labels"], 6)
        625.0
    """
    return decide(
        source,
        _labels,
        question="How many examples reach the accuracy?",
        laws=LAWS,
        units=dict(labels="training examples"),
        held=dict(accuracy=between("accuracy", accuracy, 0, 1)),
        method="inverse of the law in closed form",
        prob=prob,
        force=force,
    )


def _labels(params: Params, held: Params) -> dict[str, Any]:
    accuracy = held["accuracy"]
    if "b" in params:
        return dict(labels=jnp.exp((logit(accuracy) - params["a"]) / params["b"]))
    gap = 1.0 - accuracy - params["e"]
    reached = (jnp.where(gap > 0, gap, jnp.nan) / params["a"]) ** (-1.0 / params["c"])
    return dict(labels=jnp.maximum(reached - params.get("n0", 0.0), 0.0))
