"""When a learned task must be rehearsed."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import between
from lawjax.laws.base import Params
from lawjax.laws.downstream.rehearsal import RETENTION, RETENTION_EXPONENTIAL

LAWS = (RETENTION, RETENTION_EXPONENTIAL)


def tasks_until_forgotten(source: Source, accuracy: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """How many other tasks can be learned before the accuracy on one falls to a threshold.

    A task that is rehearsed at least as often stays above it, if rehearsing restores it. A threshold at or below
    chance is never reached, and has no answer.

    Args:
        source: a fit, draws or posterior of `RETENTION` or `RETENTION_EXPONENTIAL`, or parameters of either.
        accuracy: the least that is wanted, between 0 and 1.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `tasks`, learned since; 0 where the task was never that good.
    Raises:
        InputError: an accuracy outside 0 to 1, or a source of another law.
    References:
        Gandhi et al. 2024, arXiv:2401.10393.
    Example:
        >>> round(tasks_until_forgotten(dict(a=0.9, c=0.1, psi=0.5), accuracy=0.5)["tasks"], 6)
        3.0
    """
    return decide(
        source,
        _tasks,
        question="After how many tasks is a task forgotten?",
        laws=LAWS,
        units=dict(tasks="tasks learned since"),
        held=dict(accuracy=between("accuracy", accuracy, 0, 1)),
        method="inverse of the law in closed form",
        prob=prob,
        force=force,
    )


def _tasks(params: Params, held: Params) -> dict[str, Any]:
    left = (held["accuracy"] - params["c"]) / (params["a"] - params["c"])
    log_left = jnp.log(jnp.where((left > 0) & (params["a"] > params["c"]), jnp.minimum(left, 1.0), jnp.nan))
    return dict(tasks=-params["tau"] * log_left if "tau" in params else jnp.expm1(-log_left / params["psi"]))
