"""The options of a command that several processes run together, and how they join."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer

from lawjax.errors import InputError

PANEL = "Several processes"

Distributed = Annotated[
    bool,
    typer.Option(
        "--distributed",
        help="Share the work with the other processes of the job, which run this same command. SLURM, Open MPI and TPU "
        "pods say which; elsewhere give the three options below.",
        rich_help_panel=PANEL,
    ),
]
Coordinator = Annotated[
    str | None,
    typer.Option(
        "--coordinator", metavar="HOST:PORT", help="Where process 0 can be reached by all.", rich_help_panel=PANEL
    ),
]
NumProcesses = Annotated[
    int | None, typer.Option("--num-processes", help="How many processes take part.", min=1, rich_help_panel=PANEL)
]
ProcessId = Annotated[
    int | None, typer.Option("--process-id", help="Which of them this one is, from 0.", min=0, rich_help_panel=PANEL)
]
Patience = Annotated[
    int,
    typer.Option(
        "--patience",
        help="Seconds without a sign of life until a process counts as dead.",
        min=1,
        rich_help_panel=PANEL,
    ),
]


@contextlib.contextmanager
def joined(
    distributed: bool, coordinator: str | None, num_processes: int | None, process_id: int | None, patience: int
) -> Iterator[bool]:
    """Join the job for the block, if asked to; gives whether this process prints the result."""
    if not distributed:
        given = {"--coordinator": coordinator, "--num-processes": num_processes, "--process-id": process_id}
        for name, value in given.items():
            if value is not None:
                raise InputError(f"{name} says who takes part in a job of several processes; add --distributed.")
        yield True
        return
    from lawjax.parallel import distributed as join

    with join(coordinator, num_processes, process_id, patience=patience) as team:
        yield team.is_first
