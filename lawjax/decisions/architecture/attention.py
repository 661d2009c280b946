"""Decisions on attention: where linear attention overtakes, and how far retrieval holds."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import between
from lawjax.decisions.joining import beside, part
from lawjax.laws.architecture import LINEAR_ATTENTION, QUADRATIC_ATTENTION, RETRIEVAL_ACCURACY
from lawjax.laws.terms import logit


def attention_crossover(quadratic: Source, linear: Source, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""From which context on linear attention is faster than quadratic attention.

    The larger root of $c_2 n^2 + (c_1 - e_1)\, n + (c_0 - e_0) = 0$, with the uncertainty of both laws: draw i
    of one goes with draw i of the other.

    Args:
        quadratic: of `QUADRATIC_ATTENTION`.
        linear: of `LINEAR_ATTENTION`, times in the same unit.
        prob: probability of the interval.
        force: answer even if a source's verdict is an error.
    Returns:
        `n` [tokens]: 0 where linear attention is faster from the first token on.
    Raises:
        InputError: a source of another law.
    References:
        Liu et al. 2025, arXiv:2509.18467 (measured near 8 000 tokens; the form is ours).
    Example:
        >>> import lawjax as lj
        >>> slow, fast = dict(c0=10.0, c1=0.01, c2=1e-6), dict(e0=12.0, e1=0.018)
        >>> round(lj.decisions.attention_crossover(slow, fast)["n"])
        8243
    """
    return decide(
        beside(quadratic, {"linear": linear}, QUADRATIC_ATTENTION, (LINEAR_ATTENTION,)),
        _crossover,
        question="From which context on is linear attention faster?",
        laws=(QUADRATIC_ATTENTION,),
        units={"n": "tokens"},
        method="larger root of a quadratic",
        prob=prob,
        force=force,
    )


def _crossover(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    linear = part(params, "linear")
    a, b, c = params["c2"], params["c1"] - linear["e1"], params["c0"] - linear["e0"]
    under = b**2 - 4.0 * a * c
    root = jnp.sqrt(jnp.where(under > 0, under, 0.0))
    # of the two ways to write the larger root, the one that does not subtract two alike numbers
    larger = jnp.where(b > 0, -2.0 * c / (b + jnp.where(b > 0, root, 1.0)), (root - b) / (2.0 * a))
    return {"n": jnp.where(under >= 0, jnp.maximum(larger, 0.0), 0.0)}


def longest_context(source: Source, *, accuracy: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The longest context in which a share of hidden facts is still found.

    Args:
        source: of `RETRIEVAL_ACCURACY`.
        accuracy: share of facts that must be found, above 0 and below 1.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `n` [tokens].
    Raises:
        InputError: an accuracy outside 0 to 1, or a source of another law.
    References:
        Liu et al. 2025, arXiv:2509.18467 (the form is ours).
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.longest_context(dict(n_50=30000.0, width=0.14), accuracy=0.9)["n"])
        22056
    """
    return decide(
        source,
        _context,
        question=f"Up to which context is {accuracy} of the facts found?",
        laws=(RETRIEVAL_ACCURACY,),
        units={"n": "tokens"},
        held={"accuracy": between("accuracy", accuracy, 0.0, 1.0)},
        method="closed form",
        prob=prob,
        force=force,
    )


def _context(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"n": params["n_50"] * jnp.exp(-params["width"] * logit(held["accuracy"]))}
