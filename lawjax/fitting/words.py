"""Near-flat directions of a fit in words: which parameters stand in for which, and by how much."""

import math
from collections.abc import Sequence

import numpy as np

from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws.base import Param
from lawjax.text import number

STEP = 0.1
"""How far the parameter that moves most is raised: by 10 %, or by 0.1 where a value need not be positive."""
SHARE = 0.02
"""Parts of a direction below this share of its largest one go unsaid."""
MOST = 4
"""Parameters that a sentence names."""


def tradeoff_words(
    labels: Sequence[str], params: Sequence[Param], values: Sequence[float], direction: Sequence[float]
) -> str:
    r"""A direction in which parameters can move together almost freely, as a clause without a full stop.

    The parameter that moves most is raised; what the others do meanwhile is read off the direction on the line,
    $p_i(t) = g_i\big(g_i^{-1}(p_i) + t \, d_i\big)$, with $g_i$ the exponential for a positive parameter, the
    identity for one on the whole line and a logistic curve for one between two edges. The change of a positive
    parameter is a ratio and is given in percent; that of any other is a difference.

    Args:
        labels: names, as `alpha` or `share[2]`, shape (free,).
        params: the record of each, whose edges say which line it lives on, shape (free,).
        values: where the fit stands, in the units in which the words are read, shape (free,).
        direction: the direction on the line in the same units, of any length and either sign, shape (free,).
    Returns:
        The clause; it names the parts that count, the largest first.
    Example:
        >>> import lawjax as lj
        >>> tradeoff_words(("A", "alpha"), (lj.positive(1, 9), lj.positive(0.1, 1)), (400.0, 0.34), (-0.96, -0.13))
        '`A` and `alpha` trade off: raising `A` by 10 % can be offset by raising `alpha` by 1.3 %'
    """
    parts = np.asarray(direction, dtype=np.float64)
    first, *rest = _largest(parts)
    step = (math.log1p(STEP) if _by_ratio(params[first]) else STEP) / parts[first]
    changes = {i: _change(labels[i], params[i], values[i], step * parts[i]) for i in (first, *rest)}
    if not rest:
        return f"`{labels[first]}` is hardly seen: {changes[first]} changes almost nothing"
    names = _listed([f"`{labels[i]}`" for i in changes])
    return f"{names} trade off: {changes[first]} can be offset by {_listed([changes[i] for i in rest])}"


def _largest(parts: np.ndarray) -> list[int]:
    """Places of the parts that count, the largest first."""
    size = np.abs(parts)
    order = np.argsort(-size, kind="stable")[:MOST]
    return [int(place) for place in order if size[place] >= SHARE * size[order[0]]]


def _by_ratio(param: Param) -> bool:
    return param.edges == (0.0, math.inf)


def _change(label: str, param: Param, value: float, along: float) -> str:
    """What a step along its line does to a parameter."""
    verb = "raising" if along > 0 else "lowering"
    if _by_ratio(param):
        return f"{verb} `{label}` by {number(100 * abs(math.expm1(along)), 2)} %"
    moved = float(from_line(param, to_line(param, np.float64(value)) + along))
    return f"{verb} `{label}` by {number(abs(moved - value), 2)}"


def _listed(words: Sequence[str]) -> str:
    """Words joined by commas and a last "and"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
