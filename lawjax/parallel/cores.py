"""Work shared among the cores of a CPU: how many there are, and batches of one size computed on all of them."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import jax
import numpy as np


def num_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_batches(run: Callable[[np.ndarray], Any], num: int, size: int) -> Any:
    """What `run(index)` gives for the numbers from 0 to `num`, in batches of one size, so that one program serves all.

    Args:
        run: takes numbers, shape (size,), the last batch filled up by repeating; gives arrays that lead with that axis.
        num: how many numbers, 1 or more.
        size: how many of them together.
    Returns:
        The arrays on the host, each leading with an axis of `num`.
    Example:
        >>> in_batches(lambda index: index**2, 5, 2).tolist()
        [0, 1, 4, 9, 16]
    """
    wide = bool(getattr(jax.config, "jax_enable_x64"))  # noqa: B009  A setting of the thread: each sets its own.

    def batch(begin: int) -> Any:
        index = np.minimum(np.arange(begin, begin + size), num - 1)
        with jax.enable_x64(wide):
            return jax.tree.map(lambda array: np.asarray(array)[: num - begin], run(index))

    begins = range(0, num, size)
    if len(begins) == 1:
        return batch(0)
    with ThreadPoolExecutor(num_cores()) as pool:
        return jax.tree.map(lambda *arrays: np.concatenate(arrays), *pool.map(batch, begins))
