"""What a forecast says about itself."""

import math
from collections.abc import Iterator

import numpy as np

from lawjax.forecasting.calibrating import MOST, Misses
from lawjax.forecasting.questions import Question
from lawjax.forecasting.result import Past
from lawjax.text import number
from lawjax.verdict import Note, warning

FAR = 2.0
"""A target further beyond the runs than this many times what the past was tried on is said to be untried."""


def forecast_notes(
    question: Question, past: Past | None, beyond: np.ndarray, wider: np.ndarray, misses: Misses
) -> Iterator[Note]:
    """Notes on how far the past bears a forecast.

    Args:
        question: what was asked.
        past: how the forecast did beyond earlier cuts.
        beyond: log of how many times beyond the runs each target lies, shape (row,).
        wider: what the band was widened by, shape (row,).
        misses: what the past missed.
    """
    yield from question.notes
    if past is None:
        yield warning(
            "untried", "Too few runs to try the forecast on the past; laws are weighed by their fit alone.", "Add runs."
        )
        return
    furthest = float(np.max(beyond))
    if furthest > FAR * max(float(misses.distance.max()), math.log(2.0)):
        yield warning(
            "far",
            f"The target lies {number(math.exp(furthest), 3)} times beyond the runs; the past could be tried up to "
            f"{number(past.furthest, 3)} times beyond a cut.",
            "The band assumes that what held there holds further out.",
        )
    if past.relative_error > past.persistence_error and past.num_runs > 1:
        yield warning(
            "no-better-than-persistence",
            f"On the past the laws missed by {past.relative_error:.2%}, the last value alone by "
            f"{past.persistence_error:.2%}.",
            "These runs show no trend that the laws can use.",
        )
    if wider.max() >= MOST:
        yield warning(
            "wild-past",
            f"On the past the runs lay beyond {MOST:g} half widths of the band.",
            "None of these laws foresees such runs; look at the back-test (lj.backtest).",
        )
