"""Speculative decoding: how long a draft, how good, on how much data."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, number
from lawjax.errors import InputError
from lawjax.laws.roots import invert
from lawjax.laws.training import (
    DRAFT_ACCEPTANCE,
    SPECULATIVE_SPEEDUP,
)
from lawjax.laws.training.drafts import speculative_speedup

LONGEST_DRAFT = 256
"""Draft lengths are searched up to here."""

NEARLY = 1e-9
"""How near to 0 an acceptance is looked for."""


def draft_length(source: Source, *, longest: int = 32, prob: float = 0.9, force: bool = False) -> Answer:
    """How many tokens to draft before each verification.

    Args:
        source: of `SPECULATIVE_SPEEDUP`: the acceptance p of a draft token, and the cost c of a draft pass.
        longest: longest draft to consider [tokens], up to 256.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `g`, a whole number of tokens, 0 where drafting does not pay, and the `speedup` it gives.
    Raises:
        InputError: a longest draft that is not a whole number from 1 to 256, or a source of another law.
    References:
        Leviathan et al. 2023, arXiv:2211.17192.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.draft_length(dict(p=0.8, c=0.1))
        >>> answer["g"], round(answer["speedup"], 3)
        (6.0, 2.47)
    """
    if not 1 <= above_zero("longest", longest) <= LONGEST_DRAFT or longest != int(longest):
        raise InputError(f"`longest` must be a whole number from 1 to {LONGEST_DRAFT}, got {longest!r}.")
    return decide(
        source,
        _best_draft,
        question="How many tokens to draft before each verification?",
        laws=(SPECULATIVE_SPEEDUP,),
        units={"g": "tokens", "speedup": "times"},
        held={"longest": longest},
        method="the best whole number",
        prob=prob,
        force=force,
    )


def _best_draft(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    lengths = jnp.arange(LONGEST_DRAFT + 1.0)
    speeds = jax.vmap(lambda g: speculative_speedup(g, **params))(lengths)
    best = jnp.argmax(jnp.where(lengths <= held["longest"], speeds, -jnp.inf))
    return {"g": lengths[best], "speedup": speeds[best]}


def acceptance_needed(source: Source, *, speedup: float, g: float, prob: float = 0.9, force: bool = False) -> Answer:
    """The acceptance that a draft model needs to make decoding so many times faster.

    Args:
        source: of `SPECULATIVE_SPEEDUP`; only its draft cost c is used.
        speedup: how many times faster decoding must be.
        g: draft length [tokens].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `p`, the probability that a draft token is accepted; 0 where any does, NaN where even accepting all would not.
    Raises:
        InputError: a speed-up or a draft length that is not positive, or a source of another law.
    References:
        Leviathan et al. 2023, arXiv:2211.17192.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.acceptance_needed(dict(p=0.5, c=0.1), speedup=2.0, g=4)["p"], 3)
        0.705
    """
    speedup = above_zero("speedup", speedup)
    return decide(
        source,
        _acceptance,
        question=f"Which acceptance makes decoding {speedup:g} times faster?",
        laws=(SPECULATIVE_SPEEDUP,),
        units={"p": "probability"},
        held={"speedup": speedup, "g": above_zero("g", g)},
        method="root",
        prob=prob,
        force=force,
    )


def _acceptance(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    def speed(p: Any) -> Any:
        return speculative_speedup(held["g"], p=p, c=params["c"])

    needed = invert(speed, held["speedup"], NEARLY, 1.0, logarithmic=False)
    return {"p": jnp.where(speed(0.0) >= held["speedup"], 0.0, needed)}


def draft_tokens(
    source: Source, *, accepted: float, N: float, B: float = 1.0, prob: float = 0.9, force: bool = False
) -> Answer:
    """How many tokens to pre-train a draft model on for so many accepted tokens at a time.

    Args:
        source: of `DRAFT_ACCEPTANCE`.
        accepted: mean accepted length to reach [tokens].
        N: parameters of the draft model [count].
        B: sequences decoded at once [count].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `D` [tokens].
    Raises:
        InputError: a length that is no number, a size or a batch that is not positive, or a source of another law.
    References:
        Yan et al. 2025, arXiv:2505.07858.
    Example:
        >>> import lawjax as lj
        >>> source = dict(c0=-4.0, c1=0.2, c2=0.1, c3=-0.1)
        >>> round(lj.decisions.draft_tokens(source, accepted=3.0, N=1e9)["D"] / 1e9, 1)
        50.2
    """
    accepted = number("accepted", accepted)
    return decide(
        source,
        _draft_tokens,
        question=f"How many tokens until {accepted:g} draft tokens are accepted?",
        laws=(DRAFT_ACCEPTANCE,),
        units={"D": "tokens"},
        held={"accepted": accepted, "N": N, "B": B},
        method="closed form",
        prob=prob,
        force=force,
    )


def _draft_tokens(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    at_one_token = DRAFT_ACCEPTANCE(1.0, held["N"], held["B"], **params)
    return {"D": jnp.exp((held["accepted"] - at_one_token) / params["c1"])}
