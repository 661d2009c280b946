"""The problem a solver sees: residuals as a function of one vector.

`Layout` says which parameters are free, fixed or tied and packs the free ones into a vector on the line;
`Problem` holds the centred data. Everything that differs between lanes (starts, resamples) is an argument.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring, usual_box
from lawjax.fitting.holding import check_fixed, check_tied
from lawjax.fitting.residuals import to_space
from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws.base import Law, Params, namespace, over_runs, rescale
from lawjax.precision import to_numpy

PAD = 16
"""Runs are padded to a multiple of this, so that 237 and 240 rows share a compilation."""


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True)
class Layout:
    """Which parameters a fit may move.

    Attributes:
        law: the law.
        fixed: (name, value) pairs in natural units.
        tied: (name, name it equals) pairs.
    """

    law: Law
    fixed: tuple[tuple[str, float], ...] = ()
    tied: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, law: Law, fixed: Mapping[str, float] | None, tied: Mapping[str, str] | None) -> "Layout":
        """The layout, checked.

        Raises:
            InputError: an unknown parameter, a fixed value outside its edges, a tie between parameters that units
                change in different ways, or nothing left to fit.
        """
        fixed, tied = dict(fixed or {}), dict(tied or {})
        for name in (*fixed, *tied, *tied.values()):
            if name not in law.params:
                raise InputError(f"law {law.name!r} has no parameter `{name}`. It has {', '.join(law.params)}.")
        for name, value in fixed.items():
            check_fixed(law, name, value, fixed)
        for name, other in tied.items():
            if name in fixed or other in tied:
                raise InputError(f"`{name}` is tied to `{other}`, and one of them is fixed or tied already.")
            check_tied(law, name, other, tied)
        if len(fixed) + len(tied) >= len(law.params):
            raise InputError(f"every parameter of {law.name!r} is fixed or tied; nothing is left to fit.")
        return cls(law, tuple((k, float(v)) for k, v in fixed.items()), tuple(tied.items()))

    @property
    def free(self) -> tuple[str, ...]:
        """Names of the parameters that a fit moves, in the law's order."""
        held = {*dict(self.fixed), *dict(self.tied)}
        return tuple(name for name in self.law.params if name not in held)

    @property
    def labels(self) -> tuple[str, ...]:
        """One label for each entry of the vector."""
        labels: list[str] = []
        for name in self.free:
            size = self.law.params[name].size
            labels += [name] if size is None else [f"{name}[{index}]" for index in range(size)]
        return tuple(labels)

    @property
    def num_free(self) -> int:
        """Length of the vector."""
        return len(self.labels)

    def pack(self, centred: Params) -> Any:
        """The vector on the line for centred parameters."""
        points = [to_line(self.law.params[name], centred[name]) for name in self.free]
        xp = namespace(*points)
        return xp.concatenate([xp.atleast_1d(point) for point in points])

    def unpack(self, vector: Any, factors: Mapping[str, Any]) -> dict[str, Any]:
        """Centred parameters for a vector on the line, the fixed and tied ones filled in."""
        found: dict[str, Any] = {}
        start = 0
        for name in self.free:
            param = self.law.params[name]
            stop = start + (param.size or 1)
            piece = vector[start] if param.size is None else vector[start:stop]
            found[name] = from_line(param, piece)
            start = stop
        held = dict(self.fixed)
        if held:
            # A fixed value is natural. What its place in centred units depends on has the same value in both.
            moved = rescale(self.law, self._with_ties({**found, **held}), factors)
            found |= {name: moved[name] for name in held}
        return self._with_ties(found)

    def held_exactly(self, natural: Params) -> dict[str, Any]:
        """Natural parameters with the fixed ones as they were given, not as they come back from other units."""
        held = {name: jnp.full_like(natural[name], value) for name, value in self.fixed}
        return self._with_ties({**natural, **held})

    def _with_ties(self, params: Params) -> dict[str, Any]:
        """A value for every parameter of the law, in its order."""
        source = dict(self.tied)
        return {name: params[source.get(name, name)] for name in self.law.params}


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Centred data of a fit, padded.

    Attributes:
        inputs: one array per input, centred, shape (run,) or (run, size).
        target: the response in the residual space, shape (run,).
        factors: what each input was divided by.
        layout: which parameters are free.
        space: the residual space.
    """

    inputs: dict[str, Any]
    target: Any
    factors: dict[str, Any]
    layout: Layout = dataclasses.field(metadata={"static": True})
    space: str = dataclasses.field(metadata={"static": True})

    def params(self, vector: Any) -> dict[str, Any]:
        """Centred parameters for a vector on the line."""
        return self.layout.unpack(vector, self.factors)

    def natural(self, vector: Any) -> dict[str, Any]:
        """Parameters in natural units for a vector on the line."""
        back = {name: 1.0 / factor for name, factor in self.factors.items()}
        return self.layout.held_exactly(rescale(self.layout.law, self.params(vector), back))

    def residuals(self, vector: Any) -> Any:
        """Prediction less observation in the residual space, shape (run,)."""
        predicted = over_runs(self.layout.law, self.params(vector), self.inputs)
        return to_space(self.space, predicted) - self.target


def make_problem(layout: Layout, runs: Runs, centring: Centring, space: str) -> Problem:
    """The problem of fitting `runs`."""
    law = layout.law
    extra = -len(runs) % PAD

    def padded(column: np.ndarray) -> np.ndarray:
        return np.concatenate([column, np.repeat(column[-1:], extra, axis=0)])

    response = np.asarray(runs[law.response], dtype=np.float64)
    return Problem(
        inputs={name: padded(column) for name, column in centring.inputs(runs.columns).items()},
        target=padded(np.asarray(to_space(space, response))),
        factors={name: np.float64(value) for name, value in centring.factors.items()},
        layout=layout,
        space=space,
    )


def natural_params(problem: Problem, vectors: Any) -> dict[str, np.ndarray]:
    """Natural parameters of every vector on the line, each leading with (lane,)."""
    lanes = _natural_lanes(problem, vectors)
    # JAX hands dicts back in alphabetical order; tables follow the law's.
    return to_numpy({name: lanes[name] for name in problem.layout.law.params})


@jax.jit
def _natural_lanes(problem: Problem, vectors: Any) -> dict[str, Any]:
    return jax.vmap(problem.natural)(vectors)


def padded_weights(runs: Runs) -> np.ndarray:
    """Weight of each run as given, 1 where none is, zero for the padding, shape (padded run,)."""
    weight = np.ones(len(runs)) if runs.weight is None else np.asarray(runs.weight, dtype=np.float64)
    return np.pad(weight, (0, -len(runs) % PAD))


def line_box(layout: Layout, centring: Centring) -> tuple[np.ndarray, np.ndarray]:
    """The usual range of each entry of the vector, (low, high)."""
    box = usual_box(layout.law, centring)
    lows, highs = ({name: box[name][side] for name in box} for side in (0, 1))
    return np.asarray(layout.pack(lows)), np.asarray(layout.pack(highs))
