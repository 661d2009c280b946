"""What the result of a sweep depends on, in short words with hashes, so that another process can compare."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from lawjax.costs.named import arguments_of
from lawjax.draws import Draws
from lawjax.storage import hash_of, versions
from lawjax.sweeps.ladder import rung_of
from lawjax.sweeps.reducer import Reducer
from lawjax.sweeps.stream import Scan
from lawjax.text import without_addresses

LIBRARIES = ("lawjax", "jax", "jaxlib", "numpy")
"""Those whose version may change a bit of a sweep."""
WIDEST = 120


def facts_of(scan: Scan, draws: Draws, reducers: Mapping[str, Reducer]) -> dict[str, str]:
    """Everything that may change a bit of the result, by a name that tells a reader what to look at."""
    found = versions()
    return {
        **_of_source(scan, draws),
        **_of_space(scan),
        **_of_program(scan),
        **{f"keep {name}": _short(repr(reducer)) for name, reducer in reducers.items()},
        "dtype": scan.dtype,
        "way": rung_of(scan),
        "chunk": f"{scan.rows_per_chunk} rows of {scan.layout.width}",
        "device": f"{jax.default_backend()}, {jax.devices()[0].device_kind}",
        **{f"version of {name}": found.get(name, "none") for name in LIBRARIES},
    }


def _of_source(scan: Scan, draws: Draws) -> dict[str, str]:
    basis = draws.basis
    data = f"{basis.rows_used} rows of {basis.source} ({basis.data_sha256[:16]})" if basis.data_sha256 else "none"
    params = [draws.params[name] for name in sorted(draws.params)]
    notes = f"{draws.verdict}{sorted(draws.observed.items())}"
    return {
        "law": f"{draws.law.name} ({_law_hash(scan, draws)})",
        "data": data,
        "draws": f"{len(draws)} ({_hash(params)})",
        "verdict of the draws": f"{draws.verdict.grade} ({_hash([np.array(notes)])})",
    }


def _of_space(scan: Scan) -> dict[str, str]:
    space = scan.layout.space
    hashes = {name: _hash(axis.columns(name).values()) for name, axis in space.axes.items()}
    axes = {f"axis {name}": f"{_short(repr(axis)[6:-1])} ({hashes[name]})" for name, axis in space.axes.items()}
    held = {f"held {name}": _short(str(value.tolist())) for name, value in space.fixed.items()}
    return {**axes, "order of axes": ", ".join(space.axes), **held}


def _of_program(scan: Scan) -> dict[str, str]:
    program = scan.program
    named = {f"derived {name}": function for name, function in program.derived}
    named |= {f"objective {name}": function for name, function in program.extras}
    named |= {} if program.where is None else {"where": program.where}
    found = {role: _function_hash(scan, function, arguments_of(function, role)) for role, function in named.items()}
    if (cost := program.cost) is not None:
        paid = _function_hash(scan, lambda *values: cost(dict(zip(cost.inputs, values))), cost.inputs)
        found |= {"cost": f"{cost.name} ({paid})", "budget": repr(float(scan.limit))}
    return {**found, "loss over draws": f"{float(scan.prob)!r} quantile" if program.quantile else "mean"}


def _law_hash(scan: Scan, draws: Draws) -> str:
    """A hash of the law as a program of its inputs and parameters."""
    law = draws.law
    inputs, params = tuple(law.inputs), tuple(law.params)
    shapes = [*_shapes(scan, inputs), *(draws.params[name].shape[1:] for name in params)]

    def loss(*values: Any) -> Any:
        return law.fn(*values[: len(inputs)], **dict(zip(params, values[len(inputs) :])))

    return _program_hash(loss, shapes)


def _function_hash(scan: Scan, function: Callable[..., Any], names: Sequence[str]) -> str:
    return _program_hash(lambda *values: function(*values), _shapes(scan, names))


def _shapes(scan: Scan, names: Iterable[str]) -> list[tuple[int, ...]]:
    return [scan.layout.space.vectors.get(name, ()) for name in names]


def _program_hash(function: Callable[..., Any], shapes: Iterable[tuple[int, ...]]) -> str:
    """A hash of what a function computes, its constants included, whatever the function is called."""
    with jax.enable_x64(True):
        inputs = [jax.ShapeDtypeStruct(shape, np.dtype("float64")) for shape in shapes]
        text = jax.jit(lambda *values: function(*values)).lower(*inputs).as_text()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _hash(arrays: Iterable[np.ndarray]) -> str:
    return hash_of(arrays)[:16]


def _short(text: str) -> str:
    """A text without addresses in memory, and a hash for what does not fit a line."""
    text = without_addresses(text)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]}... ({hashlib.sha256(text.encode()).hexdigest()[:16]})"
