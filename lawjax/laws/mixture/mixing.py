"""Exponential mixing laws: the loss on a domain against the proportions of all domains trained on."""

import functools
from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import ArrayLike, ScalarLike

from lawjax.errors import check_whole
from lawjax.laws.base import Law, Scalar, Variable, positive, real
from lawjax.laws.mixture.continual import SHARE
from lawjax.laws.size.loss import NATS
from lawjax.laws.terms import mixture_mean

Vector = ArrayLike | Sequence[float]


def mixing(ratio: Vector, *, c: ScalarLike, k: ScalarLike, t: Vector) -> Scalar:
    r"""Loss on one domain of a model trained on a mixture of domains.

    $$L(r) = c + k \exp\Big(\sum_j t_j r_j\Big)$$

    The proportions sum to 1, so k and a shift of all t cannot be told apart: only log k + t_j is determined. Hold k
    when fitting, as in `fixed={"k": 1.0}`, and compare log k + t_j.

    Args:
        ratio: proportions of the domains in the training tokens, summing to 1, shape (domain,).
        c: the part that no mixture changes [nats/token].
        k: scale of the part that it does [nats/token].
        t: what each domain does to this loss, shape (domain,); below the others where it helps most.
    Returns:
        Validation cross-entropy on the domain [nats/token].
    References:
        Ye et al. 2025, arXiv:2403.16952, the law for many domains.
    """
    return jnp.exp(mixture_mean(ratio, t)) * k + c


def mixing_share(r: ScalarLike, *, c: ScalarLike, k: ScalarLike, t: ScalarLike) -> Scalar:
    r"""Loss on one of two domains against its own share of the training tokens.

    $$L(r) = c + k\, e^{t r}$$

    It is `mixing` of two domains where the other one's t is 0.

    Args:
        r: share of the training tokens from this domain, 0 to 1.
        c: the part that no mixture changes [nats/token].
        k: the part that goes away, at a share of 0 [nats/token].
        t: logarithmic slope of that part in the share; below 0 where the domain's own data help.
    Returns:
        Validation cross-entropy on the domain [nats/token].
    References:
        Ye et al. 2025, arXiv:2403.16952, the law for two domains.
    """
    return jnp.exp(jnp.multiply(t, r)) * k + c


MIXING_SHARE = Law(
    fn=mixing_share,
    response="loss",
    inputs=dict(r=SHARE),
    unit=NATS,
    params=dict(c=positive(0.2, 4.0), k=positive(0.05, 2.0), t=real(-5.0, 0.0)),
    linear=("c", "k"),
    reference="ye2025",
)


@functools.cache
def mixing_law(num_domains: int) -> Law:
    """The exponential mixing law of `num_domains` domains, as a law of their proportions.

    Args:
        num_domains: how many domains are mixed, 2 or more.
    Returns:
        The same `Law` for the same number each time, so that it compiles once.
    Raises:
        InputError: num_domains is not a whole number above 1.
    References:
        Ye et al. 2025, arXiv:2403.16952, the law for many domains.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.mixing_law(3)
        <Law mixing-3: loss(ratio; c, k, t)>
    """
    check_whole("num_domains", num_domains, 2)
    return Law(
        fn=mixing,
        name=f"mixing-{num_domains}",
        response="loss",
        inputs=dict(ratio=Variable(unit="share of the training tokens", kind="simplex", size=num_domains)),
        unit=NATS,
        params=dict(c=positive(0.5, 4.0), k=positive(0.2, 3.0), t=real(-4.0, 1.0, size=num_domains)),
        linear=("c", "k"),
        reference="ye2025",
    )
