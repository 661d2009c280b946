r"""A small monotone network as the discrepancy of a law: what the formula leaves over, kept from running away.

With $z_i = \log x_i$ the term is

$$g(z) = s \sum_{k=1}^{K} \pi_k \tanh\Big(c_k + b_k + \sum_i w_{ki} z_i\Big), \quad w_{ki} > 0, \; \sum_k \pi_k = 1$$

so it rises in every input or falls in every input, as the sign of s says, and never exceeds |s|: outside the data it
levels off instead of going on. The numbers are one vector `theta` on the whole line, s first; at zero there is no
discrepancy. The places $c_k$ are held, spread about 0, so that units differ there. Flax holds the network.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.errors import InputError, require
from lawjax.laws.base import Law, Params, Variable, namespace, real
from lawjax.laws.composition.making import check_laws, document, function_of, moved, remembered, tex, value_of
from lawjax.laws.terms import logistic, logit

SPREAD = 2.0
"""The held places of the units go from -SPREAD to SPREAD, in units of log input."""
PARAM = "theta"


@remembered
def monotone_term(
    inputs: Sequence[str] | Mapping[str, Variable], *, width: int = 4, against: Sequence[str] = (), name: str = ""
) -> Law:
    """The network alone, as a law: a term on the whole line, to be added to others.

    Args:
        inputs: names of positive inputs, or {name: Variable}.
        width: how many units it has.
        against: inputs in which it goes the other way than in the rest.
        name: of the law, "monotone-width" by default.
    Returns:
        A law with one vector parameter, `theta`, of 1 + width (2 + number of inputs) numbers.
    Raises:
        InputError: an input that is not positive, or a width below 1.
        MissingExtraError: Flax is not installed.
    Example:
        >>> import lawjax as lj
        >>> from lawjax.laws.neural import monotone_term
        >>> term = monotone_term(["N", "D"], width=2)
        >>> term.params["theta"].size
        9
        >>> float(term(1e9, 1e10, theta=[0.0] * 9))
        0.0
    """
    variables = dict(inputs) if isinstance(inputs, Mapping) else {key: Variable() for key in inputs}
    _check(variables, width, against)
    size = 1 + width * (2 + len(variables))
    signs = [-1.0 if key in against else 1.0 for key in variables]
    network = _network(width, len(variables))

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        place = jnp.stack([sign * jnp.log(run[key]) for key, sign in zip(variables, signs)])
        return network.apply({"params": _pieces(jnp.asarray(values[PARAM]), width)}, place)

    def recentre(params: Params, factors: Mapping[str, Any]) -> Params:
        xp = namespace(params[PARAM], *factors.values())
        theta = xp.asarray(params[PARAM])
        steps = [sign * xp.log(factors[key]) if key in factors else 0.0 for key, sign in zip(variables, signs)]
        pieces = _pieces(theta, width)
        shifted = pieces["bias"] + sum(_weights(pieces["weight"][..., i]) * _last(step) for i, step in enumerate(steps))
        rest = theta.shape[:-1]
        return {PARAM: xp.concatenate(
            [theta[..., : 1 + width], shifted, pieces["weight"].reshape(*rest, -1)], axis=-1)}  # fmt: skip

    formula = r"s \sum_k \pi_k \tanh\big(c_k + b_k + \sum_i w_{ki} \log x_i\big)"
    return Law(
        fn=function_of(body, variables, (PARAM,), document(f"A monotone network of {width} units.", formula, ())),
        response="discrepancy",
        inputs=variables,
        params={PARAM: real(-1.0, 1.0, size=size, centred=(-1.0, 1.0))},
        support="real",
        recentre=recentre,
        name=name or f"monotone-{width}",
    )


@remembered
def with_discrepancy(
    law: Law, *, inputs: Sequence[str] | None = None, width: int = 4, against: Sequence[str] = (), name: str = ""
) -> Law:
    r"""A law with a monotone network for what it leaves over.

    The network is added where residuals are: to the log of a positive response, to the logit of one from 0 to 1, to
    one on the whole line itself. `theta` at zero gives the law back, and $|s|$, its first number, bounds the
    discrepancy everywhere: a far prediction is off the law by at most the factor $e^{|s|}$.

    It can stand in for parts of the law (a constant for a floor), so read the law's own parameters from a fit without
    it, and predictions from a fit with it: its verdict says that parameters are not identified, and its standard
    errors are none. Resample it for bands. Gauss-Newton and an Optax optimizer both fit it.

    Args:
        law: the law, without a parameter called `theta`.
        inputs: names of its positive inputs that the network sees; all of them by default.
        width: how many units the network has.
        against: inputs in which it goes the other way than in the rest.
        name: of the law, "law+monotone-width" by default.
    Raises:
        InputError: an input that the law does not have or that is not positive, or a width below 1.
        MissingExtraError: Flax is not installed.
    Example:
        >>> import lawjax as lj
        >>> law = lj.laws.with_discrepancy(lj.laws.KAPLAN_N, width=2)
        >>> law
        <Law kaplan-n+monotone-2: loss(N; N_c, alpha_N, theta)>
        >>> [round(float(law(1e9, N_c=1e13, alpha_N=0.1, theta=[s] + [0.0] * 6)), 3) for s in (0.0, 0.02)]
        [2.512, 2.563]
    """
    check_laws(law)
    seen = [key for key, variable in law.inputs.items() if variable.positive] if inputs is None else list(inputs)
    stray = [key for key in seen if key not in law.inputs]
    if stray:
        raise InputError(f"`inputs` names {stray}; the inputs of {law.name!r} are {list(law.inputs)}.")
    if PARAM in law.params:
        raise InputError(f'{law.name!r} has a parameter `{PARAM}` already. Rename it: rename(law, {{"{PARAM}": "t"}}).')
    term = monotone_term({key: law.inputs[key] for key in seen}, width=width, against=tuple(against))
    params = {**law.params, **term.params}

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        return _shifted(law.support, value_of(law, run, values), value_of(term, run, values))

    def recentre(values: Params, factors: Mapping[str, Any]) -> Params:
        return {**moved(law, values, factors), **moved(term, values, factors)}

    formula = {
        "positive": rf"{tex(law)} \, e^{{g}}",
        "unit": rf"\text{{logit}}^{{-1}}\big(\text{{logit}}\, {tex(law)} + g\big)",
        "real": rf"{tex(law)} + g",
    }[law.support]
    return Law(
        fn=function_of(body, law.inputs, params, document(f"{law.name} and a monotone network.", formula, (law, term))),
        response=law.response,
        inputs=dict(law.inputs),
        params=params,
        unit=law.unit,
        support=law.support,
        linear=() if law.support == "unit" else law.linear,
        recentre=recentre,
        reference=law.reference,
        name=name or f"{law.name}+{term.name}",
    )


def _shifted(support: str, value: Any, term: Any) -> Any:
    """A response moved by `term` on the line where its residuals are."""
    if support == "positive":
        return value * jnp.exp(term)
    return logistic(logit(value) + term) if support == "unit" else value + term


@functools.cache
def _network(width: int, num_inputs: int) -> Any:
    """The network as a Flax module whose parameters are the pieces of theta."""
    linen = require("flax.linen", "train")
    places = np.linspace(-SPREAD, SPREAD, width) if width > 1 else np.zeros(1)

    class Monotone(linen.Module):
        """Units that rise in every input, mixed by shares, times one amplitude."""

        @linen.compact
        def __call__(self, z: Any) -> Any:
            zeros = linen.initializers.zeros_init()
            amplitude = self.param("amplitude", zeros, ())
            shares = jax.nn.softmax(self.param("shares", zeros, (width,)))
            weights = _weights(self.param("weight", zeros, (width, num_inputs)))
            units = jnp.tanh(jnp.asarray(places, z.dtype) + self.param("bias", zeros, (width,)) + weights @ z)
            return amplitude * jnp.dot(shares, units)

    return Monotone()


def _weights(raw: Any) -> Any:
    return namespace(raw).logaddexp(raw, 0.0)


def _pieces(theta: Any, width: int) -> dict[str, Any]:
    """theta as the network's parameters; leading axes stay."""
    return {
        "amplitude": theta[..., 0],
        "shares": theta[..., 1 : 1 + width],
        "bias": theta[..., 1 + width : 1 + 2 * width],
        "weight": theta[..., 1 + 2 * width :].reshape(*theta.shape[:-1], width, -1),
    }


def _last(step: Any) -> Any:
    """A step per draw with an axis for the units."""
    return step[..., None] if np.ndim(step) else step


def _check(inputs: Mapping[str, Variable], width: int, against: Sequence[str]) -> None:
    if not isinstance(width, int) or width < 1:
        raise InputError(f"`width` must be a whole number above 0, got {width!r}.")
    if not inputs:
        raise InputError("a network needs a positive input to see.")
    for key, variable in inputs.items():
        if not variable.positive or variable.size is not None:
            raise InputError(f"the network sees logarithms, and `{key}` is not a positive number. Leave it out.")
    stray = [key for key in against if key not in inputs]
    if stray:
        raise InputError(f"`against` names {stray}; the network sees {list(inputs)}.")
