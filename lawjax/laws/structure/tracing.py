"""A law's formula as the list of its elementary steps, without compiling it and without numbers."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn

CALLS = {"jit": "jaxpr", "closed_call": "call_jaxpr", "remat2": "jaxpr", "checkpoint": "jaxpr"}
"""Steps that only call other steps, with the name under which each keeps them."""
WITH_OWN_DERIVATIVE = {"custom_jvp_call": "call_jaxpr", "custom_vjp_call": "call_jaxpr"}
"""Calls whose derivative is not that of their steps."""


def steps_of(fn: Callable[..., Any], inputs: Sequence[Any], params: Mapping[str, Any]) -> ClosedJaxpr | None:
    """The steps of a law's function; None where it cannot be traced, as with a Python `if` on an input.

    Args:
        fn: function of positional inputs and keyword-only parameters.
        inputs, params: shapes and types, or values whose shapes and types count.
    Returns:
        Its jaxpr; the operands are the inputs, then the parameters in the order of `params`.
    """

    def flat(*values: Any) -> Any:
        return fn(*values[: len(inputs)], **dict(zip(params, values[len(inputs) :], strict=True)))

    try:
        return jax.make_jaxpr(flat)(*inputs, *params.values())
    except Exception:
        # A law is the reader's own code, and whatever it raises says the same: its steps cannot be listed.
        return None


def called(step: JaxprEqn, calls: Mapping[str, str]) -> tuple[Jaxpr, Sequence[Any]] | None:
    """The steps that a step calls, and their constants; None for a step that is not among `calls`."""
    inner = step.params.get(calls.get(step.primitive.name, ""))
    if isinstance(inner, ClosedJaxpr):
        return inner.jaxpr, inner.consts
    return (inner, ()) if isinstance(inner, Jaxpr) else None
