"""The primitives that laws are made of."""

from typing import Any

import jax.numpy as jnp


def power(x: Any, exponent: Any) -> Any:
    r"""$x^{\text{exponent}}$ for positive x.

    Written as $\exp(\text{exponent} \log x)$: XLA vectorises exp and log on a CPU but not its own power, and the
    logarithm of a column of runs is then computed once for all parameters.
    """
    return jnp.exp(exponent * jnp.log(x))


def power_mean(terms: Any, exponent: Any) -> Any:
    r"""$\big(\sum_i t_i\big)^{\text{exponent}}$ of positive terms."""
    return power(sum(terms), exponent)
