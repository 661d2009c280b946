"""The batched solver: many small problems in a few lanes, refilled as lanes end.

Starts, resamples, folds and tables are the same thing: independent small problems. A fixed number of lanes is advanced
a few steps at a time; lanes that ended hand in their answer and take the next problem, so none waits for the slowest,
and one compiled program serves any number of problems. On a CPU each core drives lanes of its own; several devices
share the lanes.
"""

import collections
import concurrent.futures
import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import jax
import numpy as np
from jax.sharding import Mesh

from lawjax.fitting.lanes import Ended, Lane, advance_lanes, idle_lanes
from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem
from lawjax.fitting.status import Status
from lawjax.fitting.ties import slack
from lawjax.parallel.cores import num_cores
from lawjax.parallel.mesh import local_mesh, over_devices
from lawjax.precision import in_float64

PATIENCE = 40
"""Steps in the last stage after which a task is handed to lanes that use the exact Hessian."""
RIVAL = 0.01
"""Share of the best objective within which a task that did not settle is handed on."""
LANES = 64
"""Lanes that one thread drives on a CPU, of each device where there are several."""
LANES_ELSEWHERE = 8192
"""Most lanes on each device of another kind."""
SLOW_LANES = 16
"""Lanes for the few tasks that need the exact Hessian, on a CPU."""


class Solution(NamedTuple):
    """Where each task ended; arrays lead with the task axis.

    Attributes:
        vector: on the line, shape (task, free).
        extra: the loss's own numbers on the line, shape (task, extra).
        objective: sum of losses.
        status: codes of `Status`.
        num_steps: steps taken.
    """

    vector: np.ndarray
    extra: np.ndarray
    objective: np.ndarray
    status: np.ndarray
    num_steps: np.ndarray

    def take(self, index: Any) -> "Solution":
        """The chosen tasks."""
        return Solution(*(array[index] for array in self))


class Tasks(NamedTuple):
    """Problems for the solver.

    Attributes:
        starts: vectors on the line, shape (task, free).
        row: which row of `weights` and `target` each task uses, shape (task,).
        weights: weight of each run, shape (row, run).
        target: responses in the residual space in place of the problem's, shape (row, run), or None.
        table: which table of the problem each task is about, shape (task,); None where there is one.
    """

    starts: np.ndarray
    row: np.ndarray
    weights: np.ndarray
    target: np.ndarray | None = None
    table: np.ndarray | None = None

    @classmethod
    def of(cls, starts: Any, weights: Any, *, row: Any = None, target: Any = None, table: Any = None) -> "Tasks":
        """Tasks with one row of weights (and targets) for all, shape (run,), one per task, or one per `row`."""
        starts = np.asarray(starts, dtype=np.float64)
        weights = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        target = None if target is None else np.atleast_2d(np.asarray(target, dtype=np.float64))
        rows = max(len(weights), 1 if target is None else len(target))
        weights = np.broadcast_to(weights, (rows, weights.shape[1]))
        target = None if target is None else np.broadcast_to(target, (rows, target.shape[1]))
        if row is None:
            row = np.arange(len(starts)) if rows > 1 else np.zeros(len(starts), dtype=np.int64)
        return cls(starts, np.asarray(row), weights, target, None if table is None else np.asarray(table))

    def of_lanes(self, problem: Problem, index: np.ndarray) -> Problem:
        """The problem of each chosen task: arrays that differ between tasks lead with an axis over them."""
        if self.table is not None:
            tables = self.table[index]
            problem = jax.tree.map(lambda array: np.asarray(array)[tables], problem)
        target = problem.target if self.target is None else self.target[self.row[index]]
        # Responses lead with the axis even where they are shared, so that fits and all bootstraps share a program.
        shape = (len(index), np.shape(target)[-1])
        return dataclasses.replace(problem, target=np.broadcast_to(target, shape))


def solve(problem: Problem, loss: Loss, tasks: Tasks, *, max_steps: int = 200, fine: bool = True) -> Solution:
    """Descend from every start; a task never raises, it carries a status.

    Args:
        problem: the data; its arrays lead with a table axis where `tasks.table` says which table is whose.
        loss: what a residual costs.
        tasks: where to start, and with which weights.
        max_steps: bound on the steps of the last stage.
        fine: go to the last digits; else end where what is left is far inside any standard error.
    """
    num = len(tasks.starts)
    found = _empty(num, problem.layout.num_free, len(loss.extra))
    _first_pass(problem, loss, tasks, found, max_steps, fine, num).drain_all(np.arange(num))
    slow = _worth_more(found, tasks, len(loss.extra) > 0)
    if max_steps > PATIENCE and len(slow):
        lanes = _num_lanes(SLOW_LANES, len(slow), local_mesh())
        second = _Work(problem, loss, tasks, found, max_steps - PATIENCE, fine, exact=True, lanes=lanes)
        second.drain_all(slow)
    return found


def _first_pass(
    problem: Problem, loss: Loss, tasks: Tasks, found: Solution, max_steps: int, fine: bool, num_tasks: int
) -> "_Work":
    """The pass that every task goes through, without the exact Hessian."""
    lanes = _num_lanes(LANES, num_tasks, local_mesh())
    return _Work(problem, loss, tasks, found, min(PATIENCE, max_steps), fine, exact=False, lanes=lanes)


@contextlib.contextmanager
def compiled_meanwhile(problem: Problem, loss: Loss, max_steps: int, num_tasks: int) -> Iterator[None]:
    """Compile the program of `solve` on another thread while the block runs: XLA leaves the interpreter free."""
    num = problem.layout.num_free
    idle = Tasks.of(np.zeros((1, num)), np.ones(len(problem.target)))
    work = _first_pass(problem, loss, idle, _empty(1, num, len(loss.extra)), max_steps, True, num_tasks)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        compiling = pool.submit(in_float64(work.advance_nothing))
        yield
        compiling.result()


def _worth_more(found: Solution, tasks: Tasks, likelihood: bool) -> np.ndarray:
    """Tasks that did not settle and could still be the best of those with the same data."""
    table = np.zeros_like(tasks.row) if tasks.table is None else tasks.table
    same = np.unique(np.stack([tasks.row, table]), axis=1, return_inverse=True)[1].ravel()
    best = np.full(int(same.max()) + 1, np.inf)
    settled = found.status == Status.CONVERGED
    np.minimum.at(best, same[settled], found.objective[settled])
    best = best[same]
    size = tasks.weights.sum(axis=1)[tasks.row]
    with np.errstate(invalid="ignore"):
        rivals = ~np.isfinite(best) | (found.objective <= best + slack(RIVAL, best, size, likelihood))
    return np.flatnonzero(np.isin(found.status, (Status.MAX_STEPS, Status.STALLED)) & rivals)


def _empty(num: int, num_free: int, num_extra: int) -> Solution:
    return Solution(
        vector=np.full((num, num_free), np.nan),
        extra=np.full((num, num_extra), np.nan),
        objective=np.full(num, np.inf),
        status=np.full(num, int(Status.NONFINITE), dtype=np.int32),
        num_steps=np.zeros(num, dtype=np.int32),
    )


def _num_lanes(on_cpu: int, num_tasks: int, mesh: Mesh) -> int:
    """Lanes for so many tasks: a fixed number on a CPU, elsewhere as many as the tasks fill, to a power of two."""
    if jax.default_backend() == "cpu":
        return on_cpu * mesh.size
    each = -(-num_tasks // mesh.size)
    return min(1 << max(each - 1, 15).bit_length(), LANES_ELSEWHERE) * mesh.size


def _num_workers() -> int:
    """Threads that drive lanes: one per core that this process may use, one for a device of another kind.

    XLA runs the body of a loop on one core, and a compiled call lets other Python threads run.
    """
    if jax.default_backend() != "cpu":
        return 1
    return max(1, num_cores() // local_mesh().size)


@dataclasses.dataclass(eq=False)
class _Work:
    """Tasks being solved: a queue that the threads share, and the solution that they fill.

    Attributes:
        exact: whether lanes use the exact Hessian; they then go on from where `solution` stands.
        lanes: how many lanes each thread drives.
        mesh: the devices that share them.
        queue: indices of the tasks that no lane has taken yet.
    """

    problem: Problem
    loss: Loss
    tasks: Tasks
    solution: Solution
    max_steps: int
    fine: bool
    exact: bool
    lanes: int
    mesh: Mesh = dataclasses.field(default_factory=local_mesh)
    queue: collections.deque[int] = dataclasses.field(default_factory=collections.deque)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    def drain_all(self, tasks: np.ndarray) -> None:
        """Solve these tasks."""
        self.queue.extend(tasks.tolist())
        workers = min(_num_workers(), -(-len(tasks) // self.lanes))
        if workers <= 1:
            self._drain()
            return
        with concurrent.futures.ThreadPoolExecutor(workers) as pool:
            try:
                for running in [pool.submit(in_float64(self._drain)) for _ in range(workers)]:
                    running.result()
            finally:
                # After an error, or when the caller breaks off, the other threads find nothing more to do.
                self.queue.clear()

    def _take(self, most: int) -> np.ndarray:
        """The next tasks, fewer at the end."""
        with self.lock:
            taken = [self.queue.popleft() for _ in range(min(most, len(self.queue)))]
        return np.array(taken, dtype=np.int64)

    def advance_nothing(self) -> None:
        """Call the compiled program on lanes that hold no task."""
        nobody = np.zeros(self.lanes, dtype=np.int64)
        self._advance(self._arguments(nobody), np.zeros(self.lanes, dtype=bool), self._idle())

    def _idle(self) -> Lane:
        return idle_lanes(self.lanes, self.tasks.starts.shape[1] + len(self.loss.extra))

    def _advance(self, arguments: tuple[Any, ...], fresh: np.ndarray, lanes: Lane) -> tuple[Lane, Ended]:
        problem, weights, starts = arguments
        by_table = self.tasks.table is not None
        data, rest = (problem, None) if by_table else (problem.target, dataclasses.replace(problem, target=None))
        static = dict(loss=self.loss, max_steps=self.max_steps, by_table=by_table, exact=self.exact)
        own, shared = (data, weights, starts, fresh, lanes), (rest, self.fine)
        return over_devices(self.mesh, _advance_part, own, shared, **static)

    def _drain(self) -> None:
        """Advance lanes a block of steps at a time until no task is left."""
        held = np.full(self.lanes, -1)
        taken = self._take(self.lanes)
        held[: len(taken)] = taken
        fresh = held >= 0
        lanes = self._idle()
        arguments: tuple[Any, ...] = ()
        while np.any(held >= 0):
            if np.any(fresh):
                arguments = self._arguments(np.where(held >= 0, held, held.max()))
            lanes, ended = self._advance(arguments, fresh, lanes)
            finished = np.flatnonzero(np.asarray(lanes.done) & (held >= 0))
            self._keep(held[finished], finished, ended)
            taken = self._take(len(finished))
            held[finished] = -1
            fresh = np.zeros(self.lanes, dtype=bool)
            held[finished[: len(taken)]], fresh[finished[: len(taken)]] = taken, True

    def _arguments(self, index: np.ndarray) -> tuple[Any, ...]:
        """What the lanes that hold these tasks need: problem, weights, starts."""
        starts, extra = self.tasks.starts[index], self.solution.extra[index]
        if self.exact:
            starts = self.solution.vector[index]
        points = np.concatenate([starts, extra], axis=1)
        return self.tasks.of_lanes(self.problem, index), self.tasks.weights[self.tasks.row[index]], points

    def _keep(self, tasks: np.ndarray, lanes: np.ndarray, ended: "Ended") -> None:
        """The answers of tasks that the given lanes held."""
        num_free = self.problem.layout.num_free
        point = np.asarray(ended.point)[lanes]
        self.solution.vector[tasks], self.solution.extra[tasks] = point[:, :num_free], point[:, num_free:]
        self.solution.objective[tasks] = np.asarray(ended.objective)[lanes]
        self.solution.status[tasks] = np.asarray(ended.status)[lanes]
        self.solution.num_steps[tasks] += np.asarray(ended.num_steps)[lanes]


def _advance_part(own: Any, shared: Any, **static: Any) -> tuple[Lane, Ended]:
    """`advance_lanes` for the lanes of one device."""
    (data, weights, starts, fresh, lanes), (problem, fine) = own, shared
    problem = data if static["by_table"] else dataclasses.replace(problem, target=data)
    return advance_lanes(problem, weights, starts, fresh=fresh, lanes=lanes, fine=fine, **static)
