"""What was chosen, column by column: a number or a name per row, and where the draws' own optima lie."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lawjax.text import number


class Column(NamedTuple):
    """One number that was chosen: an input, or one share of a mixture.

    Attributes:
        name: the input, `w[0]` for a share.
        value: the choice, shape (row,).
        optima: each draw's own optimum, shape (row, draw).
        names: what the values stand for, where they are named choices.
    """

    name: str
    value: np.ndarray
    optima: np.ndarray
    names: Sequence[str]

    def interval(self, prob: float) -> tuple[np.ndarray, np.ndarray]:
        """Central interval of the optimum over draws, two arrays of shape (row,)."""
        return central(self.optima, prob)

    def cells(self, row: int, prob: float) -> list[str]:
        """The choice and its interval, in words; the share of the draws that agree where it is a name."""
        if self.names:
            share = float(np.mean(self.optima[row] == self.value[row]))
            return [self.names[row], f"in {100 * share:.3g} % of the draws"]
        return [number(self.value[row]), span(self.interval(prob), row)]

    def frame(self, prob: float) -> dict[str, Any]:
        """Columns of a table: the choice, and the ends and the middle of its interval."""
        low, high = self.interval(prob)
        chosen = list(self.names) if self.names else self.value
        return {
            self.name: chosen,
            f"{self.name}_low": low,
            f"{self.name}_median": central(self.optima, 0.0)[0],
            f"{self.name}_high": high,
        }


def columns_of(
    inputs: Mapping[str, np.ndarray], optima: Mapping[str, np.ndarray], names: Mapping[str, Sequence[str]]
) -> list[Column]:
    """The columns of all inputs; a mixture has one per share."""
    found = []
    for name, value in inputs.items():
        if value.ndim == 1:
            found.append(Column(name, value, optima[name], names.get(name, ())))
        else:
            found += [Column(f"{name}[{j}]", value[:, j], optima[name][..., j], ()) for j in range(value.shape[1])]
    return found


def central(array: np.ndarray, prob: float) -> tuple[np.ndarray, np.ndarray]:
    """Central interval over axis 1, of the draws that have an answer; NaN where none has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        low, high = np.nanquantile(array, [(1 - prob) / 2, (1 + prob) / 2], axis=1)
    return low, high


def span(edges: tuple[np.ndarray, np.ndarray], row: int) -> str:
    """An interval in words, a dash where it has no width."""
    if edges[0][row] == edges[1][row]:
        return "-"
    low, high = (number(float(edge[row]), 3) for edge in edges)
    return f"{low} to {high}"
