"""Quantising after training: how few bits, for how many tokens, and what fits into a given memory."""

from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.choosing import laws_for
from lawjax.decisions.held import check_positive, number
from lawjax.decisions.precision.widths import MOST_BITS
from lawjax.decisions.solving.least import GRID, least, lowest
from lawjax.decisions.solving.whole import next_whole
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Params
from lawjax.laws.precision.low_bit import QUANTISATION_GAP, QUANTISATION_GAP_AT_WIDTH, QUANTISED_LOSS
from lawjax.laws.precision.total_bits import BIT_LEVEL

GAP_LAWS = (QUANTISATION_GAP, QUANTISED_LOSS, QUANTISATION_GAP_AT_WIDTH)
"""The laws of what quantisation costs."""


def tokens_until_gap(
    source: Source, *, gap: float, N: float, P: float | None = None, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The training tokens at which quantising a model costs a given loss.

    $D^*(q) = \big( q N^\alpha P^\gamma / k \big)^{1 / \beta}$

    Args:
        source: a source of `quantisation-gap`, `quantised-loss` or `quantisation-gap-at-width`.
        gap: the loss that quantisation may cost, q [nats/token]; 0.2 leaves 80 % of the likelihood.
        N: non-embedding parameters [count].
        P: bits per weight; not for `quantisation-gap-at-width`, which is of one width.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `D`, tokens.
    Raises:
        InputError: a source of another law, or `P` missing or given where it has no place.
    References:
        Ouyang et al. 2024, arXiv:2411.17691, table 1.
    Example:
        >>> import lawjax as lj
        >>> f"{lj.decisions.tokens_until_gap('ouyang2024-4bit', gap=0.2, N=405e9)['D']:.3g}"
        '4.85e+13'
    """
    check_positive(gap=gap)
    law = as_draws(source, laws_for(source, GAP_LAWS)[0]).law
    if law in GAP_LAWS and (P is None) != (law is QUANTISATION_GAP_AT_WIDTH):
        raise InputError(f"{law.name!r} {'needs `P`' if P is None else 'is of one width and takes no `P`'}.")
    return decide(
        source,
        _tokens_until,
        question="The tokens at which quantisation costs that much",
        laws=GAP_LAWS,
        units=dict(D="tokens"),
        held=dict(gap=gap, N=N) | ({} if P is None else dict(P=P)),
        method="closed form",
        prob=prob,
        force=force,
    )


def _tokens_until(params: Params, held: Params) -> dict[str, Any]:
    p = params
    bits = p["gamma"] * jnp.log(held["P"]) if "P" in held else 0.0
    log_D = (jnp.log(held["gap"] / p["k"]) + p["alpha"] * jnp.log(held["N"]) + bits) / p["beta"]
    return dict(D=jnp.exp(log_D))


def fewest_bits(source: Source, *, gap: float, N: float, D: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The fewest bits to which a model can be quantised for a given loss.

    $P = \big( k D^\beta / (q N^\alpha) \big)^{1 / \gamma}$, rounded up.

    Args:
        source: a source of `quantisation-gap` or `quantised-loss`.
        gap: the loss that quantisation may cost, q [nats/token].
        N: non-embedding parameters [count].
        D: tokens the model was trained on [tokens].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `bits`, whole, and `bits_real`, before rounding up.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Ouyang et al. 2024, arXiv:2411.17691, figure 6.
    Example:
        >>> import lawjax as lj
        >>> lj.decisions.fewest_bits("ouyang2024", gap=0.2, N=7e9, D=2e12)["bits"]
        4.0
    """
    check_positive(gap=gap)
    return decide(
        source,
        _fewest_bits,
        question="The fewest bits that cost no more than that",
        laws=(QUANTISATION_GAP, QUANTISED_LOSS),
        units=dict(bits="bits per weight", bits_real="bits per weight"),
        held=dict(gap=gap, N=N, D=D),
        method="closed form, rounded up",
        prob=prob,
        force=force,
    )


def _fewest_bits(params: Params, held: Params) -> dict[str, Any]:
    p = params
    log_gap = jnp.log(p["k"] / held["gap"]) + p["beta"] * jnp.log(held["D"]) - p["alpha"] * jnp.log(held["N"])
    bits = jnp.exp(log_gap / p["gamma"])
    return dict(bits=jnp.maximum(next_whole(bits), 1.0), bits_real=bits)


def best_tokens_when_quantised(source: Source, *, N: float, P: float, prob: float = 0.9, force: bool = False) -> Answer:
    """The training tokens with the least loss after quantisation: beyond them more data make the model worse.

    Args:
        source: a source of `quantised-loss`.
        N: non-embedding parameters [count].
        P: bits per weight.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `D`, tokens, and the `loss` of the quantised model there.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Ouyang et al. 2024, arXiv:2411.17691, figures 6 and 7.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.best_tokens_when_quantised("ouyang2024-quantised", N=7e9, P=3)
        >>> f"{answer['D']:.3g}", round(answer["loss"], 3)
        ('8.89e+10', 2.977)
    """
    return decide(
        source,
        _best_tokens,
        question="The tokens beyond which a quantised model gets worse",
        laws=(QUANTISED_LOSS,),
        units=dict(D="tokens", loss="nats/token"),
        held=dict(N=N, P=P),
        method="root of the derivative in the logarithm of tokens",
        prob=prob,
        force=force,
    )


def _best_tokens(params: Params, held: Params) -> dict[str, Any]:
    def loss(log_D: Any) -> Any:
        return QUANTISED_LOSS.fn(held["N"], jnp.exp(log_D), held["P"], **params)

    log_D = least(loss, jnp.log(1e5), jnp.log(1e25))
    return dict(D=jnp.exp(log_D), loss=loss(log_D))


def best_bits_at_total(
    source: Source, *, total_bits: float, most: float = 16.0, prob: float = 0.9, force: bool = False
) -> Answer:
    """How many parameters of how many bits to fit into a given memory, by a form of our own.

    Args:
        source: a source of `bit-level`.
        total_bits: parameters times bits per parameter [bits].
        most: most bits per parameter that are looked at.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `b`, whole bits per parameter; `N`, parameters; the `error` there; and `b_real`, the best real width from 1
        to `most`.
    Raises:
        InputError: a source of another law, or `most` outside 2 to 64.
    References:
        Ding et al. 2025, arXiv:2501.06218 (the question; the formula is ours).
    Example:
        >>> import lawjax as lj
        >>> p = dict(E=2.0, A=1e3, alpha=0.3, G=20.0, kappa=0.0, rate=2.0)
        >>> lj.decisions.best_bits_at_total(p, total_bits=8e9)["b"]
        4.0
    """
    check_positive(total_bits=total_bits)
    if not 2 <= number("most", most) <= MOST_BITS:
        raise InputError(f"`most` must lie from 2 to {MOST_BITS} bits, got {most!r}.")
    return decide(
        source,
        _bits_at_total,
        question="The best bits per parameter in a given memory",
        laws=(BIT_LEVEL,),
        units=dict(b="bits per parameter", N="parameters", error="gFID", b_real="bits per parameter"),
        held=dict(total_bits=total_bits, most=most),
        method="the best of all whole widths",
        prob=prob,
        force=force,
    )


def _bits_at_total(params: Params, held: Params) -> dict[str, Any]:
    def error(b: Any) -> Any:
        return BIT_LEVEL.fn(held["total_bits"] / b, b, **params)

    widths = jnp.arange(1.0, MOST_BITS + 1.0)
    errors = jnp.where(widths <= held["most"], jax.vmap(error)(widths), jnp.inf)
    b = widths[jnp.argmin(errors)]
    b_real = lowest(error, jnp.linspace(1.0, held["most"], GRID))
    return dict(b=b, N=held["total_bits"] / b, error=error(b), b_real=b_real)
