"""What is printed where: results on standard output, everything said on the way on standard error."""
# ruff: noqa: T201

import contextlib
import json
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any


def emit(result: Any, *, as_json: bool, out: str | None = None) -> None:
    """Save a result where asked, then print it: one JSON object, or its summary."""
    if out is not None:
        say(f"saved to {result.save(out)}")
    emit_text(result.to_dict(), result.summary(), as_json=as_json)


def emit_text(record: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print a record as one JSON object, or the text that says the same."""
    from lawjax.storage import plain

    print(json.dumps(plain(record), allow_nan=False, ensure_ascii=False) if as_json else text)


def say(text: str) -> None:
    """A line on standard error."""
    print(text, file=sys.stderr)


@contextlib.contextmanager
def step(text: str) -> Iterator[None]:
    """Say what is being done: a spinner on a terminal, a plain line elsewhere; then how long it took."""
    began = time.perf_counter()
    with _shown(text):
        yield
    say(f"{text} ({time.perf_counter() - began:.1f} s)")


def _shown(text: str) -> contextlib.AbstractContextManager[Any]:
    if not is_terminal():
        return contextlib.nullcontext()
    from rich.console import Console

    return Console(stderr=True).status(text)


def is_terminal() -> bool:
    """Whether standard error is a terminal, where progress may be drawn."""
    return sys.stderr.isatty()
