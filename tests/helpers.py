"""Numbers and small helpers that several tests use."""

import contextlib
import doctest
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

import lawjax as lj
from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws import Law
from lawjax.laws.usual import input_at

SWEEP = (
    *("sweep", "--published", "besiroglu2024", "--axis", "N=1e8:1e12:40", "--axis", "D=1e9:1e13:600"),
    *("--keep", "top:3"),
)
"""A small sweep on the command line."""


def typical_params(law: Law, where: float = 0.5) -> dict[str, np.ndarray]:
    """Parameters a share `where` of the way through each usual range, on the line where the fit works."""
    return {name: _between(param, where) for name, param in law.params.items()}


def _between(param, where: float) -> np.ndarray:
    low, high = (float(to_line(param, edge)) for edge in (param.low, param.high))
    if not np.isfinite([low, high]).all():
        return np.full(param.shape, param.low + where * (param.high - param.low))
    return np.full(param.shape, float(from_line(param, low + where * (high - low))))


def typical_inputs(law: Law, where: float = 0.5) -> dict[str, Any]:
    """Inputs a share `where` of the way through each usual range: a number, or a vector."""
    return {name: _plain(input_at(variable, where)) for name, variable in law.inputs.items()}


def _plain(value: np.ndarray) -> Any:
    return float(value) if value.ndim == 0 else value


def true_params(law: Law, where: float = 0.4) -> dict[str, np.ndarray]:
    """Parameters to simulate from: typical ones, with places that depend on the data put amid the inputs."""
    middle = typical_inputs(law, 0.5)
    placed = {
        name: np.array(np.prod([middle[variable] ** float(e) for variable, e in param.dims.items()]))
        for name, param in law.params.items()
        if param.centred is not None and all(isinstance(e, int | float) for e in param.dims.values())
    }
    return typical_params(law, where) | placed


class _Asked(Exception):
    """The question of an example was put."""


def question_of(decide: Callable[..., Any], monkeypatch: Any) -> dict[str, Any]:
    """The arguments with which the first example of a decision's docstring asks it; nothing is worked out."""
    asked: dict[str, Any] = {}

    def record(*args: Any, **kwargs: Any) -> None:
        bound = inspect.signature(decide).bind(*args, **kwargs).arguments
        asked.update(bound | bound.pop("others", {}))
        raise _Asked

    names = {**vars(inspect.getmodule(decide)), decide.__name__: record}
    with monkeypatch.context() as patched, contextlib.suppress(_Asked):
        patched.setattr(lj.decisions, decide.__name__, record)
        for example in doctest.DocTestParser().get_examples(inspect.getdoc(decide) or ""):
            exec(compile(example.source, decide.__name__, "single"), names)
    return asked
