"""Gain: what a treatment is worth in compute."""

import functools
from collections.abc import Callable
from typing import Any

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import number
from lawjax.decisions.joining import beside, own, part
from lawjax.decisions.solving.crossings import reached
from lawjax.decisions.solving.ranges import Bounds, search_range
from lawjax.draws import Draws, as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law


def compute_equivalent_gain(
    base: Source,
    treated: Source,
    score: float,
    *,
    bounds: Bounds | None = None,
    extra: float = 0.0,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    r"""How many times the compute untreated runs need for the same score, and what the treatment saves.

    $$m(s) = C_{\text{base}}(s) / C_{\text{treated}}(s)$$

    Each law is solved for the score, and where it has it several times, the least compute counts. Their draws are
    put together in pairs. A treatment that costs `extra` is worth it where saved is above zero.

    Args:
        base, treated: a fit, posterior, draws or published coefficients of a law with one input, compute, without
            and with the treatment.
        score: the score, or loss, that both are to reach.
        bounds: (low, high) of compute to look between; the default is far beyond usual values and the runs.
        extra: compute that the treatment itself costs, where the treated runs do not count it.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        An `Answer` with gain, C_base, C_treated and saved = C_base - C_treated - extra, in the unit of the input; no
        answer in a draw in which either law does not get there.
    Raises:
        InputError: a law with more than one input or none that is positive, or numbers or bounds that cannot be.
    References:
        Tay et al. 2022, arXiv:2210.11399.
    Example:
        >>> import lawjax as lj
        >>> law = lj.laws.POWER_LAW_FLOOR
        >>> one = lj.draws.as_draws(dict(E=1.0, A=40.0, alpha=0.1), law)
        >>> two = lj.draws.as_draws(dict(E=1.0, A=40.0 * 2**-0.1, alpha=0.1), law)
        >>> round(lj.decisions.compute_equivalent_gain(one, two, 1.5)["gain"], 6)
        2.0
    """
    score, extra = number("score", score), number("extra", extra)
    first = as_draws(base)
    second = as_draws(treated)
    spans = [_range(draws, bounds) for draws in (first, second)]
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    units = dict.fromkeys(("C_base", "C_treated", "saved"), next(iter(first.law.inputs.values())).unit)
    return decide(
        beside(first, {"treated": second}, first.law, (second.law,)),
        _gain(first.law, second.law),
        question=f"How much compute does the treatment save at {first.law.response} = {score:g}?",
        laws=(first.law,),
        units={"gain": "times", **units},
        held={"score": score, "low": low, "high": high, "extra": extra},
        method="both laws solved for the score",
        prob=prob,
        force=force,
    )


def _range(draws: Draws, bounds: Bounds | None) -> Bounds:
    """Where to look for the one input of a law."""
    (name, variable), *more = draws.law.inputs.items()
    if more or not variable.positive:
        raise InputError(
            f"law {draws.law.name!r} must have one input, above 0, to be solved for; it has {list(draws.law.inputs)}."
        )
    return search_range(name, variable, bounds, draws.observed)


@functools.cache
def _gain(first: Law, second: Law) -> Callable[[Any, Any], dict[str, Any]]:
    """The decision for two laws; the same function for the same two, so that it compiles once."""

    def solve(params: Any, held: Any) -> dict[str, Any]:
        def compute(law: Law, own_params: Any) -> Any:
            span = held["low"], held["high"]
            return reached(lambda C: law(C, **own_params), held["score"], held, span)["first"]

        base, treated = compute(first, own(params)), compute(second, part(params, "treated"))
        return {
            "gain": base / treated,
            "C_base": base,
            "C_treated": treated,
            "saved": base - treated - held["extra"],
        }

    return solve
