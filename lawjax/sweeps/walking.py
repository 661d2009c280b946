"""A jaxpr evaluated in another arithmetic: each step on what the caller makes of values, with calls inlined."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

Meaning = TypeVar("Meaning")

CALLS = frozenset(
    {"jit", "pjit", "closed_call", "core_call", "custom_jvp_call", "custom_vjp_call", "remat2", "checkpoint"}
)
"""Steps that do nothing but call another jaxpr."""


def walked(
    closed: Any,
    inputs: Sequence[Meaning],
    of_constant: Callable[[Any], Meaning],
    step: Callable[[Any, list[Meaning]], list[Meaning]],
) -> list[Meaning]:
    """The outputs of a closed jaxpr.

    Args:
        closed: the jaxpr.
        inputs: what its inputs are.
        of_constant: what a number in it is.
        step: what the results of a step are, of what it takes; it is asked for every step that is no call, in order.
    """
    jaxpr = closed.jaxpr
    known = dict(zip(jaxpr.invars, inputs, strict=True))
    known |= {var: of_constant(value) for var, value in zip(jaxpr.constvars, closed.consts, strict=True)}
    read = lambda atom: of_constant(atom.val) if hasattr(atom, "val") else known[atom]
    for eqn in jaxpr.eqns:
        given = [read(atom) for atom in eqn.invars]
        inner = _inner_of(eqn)
        found = step(eqn, given) if inner is None else walked(inner, given, of_constant, step)
        known |= dict(zip(eqn.outvars, found, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _inner_of(eqn: Any) -> Any:
    """The closed jaxpr that a step merely calls, or None."""
    if eqn.primitive.name not in CALLS:
        return None
    inner = eqn.params.get("jaxpr", eqn.params.get("call_jaxpr"))
    if inner is None or hasattr(inner, "consts"):
        return inner
    from jax.extend.core import ClosedJaxpr

    return ClosedJaxpr(inner, ())
