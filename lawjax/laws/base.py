"""What a law is: a pure function of one run, and the record that says the rest once.

`Law` holds no fitted values. `rescale` turns the declared dimensions into a change of units, and
`over_runs` and `over_draws` are the only places where a law is vectorised.
"""

import dataclasses
import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

from lawjax.errors import InputError, choose

Scalar = Float[Array, ""]
Params = Mapping[str, Any]
Exponent = str | float | Callable[[Params], Any]
"""A power of an input in a parameter's dimension: a number, a parameter's name (or "-name"), or a function
of the parameters."""

KINDS = {
    "positive": "a real number above zero",
    "count": "a number of things, above zero",
    "fraction": "a number from 0 to 1",
    "simplex": "ratios that are not negative and sum to 1",
    "bits": "a number of bits, above zero",
    "number": "a number above zero that has no unit to change, such as a count of layers, epochs or streams",
    "amount": "a number of 0 or more that has no unit to change, such as the bits of a mantissa",
    "real": "any real number",
}
USUAL = {
    "positive": (1.0, 1e6),
    "count": (1e6, 1e10),
    "fraction": (0.05, 0.95),
    "simplex": (0.0, 1.0),
    "bits": (2.0, 16.0),
    "number": (1.0, 64.0),
    "amount": (1.0, 8.0),
    "real": (-1.0, 1.0),
}
SCALABLE = ("positive", "count", "bits")
POSITIVE = (*SCALABLE, "number")


@dataclasses.dataclass(frozen=True)
class Variable:
    """Something that is measured.

    Attributes:
        unit: its unit, in words.
        kind: one of `KINDS`.
        size: length of a vector, None for a scalar.
        usual: where its values usually lie; simulated designs spread over it. Each kind has its own default.
    """

    unit: str = ""
    kind: str = "positive"
    size: int | None = None
    usual: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        choose("kind of variable", self.kind, KINDS)
        if self.kind == "simplex" and self.size is None:
            raise InputError(
                'a variable of kind "simplex" needs its number of entries: Variable(kind="simplex", size=3).'
            )
        if self.usual is None:
            object.__setattr__(self, "usual", USUAL[self.kind])
        if not is_range(self.usual, 0.0 if self.positive else -math.inf):
            above = " above 0" if self.positive else ""
            raise InputError(
                f"`usual` of a variable of kind {self.kind!r} must be two finite numbers{above}, low < high, got "
                f"{self.usual!r}."
            )

    @property
    def scalable(self) -> bool:
        """Whether a change of unit multiplies it."""
        return self.kind in SCALABLE

    @property
    def positive(self) -> bool:
        """Whether it lies above zero, so that ranges of it are spread by ratio."""
        return self.kind in POSITIVE


@dataclasses.dataclass(frozen=True)
class Param:
    """Something that is fitted.

    Attributes:
        low, high: where values usually lie, in the units of the law's paper; seeds starts and the default prior.
        edges: the open interval of possible values, (0, inf) for a positive parameter.
        dims: powers of the inputs in its dimension, so that `A` in `A * N**-alpha` has `{"N": "alpha"}`.
        shift: multiples of log input that it is compared with, so that a location in log N has `{"N": 1.0}`.
        centred: where values usually lie once each input is divided by its geometric mean over the runs; for
            parameters whose usual range depends on the unit of the data, such as the place of a break.
        size: length of a vector parameter, None for a scalar.
    """

    low: float
    high: float
    edges: tuple[float, float] = (-math.inf, math.inf)
    dims: Mapping[str, Exponent] = dataclasses.field(default_factory=dict)
    shift: Mapping[str, float] = dataclasses.field(default_factory=dict)
    centred: tuple[float, float] | None = None
    size: int | None = None

    def __post_init__(self) -> None:
        bottom, top = self.edges
        if not (bottom <= self.low < self.high <= top):
            raise InputError(
                f"a parameter's usual range must lie inside its edges ({bottom:g}, {top:g}) with low < high, "
                f"got {self.low:g} to {self.high:g}."
            )
        if not is_range((self.low, self.high)):
            raise InputError(
                f"a usual range must be of finite numbers whose ratio is finite too, got {self.low:g} to {self.high:g}."
            )
        half_open = math.isinf(bottom) != math.isinf(top)
        if half_open and (self.low == bottom or self.high == top):
            raise InputError(
                f"a usual range must stay clear of the edge of its parameter's values, got {self.low:g} to "
                f"{self.high:g} with the edges ({bottom:g}, {top:g})."
            )
        if self.centred is not None and not is_range(self.centred, bottom, top):
            raise InputError(
                f"`centred` must be two finite numbers inside the edges ({bottom:g}, {top:g}), low < high, got "
                f"{self.centred!r}."
            )

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one value."""
        return () if self.size is None else (self.size,)


def is_range(span: Any, bottom: float = -math.inf, top: float = math.inf) -> bool:
    """Whether `span` is two finite numbers, low < high, between the edges; an edge that is alone is not reached.

    The ratio of positive ones must be finite too, and neither so small that XLA takes it for zero.
    """
    try:
        low, high = (float(end) for end in span)
    except (TypeError, ValueError, OverflowError):
        return False
    clear = (bottom < low and high < top) if math.isinf(bottom) != math.isinf(top) else (bottom <= low and high <= top)
    spread = low <= 0 or (low >= sys.float_info.min and math.isfinite(high / low))
    return math.isfinite(low) and math.isfinite(high) and low < high and clear and spread


def positive(low: float, high: float, **more: Any) -> Param:
    """A parameter above zero that usually lies between `low` and `high`; `more` is as for `Param`.

    Example:
        >>> positive(10, 1e4, dims={"N": "alpha"}).edges
        (0.0, inf)
    """
    return Param(low, high, edges=(0.0, math.inf), **more)


def real(low: float, high: float, **more: Any) -> Param:
    """A parameter on the whole line that usually lies between `low` and `high`; `more` is as for `Param`.

    Example:
        >>> real(-1, 1, size=3).shape
        (3,)
    """
    return Param(low, high, **more)


def unit_interval(low: float = 0.02, high: float = 0.98, **more: Any) -> Param:
    """A parameter between 0 and 1; `more` is as for `Param`.

    Example:
        >>> unit_interval().edges
        (0.0, 1.0)
    """
    return Param(low, high, edges=(0.0, 1.0), **more)


def bounded(low: float, high: float, **more: Any) -> Param:
    """A parameter that cannot leave `low` to `high`; `more` is as for `Param`.

    Example:
        >>> bounded(1, 2).edges
        (1, 2)
    """
    return Param(low, high, edges=(low, high), **more)


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Law:
    """A law: the formula for one run, and what everything downstream needs to know of it.

    Attributes:
        fn: pure JAX function of one run; inputs positional, parameters keyword-only; returns a scalar.
        response: name of what it predicts, which is no input and no parameter.
        params: the parameters, in the order in which tables show them.
        inputs: the inputs; those not given are positive numbers.
        unit: unit of the response.
        support: "positive", "unit" (0 to 1) or "real": where the response lies.
        falls, rises: inputs in which the response never rises, or never falls, over the usual ranges.
        linear: parameters that enter linearly when all others are held; the fit then solves for them exactly
            while it looks for the rest.
        recentre: for a law too odd for `dims`: `recentre(params, factors)` gives the parameters of the same law
            when each input is divided by its factor.
        reference: key into references.bib, beside this file.
        name: how it is called on the command line and in files.

    Example:
        >>> import lawjax as lj
        >>> def decay(D, *, E, B, beta):
        ...     return E + B * D**-beta
        >>> law = lj.Law(decay, response="loss", params=dict(
        ...     E=lj.positive(0.1, 5), B=lj.positive(1, 1e4, dims={"D": "beta"}), beta=lj.positive(0.1, 1)))
        >>> float(law(100.0, E=1.0, B=10.0, beta=0.5))
        2.0
    """

    fn: Callable[..., Any]
    response: str
    params: Mapping[str, Param]
    inputs: Mapping[str, Variable] = dataclasses.field(default_factory=dict)
    unit: str = ""
    support: str = "positive"
    falls: tuple[str, ...] = ()
    rises: tuple[str, ...] = ()
    linear: tuple[str, ...] = ()
    recentre: Callable[[Params, Mapping[str, Any]], Params] | None = None
    reference: str = ""
    name: str = ""

    def __post_init__(self) -> None:
        choose("support of a response", self.support, ("positive", "unit", "real"))
        name = self.name or self.fn.__name__.replace("_", "-")
        positional, keywords = _split_signature(self.fn)
        unknown = [key for key in self.inputs if key not in positional]
        if unknown:
            raise InputError(f"law {name!r}: inputs {unknown} are not positional arguments of its function.")
        if set(self.params) != set(keywords):
            raise InputError(
                f"law {name!r}: its function's keyword-only arguments are {keywords}, its record's `params` are "
                f"{list(self.params)}; name the same parameters in both."
            )
        _check_response(name, self.response, positional, keywords)
        inputs = {key: self.inputs.get(key, Variable()) for key in positional}
        _check_dims(name, inputs, self.params, self.linear)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "inputs", MappingProxyType(inputs))
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
        object.__setattr__(self, "linear", tuple(self.linear))
        _check_trends(self)

    def __call__(self, /, *inputs: Any, **params: Any) -> Any:
        """The formula itself, for one run."""
        return self.fn(*inputs, **params)

    @property
    def summary(self) -> str:
        """What the law says, in one line: the first of its function's docstring."""
        return (inspect.getdoc(self.fn) or "").partition("\n")[0]

    @property
    def formula(self) -> str:
        """The displayed formulas of its function's docstring, in LaTeX; empty where there are none."""
        return "\n".join(
            part.strip() for part in re.findall(r"\$\$(.+?)\$\$", inspect.getdoc(self.fn) or "", re.DOTALL)
        )

    def __repr__(self) -> str:
        return f"<Law {self.name}: {self.response}({', '.join(self.inputs)}; {', '.join(self.params)})>"


def _split_signature(fn: Callable[..., Any]) -> tuple[list[str], list[str]]:
    """Names of the positional arguments and of the keyword-only ones."""
    parameters = inspect.signature(fn).parameters.values()
    if any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters):
        raise InputError(
            f"`{getattr(fn, '__name__', fn)}` takes *args or **kwargs; write its inputs and parameters out by name."
        )
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    keywords = [p.name for p in parameters if p.kind is p.KEYWORD_ONLY]
    if not positional or not keywords:
        raise InputError(
            f"`{getattr(fn, '__name__', fn)}` must take what is measured as positional arguments and what is fitted "
            "as keyword-only ones: `def law(N, D, *, E, A, alpha): ...`."
        )
    return positional, keywords


def _check_response(name: str, response: Any, inputs: list[str], params: list[str]) -> None:
    if not isinstance(response, str) or not response.isidentifier():
        raise InputError(f"law {name!r}: {response!r} cannot be the name of a response: use letters, digits and _.")
    if response in inputs or response in params:
        role = "an input" if response in inputs else "a parameter"
        raise InputError(
            f"law {name!r}: `{response}` is its response and {role} as well. Call one by another name, such as "
            f"`{response}_2`."
        )


def _check_dims(
    name: str, inputs: Mapping[str, Variable], params: Mapping[str, Param], linear: tuple[str, ...]
) -> None:
    for key, param in params.items():
        for variable in (*param.dims, *param.shift):
            if variable not in inputs or not inputs[variable].scalable:
                raise InputError(
                    f"law {name!r}: `{key}` declares a dimension in `{variable}`, which is not a scalable input."
                )
        for exponent in param.dims.values():
            _check_exponent(name, key, exponent, params)
    stray = [key for key in linear if key not in params or params[key].size is not None]
    if stray:
        raise InputError(f"law {name!r}: `linear` names {stray}, which are not scalar parameters.")


def _check_trends(law: "Law") -> None:
    for role, names in (("falls", law.falls), ("rises", law.rises)):
        stray = [name for name in names if name not in law.inputs]
        if stray:
            raise InputError(f"law {law.name!r}: `{role}` names {stray}; its inputs are {list(law.inputs)}.")
        object.__setattr__(law, role, tuple(names))


def _check_exponent(name: str, key: str, exponent: Exponent, params: Mapping[str, Param]) -> None:
    if not isinstance(exponent, str):
        return
    power = exponent.removeprefix("-")
    if power not in params:
        raise InputError(f"law {name!r}: the dimension of `{key}` names `{exponent}`, which is not a parameter.")
    if params[power].dims or params[power].shift:
        raise InputError(f"law {name!r}: `{power}` is an exponent of `{key}`, so it cannot have a dimension itself.")


def exponent_value(exponent: Exponent, params: Params) -> Any:
    """The number that an exponent of `Param.dims` stands for."""
    if callable(exponent):
        return exponent(params)
    if isinstance(exponent, str):
        return -params[exponent[1:]] if exponent.startswith("-") else params[exponent]
    return exponent


def namespace(*values: Any) -> Any:
    """JAX's numpy where a value is a JAX array or is being traced, else NumPy, which compiles nothing."""
    return jnp if any(isinstance(value, jax.Array) for value in values) else np


def rescale(law: Law, params: Params, factors: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters of the same law when each input is divided by its factor.

    Args:
        law: the law whose dimensions are used.
        params: one value, or an array with leading axes, per parameter.
        factors: what each scalable input is divided by; those left out stay as they are.

    Returns:
        New parameters p' with `law(x / factor, p') == law(x, p)`.

    Example:
        >>> import lawjax as lj
        >>> p = dict(E=1.8, A=400.0, alpha=0.5, B=2000.0, beta=0.5)
        >>> round(float(lj.laws.rescale(lj.laws.CHINCHILLA, p, {"N": 1e6})["A"]), 6)
        0.4
    """
    if law.recentre is not None:
        return dict(law.recentre(params, factors))
    return {key: _rescaled(key, param, params, factors) for key, param in law.params.items()}


def _rescaled(key: str, param: Param, params: Params, factors: Mapping[str, Any]) -> Any:
    value = params[key]
    log = {v: namespace(factors[v]).log(factors[v]) for v in (*param.dims, *param.shift) if v in factors}
    powers = [exponent_value(e, params) * log[v] for v, e in param.dims.items() if v in factors]
    shifts = [s * log[v] for v, s in param.shift.items() if v in factors]
    if powers:
        power = sum(_trailing(p, value) for p in powers)
        value = value * namespace(power).exp(-power)
    if shifts:
        value = value - sum(shifts)
    return value


def _trailing(power: Any, value: Any) -> Any:
    """`power` with an axis added where `value` is a vector parameter, so that both broadcast."""
    missing = np.ndim(value) - np.ndim(power)
    return power.reshape(np.shape(power) + (1,) * missing) if np.ndim(power) and missing > 0 else power


def over_runs(law: Law, params: Params, inputs: Mapping[str, ArrayLike], fn: Callable[..., Any] | None = None) -> Array:
    """The law at many runs with one set of parameters, shape (run,).

    Args:
        params: one value per parameter.
        inputs: one array per input, shape (run,), or (run, size) for a vector input.
        fn: a function to use in place of the law's own, which gives the same faster.
    """
    columns = tuple(_as_floats(inputs[name]) for name in law.inputs)

    def one_run(*run: Any) -> Any:
        return _scalar(law, (fn or law.fn)(*run, **{name: params[name] for name in law.params}))

    return jax.vmap(one_run)(*columns)


def _as_floats(column: ArrayLike) -> Array:
    """A column with whole numbers as floats: JAX refuses a negative power of an integer."""
    column = jnp.asarray(column)
    return column if jnp.issubdtype(column.dtype, jnp.inexact) else column.astype(jnp.result_type(float))


def over_draws(law: Law, params: Params, inputs: Mapping[str, ArrayLike]) -> Array:
    """The law at many runs for many draws of the parameters, shape (draw, run)."""
    return jax.vmap(lambda draw: over_runs(law, draw, inputs))({name: jnp.asarray(params[name]) for name in law.params})


def _scalar(law: Law, value: Any) -> Any:
    value = jnp.asarray(value)
    if value.shape != ():
        raise InputError(f"law {law.name!r} must return one number for one run, got an array of shape {value.shape}.")
    return value
