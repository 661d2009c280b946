"""The critical mixture ratio: the tokens after which a general loss recovers, and the share from which it does."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, check_positive, not_negative
from lawjax.decisions.joining import beside, own, part
from lawjax.decisions.mixture.mixing import SHARE
from lawjax.decisions.solving.least import GRID
from lawjax.laws.base import Params
from lawjax.laws.mixture.critical import CMR_DOMAIN_CHANGE, CMR_GENERAL_CHANGE, CRITICAL_RATIO
from lawjax.laws.roots import root


def turning_time(source: Source, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The tokens after which a general loss stops rising and begins to recover.

    $T^* = \big( -a_2 s_2 / (a_3 s_3) \big)^{1 / (s_3 - s_2)}$

    Args:
        source: a source of `cmr-general-change`, at one mixture.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `T`, tokens at the turn, and the `change` of the general loss there; NaN where it never recovers.
    Raises:
        InputError: a source of another law.
    References:
        Gu et al. 2024, arXiv:2407.17467, section 5.2.
    Example:
        >>> import lawjax as lj
        >>> p = dict(a2=2e-3, s2=0.2, a3=-2e-6, s3=0.5, b2=0.0)
        >>> f"{lj.decisions.turning_time(p)['T']:.3g}"
        '4.72e+08'
    """
    return decide(
        source,
        _turn,
        question="The tokens after which the general loss recovers",
        laws=(CMR_GENERAL_CHANGE,),
        units=dict(T="tokens", change="nats/token"),
        method="closed form",
        prob=prob,
        force=force,
    )


def _turn(params: Params, held: Params) -> dict[str, Any]:
    p = params
    T = jnp.exp(jnp.log(-p["a2"] * p["s2"] / (p["a3"] * p["s3"])) / (p["s3"] - p["s2"]))
    T = jnp.where(p["s3"] > p["s2"], T, jnp.nan)
    return dict(T=T, change=CMR_GENERAL_CHANGE.fn(T, **params))


def critical_time(
    domain: Source,
    general: Source,
    *,
    weight: float,
    tokens: float | None = None,
    eps: float = 0.05,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    r"""The tokens after which more training lowers domain loss and weighted general loss together.

    The last root of $a_1 s_1 T^{s_1 - 1} + \lambda (a_2 s_2 T^{s_2 - 1} + a_3 s_3 T^{s_3 - 1}) = 0$. A mixture is
    feasible when that is less than the tokens there are and the general loss has not risen by more than eps by then;
    it is critical when it is just that. As the weight grows it becomes `turning_time`.

    Args:
        domain: a source of `cmr-domain-change`, at one mixture.
        general: a source of `cmr-general-change`, at the same mixture; its draws go with the domain's one by one.
        weight: the multiplier lambda of the general loss; the paper uses 100 to 7000.
        tokens: tokens that there are [tokens]; None not to ask whether the mixture is feasible.
        eps: by how much the general loss may have risen by then [nats/token].
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        `T`, tokens; NaN where the weighted loss falls from the start or never turns. With `tokens`, `feasible`, 1 for
        a mixture that is and 0 for one that is not, so that its mean over the draws is the chance that it is.
    Raises:
        InputError: a source of another law, or numbers of draws that differ.
    References:
        Gu et al. 2024, arXiv:2407.17467, equation 7 and section 5.2.
    Example:
        >>> import lawjax as lj
        >>> general = dict(a2=2e-3, s2=0.2, a3=-2e-6, s3=0.5, b2=0.0)
        >>> domain = dict(a1=-0.01, s1=0.15, b1=0.0)
        >>> f"{lj.decisions.critical_time(domain, general, weight=1000.0)['T']:.3g}"
        '4.69e+08'
    """
    check_positive(weight=weight)
    allowed = dict(eps=not_negative("eps", eps))
    asked = {} if tokens is None else dict(tokens=above_zero("tokens", tokens)) | allowed
    return decide(
        beside(domain, {"general": general}, CMR_DOMAIN_CHANGE, (CMR_GENERAL_CHANGE,)),
        _critical_time,
        question="The tokens after which domain and general loss fall together",
        laws=(CMR_DOMAIN_CHANGE,),
        units=dict(T="tokens") | ({} if tokens is None else dict(feasible="1 if so, else 0")),
        held=dict(weight=weight) | asked,
        method="last root of the derivative of the weighted loss",
        prob=prob,
        force=force,
    )


def _critical_time(params: Params, held: Params) -> dict[str, Any]:
    p, d = part(params, "general"), own(params)

    def slope(T: Any) -> Any:
        """Derivative of the weighted loss in log T."""
        general = p["a2"] * p["s2"] * T ** p["s2"] + p["a3"] * p["s3"] * T ** p["s3"]
        return d["a1"] * d["s1"] * T ** d["s1"] + held["weight"] * general

    turn = _turn(p, held)["T"]
    times = turn * jnp.geomspace(1e-9, 1.0, GRID)
    rising = jnp.where(slope(times) > 0, times, 0.0)
    last = jnp.max(rising)
    T = jnp.where(last > 0, root(slope, jnp.where(last > 0, last, turn), turn), jnp.nan)
    if "tokens" not in held:
        return dict(T=T)
    risen = CMR_GENERAL_CHANGE.fn(held["tokens"], **p)
    falling = (slope(held["tokens"]) < 0) & ~(held["tokens"] <= T)
    return dict(T=T, feasible=1.0 * (falling & (risen <= held["eps"])))


def critical_ratio_at(source: Source, *, T: float, prob: float = 0.9, force: bool = False) -> Answer:
    """The critical mixture ratio for a number of tokens of continual pre-training.

    Args:
        source: a source of `critical-ratio`, fitted to ratios whose critical times were found.
        T: tokens of continual pre-training [tokens].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `ratio`, the largest share of domain data from which the general loss recovers; NaN where the law leaves 0 to 1.
    Raises:
        InputError: a source of another law, or tokens that are none.
    References:
        Gu et al. 2024, arXiv:2407.17467, equation 8.
    Example:
        >>> import lawjax as lj
        >>> p = dict(a4=0.02, s4=0.12, b3=-0.05)
        >>> round(lj.decisions.critical_ratio_at(p, T=20e9)["ratio"], 3)
        0.294
    """
    return decide(
        source,
        _ratio_at,
        question="The critical share of domain data",
        laws=(CRITICAL_RATIO,),
        units=dict(ratio=SHARE),
        held=dict(T=T),
        method="the law itself",
        prob=prob,
        force=force,
    )


def _ratio_at(params: Params, held: Params) -> dict[str, Any]:
    ratio = CRITICAL_RATIO.fn(held["T"], **params)
    return dict(ratio=jnp.where((ratio >= 0) & (ratio <= 1), ratio, jnp.nan))
