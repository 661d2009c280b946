"""The front doors of point estimates: descend from many starts, keep the best, say how it went."""

import contextlib
import dataclasses
import inspect
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from lawjax.data.checks import check_fit, check_law_and_runs
from lawjax.data.runs import Runs
from lawjax.errors import InputError, check_whole, choose
from lawjax.fitting.centring import Centring, undeclared_note
from lawjax.fitting.diagnosis import FEW_AGREE
from lawjax.fitting.fit_result import Choices, Fit
from lawjax.fitting.given import check_rounding, given_starts
from lawjax.fitting.many import Fits, parted
from lawjax.fitting.optima import Ends
from lawjax.fitting.problem import Layout, Problem, line_box, make_problem, padded_weights, tables_of
from lawjax.fitting.residuals import choose_space
from lawjax.fitting.solve import Solution, Tasks, compiled_meanwhile, solve
from lawjax.fitting.starts import make_starts, scanned
from lawjax.fitting.status import Status
from lawjax.laws.base import Law
from lawjax.precision import in_float64, seed_of
from lawjax.verdict import Verdict

NUM_STARTS = 64
GAUSS_NEWTON_STEPS = 200
OPTAX_STEPS = 2000
MANY_PARAMETERS = 60
"""Free parameters above which Optax's L-BFGS is the default: a Gauss-Newton step costs the cube of their number."""
METHODS = ("auto", "gauss-newton", "optax")


@in_float64
def fit(
    law: Law,
    runs: Runs,
    *,
    loss: str | Callable[[Any], Any] = "huber",
    delta: float = 1e-3,
    penalty: float = 10.0,
    residual: str | None = None,
    rounding: float | str | None = None,
    weights: Any = None,
    fixed: Mapping[str, float] | None = None,
    tied: Mapping[str, str] | None = None,
    method: str = "auto",
    optimizer: Any = None,
    starts: Mapping[str, Any] | None = None,
    num_starts: int = NUM_STARTS,
    max_steps: int | None = None,
    key: Any = 0,
    force: bool = False,
) -> Fit:
    """The best parameters of a law for these runs, with how sure one may be of them.

    The fit runs in float64 on centred inputs from many starts at once; `agreement` says how many ended at the best
    objective, `verdict` what may be wrong.

    Args:
        law: the law.
        runs: a column per input of the law and one for its response.
        loss: "huber", "absolute", "squared", "student_t" (scale and degrees of freedom are estimated, see
            `loss_params`), "asymmetric", or a JAX function of one residual.
        delta: where Huber turns straight, in the unit of the residual.
        penalty: weight of predicting too much, for "asymmetric".
        residual: "log" (default where the response is positive), "raw" or "logit".
        rounding: width of the interval that was rounded to one response, as for a table read off a colour map: a number
            in the response's unit, or the name of a column of them. A prediction inside the interval costs nothing.
        weights: weight of each run, in place of the table's; rows of weight 0 are dropped and counted.
        fixed: parameters held at a value, in natural units.
        tied: parameters that equal another, {"beta": "alpha"}.
        method: "gauss-newton", "optax", or "auto": gauss-newton unless there is an `optimizer` or more than 60 free
            parameters.
        optimizer: an Optax gradient transformation in place of the damped Gauss-Newton solver; for "optax" L-BFGS.
        starts: points to start from beside the drawn ones, natural units: a number or an array of them per parameter.
        num_starts: how many starts are drawn from the usual ranges.
        max_steps: bound on steps of each start; 200 for Gauss-Newton, 2000 updates for Optax.
        key: seed of the starts.
        force: go on although the inputs look swapped.
    Returns:
        A `Fit`; `fit.method` says what ran. Bootstraps and refits of it use gauss-newton.
    Raises:
        InputError: a wrong option, or runs that cannot determine the law; the message says how to mend it.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.0, key=0)
        >>> round(float(lj.fit(lj.laws.CHINCHILLA, runs).params["alpha"]), 6)
        0.34
    """
    began = time.perf_counter()
    check_law_and_runs(law, runs)
    _check_options(method, optimizer, num_starts, max_steps)
    layout = Layout.of(law, fixed, tied)
    ran, steps = _what_runs(layout, method, optimizer, max_steps)
    choices = Choices(
        loss=loss, delta=delta, penalty=penalty, space=choose_space(law, residual), rounding=rounding,
        fixed=tuple((name, float(value)) for name, value in (fixed or {}).items()), tied=layout.tied,
        method=ran, num_starts=num_starts, max_steps=steps,
    )  # fmt: skip
    table = runs if weights is None else runs.reweighted(weights)
    task = _prepare(layout, table, choices, starts, key, force, alone=ran == "gauss-newton")
    solution = _descend(task, optimizer)
    return _finish(task, solution, time.perf_counter() - began)


@in_float64
def fit_each(law: Law, runs: Runs | Mapping[Any, Runs], *, by: str = "group", **options: Any) -> Fits:
    """The law fitted to each of many tables, all solved in one batch.

    Args:
        law: the law.
        runs: one table to be parted, or a dict of tables.
        by: the column whose values part the table; "group" for the runs' own groups.
        options: as for `fit`, the same for all; `optimizer`, `weights` and method="optax" are left out.
    Returns:
        `Fits`: a fit per table, with one row each in `to_frame`; `bootstrap` resamples them in one go.
    Raises:
        InputError: an unknown column or option, or a table that cannot determine the law, by its name.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.Runs.from_columns(
        ...     x=[1e6, 1e7, 1e8, 1e9] * 2, loss=[4.0, 3.0, 2.5, 2.25, 8.0, 6.0, 5.0, 4.5], seed=[1] * 4 + [2] * 4)
        >>> fits = lj.fit_each(lj.laws.get("power-law-floor"), runs, by="seed")
        >>> list(fits), round(float(fits[2].params["E"]), 6)
        ([1, 2], 4.0)
    """
    began = time.perf_counter()
    _check_names(options)
    tables = parted(runs, by)
    tasks = [_prepared_for(name, law, table, **options) for name, table in tables.items()]
    solutions = _solve_together(tasks)
    seconds = (time.perf_counter() - began) / len(tasks)
    fits = [_finish(task, solution, seconds) for task, solution in zip(tasks, solutions, strict=True)]
    return Fits(dict(zip(tables, fits, strict=True)), by)


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class _Task:
    """A fit that is ready to be solved."""

    runs: Runs
    layout: Layout
    choices: Choices
    problem: Problem
    weights: np.ndarray
    starts: np.ndarray
    box: tuple[np.ndarray, np.ndarray]
    data_verdict: Verdict


def _prepare(
    layout: Layout, runs: Runs, choices: Choices, starts: Any, key: Any, force: bool, *, alone: bool = False
) -> _Task:
    """The task; one that is solved alone by Gauss-Newton has its program compiled meanwhile."""
    law, loss, fixed = layout.law, choices.make_loss(), dict(choices.fixed)
    runs = runs.counted()
    held = (*layout.fixed, *dict(layout.tied))
    verdict = check_fit(law, runs, num_free=layout.num_free, fixed=held, residual=choices.space, force=force)
    rounding = check_rounding(runs, choices.rounding)
    if rounding is not None and loss.extra:
        raise InputError(
            f"`rounding` takes a loss that an interval can be free under, and {loss.name} is a density: with all "
            'responses inside their intervals its scale would be 0. Use "huber", "absolute" or "squared".'
        )
    centring = Centring.of(law, runs)
    problem = make_problem(layout, runs, centring, choices.space, fixed=fixed, rounding=rounding)
    weights = padded_weights(runs)
    box = line_box(layout, centring)
    ahead = compiled_meanwhile(problem, loss, choices.max_steps) if alone else contextlib.nullcontext()
    with ahead:
        drawn = make_starts(problem, loss, *box, weights, choices.num_starts, seed_of(key))
    return _Task(
        runs=runs,
        layout=layout,
        choices=choices,
        problem=problem,
        weights=weights,
        starts=np.concatenate([given_starts(layout, centring, starts, box, fixed), drawn]),
        box=box,
        data_verdict=verdict + undeclared_note(centring),
    )


def _prepared_for(
    name: Any,
    law: Law,
    runs: Runs,
    *,
    loss: Any = "huber",
    delta: float = 1e-3,
    penalty: float = 10.0,
    residual: str | None = None,
    rounding: float | str | None = None,
    fixed: Mapping[str, float] | None = None,
    tied: Mapping[str, str] | None = None,
    starts: Mapping[str, Any] | None = None,
    num_starts: int = NUM_STARTS,
    max_steps: int | None = None,
    key: Any = 0,
    force: bool = False,
) -> _Task:
    """One of many tables, ready to be solved; what is wrong with it is told with its name."""
    check_law_and_runs(law, runs)
    _check_options("auto", None, num_starts, max_steps)
    layout = Layout.of(law, fixed, tied)
    choices = Choices(
        loss=loss, delta=delta, penalty=penalty, space=choose_space(law, residual), rounding=rounding,
        fixed=tuple((each, float(value)) for each, value in (fixed or {}).items()), tied=layout.tied,
        num_starts=num_starts, max_steps=max_steps or GAUSS_NEWTON_STEPS,
    )  # fmt: skip
    try:
        return _prepare(layout, runs, choices, starts, key, force)
    except InputError as problem:
        raise InputError(f"table {name!r}: {problem}") from problem


def _check_names(options: Mapping[str, Any]) -> None:
    known = [
        name for name, each in inspect.signature(_prepared_for).parameters.items() if each.kind is each.KEYWORD_ONLY
    ]
    unknown = [name for name in options if name not in known]
    if unknown:
        raise InputError(f"fit_each has no option `{unknown[0]}`; it takes {', '.join(known)}.")


def _solve_together(tasks: Sequence[_Task]) -> list[Solution]:
    """Where the starts of each table ended, all in one batch."""
    choices = tasks[0].choices
    counts = [len(task.starts) for task in tasks]
    size = max(len(task.weights) for task in tasks)
    solution = solve(
        tables_of([task.problem for task in tasks]),
        choices.make_loss(),
        Tasks.of(
            np.concatenate([task.starts for task in tasks]),
            np.stack([np.pad(task.weights, (0, size - len(task.weights))) for task in tasks]),
            row=np.repeat(np.arange(len(tasks)), counts),
            table=np.repeat(np.arange(len(tasks)), counts),
        ),
        max_steps=choices.max_steps,
    )
    lasts = np.cumsum(counts)
    parts = [solution.take(slice(last - count, last)) for last, count in zip(lasts, counts, strict=True)]
    return [_searched_on(task, part) for task, part in zip(tasks, parts, strict=True)]


def _descend(task: _Task, optimizer: Any) -> Solution:
    """Where the starts ended."""
    loss, steps = task.choices.make_loss(), task.choices.max_steps
    if task.choices.method == "gauss-newton":
        found = solve(task.problem, loss, Tasks.of(task.starts, task.weights), max_steps=steps)
        return _searched_on(task, found)
    from lawjax.fitting.descend import descend

    return descend(task.problem, loss, optimizer, task.starts, task.weights, num_steps=steps)


def _searched_on(task: _Task, found: Solution) -> Solution:
    """The solution with a second round of starts, where too few of the first agree on the best objective."""
    size, level = task.weights.sum(), float(task.problem.level)
    ends = Ends(found.objective, 0, size, level, bool(task.choices.make_loss().extra))
    if ends.agreement > FEW_AGREE or not np.any(np.isfinite(found.objective)):
        return found
    loss = task.choices.make_loss()
    order = np.argsort(found.objective)[: np.isfinite(found.objective).sum()]
    starts = scanned(task.problem, loss, *task.box, task.weights, found.vector[order])
    more = solve(task.problem, loss, Tasks.of(starts, task.weights), max_steps=task.choices.max_steps)
    return Solution(*(np.concatenate(parts) for parts in zip(found, more, strict=True)))


def _finish(task: _Task, solution: Solution, seconds: float) -> Fit:
    """The result: the best end, with what is to be said about it."""
    best = int(np.argmin(solution.objective))
    found = Fit(
        law=task.layout.law,
        runs=task.runs,
        vector=solution.vector[best],
        extra=solution.extra[best],
        objective=float(solution.objective[best]),
        status=Status(int(solution.status[best])),
        num_steps=int(solution.num_steps[best]),
        choices=task.choices,
        start_vectors=solution.vector,
        start_objectives=solution.objective,
        start_status=solution.status,
        data_verdict=task.data_verdict,
        seconds=seconds,
        device=jax.devices()[0].device_kind,
        num_bred=max(len(solution.objective) - len(task.starts), 0),
    )
    at_edge = found.status == Status.CONVERGED and found.edges
    return dataclasses.replace(found, status=Status.AT_EDGE) if at_edge else found


def _what_runs(layout: Layout, method: str, optimizer: Any, max_steps: int | None) -> tuple[str, int]:
    """The method, never silent, and its bound on steps."""
    many = method == "auto" and layout.num_free > MANY_PARAMETERS
    if optimizer is None and method != "optax" and not many:
        return "gauss-newton", max_steps or GAUSS_NEWTON_STEPS
    return "optax", max_steps or OPTAX_STEPS


def _check_options(method: str, optimizer: Any, num_starts: Any, max_steps: Any) -> None:
    choose("method", method, METHODS)
    if method == "gauss-newton" and optimizer is not None:
        raise InputError('method="gauss-newton" and an `optimizer` exclude each other; leave one out.')
    if optimizer is not None and not (hasattr(optimizer, "init") and hasattr(optimizer, "update")):
        raise InputError(
            f"`optimizer` must be an Optax gradient transformation, such as optax.adam(1e-2), got {optimizer!r}."
        )
    check_whole("num_starts", num_starts, 1)
    if max_steps is not None:
        check_whole("max_steps", max_steps, 1)
