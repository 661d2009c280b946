"""What a contender of a race reports."""

import dataclasses

import numpy as np

SAME = 1e-6
"""Objectives within this share of each other are the same optimum."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a contender did.

    Attributes:
        name: who.
        size: how many starts or resamples the seconds are for.
        objectives: where those tried ended, shape (tried,).
        cold: seconds of the first call, what it compiles included.
        warm: seconds of a later call.
        batched: whether the starts run together, so that one alone is no quicker.
        scaled: whether the seconds are those of a sample, scaled up.
        note: why there is no result.
    """

    name: str
    size: int = 0
    objectives: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0))
    cold: float = np.nan
    warm: float = np.nan
    batched: bool = False
    scaled: bool = False
    note: str = ""

    @property
    def reached(self) -> float:
        """The lowest objective."""
        return float(np.min(self.objectives, initial=np.inf))

    def share(self, best: float | np.ndarray) -> float:
        """Share of those tried that ended at the best objective known."""
        return float(np.mean(self.objectives <= best * (1 + SAME))) if len(self.objectives) else np.nan

    def surely(self, best: float, sureness: float = 0.999) -> float:
        """Warm seconds of so many starts, or batches of them, that one is at the optimum with this probability."""
        share = self.share(best)
        if not share > 0:
            return np.inf if share == 0 else np.nan
        needed = max(np.log(1 - sureness) / np.log(1 - share), 1.0) if share < 1 else 1.0
        return self.warm * (max(needed / self.size, 1.0) if self.batched else needed / self.size)


def scaled_up(name: str, size: int, objectives: np.ndarray, cold: float, warm: float) -> Outcome:
    """An outcome for `size` starts or resamples from the seconds of those that were tried."""
    factor = size / len(objectives)
    return Outcome(
        name=name, size=size, objectives=objectives, cold=cold * factor, warm=warm * factor, scaled=factor != 1
    )
