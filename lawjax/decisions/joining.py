"""Several sources at once: draws that belong together, side by side under one law."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.draws import Draws, as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law
from lawjax.verdict import Verdict


def beside(source: Any, others: Mapping[str, Any], law: Law, laws: tuple[Law, ...] = ()) -> Draws:
    """Draws of a source with the parameters of others beside them, named "label.parameter".

    Draw i of one goes with draw i of the others, so that bootstraps of the same resampled runs stay together, whatever
    was measured of them. Fits and posteriors of different data draw from different streams. A source of one draw goes
    with all.

    Args:
        source: the source whose law and runs the answer is reported under.
        others: further sources by label.
        law: the law of the source, where it is parameters that come without one.
        laws: the laws that the others may be of; empty for that of `law` alone.
    Raises:
        InputError: another law, or numbers of draws that differ.
    """
    allowed = laws or (law,)
    first = as_draws(source, law)
    found = {label: as_draws(other, allowed[0]) for label, other in others.items()}
    for label, draws in found.items():
        if draws.law not in allowed:
            names = " or ".join(repr(one.name) for one in allowed)
            raise InputError(f"the source {label!r} must be of {names}, got one of {draws.law.name!r}.")
    counts = {"the first source": len(first)} | {label: len(draws) for label, draws in found.items()}
    num_draws = max(counts.values())
    if any(count not in (1, num_draws) for count in counts.values()):
        raise InputError(f"draws go together in pairs, but there are {counts}; give the same number of each, or one.")
    params = {name: _repeated(array, num_draws) for name, array in first.params.items()}
    verdict = first.verdict
    for label, draws in found.items():
        params |= {f"{label}.{name}": _repeated(array, num_draws) for name, array in draws.params.items()}
        verdict += _labelled(draws.verdict, label)
    return dataclasses.replace(first, params=params, status=None, verdict=verdict)


def part(params: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The parameters of one labelled source, under their own names."""
    prefix = f"{label}."
    return {name.removeprefix(prefix): value for name, value in params.items() if name.startswith(prefix)}


def own(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of the first source."""
    return {name: value for name, value in params.items() if "." not in name}


def _labelled(verdict: Verdict, label: str) -> Verdict:
    """The notes of a source, saying whose they are."""
    return Verdict(tuple(dataclasses.replace(note, reason=f"{label}: {note.reason}") for note in verdict.notes))


def _repeated(array: np.ndarray, num_draws: int) -> np.ndarray:
    return array if len(array) == num_draws else np.repeat(array, num_draws, axis=0)
