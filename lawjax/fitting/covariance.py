r"""How sure a point fit is: the sandwich covariance of an M-estimator, by run or by group.

With residuals r, their Jacobian J and the loss's slope $\psi$, the covariance of the vector on the line is
$H^{-1} M H^{-1}$, where $M = \sum_g (\sum_{i \in g} w_i \psi_i J_i)(\cdot)^\top$ over groups of runs and
$H = J^\top W \operatorname{diag}(\kappa) J$. Where a loss has a kink its curvature $\kappa_i$ is a density at zero; it
is estimated, row by row as Powell did for the median, by a difference quotient of $\psi$ over a bandwidth of the
residuals' own spread, so that noise may differ from row to row.
"""

import dataclasses
import functools
from typing import Any

import jax
import numpy as np

from lawjax.fitting.losses import Loss
from lawjax.fitting.problem import Problem


@dataclasses.dataclass(frozen=True, eq=False)
class Geometry:
    """The fit around its optimum.

    Attributes:
        residuals: at the optimum, shape (run,).
        jacobian: of the residuals in the vector on the line, shape (run, free).
        gradient: of the objective, shape (free,).
        covariance: of the vector on the line, shape (free, free); infinite where it does not exist.
    """

    residuals: np.ndarray
    jacobian: np.ndarray
    gradient: np.ndarray
    covariance: np.ndarray

    @property
    def _equal_columns(self) -> np.ndarray:
        """The Jacobian with columns of unit length, so that the unit of a parameter does not count."""
        length = np.linalg.norm(self.jacobian, axis=0)
        return self.jacobian / np.where(length > 0, length, 1.0)

    @property
    def condition(self) -> float:
        """Condition number of J^T J with columns of unit length: how nearly parameters can stand in for each other."""
        if not np.all(np.isfinite(self.jacobian)):
            return float("inf")
        singular = np.linalg.svd(self._equal_columns, compute_uv=False)
        return float((singular[0] / singular[-1]) ** 2) if singular[-1] > 0 else float("inf")

    @property
    def flattest(self) -> np.ndarray:
        """The direction in which the objective is flattest, unit length, shape (free,)."""
        if not np.all(np.isfinite(self.jacobian)):
            return np.zeros(self.jacobian.shape[1])
        return np.linalg.svd(self._equal_columns)[2][-1]

    @property
    def influence(self) -> np.ndarray:
        """Root mean square change of the residuals per unit of each entry of the vector, shape (free,)."""
        return np.sqrt(np.mean(self.jacobian**2, axis=0))


def geometry(
    problem: Problem, loss: Loss, vector: np.ndarray, weights: np.ndarray, groups: np.ndarray | None, num: int
) -> Geometry:
    """The geometry at `vector` for the first `num` rows; the others are padding."""
    residuals, jacobian = (np.asarray(part)[:num] for part in _linear_parts(problem, vector))
    if not np.all(np.isfinite(residuals)):
        size = len(vector)
        return Geometry(residuals, jacobian, np.full(size, np.nan), np.full((size, size), np.inf))
    width = _bandwidth(residuals)
    psi, above, below = (np.asarray(_slopes(loss, residuals + step)) for step in (0.0, width, -width))
    weights = weights[:num]
    scores = (weights * psi)[:, None] * jacobian
    groups = np.arange(num) if groups is None else groups
    curvatures = (above - below) / (2 * width)
    curvature = (jacobian * (weights * curvatures)[:, None]).T @ jacobian
    return Geometry(residuals, jacobian, scores.sum(axis=0), _sandwich(curvature, scores, groups))


@jax.jit
def _linear_parts(problem: Problem, vector: Any) -> tuple[Any, Any]:
    return problem.residuals(vector), jax.jacfwd(problem.residuals)(vector)


@functools.partial(jax.jit, static_argnames="loss")
def _slopes(loss: Loss, residuals: Any) -> Any:
    return jax.vmap(jax.grad(loss.cost))(residuals)


def _bandwidth(residuals: np.ndarray) -> float:
    """How far a kink is spread to estimate the density of the residuals there."""
    spread = 1.4826 * np.median(np.abs(residuals - np.median(residuals)))
    return max(float(spread), 1e-12) * len(residuals) ** -0.2


def _sandwich(curvature: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> np.ndarray:
    num, size = scores.shape
    labels, codes = np.unique(groups, return_inverse=True)
    summed = np.zeros((len(labels), size))
    np.add.at(summed, codes, scores)
    spare = min(num, len(labels)) - size
    none = np.full((size, size), np.inf)
    if spare <= 0 or not (np.all(np.isfinite(curvature)) and np.all(np.isfinite(scores))):
        return none
    try:
        bread = np.linalg.inv(curvature)
    except np.linalg.LinAlgError:
        return none
    covariance = len(labels) / spare * bread @ (summed.T @ summed) @ bread
    return covariance if np.all(np.diag(covariance) >= 0) else none
