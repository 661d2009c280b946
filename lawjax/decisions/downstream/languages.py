"""How many languages to train in, and how far one language alone falls short."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.decisions.solving.whole import next_whole
from lawjax.laws.base import Params
from lawjax.laws.downstream.languages import PARALLEL_LANGUAGES, parallel_languages


def languages_for_gain(source: Source, gain: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The fewest languages with which cross-lingual transfer reaches a level.

    Args:
        source: a fit, draws or posterior of `PARALLEL_LANGUAGES`, or parameters of it.
        gain: level of transfer to reach, in the unit of the runs' response; not a difference from one language.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `languages`, a whole number per draw, counted as in the runs, and the `transfer` they give.
    Raises:
        InputError: a gain that is not positive, or a source of another law.
    References:
        Yang et al. 2025, arXiv:2510.02272.
    Example:
        >>> languages_for_gain(dict(alpha=1.0, beta=0.5), gain=2.5)["languages"]
        7.0
    """
    return decide(
        source,
        _languages,
        question="How many languages reach the transfer?",
        laws=(PARALLEL_LANGUAGES,),
        units=dict(languages="languages", transfer="unit of the response"),
        held=dict(gain=above_zero("gain", gain)),
        method="inverse of the law, rounded up",
        prob=prob,
        force=force,
    )


def monolingual_gap(
    source: Source, measured: float, X: float = 1.0, *, prob: float = 0.9, force: bool = False
) -> Answer:
    """How far a model trained in one language falls short of what the law of several languages predicts for it.

    The law is fitted to runs with several languages and carried to where they stop, so the gap means something only
    with its interval.

    Args:
        source: a fit, draws or posterior of `PARALLEL_LANGUAGES`, or parameters of it.
        measured: transfer of the model trained in one language, in the unit of the runs' response.
        X: where one language stands in the runs' count: 1 if the first language is counted.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `predicted` transfer and the `gap`, predicted less measured.
    Raises:
        InputError: values that are not numbers, or a source of another law.
    References:
        Yang et al. 2025, arXiv:2510.02272 (Monolingual Generalization Gap).
    Example:
        >>> monolingual_gap(dict(alpha=1.0, beta=0.5), measured=0.75)["gap"]
        0.25
    """
    return decide(
        source,
        _gap,
        question="How far does one language fall short of the law of several?",
        laws=(PARALLEL_LANGUAGES,),
        units=dict(predicted="unit of the response", gap="unit of the response"),
        held=dict(measured=measured, X=X),
        method="law carried to one language",
        prob=prob,
        force=force,
    )


def _languages(params: Params, held: Params) -> dict[str, Any]:
    exact = (held["gain"] / params["alpha"]) ** (1.0 / params["beta"])
    languages = jnp.maximum(next_whole(exact), 1.0)
    return dict(languages=languages, transfer=parallel_languages(languages, **params))


def _gap(params: Params, held: Params) -> dict[str, Any]:
    predicted = parallel_languages(held["X"], **params)
    return dict(predicted=predicted, gap=predicted - held["measured"])
