"""How many words a vocabulary should have: by the loss, by growth from a small model, by compute, by cost."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.choosing import laws_for
from lawjax.decisions.held import check_positive
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.architecture.vocabulary import (
    LARGEST,
    TOKENS_PER_CHARACTER,
    VOCABULARY_AT_COMPUTE,
    VOCABULARY_GROWTH,
    VOCABULARY_LOSS,
    VOCABULARY_LOSS_UNTIED,
    tokens_per_character,
    vocabulary_at_compute,
    vocabulary_growth,
)
from lawjax.laws.base import Law
from lawjax.laws.roots import root

FLOPS_PER_PARAMETER = 6.0
SMALLEST = 16.0


def optimal_vocabulary(
    source: Source,
    *,
    d: float,
    N_nv: float | None = None,
    C: float | None = None,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """How many words should the vocabulary of a model have?

    The law of the source decides how. The loss (`vocabulary-loss`, tied or not) is lowest where one more word at the
    cost of fewer tokens, C = 6 (N_nv + V d) D, gains nothing: it needs N_nv and C. Growth from a small model
    (`vocabulary-growth`) needs N_nv. The line through the best of many budgets (`vocabulary-at-compute`) needs C.
    The first alone can answer for a model that is trained on more or fewer tokens than is best.

    Args:
        source: fit, posterior, draws or published coefficients of one of these laws.
        d: width of the model, the parameters of one word [count].
        N_nv: parameters outside the vocabulary [count].
        C: training compute [FLOP].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `V`, the words, and `N_v`, their parameters. NaN where the best would be less than one word.
    Raises:
        InputError: a source of another law, or a held value that is missing, not needed or not positive.
    References:
        Tao et al. 2024, arXiv:2407.13623, approaches 1 to 3.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.optimal_vocabulary("tao2024-loss", N_nv=7e9, d=4096, C=7.0524e21)
        >>> round(answer["V"], -2)
        59500.0
        >>> round(lj.decisions.optimal_vocabulary("tao2024-growth", N_nv=7e9, d=4096)["V"], -2)
        67500.0
    """
    law = as_draws(source, laws_for(source, tuple(_APPROACHES))[0]).law
    needed, solve, method = _APPROACHES.get(law, _APPROACHES[VOCABULARY_LOSS])
    given = {name: value for name, value in dict(N_nv=N_nv, C=C).items() if value is not None}
    if law in _APPROACHES and set(given) != set(needed):
        listed = " and ".join(f"`{name}`" for name in needed)
        raise InputError(f"the best vocabulary by {law.name!r} is asked with {listed} beside `d`, got {list(given)}.")
    check_positive(d=d, **given)
    return decide(
        source,
        solve,
        question="How many words should the vocabulary have?",
        laws=tuple(_APPROACHES),
        units={"V": "words", "N_v": "parameters"},
        held={"d": d, **given},
        method=method,
        prob=prob,
        force=force,
    )


def cheapest_vocabulary(source: Source, *, N_nv: float, d: float, prob: float = 0.9, force: bool = False) -> Answer:
    """With how many words does a model read a text at the least compute?

    A larger vocabulary makes fewer tokens of a text and each token costlier: (N_nv + V d) f(V) has a least value.
    Beyond 200 000 words f no longer falls, so the answer never lies there.

    Args:
        source: fit, posterior, draws or published coefficients of `tokens-per-character`.
        N_nv: parameters outside the vocabulary [count].
        d: width of the model, the parameters of one word [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `V`, the words, and `N_v`, their parameters.
    Raises:
        InputError: a source of another law, or a held value that is not positive.
    References:
        Tao et al. 2024, arXiv:2407.13623, approach 2.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.cheapest_vocabulary("tao2024-tokens", N_nv=33e6, d=512)["V"])
        10323
    """
    check_positive(N_nv=N_nv, d=d)
    return decide(
        source,
        _cheapest,
        question="With how many words is a text read at the least compute?",
        laws=(TOKENS_PER_CHARACTER,),
        units={"V": "words", "N_v": "parameters"},
        held={"N_nv": N_nv, "d": d},
        method="root of the derivative of compute",
        prob=prob,
        force=force,
    )


def _by_loss(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    """The root of dL/dN_v at fixed compute, as a difference of logarithms, which falls throughout."""
    N_nv, C = held["N_nv"], held["C"]
    gain = jnp.log(params["alpha2"] * params["A2"])
    cost = jnp.log(params["beta"] * params["B"]) + params["beta"] * jnp.log(FLOPS_PER_PARAMETER / C)

    def slope(N_v: Any) -> Any:
        return gain - (params["alpha2"] + 1.0) * jnp.log(N_v) - cost - (params["beta"] - 1.0) * jnp.log(N_nv + N_v)

    return _words(root(slope, 1e-9 * N_nv, 1e9 * N_nv), held)


def _by_growth(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    return _words(vocabulary_growth(held["N_nv"], **params), held)


def _by_compute(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    return _words(vocabulary_at_compute(held["C"], **params), held)


def _cheapest(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    def compute(V: Any) -> Any:
        return (held["N_nv"] + V * held["d"]) * tokens_per_character(V, **params)

    slope = jax.grad(compute)
    last = LARGEST * (1.0 - 1e-9)
    falls_throughout = slope(last) < 0.0
    V = jnp.where(falls_throughout, float(LARGEST), root(slope, SMALLEST, last))
    return _words(V * held["d"], held)


def _words(N_v: Any, held: Mapping[str, Any]) -> Mapping[str, Any]:
    N_v = jnp.where(N_v >= held["d"], N_v, jnp.nan)
    return {"V": N_v / held["d"], "N_v": N_v}


_Approach = tuple[tuple[str, ...], Callable[..., Mapping[str, Any]], str]
_APPROACHES: dict[Law, _Approach] = {
    VOCABULARY_LOSS: (("N_nv", "C"), _by_loss, "root of the derivative of the loss at fixed compute"),
    VOCABULARY_LOSS_UNTIED: (("N_nv", "C"), _by_loss, "root of the derivative of the loss at fixed compute"),
    VOCABULARY_GROWTH: (("N_nv",), _by_growth, "closed form"),
    VOCABULARY_AT_COMPUTE: (("C",), _by_compute, "closed form"),
}
"""What each law needs to be held, how it answers, and how that is called."""
