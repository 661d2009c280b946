"""How a sweep's program is computed over a space: what is proven of it, and its stages; traced and planned once.

A second sweep of the same program and layout, with other values, draws or budgets, finds the same plan as long as the
same is proven, and so compiles nothing.
"""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from lawjax.sweeps.kernel import Program, loss_of, needed, rest_of
from lawjax.sweeps.layout import Layout
from lawjax.sweeps.ranges import LARGEST, Range, range_of, ranges_of
from lawjax.sweeps.staging import COLUMN, CONSTANT, MIXED, ROW, Lazy, Stages, inputs_of, kinds_of, simplified, summands

Shapes = tuple[tuple[str, tuple[int, ...]], ...]
TRACES = 64


@dataclasses.dataclass(frozen=True)
class Proof:
    """What holds for every configuration and every draw.

    Attributes:
        loss: range and trends of the loss.
        passing: of whether a configuration meets the constraints.
        finite: whether all quantities that must be finite are.
        ample: for the stages, see `ranges_of`; of the loss and of the rest.
        positive: inputs and parameters above 0.
    """

    loss: Range
    passing: Range
    finite: bool
    ample: tuple[tuple[bool, ...], tuple[bool, ...]]
    positive: frozenset[str]

    def one_way(self, axis: str) -> bool:
        """Whether along an axis, once a configuration stops or starts to meet the constraints, all after it do."""
        return self.passing.real and abs(self.passing.trend(axis)) <= 1


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """A program in stages, for one assignment of inputs to rows and columns.

    Attributes:
        program: what is computed.
        loss: the loss of one draw in its parts: what rows, what columns, and what both decide; None for no such part.
        rest: whether a configuration passes, then what reductions need, then what else must be finite.
        finite: whether every configuration that passes counts.
        sorted: whether those that pass lie at one end of each row, so that a search counts them.
    """

    program: Program
    loss: Mapping[int, Stages | None]
    rest: Stages
    finite: bool
    sorted: bool

    @property
    def inputs(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Names of the inputs, and of their logarithms, that rows and columns set and that are wanted."""
        stages = [part for part in (*self.loss.values(), self.rest) if part is not None]
        rows, columns = (tuple(dict.fromkeys(n for s in stages for n in s.used(kind))) for kind in (ROW, COLUMN))
        return rows, columns

    @property
    def costly(self) -> tuple[str, ...]:
        """The steps that are computed for each configuration and are not about as cheap as an addition."""
        stages = [part for part in (*self.loss.values(), self.rest) if part is not None]
        return tuple(step for part in stages for step in part.costly)


def proof_of(program: Program, layout: Layout, params: Mapping[str, np.ndarray], limit: float, dtype: str) -> Proof:
    """What is proven of a program over a space, by the ranges of its inputs."""
    space = layout.space
    known = {
        key: range_of(column, name) for name, axis in space.axes.items() for key, column in axis.columns(name).items()
    }
    known |= {name: range_of(value) for name, value in space.fixed.items()}
    draws = {name: range_of(array) for name, array in params.items()}
    shapes, drawn = shapes_of(layout, params)
    (loss,), ample_loss = ranges_of(traced_loss(program, shapes, drawn, dtype), [*known.values(), *draws.values()])
    bound = min(limit, LARGEST)
    given = [*known.values(), loss, Range(bound, bound, {}, True)]
    (passing, *others), ample_rest = ranges_of(traced_rest(program, shapes, dtype), given)
    positive = frozenset(name for name, found in {**known, **draws}.items() if found.positive)
    finite = loss.real and passing.real and all(found.real for found in others)
    return Proof(loss, passing, finite, (ample_loss, ample_rest), positive)


def plan_of(program: Program, layout: Layout, params: Mapping[str, np.ndarray], proof: Proof, dtype: str) -> Plan:
    """The program in stages over a layout."""
    shapes, drawn = shapes_of(layout, params)
    before, along = layout.names
    kind = {key: (ROW, i) for i, name in enumerate(before) for key in layout.space.axes[name].columns(name)}
    kind |= {
        key: (COLUMN, i) for i, name in enumerate(along, len(before)) for key in layout.space.axes[name].columns(name)
    }
    ordered = len(along) == 1 and proof.one_way(along[0])
    return _plan(program, shapes, drawn, tuple(kind.items()), proof.ample, proof.positive, proof.finite, ordered, dtype)


@functools.lru_cache(TRACES)
def _plan(
    program: Program, shapes: Shapes, drawn: Shapes, kind: tuple[tuple[str, tuple[int, int]], ...], ample: Any,
    positive: frozenset[str], finite: bool, ordered: bool, dtype: str,
) -> Plan:  # fmt: skip
    kinds = dict(kind)
    logged = [name for name, shape in shapes if name in kinds and name in positive and not shape]
    loss = _stages(traced_loss(program, shapes, drawn, dtype), [*shapes, *drawn], kinds, logged, positive, ample[0])
    others: list[tuple[str, tuple[int, ...]]] = [("loss", ()), ("limit", ())]
    kinds["loss"] = (MIXED, -1)
    # Costs are compared with a budget, which a sum of logarithms in float32 does not have the digits for.
    rest = _stages(traced_rest(program, shapes, dtype), [*shapes, *others], kinds, [], frozenset(), ample[1])
    terms = summands(loss.closed, loss.kinds, loss.closed.jaxpr.outvars[0])
    parts: dict[int, Stages | None] = {}
    for part in (ROW, COLUMN, MIXED):
        chosen = tuple(t for t in terms if _kind(loss, t[1]) == part or (part == ROW and _kind(loss, t[1]) == CONSTANT))
        parts[part] = dataclasses.replace(loss, terms=(chosen,)) if chosen else None
    return Plan(program, parts, rest, finite, ordered and not rest.takes("loss", 0))


def _kind(stages: Stages, atom: Any) -> int:
    return CONSTANT if hasattr(atom, "val") else stages.kinds[atom]


def _stages(closed: Any, shapes: Any, kinds: Any, logged: list[str], positive: frozenset[str], ample: Any) -> Stages:
    """The stages of a jaxpr, simplified; the logarithms of axes are inputs too."""
    names = [name for name, _ in shapes]
    logs = [f"log.{name}" for name in logged if name in names]

    def simple(*values: Any) -> tuple[Any, ...]:
        given = dict(zip(logged, values[len(names) :]))
        inputs: list[Lazy] = inputs_of(names, values[: len(names)], given, positive)
        return tuple(output.value for output in simplified(closed, inputs, ample))

    like = [var.aval for var in closed.jaxpr.invars]
    scalar = [like[names.index(name.removeprefix("log."))] for name in logs]
    found = jax.make_jaxpr(simple)(*like, *scalar)
    given = [kinds.get(name.removeprefix("log."), (CONSTANT, -1)) for name in (*names, *logs)]
    sides = kinds_of(found, [side for side, _ in given])
    axes = kinds_of(found, [0 if side == CONSTANT else 1 << (axis + 1) for side, axis in given])
    together = ROW not in (side for side, _ in kinds.values())  # then a row holds the whole space
    single = len({axis for side, axis in kinds.values() if side != MIXED}) == 1
    several = lambda var: together and sides[var] == COLUMN and (single or axes[var].bit_count() > 1)
    each = frozenset(var for var in sides if sides[var] == MIXED or several(var))
    return Stages(found, (*names, *logs), sides, tuple(((1, var),) for var in found.jaxpr.outvars), each)


def shapes_of(layout: Layout, params: Mapping[str, np.ndarray]) -> tuple[Shapes, Shapes]:
    """The inputs and the parameters of one configuration and draw, with their shapes."""
    space = layout.space
    columns = {name: column.shape[1:] for name, column in space.columns.items()}
    fixed = {name: value.shape for name, value in space.fixed.items()}
    return tuple({**columns, **fixed}.items()), tuple((name, array.shape[1:]) for name, array in params.items())


@functools.lru_cache(TRACES)
def traced_loss(program: Program, shapes: Shapes, drawn: Shapes, dtype: str) -> Any:
    """The jaxpr of the loss of one configuration under one draw, of inputs and parameters."""

    def loss(*values: Any) -> Any:
        inputs = dict(zip((name for name, _ in shapes), values))
        draw = dict(zip((name for name, _ in drawn), values[len(shapes) :]))
        return loss_of(program, inputs, draw)

    return jax.make_jaxpr(loss)(*_like((*shapes, *drawn), dtype))


@functools.lru_cache(TRACES)
def traced_rest(program: Program, shapes: Shapes, dtype: str) -> Any:
    """The jaxpr of all else, of inputs, the loss and the limit on the cost."""

    def rest(*values: Any) -> tuple[Any, ...]:
        inputs = dict(zip((name for name, _ in shapes), values))
        known, passing = rest_of(program, inputs, *values[len(shapes) :])
        return (passing, *(known[name] for name in needed(program)))

    return jax.make_jaxpr(rest)(*_like((*shapes, ("loss", ()), ("limit", ())), dtype))


def _like(shapes: Shapes, dtype: str) -> list[jax.ShapeDtypeStruct]:
    return [jax.ShapeDtypeStruct(shape, np.dtype(dtype)) for _, shape in shapes]
