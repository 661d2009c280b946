r"""The ruler of a profile: what one unit of its statistic costs, from the fit's own geometry.

The scale is the variance of the parameter over the inverse curvature of the objective. Where the sandwich gives no
variance it is the mean squared slope of the loss over its mean curvature, which needs no parameter at all.
"""

import math
from typing import NamedTuple

import jax
import numpy as np

from lawjax.errors import InputError
from lawjax.fitting.covariance import covariance_of
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.transforms import to_line
from lawjax.fitting.valley import Floor, Valley
from lawjax.verdict import Note, info


class Ruler(NamedTuple):
    """How far one parameter may be off, as the fit's own geometry has it.

    Attributes:
        scale: variance over inverse curvature.
        freedom: degrees of freedom of that variance.
        stderr: of the parameter on its line; infinite where there is none.
        drift: expected motion of the fit's vector for each unit of the parameter's line, shape (free,).
        notes: what to know of it.
    """

    scale: float
    freedom: float
    stderr: float
    drift: np.ndarray
    notes: tuple[Note, ...]


def ruler_of(fit: Fit, name: str, kind: str) -> Ruler:
    """The ruler of a free scalar parameter, with the covariance of that kind."""
    geometry, param = fit.geometry, fit.law.params[name]
    bread, pull, covariance = geometry.bread, geometry.leverage, covariance_of(geometry, kind)
    own = np.eye(len(fit.vector))[fit.layout.labels.index(name)]
    if bread is None or pull is None or name in fit.edges or not np.all(np.isfinite(covariance)):
        return Ruler(*_plain_scale(fit), np.inf, own, (_PLAIN,) if kind == "sandwich" else ())
    slope = float(jax.grad(lambda value: to_line(param, value))(float(fit.params[name])))
    gradient = slope * fit.natural_jacobian[name]
    inverse, variance = float(gradient @ bread @ gradient), float(gradient @ covariance @ gradient)
    drift, stderr = bread @ gradient / inverse, math.sqrt(variance)
    freedom = float(pull.freedom(gradient[None])[0])
    if kind == "hessian" or not (np.isfinite(freedom) and variance > 0):
        return Ruler(*_plain_scale(fit), stderr, drift, (_PLAIN,) if kind == "sandwich" else ())
    return Ruler(variance / inverse, freedom, stderr, drift, ())


def measured(valley: Valley, ruler: Ruler, floor: Floor) -> Ruler:
    """The ruler with the curvature of a loss that has a kink read off the floor, one standard error to either side.

    Such an objective has no curvature of its own: it depends on how far one looks, and this is how far it matters.
    """
    kinked = np.isfinite(valley.fit.choices.make_loss().width)
    reached = floor.points[0] <= valley.here - ruler.stderr and valley.here + ruler.stderr <= floor.points[-1]
    if not (kinked and reached):
        return ruler
    around = valley.here + ruler.stderr * np.array([-1.0, 0.0, 1.0])
    left, middle, right = np.interp(around, floor.points, floor.objectives)
    rise = left + right - 2 * middle
    return ruler._replace(scale=float(rise)) if np.isfinite(rise) and rise > 0 else ruler


_PLAIN = info(
    "profile-plain-scale",
    "The sandwich gives no variance here; the scale supposes independent runs that scatter alike.",
)


def _plain_scale(fit: Fit) -> tuple[float, float]:
    """Mean squared slope of the loss over its mean curvature, and the degrees of freedom of the former."""
    geometry = fit.geometry
    spare = int(np.sum(geometry.weights > 0)) - fit.layout.num_free
    if spare <= 0:
        raise InputError(
            f"{len(fit.runs)} runs and {fit.layout.num_free} free parameters leave nothing to judge a profile by. Add "
            "runs, or fix parameters."
        )
    variance = np.sum(geometry.weights * geometry.slopes**2) / spare
    scale = float(variance / np.average(geometry.curvatures, weights=geometry.weights))
    if not (np.isfinite(scale) and scale > 0):
        raise InputError("the fit leaves no residuals: without noise a profile has no scale.")
    return scale, float(spare)


def threshold(prob: float, freedom: float) -> float:
    """The square of the quantile of Student's t that a value must stay below."""
    from scipy.stats import t as student_t

    return float(student_t.ppf((1 + prob) / 2, freedom)) ** 2
