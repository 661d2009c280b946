"""Which draw of one system goes with which of the other."""

import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError

RESAMPLES = "bootstrap"
"""How the origin of draws begins that come from resampled runs."""


def together(first: Draws, second: Draws, paired: bool | None) -> tuple[Draws, Draws, str]:
    """The draws of both, one to one, and how they were put together, in words.

    Bootstraps of the same runs that were resampled alike stay together: a resample that flatters one system flatters
    the other, and their difference is surer than either. Other draws are independent, and are put together at random,
    so that a seed that they share does not pass for a correlation. A source of one draw goes with all.

    Args:
        first, second: the draws.
        paired: whether draw i of one goes with draw i of the other; None finds out.
    Raises:
        InputError: draws that are to be paired and differ in number.
    """
    if len(first) == 1 or len(second) == 1 or first is second:
        how = "the same draws" if first is second else "one draw against all"
        return _repeated(first, len(second)), _repeated(second, len(first)), how
    if paired if paired is not None else _resampled_alike(first, second):
        if len(first) != len(second):
            raise InputError(f"paired draws must be as many, got {len(first)} and {len(second)}.")
        return first, second, "draws paired"
    num, generator = max(len(first), len(second)), np.random.default_rng(0)
    shuffled = np.concatenate([generator.permutation(len(second)) for _ in range(-(-num // len(second)))])[:num]
    return first.take(np.resize(np.arange(len(first)), num)), second.take(shuffled), "draws independent"


def share_runs(first: Draws, second: Draws) -> bool:
    """Whether both rest on the same runs."""
    return first.basis.data_sha256 != "" and first.basis.data_sha256 == second.basis.data_sha256


def _resampled_alike(first: Draws, second: Draws) -> bool:
    alike = first.origin == second.origin and len(first) == len(second)
    return alike and first.origin.startswith(RESAMPLES) and share_runs(first, second)


def _repeated(draws: Draws, num: int) -> Draws:
    return draws.take(np.zeros(num, dtype=int)) if len(draws) == 1 and num > 1 else draws
