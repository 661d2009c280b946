"""What it takes to reach a response: any one input of any law, the least compute, and where two laws cross."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

from lawjax.decisions.answer import Answer, Solve, Source, decide
from lawjax.decisions.joining import beside, own, part
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable
from lawjax.laws.roots import crossing, invert
from lawjax.text import number
from lawjax.verdict import Verdict, info

__all__ = ["crossover", "inputs_for_target", "tokens_for_target"]

WIDER = 1e30
"""How far beyond the usual values of an input its own unit may put it, where no bounds are given."""

Bounds = tuple[float, float]


def inputs_for_target(
    source: Source,
    target: float,
    variable: str,
    *,
    bounds: Bounds | None = None,
    law: Law | None = None,
    prob: float = 0.9,
    force: bool = False,
    **others: Any,
) -> Answer:
    """How much of one input a target response takes, all other inputs held.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or a dict of parameters with `law`.
        target: the response to reach, in its unit.
        variable: the input that is free; the response must not turn in it between the bounds.
        bounds: (low, high) to look between; the default is far beyond every usual value.
        law: the law of plain parameters.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
        others: the other inputs of the law by name.
    Returns:
        The input, one per draw; NaN in draws in which the target is never reached, below the floor of a loss, say.
    Raises:
        InputError: no such input, one that is a vector, an input that is not held, or bounds that cannot be.
        VerdictError: the source's verdict forbids a decision.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.inputs_for_target("besiroglu2024", 2.0, "D", N=70e9)
        >>> f"{answer['D']:.3e}"
        '6.114e+11'
    """
    draws = as_draws(source, law)
    found = _free_input(draws.law, variable)
    low, high = _bounds(found, variable, bounds)
    held = {**_others(draws.law, variable, others), "target": target, "low": low, "high": high}
    answer = decide(
        draws,
        _inverse(draws.law, variable, found.positive),
        question=f"{variable} for a {draws.law.response} of {target:g}",
        laws=(),
        units={variable: found.unit},
        held=held,
        method="law inverted",
        prob=prob,
        force=force,
    )
    return with_reach(answer, draws.observed)


def tokens_for_target(
    source: Source, target: float, *, prob: float = 0.9, law: Law | None = None, force: bool = False, **others: Any
) -> Answer:
    """How many training tokens a target loss takes, at the size that is held.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or a dict of parameters with `law`;
            of a law with the input `D`.
        target: the loss to reach, in the law's unit.
        prob: probability of the intervals.
        law: the law of plain parameters.
        force: answer even if the source's verdict is an error.
        others: the other inputs of the law by name, `N=7e9`.
    Returns:
        `D` [tokens], one per draw; NaN where no number of tokens is enough.
    Raises:
        InputError: a law without the input `D`, or an input that is not held.
        VerdictError: the source's verdict forbids a decision.
    Example:
        >>> import lawjax as lj
        >>> f"{lj.decisions.tokens_for_target('hoffmann2022', 2.0, N=70e9)['D']:.3e}"
        '4.338e+11'
    """
    return inputs_for_target(source, target, "D", prob=prob, law=law, force=force, **others)


def crossover(
    first: Source,
    second: Source,
    variable: str,
    *,
    bounds: Bounds | None = None,
    prob: float = 0.9,
    force: bool = False,
    **others: Any,
) -> Answer:
    """Where two laws change order along one input, all other inputs held.

    Draws are paired one to one; a source of one draw stands against every draw of the other. `share_answered` is the
    probability that the order flips between the bounds.

    Args:
        first, second: fits, draws, posteriors, or published coefficients or their names.
        variable: the input along which they are compared; both laws must have it.
        bounds: (low, high) to look between; the default is far beyond every usual value.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
        others: the other inputs of both laws by name.
    Returns:
        The input at which they are equal and the `response` there, NaN in draws in which they do not cross; and by
        how much the first lies above the second at either end, `gap_low` and `gap_high`.
    Raises:
        InputError: an input that one of the laws does not have or that is not held, or numbers of draws that differ.
        VerdictError: a source's verdict forbids a decision.
    References:
        Nezhurina et al. 2025, arXiv:2506.04598.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.crossover(
        ...     "nezhurina2025-clip-imagenet", "nezhurina2025-mammut-imagenet", "x", bounds=(1e18, 1e22))
        >>> f"{answer['x']:.1e}"
        '8.7e+19'
    """
    pair = as_draws(first), as_draws(second)
    laws = pair[0].law, pair[1].law
    found, _ = (_free_input(law, variable) for law in laws)
    low, high = _bounds(found, variable, bounds)
    held = {name: value for law in laws for name, value in _others(law, variable, others, laws).items()}
    answer = decide(
        beside(pair[0], {"second": pair[1]}, laws[0], laws[1:]),
        _crossing(*laws, variable, found.positive),
        question=f"{variable} at which {laws[0].response} of the first meets {laws[1].response} of the second",
        laws=(),
        units={variable: found.unit, "response": laws[0].unit, "gap_low": laws[0].unit, "gap_high": laws[0].unit},
        held={**held, "low": low, "high": high},
        method="laws subtracted and inverted, draws paired",
        prob=prob,
        force=force,
    )
    return with_reach(answer, pair[0].observed)


def with_reach(answer: Answer, observed: Mapping[str, tuple[float, float]]) -> Answer:
    """The answer, with a note for each of its quantities that lies outside the runs."""
    beyond = {name: span for name, span in observed.items() if name in answer.draws}
    notes = tuple(
        info("extrapolation", f"`{name}` = {number(answer[name])} lies outside the runs "
             f"({number(low)} to {number(high)}).")
        for name, (low, high) in beyond.items()
        if answer[name] < low or answer[name] > high
    )  # fmt: skip
    return dataclasses.replace(answer, verdict=answer.verdict + Verdict(notes)) if notes else answer


def _along(law: Law, variable: str, params: Mapping[str, Any], held: Mapping[str, Any]) -> Any:
    """The response as a function of one input."""
    return lambda x: law.fn(*(x if name == variable else held[name] for name in law.inputs), **params)


@functools.cache
def _inverse(law: Law, variable: str, logarithmic: bool) -> Solve:
    def solve(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
        response = _along(law, variable, params, held)
        return {variable: invert(response, held["target"], held["low"], held["high"], logarithmic=logarithmic)}

    return solve


@functools.cache
def _crossing(first: Law, second: Law, variable: str, logarithmic: bool) -> Solve:
    def solve(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
        one = _along(first, variable, own(params), held)
        other = _along(second, variable, part(params, "second"), held)
        low, high = held["low"], held["high"]
        place = crossing(one, other, low, high, logarithmic=logarithmic)
        return {
            variable: place,
            "response": one(place),
            "gap_low": one(low) - other(low),
            "gap_high": one(high) - other(high),
        }

    return solve


def _free_input(law: Law, variable: str) -> Variable:
    if variable not in law.inputs:
        raise InputError(f"law {law.name!r} has no input `{variable}`; it has {list(law.inputs)}.")
    found = law.inputs[variable]
    if found.size is not None:
        raise InputError(f"`{variable}` is a vector of {found.size}; only a single number can be solved for.")
    return found


def _others(law: Law, variable: str, others: Mapping[str, Any], laws: tuple[Law, ...] = ()) -> dict[str, Any]:
    """The held inputs of a law, all of them there and none that no law knows."""
    needed = [name for name in law.inputs if name != variable]
    missing = [name for name in needed if name not in others]
    if missing:
        raise InputError(f"law {law.name!r} also needs {missing}: pass {missing[0]}=... .")
    known = {name for each in (law, *laws) for name in each.inputs}
    stray = [name for name in others if name not in known or name == variable]
    if stray:
        raise InputError(f"{stray} cannot be held: the inputs of {law.name!r} beside `{variable}` are {needed}.")
    return {name: others[name] for name in needed}


def _bounds(found: Variable, variable: str, bounds: Bounds | None) -> Bounds:
    """Where to look for an input."""
    if bounds is None:
        if found.kind == "real":
            raise InputError(f"`{variable}` may be any real number: pass bounds=(low, high) to look between.")
        low, high = found.usual or (1.0, 1.0)
        return (1e-9, 1.0 - 1e-9) if found.kind == "fraction" else (low / WIDER, high * WIDER)
    low, high = bounds
    if not low < high or (found.positive and low <= 0):
        raise InputError(f"`bounds` must be (low, high) with low < high, above 0 for `{variable}`, got {bounds!r}.")
    return float(low), float(high)
