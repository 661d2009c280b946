"""Functions of named inputs: costs, constraints, derived axes and extra quantities read alike."""

import inspect
from collections.abc import Callable, Mapping, Set
from typing import Any

from lawjax.errors import InputError


def arguments_of(function: Callable[..., Any], role: str) -> tuple[str, ...]:
    """The names a function takes, all of which must be written out; an option with a default stays at it."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise InputError(
            f"the arguments of the {role} {function!r} cannot be read; wrap it as `lambda N, D: ...`."
        ) from None
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) or _is_wanted_by_keyword(p) for p in parameters):
        raise InputError(
            f"the {role} function must name each input it takes, without *args, **kwargs or keyword-only ones."
        )
    return tuple(p.name for p in parameters if p.kind is not p.KEYWORD_ONLY)


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """The function at the values that its arguments name."""
    return function(*(values[name] for name in arguments_of(function, "called")))


def ordered(functions: Mapping[str, Callable[..., Any]], known: Set[str], whole: str) -> dict[str, Callable[..., Any]]:
    """The functions in an order in which each finds its arguments computed.

    Args:
        functions: by the name of what each gives.
        known: names that are there from the start.
        whole: what they belong to, for messages.
    Raises:
        InputError: a function of an unknown name, or functions that depend on each other in a circle.
    """
    wanted = {name: arguments_of(function, f"derived input `{name}`") for name, function in functions.items()}
    for name, arguments in wanted.items():
        stray = [argument for argument in arguments if argument not in known and argument not in functions]
        if stray:
            has = sorted(known | set(functions))
            raise InputError(f"`{name}` is a function of {stray}, which {whole} does not have. It has {has}.")
    order: dict[str, Callable[..., Any]] = {}
    while len(order) < len(functions):
        ready = [name for name in functions if name not in order and {*wanted[name]} <= known | set(order)]
        if not ready:
            raise InputError(f"{[name for name in functions if name not in order]} depend on each other in a circle.")
        order |= {name: functions[name] for name in ready}
    return order


def _is_wanted_by_keyword(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty
