r"""`power`: how many runs it takes to know a quantity, to show a difference, or to tell two laws apart.

Information adds up over runs, so the variance of a quantity after m repeats of a design is
$g^\top (M_0 + m M_1)^{-1} g$, with $M_0$ the information of runs that are there. `telling_apart.py` has two laws.
"""

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lawjax.costs.budget import Budget
from lawjax.costs.cost import SIX_ND, Cost, as_cost
from lawjax.designs.information import Precision, draws_used
from lawjax.designs.planned import Planned, asked_of, checked_shared, rows_of
from lawjax.designs.power_result import Power
from lawjax.designs.quantities import PLAIN, Quantity
from lawjax.designs.repeats import least_whole, shown_repeats
from lawjax.designs.telling_apart import between_laws
from lawjax.draws import Draws, as_draws
from lawjax.errors import InputError
from lawjax.fitting.transforms import to_line
from lawjax.laws.base import Law
from lawjax.planning.source import check_prob
from lawjax.precision import in_float64
from lawjax.verdict import Note, Verdict, error, info

NUM_DRAWS = 64
FEW_DRAWS = 8
"""Draws under which two laws are compared, each a fit of the wrong one."""
Asked = str | Callable[[Mapping[str, Any]], Any] | Budget | Mapping[str, Any]


@in_float64
def power(
    source: Any,
    quantity: Asked | None = None,
    design: Any = None,
    *,
    width: float | None = None,
    effect: float | None = None,
    against: Law | None = None,
    power: float = 0.9,
    noise: float | None = None,
    shared: float = 0.0,
    group: Any = None,
    observed: Any = None,
    fixed: Sequence[str] = (),
    cost: Cost | Any = SIX_ND,
    bounds: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
    prob: float = 0.9,
    law: Law | None = None,
) -> Power:
    """How many runs it takes to know a quantity so well, to show that it differs, or to tell two laws apart.

    Ask for one of three: `width`, the width of the quantity's interval; `effect`, a difference from its value that is
    to be told from none with probability `power` by an interval at `prob`; or `against`, another law, to which the
    right one must be preferred with probability `power` (by AIC).

    Args:
        source: the parameters that are supposed, as for `identifiability`.
        quantity: a parameter, a JAX function of the dict of parameters, a budget (the first of its optimal inputs), or
            a mapping of inputs (the response there).
        design: the runs that are to be repeated as a whole, as for `identifiability`. None stands for more runs like
            those behind the draws: their own spread is scaled with the number of runs.
        width: of the interval, natural units.
        effect: smallest difference that counts, natural units.
        against: the other law, of the same inputs and response.
        power: probability with which it must show.
        noise, shared, group, observed, fixed, cost, bounds, held: as for `identifiability`.
        prob: probability of the intervals.
        law: the law of plain parameters.
    Returns:
        A `Power`: the runs that are needed, their cost, and a table of what fewer or more would give.
    Raises:
        InputError: not exactly one question, a quantity that is not known, or draws whose number of runs is not.
    References:
        Besiroglu et al. 2024, arXiv:2404.10102, who scale an interval by the root of the number of runs.
    Example:
        >>> import lawjax as lj
        >>> grid = {"N": [1e7, 1e8, 1e9] * 3, "D": [1e9] * 3 + [1e10] * 3 + [1e11] * 3}
        >>> share = lambda p: p["beta"] / (p["alpha"] + p["beta"])
        >>> found = lj.power("besiroglu2024", share, grid, width=0.02, prob=0.8, noise=0.005)
        >>> found.needed, found.needed_runs
        (8.0, 72.0)
    """
    check_prob(prob)
    check_prob(power)
    given = [name for name, value in (("width", width), ("effect", effect), ("against", against)) if value is not None]
    if len(given) != 1:
        raise InputError(f"ask for one of `width`, `effect` and `against`, got {given or 'none'}.")
    draws = as_draws(source, law)
    cost = as_cost(cost)
    if against is not None:
        if quantity is not None or design is None or observed is not None:
            raise InputError("two laws are told apart by a `design`: give it, and leave out `quantity` and `observed`.")
        plan = rows_of(draws.law, design, group)
        planned = Planned(draws_used(draws, FEW_DRAWS), plan, None, tuple(fixed), noise, checked_shared(shared))
        return between_laws(planned, against, power, cost)
    if quantity is None:
        raise InputError("say which `quantity`: a parameter, a function of the parameters, a budget or inputs.")
    wanted = _Wanted(width, effect, power, prob)
    if design is None:
        return _more_like_those(draws, quantity, wanted)
    before = None if observed is None else rows_of(draws.law, observed)
    plan = rows_of(draws.law, design, group)
    planned = Planned(draws_used(draws, NUM_DRAWS), plan, before, tuple(fixed), noise, checked_shared(shared))
    asked = _quantity(planned, quantity, cost, bounds, held)
    return _of_design(planned, asked, wanted, cost)


@dataclasses.dataclass(frozen=True)
class _Wanted:
    """What is asked of a quantity."""

    width: float | None
    effect: float | None
    power: float
    prob: float

    def __post_init__(self) -> None:
        for name, value in (("width", self.width), ("effect", self.effect)):
            if value is not None and (isinstance(value, bool) or not 0 < value < np.inf):
                raise InputError(f"`{name}` must be a number above 0, in the quantity's unit, got {value!r}.")

    @property
    def reach(self) -> float:
        """Standard deviations from the middle of an interval to its end."""
        from scipy.stats import norm

        return float(norm.ppf((1 + self.prob) / 2))

    def words(self, name: str) -> str:
        """The question."""
        if self.width is not None:
            return f"the {100 * self.prob:g} % interval of {name} {self.width:g} wide"
        return f"{name} told from one {self.effect:g} away, power {self.power:g}"

    def step(self, quantity: Quantity) -> float:
        """The effect on the line of the quantity."""
        assert self.effect is not None
        value = float(np.median(quantity.value))
        near, far = (float(to_line(quantity.scale, np.float64(x))) for x in (value, value + self.effect))
        return abs(far - near)

    def enough(self, quantity: Quantity) -> float:
        """The largest standard deviation on the line that will do."""
        from scipy.stats import norm

        if self.width is None:
            return self.step(quantity) / (self.reach + float(norm.ppf(self.power)))
        low, high = 1e-15, 1e15
        middle = dataclasses.replace(quantity, value=np.median(quantity.value))
        for _ in range(200):
            half = math.sqrt(low * high)
            low, high = (half, high) if float(middle.width(np.array(half), self.reach)) < self.width else (low, half)
        return low

    def powers(self, quantity: Quantity, sd: np.ndarray) -> np.ndarray:
        """Probability that the effect shows at each standard deviation."""
        from scipy.stats import norm

        if self.effect is None:
            return np.full(len(sd), np.nan)
        return np.asarray(norm.cdf(self.step(quantity) / sd - self.reach))


class _Scale(NamedTuple):
    """What one repeat is."""

    runs: float
    cost: float
    unit: str
    whole: bool
    num_draws: int


def _quantity(
    planned: Planned, quantity: Asked, cost: Cost, bounds: Mapping[str, Any] | None, held: Mapping[str, Any] | None
) -> Quantity:
    if isinstance(quantity, Budget | Mapping):
        return asked_of(planned, quantity, {}, cost, bounds, held)[0]
    if callable(quantity):
        name = getattr(quantity, "__name__", "quantity").replace("<lambda>", "the quantity")
        return asked_of(planned, None, {name: quantity}, cost, bounds, held)[0]
    named = {one.name: one for one in planned.parameters}
    if quantity not in named:
        raise InputError(f"{quantity!r} is no free parameter of law {planned.draws.law.name!r}: {', '.join(named)}.")
    return named[quantity]


def _of_design(planned: Planned, quantity: Quantity, wanted: _Wanted, cost: Cost) -> Power:
    once = planned.information_of(planned.plan)
    before = 0.0 * once if planned.before is None else planned.information_of(planned.before)
    kept = np.all(np.isfinite(quantity.gradient), axis=1)
    gradient = quantity.gradient[kept][:, None, :]

    def sd_after(times: float) -> float:
        return float(np.median(np.sqrt(Precision(before[kept] + times * once[kept]).variance(gradient))))

    scale = _Scale(planned.num_runs, *planned.plan.cost(cost), True, int(kept.sum()))
    return _answer(quantity, wanted, sd_after, scale)


def _more_like_those(draws: Draws, quantity: Asked, wanted: _Wanted) -> Power:
    """The draws' own spread, scaled: a quantile interval as it is, whatever its shape."""
    if not draws.basis.rows_used or len(draws) < 2:
        raise InputError(
            "without a `design` the number of runs behind the draws must be known. Pass a fit or a bootstrap of one, "
            "or say which runs are to be repeated."
        )
    found = _over(draws, quantity)
    low, high = np.quantile(found.value, [(1 - wanted.prob) / 2, (1 + wanted.prob) / 2])
    points = np.asarray(to_line(found.scale, np.array([low, high])))
    # On the line, the standard deviation of a normal with this very interval.
    now = float(points[1] - points[0]) / (2 * wanted.reach)
    scale = _Scale(draws.basis.rows_used, float("nan"), "", False, len(draws))
    return _answer(found, wanted, lambda times: now / math.sqrt(times) if times else math.inf, scale)


def _over(draws: Draws, quantity: Asked) -> Quantity:
    """A parameter or a function of all draws; what is positive in all of them as it is, for widths scale plainly."""
    import jax

    if callable(quantity):
        values = np.asarray(jax.vmap(quantity)({name: draws[name] for name in draws.law.params}))
        name = getattr(quantity, "__name__", "quantity").replace("<lambda>", "the quantity")
    elif isinstance(quantity, str) and quantity in draws.law.params and draws[quantity].ndim == 1:
        values, name = draws[quantity], quantity
    else:
        raise InputError(f"without a `design` the quantity is a parameter or a function of them, got {quantity!r}.")
    return Quantity(name, values[np.isfinite(values)], np.zeros((0, 0)), PLAIN)


def _answer(quantity: Quantity, wanted: _Wanted, sd_after: Callable[[float], float], scale: _Scale) -> Power:
    enough = wanted.enough(quantity)
    needed = least_whole(sd_after, enough) if scale.whole else (sd_after(1.0) / enough) ** 2
    shown = np.array(shown_repeats(needed, scale.whole))
    sd = np.array([sd_after(times) for times in shown])
    middle = dataclasses.replace(quantity, value=np.median(quantity.value))
    notes: list[Note] = []
    if not np.isfinite(needed):
        reason = f"Repeating these runs never makes {quantity.name} that sure: they do not determine it."
        notes.append(error("never-enough", reason, "Change the design: see `identifiability`."))
    if scale.num_draws == 1:
        notes.append(info("one-guess", "The answer holds for one set of parameters.", "Pass draws to average over."))
    return Power(
        question=wanted.words(quantity.name), needed=needed, needed_runs=_runs(needed, scale),
        needed_cost=needed * scale.cost, unit=scale.unit, repeats=shown,
        runs=np.array([_runs(times, scale) for times in shown]), cost=shown * scale.cost, sd=sd,
        width=np.asarray(middle.width(sd, wanted.reach)), power=wanted.powers(quantity, sd), prob=wanted.prob,
        num_draws=scale.num_draws, verdict=Verdict(tuple(notes)),
    )  # fmt: skip


def _runs(times: float, scale: _Scale) -> float:
    """Runs in so many repeats, whole ones."""
    return float(math.ceil(times * scale.runs - 1e-9)) if np.isfinite(times) else math.inf
