"""Residual spaces: log, raw or logit."""

from typing import Any

import numpy as np

from lawjax.errors import InputError, choose
from lawjax.laws.base import Law, namespace


def choose_space(law: Law, residual: str | None) -> str:
    """The residual space that was asked, or the usual one for the law's response."""
    usual = {"positive": "log", "unit": "logit", "real": "raw"}[law.support]
    space = usual if residual is None else choose("residual", residual, ("log", "raw", "logit"))
    if space == "log" and law.support == "real":
        raise InputError(f'law {law.name!r} has a response that may be negative; use residual="raw".')
    return space


def to_space(space: str, response: Any) -> Any:
    """The response as the residual space sees it; NaN where it cannot."""
    if space == "raw":
        return response
    xp = namespace(response)
    if space == "log":
        positive = response > 0
        return xp.where(positive, xp.log(xp.where(positive, response, 1.0)), np.nan)
    inside = (response > 0) & (response < 1)
    safe = xp.where(inside, response, 0.5)
    return xp.where(inside, xp.log(safe) - xp.log1p(-safe), np.nan)


def from_space(space: str, value: np.ndarray) -> np.ndarray:
    """The response for a point of the residual space."""
    if space == "raw":
        return value
    return np.exp(value) if space == "log" else 1.0 / (1.0 + np.exp(-value))


def slack_of(space: str, response: np.ndarray, rounding: Any) -> tuple[np.ndarray, np.ndarray]:
    """How far below and above its rounded value each response may lie in the residual space, both shape (run,).

    Args:
        space: the residual space.
        response: as recorded, shape (run,).
        rounding: width of the interval that was rounded to one value, a number or shape (run,).
    """
    half = 0.5 * np.asarray(rounding, dtype=np.float64)
    here = np.asarray(to_space(space, response))
    # An interval that leaves the space reaches as far down as it does up.
    above = np.asarray(to_space(space, response + half)) - here
    below = here - np.asarray(to_space(space, response - half))
    above, below = np.where(np.isnan(above), below, above), np.where(np.isnan(below), above, below)
    return below, above
