r"""Fisher information: what runs tell of the parameters before any of them is made.

With slopes $J$ of the law in the residual space and noise of covariance $\Sigma$, the information of some runs is
$J^\top \Sigma^{-1} J$ (Gauss-Newton; exact for normal noise). Rows of one group share a part of their noise:
$\Sigma = \sigma^2 I + \sigma_u^2 Z Z^\top$, which Woodbury's identity inverts group by group.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError

ROUNDING = 1e-13
"""Share of the largest eigenvalue below which information is none."""
FREE_SHARE = 1e-6
"""Part of a unit direction that must lie where there is no information for a quantity to be undetermined."""
FAR_RESIDUAL = 3.0
"""Robust standard deviations at which residuals are cut before their size is taken."""


def noise_variances(
    noise: float | None, draws: Draws, columns: Mapping[str, np.ndarray], responses: np.ndarray
) -> np.ndarray:
    """Variance of the response of one new run in the residual space, for each draw and row, shape (draw, row).

    Args:
        noise: standard deviation that the caller gives; None for what the draws know of it.
        draws: the draws.
        columns: inputs of the rows.
        responses: the law there, shape (draw, row).
    Raises:
        InputError: a noise that is not above 0, or draws that know none.
    """
    if noise is not None:
        if isinstance(noise, bool) or not isinstance(noise, int | float | np.number) or not 0 < noise < np.inf:
            raise InputError(f"`noise` must be a number above 0, the sd of one run's response, got {noise!r}.")
        return np.full(responses.shape, float(noise) ** 2)
    known = draws.noise
    if known.trials is not None or not known.known:
        raise InputError(
            "how single runs scatter is not known here: give `noise`, the sd of one run's response "
            f"({known.space} scale), as noise=0.01."
        )
    if known.residuals is not None:
        return np.full(responses.shape, robust_variance(known.residuals))
    assert known.scale is not None
    scale = np.broadcast_to(known.scale[:, None], responses.shape)
    if known.slope is not None:
        followed = np.abs(responses) if known.follows == "prediction" else np.asarray(columns[known.follows])[None]
        scale = scale * (followed / known.centre) ** known.slope[:, None]
    # The information of a Student-t's location is that of a normal whose variance is so much larger.
    freedom = np.full(len(draws), np.inf) if known.freedom is None else known.freedom
    with np.errstate(invalid="ignore"):
        wider = np.where(np.isfinite(freedom), (freedom + 3) / (freedom + 1), 1.0)
    shared = 0.0 if known.between is None else known.between[:, None] ** 2
    return scale**2 * wider[:, None] + shared


def robust_variance(residuals: np.ndarray) -> float:
    """Mean square of residuals, those far out cut to three robust standard deviations."""
    centred = residuals - np.median(residuals)
    reach = FAR_RESIDUAL * 1.4826 * float(np.median(np.abs(centred)))
    kept = np.clip(centred, -reach, reach) if reach > 0 else centred
    return float(np.mean(kept**2))


def information(
    jacobian: np.ndarray, variances: np.ndarray, shared: float = 0.0, group: np.ndarray | None = None
) -> np.ndarray:
    r"""The information of all rows together, shape (draw, free, free).

    Args:
        jacobian: slopes of the law, shape (draw, row, free).
        variances: of what each row adds of its own, shape (draw, row).
        shared: standard deviation of what the rows of a group share.
        group: code of each row's group; None where every row is its own.
    """
    scaled = jacobian / np.sqrt(variances)[:, :, None]
    if not shared:
        return np.einsum("sni,snj->sij", scaled, scaled)
    codes = np.arange(jacobian.shape[1]) if group is None else np.unique(group, return_inverse=True)[1]
    member = np.eye(int(codes.max()) + 1)[codes]
    sums = np.einsum("ng,sni->sgi", member, scaled / np.sqrt(variances)[:, :, None])
    weight = shared**2 / (1 + shared**2 * (1 / variances) @ member)
    return np.einsum("sni,snj->sij", scaled, scaled) - np.einsum("sg,sgi,sgj->sij", weight, sums, sums)


class Precision:
    """A stack of information matrices, ready to be asked how sure anything is.

    Args:
        matrices: shape (draw, free, free).
    """

    def __init__(self, matrices: np.ndarray) -> None:
        self.matrices = matrices
        lengths = np.sqrt(np.einsum("sii->si", matrices))
        self.lengths = np.where(lengths > 0, lengths, 1.0)
        # Scaled to unit length, so that the unit of a parameter does not count.
        self.values, self.directions = np.linalg.eigh(matrices / self.lengths[:, :, None] / self.lengths[:, None, :])

    @property
    def condition(self) -> np.ndarray:
        """Condition number of each matrix scaled to unit length, shape (draw,)."""
        low, high = self.values[:, 0], self.values[:, -1]
        with np.errstate(divide="ignore"):
            return np.where(low > ROUNDING * high, high / np.where(low > 0, low, 1.0), np.inf)

    @property
    def flattest(self) -> np.ndarray:
        """The direction that each matrix says least of, on the line, shape (draw, free)."""
        return self.directions[:, :, 0] / self.lengths

    def variance(self, gradient: np.ndarray) -> np.ndarray:
        """Variance of quantities with these gradients, infinite where the runs leave them open.

        Args:
            gradient: shape (draw, quantity, free).
        Returns:
            Shape (draw, quantity).
        """
        parts = np.einsum("sqi,sij->sqj", gradient / self.lengths[:, None, :], self.directions)
        seen = (self.values > ROUNDING * self.values[:, -1:])[:, None, :]
        size = np.linalg.norm(parts, axis=2, keepdims=True)
        lost = np.any(~seen & (np.abs(parts) > FREE_SHARE * size), axis=2)
        safe = np.where(seen, self.values[:, None, :], 1.0)
        return np.where(lost, np.inf, np.sum(np.where(seen, parts**2 / safe, 0.0), axis=2))

    @property
    def own_variance(self) -> np.ndarray:
        """Variance of each entry of the vector, shape (draw, free)."""
        return self.variance(np.broadcast_to(np.eye(self.matrices.shape[1]), self.matrices.shape))

    @property
    def held_variance(self) -> np.ndarray:
        """Variance of each entry of the vector were all others known, shape (draw, free)."""
        diagonal = np.einsum("sii->si", self.matrices)
        with np.errstate(divide="ignore"):
            return np.where(diagonal > 0, 1.0 / np.where(diagonal > 0, diagonal, 1.0), np.inf)


def draws_used(draws: Draws, most: int) -> Draws:
    """At most so many of the draws, evenly spread over all of them."""
    if len(draws) <= most:
        return draws
    return draws.take(np.linspace(0, len(draws) - 1, most).round().astype(int))


def columns_of(law: Any, design: Any) -> Mapping[str, Any]:
    """The columns of a design by name: of `Runs`, of a frame, of a mapping.

    Raises:
        InputError: something else, or a design without an input of the law.
    """
    if hasattr(design, "columns") and isinstance(design.columns, Mapping):
        found = dict(design.columns)
    elif hasattr(design, "columns") and hasattr(design, "__getitem__"):
        found = {str(name): np.asarray(design[name]) for name in design.columns}
    elif isinstance(design, Mapping):
        found = dict(design)
    else:
        raise InputError(f"a design is a dict of columns, a frame or `Runs`, got {type(design).__name__}.")
    missing = [name for name in law.inputs if name not in found]
    if missing:
        raise InputError(f"the design has no column for {missing}; law {law.name!r} has the inputs {list(law.inputs)}.")
    return found
