"""Whether JAX can follow a law: one real number for one run, from its arguments alone, without Python branches."""

import functools
import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError
from lawjax.laws.base import Law


@functools.cache
def check_traceable(law: Law) -> None:
    """Raise where a law cannot be fitted because of how it is written. Looked at once for each law.

    Raises:
        InputError: the function branches on a value, leaves JAX, fails, returns anything but one real number, or is
            not the same function each time; the message says what to write instead.
    Example:
        >>> import lawjax as lj
        >>> def step(N, *, E, A): return E if N > 1e9 else A
        >>> law = lj.Law(step, response="loss", params={"E": lj.positive(1, 3), "A": lj.positive(1, 9)})
        >>> check_traceable(law)
        Traceback (most recent call last):
        lawjax.errors.InputError: law 'step' decides by a value that is not known while JAX traces it ...
    """
    try:
        (first, result), (second, _) = _traced(law), _traced(law)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"law {law.name!r} {_what_failed(error)}") from error
    _check_result(law, result)
    if _text(first) != _text(second):
        raise InputError(
            f"law {law.name!r} is not the same function twice: it depends on something besides its arguments, such as "
            "a counter or a random number. Pass all that it needs as inputs and parameters."
        )


def _traced(law: Law) -> tuple[Any, Any]:
    """The law as JAX sees it for one run, and the shape of its result."""
    with jax.enable_x64(True):
        inputs = [_number(() if variable.size is None else (variable.size,)) for variable in law.inputs.values()]
        params = {name: _number(param.shape) for name, param in law.params.items()}
        return jax.make_jaxpr(lambda run, at: law(*run, **at), return_shape=True)(inputs, params)


def _number(shape: tuple[int, ...]) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(shape, np.float64)


def _check_result(law: Law, result: Any) -> None:
    is_array = isinstance(result, jax.ShapeDtypeStruct)
    if is_array and result.shape == () and jnp.issubdtype(result.dtype, jnp.floating):
        return
    got = f"an array of shape {result.shape} and type {result.dtype}" if is_array else type(result).__name__
    raise InputError(f"law {law.name!r} must return one number for one run, a real one, got {got}.")


def _what_failed(error: Exception) -> str:
    if isinstance(error, jax.errors.TracerBoolConversionError):
        return (
            "decides by a value that is not known while JAX traces it (`if`, `while`, `and`, `or`, `min`, `max`). "
            "Write jnp.where(condition, a, b), jnp.minimum or jnp.maximum."
        )
    if isinstance(error, jax.errors.TracerArrayConversionError | jax.errors.ConcretizationTypeError):
        return (
            "leaves JAX: it calls NumPy, `math` or `float` on an input or a parameter. Write the same with jax.numpy, "
            "as in jnp.exp for np.exp."
        )
    return f"fails for one run with {type(error).__name__}: {error}"


def _text(traced: Any) -> tuple[str, list[bytes]]:
    """The traced formula without the addresses of functions, and its constants."""
    return re.sub(r"0x[0-9a-f]+", "", str(traced)), [np.asarray(constant).tobytes() for constant in traced.consts]
