"""A law under other names, with two parameters made one, or with a parameter held."""

import dataclasses
import keyword
from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np

from lawjax.errors import InputError
from lawjax.laws.base import Exponent, Law, Param, Params, exponent_value
from lawjax.laws.composition.making import check_laws, document, function_of, moved, remembered, stay_equal, value_of

Fill = Callable[[Mapping[str, Any]], dict[str, Any]]
"""The parameters of the old law from those of the new one."""


@remembered
def rename(law: Law, names: Mapping[str, str], *, name: str = "") -> Law:
    """A law with other names for its inputs or parameters.

    Args:
        law: the law.
        names: {old: new}.
        name: of the new law, "law[old=new]" by default.
    Raises:
        InputError: an unknown old name, or a new one that is taken or is not a name.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.rename(lj.laws.POWER_LAW, {"x": "C", "alpha": "gamma"}, name="compute-law")
        <Law compute-law: loss(C; A, gamma)>
    """
    check_laws(law)
    _check_known(law, names, (*law.inputs, *law.params))
    new = {old: names.get(old, old) for old in (*law.inputs, *law.params)}
    _check_new(law, new)
    old_of = {fresh: old for old, fresh in new.items()}
    inputs = {new[old]: variable for old, variable in law.inputs.items()}

    def fill(params: Mapping[str, Any]) -> dict[str, Any]:
        return {old: params[new[old]] for old in law.params}

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        return value_of(law, {old_of[key]: value for key, value in run.items()}, fill(values))

    def recentre(params: Params, factors: Mapping[str, Any]) -> Params:
        back = moved(law, fill(params), {old_of[key]: factor for key, factor in factors.items()})
        return {new[old]: value for old, value in back.items()}

    params = {new[old]: _renamed(param, new, fill) for old, param in law.params.items()}
    shown = ", ".join(f"{fresh} for {old}" for old, fresh in names.items())
    return Law(
        fn=function_of(body, inputs, params, document(f"{law.name}, with {shown}.", _formula(names), (law,))),
        response=law.response,
        inputs=inputs,
        params=params,
        unit=law.unit,
        support=law.support,
        falls=tuple(new[key] for key in law.falls),
        rises=tuple(new[key] for key in law.rises),
        linear=tuple(new[key] for key in law.linear),
        recentre=None if law.recentre is None else recentre,
        reference=law.reference,
        name=name or f"{law.name}[{','.join(f'{old}={fresh}' for old, fresh in names.items())}]",
    )


@remembered
def tie(law: Law, ties: Mapping[str, str], *, name: str = "") -> Law:
    """A law with parameters made equal to others: one fewer each.

    Args:
        law: the law.
        ties: {parameter: the one that it equals}; both must change with units in the same way.
        name: of the new law, "law[parameter=other]" by default.
    Raises:
        InputError: an unknown parameter, or two that differ in edges, size or dimension.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.tie(lj.laws.CHINCHILLA, {"beta": "alpha"}, name="one-exponent")
        <Law one-exponent: loss(N, D; E, A, alpha, B)>
    """
    check_laws(law)
    _check_known(law, (*ties, *ties.values()), law.params)
    _check_ties(law, ties)

    def fill(params: Mapping[str, Any]) -> dict[str, Any]:
        return {key: params[ties.get(key, key)] for key in law.params}

    crooked = {other for key, other in ties.items() if (key in law.linear) != (other in law.linear)}
    shown = ", ".join(f"{key} = {other}" for key, other in ties.items())
    return _fewer(
        law, fill, tuple(ties), dict(ties), tuple(key for key in law.linear if key not in crooked), shown, name
    )


@remembered
def fix(law: Law, held: Mapping[str, Any] | None = None, /, *, name: str = "", **values: Any) -> Law:
    """A law with parameters held at values, in natural units.

    A held parameter that has a dimension cannot follow a change of units (unless it is held at 0), so the inputs in
    that dimension stay in their own unit in fits, which then say so. To hold one in a single fit use
    `fit(fixed={"A": 406.4})`, which knows the units and centres all inputs.

    Args:
        law: the law.
        held: {parameter: value}, for a parameter that is called `name`.
        name: of the new law, "law[parameter=value]" by default.
        values: parameter=value.
    Raises:
        InputError: an unknown parameter, a value outside its edges, or none left to fit.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.fix(lj.laws.CHINCHILLA, E=0.0, name="no-floor")
        <Law no-floor: loss(N, D; A, alpha, B, beta)>
    """
    check_laws(law)
    values = {**(held or {}), **values}
    _check_known(law, values, law.params)
    held = {key: _held(law, key, value) for key, value in values.items()}
    if len(held) == len(law.params):
        raise InputError(f"every parameter of {law.name!r} is held; nothing is left to fit.")
    shown = ", ".join(f"{key} = {value:g}" for key, value in held.items())
    linear = tuple(key for key in law.linear if key not in held)
    return _fewer(law, lambda params: {**params, **held}, tuple(held), held, linear, shown, name)


def _fewer(
    law: Law,
    fill: Fill,
    gone: tuple[str, ...],
    exponents: Mapping[str, str | float],
    linear: tuple[str, ...],
    shown: str,
    name: str,
) -> Law:
    """A law without the parameters `gone`; `exponents` says what an exponent that named one of them has become."""
    params = {key: _renamed(param, exponents, fill) for key, param in law.params.items() if key not in gone}

    def recentre(values: Params, factors: Mapping[str, Any]) -> Params:
        whole = moved(law, fill(values), factors)
        return {key: whole[key] for key in params}

    return dataclasses.replace(
        law,
        fn=function_of(
            lambda run, values: value_of(law, run, fill(values)),
            law.inputs,
            params,
            document(f"{law.name} with {shown}.", shown, (law,)),
        ),
        params=params,
        linear=tuple(key for key in linear if key in params),
        recentre=None if law.recentre is None else recentre,
        name=name or f"{law.name}[{shown.replace(' ', '')}]",
    )


def _renamed(param: Param, names: Mapping[str, str | float], fill: Fill) -> Param:
    """A parameter whose dimension speaks of other names, for inputs and exponents alike."""
    dims = {str(names.get(key, key)): _renamed_exponent(e, names, fill) for key, e in param.dims.items()}
    shift = {str(names.get(key, key)): share for key, share in param.shift.items()}
    return dataclasses.replace(param, dims=dims, shift=shift)


def _renamed_exponent(exponent: Exponent, names: Mapping[str, str | float], fill: Fill) -> Exponent:
    if callable(exponent):
        return lambda params: exponent_value(exponent, fill(params))
    if not isinstance(exponent, str):
        return exponent
    sign, key = ("-", exponent[1:]) if exponent.startswith("-") else ("", exponent)
    found = names.get(key, key)
    return f"{sign}{found}" if isinstance(found, str) else (-found if sign else found)


def _held(law: Law, name: str, value: Any) -> float:
    low, high = law.params[name].edges
    number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    if law.params[name].size is not None or not number or not (np.isfinite(value) and low <= value <= high):
        raise InputError(f"`{name}` can be held at one number from {low:g} to {high:g}, got {value!r}.")
    return float(value)


def _check_known(law: Law, names: Collection[str], known: Collection[str]) -> None:
    if not names:
        raise InputError(f"nothing was named; {law.name!r} has {', '.join(known)}.")
    for name in names:
        if name not in known:
            raise InputError(f"law {law.name!r} has no `{name}`. It has {', '.join(known)}.")


def _check_new(law: Law, new: Mapping[str, str]) -> None:
    for name in new.values():
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise InputError(f"{name!r} cannot be a name: use letters, digits and underscores.")
        if list(new.values()).count(name) > 1:
            raise InputError(f"`{name}` would stand for two things in {law.name!r}. Choose another name.")


def _check_ties(law: Law, ties: Mapping[str, str]) -> None:
    for name, other in ties.items():
        if other in ties:
            raise InputError(f"`{name}` is tied to `{other}`, which is tied itself. Tie both to the same parameter.")
        first, second = (_renamed(law.params[key], dict(ties), lambda params: dict(params)) for key in (name, other))
        if first.edges != second.edges or first.size != second.size:
            raise InputError(f"`{name}` and `{other}` cannot be tied: their edges or sizes differ.")
        same = first.dims == second.dims and first.shift == second.shift
        if not (same if law.recentre is None else stay_equal(law, ties)):
            raise InputError(f"`{name}` and `{other}` cannot be tied: they change with units in different ways.")


def _formula(names: Mapping[str, str]) -> str:
    return r",\; ".join(rf"\text{{{fresh}}} = \text{{{old}}}" for old, fresh in names.items()).replace("_", r"\_")
