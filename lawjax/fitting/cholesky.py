"""Small positive definite systems, thousands at a time."""

from typing import Any

import jax.numpy as jnp

MAX_UNROLLED = 12


def solve_positive(matrix: Any, right: Any) -> Any:
    """Solve a small positive definite system by an unrolled Cholesky factorisation.

    Under `vmap` each entry is one array over the lanes, so thousands of systems cost a few fused loops; a
    library call would factorise them one at a time.
    """
    size = right.shape[0]
    if size > MAX_UNROLLED:
        return jnp.linalg.solve(matrix, right)
    lower: dict[tuple[int, int], Any] = {}
    for column in range(size):
        for row in range(column, size):
            rest = matrix[row, column] - sum(lower[row, k] * lower[column, k] for k in range(column))
            lower[row, column] = jnp.sqrt(rest) if row == column else rest / lower[column, column]
    forward: list[Any] = []
    for row in range(size):
        rest = right[row] - sum(lower[row, k] * forward[k] for k in range(row))
        forward.append(rest / lower[row, row])
    answer: list[Any] = [None] * size
    for row in reversed(range(size)):
        rest = forward[row] - sum(lower[k, row] * answer[k] for k in range(row + 1, size))
        answer[row] = rest / lower[row, row]
    return jnp.stack(answer)
