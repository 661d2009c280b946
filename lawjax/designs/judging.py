"""`identifiability`: what a planned design will be able to say, from the law's slopes alone."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lawjax.costs.budget import Budget
from lawjax.costs.cost import SIX_ND, Cost, as_cost
from lawjax.designs.coordinates import natural_line
from lawjax.designs.information import Precision, draws_used
from lawjax.designs.judgement import Identifiability
from lawjax.designs.planned import Planned, asked_of, checked_shared, rows_of
from lawjax.designs.quantities import Quantity
from lawjax.designs.remarks import remarks
from lawjax.draws import as_draws
from lawjax.errors import check_whole
from lawjax.fitting.words import tradeoff_words
from lawjax.laws.base import Law
from lawjax.planning.source import check_prob
from lawjax.precision import in_float64
from lawjax.verdict import Verdict

NUM_DRAWS = 64


@in_float64
def identifiability(
    source: Any,
    design: Any,
    *,
    noise: float | None = None,
    shared: float = 0.0,
    group: Any = None,
    repeats: int = 1,
    observed: Any = None,
    at: Budget | Mapping[str, Any] | Sequence[Any] | None = None,
    quantities: Mapping[str, Callable[[Mapping[str, Any]], Any]] | None = None,
    fixed: Sequence[str] = (),
    prior: bool = False,
    cost: Cost | Any = SIX_ND,
    bounds: Mapping[str, Any] | None = None,
    held: Mapping[str, Any] | None = None,
    prob: float = 0.9,
    num_draws: int = NUM_DRAWS,
    law: Law | None = None,
) -> Identifiability:
    r"""How wide the intervals of a planned design will be, and which parameters it cannot tell apart.

    The covariance of the estimates is the inverse of the Fisher information $J^\top \Sigma^{-1} J$ of all runs, J being
    the law's slopes at the parameters that are supposed; a quantity with gradient g has the variance
    $g^\top (J^\top \Sigma^{-1} J)^{-1} g$. It is worked out for each draw of the parameters; the result is the median
    over draws. The noise is taken as known, and the law as linear over the width of the intervals: where a width is
    large, it says "not from these runs", not how wide exactly.

    Args:
        source: the parameters that are supposed: a fit, draws, a posterior, published coefficients, or parameters with
            `law`. Only their values count; the runs behind a fit count if they are given as `observed`.
        design: the inputs of the planned runs, a column each: a dict, a frame or `Runs`.
        noise: standard deviation of one run's response in the residual space (log where the response is positive); by
            default what the source knows.
        shared: standard deviation of the part of the noise that rows of one group share.
        group: which rows share it, one code per planned row (checkpoints of one run); by default the design's groups,
            else every row has its own.
        repeats: how often each planned run is made.
        observed: runs that are there already and will be fitted together with the planned ones.
        at: what matters: a budget (its optimal inputs and its least loss), a mapping of inputs (the response there), or
            a list of such.
        quantities: further ones by name, JAX functions of the dict of parameters in natural units.
        fixed: parameters that are known.
        prior: count the usual range of each parameter as its central 90 % beforehand, as `sample` does.
        cost, bounds, held: the cost of a run, and for budgets bounds of its inputs and inputs held, as for `allocate`.
        prob: probability of the intervals.
        num_draws: at most so many draws are used.
        law: the law of plain parameters.
    Returns:
        An `Identifiability`. Its verdict is an error where parameters are left open.
    Raises:
        InputError: a design without an input of the law, a noise that is not known, a wrong name or option.
    References:
        Atkinson, Donev & Tobias 2007, Optimum Experimental Designs, with SAS; Chaloner & Verdinelli 1995.
    Example:
        >>> import lawjax as lj
        >>> grid = {"N": [1e7, 1e8, 1e9] * 3, "D": [1e9] * 3 + [1e10] * 3 + [1e11] * 3}
        >>> found = lj.identifiability("besiroglu2024", grid, noise=0.005)
        >>> round(found["alpha"]["sd"], 3), found.verdict.codes
        (0.046, ('one-guess',))
        >>> line = {"N": [5e7, 1e8, 2e8, 4e8, 8e8, 1.6e9], "D": [2e10, 1e10, 5e9, 2.5e9, 1.25e9, 6.25e8]}
        >>> lj.identifiability("besiroglu2024", line, noise=0.005).verdict.grade
        'error'
    """
    check_prob(prob)
    check_whole("repeats", repeats, 1)
    check_whole("num_draws", num_draws, 1)
    draws = draws_used(as_draws(source, law), num_draws)
    plan = rows_of(draws.law, design, group, repeats)
    before = None if observed is None else rows_of(draws.law, observed, None, 1)
    question = Planned(draws, plan, before, tuple(fixed), noise, checked_shared(shared))
    precision = question.precision(prior)
    asked = [*question.parameters, *asked_of(question, at, quantities or {}, as_cost(cost), bounds, held)]
    return _result(question, precision, asked, prob, plan.cost(as_cost(cost)))


def _result(
    question: Planned, precision: Precision, asked: list[Quantity], prob: float, cost: tuple[float, str]
) -> Identifiability:
    from scipy.stats import norm

    gradients = np.stack([quantity.gradient for quantity in asked], axis=1)
    sds = np.sqrt(precision.variance(np.nan_to_num(gradients)))
    sds[np.any(np.isnan(gradients), axis=2)] = np.nan
    reach = float(norm.ppf((1 + prob) / 2))
    widths = np.stack([q.width(sd, reach) for q, sd in zip(asked, sds.T, strict=True)], axis=1)
    middle = [dataclasses.replace(q, value=np.median(q.value)) for q in asked]
    sd = np.nanmedian(sds, axis=0)
    ends = np.array([q.ends(s, reach) for q, s in zip(middle, sd, strict=True)], dtype=np.float64)
    low, high = np.nanquantile(widths, [(1 - prob) / 2, (1 + prob) / 2], axis=0, method="nearest")
    num_free = question.coordinates.layout.num_free
    apart = np.full(len(asked), np.nan)
    apart[:num_free] = np.median(_inflation(precision), axis=0)
    words = _words(question, precision)
    notes = remarks(question.draws, question.plan.inputs, question.num_runs, _centred_sd(precision), apart[:num_free],
                    question.coordinates.layout, precision, words, question.before is not None)  # fmt: skip
    return Identifiability(
        law=question.draws.law.name,
        names=tuple(quantity.name for quantity in asked),
        value=np.array([q.value for q in middle], dtype=np.float64),
        sd=sd, low=ends[:, 0], high=ends[:, 1], width=np.nanmedian(widths, axis=0), width_low=low, width_high=high,
        inflation=apart, prob=prob, condition=float(np.median(precision.condition)), tradeoff=words,
        num_runs=question.num_runs, num_observed=0 if question.before is None else len(question.before),
        num_draws=len(question.draws), noise=float(np.sqrt(np.mean(question.variances))),
        space=question.problem.space, cost=cost[0], unit=cost[1], verdict=Verdict(notes),
    )  # fmt: skip


def _centred_sd(precision: Precision) -> np.ndarray:
    """Standard deviation of each entry of the vector, for inputs of typical size, the median over draws."""
    return np.median(np.sqrt(precision.own_variance), axis=0)


def _inflation(precision: Precision) -> np.ndarray:
    """Standard deviation of each entry over what it would be were all others known, shape (draw, free)."""
    with np.errstate(invalid="ignore"):
        return np.sqrt(precision.own_variance / precision.held_variance)


def _words(question: Planned, precision: Precision) -> str:
    """The direction of which the runs say least, in natural units, for the middle draw by condition."""
    middle = np.argsort(precision.condition)[len(question.draws) // 2]
    direction = precision.flattest[middle]
    if len(direction) < 2 or not np.any(direction):
        return ""
    along = np.asarray(natural_line(question.problem, question.vectors[middle][None], direction[None]))[0]
    layout = question.coordinates.layout
    params = [layout.law.params[label.partition("[")[0]] for label in layout.labels]
    values = [float(quantity.value[middle]) for quantity in question.parameters]
    return tradeoff_words(layout.labels, params, values, along.tolist())
