"""Where designs are judged: parameters on the line, inputs divided by their typical size, as in a fit.

Draws of any origin become vectors there; the law's slopes in those vectors are all that a design needs to know.
"""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any, Self

import jax
import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring, declared_inputs, usual_box
from lawjax.fitting.problem import Layout, Problem
from lawjax.fitting.transforms import to_line
from lawjax.laws.base import Law, rescale

TOGETHER = 64
"""Draws whose slopes are worked out at a time."""
QUANTILE_95 = 1.6448536269514722
"""The usual range of a parameter is the central 90 % of its prior."""


@dataclasses.dataclass(frozen=True, eq=False)
class Coordinates:
    """The line on which the free parameters of a law live, for inputs in typical sizes.

    Attributes:
        layout: which parameters are free.
        factors: what each scalable input is divided by.
        held: values of the parameters that are not free, natural units.
    """

    layout: Layout
    factors: dict[str, float]
    held: dict[str, np.ndarray]

    @classmethod
    def of(cls, draws: Draws, columns: Mapping[str, np.ndarray], fixed: Sequence[str] = ()) -> Self:
        """The coordinates for draws of a law, centred on some runs.

        Args:
            draws: parameters, natural units.
            columns: the inputs of the runs, natural units.
            fixed: parameters that are known and stay where the draws have them.
        Raises:
            InputError: an unknown parameter, or nothing left to learn.
        """
        law = draws.law
        held = {name: np.median(draws[name], axis=0) for name in fixed if name in law.params}
        values: dict[str, Any] = {name: held.get(name, 0.0) for name in fixed}
        layout = Layout.of(law, values, None)
        centres = {n: float(np.exp(np.mean(np.log(columns[n])))) for n, v in law.inputs.items() if v.scalable}
        declared = declared_inputs(law, {name: column[0] for name, column in columns.items()}, centres)
        return cls(layout, {name: centre for name, centre in centres.items() if name in declared}, held)

    @property
    def law(self) -> Law:
        """The law."""
        return self.layout.law

    def problem(self, columns: Mapping[str, np.ndarray], space: str) -> Problem:
        """The runs as a fit would see them, without responses."""
        inputs = {name: np.asarray(columns[name], dtype=np.float64) for name in self.law.inputs}
        num = len(next(iter(inputs.values())))
        return Problem(
            inputs={name: column / self.factors.get(name, 1.0) for name, column in inputs.items()},
            target=np.zeros(num),
            slack=None,
            factors={name: np.float64(factor) for name, factor in self.factors.items()},
            fixed={name: np.asarray(self.held[name], dtype=np.float64) for name in self.layout.fixed},
            reach=np.ones(self.layout.num_free),
            level=np.float64(1.0),
            layout=self.layout,
            space=space,
        )

    def vectors(self, params: Mapping[str, np.ndarray]) -> np.ndarray:
        """Every draw on the line, shape (draw, free).

        Raises:
            InputError: a parameter that is at the edge of its support in some draw.
        """
        found = np.asarray(_packed(self.layout, self.factors, {n: params[n] for n in self.law.params}))
        at_edge = [label for label, x in zip(self.layout.labels, found.T, strict=True) if not np.all(np.isfinite(x))]
        if at_edge:
            name = at_edge[0].partition("[")[0]
            raise InputError(
                f"`{at_edge[0]}` is at the edge of its support, where nothing can be learnt about it. "
                f'Hold it: fixed=("{name}",).'
            )
        return found

    def prior_precision(self, level: float) -> np.ndarray:
        """One over the variance of each entry of the vector under the default priors, shape (free,).

        Args:
            level: typical size of the response.
        """
        box = usual_box(self.law, Centring(self.law, self.factors, level))
        spans = []
        for name in self.layout.free:
            low, high = (np.atleast_1d(to_line(self.law.params[name], end)) for end in box[name])
            spans.append((high - low) / 2 / QUANTILE_95)
        return 1.0 / np.concatenate(spans) ** 2


@functools.partial(jax.jit, static_argnums=0)
def _packed(layout: Layout, factors: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    return jax.vmap(lambda draw: layout.pack(rescale(layout.law, draw, factors)))(params)


@jax.jit
def slopes(problem: Problem, vectors: Any) -> Any:
    """How the law at each run moves with each entry of the vector, in the residual space, shape (draw, run, free)."""
    return jax.lax.map(jax.jacfwd(problem.residuals), vectors, batch_size=TOGETHER)


@jax.jit
def predicted(problem: Problem, vectors: Any) -> Any:
    """The law at each run, natural units, shape (draw, run)."""
    return jax.lax.map(lambda vector: problem.predicted_with(problem.params(vector)), vectors, batch_size=TOGETHER)


@jax.jit
def natural_line(problem: Problem, vectors: Any, directions: Any) -> Any:
    """How the line of the parameters in natural units moves along a direction of each vector, shape (draw, free)."""

    def one(vector: Any, direction: Any) -> Any:
        along = lambda point: problem.layout.pack(problem.natural(point))
        return jax.jvp(along, (vector,), (direction,))[1]

    return jax.vmap(one)(vectors, directions)
