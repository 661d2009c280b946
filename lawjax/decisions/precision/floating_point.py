"""Training in few bits: how many, laid out how, and for how many tokens."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import at_least, check_positive, number
from lawjax.decisions.precision.widths import MOST_BITS
from lawjax.decisions.solving.least import least
from lawjax.errors import InputError
from lawjax.laws.base import Params
from lawjax.laws.precision.floating_point import FLOATING_POINT

COST = 6.0 / 16.0
"""FLOP per parameter, token and bit: training in 16 bits costs 6 per parameter and token."""


def critical_tokens(
    source: Source, *, N: float, E: float, M: float, B: float, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The training tokens beyond which more data raise the loss of a model trained in a low precision.

    $D_{crit} = \big[ d\, \gamma N^\alpha (E + 0.5)^\delta (M + 0.5)^\nu / \log_2 B \big]^{1 / (2 \beta)}$

    Args:
        source: a source of `floating-point`.
        N: model parameters [count].
        E: exponent bits, 0 or more.
        M: mantissa bits, 0 or more.
        B: elements that share one scaling factor, 1 or more; at 1 there is no such number of tokens.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `D`, tokens, and the `loss` there.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Sun et al. 2025, arXiv:2501.02423, section 5.
    Example:
        >>> import lawjax as lj
        >>> f"{lj.decisions.critical_tokens('sun2025', N=1e9, E=4, M=3, B=128)['D']:.3g}"
        '2.73e+13'
    """
    return decide(
        source,
        _critical_tokens,
        question="The tokens beyond which more data do harm",
        laws=(FLOATING_POINT,),
        units=dict(D="tokens", loss="nats/token"),
        held=dict(N=N, E=E, M=M, B=at_least("B", B, 1)),
        method="closed form",
        prob=prob,
        force=force,
    )


def _critical_tokens(params: Params, held: Params) -> dict[str, Any]:
    p = params
    shape = p["delta"] * jnp.log(held["E"] + 0.5) + p["nu"] * jnp.log(held["M"] + 0.5)
    log_ratio = jnp.log(p["d"] * p["gamma"]) + p["alpha"] * jnp.log(held["N"]) + shape - jnp.log(jnp.log2(held["B"]))
    D = jnp.exp(log_ratio / (2.0 * p["beta"]))
    return dict(D=D, loss=FLOATING_POINT.fn(held["N"], D, held["E"], held["M"], held["B"], **params))


def best_layout(source: Source, *, bits: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""How to share the bits of a floating-point format between exponent and mantissa.

    $(E + 0.5)^\delta (M + 0.5)^\nu$ is largest at $E + 0.5 = \delta P / (\delta + \nu)$ for P bits with the sign.

    Args:
        source: a source of `floating-point`.
        bits: width of the format with its sign bit, a whole number from 2 to 64.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `E` and `M`, whole exponent and mantissa bits; `E_real` and `M_real`, the optimum before rounding.
    Raises:
        InputError: a source of another law, or a width that is no such number.
    References:
        Sun et al. 2025, arXiv:2501.02423, section 5.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.best_layout("sun2025", bits=8)
        >>> answer["E"], answer["M"]
        (4.0, 3.0)
    """
    width = number("bits", bits)
    if not 2 <= width <= MOST_BITS or width != int(width):
        raise InputError(f"`bits` must be a whole number from 2 to {MOST_BITS}, got {bits!r}.")
    return decide(
        source,
        _layout,
        question="The best layout of a floating-point format",
        laws=(FLOATING_POINT,),
        units=dict(E="exponent bits", M="mantissa bits", E_real="exponent bits", M_real="mantissa bits"),
        held=dict(bits=bits),
        method="closed form, and the best of all whole layouts",
        prob=prob,
        force=force,
    )


def _layout(params: Params, held: Params) -> dict[str, Any]:
    p, bits = params, held["bits"]
    E_real, M_real = _real_layout(params, bits)
    E = jnp.arange(MOST_BITS)
    M = bits - 1 - E
    value = p["delta"] * jnp.log(E + 0.5) + p["nu"] * jnp.log(jnp.maximum(M, 0) + 0.5)
    best = jnp.argmax(jnp.where(M >= 0, value, -jnp.inf))
    return dict(E=1.0 * best, M=bits - 1.0 - best, E_real=E_real, M_real=M_real)


def _real_layout(params: Params, bits: Any) -> tuple[Any, Any]:
    share = params["delta"] / (params["delta"] + params["nu"])
    return share * bits - 0.5, (1.0 - share) * bits - 0.5


def best_precision(
    source: Source, *, compute: float, B: float, D: float | None = None, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The bits to train in, for a compute budget that a narrower format stretches further.

    Compute is $C = \tfrac{6}{16} N D P$, and the P bits have their best layout. At given tokens
    $P^* = \big[ (\delta + \nu - \alpha) D^\beta \log_2 B / (\alpha n \gamma') \big]^{1 / (\delta + \nu)}$ with
    $\gamma' = \gamma\, \big(\tfrac{\delta}{\delta + \nu}\big)^\delta \big(\tfrac{\nu}{\delta + \nu}\big)^\nu$;
    otherwise the tokens are the best too.

    Args:
        source: a source of `floating-point`.
        compute: training compute, in FLOP of 16 bits [FLOP].
        B: elements that share one scaling factor, above 1: at 1 precision costs nothing, and no bits are best.
        D: training tokens [tokens]; None for the best number of them.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `P`, bits of the format with its sign; `N` and `D`; the real `E` and `M`; and the `loss`. NaN where the best
        would be less than the bit of the sign.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Sun et al. 2025, arXiv:2501.02423, section 5 and figure 18.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.best_precision("sun2025", compute=1e25, B=128)["P"], 2)
        5.31
    """
    check_positive(compute=compute)
    if not number("B", B) > 1:
        raise InputError(f"`B` must be above 1, got {B!r}: without a shared scale the law puts no price on precision.")
    return decide(
        source,
        _precision,
        question="The best precision for a compute budget",
        laws=(FLOATING_POINT,),
        units=dict(P="bits", N="parameters", D="tokens", E="exponent bits", M="mantissa bits", loss="nats/token"),
        held=dict(compute=compute, B=B) | ({} if D is None else dict(D=D)),
        method="closed form" if D is not None else "closed form at each number of tokens, and the best of those",
        prob=prob,
        force=force,
    )


def _precision(params: Params, held: Params) -> dict[str, Any]:
    def at(log_D: Any) -> dict[str, Any]:
        return _at_tokens(params, held, log_D)

    if "D" in held:
        return at(jnp.log(held["D"]))
    middle = 0.5 * jnp.log(held["compute"])
    return at(least(lambda log_D: at(log_D)["loss"], middle - 15.0, middle + 15.0))


def _at_tokens(params: Params, held: Params, log_D: Any) -> dict[str, Any]:
    p = params
    both = p["delta"] + p["nu"]
    log_gain = jnp.log(p["gamma"]) + p["delta"] * jnp.log(p["delta"] / both) + p["nu"] * jnp.log(p["nu"] / both)
    scale = jnp.log((both - p["alpha"]) * jnp.log2(held["B"]) / (p["alpha"] * p["n"])) - log_gain
    P = jnp.exp((scale + p["beta"] * log_D) / both)
    P = jnp.where(P >= 1.0, P, jnp.nan)
    D = jnp.exp(log_D)
    N = held["compute"] / (COST * D * P)
    E, M = _real_layout(params, P)
    return dict(P=P, N=N, D=D, E=E, M=M, loss=FLOATING_POINT.fn(N, D, E, M, held["B"], **params))
