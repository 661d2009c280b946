"""The primitives that laws are made of, as functions of one run.

A law reads as in its paper when it is written with these: `E + A / power(N, alpha)`. Each is smooth, safe in
float64 over the ranges that laws meet, and has finite gradients there.
"""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

# ---------------------------------------------------------------------------------------------------- powers


def power(x: Any, exponent: Any) -> Any:
    r"""$x^{\text{exponent}}$ for positive x.

    Written as $\exp(\text{exponent} \log x)$: XLA vectorises exp and log on a CPU but not its own power, and the
    logarithm of a column of runs is then computed once for all parameters.
    """
    return jnp.exp(exponent * jnp.log(x))


def power_at(x: Any, reference: Any, value: Any, exponent: Any) -> Any:
    r"""A power law through a point: $\text{value} \, (x / \text{reference})^{-\text{exponent}}$."""
    return value * jnp.exp(-exponent * (jnp.log(x) - jnp.log(reference)))


def scaled_power(x: Any, scale: Any, exponent: Any) -> Any:
    r"""A power that grows from its value at x = 1: $\text{scale}\, x^{\text{exponent}}$."""
    return scale * power(x, exponent)


def shifted_power(x: Any, shift: Any, exponent: Any) -> Any:
    r"""$(x + \text{shift})^{-\text{exponent}}$: flat below the shift, a power beyond it."""
    return power(x + shift, -exponent)


def product_of_powers(xs: Sequence[Any], exponents: Sequence[Any]) -> Any:
    r"""$\prod_i x_i^{e_i}$ for positive $x_i$."""
    return jnp.exp(sum(exponent * jnp.log(x) for x, exponent in zip(xs, exponents, strict=True)))


def power_mean(terms: Sequence[Any], exponent: Any) -> Any:
    r"""$\big(\sum_i t_i\big)^{\text{exponent}}$ of positive terms."""
    return power(sum(terms), exponent)


# ------------------------------------------------------------------------------------------ curves in log x


def log_linear(intercept: Any, xs: Sequence[Any], slopes: Sequence[Any]) -> Any:
    r"""$c_0 + \sum_i c_i \log x_i$."""
    return intercept + sum(slope * jnp.log(x) for x, slope in zip(xs, slopes, strict=True))


def log_polynomial(x: Any, coefficients: Sequence[Any]) -> Any:
    r"""$\sum_k c_k (\log x)^k$, lowest power first."""
    log_x, total = jnp.log(x), 0.0
    for coefficient in reversed(coefficients):
        total = total * log_x + coefficient
    return total


def hill(x: Any, location: Any, slope: Any) -> Any:
    r"""$1 / (1 + e^{\text{slope} (\log x - \text{location})})$: from 1 to 0, half-way at $\log x$ = location."""
    return jax.nn.sigmoid(-slope * (jnp.log(x) - location))


def bump(x: Any, centre: Any, width: Any) -> Any:
    r"""$\exp\!\big(-(\log x - \text{centre})^2 / (2\, \text{width}^2)\big)$: a bell of height 1 in log x."""
    return jnp.exp(-0.5 * ((jnp.log(x) - centre) / width) ** 2)


def stretched_exponential(x: Any, rate: Any, exponent: Any) -> Any:
    r"""$\exp(-\text{rate}\, x^{\text{exponent}})$."""
    return jnp.exp(-rate * power(x, exponent))


def saturate(x: Any, floor: Any, ceiling: Any) -> Any:
    r"""$\hat x$ with $1/\hat x = 1/\big(x + (1/\text{floor} - 1/\text{ceiling})^{-1}\big) + 1/\text{ceiling}$.

    It follows x in between, is `floor` at x = 0 and `ceiling` for large x.
    """
    # Without 1 / floor and 1 / x, so that a floor of 0 has a gradient; without floor * ceiling, so that no ceiling may.
    raised = x + floor / (1.0 - floor / ceiling)
    return raised / (1.0 + raised / ceiling)


# ------------------------------------------------------------------------------------------- several parts


def softmin(values: Any, sharpness: Any) -> Any:
    r"""$-\tfrac1k \log\big(\tfrac1n \sum_i e^{-k v_i}\big)$ over the last axis: from mean to least as k grows."""
    values = jnp.asarray(values)
    # Measured from the least: nothing overflows, and for a small k the first order is not lost to rounding. The least
    # itself drops out of the sum, and so out of the gradient.
    least = jax.lax.stop_gradient(jnp.min(values, axis=-1, keepdims=True))
    excess = jnp.mean(jnp.expm1(-sharpness * (values - least)), axis=-1)
    return least[..., 0] - jnp.log1p(excess) / sharpness


def mixture_mean(ratio: Any, values: Any) -> Any:
    r"""$\sum_i r_i v_i$ over a mixture on the simplex."""
    return jnp.dot(jnp.asarray(ratio), jnp.asarray(values))


def mixture_quadratic(ratio: Any, linear: Any, square: Any) -> Any:
    r"""$\sum_i (s_i r_i^2 + l_i r_i)$ over a mixture on the simplex."""
    ratio = jnp.asarray(ratio)
    return jnp.dot(ratio, jnp.asarray(linear)) + jnp.dot(ratio**2, jnp.asarray(square))


def lag_weights(num_lags: int, weight: Any) -> Any:
    r"""Weights of the lags 1 to `num_lags` on the simplex: $w_k \propto \text{weight}(k)$, shape (lag,)."""
    weights = weight(jnp.arange(1.0, num_lags + 1))
    return weights / jnp.sum(weights)


def repeats_worth(repeats: Any, decay: Any) -> Any:
    r"""What `repeats` more passes are worth, in first passes: $d\,(1 - e^{-\text{repeats}/d})$."""
    return -decay * jnp.expm1(-repeats / decay)


def repeat_decay(samples: Any, pool: Any, half_life: Any, max_epochs: int) -> tuple[Any, Any]:
    r"""Samples seen by the end of each epoch over a pool, and what each epoch is worth.

    Args:
        samples: samples seen in all.
        pool: samples of one epoch.
        half_life: epochs after which a pass is worth half.
        max_epochs: most epochs that are told apart.
    Returns:
        $n_j = \min(\text{samples}, (j + 1)\,\text{pool})$ and $2^{-j / \text{half-life}}$ for $j = 0, 1, ...$,
        each of shape (epoch,).
    """
    epoch = jnp.arange(max_epochs)
    return jnp.minimum(samples, (epoch + 1) * pool), jnp.exp2(-epoch / half_life)


# ---------------------------------------------------------------------------------------------------- links


def logistic(z: Any, floor: Any = 0.0, ceiling: Any = 1.0) -> Any:
    r"""A logit back on its scale: $\text{floor} + (\text{ceiling} - \text{floor}) / (1 + e^{-z})$."""
    return floor + (ceiling - floor) * jax.nn.sigmoid(z)


def logit(y: Any, floor: Any = 0.0, ceiling: Any = 1.0) -> Any:
    r"""$\log\big((y - \text{floor}) / (\text{ceiling} - y)\big)$, the inverse of `logistic`."""
    return jnp.log(y - floor) - jnp.log(ceiling - y)
