"""Continual pre-training by the D-CPT law: the best share of domain data, and the best size at a share."""

from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import check_positive, not_negative
from lawjax.decisions.joining import beside, own, part
from lawjax.decisions.mixture.mixing import SHARE
from lawjax.decisions.solving.least import GRID
from lawjax.decisions.solving.shares import best_below
from lawjax.laws.base import Params
from lawjax.laws.mixture.continual import D_CPT
from lawjax.laws.roots import root

SMALLEST = 1e-6
"""Least share of domain data that is looked at: one near 0 would train without end on data that never run out."""


def best_ratio_under_cap(
    domain: Source,
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

    Neither loss need be monotone in its share: more domain data also mean more tokens to learn from, so the domain
    loss may turn up again, and the general loss may pass the cap at both ends. All shares are looked at, and the best
    lies where the domain loss turns, where the tolerance is used up, or at one of the ends.

    Args:
        domain: a source of `d-cpt`, of the domain loss against the share of domain data.
        general: a source of `d-cpt`, of the general loss against the share of general data; its draws go with the
            domain's one by one.
        N: model parameters [count].
        D: tokens of continual pre-training [tokens].
        general_loss: general loss before it [nats/token].
        tolerance: by how much of itself that loss may rise, 0 or more, as 0.03.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        `ratio`, the share of domain data; `domain_loss` and `general_loss` there. NaN where no share spares the
        general loss.
    Raises:
        InputError: a source of another law, a held value that cannot be, or numbers of draws that differ.
    References:
        Que et al. 2024, arXiv:2406.01375, usage 1.
    Example:
        >>> import lawjax as lj
        >>> p = dict(E=1.0, A=400.0, alpha=0.34, B=2000.0, eta=1.2, beta=0.45, C=0.1, gamma=0.5, eps=0.1)
        >>> answer = lj.decisions.best_ratio_under_cap(p, p, N=1.8e9, D=1e10, general_loss=1.45, tolerance=0.03)
        >>> round(answer["ratio"], 3), round(answer["domain_loss"], 5)
        (0.695, 1.4383)
    """
    check_positive(general_loss=general_loss)
    return decide(
        beside(domain, {"general": general}, D_CPT),
        _under_cap,
        question="The best share of domain data that spares the general loss",
        laws=(D_CPT,),
        units=dict(ratio=SHARE, domain_loss="nats/token", general_loss="nats/token"),
        held=dict(N=N, D=D, general_loss=general_loss, tolerance=not_negative("tolerance", tolerance)),
        method="the least over all shares under the cap",
        prob=prob,
        force=force,
    )


def _under_cap(params: Params, held: Params) -> dict[str, Any]:
    cap = (1.0 + held["tolerance"]) * held["general_loss"]

    def domain(ratio: Any) -> Any:
        return D_CPT.fn(held["N"], held["D"], ratio, **own(params))

    def general(ratio: Any) -> Any:
        return D_CPT.fn(held["N"], held["D"], 1.0 - ratio, **part(params, "general"))

    ratio = best_below(domain, lambda r: general(r) - cap)
    return dict(ratio=ratio, domain_loss=domain(ratio), general_loss=general(ratio))


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
        compute: compute of continual pre-training [FLOP].
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
