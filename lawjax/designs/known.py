r"""What is known before new runs: how sure each draw is of the parameters, and the law's slopes at the candidates.

Where the runs behind the draws are known, the covariance about each draw is one over their information there, with the
default priors for what they leave open. That of all draws together stands in for it elsewhere.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Self

import jax.numpy as jnp
import numpy as np

from lawjax.data.inputs import input_columns
from lawjax.data.runs import Runs
from lawjax.designs.candidates import Candidates
from lawjax.designs.coordinates import Coordinates, predicted, slopes
from lawjax.designs.information import columns_of, draws_used, information, noise_variances
from lawjax.draws import Draws
from lawjax.errors import InputError
from lawjax.fitting.components import variance_components
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.leverage import leverage
from lawjax.fitting.problem import Problem

OWN_SHARE = 1e-3
"""Least share of the noise's variance that each row has of its own."""
FAR_DRAW = 6.0
"""Robust standard deviations from the median beyond which a draw does not count for the covariance."""


@dataclasses.dataclass(frozen=True, eq=False)
class Known:
    """What is known before new runs.

    Attributes:
        draws: those that are averaged over.
        problem: the candidates as a fit would see them, without responses.
        vectors: those draws on the line, shape (draw, free).
        covariance: of the parameters about each draw, on the line, shape (draw, free, free).
        slopes: of the law at the candidates, on the device, shape (draw, candidate, free).
        variances: of a candidate's response, shape (draw, candidate).
    """

    draws: Draws
    problem: Problem
    vectors: np.ndarray
    covariance: np.ndarray
    slopes: Any
    variances: np.ndarray

    @classmethod
    def of(cls, draws: Draws, offered: Candidates, num_draws: int, noise: float | None, seen: "Seen | None") -> Self:
        """What some draws know of some candidates.

        Args:
            draws: the draws.
            offered: the candidates.
            num_draws: the most that are averaged over.
            noise: standard deviation of one run's response, or None for what the draws know.
            seen: the runs behind the draws.
        Raises:
            InputError: too few draws, a parameter at its edge, a law that is not finite at a candidate.
        """
        _check_number(draws, seen)
        coordinates = Coordinates.of(draws, offered.inputs, () if seen is None else seen.fixed)
        space = draws.noise.space if draws.noise.known else "log" if draws.law.support == "positive" else "raw"
        problem = coordinates.problem(offered.inputs, space)
        everywhere = coordinates.vectors(draws.params)
        used = draws_used(draws.take(usual_draws(everywhere)), num_draws)
        vectors = coordinates.vectors(used.params)
        responses = np.asarray(predicted(problem, vectors))
        variances = noise_variances(noise, used, offered.inputs, responses)
        if np.any(variances <= 0):
            raise InputError(
                "the runs do not scatter, so one more of each would say everything. Give `noise`, the sd of one run."
            )
        if seen is None:
            covariance = np.broadcast_to(covariance_of(everywhere), (len(used), *2 * everywhere.shape[1:]))
        else:
            covariance = seen.covariance(coordinates, used, vectors, noise, space)
        return cls(used, problem, vectors, covariance, _finite_slopes(problem, vectors), variances)


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """The runs behind the draws.

    Attributes:
        inputs: of each, natural units.
        weight: of each in the fit, shape (run,).
        group: code of each one's group, or None.
        shared: share of the variance of the noise that the rows of one group share.
        fixed: parameters that were held.
    """

    inputs: Mapping[str, np.ndarray]
    weight: np.ndarray
    group: np.ndarray | None = None
    shared: float = 0.0
    fixed: tuple[str, ...] = ()

    @classmethod
    def of(cls, source: Any, observed: Any, draws: Draws) -> "Seen | None":
        """The runs that a caller names, or those of a fit; None where only draws are known."""
        if observed is not None:
            columns = columns_of(draws.law, observed)
            inputs = input_columns(draws.law, {name: columns[name] for name in draws.law.inputs})
            return cls(inputs, np.ones(len(next(iter(inputs.values())))))
        if not isinstance(source, Fit) or source.choices.tied:
            return None
        runs = source.runs
        weight = np.ones(len(runs)) if runs.weight is None else np.asarray(runs.weight, dtype=np.float64)
        inputs = {name: np.asarray(runs[name], dtype=np.float64) for name in source.law.inputs}
        return cls(inputs, weight, *_grouped(source, runs, weight), fixed=source.layout.fixed)

    def covariance(
        self, coordinates: Coordinates, draws: Draws, vectors: np.ndarray, noise: float | None, space: str
    ) -> np.ndarray:
        """One over the information of these runs and of the default priors, shape (draw, free, free)."""
        problem = coordinates.problem(self.inputs, space)
        responses = np.asarray(predicted(problem, vectors))
        total = noise_variances(noise, draws, self.inputs, responses) / self.weight
        shared = float(np.sqrt(self.shared * np.mean(total)))
        jacobian = np.asarray(slopes(problem, vectors))
        told = information(jacobian, (1 - self.shared) * total, shared, self.group)
        prior = np.diag(coordinates.prior_precision(float(np.median(np.abs(responses)))))
        return np.linalg.inv(told + prior)


def _grouped(fit: Fit, runs: Runs, weight: np.ndarray) -> tuple[np.ndarray | None, float]:
    """The groups of a fit's runs, and the share of the noise's variance that the rows of one have in common."""
    pull = None if runs.group is None else leverage(fit.geometry.jacobian, weight, None)
    if pull is None:
        return None, 0.0
    codes = np.unique(np.asarray(runs.group), return_inverse=True)[1]
    parts = variance_components(pull, weight, fit.residuals, codes)
    return codes, parts.between / (parts.between + parts.within) * (1 - OWN_SHARE)


def _check_number(draws: Draws, seen: Seen | None) -> None:
    num_free = sum(param.size or 1 for param in draws.law.params.values())
    if seen is None and len(draws) <= 2 * num_free:
        raise InputError(
            f"{len(draws)} draws do not say how {num_free} parameters vary together. Pass a fit with standard errors, "
            "a bootstrap or a posterior, or the runs that are there as `observed`."
        )


def usual_draws(vectors: np.ndarray) -> np.ndarray:
    """The draws that are not far out in any entry: a few that ran away along a valley must not make the covariance."""
    middle = np.median(vectors, axis=0)
    spread = 1.4826 * np.median(np.abs(vectors - middle), axis=0)
    reach = np.where(spread > 0, FAR_DRAW * spread, np.inf)
    return np.flatnonzero(np.all(np.abs(vectors - middle) <= reach, axis=1))


def covariance_of(vectors: np.ndarray) -> np.ndarray:
    """Covariance of the usual draws, shape (free, free)."""
    return np.atleast_2d(np.cov(vectors[usual_draws(vectors)], rowvar=False))


def _finite_slopes(problem: Problem, vectors: np.ndarray) -> Any:
    found = slopes(problem, vectors)
    bad = ~np.asarray(jnp.all(jnp.isfinite(found), axis=(0, 2)))
    if bad.any():
        raise InputError(
            f"the law or its slopes are not finite at candidate {int(np.flatnonzero(bad)[0]) + 1} and "
            f"{int(bad.sum()) - 1} others in some draw. Leave out candidates at the edge of an input."
        )
    return found
