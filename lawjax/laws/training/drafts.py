"""Speculative decoding: how many draft tokens are accepted, and how much faster that makes a model."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Params, Scalar, Variable, namespace, positive, real, unit_interval
from lawjax.laws.size.loss import SIZE, TOKENS
from lawjax.laws.terms import log_linear

BATCH = Variable(unit="sequences", kind="count", usual=(1.0, 256.0))
LENGTH = Variable(unit="tokens", kind="number", usual=(1.0, 16.0))


def draft_acceptance(
    D: ScalarLike, N: ScalarLike, B: ScalarLike, *, c0: ScalarLike, c1: ScalarLike, c2: ScalarLike, c3: ScalarLike
) -> Scalar:
    r"""A form of our own: mean number of draft tokens accepted at a time, log-linear in what goes into the draft model.

    $$a(D, N, B) = c_0 + c_1 \log D + c_2 \log N + c_3 \log B$$

    The paper states a log-linear law for each input; their sum is the joint form that is log-linear in all. It is a
    mean length, not a probability, and has no ceiling of its own: read it up to the draft length.

    Args:
        D: tokens on which the draft model was pre-trained [tokens].
        N: parameters of the draft model [count].
        B: sequences decoded at once [count].
        c0: accepted tokens at D = N = B = 1.
        c1, c2, c3: accepted tokens per e-fold of D, N and B.
    Returns:
        Mean accepted length [tokens].
    References:
        Yan et al. 2025, arXiv:2505.07858, theorems 1.1 to 1.3 (one law for each input; the joint form is ours).
    """
    return log_linear(c0, (D, N, B), (c1, c2, c3))


def tokens_per_verification(g: ScalarLike, *, p: ScalarLike) -> Scalar:
    r"""Mean tokens gained by one pass of the target model that verifies g draft tokens.

    $$T(g) = 1 + p + \dots + p^g = \frac{1 - p^{g+1}}{1 - p}$$

    Args:
        g: draft length [tokens].
        p: probability that a draft token is accepted, alike and independent for all.
    Returns:
        Tokens per verification, 1 to g + 1.
    References:
        Leviathan et al. 2023, arXiv:2211.17192.
    """
    sure = jnp.equal(p, 1.0)
    below = jnp.where(sure, 0.5, p)
    # At p = 1 the ratio is 0 / 0: there the sum is g + 1, with the slope 1 + 2 + ... + g.
    limit = g + 1.0 + 0.5 * g * (g + 1.0) * jnp.subtract(p, 1.0)
    return jnp.where(sure, limit, jnp.expm1((g + 1.0) * jnp.log(below)) / (below - 1.0))


def speculative_speedup(g: ScalarLike, *, p: ScalarLike, c: ScalarLike) -> Scalar:
    r"""How many times faster a model decodes with g draft tokens per verification.

    $$S(g) = \frac{T(g)}{g c + 1}, \qquad T(g) = \frac{1 - p^{g+1}}{1 - p}$$

    Args:
        g: draft length [tokens].
        p: probability that a draft token is accepted.
        c: time of a pass of the draft model over that of the target model.
    Returns:
        Speed relative to decoding without a draft.
    References:
        Leviathan et al. 2023, arXiv:2211.17192.
    """
    return tokens_per_verification(g, p=p) / (g * c + 1.0)


def _recentre_acceptance(params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    """The same log-linear law when each input is divided by its factor: only the intercept moves."""
    slopes = {"D": params["c1"], "N": params["c2"], "B": params["c3"]}
    moved = sum(slopes[name] * namespace(factor).log(factor) for name, factor in factors.items())
    return {**params, "c0": params["c0"] + moved}


DRAFT_ACCEPTANCE = Law(
    fn=draft_acceptance,
    response="accepted",
    inputs=dict(D=TOKENS, N=SIZE, B=BATCH),
    unit="tokens",
    support="real",
    rises=("D", "N"),
    params=dict(
        c0=real(-10.0, 5.0, centred=(0.0, 6.0)),
        c1=positive(0.02, 1.0),
        c2=positive(0.02, 1.0),
        c3=real(-0.5, 0.1),
    ),
    linear=("c0", "c1", "c2", "c3"),
    recentre=_recentre_acceptance,
    reference="yan2025",
)
TOKENS_PER_VERIFICATION = Law(
    fn=tokens_per_verification,
    response="tokens",
    inputs=dict(g=LENGTH),
    unit="tokens per verification",
    rises=("g",),
    params=dict(p=unit_interval(0.2, 0.98)),
    reference="leviathan2023",
)
SPECULATIVE_SPEEDUP = Law(
    fn=speculative_speedup,
    response="speedup",
    inputs=dict(g=LENGTH),
    unit="times",
    params=dict(p=unit_interval(0.2, 0.98), c=positive(0.005, 0.5)),
    reference="leviathan2023",
)
