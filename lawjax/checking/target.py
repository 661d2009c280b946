"""What each of several laws predicts at one place, where it matters which of them holds."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.checking.entries import Scored
from lawjax.data.inputs import one_value
from lawjax.errors import InputError
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.intervals import interval
from lawjax.inference.posterior import Posterior
from lawjax.prediction import extrapolation, predict
from lawjax.spaces import from_space, to_space
from lawjax.text import number, values

ALIKE = 1e-9
"""Share of a response within which two predictions of it are one."""


@dataclasses.dataclass(frozen=True)
class Target:
    """Predictions of the mean response at one place.

    Attributes:
        at: the inputs.
        predicted, low, high: value and edges of each law's central band, shape (law,).
        beyond: by which factor the place lies beyond the runs.
    """

    at: dict[str, np.ndarray]
    predicted: np.ndarray
    low: np.ndarray
    high: np.ndarray
    beyond: float

    def words(self, which: np.ndarray) -> str:
        """How far apart some of the laws are there, in a clause."""
        low, high = float(self.predicted[which].min()), float(self.predicted[which].max())
        if high - low <= ALIKE * abs(high):
            return f"they agree at {self.place}: {number(high)}"
        share = f" ({number(100 * (high / low - 1), 2)} %)" if low > 0 else ""
        return f"they differ by {number(high - low, 3)}{share} at {self.place}: {number(low)} to {number(high)}"

    @property
    def place(self) -> str:
        """The inputs in words."""
        return ", ".join(f"{name} = {values(value, 3)}" for name, value in self.at.items())

    def wider_than_bands(self, which: np.ndarray) -> bool:
        """Whether the laws lie further apart than the widest of their bands."""
        apart, rounding = np.ptp(self.predicted[which]), ALIKE * np.max(np.abs(self.predicted[which]))
        return bool(apart > max(np.max((self.high - self.low)[which]), rounding))


def target_of(results: list[Scored], at: Mapping[str, Any], prob: float) -> Target:
    """What each law predicts at a place.

    Args:
        results: fits or posteriors.
        at: one value for every input of every law; a vector for a vector input.
        prob: probability of the bands.
    Raises:
        InputError: an input that is missing, that no law has, or that is more than one value.
    """
    inputs = {name: variable for result in results for name, variable in result.law.inputs.items()}
    missing, stray = [name for name in inputs if name not in at], [name for name in at if name not in inputs]
    if missing or stray:
        raise InputError(f"`at` names the inputs of the laws, {list(inputs)}; missing {missing}, not known {stray}.")
    place = {name: one_value(name, at[name], variable) for name, variable in inputs.items()}
    own = [{name: place[name] for name in result.law.inputs} for result in results]
    bands = np.array([_band(result, inputs, prob) for result, inputs in zip(results, own, strict=True)])
    beyond = max(_beyond(result, inputs) for result, inputs in zip(results, own, strict=True))
    return Target(place, *bands.T, beyond=beyond)


def _band(result: Scored, inputs: Mapping[str, np.ndarray], prob: float) -> tuple[float, float, float]:
    """Value and edges of the mean response.

    Of a fit by the delta method in its residual space, because draws of a parameter at its edge may be infinite.
    """
    if isinstance(result, Posterior):
        said = predict(result, {name: value[None] for name, value in inputs.items()}, prob=prob)
        return float(said.median[0]), float(said.low[0]), float(said.high[0])
    space, law = result.choices.space, result.law

    def response(params: Mapping[str, Any]) -> Any:
        return to_space(space, law(*inputs.values(), **params))

    response.__name__ = f"{law.name} at the target"
    found = interval(result, response, prob=prob)
    value, low, high = from_space(space, np.array([found.value, found.low, found.high]))
    return float(value), float(low), float(high)


def _beyond(result: Scored, inputs: Mapping[str, np.ndarray]) -> float:
    draws = result.point if isinstance(result, Fit) else result.draws
    return float(extrapolation(draws, {name: value[None] for name, value in inputs.items()})[0])
