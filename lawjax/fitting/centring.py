"""Centring: every fit runs on inputs divided by their geometric mean.

There the condition number of a Chinchilla fit falls from about 1e11 to about 10, and starts stop failing. A
law's declared dimensions say how its parameters move (`laws.base.rescale`).
"""

import dataclasses
import functools
import weakref
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from lawjax.data.runs import Runs
from lawjax.laws.base import Law, Param, Params, rescale
from lawjax.laws.formulas.formula import formula_record
from lawjax.laws.usual import params_at
from lawjax.verdict import Verdict, warning

EDGE_SHARE = 0.02
"""How far inside a bounded parameter's edges its usual range is taken to end."""


@dataclasses.dataclass(frozen=True, eq=False)
class Centring:
    """A change of units that puts the runs around 1.

    Attributes:
        law: the law.
        factors: what each scalable input is divided by: its geometric mean over the runs.
        level: typical size of the response: the median of its absolute value.
    """

    law: Law
    factors: Mapping[str, float]
    level: float

    @property
    def undeclared(self) -> tuple[str, ...]:
        """Scalable inputs that stay in their own unit, because the law's record does not account for a change."""
        return tuple(name for name, v in self.law.inputs.items() if v.scalable and name not in self.factors)

    @classmethod
    def of(cls, law: Law, runs: Runs) -> "Centring":
        """The centring that a table of runs asks for."""
        columns = {name: np.asarray(runs[name], dtype=np.float64) for name in law.inputs}
        centres = {n: float(np.exp(np.mean(np.log(columns[n])))) for n, v in law.inputs.items() if v.scalable}
        declared = declared_inputs(law, {name: column[len(column) // 2] for name, column in columns.items()}, centres)
        factors = {name: centre for name, centre in centres.items() if name in declared}
        level = float(np.median(np.abs(np.asarray(runs[law.response], dtype=np.float64))))
        return cls(law, factors, level if level > 0 else 1.0)

    def inputs(self, columns: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """The law's inputs in centred units, float64."""
        return {
            name: np.asarray(columns[name], dtype=np.float64) / self.factors.get(name, 1.0) for name in self.law.inputs
        }

    def to_centred(self, params: Params) -> dict[str, Any]:
        """Parameters for centred inputs."""
        return rescale(self.law, params, self.factors)

    def to_natural(self, params: Params) -> dict[str, Any]:
        """Parameters for inputs in their own units."""
        return rescale(self.law, params, {name: 1.0 / factor for name, factor in self.factors.items()})


def undeclared_note(centring: Centring) -> Verdict:
    """A warning where inputs could not be centred, as part of a verdict."""
    if not centring.undeclared:
        return Verdict()
    listed = ", ".join(f"`{name}`" for name in centring.undeclared)
    reason = f"{listed} stayed in its own unit: the record of {centring.law.name!r} does not cover a change."
    how = "Declare dims={...} on the parameters (see Law)"
    if formula_record(centring.law) is not None:
        how = "Write each term with a scale or a place for it, as A in A / N**alpha or N0 in log(N / N0), used once"
    fix = f"{how}; centred fits are faster and find the optimum more often."
    return Verdict((warning("undeclared-dimensions", reason, fix),))


_DECLARED: weakref.WeakKeyDictionary[Law, frozenset[str]] = weakref.WeakKeyDictionary()


def declared_inputs(law: Law, run: Mapping[str, Any], factors: Mapping[str, float]) -> frozenset[str]:
    """The inputs whose change of unit the law's record accounts for in full.

    A record that leaves a dimension out would send back parameters in the wrong unit, so it is put to the test:
    at a few points of the usual ranges, dividing an input by its factor and rescaling the parameters must leave
    the prediction unchanged. It is a property of the law, so it is tested once.
    """
    if law not in _DECLARED:
        answers = dict(zip(factors, _are_declared(law, run, factors), strict=True))
        declared = frozenset(name for name, answer in answers.items() if answer)
        if None in answers.values():
            return declared
        _DECLARED[law] = declared
    return _DECLARED[law]


def _are_declared(law: Law, run: Mapping[str, Any], factors: Mapping[str, float]) -> list[bool | None]:
    """Whether a change of each input's unit is accounted for; None where no point gave a finite value to judge by."""
    changes = {name: factor if abs(np.log(factor)) > 1 else 10.0 for name, factor in factors.items()}
    points = [params_at(law, share) for share in (0.3, 0.5, 0.7)]
    with jax.enable_x64(True):
        moved = [(run, p) for p in points]
        for name, change in changes.items():
            scaled = {**run, name: run[name] / change}
            moved += [(scaled, rescale(law, p, {name: change})) for p in points]
        runs, params = (
            {key: np.stack([np.asarray(part[key], dtype=np.float64) for part in parts]) for key in parts[0]}
            for parts in zip(*moved, strict=True)
        )
        values = np.asarray(_responses(law, {key: runs[key] for key in law.inputs}, params))
    before, *afters = values.reshape(-1, len(points))
    return [_same(before, after) for after in afters]


def _same(before: np.ndarray, after: np.ndarray) -> bool | None:
    if not np.allclose(before, after, rtol=1e-6, equal_nan=True):
        return False
    return True if np.any(np.isfinite(before)) else None


@functools.partial(jax.jit, static_argnums=0)
def _responses(law: Law, runs: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    """The law at each of many points, shape (point,)."""
    return jax.vmap(lambda run, p: law.fn(*(run[key] for key in law.inputs), **p))(runs, params)


def usual_box(law: Law, centring: Centring) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Where each parameter usually lies in centred units: (low, high), each of the parameter's shape.

    A parameter whose dimension has another parameter as exponent (the A of A N^-alpha) is, once centred, the
    size of its term in the middle of the data: between a hundredth of the response and ten times it.
    """
    return {name: _box(param, law, name, centring) for name, param in law.params.items()}


def _box(param: Param, law: Law, name: str, centring: Centring) -> tuple[np.ndarray, np.ndarray]:
    low, high = _scalar_box(param, law, name, centring)
    return np.full(param.shape, low), np.full(param.shape, high)


def _scalar_box(param: Param, law: Law, name: str, centring: Centring) -> tuple[float, float]:
    centred = all(variable in centring.factors for variable in param.dims)
    if param.centred is not None and centred:
        return param.centred
    if centred and any(not isinstance(exponent, int | float) for exponent in param.dims.values()):
        return 0.01 * centring.level, 10.0 * centring.level
    if param.dims or param.shift or law.recentre is not None:
        placeholder = {key: np.full(p.shape, p.low) for key, p in law.params.items()}
        ends = [
            np.asarray(centring.to_centred({**placeholder, name: np.full(param.shape, edge)})[name])
            for edge in (param.low, param.high)
        ]
        return float(np.min(ends)), float(np.max(ends))
    bottom, top = param.edges
    if np.isfinite(bottom) and np.isfinite(top):
        margin = EDGE_SHARE * (top - bottom)
        return max(param.low, bottom + margin), min(param.high, top - margin)
    return param.low, param.high
