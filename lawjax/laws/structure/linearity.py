"""Which parameters of a law enter linearly, read off its formula.

Each step of the formula says how its result uses the parameters, given how its operands use them. A set is jointly
linear where none of it bends the response and no two of it are multiplied with each other.
"""

import dataclasses
import itertools
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Jaxpr, JaxprEqn, Literal

from lawjax.laws.base import Law
from lawjax.laws.structure.tracing import CALLS, WITH_OWN_DERIVATIVE, called, steps_of

_FOUND: weakref.WeakKeyDictionary[Law, tuple[str, ...]] = weakref.WeakKeyDictionary()


def linear_params(law: Law) -> tuple[str, ...]:
    r"""The scalar parameters in which a law is jointly affine when all others are held.

    For every set of inputs $x$ and of the other parameters $\theta$ the response is
    $f(x) = c_0(x, \theta) + \sum_i c_i(x, \theta) \, p_i$ in the parameters $p_i$ that are named here, so that least
    squares can solve for them exactly. Where two such parameters are multiplied with each other only one is taken:
    the one with fewer such partners, the earlier one among equals.

    Args:
        law: the law; what its record declares as `linear` is believed.
    Returns:
        Names in the law's order; none where its function cannot be traced. What is named is affine for certain;
        steps that are not known to be linear, such as loops, count as not linear.
    Example:
        >>> import jax.numpy as jnp, lawjax as lj
        >>> from lawjax.laws.structure.linearity import linear_params
        >>> def peaks(x, *, a, b, width, floor):
        ...     return floor + a * jnp.exp(-((x / width) ** 2)) + b * x
        >>> ranges = {name: lj.positive(0.1, 10) for name in ("a", "b", "width", "floor")}
        >>> linear_params(lj.Law(peaks, response="y", params=ranges))
        ('a', 'b', 'floor')

    References:
        Golub and Pereyra 2003, Inverse Problems 19, R1, on why the linear part of a fit is solved apart.
    """
    if law.linear:
        return law.linear
    if law not in _FOUND:
        _FOUND[law] = _largest_set(law, _use_of_params(law))
    return _FOUND[law]


@dataclasses.dataclass(frozen=True)
class _Use:
    """How a value uses parameters: the affine ones, those that bend it, and affine ones multiplied in pairs."""

    affine: frozenset[str] = frozenset()
    bent: frozenset[str] = frozenset()
    pairs: frozenset[frozenset[str]] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        return self.affine | self.bent


def _joined(uses: Iterable[_Use]) -> _Use:
    """The use of a sum, a stack, or a choice between values."""
    uses = tuple(uses)
    bent = frozenset[str]().union(*(use.bent for use in uses))
    affine = frozenset[str]().union(*(use.affine for use in uses))
    return _Use(affine - bent, bent, frozenset[frozenset[str]]().union(*(use.pairs for use in uses)))


def _bent(uses: Iterable[_Use]) -> _Use:
    """The use of a function that is not linear, or that is not known to be."""
    return _Use(bent=frozenset[str]().union(*(use.names for use in uses)))


def _multiplied(left: _Use, right: _Use) -> _Use:
    both = _joined((left, right))
    twice = left.names & right.names
    pairs = {frozenset(pair) for pair in itertools.product(left.affine - twice, right.affine - twice)}
    return _Use(both.affine - twice, both.bent | twice, both.pairs | pairs)


def _converted(step: JaxprEqn, uses: Sequence[_Use]) -> _Use:
    rounds = not jnp.issubdtype(step.params["new_dtype"], jnp.inexact)
    return _bent(uses) if rounds else _joined(uses)


_Rule = Callable[[JaxprEqn, Sequence[_Use]], _Use]
_SUMS = ("add", "add_any", "sub", "neg", "reduce_sum", "cumsum", "concatenate", "stack", "pad",
         "broadcast_in_dim", "reshape", "squeeze", "expand_dims", "transpose", "rev", "slice", "split",
         "copy", "copy_p", "optimization_barrier")  # fmt: skip
_RULES: dict[str, _Rule] = {
    **dict.fromkeys(_SUMS, lambda step, uses: _joined(uses)),
    **dict.fromkeys(("mul", "dot_general"), lambda step, uses: _multiplied(*uses)),
    **dict.fromkeys(("gather", "dynamic_slice"), lambda step, uses: _joined((uses[0], _bent(uses[1:])))),
    "div": lambda step, uses: _multiplied(uses[0], _bent(uses[1:])),
    "select_n": lambda step, uses: _joined((_bent(uses[:1]), *uses[1:])),
    "convert_element_type": _converted,
}
"""How the result of a step uses parameters; steps that are not named bend all they use."""


def _use_of_params(law: Law) -> _Use:
    """How the response uses the scalar parameters; all bent where the function cannot be traced."""
    inputs = [_shape(variable.size) for variable in law.inputs.values()]
    params = {name: _shape(param.size) for name, param in law.params.items()}
    with jax.enable_x64(True), jax.numpy_dtype_promotion("standard"), jax.numpy_rank_promotion("allow"):
        traced = steps_of(law.fn, inputs, params)
    if traced is None:
        return _Use(bent=frozenset(law.params))
    scalars = [_Use(frozenset({name}) if param.size is None else frozenset()) for name, param in law.params.items()]
    return _joined(_uses_of_results(traced.jaxpr, [*(_Use() for _ in inputs), *scalars]))


def _shape(size: int | None) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(() if size is None else (size,), np.float64)


def _uses_of_results(steps: Jaxpr, operands: Sequence[_Use]) -> list[_Use]:
    """How each result of some steps uses parameters; constants use none."""
    known: dict[Any, _Use] = dict(zip(steps.invars, operands, strict=True))

    def use(atom: Any) -> _Use:
        return _Use() if isinstance(atom, Literal) else known.get(atom, _Use())

    for step in steps.eqns:
        known |= zip(step.outvars, _uses_after(step, [use(atom) for atom in step.invars]), strict=True)
    return [use(atom) for atom in steps.outvars]


def _uses_after(step: JaxprEqn, uses: Sequence[_Use]) -> list[_Use]:
    inner = called(step, CALLS | WITH_OWN_DERIVATIVE)
    if inner is not None:
        return _uses_of_results(inner[0], uses)
    if step.primitive.name == "cond":
        branches = [_uses_of_results(branch.jaxpr, uses[1:]) for branch in step.params["branches"]]
        return [_joined((_bent(uses[:1]), *results)) for results in zip(*branches, strict=True)]
    rule = _RULES.get(step.primitive.name, lambda step, uses: _bent(uses))
    return [rule(step, uses)] * len(step.outvars)


def _largest_set(law: Law, use: _Use) -> tuple[str, ...]:
    """Parameters no two of which are multiplied with each other: those with the fewest partners first."""
    partners = {name: {other for pair in use.pairs if name in pair for other in pair - {name}} for name in use.affine}
    order = sorted((name for name in law.params if name in use.affine), key=lambda name: len(partners[name]))
    taken: set[str] = set()
    for name in order:
        if not partners[name] & taken:
            taken.add(name)
    return tuple(name for name in law.params if name in taken)
