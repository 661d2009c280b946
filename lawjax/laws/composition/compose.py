"""Laws made of laws: sums, products, and one law as the input of another.

Dimensions, trends and linear parameters are derived from those of the parts, and a fit puts the dimensions to the
test as it does for every law. The same call gives the same `Law` each time, so that it compiles once.
"""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from lawjax.errors import InputError, choose
from lawjax.laws.base import Law, Param, Params, Variable
from lawjax.laws.composition.making import (
    Recentre,
    check_laws,
    common,
    document,
    function_of,
    merged_inputs,
    merged_params,
    moved,
    moved_together,
    plus,
    remembered,
    scales_of,
    tex,
    times,
    trend,
    trends,
    value_of,
)


@remembered
def add(*laws: Law, name: str = "", shared: Sequence[str] = ()) -> Law:
    """The sum of laws. The first names the response; inputs of the same name are the same input.

    Args:
        laws: two or more.
        name: of the sum, "first+second" by default.
        shared: parameters that are one and the same in all the laws that have them.
    Raises:
        InputError: a parameter's name in two laws that is not shared.
    Example:
        >>> import lawjax as lj
        >>> steps = lj.laws.rename(lj.laws.POWER_LAW, {"x": "S", "A": "C", "alpha": "gamma"})
        >>> lj.laws.add(lj.laws.CHINCHILLA, steps)
        <Law chinchilla+power-law[x=S,A=C,alpha=gamma]: loss(N, D, S; E, A, alpha, B, beta, C, gamma)>
    """
    _check_several("add", laws)
    linear = [key for key in merged_params(laws, shared) if all(key in law.linear for law in laws if key in law.params)]
    supports = {law.support for law in laws}
    return _joined(
        laws,
        shared,
        combine=sum,
        summary=f"The sum of {_listed(laws)}.",
        formula=" + ".join(tex(law) for law in laws),
        name=name or "+".join(law.name for law in laws),
        support="real" if "real" in supports else "positive",
        linear=tuple(linear),
        **trends(merged_inputs(*(law.inputs for law in laws)), lambda key: [trend(law, key) for law in laws]),
    )


@remembered
def multiply(*laws: Law, name: str = "", shared: Sequence[str] = ()) -> Law:
    """The product of laws. The first names the response; inputs of the same name are the same input.

    Args:
        laws: two or more.
        name: of the product, "first*second" by default.
        shared: parameters that are one and the same in all the laws that have them.
    Raises:
        InputError: a parameter's name in two laws that is not shared.
    Example:
        >>> import lawjax as lj
        >>> width = lj.laws.rename(lj.laws.POWER_LAW, {"x": "W", "A": "C", "alpha": "gamma"})
        >>> product = lj.laws.multiply(lj.laws.KAPLAN_N, width, name="kaplan-by-width")
        >>> product.falls
        ('N', 'W')
    """
    _check_several("multiply", laws)
    supports = {law.support for law in laws}
    signed = "real" in supports
    found = trends(merged_inputs(*(law.inputs for law in laws)), lambda key: [trend(law, key) for law in laws])
    return _joined(
        laws,
        shared,
        combine=_product,
        summary=f"The product of {_listed(laws)}.",
        formula=r" \cdot ".join(tex(law) for law in laws),
        name=name or "*".join(law.name for law in laws),
        support="real" if signed else "unit" if supports == {"unit"} else "positive",
        linear=_linear_in_one_factor(laws),
        **({} if signed else found),
    )


def _product(values: Sequence[Any]) -> Any:
    total = 1.0
    for value in values:
        total = total * value
    return total


def _linear_in_one_factor(laws: Sequence[Law]) -> tuple[str, ...]:
    """A product is linear in those of one factor only: the first that has any which no other factor shares."""
    # The same law may stand twice, so that factors are told apart by their place.
    rest = [[*laws[:place], *laws[place + 1 :]] for place in range(len(laws))]
    own = [
        tuple(name for name in law.linear if not any(name in other.params for other in others))
        for law, others in zip(laws, rest, strict=True)
    ]
    return next((names for names in own if names), ())


def _joined(
    laws: Sequence[Law], shared: Sequence[str], *, combine: Any, summary: str, formula: str, name: str, **record: Any
) -> Law:
    inputs, params = merged_inputs(*(law.inputs for law in laws)), merged_params(laws, shared)

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        return combine([value_of(law, run, values) for law in laws])

    return Law(
        fn=function_of(body, inputs, params, document(summary, formula, laws)),
        response=laws[0].response,
        inputs=inputs,
        params=params,
        unit=common(law.unit for law in laws),
        recentre=moved_together(laws),
        reference=common(law.reference for law in laws),
        name=name,
        **record,
    )


@remembered
def substitute(
    law: Law,
    variable: str,
    by: Law,
    *,
    scales: Mapping[str, float] | None = None,
    name: str = "",
    shared: Sequence[str] = (),
) -> Law:
    """A law with the value of another in place of one of its inputs: an effective size, an effective number of tokens.

    Args:
        law: the outer law.
        variable: its input that is replaced; `by` may have an input of the same name, which is then the plain one.
        by: the law whose response takes its place.
        scales: the power of each input that no parameter of `by` absorbs when its unit changes: {"N": 1.0} for
            $N (1 + k \\log P)$. Measured by default, for which JAX must run: give it where a module is imported.
        name: of the law, "law[variable=by]" by default.
        shared: parameters that are one and the same in both.
    Raises:
        InputError: no such input, one that `by` could not be, or a parameter's name in both that is not shared.
    Example:
        >>> import lawjax as lj
        >>> from jax.numpy import log
        >>> def effective_size(N, P, *, k):
        ...     return N * (1 + k * log(P))
        >>> effective = lj.Law(effective_size, response="effective_N", params={"k": lj.positive(0.01, 1)},
        ...     inputs={"N": lj.Variable(kind="count"), "P": lj.Variable(kind="number")}, rises=("N", "P"))
        >>> parallel = lj.laws.substitute(lj.laws.CHINCHILLA, "N", effective, name="parallel")
        >>> parallel
        <Law parallel: loss(N, P, D; E, A, alpha, B, beta, k)>
        >>> parallel.falls
        ('N', 'P', 'D')
    """
    check_laws(law, by)
    choose(f"input of the law {law.name!r}", variable, law.inputs)
    _check_place(law, variable, by)
    left = scales_of(by) if scales is None else dict(scales)
    stray = [key for key in left if key not in by.inputs or not by.inputs[key].scalable]
    if stray:
        raise InputError(f"`scales` names {stray}, which are not scalable inputs of {by.name!r}.")
    inputs = _inputs_with(law, variable, by)
    carried = {key: _carried(param, variable, left) for key, param in law.params.items()}
    params = merged_params((_with_params(law, inputs, carried), by), shared)

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        return value_of(law, {**run, variable: value_of(by, run, values)}, values)

    def ways(key: str) -> list[int | None]:
        direct = 0 if key == variable else trend(law, key)
        outside, inside = trend(law, variable), trend(by, key)
        return [direct, None if outside is None or inside is None else outside * inside]

    summary = f"{law.name} with {by.name} in place of {variable}."
    formula = rf"{tex(law)}, \quad {variable} = {tex(by)}"
    return Law(
        fn=function_of(body, inputs, params, document(summary, formula, (law, by))),
        response=law.response,
        inputs=inputs,
        params=params,
        unit=law.unit,
        support=law.support,
        linear=tuple(key for key in law.linear if key not in by.params),
        recentre=_moved_through(law, variable, by, left),
        reference=common((law.reference, by.reference)),
        name=name or f"{law.name}[{variable}={by.name}]",
        **trends(inputs, ways),
    )


def chain(inner: Law, outer: Law, *, name: str = "", shared: Sequence[str] = ()) -> Law:
    """A law of one input applied to the response of another: from loss to accuracy.

    Args:
        inner: predicts what `outer` takes.
        outer: a law of one input.
        name: of the law, "outer(inner)" by default.
        shared: parameters that are one and the same in both.
    Raises:
        InputError: an outer law of several inputs.
    Example:
        >>> import lawjax as lj
        >>> accuracy = lj.laws.law_from_formula("1 - 0.75 * logistic(k * (loss - middle))", inputs=["loss"],
        ...     response="accuracy", params={"k": "0.5:5", "middle": "1:5"})
        >>> lj.laws.chain(lj.laws.KAPLAN_N, accuracy, name="accuracy-of-size")
        <Law accuracy-of-size: accuracy(N; N_c, alpha_N, k, middle)>
    """
    check_laws(inner, outer)
    if len(outer.inputs) != 1:
        raise InputError(
            f"chain needs an outer law of one input, and {outer.name!r} has {list(outer.inputs)}. "
            f"Use substitute(outer, variable, inner) to say which."
        )
    found = substitute(outer, next(iter(outer.inputs)), inner, shared=tuple(shared),
                       name=name or f"{outer.name}({inner.name})")  # fmt: skip
    return _inner_first(found, inner)


@remembered
def _inner_first(law: Law, inner: Law) -> Law:
    """A chained law with the parameters of the inner law first, as they are read."""
    order = [*inner.params, *(name for name in law.params if name not in inner.params)]
    body = lambda run, values: value_of(law, run, values)
    fn = function_of(body, law.inputs, order, law.fn.__doc__ or "")
    return dataclasses.replace(law, fn=fn, params={key: law.params[key] for key in order})


def _inputs_with(law: Law, variable: str, by: Law) -> dict[str, Variable]:
    """The outer inputs, those of `by` in the place of the one that it replaces."""
    groups = [by.inputs if key == variable else {key: value} for key, value in law.inputs.items()]
    return merged_inputs(*groups)


def _with_params(law: Law, inputs: Mapping[str, Variable], params: Mapping[str, Param]) -> Law:
    """The outer law's record with new inputs and dimensions, to be merged; its function is not called."""
    fn = function_of(lambda run, values: value_of(law, run, values), inputs, params, "")
    return dataclasses.replace(law, fn=fn, inputs=inputs, params=params, recentre=None, falls=(), rises=())


def _check_place(law: Law, variable: str, by: Law) -> None:
    kind = law.inputs[variable]
    if kind.size is not None:
        raise InputError(f"`{variable}` of {law.name!r} is a vector, which no law gives; substitute another input.")
    if kind.positive and by.support == "real":
        raise InputError(
            f"`{variable}` of {law.name!r} is above 0 and {by.name!r} can be below: its support is 'real'. Declare "
            'support="positive" if it is, or take link(law, "log").'
        )
    if kind.kind == "fraction" and by.support != "unit":
        raise InputError(
            f'`{variable}` of {law.name!r} lies from 0 to 1 and {by.name!r} need not. Declare support="unit" if it '
            'does, or take link(law, "logit").'
        )


def _carried(param: Param, variable: str, scales: Mapping[str, float]) -> Param:
    """A parameter of the outer law whose dimension in `variable` has become one in the inputs of the inner law."""
    if variable not in param.dims and variable not in param.shift:
        return param
    dims = {key: exponent for key, exponent in param.dims.items() if key != variable}
    shift = {key: share for key, share in param.shift.items() if key != variable}
    for key, scale in scales.items():
        if variable in param.dims:
            power = times(param.dims[variable], scale)
            dims[key] = plus(dims[key], power) if key in dims else power
        if variable in param.shift:
            shift[key] = shift.get(key, 0.0) + scale * param.shift[variable]
    # Its usual range in centred units held for a centred variable; an inner law that absorbs every unit is not.
    return dataclasses.replace(param, dims=dims, shift=shift, centred=param.centred if scales else None)


def _moved_through(law: Law, variable: str, by: Law, scales: Mapping[str, float]) -> Recentre | None:
    if law.recentre is None and by.recentre is None:
        return None

    def recentre(params: Params, factors: Mapping[str, Any]) -> Params:
        induced = _product([factors[key] ** scale for key, scale in scales.items() if key in factors])
        direct = {key: factor for key, factor in factors.items() if key != variable}
        return {**moved(law, params, {**direct, variable: induced}), **moved(by, params, factors)}

    return recentre


def _check_several(call: str, laws: Sequence[Law]) -> None:
    check_laws(*laws)
    if len(laws) < 2:
        raise InputError(f"{call} takes two laws or more, got {len(laws)}.")


def _listed(laws: Sequence[Law]) -> str:
    return ", ".join(law.name for law in laws[:-1]) + f" and {laws[-1].name}"
