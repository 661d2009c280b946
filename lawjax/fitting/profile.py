r"""Profile likelihoods: one parameter held at each of a grid of values, all others refitted.

With $F(\theta)$ the least objective when the parameter is held at $\theta$, the statistic is
$2 \, (F(\theta) - \min F) / \lambda$. For a likelihood $\lambda = 1$; in general it is the ratio of the parameter's
variance to the inverse curvature of the objective (the robust likelihood ratio), so that squares, Huber's loss and
runs in groups are all served. `valley.py` finds $F$, `ruler.py` $\lambda$; `profile_result.py` holds the answer.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lawjax.errors import InputError, check_whole, choose
from lawjax.fitting.covariance import KINDS
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.optima import AGREE
from lawjax.fitting.profile_result import Profile
from lawjax.fitting.ruler import Ruler, measured, ruler_of, threshold
from lawjax.fitting.status import Status
from lawjax.fitting.transforms import to_line
from lawjax.fitting.valley import Floor, Valley
from lawjax.precision import in_float64
from lawjax.text import number
from lawjax.verdict import Note, Verdict, warning

DRAWN_TO = 0.999
"""The grid reaches to where an interval of this probability would end."""
FIRST_RUNG = 0.5
"""First step out from the estimate, in standard errors; each further one is twice as long."""
NUM_RUNGS = 12
WAVE = 4
"""Steps out on either side that are refitted together."""
LONGEST = 12.0
"""Furthest on the line from the estimate, where the line is a logarithm or a logit: a factor of 160 000."""
FLAT = 0.95
"""A profile that stays open is drawn twice as far as where it has climbed this share of all it does."""
REFINEMENTS = 30
EXACT = 1e-7
"""An end of the interval is found once the root of the statistic is this near to that of the threshold, as a share."""
PROMINENT = 0.05
"""A second minimum counts if the way to it climbs by this share of the threshold."""


@in_float64
def profile(
    fit: Fit,
    name: str,
    *,
    num: int = 41,
    prob: float = 0.9,
    kind: str = "sandwich",
    span: tuple[float, float] | None = None,
    values: Sequence[float] | None = None,
) -> Profile:
    r"""The profile likelihood of a parameter, and the interval that it gives.

    At each value $\theta$ all other parameters are refitted, from the optima of the fit and from the neighbours. The
    interval holds the values whose statistic

    $$T(\theta) = 2 \, \frac{F(\theta) - \min F}{\lambda}, \qquad \lambda = \frac{g^\top V g}{g^\top H^{-1} g}$$

    stays below the squared quantile of Student's t. $F$ is the least sum of losses, $g$ the gradient of the parameter,
    $H$ the curvature of the objective and $V$ the covariance of the fit; of a loss with a kink the curvature is read
    off the profile, one standard error to either side. Unlike estimate and standard error, the interval need not be
    symmetric, and it is open where the runs set no bound.

    Args:
        fit: the fit.
        name: a free parameter that is one number.
        num: how many values.
        prob: nominal coverage of the interval.
        kind: where $V$ comes from: "sandwich" (by group where there are groups, with the degrees of freedom of Bell &
            McCaffrey) or "hessian", which supposes independent runs that scatter alike and gives, for squared
            loss and a law linear in its parameters, the textbook t interval.
        span: (low, high) ends of the values, natural units; None goes on to where the statistic is beyond doubt.
        values: the values themselves, natural units, in place of `num` and `span`.
    Returns:
        A `Profile`. Its verdict notes `profile-open`, `profile-several-minima`, `better-optimum-found` and
        `profile-unconverged`.
    Raises:
        InputError: a parameter that is not free or not one number, values outside its edges, runs that leave nothing
            to set the scale by, or residuals of exactly 0.
    References:
        Venzon & Moolgavkar 1988; Stafford 1996 (robust ratio); Bell & McCaffrey 2002.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.simulate(lj.laws.POWER_LAW, {"A": 20.0, "alpha": 0.1}, num_runs=32, noise=0.01, key=0)
        >>> found = lj.profile(lj.fit(lj.laws.POWER_LAW, runs, loss="squared"), "alpha", num=11)
        >>> bool(found.interval[0] < 0.1 < found.interval[1])
        True
    """
    _check(fit, name, num, prob, kind)
    ruler = ruler_of(fit, name, kind)
    valley = Valley.of(fit, name, ruler.drift)
    grid = _given_grid(valley, num, span, values)
    floor = valley.settled(_walked(valley, ruler))
    ruler = measured(valley, ruler, floor)
    grid = _own_grid(valley, ruler, floor, num) if grid is None else grid
    floor = valley.settled(floor.joined(valley.found(grid, near=floor)))
    least = min(float(floor.objectives.min()), fit.objective)
    level = threshold(prob, ruler.freedom)
    ends = tuple(_end(valley, ruler, floor, side, level, least) for side in (-1, 1))
    return _result(valley, ruler, floor, grid, prob, kind, ends)


def _check(fit: Any, name: Any, num: Any, prob: Any, kind: Any) -> None:
    if not isinstance(fit, Fit):
        raise InputError(f"`profile` refits a `Fit`, got {type(fit).__name__}. Call lj.fit(law, runs) first.")
    if name not in fit.law.params:
        raise InputError(f"law {fit.law.name!r} has no parameter `{name}`. It has {', '.join(fit.law.params)}.")
    if name not in fit.layout.free:
        held = dict(fit.choices.tied).get(name)
        fix = f"Profile `{held}`, which it equals." if held else "Fit again without fixing it."
        raise InputError(f"`{name}` is not free in this fit. {fix}")
    if fit.law.params[name].size is not None:
        raise InputError(f"`{name}` is a vector; a profile holds one number. Use lj.bootstrap(fit) for its entries.")
    if fit.layout.free == (name,):
        raise InputError(f"`{name}` is the only free parameter, so there is nothing to refit while it is held.")
    if fit.status == Status.NONFINITE:
        raise InputError("the fit has no finite objective; its verdict says why. Mend that first.")
    check_whole("num", num, 3)
    choose("kind of covariance", kind, KINDS)
    if not (isinstance(prob, float) and 0 < prob < 1):
        raise InputError(f"`prob` must lie between 0 and 1, got {prob!r}.")


def _given_grid(valley: Valley, num: int, span: Any, values: Any) -> np.ndarray | None:
    """The points that the caller asked for, or None."""
    if span is None and values is None:
        return None
    if span is not None and values is not None:
        raise InputError("give `span` or `values`, not both.")
    given = np.asarray(span if values is None else values, dtype=np.float64)
    low, high = valley.param.edges
    if given.ndim != 1 or len(given) < 2 or not np.all((given > low) & (given < high) & np.isfinite(given)):
        option = "values" if span is None else "span"
        raise InputError(f"`{option}` must be two numbers or more between {low:g} and {high:g}, got {given.tolist()}.")
    if values is not None:
        return np.unique(to_line(valley.param, given))
    if len(given) != 2 or given[0] >= given[1]:
        raise InputError(f"`span` must be (low, high) with low < high, got {given.tolist()}.")
    first, last = to_line(valley.param, given)
    return np.linspace(first, last, num)


def _walked(valley: Valley, ruler: Ruler) -> Floor:
    """The floor at steps of doubling length, out to where each side is beyond doubt or as far as it goes."""
    level = threshold(DRAWN_TO, ruler.freedom)
    rungs = _rungs(valley, ruler)
    floor = valley.found(np.array([valley.here]))
    going = [-1.0, 1.0]
    for first in range(0, len(rungs), WAVE):
        steps = np.concatenate([side * rungs[first : first + WAVE] for side in going])
        floor = floor.joined(valley.found(valley.here + steps, near=floor))
        height = _statistic(floor, ruler)
        going = [side for side in going if not np.any((height > level) & (side * (floor.points - valley.here) > 0))]
        if not going:
            break
    return floor


def _rungs(valley: Valley, ruler: Ruler) -> np.ndarray:
    """Lengths of the steps out from the estimate, on the line."""
    param = valley.param
    curved = bool(np.any(np.isfinite(param.edges)))
    usual = 1.0 if curved else max(0.1 * (param.high - param.low), 1e-3 * abs(valley.here))
    error = ruler.stderr if np.isfinite(ruler.stderr) and ruler.stderr > 0 else usual
    rungs = FIRST_RUNG * (min(error, 1.0) if curved else error) * 2.0 ** np.arange(NUM_RUNGS)
    return np.append(rungs[rungs < LONGEST], LONGEST) if curved else rungs


def _statistic(floor: Floor, ruler: Ruler, least: float | None = None) -> np.ndarray:
    """Twice what the floor exceeds the least objective by, over the scale."""
    objectives = floor.objectives
    return 2 * np.maximum(objectives - (objectives.min() if least is None else least), 0.0) / ruler.scale


def _own_grid(valley: Valley, ruler: Ruler, floor: Floor, num: int) -> np.ndarray:
    """Points from end to end of what is in doubt, the best point among them."""
    height = _statistic(floor, ruler)
    centre = floor.points[np.argmin(height)]
    low, high = (_drawn_to(floor, height, centre, side, threshold(DRAWN_TO, ruler.freedom)) for side in (-1, 1))
    below = num // 2
    return np.concatenate([np.linspace(low, centre, below + 1), np.linspace(centre, high, num - below)[1:]])


def _drawn_to(floor: Floor, height: np.ndarray, centre: float, side: int, level: float) -> float:
    """The end of the grid on one side: where the root of the statistic crosses, or soon after it has flattened."""
    out = np.flatnonzero(side * (floor.points - centre) >= 0)[::side]
    points, height = floor.points[out], height[out]
    if len(points) == 1:
        return float(centre + side * FIRST_RUNG)
    inside = np.flatnonzero(height <= level)[-1]
    if inside == len(points) - 1:
        flat = np.flatnonzero(height >= FLAT * height[-1])[0]
        return float(points[min(flat + 1, len(points) - 1)])
    near, far = np.sqrt(height[inside]), np.sqrt(height[inside + 1])
    share = (np.sqrt(level) - near) / (far - near) if np.isfinite(far) else 0.5
    return float(points[inside] + share * (points[inside + 1] - points[inside]))


def _end(valley: Valley, ruler: Ruler, floor: Floor, side: int, level: float, least: float) -> float:
    """The end of the interval on one side, natural units; the parameter's edge where the statistic never crosses."""
    height = _statistic(floor, ruler, least)
    centre = int(np.argmin(height))
    out = np.arange(centre, len(height)) if side > 0 else np.arange(centre, -1, -1)
    inside = np.flatnonzero(height[out] <= level)[-1]
    if inside == len(out) - 1:
        return float(valley.param.edges[side > 0])
    near, far = floor.take(out[[inside]]), floor.take(out[[inside + 1]])
    target = math.sqrt(level)
    for step in range(REFINEMENTS):
        gaps = [float(np.sqrt(_statistic(point, ruler, least)[0])) - target for point in (near, far)]
        if min(abs(gap) for gap in gaps) <= EXACT * target:
            break
        middle = valley.found(_between(near.points, far.points, gaps, step), near=near.joined(far))
        if np.sqrt(_statistic(middle, ruler, least)[0]) <= target:
            near = middle
        else:
            far = middle
    closest = min((near, far), key=lambda point: abs(np.sqrt(_statistic(point, ruler, least)[0]) - target))
    return float(valley.value(closest.points[0]))


def _between(near: np.ndarray, far: np.ndarray, gaps: list[float], step: int) -> np.ndarray:
    """The next point to try: where a straight line crosses; every third time, or without a line, the middle."""
    share = -gaps[0] / (gaps[1] - gaps[0]) if np.isfinite(gaps[1]) and step % 3 < 2 else 0.5
    return near + share * (far - near)


def _result(
    valley: Valley, ruler: Ruler, floor: Floor, grid: np.ndarray, prob: float, kind: str, ends: tuple[float, ...]
) -> Profile:
    fit = valley.fit
    best = int(np.argmin(floor.objectives))
    from_fit = fit.objective <= floor.objectives[best] or valley.name in fit.edges
    least = min(float(floor.objectives[best]), fit.objective)
    level = threshold(prob, ruler.freedom)
    minima = _minima(valley, floor, _statistic(floor, ruler, least), level)
    shown = floor.take(np.searchsorted(floor.points, grid))
    notes = [*ruler.notes, *_notes(valley, floor, shown, ends, minima)]
    return Profile(
        law=fit.law.name,
        parameter=valley.name,
        estimate=float(fit.params[valley.name] if from_fit else valley.value(floor.points[best])),
        objective=least,
        values=np.asarray(valley.value(shown.points)),
        objectives=shown.objectives,
        statistic=_statistic(shown, ruler, least),
        params=valley.params(shown),
        status=shown.solution.status,
        interval=(ends[0], ends[1]),
        prob=prob,
        threshold=level,
        scale=ruler.scale,
        freedom=ruler.freedom,
        kind=kind,
        minima=minima,
        verdict=Verdict(tuple(notes)),
    )


def _minima(valley: Valley, floor: Floor, height: np.ndarray, level: float) -> tuple[float, ...]:
    """Values of further minima that the data do not rule out, with a ridge between them and the best."""
    best = int(np.argmin(height))
    found: list[float] = []
    for at in range(1, len(height) - 1):
        ridge = np.max(height[min(at, best) : max(at, best) + 1])
        lowest = height[at] <= min(height[at - 1], height[at + 1])
        if at != best and lowest and height[at] <= level < np.inf and ridge > height[at] + PROMINENT * level:
            found.append(float(valley.value(floor.points[at])))
    return tuple(found)


def _notes(
    valley: Valley, floor: Floor, shown: Floor, ends: tuple[float, ...], minima: tuple[float, ...]
) -> Iterator[Note]:
    name, fit = valley.name, valley.fit
    if floor.objectives.min() < fit.objective * (1 - math.copysign(AGREE, fit.objective)):
        value = number(float(valley.value(floor.points[np.argmin(floor.objectives)])))
        lowest = floor.objectives.min()
        yield warning(
            "better-optimum-found",
            f"At `{name}` = {value} the objective is {lowest:.8g}, below the fit's {fit.objective:.8g}.",
            f"Fit again from there: starts={{'{name}': {value}}}, or with more `num_starts`.",
        )
    edges = [("below", ends[0], valley.param.edges[0]), ("above", ends[1], valley.param.edges[1])]
    unbounded = [way for way, end, edge in edges if end == edge]
    if unbounded:
        yield warning(
            "profile-open",
            f"`{name}` is unbounded {' and '.join(unbounded)}: the runs do not rule out any value on that side.",
            "Say so in place of a standard error; add runs that show it, or fix it.",
        )
    if minima:
        listed = ", ".join(number(value) for value in minima)
        yield warning(
            "profile-several-minima",
            f"The objective has further minima at `{name}` = {listed} that the runs do not rule out.",
            "The interval spans them all; values between may fit worse.",
        )
    stopped = int(np.sum(shown.solution.status != Status.CONVERGED))
    if stopped:
        yield warning(
            "profile-unconverged",
            f"{stopped} of {len(shown.points)} refits did not converge; the objective there may be too high.",
            "Raise max_steps in the fit.",
        )
