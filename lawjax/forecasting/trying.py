"""The forecast tried on the past: what the same mixture said, below earlier cuts, of the runs beyond them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lawjax.checking.origins import Cut
from lawjax.checking.outlook import Outlook, blended
from lawjax.forecasting.averaging import backtest_weights
from lawjax.forecasting.calibrating import Misses
from lawjax.forecasting.options import Options
from lawjax.forecasting.questions import Question
from lawjax.forecasting.result import Past
from lawjax.spaces import from_space, to_space


class Origin(NamedTuple):
    """A table below an earlier cut, and what each law said of the rows beyond it."""

    cut: Cut
    outlooks: list[Outlook]


def earned_weights(question: Question, origins: Sequence[Origin], log_evidence: np.ndarray, average: str) -> np.ndarray:
    """The weight of each law, by what it said of the past or as `average` has it, shape (law,)."""
    if average == "equal":
        return np.full(len(log_evidence), 1 / len(log_evidence))
    scores = []
    for origin in origins if average == "backtest" else ():
        ahead = np.flatnonzero(~origin.cut.seen)
        scores.append(np.stack([own.at(ahead).log_score(question.response[ahead]) for own in origin.outlooks]))
    return backtest_weights(scores, log_evidence)


def tried(
    question: Question,
    origins: Sequence[Origin],
    weights: np.ndarray,
    options: Options,
    generator: np.random.Generator,
) -> tuple[Past | None, Misses]:
    """How the same mixture did on the runs beyond each earlier cut."""
    parts = [_missed(question, origin, weights, options, generator) for origin in origins]
    if not parts:
        return None, Misses(np.empty(0), np.empty(0))
    distance, size, error, persistence = (np.concatenate(column) for column in zip(*parts, strict=True))
    past = Past(
        num_origins=len(origins),
        num_runs=len(size),
        relative_error=float(np.mean(error)),
        coverage=float(np.mean(size <= 1)),
        furthest=float(np.exp(distance.max())),
        persistence_error=float(np.mean(persistence)),
    )
    return past, Misses(distance, size)


def _missed(
    question: Question, origin: Origin, weights: np.ndarray, options: Options, generator: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Of each run beyond a cut: log distance, miss in half widths, relative error, and that of persistence."""
    ahead = np.flatnonzero(~origin.cut.seen)
    distance = origin.cut.distance[ahead]
    mixed = blended([own.at(ahead) for own in origin.outlooks], weights).drifting(options.drift, distance, generator)
    seen = question.response[ahead]
    place = [
        to_space(mixed.space, one) for one in (seen, mixed.median, *mixed.band("new_run", options.prob, generator))
    ]
    at, middle, low, high = place
    half = np.where(at < middle, middle - low, high - middle)
    stays = question.response[int(np.argmax(np.where(origin.cut.seen, origin.cut.position, -np.inf)))]
    return (
        distance,
        np.abs(at - middle) / half,
        np.abs(from_space(mixed.space, middle) / seen - 1),
        np.abs(stays / seen - 1),
    )
