"""A law seen through a link function: its value is a log, a logit, or the base of a power."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.errors import InputError, choose
from lawjax.laws.base import Law, Param, positive
from lawjax.laws.composition.making import Recentre, check_laws, document, function_of, moved, remembered, tex, value_of
from lawjax.laws.terms import logistic, power

LINKS = ("log", "logit", "power")
GAMMA = positive(0.3, 3.0)


@remembered
def link(
    law: Law, kind: str, *, floor: float | Param = 0.0, ceiling: float | Param = 1.0, response: str = "", name: str = ""
) -> Law:
    r"""A law whose value, seen through a link function, is what another law predicts.

    "log": the response is $\text{floor} + e^{v}$. "logit": it is $\text{floor} + (\text{ceiling} - \text{floor}) /
    (1 + e^{-v})$. "power": it is $\text{floor} + v^{\gamma}$ with a new parameter `gamma`, for a law above 0.

    Args:
        law: gives v.
        kind: "log", "logit" or "power".
        floor, ceiling: a number to hold it at, or a `Param` to fit it as the parameter `floor` or `ceiling`.
        response: name of what is predicted, the law's by default.
        name: of the law, "kind(law)" by default.
    Raises:
        InputError: another link, a ceiling without "logit", or a floor that is not, or may not be, below the ceiling.
    Example:
        >>> import lawjax as lj
        >>> line = lj.laws.law_from_formula("a + b * log(N / 1e9)", inputs=["N"],
        ...     params={"a": "-2:2", "b": "0.1:3"})
        >>> accuracy = lj.laws.link(line, "logit", floor=0.25, response="accuracy", name="accuracy")
        >>> round(float(accuracy(1e9, a=0.0, b=1.0)), 3)
        0.625
    """
    check_laws(law)
    choose("link", kind, LINKS)
    _check_ends(law, kind, floor, ceiling)
    ends = {"floor": floor, "ceiling": ceiling} if kind == "logit" else {"floor": floor}
    fitted = {key: end for key, end in ends.items() if isinstance(end, Param)}
    new = {**({"gamma": GAMMA} if kind == "power" else {}), **fitted}
    clash = [key for key in new if key in law.params]
    if clash:
        raise InputError(f"{law.name!r} has a parameter {clash} already. Rename it with rename(law, {{...}}).")

    def body(run: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
        placed: dict[str, Any] = {key: values[key] if key in fitted else end for key, end in ends.items()}
        inside = value_of(law, run, values)
        if kind == "logit":
            return logistic(inside, placed["floor"], placed["ceiling"])
        return placed["floor"] + (jnp.exp(inside) if kind == "log" else power(inside, values["gamma"]))

    params = {**law.params, **new}
    summary = f"{law.name} through the link {kind}."
    formula = {
        "log": rf"\text{{floor}} + e^{{{tex(law)}}}",
        "logit": rf"\text{{floor}} + (\text{{ceiling}} - \text{{floor}}) / \big(1 + e^{{-{tex(law)}}}\big)",
        "power": rf"\text{{floor}} + {tex(law)}^\gamma",
    }[kind]
    return dataclasses.replace(
        law,
        fn=function_of(body, law.inputs, params, document(summary, formula, (law,))),
        response=response or law.response,
        params=params,
        support=_support_of(kind, floor, ceiling),
        linear=tuple(fitted),
        recentre=_moved_beside(law, tuple(new)),
        name=name or f"{kind}({law.name})",
    )


def _check_ends(law: Law, kind: str, floor: float | Param, ceiling: float | Param) -> None:
    if kind != "logit" and ceiling != 1.0:
        raise InputError(f'the link "{kind}" has no ceiling; leave it out, or take the link "logit".')
    if kind == "power" and law.support == "real":
        raise InputError(f'the link "power" needs a law above 0; the support of {law.name!r} is "real".')
    if kind != "logit":
        return
    if not isinstance(floor, Param) and not isinstance(ceiling, Param) and not floor < ceiling:
        raise InputError(f"`floor` must be below `ceiling`, got {floor:g} and {ceiling:g}.")
    top, bottom = _span(floor)[1], _span(ceiling)[0]
    if not top <= bottom:
        # Past each other they would turn the trends of the law round, and lead out of its support.
        raise InputError(
            f"`floor` may rise to {top:g} and `ceiling` fall to {bottom:g}, so that they could pass each other. Bound "
            "what is fitted: floor=bounded(0, 0.5), or unit_interval() below a ceiling of 1."
        )


def _span(end: float | Param) -> tuple[float, float]:
    return end.edges if isinstance(end, Param) else (end, end)


def _support_of(kind: str, floor: float | Param, ceiling: float | Param) -> str:
    bottom, top = _span(floor)[0], _span(ceiling)[1]
    if bottom < 0:
        return "real"
    return "unit" if kind == "logit" and top <= 1 else "positive"


def _moved_beside(law: Law, still: tuple[str, ...]) -> Recentre | None:
    """`recentre` of a law beside parameters that no unit moves."""
    if law.recentre is None:
        return None
    return lambda params, factors: {**moved(law, params, factors), **{key: params[key] for key in still}}
