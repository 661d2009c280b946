"""Continual pre-training: the share of domain data, the size, and the tokens after which nothing is lost."""

from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import check_positive
from lawjax.decisions.joining import beside, own, part
from lawjax.decisions.mixture.mixing import SHARE, SMALLEST
from lawjax.laws.base import Params
from lawjax.laws.mixture.continual import D_CPT
from lawjax.laws.mixture.critical import CMR_DOMAIN_CHANGE, CMR_GENERAL_CHANGE, CRITICAL_RATIO
from lawjax.laws.roots import root

GRID = 400


def best_ratio_under_cap(
    source: Source,
    general: Source,
    *,
    N: float,
    D: float,
    general_loss: float,
    tolerance: float,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """The share of domain data with the least domain loss while the general loss rises by no more than a tolerance.

    The domain loss falls and the general loss rises in that share, so the best share is where the tolerance is used
    up: all domain data where it never is, none possible where it is from the start.

    Args:
        source: a source of `d-cpt`, of the domain loss against the share of domain data.
        general: a source of `d-cpt`, of the general loss against the share of general data; its draws go with the
            domain's one by one.
        N: model parameters [count].
        D: tokens of continual pre-training [tokens].
        general_loss: general loss before it [nats/token].
        tolerance: by how much of itself that loss may rise, as 0.03.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        `ratio`, the share of domain data; `domain_loss` and `general_loss` there.
    Raises:
        InputError: a source of another law, or numbers of draws that differ.
    References:
        Que et al. 2024, arXiv:2406.01375, usage 1.
    Example:
        >>> import lawjax as lj
        >>> p = dict(E=1.0, A=400.0, alpha=0.34, B=2000.0, eta=1.2, beta=0.45, C=0.1, gamma=0.5, eps=0.1)
        >>> answer = lj.decisions.best_ratio_under_cap(p, p, N=1.8e9, D=1e10, general_loss=1.45, tolerance=0.03)
        >>> round(answer["ratio"], 3)
        0.855
    """
    check_positive(general_loss=general_loss)
    return decide(
        beside(source, {"general": general}, D_CPT),
        _under_cap,
        question="The best share of domain data that spares the general loss",
        laws=(D_CPT,),
        units=dict(ratio=SHARE, domain_loss="nats/token", general_loss="nats/token"),
        held=dict(N=N, D=D, general_loss=general_loss, tolerance=tolerance),
        method="root of the general law in the share",
        prob=prob,
        force=force,
    )


def _under_cap(params: Params, held: Params) -> dict[str, Any]:
    cap = (1.0 + held["tolerance"]) * held["general_loss"]

    def excess(ratio: Any) -> Any:
        return D_CPT.fn(held["N"], held["D"], 1.0 - ratio, **part(params, "general")) - cap

    ratio = jnp.where(excess(1.0) <= 0, 1.0, root(excess, 0.0, 1.0, logarithmic=False))
    loss = D_CPT.fn(held["N"], held["D"], ratio, **own(params))
    return dict(ratio=ratio, domain_loss=loss, general_loss=cap + excess(ratio))


def best_ratio_of_limited_data(
    source: Source, *, N: float, domain_tokens: float, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The share of domain data with the least domain loss when the domain's tokens are limited.

    A small share trains longer, on $D = D_d / r$ tokens. The loss is then stationary where
    $r^{\eta + \beta - 1} (r + \epsilon)^{\gamma + 1} = C \gamma D_d^\beta / (B (\eta + \beta))$.

    Args:
        source: a source of `d-cpt`, of the domain loss against the share of domain data.
        N: model parameters [count].
        domain_tokens: tokens of the domain that there are, $D_d$ [tokens].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `ratio`, the share of domain data; `D`, tokens trained on in all; `loss` on the domain there. NaN where a
        vanishing share on endless tokens is best, which takes eta + beta below 1.
    Raises:
        InputError: a source of another law.
    References:
        Que et al. 2024, arXiv:2406.01375, usage 2.
    Example:
        >>> import lawjax as lj
        >>> p = dict(E=0.3, A=40.0, alpha=0.34, B=4e5, eta=1.2, beta=0.6, C=0.1, gamma=0.5, eps=0.1)
        >>> round(lj.decisions.best_ratio_of_limited_data(p, N=1.8e9, domain_tokens=5e9)["ratio"], 3)
        0.201
    """
    check_positive(domain_tokens=domain_tokens)
    return decide(
        source,
        _limited,
        question="The best share of domain data when they are limited",
        laws=(D_CPT,),
        units=dict(ratio=SHARE, D="tokens", loss="nats/token"),
        held=dict(N=N, domain_tokens=domain_tokens),
        method="least stationary point of the law in the share",
        prob=prob,
        force=force,
    )


def _limited(params: Params, held: Params) -> dict[str, Any]:
    p, tokens = params, held["domain_tokens"]
    target = jnp.log(p["C"] * p["gamma"] / (p["B"] * (p["eta"] + p["beta"]))) + p["beta"] * jnp.log(tokens)

    def slope(r: Any) -> Any:
        """Positive where the loss rises in the share."""
        return (p["eta"] + p["beta"] - 1.0) * jnp.log(r) + (p["gamma"] + 1.0) * jnp.log(r + p["eps"]) - target

    def loss(r: Any) -> Any:
        return D_CPT.fn(held["N"], tokens / r, r, **params)

    # Below eta + beta = 1 the slope changes sign twice, so the cell of the least value is found before its root.
    shares = jnp.geomspace(SMALLEST, 1.0, GRID)
    best = jnp.clip(jnp.argmin(jax.vmap(loss)(shares)), 1, GRID - 2)
    inner = root(slope, shares[best - 1], shares[best + 1])
    ratio = jnp.where((slope(1.0) <= 0) & ~(loss(inner) < loss(1.0)), 1.0, inner)
    return dict(ratio=ratio, D=tokens / ratio, loss=loss(ratio))


def best_size_at_ratio(source: Source, *, compute: float, r: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The model size and the tokens with the least loss for a compute budget, at a given share.

    At a fixed share the D-CPT law is Chinchilla with $B r^\eta$ for B, so with $C = 6 N D$
    $N^* = \big(\alpha A / (\beta B r^\eta)\big)^{1 / (\alpha + \beta)} (C / 6)^{\beta / (\alpha + \beta)}$.

    Args:
        source: a source of `d-cpt`.
        compute: compute of continual pre-training [FLOPs].
        r: share of the tokens from the corpus whose loss counts, above 0.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `N` and `D` at the least loss, and that `loss`.
    Raises:
        InputError: a source of another law, or a share that is none.
    References:
        Que et al. 2024, arXiv:2406.01375; Hoffmann et al. 2022, arXiv:2203.15556, equation 4.
    Example:
        >>> import lawjax as lj
        >>> p = dict(E=1.0, A=400.0, alpha=0.34, B=2000.0, eta=1.2, beta=0.45, C=0.1, gamma=0.5, eps=0.1)
        >>> answer = lj.decisions.best_size_at_ratio(p, compute=1e21, r=0.5)
        >>> f"{answer['N']:.3g}"
        '8.65e+10'
    """
    check_positive(compute=compute, r=r)
    return decide(
        source,
        _size_at_ratio,
        question="The best size for a budget at a given share",
        laws=(D_CPT,),
        units=dict(N="parameters", D="tokens", loss="nats/token"),
        held=dict(compute=compute, r=r),
        method="closed form",
        prob=prob,
        force=force,
    )


def _size_at_ratio(params: Params, held: Params) -> dict[str, Any]:
    p, product, r = params, held["compute"] / 6.0, held["r"]
    log_gain = jnp.log(p["alpha"] * p["A"]) - jnp.log(p["beta"] * p["B"]) - p["eta"] * jnp.log(r)
    N = jnp.exp((log_gain + p["beta"] * jnp.log(product)) / (p["alpha"] + p["beta"]))
    return dict(N=N, D=product / N, loss=D_CPT.fn(N, product / N, r, **params))


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


def critical_time(source: Source, domain: Source, *, weight: float, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The tokens after which more training lowers domain loss and weighted general loss together.

    The last root of $a_1 s_1 T^{s_1 - 1} + \lambda (a_2 s_2 T^{s_2 - 1} + a_3 s_3 T^{s_3 - 1}) = 0$. A mixture is
    feasible when that is less than the tokens there are, and critical when it is just that. As the weight grows it
    becomes `turning_time`.

    Args:
        source: a source of `cmr-general-change`, at one mixture.
        domain: a source of `cmr-domain-change`, at the same mixture; its draws go with the general ones one by one.
        weight: the multiplier lambda of the general loss; the paper uses 100 to 7000.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        `T`, tokens; NaN where the weighted loss falls from the start or never turns.
    Raises:
        InputError: a source of another law, or numbers of draws that differ.
    References:
        Gu et al. 2024, arXiv:2407.17467, equation 7.
    Example:
        >>> import lawjax as lj
        >>> general = dict(a2=2e-3, s2=0.2, a3=-2e-6, s3=0.5, b2=0.0)
        >>> domain = dict(a1=-0.01, s1=0.15, b1=0.0)
        >>> f"{lj.decisions.critical_time(general, domain, weight=1000.0)['T']:.3g}"
        '4.69e+08'
    """
    check_positive(weight=weight)
    return decide(
        beside(source, {"domain": domain}, CMR_GENERAL_CHANGE, (CMR_DOMAIN_CHANGE,)),
        _critical_time,
        question="The tokens after which domain and general loss fall together",
        laws=(CMR_GENERAL_CHANGE,),
        units=dict(T="tokens"),
        held=dict(weight=weight),
        method="last root of the derivative of the weighted loss",
        prob=prob,
        force=force,
    )


def _critical_time(params: Params, held: Params) -> dict[str, Any]:
    p, d = own(params), part(params, "domain")

    def slope(T: Any) -> Any:
        """Derivative of the weighted loss in log T."""
        general = p["a2"] * p["s2"] * T ** p["s2"] + p["a3"] * p["s3"] * T ** p["s3"]
        return d["a1"] * d["s1"] * T ** d["s1"] + held["weight"] * general

    turn = _turn(p, held)["T"]
    times = turn * jnp.geomspace(1e-9, 1.0, GRID)
    rising = jnp.where(slope(times) > 0, times, 0.0)
    last = jnp.max(rising)
    return dict(T=jnp.where(last > 0, root(slope, jnp.where(last > 0, last, turn), turn), jnp.nan))


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
