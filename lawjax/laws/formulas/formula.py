"""A law from a text such as "E + A / N**alpha": read by `syntax.py`, its dimensions and linear parameters found."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lawjax.errors import InputError
from lawjax.laws.base import Exponent, Law, Param, Variable, positive, real
from lawjax.laws.composition.making import function_of, remembered
from lawjax.laws.formulas.syntax import FUNCTIONS, Node, evaluate, parse
from lawjax.laws.formulas.units import affine, dimensions, exponents_of, linear_in, terms_of

EXPONENT = positive(0.05, 1.0)
LEVEL = positive(0.1, 5.0)
SCALE = positive(0.1, 1e4)
OTHER = positive(1e-3, 1e3)
PLACE = (0.01, 100.0)
"""Usual range, once inputs are divided by their geometric mean, of a rate or a place whose range was not given."""

_RECORDS = "lawjax_formula"


@remembered
def law_from_formula(
    text: str,
    *,
    inputs: Sequence[str] | Mapping[str, Variable],
    params: Mapping[str, str | Param] | None = None,
    response: str = "loss",
    name: str | None = None,
    linear: Sequence[str] | None = None,
    support: str = "positive",
    unit: str = "",
) -> Law:
    """A law from its formula. Names that are not inputs are parameters, in order of appearance.

    The text is read by an allow-list and never run: numbers, names, + - * / **, brackets and the functions of
    `lawjax.laws.formulas.syntax.FUNCTIONS`. `**` needs a base above 0, but for whole powers up to 16.

    A parameter's usual range, where none is given: 0.05 to 1 for one that stands in an exponent, 0.1 to 5 for a term
    of its own, 0.1 to 1e4 for the scale of a power of the inputs, 0.01 to 100 in units of the middle of the data
    for a rate or a place (the k of `exp(-k * D)`), 1e-3 to 1e3 for any other; all above 0.

    Dimensions are found for each input whose unit a parameter of every term can take up: the A of `A / N**alpha`, the
    k of `exp(-k * D)`, the N0 of `(N / N0)**alpha`. Other inputs stay in their own unit, and fits say so.

    Args:
        text: the right-hand side.
        inputs: names of the inputs, or {name: Variable}.
        params: {"E": "0.1:5"} for a usual range, of a parameter above 0 where its low end is, else of any real number;
            or a `Param`, which also has edges.
        response: what the formula gives.
        name: of the law, the text by default.
        linear: parameters that enter linearly together; found by default.
        support: "positive", "unit" or "real": where the response lies.
        unit: of the response.
    Returns:
        The same `Law` for the same arguments each time. Saved results of it load without being passed the law.
    Raises:
        InputError: a text that is no formula, an input that is not in it, no parameter, or a range that is none.
    Example:
        >>> import lawjax as lj
        >>> law = lj.laws.law_from_formula("E + A / N**alpha + B * exp(-k * D)", inputs=["N", "D"], name="decaying")
        >>> law
        <Law decaying: loss(N, D; E, A, alpha, B, k)>
        >>> law.params["A"].dims, law.params["k"].dims
        ({'N': 'alpha'}, {'D': -1.0})
    """
    tree = parse(text)
    variables = _variables(inputs)
    names = list(dict.fromkeys(key for key in tree.names if key not in variables))
    _check_inputs(text, tree, variables, names)
    if linear is not None and not affine(tree, set(linear)):
        raise InputError(f"`linear` names {list(linear)}, and {text!r} is not linear in them together.")
    given = {key: _given(key, value) for key, value in (params or {}).items()}
    unknown = [key for key in given if key not in names]
    if unknown:
        raise InputError(f"`params` names {unknown}; the parameters of {text!r} are {', '.join(names)}.")
    dims = dimensions(tree, [key for key, variable in variables.items() if variable.scalable], names)
    ranges = {key: given.get(key) or _default(key, tree, dims[key]) for key in names}
    shown = " ".join(text.split())

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        return evaluate(tree, {**run, **values})

    fn = function_of(body, variables, names, f"{response} = {shown}\n\n$${response} = {shown}$$")
    law = Law(
        fn=fn,
        response=response,
        inputs=variables,
        params={key: _with_dims(param, dims[key]) for key, param in ranges.items()},
        unit=unit,
        support=support,
        linear=linear_in(tree, names) if linear is None else tuple(linear),
        name=name or shown,
    )
    setattr(fn, _RECORDS, _record(law, text))
    return law


def names_in(text: str) -> list[str]:
    """The names in a formula, in order of appearance.

    Example:
        >>> names_in("E + A / N**alpha")
        ['E', 'A', 'N', 'alpha']
    """
    return list(dict.fromkeys(parse(text).names))


def _variables(inputs: Any) -> dict[str, Variable]:
    if isinstance(inputs, str):
        raise InputError(f'`inputs` must be several names or {{name: Variable}}: write inputs=["{inputs}"].')
    variables = dict(inputs) if isinstance(inputs, Mapping) else {key: Variable() for key in inputs}
    for key, variable in variables.items():
        if not isinstance(variable, Variable):
            raise InputError(f"the input `{key}` must be a Variable, as in Variable(kind='count'), got {variable!r}.")
    return variables


def _check_inputs(text: str, tree: Node, inputs: Mapping[str, Variable], names: Sequence[str]) -> None:
    for key, variable in inputs.items():
        if key in FUNCTIONS:
            raise InputError(f"the input `{key}` has the name of a function. Rename it.")
        if variable.size is not None:
            raise InputError(f"the input `{key}` is a vector; a formula is of numbers. Write the law as a function.")
        if key not in tree.names:
            raise InputError(f"the input `{key}` is not in the formula {text!r}. Leave it out, or check the spelling.")
    if not inputs:
        raise InputError(f"the formula {text!r} needs inputs: say which of {', '.join(names)} are measured.")
    if not names:
        raise InputError(f"the formula {text!r} has no parameter to fit: every name in it is an input.")


def _given(name: str, value: Any) -> Param:
    """A parameter from a range "low:high" or a `Param`."""
    if isinstance(value, Param):
        if value.dims or value.shift or value.size is not None:
            raise InputError(f"`{name}`: the dimensions of a formula's parameters are found; give a range and edges.")
        return value
    try:
        low, high = (float(part) for part in str(value).replace("_", "?").split(":"))
    except ValueError:
        low, high = math.nan, math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise InputError(f'the range of `{name}` must be "low:high" with two numbers, as "0.1:5", got {value!r}.')
    return positive(low, high) if low > 0 else real(low, high)


def _default(name: str, tree: Node, dims: Mapping[str, Exponent]) -> Param:
    if dims and all(isinstance(exponent, float) for exponent in dims.values()):
        return positive(OTHER.low, OTHER.high, centred=PLACE)
    if dims:
        return SCALE
    if any(name in exponent.names for exponent in exponents_of(tree)):
        return EXPONENT
    alone = Node("name", name)
    return LEVEL if any(term == alone for term in terms_of(tree)) else OTHER


def _with_dims(param: Param, dims: Mapping[str, Exponent]) -> Param:
    return Param(param.low, param.high, edges=param.edges, dims=dims, centred=param.centred)


# --------------------------------------------------------------------------------------------------- records


def formula_record(law: Law) -> dict[str, Any] | None:
    """What a saved result keeps of a law made from a formula; None for any other law."""
    return getattr(law.fn, _RECORDS, None)


def law_from_record(record: Any) -> Law:
    """The law that `formula_record` described. The text is read again, by the same allow-list.

    Raises:
        InputError: a record that lawjax did not write, or a text that is no formula.
    """
    try:
        inputs = {
            key: Variable(v["unit"], v["kind"], None, (float(v["usual"][0]), float(v["usual"][1])))
            for key, v in record["inputs"].items()
        }
        params = {key: _param_from(value) for key, value in record["params"].items()}
        rest = {key: record[key] for key in ("response", "name", "support", "unit")}
        text = record["text"]
        words = [text, *rest.values(), *inputs, *(v.unit for v in inputs.values()), *record["linear"]]
        if not all(isinstance(word, str) for word in words) or not isinstance(record["linear"], list | tuple):
            raise TypeError
        linear = tuple(record["linear"])
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError):
        raise InputError("the file holds a formula's record that lawjax did not write.") from None
    return law_from_formula(text, inputs=inputs, params=params, linear=linear, **rest)


def _record(law: Law, text: str) -> dict[str, Any]:
    return {
        "text": text,
        "inputs": {key: {"unit": v.unit, "kind": v.kind, "usual": v.usual} for key, v in law.inputs.items()},
        "params": {key: _param_record(param) for key, param in law.params.items()},
        "response": law.response,
        "name": law.name,
        "support": law.support,
        "unit": law.unit,
        "linear": list(law.linear),
    }


def _param_record(param: Param) -> dict[str, Any]:
    edges = [edge if math.isfinite(edge) else None for edge in param.edges]
    return {"low": param.low, "high": param.high, "edges": edges, "centred": param.centred}


def _param_from(record: Mapping[str, Any]) -> Param:
    low, high = (-math.inf if record["edges"][0] is None else record["edges"][0],
                 math.inf if record["edges"][1] is None else record["edges"][1])  # fmt: skip
    centred = None if record["centred"] is None else (float(record["centred"][0]), float(record["centred"][1]))
    return Param(float(record["low"]), float(record["high"]), edges=(float(low), float(high)), centred=centred)
