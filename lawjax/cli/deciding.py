"""`lawjax decide`: any function of `lawjax.decisions`, by name."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from lawjax.cli import options as o
from lawjax.cli import parsing
from lawjax.cli.files import source_of
from lawjax.cli.output import emit, emit_text
from lawjax.errors import InputError, choose


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
    given = {key: _value(key, text) for key, text in parsing.pairs(at, "--at", "N=7e9").items()}
    _check_names(name, given, held, any(_is_rest(p) for p in inspect.signature(fn).parameters.values()))
    found = [_source(text) for text in source or ()]
    switches = {"prob": prob, "force": force}
    known = inspect.signature(fn).parameters
    answer = fn(*found, **given, **{key: value for key, value in switches.items() if key in known})
    return emit(answer, as_json=as_json, out=out)


def _decisions() -> dict[str, Callable[..., Any]]:
    from lawjax import decisions

    named = {name: getattr(decisions, name) for name in decisions.__all__}
    return {name.replace("_", "-"): fn for name, fn in named.items() if inspect.isfunction(fn) and _split(fn)[0]}


def _split(fn: Callable[..., Any]) -> tuple[list[str], dict[str, bool]]:
    """Names of a decision's sources, and of what is held with whether it must be given."""
    from lawjax.decisions.answer import Source

    parameters = inspect.signature(fn).parameters
    sources = [name for name, p in parameters.items() if p.annotation == Source]
    switches = (*sources, "prob", "force")
    rest = {name: p.default is p.empty for name, p in parameters.items() if name not in switches and not _is_rest(p)}
    return sources, rest


def _is_rest(parameter: inspect.Parameter) -> bool:
    """Whether it stands for the other inputs of a law, `**others`."""
    return parameter.kind is parameter.VAR_KEYWORD


def _check_names(name: str, given: dict[str, Any], held: dict[str, bool], open_ended: bool) -> None:
    missing = [key for key, needed in held.items() if needed and key not in given]
    stray = [] if open_ended else [key for key in given if key not in held]
    if missing or stray:
        raise InputError(f"{name} is asked with --at {', '.join(held)}; missing {missing}, not known {stray}.")


def _value(key: str, text: str) -> Any:
    """A number, a vector written 1:2:3, or a word."""
    if ":" in text:
        return [parsing.number(part, f"{key}={text}", "--at", "costs=1:2:3") for part in text.split(":")]
    try:
        return float(text)
    except ValueError:
        return text


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
