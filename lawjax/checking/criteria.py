"""Information criteria of fits: the likelihood that belongs to a fit's loss, AICc and BIC."""

import dataclasses
import math

import numpy as np

from lawjax.fitting.fit_result import Fit
from lawjax.precision import in_float64

SCALE = 1
"""Every likelihood has a scale of its own that the runs decide, and that counts as a parameter."""
WIDEST = 4.0
"""A temperature of Huber's density lies between the mean loss and twice that; it is sought this much further out."""


@dataclasses.dataclass(frozen=True)
class Information:
    r"""What a fit's likelihood says of it.

    Attributes:
        log_likelihood: $\log \hat p(r)$ of the residuals at the best parameters and scale, in the residual space.
        num_params: what was estimated: the law's free parameters, the scale, and a Student-t's degrees of freedom.
        num_runs: runs that count, n.
    """

    log_likelihood: float
    num_params: int
    num_runs: int

    @property
    def aicc(self) -> float:
        r"""$-2 \log \hat p + 2 k n / (n - k - 1)$; infinite where k leaves the correction no runs."""
        spare = self.num_runs - self.num_params - 1
        return -2 * self.log_likelihood + 2 * self.num_params * self.num_runs / spare if spare > 0 else math.inf

    @property
    def bic(self) -> float:
        r"""$-2 \log \hat p + k \log n$."""
        return -2 * self.log_likelihood + self.num_params * math.log(self.num_runs)


@in_float64
def information(fit: Fit) -> Information | None:
    r"""The likelihood that a fit maximised, with its scale estimated too; None where its loss is no likelihood.

    A loss $\rho$ is minimised where the density $\exp(-\rho(r) / \tau) / Z(\tau)$ is greatest, whatever its temperature
    $\tau$, and $\tau$ is then estimated: "squared" belongs to a Gaussian of variance $\tau$, "absolute" to a Laplace
    density of scale $\tau$, "huber" to the density that is Gaussian up to delta and exponential beyond, whose

    $$Z(\tau) = \sqrt{2 \pi \tau}\, \mathrm{erf}(\delta / \sqrt{2 \tau}) + (2 \tau / \delta)\, e^{-\delta^2 / 2 \tau}.$$

    "student_t" is a likelihood as it stands. All are densities of one residual in one space, so that fits with
    different losses compare. Weights count runs, with mean 1. A loss of your own, "asymmetric", responses within their
    rounding and runs without any scatter have none here.

    Args:
        fit: the fit.
    References:
        Burnham and Anderson 2002, Model Selection and Multimodel Inference, sections 2.4 and 6.4.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.simulate(lj.laws.POWER_LAW, {"A": 20.0, "alpha": 0.1}, num_runs=30, noise=0.01, key=0)
        >>> information(lj.fit(lj.laws.POWER_LAW, runs, loss="squared")).num_params
        3
    """
    weights = fit.geometry.weights[fit.geometry.weights > 0]
    residuals = fit.residuals[fit.geometry.weights > 0]
    counts = weights / weights.mean()
    loss, own = fit.choices.loss, len(fit.choices.make_loss().extra)
    found = _log_likelihood(fit, residuals, counts) if isinstance(loss, str) and fit.choices.rounding is None else None
    if found is None or not math.isfinite(found):
        return None
    return Information(found, fit.layout.num_free + max(own, SCALE), len(residuals))


def _log_likelihood(fit: Fit, residuals: np.ndarray, counts: np.ndarray) -> float | None:
    if fit.choices.loss == "student_t":
        from scipy.stats import t as student_t

        scale, freedom = fit.loss_params["scale"], fit.loss_params["freedom"]
        return float(np.sum(counts * student_t.logpdf(residuals, freedom, scale=scale)))
    if fit.choices.loss not in ("squared", "absolute", "huber"):
        return None
    cost = fit.choices.make_loss().cost(residuals, np.zeros(0))
    mean, num = float(np.average(np.asarray(cost), weights=counts)), float(np.sum(counts))
    if not mean > 0:
        return None
    if fit.choices.loss == "squared":
        return -0.5 * num * (math.log(4 * math.pi * mean) + 1)
    return -num * (math.log(2 * mean) + 1) if fit.choices.loss == "absolute" else -num * _huber(mean, fit.choices.delta)


def _huber(mean: float, delta: float) -> float:
    """Minus the mean log density of Huber's family at the temperature that makes it least, for a mean loss."""
    from scipy.optimize import minimize_scalar

    surprise = lambda log_tau: mean / math.exp(log_tau) + log_huber_mass(math.exp(log_tau), delta)
    middle, reach = math.log(mean), math.log(WIDEST)
    return float(minimize_scalar(surprise, bounds=(middle - reach, middle + reach), options={"xatol": 1e-10}).fun)  # pyright: ignore[reportAttributeAccessIssue]


def log_huber_mass(tau: float, delta: float) -> float:
    r"""$\log Z(\tau)$ of Huber's density.

    Args:
        tau: temperature, in the square of the residual's unit.
        delta: where the loss turns straight, in the residual's unit.
    Example:
        >>> round(log_huber_mass(1.0, 50.0) - 0.5 * math.log(2 * math.pi), 12)
        0.0
    """
    inside = math.sqrt(2 * math.pi * tau) * math.erf(delta / math.sqrt(2 * tau))
    return math.log(inside + 2 * tau / delta * math.exp(-(delta**2) / (2 * tau)))
