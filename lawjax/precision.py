"""Where float64 begins and ends, and how a caller's key becomes a JAX key.

Fits and posteriors compute in float64 inside lawjax's own entry points; the user's global JAX
configuration is never changed.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError

Result = TypeVar("Result")


def in_float64(function: Callable[..., Result]) -> Callable[..., Result]:
    """The function, run with 64-bit types enabled for its duration only."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Result:
        with jax.enable_x64(True):
            return function(*args, **kwargs)

    return run


def as_key(key: Any) -> jax.Array:
    """A JAX key from an int or a key.

    Raises:
        InputError: not a whole number in 0 <= key < 2**63, nor a JAX key.
    """
    if isinstance(key, jax.Array) and jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        return key
    if isinstance(key, int | np.integer) and not isinstance(key, bool) and 0 <= int(key) < 2**63:
        return jax.random.key(int(key))
    raise InputError(f"`key` must be a whole number from 0 to 2**63 - 1 or a JAX key, got {key!r}.")


def seed_of(key: Any) -> np.ndarray:
    """The words of an int or a JAX key, to seed a `numpy.random.Generator`; the same for `k` and `jax.random.key(k)`.

    Raises:
        InputError: as `as_key`.
    """
    if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < 2**63:
        # As JAX's default generator does, without compiling anything.
        return np.array([key >> 32, key & 0xFFFFFFFF], dtype=np.uint32)
    return np.asarray(jax.random.key_data(as_key(key))).ravel()


def to_numpy(tree: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """A dict of arrays on the host, float64."""
    return {name: np.asarray(value, dtype=np.float64) for name, value in tree.items()}
