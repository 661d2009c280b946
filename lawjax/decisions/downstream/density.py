"""Density: when a score fits into how many parameters."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, number
from lawjax.laws.downstream import DENSITY_TREND

METHOD = "closed form: the trend continued"


def size_for_score(
    source: Source, N_ref: float, t: float, *, t_ref: float = 0.0, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""Parameters that a day's best model needs for the score that N_ref parameters had on another day.

    $$N(t) = N_{\text{ref}}\, e^{-A (t - t_{\text{ref}})}$$

    Args:
        source: a fit, posterior or draws of `density_trend`, or a dict of its parameters; the rate A alone is enough,
            because the place B of the trend cancels.
        N_ref: parameters of the best model with that score on day t_ref [count].
        t, t_ref: the day that is asked of and the day of the reference [days].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with N [parameters] and doubling, the days in which density doubles.
    Raises:
        InputError: a source of another law, or a size or day that cannot be.
    References:
        Xiao et al. 2024, arXiv:2412.04315.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.size_for_score(dict(A=0.007), N_ref=7e9, t=198.0)
        >>> f"{answer['N']:.3g} {answer['doubling']:.1f}"
        '1.75e+09 99.0'
    """
    N_ref, t, t_ref = above_zero("N_ref", N_ref), number("t", t), number("t_ref", t_ref)
    return decide(
        _from_rate(source),
        _size,
        question=f"How many parameters does the score of {N_ref:g} take on day {t:g}?",
        laws=(DENSITY_TREND,),
        units={"N": "parameters", "doubling": "days"},
        held={"N_ref": N_ref, "t": t, "t_ref": t_ref},
        method=METHOD,
        prob=prob,
        force=force,
    )


def day_of_size(
    source: Source, N_ref: float, N: float, *, t_ref: float = 0.0, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""Day on which N parameters do for the score that N_ref parameters had on another day.

    $$t = t_{\text{ref}} + \log(N_{\text{ref}} / N) / A$$

    Args:
        source: as for `size_for_score`.
        N_ref: parameters of the best model with that score on day t_ref [count].
        N: parameters that are to do [count].
        t_ref: the day of the reference [days].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with t [days].
    Raises:
        InputError: a source of another law, or a size that is not above 0.
    References:
        Xiao et al. 2024, arXiv:2412.04315.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.day_of_size(dict(A=0.007), N_ref=7e9, N=3.5e9)["t"], 1)
        99.0
    """
    N_ref, N, t_ref = above_zero("N_ref", N_ref), above_zero("N", N), number("t_ref", t_ref)
    return decide(
        _from_rate(source),
        _day,
        question=f"On which day do {N:g} parameters do for the score of {N_ref:g}?",
        laws=(DENSITY_TREND,),
        units={"t": "days"},
        held={"N_ref": N_ref, "N": N, "t_ref": t_ref},
        method=METHOD,
        prob=prob,
        force=force,
    )


def _from_rate(source: Source) -> Source:
    """The source, with some B where a dict gives none: it cancels between two days."""
    return {"B": 0.0, **source} if isinstance(source, Mapping) else source


def _size(params: Any, held: Any) -> dict[str, Any]:
    size = held["N_ref"] * jnp.exp(-params["A"] * (held["t"] - held["t_ref"]))
    return {"N": size, "doubling": jnp.log(2.0) / params["A"]}


def _day(params: Any, held: Any) -> dict[str, Any]:
    return {"t": held["t_ref"] + jnp.log(held["N_ref"] / held["N"]) / params["A"]}
