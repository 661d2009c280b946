"""Whole numbers out of real ones."""

from typing import Any

import jax.numpy as jnp

ROUNDING = 1e-9
"""How far above a whole number, relative to it, still counts as that number."""


def next_whole(value: Any) -> Any:
    """The least whole number that is no smaller, up to rounding: a number that was worked back stays what it was."""
    return jnp.ceil(value * (1.0 - ROUNDING))
