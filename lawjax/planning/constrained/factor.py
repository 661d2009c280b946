"""Small symmetric systems that may have directions of negative curvature, thousands at a time.

An unrolled L D L^T factorisation: under `vmap` each entry is one array over the lanes. A pivot is taken by its absolute
value and not below a floor, so that a Newton step made with it goes downhill wherever the matrix is not positive.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp


class Factor(NamedTuple):
    """L, below its diagonal of ones, by (row, column), and the pivots."""

    lower: dict[tuple[int, int], Any]
    pivots: list[Any]


def factored(matrix: Any, floor: Any) -> Factor:
    """The factorisation of a symmetric matrix, shape (size, size).

    Args:
        matrix: its lower half is read.
        floor: least pivot.
    """
    size = matrix.shape[0]
    lower: dict[tuple[int, int], Any] = {}
    pivots: list[Any] = []
    for column in range(size):
        scaled = [lower[column, k] * pivots[k] for k in range(column)]
        pivot = matrix[column, column] - sum(lower[column, k] * scaled[k] for k in range(column))
        pivots.append(jnp.maximum(jnp.abs(pivot), floor))
        for row in range(column + 1, size):
            rest = matrix[row, column] - sum(lower[row, k] * scaled[k] for k in range(column))
            lower[row, column] = rest / pivots[column]
    return Factor(lower, pivots)


def solved(factor: Factor, right: Any) -> Any:
    """The solution for a right-hand side, shape (size,)."""
    lower, pivots = factor
    size = len(pivots)
    forward: list[Any] = []
    for row in range(size):
        forward.append(right[row] - sum(lower[row, k] * forward[k] for k in range(row)))
    answer: list[Any] = [None] * size
    for row in reversed(range(size)):
        answer[row] = forward[row] / pivots[row] - sum(lower[k, row] * answer[k] for k in range(row + 1, size))
    return jnp.stack(answer)
