"""Whether a curve looks like something that a law of this kind can describe; what is said where it does not."""

from collections.abc import Iterator

import numpy as np

from lawjax.text import number
from lawjax.verdict import Note, error, warning

FLAT = 0.002
"""A curve that changes less than this, relative, over all its runs is constant."""
RISE = 0.25
"""A rise that undoes this share of all that a curve fell is no noise, where it is also many times the noise."""
JUMP = 0.5
"""A single step of this share of all that a curve changed, many times the others, is a jump."""
TIMES = 6.0
"""How many times the noise, or the other steps."""
FEW = 5


def curve_notes(position: np.ndarray, response: np.ndarray) -> Iterator[Note]:
    """Notes on the runs of one curve.

    Args:
        position: where the runs lie along the axis, shape (run,).
        response: what falls, above 0, shape (run,).
    """
    order = np.argsort(position, kind="stable")
    log_response = np.log(response[order])
    if len(response) < FEW:
        yield warning(
            "few-runs",
            f"{len(response)} runs hold little more than a line; the band rests on what is usual of such laws.",
            "Add runs, small ones first: each below the target sharpens it.",
        )
    if np.ptp(position) == 0:
        yield error(
            "one-place",
            f"All runs lie at {number(position[0], 3)}, so they show no trend; the forecast is what is usual.",
            "Add runs at other places, each by a factor of two or more.",
        )
        return
    if np.ptp(log_response) < FLAT:
        yield error(
            "flat",
            f"The response changes by {number(np.ptp(log_response), 2)} of itself over all runs: it is constant.",
            "There is no trend to extrapolate; the constant itself is the forecast.",
        )
        return
    if log_response[-1] > log_response[0]:
        yield error(
            "rising",
            "The response is higher at the far end than at the near one, and these laws only fall.",
            "Check the column, or pass `laws=[...]` that rise.",
        )
    elif len(response) >= FEW:
        yield from _shape_notes(position[order], log_response)


def _shape_notes(position: np.ndarray, log_response: np.ndarray) -> Iterator[Note]:
    fall = np.ptp(log_response)
    noise = noise_of(position, log_response)
    # A single run that is off is no rise: the scatter is robust against it.
    calm = median_of_three(log_response)
    rises = calm - np.minimum.accumulate(calm)
    if rises.max() > max(RISE * fall, TIMES * noise):
        place = number(position[int(np.argmax(rises))], 3)
        yield error(
            "not-monotone",
            f"The response rises by {rises.max():.1%} up to {place} before it falls again, far beyond the noise.",
            "No law here does so (double descent, a changed recipe?); forecast from the runs after the rise.",
        )
        return
    sizes = np.abs(np.diff(calm))
    largest = int(np.argmax(sizes))
    others = np.delete(sizes, largest)
    if len(others) >= FEW and sizes[largest] > max(JUMP * fall, TIMES * np.median(others), TIMES * noise):
        yield error(
            "jump",
            f"Most of the change ({sizes[largest]:.1%}) happens in one step at {number(position[largest + 1], 3)}.",
            "Something else changed there; forecast from the runs on one side of it.",
        )


def median_of_three(values: np.ndarray) -> np.ndarray:
    """Each value replaced by the median of itself and its neighbours; the ends stay."""
    inner = np.median([values[:-2], values[1:-1], values[2:]], axis=0)
    return np.concatenate([values[:1], inner, values[-1:]])


def noise_of(position: np.ndarray, log_response: np.ndarray) -> float:
    """Standard deviation of single runs about a smooth curve, by how far each lies from the line of its neighbours."""
    if len(position) < 3:
        return 0.0
    x = np.log(position)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    share = np.nan_to_num(share, nan=0.5)
    off = log_response[1:-1] - (1 - share) * log_response[:-2] - share * log_response[2:]
    size = np.sqrt(1 + (1 - share) ** 2 + share**2)
    return float(1.4826 * np.median(np.abs(off / size)))
