"""Repeated sampling: the share of problems solved at least once in k attempts, and its unbiased estimates."""

from typing import Any

import jax.numpy as jnp
from jax.scipy.special import gammaln
from jaxtyping import ScalarLike

from lawjax.errors import check_whole
from lawjax.laws.base import Law, Scalar, Variable, positive

STIRLING_FROM = 16.0
"""From here on five terms of Stirling's series are exact in double precision."""


def coverage(k: ScalarLike, *, a: ScalarLike, b: ScalarLike) -> Scalar:
    r"""Share of problems solved at least once in k independent attempts.

    A form of our own for these data, and a standard one: a problem is solved with probability p in one attempt,
    and p is Beta(a, b) over the problems, because equal problems would make many attempts worth far more than
    they are.

    $$\text{cov}(k) = 1 - \frac{B(a, b + k)}{B(a, b)}$$

    One attempt solves a / (a + b). The slow rise is a power: $1 - \text{cov} \propto k^{-a}$ for large k.

    Args:
        k: attempts per problem [count].
        a, b: parameters of the distribution over problems; a small a is many hopeless problems.
    Returns:
        Expected share of problems solved at least once.
    References:
        Shypula et al. 2023, arXiv:2302.07867 (best of k samples); Zeng et al. 2025, arXiv:2506.19290 (best of 8).
    """
    return -jnp.expm1(log_unsolved(k, a, b))


def log_unsolved(k: Any, a: Any, b: Any) -> Any:
    r"""$\log\big(B(a, b + k) / B(a, b)\big)$: log of the share of problems that k attempts leave unsolved."""
    return log_gamma_ratio(b, a) - log_gamma_ratio(jnp.add(b, k), a)


def log_gamma_ratio(x: Any, a: Any) -> Any:
    r"""$\log\big(\Gamma(x + a) / \Gamma(x)\big)$ for x and a above zero, without the cancelling of large logarithms.

    JAX's `betaln` has the same aim, but from 8 on only the digits of single precision.
    """
    large = jnp.greater(x, STIRLING_FROM)
    small, big = jnp.where(large, 1.0, x), jnp.where(large, x, STIRLING_FROM)
    by_series = a * jnp.log(big) + (big + a - 0.5) * jnp.log1p(a / big) - a + _tail(big + a) - _tail(big)
    return jnp.where(large, by_series, gammaln(small + a) - gammaln(small))


def _tail(x: Any) -> Any:
    """What Stirling's series adds to (x - 1/2) log x - x + log(2 pi) / 2."""
    y = 1.0 / x**2
    return (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x


def pass_at_k(num_samples: int, num_correct: ScalarLike, k: int) -> Scalar:
    r"""Unbiased estimate of the chance that k samples of a problem hold a correct one, from more samples of it.

    $$1 - \binom{n - c}{k} \Big/ \binom{n}{k}$$

    Average it over problems; the plain $1 - (1 - c / n)^k$ is too low.

    Args:
        num_samples: n, samples drawn of the problem [count].
        num_correct: c, how many of them are correct [count].
        k: samples of which one must be correct [count], at most n.
    Returns:
        The estimate, from 0 to 1.
    Raises:
        InputError: k is not from 1 to the number of samples.
    References:
        Chen et al. 2021, arXiv:2107.03374, equation 1.
    Example:
        >>> round(float(pass_at_k(10, 3, 2)), 4)
        0.5333
    """
    check_whole("k", k, 1, num_samples)
    return 1.0 - _all_among(num_samples - jnp.asarray(num_correct, float), num_samples, k)


def best_at_k(values: Any, k: int) -> Scalar:
    r"""Unbiased estimate of the expected best of k samples, from more samples of the same problem.

    $$\sum_{i=k}^{n} x_{(i)} \binom{i-1}{k-1} \Big/ \binom{n}{k}, \qquad x_{(1)} \le \dots \le x_{(n)}$$

    Args:
        values: what each sample is worth, shape (sample,): a speed-up, a score. A sample that fails is worth what
            the user falls back on, a speed-up of 1.
        k: how many samples the best is taken of, at most as many as there are.
    Returns:
        The estimate, in the unit of the values.
    Raises:
        InputError: k is not from 1 to the number of samples.
    References:
        Shypula et al. 2023, arXiv:2302.07867 (best@k); the weights are those of order statistics.
    Example:
        >>> round(float(best_at_k([1.0, 2.0, 4.0], 2)), 4)
        3.3333
    """
    ordered = jnp.sort(jnp.asarray(values, float))
    check_whole("k", k, 1, len(ordered))
    at_most = _all_among(jnp.arange(len(ordered) + 1.0), len(ordered), k)
    return jnp.dot(jnp.diff(at_most), ordered)


def _all_among(chosen: Any, num: int, k: int) -> Any:
    """Chance that k of `num` things, drawn without replacement, all lie among `chosen` of them."""
    drawn = jnp.arange(float(k))
    left = jnp.maximum(jnp.asarray(chosen)[..., None] - drawn.reshape((1,) * jnp.ndim(chosen) + (-1,)), 0.0)
    return jnp.prod(left / (num - drawn).reshape((1,) * jnp.ndim(chosen) + (-1,)), axis=-1)


COVERAGE = Law(
    fn=coverage,
    response="coverage",
    inputs=dict(k=Variable(unit="attempts per problem", kind="number", usual=(1.0, 256.0))),
    rises=("k",),
    unit="share of problems",
    support="unit",
    params=dict(a=positive(0.1, 3.0), b=positive(0.1, 10.0)),
    reference="shypula2023",
)
