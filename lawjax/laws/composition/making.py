"""What every law made of other laws needs: a function with a signature, merged inputs and parameters, trends."""

import dataclasses
import functools
import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from lawjax.errors import InputError
from lawjax.laws.base import Exponent, Law, Param, Params, Variable, exponent_value, rescale
from lawjax.laws.usual import input_at, params_at

Recentre = Callable[[Params, Mapping[str, Any]], Params]
SHARES = (0.3, 0.5, 0.7)
GOLDEN = 0.618

# ------------------------------------------------------------------------------------------------- functions


def function_of(
    body: Callable[[Mapping[str, Any], Mapping[str, Any]], Any],
    inputs: Iterable[str],
    params: Iterable[str],
    doc: str,
) -> Callable[..., Any]:
    """A law's function, with a signature that names its inputs and parameters.

    Args:
        body: `body(inputs, params)` gives the response of one run.
        inputs, params: names of the positional and of the keyword-only arguments.
        doc: its docstring: a summary line, then displayed formulas.
    """
    inputs, params = tuple(inputs), tuple(params)
    both = [name for name in params if name in inputs]
    if both:
        raise InputError(
            f"`{both[0]}` is an input here and a parameter there. Rename one: rename(law, "
            f'{{"{both[0]}": "{both[0]}_2"}}).'
        )
    either, keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    signature = inspect.Signature(
        [*(inspect.Parameter(name, either) for name in inputs), *(inspect.Parameter(name, keyword) for name in params)]
    )

    def fn(*args: Any, **given: Any) -> Any:
        found = signature.bind(*args, **given).arguments
        return body({name: found[name] for name in inputs}, {name: found[name] for name in params})

    fn.__signature__ = signature  # the law's record checks names against it
    fn.__doc__ = doc
    return fn


def value_of(law: Law, inputs: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    """A law's response, its inputs and parameters taken out of larger sets."""
    return law.fn(*(inputs[name] for name in law.inputs), **{name: params[name] for name in law.params})


def moved(law: Law, params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    """`rescale`, its parameters and factors taken out of larger sets."""
    own = {name: factor for name, factor in factors.items() if name in law.inputs}
    return rescale(law, {name: params[name] for name in law.params}, own)


def document(summary: str, formula: str, laws: Sequence[Law]) -> str:
    """The docstring of a composed law: what it is, its formula, and those of its parts."""
    parts = [f"{law.name}:\n\n$${law.formula}$$" for law in laws if law.formula]
    return "\n\n".join([summary, f"$${formula}$$", *(["where", *parts] if parts else [])])


def tex(law: Law) -> str:
    """A law as a term of a formula."""
    inputs = ", ".join(name.replace("_", r"\_") for name in law.inputs)
    return rf"\text{{{law.name}}}({inputs})"


def remembered(make: Callable[..., Law]) -> Callable[..., Law]:
    """`make`, which then gives the same law for the same arguments, so that it compiles once."""
    known: dict[Any, Law] = {}

    @functools.wraps(make)
    def remember(*args: Any, **options: Any) -> Law:
        key = _frozen((args, options))
        try:
            hash(key)
        except TypeError:
            return make(*args, **options)
        if key not in known:
            known[key] = make(*args, **options)
        return known[key]

    return remember


def _frozen(value: Any) -> Any:
    """`value` as something that compares by content and can be a key."""
    if isinstance(value, Mapping):
        return tuple((name, _frozen(item)) for name, item in value.items())
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, bool):
        return (bool, value)  # True == 1.0, and is another argument
    if isinstance(value, Param | Variable):
        return (type(value), *(_frozen(getattr(value, field.name)) for field in dataclasses.fields(value)))
    return value


# ------------------------------------------------------------------------------------------------ parameters


def check_laws(*laws: Any) -> None:
    """Raises InputError for anything that is not a law."""
    for law in laws:
        if not isinstance(law, Law):
            raise InputError(f"expected laws, got {type(law).__name__}; a law of the catalogue is lj.laws.get(name).")


def merged_inputs(*groups: Mapping[str, Variable]) -> dict[str, Variable]:
    """Inputs of several laws: the same name is the same input.

    Raises:
        InputError: an input that is one thing here and another there.
    """
    found: dict[str, Variable] = {}
    for name, variable in (pair for group in groups for pair in group.items()):
        known = found.setdefault(name, variable)
        if known.size != variable.size or (known.kind != variable.kind and not (known.scalable and variable.scalable)):
            raise InputError(
                f"the input `{name}` is of kind {known.kind!r} in one law and {variable.kind!r} in another, so it is "
                f'not the same. Rename one: rename(law, {{"{name}": "{name}_2"}}).'
            )
    return found


def merged_params(laws: Sequence[Law], shared: Sequence[str] = ()) -> dict[str, Param]:
    """Parameters of several laws.

    Raises:
        InputError: a name in two laws that is not `shared`, or a shared one that differs in more than its range.
    """
    owners: dict[str, Law] = {}
    for law in laws:
        for name in [name for name in law.params if name in owners]:
            _check_shared(name, owners[name], law, shared)
        owners = {**dict.fromkeys(law.params, law), **owners}
    names = [name for law in laws for name in law.params]
    idle = [name for name in shared if names.count(name) < 2]
    if idle:
        raise InputError(f"`shared` names {idle}, which are not parameters of two of the laws.")
    return {name: owners[name].params[name] for name in dict.fromkeys(names)}


def _check_shared(name: str, first: Law, second: Law, shared: Sequence[str]) -> None:
    if name not in shared:
        raise InputError(
            f"`{name}` is a parameter of {first.name!r} and of {second.name!r}. Rename one, "
            f'rename(law, {{"{name}": "{name}_2"}}), or pass shared=("{name}",) if they are the same.'
        )
    if not alike(first.params[name], second.params[name]):
        raise InputError(
            f"`{name}` cannot be shared: its edges, size or dimension in {first.name!r} and {second.name!r} differ."
        )


def alike(first: Param, second: Param) -> bool:
    """Whether two parameters take the same values and change with units in the same way."""
    return all(getattr(first, name) == getattr(second, name) for name in ("edges", "size", "dims", "shift"))


def moved_together(laws: Sequence[Law]) -> Recentre | None:
    """`recentre` of a law made of laws that share their inputs; None where `dims` say it all."""
    if all(law.recentre is None for law in laws):
        return None

    def recentre(params: Params, factors: Mapping[str, Any]) -> Params:
        return {name: value for law in laws for name, value in moved(law, params, factors).items()}

    return recentre


def factors_of(law: Law) -> dict[str, float]:
    """A change of every unit, by another factor each."""
    return {name: 3.0 + index for index, (name, v) in enumerate(law.inputs.items()) if v.scalable}


def stay_equal(law: Law, tied: Mapping[str, str]) -> bool:
    """Whether parameters that are tied in one unit are equal in others, by a few points of their usual ranges."""
    with jax.enable_x64(True):
        for share in SHARES:
            # Another place in its range for each: what moves two parameters apart may be equal where ranges are.
            places = {name: (share + GOLDEN * index) % 1.0 for index, name in enumerate(law.params)}
            params = {name: params_at(law, place)[name] for name, place in places.items()}
            params |= {name: params[other] for name, other in tied.items()}
            after = rescale(law, params, factors_of(law))
            if not all(np.allclose(after[name], after[other], rtol=1e-10) for name, other in tied.items()):
                return False
    return True


# ------------------------------------------------------------------------------------------------- exponents


def times(exponent: Exponent, factor: float) -> Exponent:
    """An exponent multiplied by a number."""
    if isinstance(exponent, int | float):
        return factor * exponent
    if factor == 1:
        return exponent
    if factor == -1 and isinstance(exponent, str):
        return exponent[1:] if exponent.startswith("-") else f"-{exponent}"
    return lambda params: factor * exponent_value(exponent, params)


def plus(first: Exponent, second: Exponent) -> Exponent:
    """The sum of two exponents."""
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first + second
    return lambda params: exponent_value(first, params) + exponent_value(second, params)


@functools.cache
def scales_of(law: Law) -> Mapping[str, float]:
    """The power of each scalable input that is left in the response once the parameters have followed its unit.

    Zero, and left out, for a law whose parameters absorb a change of unit in full; 1 for the N of
    $N (1 + k \\log P)$, which no parameter absorbs. It is measured at a few points of the usual ranges.
    """
    with jax.enable_x64(True):
        found = {name: _scale_in(law, name) for name, variable in law.inputs.items() if variable.scalable}
    return {name: scale for name, scale in found.items() if scale}


def _scale_in(law: Law, name: str) -> float:
    powers = [_power_left(law, name, share, factor) for share in SHARES for factor in (10.0, 0.3)]
    even = all(math.isfinite(power) and abs(power - powers[0]) < 1e-7 for power in powers)
    return round(powers[0], 9) if even else 0.0


def _power_left(law: Law, name: str, share: float, factor: float) -> float:
    inputs = {key: input_at(variable, share) for key, variable in law.inputs.items()}
    params = params_at(law, share)
    before = float(value_of(law, inputs, params))
    after = float(value_of(law, {**inputs, name: inputs[name] / factor}, moved(law, params, {name: factor})))
    return math.log(before / after) / math.log(factor) if before * after > 0 else math.nan


# ---------------------------------------------------------------------------------------------------- trends


def trend(law: Law, name: str) -> int | None:
    """-1 where the response falls in an input, 1 where it rises, 0 where it has none, None where nothing is known."""
    if name not in law.inputs:
        return 0
    if name in law.falls:
        return -1
    return 1 if name in law.rises else None


def trends(inputs: Iterable[str], ways: Callable[[str], Iterable[int | None]]) -> dict[str, tuple[str, ...]]:
    """`falls` and `rises` of a law: inputs in which all the ways that they act through agree."""
    signs = {name: {sign for sign in ways(name) if sign != 0} for name in inputs}
    return {
        role: tuple(name for name, found in signs.items() if found == {sign})
        for role, sign in (("falls", -1), ("rises", 1))
    }


def common(words: Iterable[str]) -> str:
    """The one word that all say who say anything; empty where they differ."""
    said = {word for word in words if word}
    return said.pop() if len(said) == 1 else ""
