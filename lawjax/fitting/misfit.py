"""What the residuals still know: a law that bends another way than its runs, or misses all of them at one end."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lawjax.text import number
from lawjax.verdict import Note, warning

if TYPE_CHECKING:
    from lawjax.fitting.fit_result import Fit

UNLIKELY = 1e-4
"""A trend that chance gives more often than this is none."""
EXPLAINED = 0.25
"""Share of the residuals' variance that a trend explains at least."""
UNLIKELY_END = 1e-3
FEWEST = 6
"""Runs, or groups, that make an end."""
ONE_SIDE = 0.9
"""Share of an end that must be missed to the same side."""
FEWEST_SIGNS, DISTINCT, SIGN_SDS = 16, 0.8, 4.0
"""Runs, share of distinct values and standard deviations for which stretches of one sign are counted."""
NOISELESS = 1e-6
"""Residuals below this share of the responses' spread are rounding."""


class _Trend(NamedTuple):
    """A parabola through the residuals."""

    along: str
    share: float
    chance: float
    ends: tuple[float, float]


class _Ordering(NamedTuple):
    """Something that runs can be ordered by: what it is called, and its value at every run, shape (run,)."""

    name: str
    values: np.ndarray


def misfits(fit: "Fit") -> Iterator[Note]:
    """Notes `residual-runs`, `residual-trend` and `fixed-misfit`; none where there is no noise to speak of."""
    counted = fit.geometry.weights > 0
    residuals = fit.residuals[counted]
    spread = np.std(fit.targets[counted])
    if not np.std(residuals) > NOISELESS * spread:
        return
    orderings = [ordering._replace(values=ordering.values[counted]) for ordering in _orderings(fit)]
    units = None if fit.runs.group is None else np.asarray(fit.runs.group)[counted]
    yield from _trend_notes(residuals, orderings, units)
    if fit.choices.fixed:
        yield from _end_notes(fit, residuals, orderings, units)


def _orderings(fit: "Fit") -> Iterator[_Ordering]:
    """The law's scalar inputs, in logarithms where they scale, and the predicted response.

    Not the observed one: the noise of a run is in its residual too, and would show as a trend.
    """
    for name, variable in fit.law.inputs.items():
        column = np.asarray(fit.runs[name], dtype=np.float64)
        if column.ndim == 1 and len(np.unique(column)) > 3:
            yield _Ordering(f"`{name}`", np.log(column) if variable.scalable else column)
    yield _Ordering(f"the predicted `{fit.law.response}`", fit.targets + fit.residuals)


def _trend_notes(residuals: np.ndarray, orderings: list[_Ordering], units: np.ndarray | None) -> Iterator[Note]:
    yield from _sign_notes(residuals, orderings, units)
    trends = [_trend(residuals, ordering, units) for ordering in orderings]
    strong = [trend for trend in trends if trend.chance < UNLIKELY and trend.share > EXPLAINED]
    if not strong:
        return
    trend = max(strong, key=lambda found: found.share)
    low, high = ("too much" if end > 0 else "too little" for end in trend.ends)
    yield warning(
        "residual-trend",
        f"The residuals run with {trend.along}: a parabola explains {trend.share:.0%} of their variance. The law "
        f"predicts {low} at the low end and {high} at the high end.",
        "Try a law of another form; do not extrapolate along it.",
    )


def _sign_notes(residuals: np.ndarray, orderings: list[_Ordering], units: np.ndarray | None) -> Iterator[Note]:
    """A note where neighbours miss to the same side far more often than chance has it (Wald & Wolfowitz 1940)."""
    if units is not None or len(residuals) < FEWEST_SIGNS:
        return
    for name, values in orderings[:-1]:
        if len(np.unique(values)) < DISTINCT * len(values):
            continue
        above = (residuals > np.median(residuals))[np.argsort(values, kind="stable")]
        num, ups = len(above), int(above.sum())
        both = 2.0 * ups * (num - ups)
        expected, variance = both / num + 1, both * (both - num) / (num**2 * (num - 1))
        found = 1 + int(np.sum(above[1:] != above[:-1]))
        if found - expected < -SIGN_SDS * np.sqrt(variance):
            yield warning(
                "residual-runs",
                f"Along {name} the residuals keep their sign: {found} stretches, where {expected:.0f} are usual.",
                "The fit has missed something: widen the usual ranges of the parameters, or try another law.",
            )


def _trend(residuals: np.ndarray, ordering: _Ordering, units: np.ndarray | None) -> _Trend:
    """The least-squares parabola; rows of one group are counted once in how likely it is."""
    from scipy.stats import f as fisher

    place = ordering.values - ordering.values.mean()
    place = place / max(float(np.abs(place).max()), 1e-300)
    design = np.stack([np.ones_like(place), place, place**2], axis=1)
    curve = design @ np.linalg.lstsq(design, residuals, rcond=None)[0]
    share = float(np.var(curve) / np.var(residuals))
    spare = (len(residuals) if units is None else len(np.unique(units))) - 3
    if spare < 1:
        return _Trend(ordering.name, share, 1.0, (0.0, 0.0))
    chance = float(fisher.sf(share / 2 / max((1 - share) / spare, 1e-300), 2, spare))
    return _Trend(ordering.name, share, chance, (float(curve[np.argmin(place)]), float(curve[np.argmax(place)])))


def _end_notes(
    fit: "Fit", residuals: np.ndarray, orderings: list[_Ordering], units: np.ndarray | None
) -> Iterator[Note]:
    found = [end for ordering in orderings for end in _ends(residuals, ordering, units)]
    if not found:
        return
    _, way, where = min(found)
    names = ", ".join(f"`{name}`" for name, _ in fit.choices.fixed)
    values = ", ".join(number(value) for _, value in fit.choices.fixed)
    yield warning(
        "fixed-misfit",
        f"With {names} fixed at {values} the law predicts too {way} in {where}.",
        "Let it free, or fix it at a value that these runs allow.",
    )


def _ends(residuals: np.ndarray, ordering: _Ordering, units: np.ndarray | None) -> Iterator[tuple[float, str, str]]:
    """The ends at which nearly every run is missed to the same side: (chance, which way, where)."""
    from scipy.stats import t as student_t

    for word, sign in (("lowest", 1.0), ("highest", -1.0)):
        last = np.quantile(sign * ordering.values, 0.25)
        chosen = sign * ordering.values <= last
        own = _by_unit(residuals[chosen], None if units is None else units[chosen])
        above, below = int(np.sum(own > 0)), int(np.sum(own < 0))
        if len(own) < FEWEST or max(above, below) < ONE_SIDE * len(own):
            continue
        size = abs(own.mean()) / max(own.std(ddof=1) / np.sqrt(len(own)), 1e-300)
        chance = float(2 * student_t.sf(size, len(own) - 1))
        if chance < UNLIKELY_END:
            what = "runs" if units is None else "groups"
            where = f"{max(above, below)} of the {len(own)} {what} of {word} {ordering.name}"
            yield chance, "much" if above > below else "little", where


def _by_unit(residuals: np.ndarray, units: np.ndarray | None) -> np.ndarray:
    """The residuals, or their mean in each group."""
    if units is None:
        return residuals
    codes = np.unique(units, return_inverse=True)[1]
    return np.bincount(codes, residuals) / np.bincount(codes)
