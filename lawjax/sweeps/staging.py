"""A jaxpr of one configuration in stages: what rows alone decide, what columns alone decide, and what truly mixes both.

A step that depends on the axes of rows only is computed once per row, one that depends on those of columns only once
per column, so that a law that is a sum of powers of single inputs needs no power per configuration. Products and powers
of positive values are carried as sums of logarithms where their logarithm is wanted; those of axes are tables.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from lawjax.sweeps.walking import walked

CONSTANT, ROW, COLUMN, MIXED = 0, 1, 2, 3
CHEAP = frozenset({
    *("add", "add_any", "sub", "mul", "neg", "abs", "sign", "max", "min", "clamp", "select_n", "integer_pow", "square"),
    *("gt", "ge", "lt", "le", "eq", "ne", "and", "or", "not", "xor", "is_finite", "floor", "ceil", "round"),
    *("convert_element_type", "reduce_precision", "broadcast_in_dim", "reshape", "squeeze", "copy", "stop_gradient"),
})  # fmt: skip
"""Steps that cost about as much as an addition."""


class Lazy:
    """A value, its logarithm, or both, each computed when it is first asked for."""

    def __init__(self, value: Callable[[], Any], log: Callable[[], Any] | None = None, is_exp: bool = False) -> None:
        self._makers, self._made = {"value": value, "log": log}, {}
        self.has_log, self.is_exp = log is not None, is_exp

    def _get(self, which: str) -> Any:
        if which not in self._made:
            self._made[which] = self._makers[which]()  # pyright: ignore[reportOptionalCall]
        return self._made[which]

    @property
    def value(self) -> Any:
        """The value."""
        return self._get("value")

    @property
    def log(self) -> Any:
        """Its logarithm."""
        return self._get("log")


def simplified(closed: Any, inputs: Sequence[Lazy], ample: Sequence[bool]) -> list[Lazy]:
    """The outputs of a closed jaxpr, calls inlined, logarithms carried along; `ample` is that of `ranges_of`."""
    in_order = iter(ample)
    return walked(closed, inputs, _given, lambda eqn, given: _step(eqn, given, next(in_order)))


def _given(value: Any) -> Lazy:
    positive = np.ndim(value) == 0 and np.asarray(value).dtype.kind == "f" and value > 0
    return Lazy(lambda: value, (lambda: jnp.log(value)) if positive else None)


def _step(eqn: Any, given: list[Lazy], ample: bool) -> list[Lazy]:
    name = eqn.primitive.name
    if name == "log" and given[0].has_log:
        return [Lazy(lambda: given[0].log)]
    if name == "exp":
        return [Lazy(lambda: jnp.exp(given[0].value), lambda: given[0].value, is_exp=True)]
    if name == "pow" and given[0].has_log:
        log = lambda: given[1].value * given[0].log
        return [Lazy(lambda: jnp.exp(log()), log, is_exp=True)]
    if name == "pow" and getattr(eqn.invars[1], "val", None) == 0.5:
        value = lambda: jnp.sqrt(given[0].value)
    elif name == "div" and given[1].is_exp:
        value = lambda: given[0].value * jnp.exp(-given[1].log)
    elif eqn.primitive.multiple_results:
        outputs = _bound(eqn, given)
        return [Lazy(lambda output=output: output) for output in outputs]
    else:
        value = lambda: _bound(eqn, given)
    return [Lazy(value, _log_of(eqn, given) if ample else None)]


def _log_of(eqn: Any, given: list[Lazy]) -> Callable[[], Any] | None:
    """The logarithm of the result of a step, of those of what it takes."""
    if not given[0].has_log or not all(one.has_log for one in given):
        return None
    sums: dict[str, Callable[..., Any]] = {
        "mul": lambda x, y: x + y,
        "div": lambda x, y: x - y,
        "sqrt": lambda x: 0.5 * x,
        "square": lambda x: 2.0 * x,
        "integer_pow": lambda x: float(eqn.params.get("y", 0)) * x,
    }
    rule = sums.get(eqn.primitive.name)
    return None if rule is None else lambda: rule(*(one.log for one in given))


def _bound(eqn: Any, given: list[Lazy]) -> Any:
    return computed(eqn, [one.value for one in given])


def computed(eqn: Any, values: Sequence[Any]) -> Any:
    """The result of a step at values of what it takes."""
    return eqn.primitive.bind(*values, **eqn.primitive.get_bind_params(eqn.params))


@dataclasses.dataclass(frozen=True, eq=False)
class Stages:
    """Outputs of a flat jaxpr, in stages.

    Attributes:
        closed: the jaxpr.
        names: what its inputs are called.
        kinds: of every variable, whether it is constant, decided by the row, by the column, or by both.
        terms: each output as a sum of variables with signs.
        each: the variables that are computed for each configuration, because they mix axes.
    """

    closed: Any
    names: tuple[str, ...]
    kinds: Mapping[Any, int]
    terms: tuple[tuple[tuple[int, Any], ...], ...]
    each: frozenset[Any]

    def used(self, kind: int) -> tuple[str, ...]:
        """Names of the inputs of a kind that the outputs need."""
        wanted = self._needed([var for term in self.terms for _, var in term])[1]
        return tuple(
            name for name, var in zip(self.names, self.closed.jaxpr.invars) if var in wanted and self.kinds[var] == kind
        )

    def cut(self, kind: int) -> list[Any]:
        """Variables of a kind that are wanted by what mixes both."""
        wanted = [var for term in self.terms for _, var in term]
        mixed = [eqn for eqn in self._needed(wanted)[0] if self.kinds[eqn.outvars[0]] == MIXED]
        atoms = [*(atom for eqn in mixed for atom in eqn.invars), *wanted]
        return list(dict.fromkeys(var for var in atoms if not hasattr(var, "val") and self.kinds.get(var) == kind))

    def takes(self, name: str, term: int) -> bool:
        """Whether an output needs an input."""
        return self.closed.jaxpr.invars[self.names.index(name)] in self._needed([v for _, v in self.terms[term]])[1]

    @property
    def costly(self) -> tuple[str, ...]:
        """The steps per configuration that are not cheap."""
        wanted = [var for term in self.terms for _, var in term]
        steps = [eqn.primitive.name for eqn in self._needed(wanted)[0] if eqn.outvars[0] in self.each]
        return tuple(name for name in steps if name not in CHEAP)

    def before(self, kind: int, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The cut variables of a kind, of the inputs of that kind and the constant ones."""
        return self._values(self.cut(kind), self._known(given))

    def after(
        self, given: Mapping[str, Any], rows: Sequence[Any], columns: Sequence[Any], only: int | None = None
    ) -> tuple[Any, ...]:
        """The outputs, or the first of them, of the constant inputs and the cut variables of both kinds."""
        cut = dict(zip(self.cut(ROW), rows, strict=True)) | dict(zip(self.cut(COLUMN), columns, strict=True))
        known = self._known(given) | cut
        return tuple(self._sum(term, known) for term in self.terms[:only])

    def outputs(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        """The outputs, of the inputs."""
        known = self._known(given)
        return tuple(self._sum(term, known) for term in self.terms)

    def _known(self, given: Mapping[str, Any]) -> dict[Any, Any]:
        """The inputs by their variables; None for what is not given."""
        return dict(zip(self.closed.jaxpr.invars, (given.get(name) for name in self.names)))

    def _sum(self, term: Sequence[tuple[int, Any]], known: Mapping[Any, Any]) -> Any:
        values = self._values([var for _, var in term], known)
        total = None
        for (sign, _), value in zip(term, values):
            signed = value if sign > 0 else -value
            total = signed if total is None else total + signed
        return total

    def _values(self, wanted: Sequence[Any], known: Mapping[Any, Any]) -> tuple[Any, ...]:
        env = {var: value for var, value in known.items() if value is not None}
        env |= dict(zip(self.closed.jaxpr.constvars, self.closed.consts, strict=True))
        read = lambda atom: atom.val if hasattr(atom, "val") else env[atom]
        for eqn in self._needed(wanted, set(env))[0]:
            found = computed(eqn, [read(atom) for atom in eqn.invars])
            env |= dict(zip(eqn.outvars, found if eqn.primitive.multiple_results else [found], strict=True))
        return tuple(read(var) for var in wanted)

    def _needed(
        self, wanted: Sequence[Any], known: set[Any] | frozenset[Any] = frozenset()
    ) -> tuple[list[Any], set[Any]]:
        """The steps that some variables need, in order, and all variables that they need; those known need none."""
        open_ones, steps = {var for var in wanted if not hasattr(var, "val")}, []
        for eqn in reversed(self.closed.jaxpr.eqns):
            if any(var in open_ones and var not in known for var in eqn.outvars):
                steps.append(eqn)
                open_ones |= {atom for atom in eqn.invars if not hasattr(atom, "val")}
        return steps[::-1], open_ones


def kinds_of(closed: Any, inputs: Sequence[int]) -> dict[Any, int]:
    """Of every variable, what decides it, as bits: all those of what it is computed from."""
    kinds = dict(zip(closed.jaxpr.invars, inputs, strict=True)) | dict.fromkeys(closed.jaxpr.constvars, CONSTANT)
    for eqn in closed.jaxpr.eqns:
        kind = CONSTANT
        for atom in eqn.invars:
            kind |= CONSTANT if hasattr(atom, "val") else kinds[atom]
        kinds |= dict.fromkeys(eqn.outvars, kind)
    return kinds


def summands(closed: Any, kinds: Mapping[Any, int], output: Any) -> list[tuple[int, Any]]:
    """An output as a sum, as far down as its parts mix rows and columns: signs and variables."""
    makers = {var: eqn for eqn in closed.jaxpr.eqns for var in eqn.outvars}

    def parts(var: Any, sign: int) -> list[tuple[int, Any]]:
        eqn = makers.get(var) if not hasattr(var, "val") and kinds[var] == MIXED else None
        name = "" if eqn is None else eqn.primitive.name
        if eqn is None or name not in ("add", "add_any", "sub", "neg"):
            return [(sign, var)]
        second = -sign if name == "sub" else sign
        rest = [part for atom in eqn.invars[1:] for part in parts(atom, second)]
        return parts(eqn.invars[0], -sign if name == "neg" else sign) + rest

    return parts(output, 1)


def inputs_of(
    names: Sequence[str], values: Sequence[Any], logs: Mapping[str, Any], positive: frozenset[str]
) -> list[Lazy]:
    """Inputs with their logarithms: given ones, and those of other scalars that are proven to be above 0."""

    def log(name: str, value: Any) -> Callable[[], Any] | None:
        if name in logs:
            return lambda: logs[name]
        return (lambda: jnp.log(value)) if name in positive else None

    return [Lazy(lambda value=value: value, log(name, value)) for name, value in zip(names, values, strict=True)]
