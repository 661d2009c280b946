"""A bar on the terminal for a loop that runs inside one compiled program.

The program is compiled once and kept, so that it cannot hold the bar itself: it calls `tick`, which finds the bar.
"""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import jax

EVERY = 50
_bars: list[Callable[[int], None]] = []


@contextlib.contextmanager
def bar(title: str, total: int, *, show: bool) -> Iterator[None]:
    """Show a bar on standard error while the block runs."""
    if not show:
        yield
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as shown:
        task = shown.add_task(title, total=total)
        _bars.append(lambda done: shown.update(task, completed=done))
        try:
            yield
            jax.effects_barrier()
            shown.update(task, completed=total)
        finally:
            _bars.pop()


def report(step: Any) -> None:
    """Inside a compiled loop: move the bar, every 50 steps."""
    jax.lax.cond(step % EVERY == 0, lambda: jax.debug.callback(tick, step), lambda: None)


def tick(step: Any) -> None:
    """Move the bar that is shown now, if any."""
    for move in _bars[-1:]:
        move(int(step))
