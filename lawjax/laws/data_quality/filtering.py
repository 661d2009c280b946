"""Data filtering: error after several passes over a pool of a certain quality, and over several pools mixed."""

import functools
import inspect
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import ScalarLike

from lawjax.errors import check_whole, choose
from lawjax.laws.base import Law, Param, Scalar, Variable, positive
from lawjax.laws.terms import power, repeat_decay

SEEN = Variable(unit="samples seen", kind="count", usual=(1e7, 1e9))
EPOCHS = Variable(unit="passes over the pool", kind="number", usual=(1.0, 64.0))
MAX_EPOCHS = 128
"""Passes that are told apart; the error of more is NaN."""
Parts = tuple[Any, Any]
"""Logarithms of the error after the first epoch and of what the later ones multiply it with."""


def effective_utility(
    samples: ScalarLike, epochs: ScalarLike, *, a: ScalarLike, b: ScalarLike, tau: ScalarLike, d: ScalarLike
) -> Scalar:
    r"""Error after seeing samples of a pool whose utility halves every tau epochs.

    $$y = (a\, n_1)^{b} \prod_{j \ge 1} \Big(\frac{n_{j+1}}{n_j}\Big)^{b\, 2^{-j / \tau}} + d$$

    Here n_j is what has been seen by the end of epoch j. The authors' code adds d before it multiplies:
    see `effective_utility_code`.

    Args:
        samples: samples seen, repeats counted [count].
        epochs: passes over the pool, samples over the size of the pool; at most 128.
        a: scale [1 / samples], shared by pools of different quality.
        b: utility of the pool, below 0; the better the lower.
        tau: epochs after which a pass is worth half.
        d: irreducible error.
    Returns:
        Error rate.
    References:
        Goyal et al. 2024, arXiv:2404.07177; the code of locuslab/scaling_laws_data_filtering.
    """
    return _additive(_utility(samples, epochs, a, jnp.asarray(b)[None], jnp.asarray(tau)[None]), d)


def effective_utility_code(
    samples: ScalarLike, epochs: ScalarLike, *, a: ScalarLike, b: ScalarLike, tau: ScalarLike, d: ScalarLike
) -> Scalar:
    r"""Effective utility as the authors' code has it: later epochs shrink the irreducible error too.

    $$y = \big((a\, n_1)^{b} + d\big) \prod_{j \ge 1} \Big(\frac{n_{j+1}}{n_j}\Big)^{b\, 2^{-j / \tau}}$$

    It reproduces the published coefficients' own errors; use `effective_utility` for anything else.

    Args:
        samples, epochs, a, b, tau: as in `effective_utility`.
        d: error that one endless epoch would leave.
    Returns:
        Error rate.
    References:
        locuslab/scaling_laws_data_filtering, objective.py.
    """
    return _inside(_utility(samples, epochs, a, jnp.asarray(b)[None], jnp.asarray(tau)[None]), d)


def effective_data(
    samples: ScalarLike, epochs: ScalarLike, *, a: ScalarLike, b: ScalarLike, tau: ScalarLike, d: ScalarLike
) -> Scalar:
    r"""Error after seeing samples of a pool whose repeats count as ever fewer samples.

    $$y = (a\, n_\text{eff})^{b} + d, \quad n_\text{eff} = \sum_j (n_{j+1} - n_j)\, 2^{-j / \tau}$$

    Args:
        samples: samples seen, repeats counted [count].
        epochs: passes over the pool, samples over the size of the pool.
        a, b, tau, d: as in `effective_utility`.
    Returns:
        Error rate.
    References:
        Goyal et al. 2024, arXiv:2404.07177; the code of locuslab/scaling_laws_data_filtering.
    """
    return power(a * samples / epochs * _worth_of(epochs, tau), b) + d


def _passes(samples: Any, epochs: Any, tau: Any) -> tuple[Any, Any]:
    """Samples seen by the end of each epoch, shape (epoch,), and each epoch's worth, shape (pool, epoch)."""
    samples = jnp.where(epochs <= MAX_EPOCHS, samples, jnp.nan)
    one = lambda half_life: repeat_decay(samples, samples / epochs, half_life, MAX_EPOCHS)
    return jax.vmap(one, out_axes=(None, 0))(tau)


def _utility(samples: Any, epochs: Any, a: Any, b: Any, tau: Any) -> Parts:
    seen, worth = _passes(samples, epochs, tau)
    exponent = jnp.mean(b[:, None] * worth, axis=0)
    return exponent[0] * jnp.log(a * seen[0]), jnp.dot(exponent[1:], jnp.diff(jnp.log(seen)))


def _data(samples: Any, epochs: Any, a: Any, b: Any, tau: Any) -> Parts:
    _, worth = _passes(samples, epochs, tau)
    exponent = jnp.sum(b[:, None] * worth, axis=0) / jnp.sum(worth, axis=0)
    once = jnp.exp2(-1.0 / tau)[:, None]
    complete = jnp.mean((1.0 - worth * once) / (1.0 - once), axis=0)
    log_passes = jnp.minimum(jnp.log(complete), jnp.log(jnp.mean(_worth_of(epochs, tau))))
    first = exponent[0] * (jnp.log(a * samples / epochs) + log_passes[0])
    return first, jnp.dot(exponent[1:], jnp.diff(log_passes))


def _worth_of(passes: Any, tau: Any) -> Any:
    """What passes over a pool are worth, in first passes: the whole ones as a geometric sum, and a part of the next."""
    whole, rate = jnp.floor(passes), math.log(2.0) / tau
    return jnp.expm1(-whole * rate) / jnp.expm1(-rate) + (passes - whole) * jnp.exp(-whole * rate)


def _additive(parts: Parts, d: Any) -> Any:
    first, later = parts
    return jnp.exp(first + later) + d


def _inside(parts: Parts, d: Any) -> Any:
    first, later = parts
    return (jnp.exp(first) + d) * jnp.exp(later)


def _params(size: int | None = None) -> dict[str, Param]:
    return dict(
        a=positive(1e-8, 1e-6, dims={"samples": -1.0}),
        b=Param(-0.3, -0.03, edges=(-float("inf"), 0.0), size=size),
        tau=positive(1.0, 10.0, size=size),
        d=positive(0.01, 0.3),
    )


def _record(fn: Callable[..., Any], rises: tuple[str, ...], size: int | None = None) -> Law:
    return Law(
        fn=fn,
        response="error",
        inputs=dict(samples=SEEN, epochs=EPOCHS),
        falls=("samples",),
        rises=rises,
        params=_params(size),
        linear=("d",),
        reference="goyal2024",
    )


EFFECTIVE_UTILITY = _record(effective_utility, rises=("epochs",))
EFFECTIVE_UTILITY_CODE = _record(effective_utility_code, rises=())
EFFECTIVE_DATA = _record(effective_data, rises=("epochs",))

FORMS: dict[str, tuple[Callable[..., Parts], Callable[[Parts, Any], Any]]] = {
    "utility": (_utility, _additive),
    "utility-code": (_utility, _inside),
    "data": (_data, _additive),
}


def pooled_error(form: str, samples: Any, epochs: Any, *, a: Any, b: Any, tau: Any, d: Any) -> Any:
    """Error after training on equal pools mixed; `b` and `tau` of each pool alone, shape (pool,).

    A pool is met less often within a larger mixture, so its half-life grows with the number of pools.
    """
    parts, close = FORMS[form]
    return close(parts(samples, epochs, a, b, b.shape[0] * tau), d)


@functools.cache
def filtered_pools(form: str, num_pools: int) -> Law:
    r"""Error after training on several pools of equal size mixed, from the coefficients of each pool alone.

    $$y = (a\, n_1)^{\bar b_0} \prod_{j \ge 1} \Big(\frac{n_{j+1}}{n_j}\Big)^{\bar b_j} + d, \quad
    \bar b_j = \frac1p \sum_i b_i\, 2^{-j / (p \tau_i)}$$

    That is the form "utility"; "data" weighs each b_i by its pool's worth and counts effective samples; "utility-code"
    multiplies d as well, as `effective_utility_code` does. No pools are ever trained jointly to fit it: b and tau are
    each pool's own. Inputs are samples seen and passes over the union of the pools.

    Args:
        form: "utility", "data" or "utility-code".
        num_pools: how many pools p, best first.
    Returns:
        The same `Law` for the same form and number each time, so that it compiles once.
    Raises:
        InputError: an unknown form, or num_pools is not a whole number above 0.
    References:
        Goyal et al. 2024, arXiv:2404.07177; the code of locuslab/scaling_laws_data_filtering.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.filtered_pools("utility", 4)
        <Law filtered-pools-utility-4: error(samples, epochs; a, b, tau, d)>
    """
    choose("form of pooling", form, FORMS)
    check_whole("num_pools", num_pools, 1)

    def fn(samples: ScalarLike, epochs: ScalarLike, *, a: Any, b: Any, tau: Any, d: Any) -> Scalar:
        return pooled_error(form, samples, epochs, a=a, b=jnp.asarray(b), tau=jnp.asarray(tau), d=d)

    fn.__name__ = f"filtered_pools_{form.replace('-', '_')}_{num_pools}"
    fn.__doc__ = inspect.getdoc(filtered_pools)
    return _record(fn, () if form == "utility-code" else ("epochs",), num_pools)
