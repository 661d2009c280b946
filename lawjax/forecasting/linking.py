"""A score forecast through a loss: the loss at the target, and how scores go with losses among the runs."""

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from lawjax.checking.estimating import outlooks
from lawjax.checking.origins import Cut
from lawjax.checking.outlook import Outlook
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.forecasting.options import Answer, Options
from lawjax.forecasting.result import Forecast
from lawjax.laws import LOSS_TO_SCORE
from lawjax.precision import seed_of
from lawjax.spaces import from_space
from lawjax.verdict import Verdict, info

NUM_NODES = 65
"""Losses at which the link is worked out, between the ends of what is forecast."""
NUM_DRAWS, NUM_SETTLING = 512, 16


def linked(answer: Answer, runs: Runs, response: str | None, through: str, options: Options) -> Forecast:
    """The forecast of a score, from that of the loss that it depends on.

    The link is a saturating sigmoid fitted to the runs' scores and losses, every run alike: it is no trend, so that
    none is nearer to the target.

    Args:
        answer: the forecast of the loss, for single runs.
        runs: the table.
        response: the score's column.
        through: the loss's column.
        options: as for `forecast`.
    Raises:
        InputError: no such score, or one that does not lie between 0 and 1.
    """
    scores = _scores(runs, response)
    generator = np.random.default_rng(seed_of(options.key))
    losses = _losses(answer, options, generator)
    ends = losses.min(), losses.max()
    link = _Link.of(np.asarray(runs[through], dtype=np.float64), scores, np.linspace(*ends, NUM_NODES), options)
    edges = [(1 - options.prob) / 2, 0.5, (1 + options.prob) / 2]
    low, median, high = np.quantile(link.sampled(losses, options.kind, generator), edges, axis=0)
    told = f"The score is that of {LOSS_TO_SCORE.name!r}, fitted to the runs' `{through}`, at the forecast of that."
    return dataclasses.replace(
        answer.forecast,
        response=str(response),
        median=link.score(median),
        low=link.score(low),
        high=link.score(high),
        by_law=link.score(link.middle(np.log(answer.forecast.by_law))),
        verdict=answer.forecast.verdict + Verdict((info("through", told),)),
    )


def _scores(runs: Runs, response: str | None) -> np.ndarray:
    if response is None or response not in runs:
        raise InputError(
            f"`through` needs the score's column as `response`, got {response!r}; the runs have {list(runs.columns)}."
        )

    scores = np.asarray(runs[response], dtype=np.float64)
    if np.any((scores <= 0) | (scores >= 1)):
        raise InputError(
            f"`{response}` must lie between 0 and 1 to be forecast through a loss; divide a percentage by 100."
        )
    return scores


def _losses(answer: Answer, options: Options, generator: np.random.Generator) -> np.ndarray:
    """Logs of losses at the targets, shape (sample, row)."""
    drawn = answer.mixed.new_runs(generator) if options.kind == "new_run" else answer.mixed.middle
    middle = np.median(answer.mixed.middle, axis=0)
    return middle + answer.widening * (drawn - middle)


class _Link(NamedTuple):
    """How scores go with losses: draws at nodes.

    Attributes:
        nodes: logs of losses, shape (node,).
        found: the scores there.
    """

    nodes: np.ndarray
    found: Outlook

    @classmethod
    def of(cls, losses: np.ndarray, scores: np.ndarray, nodes: np.ndarray, options: Options) -> "_Link":
        """The link that the runs show."""
        response, loss = LOSS_TO_SCORE.response, next(iter(LOSS_TO_SCORE.inputs))
        columns = {
            loss: np.concatenate([losses, np.exp(nodes)]),
            response: np.append(scores, np.full(len(nodes), np.nan)),
        }
        seen = np.arange(len(losses) + len(nodes)) < len(losses)
        cut = Cut(Runs(columns=columns), seen, np.ones(len(seen)))
        how: dict[str, Any] = dict(num_draws=NUM_DRAWS, num_settling=NUM_SETTLING, recency=0.0, key=options.key)
        return cls(nodes, outlooks(LOSS_TO_SCORE, [cut], estimator=options.noise, **how)[0].at(~seen))

    def middle(self, losses: np.ndarray) -> np.ndarray:
        """The middle draw's place in the residual space for logs of losses."""
        return np.interp(losses, self.nodes, np.median(self.found.middle, axis=0))

    def sampled(self, losses: np.ndarray, kind: str, generator: np.random.Generator) -> np.ndarray:
        """Places in the residual space for samples of losses, each by a draw of its own, shape (sample, row)."""
        drawn = self.found.new_runs(generator) if kind == "new_run" else self.found.middle
        which = generator.integers(0, len(drawn), len(losses))
        return np.stack([np.interp(own, self.nodes, drawn[draw]) for own, draw in zip(losses, which, strict=True)])

    def score(self, place: np.ndarray) -> np.ndarray:
        """Scores for places in the residual space."""
        return from_space(self.found.space, place)
