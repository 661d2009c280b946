"""What it takes to reach a response: any one input of any law, the least compute, and where two laws cross."""

import dataclasses
import functools
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.data.inputs import one_value
from lawjax.decisions.answer import Answer, Solve, Source, decide
from lawjax.decisions.held import number
from lawjax.decisions.joining import beside, own, part
from lawjax.decisions.solving.crossings import crossings, reached
from lawjax.decisions.solving.ranges import Bounds, home_of, search_range
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law, Variable
from lawjax.text import number as text
from lawjax.verdict import Note, Verdict, info, warning

__all__ = ["crossover", "inputs_for_target", "tokens_for_target"]


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
        variable: the input that is free.
        bounds: (low, high) to look between; the default is far beyond usual values and the runs.
        law: the law of plain parameters.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
        others: the other inputs of the law by name.
    Returns:
        The input, one per draw; NaN in draws in which the target is not reached between the bounds, below the floor
        of a loss, say. Where the law does not declare that the response only falls or only rises in the input, this
        is the least value that reaches it, `last` the largest, and `crossings` says how many do; where it does, and
        yet turns beyond the usual values, it is the value nearest to the runs, or to the usual ones without runs.
    Raises:
        InputError: no such input, one that is a vector, an input that is not held, a target that is no number, or
            bounds that cannot be.
        VerdictError: the source's verdict forbids a decision.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.inputs_for_target("besiroglu2024", 2.0, "D", N=70e9)
        >>> f"{answer['D']:.3e}"
        '6.114e+11'
    """
    target = number("target", target)
    draws = as_draws(source, law)
    found = _free_input(draws.law, variable)
    low, high = search_range(variable, found, bounds, draws.observed)
    turns = variable not in (*draws.law.falls, *draws.law.rises)
    answer = decide(
        draws,
        _inverse(draws.law, variable, found.positive, turns),
        question=f"{variable} for a {draws.law.response} of {target:g}",
        laws=(),
        units={variable: found.unit} | ({"last": found.unit, "crossings": "times"} if turns else {}),
        held={**_others(draws.law, variable, others), "target": target, "low": low, "high": high},
        aside={"home": home_of(variable, found, draws.observed)},
        method="law inverted, the range scanned",
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
    probability that the order flips between the bounds. Of several crossings in a draw, the one nearest to the runs
    of the sources, or to the usual values of the input where there are none, is the answer.

    Args:
        first, second: fits, draws, posteriors, or published coefficients or their names.
        variable: the input along which they are compared; both laws must have it.
        bounds: (low, high) to look between; the default is far beyond usual values and the runs.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
        others: the other inputs of both laws by name.
    Returns:
        The input at which they are equal and the `response` there, NaN in draws in which they do not cross, or are
        the same; `crossings`, how often they cross between the bounds; and by how much the first lies above the
        second at either end, `gap_low` and `gap_high`.
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
    spans = [draws.observed for draws in pair]
    low, high = search_range(variable, found, bounds, *spans)
    home = home_of(variable, found, *spans)
    held = {name: value for law in laws for name, value in _others(law, variable, others, laws).items()}
    unit = laws[0].unit
    answer = decide(
        beside(pair[0], {"second": pair[1]}, laws[0], laws[1:]),
        _crossing(*laws, variable, found.positive),
        question=f"{variable} at which {laws[0].response} of the first meets {laws[1].response} of the second",
        laws=(),
        units={variable: found.unit, "response": unit, "crossings": "times", "gap_low": unit, "gap_high": unit},
        held={**held, "low": low, "high": high},
        aside={"home": home},
        method="laws subtracted and the range scanned, draws paired",
        prob=prob,
        force=force,
    )
    notes = _several(answer) + (() if bounds is not None or any(spans) else _unusual(answer, variable, home))
    answer = dataclasses.replace(answer, verdict=answer.verdict + Verdict(notes))
    return with_reach(answer, pair[0].observed)


def with_reach(answer: Answer, observed: Mapping[str, tuple[float, float]]) -> Answer:
    """The answer, with a note for each of its quantities that lies outside the runs."""
    beyond = {name: span for name, span in observed.items() if name in answer.draws}
    notes = tuple(
        info("extrapolation", f"`{name}` = {text(answer[name])} lies outside the runs "
             f"({text(low)} to {text(high)}).")
        for name, (low, high) in beyond.items()
        if answer[name] < low or answer[name] > high
    )  # fmt: skip
    return dataclasses.replace(answer, verdict=answer.verdict + Verdict(notes)) if notes else answer


def _several(answer: Answer) -> tuple[Note, ...]:
    """A note where laws cross more than once, because the answer names one place."""
    share = float(np.mean(answer.draws["crossings"] > 1))
    if share == 0.0:
        return ()
    reason = f"In {100 * share:.3g} % of the draws the laws cross up to {answer.draws['crossings'].max():.0f} times."
    return (warning("several-crossings", reason, "Pass bounds=(low, high) around the crossing that is meant."),)


def _unusual(answer: Answer, variable: str, home: Bounds) -> tuple[Note, ...]:
    """A note on a place beyond the usual values of an input, for which no runs vouch."""
    place, (low, high) = answer[variable], home
    if not (place < low or place > high):
        return ()
    reason = f"`{variable}` = {text(place)} lies outside its usual values ({text(low)} to {text(high)})."
    return (info("extrapolation", reason, "Pass bounds=(low, high) within which both laws hold."),)


def _along(law: Law, variable: str, params: Mapping[str, Any], held: Mapping[str, Any]) -> Any:
    """The response as a function of one input."""
    return lambda x: law.fn(*(x if name == variable else held[name] for name in law.inputs), **params)


@functools.cache
def _inverse(law: Law, variable: str, logarithmic: bool, turns: bool) -> Solve:
    """The inverse of a law; the same function for the same law, so that it compiles once."""

    def solve(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
        response = _along(law, variable, params, held)
        found = reached(response, held["target"], held, held["home"], logarithmic=logarithmic)
        return {variable: found["first" if turns else "nearest"], "last": found["last"], "crossings": found["number"]}

    return solve


@functools.cache
def _crossing(first: Law, second: Law, variable: str, logarithmic: bool) -> Solve:
    """The crossing of two laws; the same function for the same two, so that it compiles once."""

    def solve(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
        one = _along(first, variable, own(params), held)
        other = _along(second, variable, part(params, "second"), held)
        low, high = held["low"], held["high"]
        found = crossings(one, other, low, high, held["home"], logarithmic=logarithmic)
        return {
            variable: found["nearest"],
            "response": one(found["nearest"]),
            "crossings": found["number"],
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
    """The held inputs of a law, all of them there, as they may be, and none that no law knows."""
    needed = [name for name in law.inputs if name != variable]
    missing = [name for name in needed if name not in others]
    if missing:
        raise InputError(f"law {law.name!r} also needs {missing}: pass {missing[0]}=... .")
    known = {name for each in (law, *laws) for name in each.inputs}
    stray = [name for name in others if name not in known or name == variable]
    if stray:
        raise InputError(f"{stray} cannot be held: the inputs of {law.name!r} beside `{variable}` are {needed}.")
    return {name: one_value(name, others[name], law.inputs[name]) for name in needed}
