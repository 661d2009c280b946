"""Which parameters a fit may hold at a value or tie to another.

A fit runs in centred units. A value held in natural units, or two parameters that are equal there, can be followed
there where the record of the law says how: by `dims` and `shift` always, by a `recentre` of the law's own where it
moves the parameter alone.
"""

import functools
from collections.abc import Collection, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError
from lawjax.laws.base import Exponent, Law, Param, rescale
from lawjax.laws.composition.making import SHARES, factors_of, stay_equal
from lawjax.laws.usual import params_at


def check_fixed(law: Law, name: str, value: Any, fixed: Collection[str]) -> None:
    """Raises InputError where `name` cannot be held at `value`; `fixed` names all that are held."""
    low, high = law.params[name].edges
    number = isinstance(value, int | float | np.number)
    if not number or law.params[name].size is not None or not low < value < high:
        raise InputError(f"`{name}` can be fixed to one number between {low:g} and {high:g}, got {value!r}.")
    if law.recentre is None:
        return
    moving = [other for other in _movers(law)[name] if other != name and other not in fixed]
    if moving:
        raise InputError(
            f"`{name}` cannot be fixed: the `recentre` of law {law.name!r} moves it together with "
            f"{', '.join(f'`{other}`' for other in moving)}. Fix those too, or write a law without that parameter."
        )


def check_tied(law: Law, name: str, other: str, tied: Mapping[str, str]) -> None:
    """Raises InputError where `name` cannot equal `other`; `tied` holds all ties."""
    first, second = law.params[name], law.params[other]
    if first.size != second.size:
        raise InputError(f"`{name}` and `{other}` cannot be tied: one is a vector of another length.")
    if not (first.edges[0] <= second.edges[0] and second.edges[1] <= first.edges[1]):
        raise InputError(
            f"`{name}` cannot be tied to `{other}`, which may leave its edges ({first.edges[0]:g}, {first.edges[1]:g})."
        )
    same = _dimension(first, tied) == _dimension(second, tied) if law.recentre is None else stay_equal(law, tied)
    if not same:
        raise InputError(
            f"`{name}` and `{other}` cannot be tied: a change of units changes them in different ways, so they are "
            "equal in one unit only. Tie parameters without dimension, or of the same one."
        )


def _dimension(param: Param, tied: Mapping[str, str]) -> tuple[dict[str, Exponent], dict[str, float]]:
    """A parameter's dimension, with exponents that are tied counted as one."""

    def name_of(exponent: Exponent) -> Exponent:
        if not isinstance(exponent, str):
            return exponent
        sign = "-" if exponent.startswith("-") else ""
        power = exponent.removeprefix("-")
        return sign + tied.get(power, power)

    return {variable: name_of(exponent) for variable, exponent in param.dims.items()}, dict(param.shift)


@functools.cache
def _movers(law: Law) -> dict[str, tuple[str, ...]]:
    """For each parameter, those on which its value in other units depends and that move themselves."""
    depends: dict[str, set[str]] = {name: set() for name in law.params}
    moves: set[str] = set()
    with jax.enable_x64(True):
        for share in SHARES:
            params = {name: jnp.asarray(value) for name, value in params_at(law, share).items()}
            after = rescale(law, params, factors_of(law))
            slopes = jax.jacfwd(lambda p: rescale(law, p, factors_of(law)))(params)
            moves |= {n for n in params if not np.allclose(after[n], params[n], rtol=1e-12, atol=0, equal_nan=True)}
            for name, row in slopes.items():
                depends[name] |= {other for other, slope in row.items() if np.any(np.asarray(slope) != 0)}
    return {name: tuple(other for other in law.params if other in depends[name] & moves) for name in law.params}
