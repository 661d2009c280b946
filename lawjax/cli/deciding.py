"""`lawjax decide`: any function of `lawjax.decisions`, by name."""

import collections.abc
import inspect
import types
import typing
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import source_of
from lawjax.cli.output import emit, emit_text
from lawjax.errors import InputError, choose

VECTOR = frozenset({"vector"})
NUMBERS = frozenset({"number", "vector"})
FORMS: dict[Any, Iterable[str]] = {
    float: {"number"}, int: {"number"}, str: {"word"}, tuple: VECTOR, collections.abc.Sequence: VECTOR, Any: NUMBERS,
}  # fmt: skip
"""How a value is written, by the type that a decision declares; what is not listed cannot be written."""
UNIONS = (typing.Union, types.UnionType)


def decide(
    name: Annotated[
        str | None, typer.Argument(metavar="DECISION", help="Which question, as optimal-vocabulary; none lists them.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE", help="A saved fit, bootstrap or posterior, or the name of coefficients."),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option("--at", metavar="NAME=VALUE,...", help="What is held, as N=7e9; a vector as costs=1:2:3."),
    ] = None,
    prob: o.Prob = 0.9,
    force: o.Force = False,
    as_json: o.Json = False,
    out: o.Out = None,
) -> None:
    """Answer the question that a law exists for, with an interval; without a name, list the questions."""
    if name is None:
        return _list_decisions(as_json)
    fn = _decisions()[choose("decision", name.replace("_", "-"), _decisions())]
    sources, held = _split(fn)
    if len(source or ()) != len(sources):
        listed = ", ".join(s.upper() for s in sources)
        raise InputError(f"{name} takes {listed}, got {list(source or ())}: saved results or names of coefficients.")
    known = inspect.signature(fn).parameters
    written = parsing.pairs(at, "--at", "N=7e9")
    _check_names(name, written, held, any(_is_rest(p) for p in known.values()))
    given = {key: _value(key, text, _forms(known[key]) if key in known else NUMBERS) for key, text in written.items()}
    found = [_source(text) for text in source or ()]
    switches = {"prob": prob, "force": force}
    answer = fn(*found, **given, **{key: value for key, value in switches.items() if key in known})
    return emit(answer, as_json=as_json, out=out)


def _decisions() -> dict[str, Callable[..., Any]]:
    from lawjax import decisions

    named = {name: getattr(decisions, name) for name in decisions.__all__}
    return {name.replace("_", "-"): fn for name, fn in named.items() if inspect.isfunction(fn) and _split(fn)[0]}


def _split(fn: Callable[..., Any]) -> tuple[list[str], dict[str, bool]]:
    """Names of a decision's sources, and of what can be written as held with whether it must be given."""
    from lawjax.decisions.answer import Source

    parameters = inspect.signature(fn).parameters
    sources = [name for name, p in parameters.items() if p.annotation == Source]
    switches = (*sources, "prob", "force")
    named = {name: p for name, p in parameters.items() if name not in switches and not _is_rest(p) and _forms(p)}
    return sources, {name: p.default is p.empty for name, p in named.items()}


def _is_rest(parameter: inspect.Parameter) -> bool:
    """Whether it stands for the other inputs of a law, `**others`."""
    return parameter.kind is parameter.VAR_KEYWORD


def _forms(parameter: inspect.Parameter) -> frozenset[str]:
    """In which forms a parameter can be written: none for a function, a law or a table by name."""
    annotation = parameter.annotation
    choices = typing.get_args(annotation) if typing.get_origin(annotation) in UNIONS else (annotation,)
    return frozenset().union(*(FORMS.get(typing.get_origin(choice) or choice, ()) for choice in choices))


def _check_names(name: str, given: dict[str, str], held: dict[str, bool], open_ended: bool) -> None:
    missing = [key for key, needed in held.items() if needed and key not in given]
    stray = [] if open_ended else [key for key in given if key not in held]
    if missing or stray:
        raise InputError(f"{name} is asked with --at {', '.join(held)}; missing {missing}, not known {stray}.")


def _value(key: str, text: str, forms: frozenset[str]) -> Any:
    """A word, a number, or a vector written 1:2:3, whichever the parameter takes."""
    if "word" in forms:
        return text
    bit = f"{key}={text}"
    if "vector" in forms and ":" in text:
        return [parsing.number(part, bit, "--at", f"{key}=1:2:3") for part in text.split(":")]
    value = parsing.number(text, bit, "--at", f"{key}=1:2:3" if forms == VECTOR else f"{key}=1")
    return [value] if forms == VECTOR else value


def _source(text: str) -> Any:
    from lawjax.laws import PUBLISHED

    return source_of(None, text) if text in PUBLISHED else source_of(text, None)


def _list_decisions(as_json: bool) -> None:
    records = [
        {"name": name, "question": (inspect.getdoc(fn) or "").partition("\n")[0], "sources": _split(fn)[0]}
        | {"held": list(_split(fn)[1])}
        for name, fn in _decisions().items()
    ]
    lines = [f"{r['name']}: {r['question']}\n    {_usage(r)}" for r in records]
    emit_text({"decisions": records}, "\n".join(lines), as_json=as_json)


def _usage(record: dict[str, Any]) -> str:
    sources = " ".join(name.upper() for name in record["sources"])
    at = ",".join(f"{name}=..." for name in record["held"])
    return f"lawjax decide {record['name']} {sources}" + (f" --at {at}" if at else "")
