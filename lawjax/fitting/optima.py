"""Where the starts of a fit ended: which agree on the best objective, and which optima are distinct."""

import dataclasses

import numpy as np

from lawjax.fitting.ties import slack

AGREE = 1e-6
"""Starts within this share of the best objective found the same optimum."""
NEAR = 0.01
"""Optima within this share of the best objective are reported."""
APART = 1e-4
"""Ends whose objectives differ by more than this share of the best are different optima."""
GRAIN = 1e-13
"""Share of a response's size below which residuals are rounding."""


@dataclasses.dataclass(frozen=True, eq=False)
class Ends:
    """Where starts ended.

    Attributes:
        objectives: shape (start,).
        num_bred: how many of them, at the end, were bred from the ends of others and so do not agree by themselves.
        size: sum of the weights of the runs.
        level: size of a response in the residual space.
        likelihood: whether objectives are negative log-likelihoods.
    """

    objectives: np.ndarray
    num_bred: int
    size: float
    level: float
    likelihood: bool

    def slack(self, share: float) -> float:
        """How far above the best an objective may be and still be within `share` of it."""
        grain = 0.0 if self.likelihood else self.size * (GRAIN * self.level) ** 2
        return float(slack(share, self.objectives.min(), self.size, self.likelihood)) + grain

    @property
    def agreement(self) -> float:
        """Share of the drawn starts that ended at the best objective, to one part in a million."""
        drawn = self.objectives[: len(self.objectives) - self.num_bred]
        return float(np.mean((drawn <= self.objectives.min() + self.slack(AGREE)) & np.isfinite(drawn)))

    @property
    def optima(self) -> list[int]:
        """The start that reached each distinct optimum within 1 % of the best, best first."""
        order = np.argsort(self.objectives, kind="stable")
        found = [int(order[0])]
        for index in order[1:]:
            value = self.objectives[index]
            near = value <= self.objectives[order[0]] + self.slack(NEAR)
            if near and value > self.objectives[found[-1]] + self.slack(APART):
                found.append(int(index))
        return found

    @property
    def shares(self) -> list[float]:
        """Share of all starts that ended at each of the optima."""
        order = np.sort(self.objectives)
        best = [self.objectives[index] for index in self.optima]
        edges = [*best[1:], best[0] + self.slack(NEAR)]
        counts = [
            np.sum((order >= low) & ((order < high) | (order == low))) for low, high in zip(best, edges, strict=True)
        ]
        return [float(count / len(order)) for count in counts]

    def others(self, most: int) -> np.ndarray:
        """Starts that ended apart from the best optimum, one for each objective, best first."""
        order = np.argsort(self.objectives, kind="stable")
        values = self.objectives[order]
        with np.errstate(invalid="ignore"):
            apart = np.diff(values, prepend=values[0]) > self.slack(APART)
        return order[apart & np.isfinite(values)][:most]
