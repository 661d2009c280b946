"""A fit on its way: what there is to solve, the solution, and the result made of it."""

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from lawjax.data.checks import check_fit
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring, undeclared_note
from lawjax.fitting.diagnosis import FEW_AGREE
from lawjax.fitting.fit_result import Choices, Fit
from lawjax.fitting.given import check_rounding, given_starts
from lawjax.fitting.optima import Ends
from lawjax.fitting.problem import Layout, Problem, line_box, make_problem, padded_weights, tables_of
from lawjax.fitting.solve import Solution, Tasks, compiled_meanwhile, solve
from lawjax.fitting.starts import make_starts, scanned
from lawjax.fitting.status import Status
from lawjax.precision import seed_of
from lawjax.verdict import Verdict


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """A fit that is ready to be solved."""

    runs: Runs
    layout: Layout
    choices: Choices
    problem: Problem
    weights: np.ndarray
    starts: np.ndarray
    box: tuple[np.ndarray, np.ndarray]
    data_verdict: Verdict


def prepare(layout: Layout, runs: Runs, choices: Choices, starts: Any, key: Any, force: bool, *, alone: bool) -> Task:
    """The task of fitting `runs`; one that is solved alone by Gauss-Newton has its program compiled meanwhile.

    Raises:
        InputError: runs that cannot determine the law, or wrong starts or rounding.
    """
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
    given = given_starts(layout, centring, starts, box, fixed)
    num = len(given) + choices.num_starts
    ahead = compiled_meanwhile(problem, loss, choices.max_steps, num) if alone else contextlib.nullcontext()
    with ahead:
        drawn = make_starts(problem, loss, *box, weights, choices.num_starts, seed_of(key))
    return Task(
        runs=runs,
        layout=layout,
        choices=choices,
        problem=problem,
        weights=weights,
        starts=np.concatenate([given, drawn]),
        box=box,
        data_verdict=verdict + undeclared_note(centring),
    )


def solved_together(tasks: Sequence[Task]) -> list[Solution]:
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


def solved(task: Task, optimizer: Any) -> Solution:
    """Where the starts ended."""
    loss, steps = task.choices.make_loss(), task.choices.max_steps
    if task.choices.method == "gauss-newton":
        found = solve(task.problem, loss, Tasks.of(task.starts, task.weights), max_steps=steps)
        return _searched_on(task, found)
    from lawjax.fitting.descend import descend

    return descend(task.problem, loss, optimizer, task.starts, task.weights, num_steps=steps)


def _searched_on(task: Task, found: Solution) -> Solution:
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


def finish(task: Task, solution: Solution, seconds: float) -> Fit:
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
