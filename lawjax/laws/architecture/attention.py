"""Attention against context length: how long it takes, and how far back it still finds what it is asked for.

Forms of our own: the papers on turning quadratic attention into linear measure both and fit neither.
"""

import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.laws.base import Law, Scalar, Variable, positive
from lawjax.laws.terms import hill, power

CONTEXT = Variable(unit="tokens", kind="count", usual=(256.0, 65536.0))


def quadratic_attention(n: ScalarLike, *, c0: ScalarLike, c1: ScalarLike, c2: ScalarLike) -> Scalar:
    r"""A form of our own: time to read n tokens with attention between all pairs of them.

    $$t(n) = c_0 + c_1 n + c_2 n^2$$

    Args:
        n: tokens of context [tokens].
        c0: time of starting [ms].
        c1: time per token: projections and feed-forward layers [ms/token].
        c2: time per pair of tokens: attention [ms/token^2].
    Returns:
        Time to read the context [ms].
    References:
        Liu et al. 2025, arXiv:2509.18467; Brown et al. 2023, arXiv:2311.13657 (measured times; the form is ours).
    """
    return c0 + c1 * n + c2 * power(n, 2.0)


def linear_attention(n: ScalarLike, *, e0: ScalarLike, e1: ScalarLike) -> Scalar:
    r"""A form of our own: time to read n tokens with attention whose cost per token is constant.

    $$t(n) = e_0 + e_1 n$$

    Args:
        n: tokens of context [tokens].
        e0: time of starting [ms].
        e1: time per token [ms/token].
    Returns:
        Time to read the context [ms].
    References:
        Liu et al. 2025, arXiv:2509.18467; Brown et al. 2023, arXiv:2311.13657 (measured times; the form is ours).
    """
    return quadratic_attention(n, c0=e0, c1=e1, c2=0.0)


def retrieval_accuracy(n: ScalarLike, *, n_50: ScalarLike, width: ScalarLike) -> Scalar:
    r"""A form of our own: share of hidden facts that a model finds again in a context of n tokens.

    $$a(n) = \frac{1}{1 + (n / n_{50})^{1/w}}$$

    Args:
        n: tokens of context [tokens].
        n_50: context at which half of the facts are found [tokens].
        width: w, how many e-folds of context the fall takes; small is a cliff.
    Returns:
        Accuracy, 0 to 1.
    References:
        Liu et al. 2025, arXiv:2509.18467 (over 90 % of passkeys found up to 22 000 tokens; the form is ours).
    """
    return hill(n, jnp.log(n_50), 1.0 / width)


QUADRATIC_ATTENTION = Law(
    fn=quadratic_attention,
    response="time",
    inputs=dict(n=CONTEXT),
    unit="ms",
    rises=("n",),
    params=dict(
        c0=positive(0.5, 100.0),
        c1=positive(1e-4, 0.1, dims={"n": -1.0}),
        c2=positive(1e-8, 1e-5, dims={"n": -2.0}),
    ),
    linear=("c0", "c1", "c2"),
    reference="liu2025lawcat",
)
LINEAR_ATTENTION = Law(
    fn=linear_attention,
    response="time",
    inputs=dict(n=CONTEXT),
    unit="ms",
    rises=("n",),
    params=dict(e0=positive(0.5, 100.0), e1=positive(1e-4, 0.1, dims={"n": -1.0})),
    linear=("e0", "e1"),
    reference="liu2025lawcat",
)
RETRIEVAL_ACCURACY = Law(
    fn=retrieval_accuracy,
    response="accuracy",
    inputs=dict(n=CONTEXT),
    unit="share of facts",
    support="unit",
    falls=("n",),
    params=dict(
        n_50=positive(1e3, 1e5, dims={"n": 1.0}, centred=(0.05, 20.0)),
        width=positive(0.1, 2.0),
    ),
    reference="liu2025lawcat",
)
