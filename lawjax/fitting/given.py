"""What a caller may bring to a fit: starts of their own, and how responses were rounded."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring
from lawjax.fitting.problem import Layout


def given_starts(
    layout: Layout,
    centring: Centring,
    starts: Mapping[str, Any] | None,
    box: tuple[np.ndarray, np.ndarray],
    fixed: Mapping[str, float],
) -> np.ndarray:
    """Vectors on the line of the starts that were given, shape (given, free).

    Args:
        layout: which parameters are free.
        centring: the change of units of the fit.
        starts: natural units, a number or an array of them per parameter (a vector parameter leads with the starts);
            parameters left out begin in the middle of their usual range.
        box: of the usual ranges on the line, (low, high).
        fixed: value of each fixed parameter, natural units.
    Raises:
        InputError: an unknown or held parameter, a value outside its edges, or lengths that differ.
    """
    if starts is not None and not isinstance(starts, Mapping):
        raise InputError(f'`starts` must be a dict, as in {{"alpha": [0.2, 0.5]}}, got {starts!r}.')
    if not starts:
        return np.zeros((0, layout.num_free))
    law = layout.law
    unknown = [name for name in starts if name not in layout.free]
    if unknown:
        raise InputError(f"`starts` names `{unknown[0]}`, which is no free parameter: {', '.join(layout.free)}.")
    arrays = {name: _numbers(name, value) for name, value in starts.items()}
    arrays = {n: a[None] if a.ndim <= len(law.params[n].shape) else a for n, a in arrays.items()}
    num = max(len(array) for array in arrays.values())
    for name, array in arrays.items():
        low, high = law.params[name].edges
        if array.shape[1:] != law.params[name].shape or len(array) not in (1, num):
            raise InputError(f"`starts` of `{name}` has the shape {array.shape}; give one number, or one per start.")
        if not np.all((array > low) & (array < high)):
            raise InputError(f"`starts` of `{name}` must lie between {low:g} and {high:g}.")
    middle = layout.unpack((box[0] + box[1]) / 2, {}, {name: np.asarray(value) for name, value in fixed.items()})
    return np.stack([_one(layout, centring, middle, {n: a[i % len(a)] for n, a in arrays.items()}) for i in range(num)])


def _numbers(name: str, value: Any) -> np.ndarray:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.size == 0 or not np.all(np.isfinite(array)):
        raise InputError(f"`starts` of `{name}` must be finite numbers, got {value!r}.")
    return array


def _one(layout: Layout, centring: Centring, middle: Mapping[str, Any], given: Mapping[str, Any]) -> np.ndarray:
    """One start; a parameter that was left out keeps the middle of its range in centred units."""
    moved = centring.to_centred(layout.with_ties({**middle, **given}))
    return np.asarray(layout.pack({**middle, **{name: moved[name] for name in given}}))


def check_rounding(runs: Runs, rounding: float | str | None) -> np.ndarray | None:
    """Width of the interval of each response, shape (run,), or None where responses are exact.

    Raises:
        InputError: an unknown column, or a width that is not a finite number of 0 or more.
    """
    if rounding is None:
        return None
    if isinstance(rounding, str):
        if rounding not in runs:
            raise InputError(f"`rounding` names the column `{rounding}`, which is not in the table.")
        widths = np.asarray(runs[rounding], dtype=np.float64)
    elif isinstance(rounding, int | float) and not isinstance(rounding, bool):
        widths = np.full(len(runs), float(rounding))
    else:
        raise InputError(f"`rounding` must be a number or the name of a column, got {rounding!r}.")
    if not np.all(np.isfinite(widths) & (widths >= 0)):
        raise InputError("`rounding` must be finite numbers of 0 or more: the width of each response's interval.")
    return widths
