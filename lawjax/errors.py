"""The errors a caller can mend: what is wrong, what was got, what to do.

All are `ValueError`s (or `ImportError` for a library that is not installed), so code that catches the
built-in keeps working. The command line turns them into one message and exit status 2.
"""

import importlib
from collections.abc import Iterable
from types import ModuleType
from typing import Any


class InputError(ValueError):
    """A call, a table or a file that cannot be used as it is; the message says how to mend it."""


class VerdictError(InputError):
    """A decision was asked of a result whose verdict forbids it."""


class MissingExtraError(ImportError):
    """An optional library is not installed; the message names the extra that brings it."""


def require(module: str, extra: str) -> ModuleType:
    """The module, or an error naming the extra that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and not module.startswith(error.name):
            raise
        raise MissingExtraError(
            f"this needs `{module.partition('.')[0]}`, which is not installed. "
            f"Install it with `pip install 'lawjax[{extra}]'`."
        ) from None


def choose(kind: str, name: str, table: Iterable[str]) -> str:
    """`name` if it is in `table`; else an error that lists the choices."""
    choices = list(table)
    if name in choices:
        return name
    listed = ", ".join(f'"{choice}"' for choice in choices)
    raise InputError(f"unknown {kind} {name!r}. Choose one of {listed}.")


def check_whole(name: str, value: Any, least: int, most: int | None = None, *, advice: str = "") -> None:
    """Refuse what is not a whole number from `least` up, or to `most`, by its name.

    Example:
        >>> check_whole("num_breaks", 2, 1)
    """
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and least <= value and (most is None or value <= most):
        return
    span = f"above {least - 1}" if most is None else f"from {least} to {most}"
    raise InputError(f"`{name}` must be a whole number {span}, got {value!r}." + (f" {advice}" if advice else ""))
