"""Several processes, on one machine or on many, by JAX's distributed runtime: who takes part, and what they exchange.

Every process makes the same calls. Each computes its share, and what they hand each other is put together in the order
of the processes, so that all return the same result.
"""

import contextlib
import dataclasses
import io
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

import jax
import numpy as np
from jax.experimental import multihost_utils

from lawjax.errors import InputError, check_whole

Result = TypeVar("Result")

PATIENCE = 30
"""Seconds without a sign of life until a process counts as dead."""
START = 300
"""Seconds to wait at the start until all processes are there."""

SETTINGS = {"jax_enable_recoverability": True, "jax_enable_preemption_service": False}
"""So that JAX lets the survivors of a dead process say who died, and a signal to end does end a process."""

_TEAMS: list["Team"] = []
"""The team of this process, if it joined one."""

_live_devices = multihost_utils.live_devices
"""Waits until every process has come here or is dead, at the end of a block, and at the beginning the first time."""


class LostProcessError(ConnectionError):
    """Processes of a job died, or were cut off; `names` says which."""

    def __init__(self, names: Iterable[str], advice: str = "Start all processes again.") -> None:
        self.names = tuple(names)
        super().__init__(f"{' and '.join(self.names)} died or cannot be reached. {advice}")


@dataclasses.dataclass(eq=False)
class Team:
    """The processes that share a piece of work.

    Attributes:
        index: which of them this one is.
        names: of all of them, for a reader.
        known: the error that all of them know of and raise.
    """

    index: int
    names: tuple[str, ...]
    known: Exception | None = None

    @property
    def size(self) -> int:
        """How many they are."""
        return len(self.names)

    @property
    def is_first(self) -> bool:
        """Whether this is the process that speaks for all."""
        return self.index == 0

    def share(self, num: int) -> range:
        """Which of `num` things are this process's.

        Example:
            >>> [list(Team(index, ("a", "b", "c")).share(7)) for index in range(3)]
            [[0, 1], [2, 3], [4, 5, 6]]
        """
        return range(num * self.index // self.size, num * (self.index + 1) // self.size)

    def gather(self, content: bytes) -> list[bytes]:
        """What each process hands in, in their order; waits for all.

        Raises:
            LostProcessError: one of them is dead.
        """
        if self.size == 1:
            return [content]
        with self._complete():
            pass  # Processes end their shares far apart; a collective, which may give up, begins when all are here.
        with self._complete():
            sizes = np.ravel(multihost_utils.process_allgather(np.array([len(content)], np.uint32)))
            padded = np.frombuffer(content.ljust(max(int(sizes.max()), 1), b"\0"), np.uint8)
            rows = np.asarray(multihost_utils.process_allgather(padded)).reshape(self.size, -1)
        return [row[:size].tobytes() for row, size in zip(rows, sizes, strict=True)]

    def gather_arrays(self, arrays: Mapping[str, np.ndarray]) -> list[dict[str, np.ndarray]]:
        """As `gather`, of arrays by name."""
        return [unpacked(part) for part in self.gather(packed(arrays))]

    def all_do(self, work: Callable[[], Result]) -> Result:
        """What the work gives here, once it is done everywhere; what is wrong in one process is raised in all.

        Raises:
            InputError: in one of the processes, which the others name.
            LostProcessError: one of them is dead.
        """
        try:
            result = work()
        except InputError as error:
            self.gather(str(error).encode())
            self.known = error
            raise
        for name, problem in zip(self.names, self.gather(b""), strict=True):
            if problem:
                self.known = InputError(f"{name} stopped: {problem.decode()}")
                raise self.known
        return result

    def first_does(self, work: Callable[[], bytes]) -> bytes:
        """What the work gives in the first process, in all of them; errors as in `all_do`."""
        found = self.all_do(lambda: work() if self.is_first else b"")
        if self.size == 1:
            return found
        with self._complete():
            size = int(multihost_utils.broadcast_one_to_all(np.uint32(len(found))))
            padded = np.frombuffer(found.ljust(size, b"\0"), np.uint8)
            return np.asarray(multihost_utils.broadcast_one_to_all(padded)).tobytes()

    @contextlib.contextmanager
    def _complete(self) -> Iterator[None]:
        """Wait at the end of the block until all processes are there too."""
        try:
            with _live_devices(jax.devices()) as alive:
                lost = set(range(self.size)) - {device.process_index for device in alive}
                if lost:
                    raise self._lost(lost)
                yield
        except multihost_utils.ProcessFailureError as error:
            raise self._lost({device.process_index for device in error.failed_devices}) from None

    def _lost(self, which: Iterable[int]) -> LostProcessError:
        error = LostProcessError(self.names[index] for index in sorted(which))
        self.known = error
        return error


@contextlib.contextmanager
def distributed(
    coordinator: str | None = None,
    num_processes: int | None = None,
    process_id: int | None = None,
    *,
    patience: int = PATIENCE,
    start: int = START,
) -> Iterator[Team]:
    """Join the processes of a job for the block, so that calls in it can share their work (`distributed=True`).

    Enter it before anything is computed. Under SLURM or Open MPI, on a TPU pod, and on Kubernetes with JAX's own extra,
    JAX finds out by itself who takes part; elsewhere give all three.

    Args:
        coordinator: "host:port" at which process 0 can be reached by all; a port that is free.
        num_processes: how many take part.
        process_id: which of them this one is, from 0.
        patience: seconds without a sign of life after which a process counts as dead.
        start: seconds to wait until all are there. If they are not, JAX ends those that came (DEADLINE_EXCEEDED).
    Raises:
        InputError: it is not known who takes part, or something was computed before.
    Example:
        >>> import lawjax as lj
        >>> from lawjax.parallel import distributed
        >>> def job():
        ...     with distributed("node0:5000", num_processes=2, process_id=1) as team:
        ...         return lj.sweep(source, space, store="/shared/big", distributed=True)
    """
    check_whole("patience", patience, 1)
    check_whole("start", start, 1)
    with contextlib.ExitStack() as held:
        for name, value in SETTINGS.items():
            held.callback(jax.config.update, name, getattr(jax.config, name))
            jax.config.update(name, value)
        _join(coordinator, num_processes, process_id, patience, start)
        yield held.enter_context(_all_joined())


def _join(coordinator: str | None, num: int | None, index: int | None, patience: int, start: int) -> None:
    try:
        jax.distributed.initialize(
            coordinator,
            num,
            index,
            initialization_timeout=start,
            heartbeat_timeout_seconds=patience,
            shutdown_timeout_seconds=patience,
        )
    except (ValueError, TypeError) as error:
        raise InputError(
            f"it is not known which processes take part ({error}) Give the coordinator as host:port, the number of "
            "processes and the number of this one."
        ) from None
    except RuntimeError as error:
        raise InputError(
            f"the processes were not joined. Join them once, before anything is computed. JAX says: {error}"
        ) from None


@contextlib.contextmanager
def _all_joined() -> Iterator[Team]:
    """All processes for the block. Process 0, where the others reach JAX's service, is the last to leave."""
    team = _named_by_all()
    _TEAMS.append(team)
    try:
        yield team
        _say_goodbye(team, "")
    except (InputError, LostProcessError) as error:
        if error is not team.known:
            _say_goodbye(team, str(error))
        _outlive(team)
        raise
    else:
        _outlive(team)
    finally:
        # After what no process foresaw, this alone is done, and the others hear from JAX's runtime that it is gone.
        _TEAMS.remove(team)
        jax.distributed.shutdown()


def _say_goodbye(team: Team, problem: str) -> None:
    """Tell those that wait for this process's share why there is none."""
    with contextlib.suppress(LostProcessError):
        team.gather(problem.encode())


def _outlive(team: Team) -> None:
    """Wait in the first process until it is the last."""
    alive = team.size if team.is_first else 1
    while alive > 1:
        with contextlib.suppress(multihost_utils.ProcessFailureError), _live_devices(jax.devices()) as found:
            alive = len({device.process_index for device in found})


def _named_by_all() -> Team:
    """All processes of the job, each by the name that it gives itself."""
    index, num = jax.process_index(), jax.process_count()
    team = Team(index, tuple(f"process {other}" for other in range(num)))
    return dataclasses.replace(team, names=tuple(name.decode() for name in team.gather(_name(index).encode())))


def team_of(distributed: bool) -> Team:
    """Those who share the work of a call: all processes of the job, or this one alone.

    Raises:
        InputError: `distributed`, and no job was joined.
    """
    if not distributed:
        return Team(0, (_name(0),))
    if not jax.distributed.is_initialized():
        raise InputError(
            "distributed=True shares the work among processes that were joined. Make the call inside "
            "`with lawjax.parallel.distributed(...):`, before which nothing is computed."
        )
    return _TEAMS[-1] if _TEAMS else _named_by_all()


def packed(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as bytes, for another process."""
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def unpacked(content: bytes) -> dict[str, np.ndarray]:
    """The arrays in bytes."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _name(index: int) -> str:
    return f"process {index} ({socket.gethostname()}, pid {os.getpid()})"
