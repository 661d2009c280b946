"""The rectified law on one fine-tuning curve as SciPy's least squares takes it: analytic Jacobian, log residuals."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares
from scipy.special import expit


class Curve(NamedTuple):
    """One curve, L = E + (A - E) / (1 + exp(beta (log D - c))), in the coordinates (log E, log A, beta, c)."""

    log_d: np.ndarray
    log_loss: np.ndarray

    def residuals(self, v: np.ndarray, root_weights: np.ndarray | float = 1.0) -> np.ndarray:
        """Log of prediction over observation, times the roots of the weights."""
        left = expit(-v[2] * (self.log_d - v[3]))
        return root_weights * (np.log(np.exp(v[0]) * (1 - left) + np.exp(v[1]) * left) - self.log_loss)

    def jacobian(self, v: np.ndarray, root_weights: np.ndarray | float = 1.0) -> np.ndarray:
        """Derivative of the residuals, shape (run, 4)."""
        left = expit(-v[2] * (self.log_d - v[3]))
        E, A = np.exp(v[0]), np.exp(v[1])
        slope = (A - E) * left * (1 - left)
        columns = np.stack([E * (1 - left), A * left, -slope * (self.log_d - v[3]), slope * v[2]], axis=1)
        return columns * (root_weights / (E * (1 - left) + A * left))[:, None]

    def costs(self, v: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Half the weighted sum of squares of each resample at its own coordinates, shape (resample,)."""
        pairs = zip(v, np.sqrt(weights), strict=True)
        return np.array([0.5 * np.sum(self.residuals(own, root) ** 2) for own, root in pairs])

    def solve(self, start: np.ndarray, weights: np.ndarray) -> float:
        """Half the weighted sum of squares where MINPACK's Levenberg-Marquardt ends."""
        # Steps that go too far overflow, and are then refused.
        with np.errstate(all="ignore"):
            found = least_squares(
                self.residuals, start, jac=self.jacobian, method="lm", xtol=1e-12, ftol=1e-12, max_nfev=2000,
                args=(np.sqrt(weights),),
            )  # fmt: skip
        return float(found.cost)


def coordinates(params: dict[str, np.ndarray]) -> np.ndarray:
    """Coordinates of parameters in natural units, the last axis new."""
    return np.stack([np.log(params["E"]), np.log(params["A"]), params["beta"], params["c"]], axis=-1)
