r"""Intervals: how far a parameter, or anything worked out from the parameters, may lie from its estimate.

`interval` is the front door. The delta method needs the fit alone; the others read the draws of a bootstrap.
"""

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.draws import Draws
from lawjax.errors import InputError, choose
from lawjax.fitting.fit_result import Fit
from lawjax.fitting.problem import Problem
from lawjax.fitting.resample import bootstrap
from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws.base import Param, real
from lawjax.precision import in_float64
from lawjax.text import number

Quantity = str | Callable[[Mapping[str, Any]], Any]
METHODS = ("delta", "percentile", "expanded", "bca")


@dataclasses.dataclass(frozen=True, repr=False)
class Interval:
    """An estimate with an interval around it.

    Attributes:
        name: of the quantity.
        value: its estimate.
        stderr: its standard error: of the delta method, or the standard deviation of the draws.
        low, high: ends of the interval.
        prob: nominal probability that the interval covers the truth, half the rest on either side.
        method: "delta", "percentile", "expanded" or "bca".
        note: what the interval rests on, and what to mind.
    """

    name: str
    value: float
    stderr: float
    low: float
    high: float
    prob: float
    method: str
    note: str = ""

    def __repr__(self) -> str:
        ends = f"{100 * self.prob:g} % interval {number(self.low)} to {number(self.high)}"
        return (
            f"{self.name} = {number(self.value)}, stderr {number(self.stderr, 2)}, {ends} ({self.method}; {self.note})"
        )

    def to_dict(self) -> dict[str, Any]:
        """The interval as plain data."""
        return dataclasses.asdict(self)


class Derived(NamedTuple):
    """Something worked out from the parameters.

    Attributes:
        value: at the estimate.
        stderr: by the delta method; infinite where the fit has no standard errors.
    """

    value: float
    stderr: float


@in_float64
def interval(
    fit: Fit,
    quantity: Quantity,
    *,
    prob: float = 0.9,
    method: str = "delta",
    draws: Draws | None = None,
    key: Any = 0,
) -> Interval:
    r"""An interval for a parameter, or for anything worked out from the parameters.

    * "delta": estimate $\pm\, t \cdot$ standard error, with the cluster-robust CR2 covariance of the fit and a
      Student-t whose degrees of freedom are Satterthwaite's for this very quantity. A parameter with edges is taken
      on the line (log, logit), so that the interval stays inside them; a function as it is: return its logarithm
      where it is positive and uncertain by a third or more.
    * "percentile": quantiles of the draws.
    * "expanded": the same at the levels $\Phi(\pm\sqrt{n/(n-1)}\, t_{n-1})$ for n runs or groups, which widens the
      quantiles where these are few.
    * "bca": bias-corrected and accelerated. The bias is read off the share of draws below the estimate, the
      acceleration is the skewness of the influence of each run or group, $-H^{-1} s_g$ along the gradient. With
      a dozen groups both are too noisy, and it covers less than plain percentiles.

    The delta method is the default because it covers best with few runs or groups (`benchmarks/coverage.py` measures
    all four), and needs no draws.

    Args:
        fit: the fit.
        quantity: a parameter (an entry of a vector one as "t[2]"), or a JAX function of the dict of parameters in
            natural units that returns one number.
        prob: nominal coverage.
        method: "delta", "percentile", "expanded" or "bca".
        draws: of `bootstrap` of this fit, for the last three; None draws 1000 by pairs, whole groups where there are.
        key: seed of those.
    Returns:
        An `Interval`; infinite, or from edge to edge, where the runs do not determine the quantity.
    Raises:
        InputError: an unknown quantity or method, a function that does not return one finite number, draws of another
            law, draws for the delta method, or fewer than two finite draws.
    References:
        Bell & McCaffrey 2002; Imbens & Kolesar 2016; Efron & Tibshirani 1993, chapter 14; Hesterberg 2015.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.01, key=0)
        >>> found = interval(lj.fit(lj.laws.CHINCHILLA, runs, loss="squared"), lambda p: p["beta"] / p["alpha"])
        >>> bool(found.low < 0.37 / 0.34 < found.high)
        True
    """
    choose("method of an interval", method, METHODS)
    if not 0 < prob < 1:
        raise InputError(f"`prob` must lie between 0 and 1, got {prob!r}.")
    target = _target(fit, quantity)
    if method == "delta":
        if draws is not None:
            raise InputError(
                'method="delta" uses no draws. Leave them out, or choose "percentile", "expanded" or "bca".'
            )
        return _delta(fit, target, prob)
    return _from_draws(fit, target, prob, method, bootstrap(fit, key=key) if draws is None else draws)


@in_float64
def derived(fit: Fit, function: Callable[[Mapping[str, Any]], Any]) -> Derived:
    """Value and standard error of anything worked out from the parameters, by the delta method.

    Args:
        fit: the fit.
        function: a JAX function of the dict of parameters, natural units, that returns one number.
    Raises:
        InputError: the function does not return one finite number.
    Example:
        >>> import lawjax as lj
        >>> truth = dict(E=1.8, A=400.0, alpha=0.34, B=2000.0, beta=0.37)
        >>> runs = lj.simulate(lj.laws.CHINCHILLA, truth, num_runs=60, noise=0.0, key=0)
        >>> round(derived(lj.fit(lj.laws.CHINCHILLA, runs), lambda p: p["beta"] / (p["alpha"] + p["beta"])).value, 4)
        0.5211
    """
    target = _target(fit, function)
    return Derived(target.value, _spread(fit, target.gradient))


class _Target(NamedTuple):
    """A quantity and how it moves with the vector on the line."""

    name: str
    function: Callable[[Mapping[str, Any]], Any]
    scale: Param
    value: float
    gradient: np.ndarray


def _target(fit: Fit, quantity: Quantity) -> _Target:
    if not isinstance(fit, Fit):
        raise InputError(f"an interval is worked out from a `Fit`, got {type(fit).__name__}.")
    if callable(quantity):
        name, function, scale = getattr(quantity, "__name__", "quantity"), quantity, real(-1.0, 1.0)
    else:
        name, function, scale = str(quantity), *_parameter(fit, quantity)
    value, gradient = _value_and_gradient(function, fit.problem, fit.vector)
    if not np.isfinite(value):
        raise InputError(f"`{name}` is {float(value)} at the estimate. Return a finite number there.")
    return _Target(name.strip("<>"), function, scale, float(value), np.asarray(gradient))


@functools.partial(jax.jit, static_argnums=0)
def _value_and_gradient(function: Callable[[Mapping[str, Any]], Any], problem: Problem, vector: Any) -> Any:
    def along(point: Any) -> Any:
        result = function(problem.natural(point))
        if jnp.shape(result) != ():
            name = getattr(function, "__name__", "quantity")
            raise InputError(f"`{name}` must return one number, got an array of the shape {jnp.shape(result)}.")
        return jnp.asarray(result, dtype=float)

    return jax.value_and_grad(along)(vector)


def _parameter(fit: Fit, label: str) -> tuple[Callable[[Mapping[str, Any]], Any], Param]:
    """The function that picks a parameter, or an entry of one, and where it may lie."""
    name, _, index = label.partition("[")
    if name not in fit.law.params:
        raise InputError(f"law {fit.law.name!r} has no parameter `{name}`. It has {', '.join(fit.law.params)}.")
    param = fit.law.params[name]
    if param.size is None and not index:
        return _entry(name, None), param
    entries = [] if param.size is None else [f"{name}[{entry}]" for entry in range(param.size)]
    if label not in entries:
        raise InputError(f"`{name}` is {'one number' if not entries else 'a vector: ask for ' + ', '.join(entries)}.")
    return _entry(name, entries.index(label)), param


@functools.cache
def _entry(name: str, index: int | None) -> Callable[[Mapping[str, Any]], Any]:
    """The same function for the same parameter, so that what was compiled for it is found again."""
    return (lambda params: params[name]) if index is None else (lambda params: params[name][index])


def _spread(fit: Fit, gradient: np.ndarray) -> float:
    """Standard error of a quantity with this gradient in the vector on the line."""
    if not np.any(gradient):
        return 0.0
    covariance = fit.geometry.covariance
    if not np.all(np.isfinite(covariance)):
        return float("inf")
    return float(np.sqrt(max(gradient @ covariance @ gradient, 0.0)))


def _delta(fit: Fit, target: _Target, prob: float) -> Interval:
    from scipy.stats import t as student_t

    stderr = _spread(fit, target.gradient)
    if stderr == 0:
        note = "it is the same whatever the free parameters are"
        return Interval(target.name, target.value, 0.0, target.value, target.value, prob, "delta", note)
    if not np.isfinite(stderr):
        note = "the runs do not determine it; see the verdict of the fit"
        return Interval(target.name, target.value, stderr, *target.scale.edges, prob, "delta", note)
    pull = fit.geometry.leverage
    assert pull is not None
    freedom = float(pull.freedom(target.gradient[None])[0])
    middle, slope = jax.value_and_grad(lambda value: to_line(target.scale, value))(target.value)
    half = student_t.ppf((1 + prob) / 2, freedom) * stderr * float(slope)
    with np.errstate(over="ignore"):
        low, high = (float(from_line(target.scale, np.float64(middle) + side * half)) for side in (-1, 1))
    note = f"Student-t with {number(freedom, 2)} degrees of freedom, {_units(fit)}"
    return Interval(target.name, target.value, stderr, low, high, prob, "delta", note)


def _units(fit: Fit) -> str:
    return f"{fit.geometry.num_units} {'runs' if fit.runs.group is None else 'groups'}"


def _from_draws(fit: Fit, target: _Target, prob: float, method: str, draws: Draws) -> Interval:
    if draws.law is not fit.law:
        raise InputError(f"the draws are of law {draws.law.name!r}, the fit of {fit.law.name!r}. Bootstrap this fit.")
    values = np.asarray(_over_draws(target.function, {name: jnp.asarray(draws[name]) for name in fit.law.params}))
    finite = values[np.isfinite(values)]
    if len(finite) < 2:
        raise InputError(f"`{target.name}` is finite in {len(finite)} of {len(values)} draws; two are needed at least.")
    levels = _LEVELS[method](fit, target, prob, finite)
    low, high = np.quantile(finite, levels, method="weibull")
    notes = [f"{len(finite)} draws, {draws.origin}, {_units(fit)}"]
    if len(finite) < len(values):
        notes.append(f"{len(values) - len(finite)} draws without a finite value left out")
    if min(*levels, *(1 - level for level in levels)) < 1 / (len(finite) + 1):
        notes.append("an end lies beyond the draws: take more")
    stderr = float(np.std(finite, ddof=1))
    return Interval(target.name, target.value, stderr, float(low), float(high), prob, method, "; ".join(notes))


@functools.partial(jax.jit, static_argnums=0)
def _over_draws(function: Callable[[Mapping[str, Any]], Any], params: Mapping[str, Any]) -> Any:
    return jax.vmap(function)(params)


def _percentile_levels(fit: Fit, target: _Target, prob: float, values: np.ndarray) -> list[float]:
    return [(1 - prob) / 2, (1 + prob) / 2]


def _expanded_levels(fit: Fit, target: _Target, prob: float, values: np.ndarray) -> list[float]:
    from scipy.stats import norm
    from scipy.stats import t as student_t

    num = fit.geometry.num_units
    reach = np.sqrt(num / (num - 1)) * student_t.ppf((1 + prob) / 2, num - 1)
    return [float(norm.cdf(-reach)), float(norm.cdf(reach))]


def _bca_levels(fit: Fit, target: _Target, prob: float, values: np.ndarray) -> list[float]:
    from scipy.stats import norm

    below = np.mean(values < target.value) + 0.5 * np.mean(values == target.value)
    bias = norm.ppf(np.clip(below, 0.5 / len(values), 1 - 0.5 / len(values)))
    acceleration = _acceleration(fit, target.gradient)
    wanted = bias + norm.ppf([(1 - prob) / 2, (1 + prob) / 2])
    return [float(norm.cdf(bias + z / max(1 - acceleration * z, 1e-3))) for z in wanted]


_LEVELS = {"percentile": _percentile_levels, "expanded": _expanded_levels, "bca": _bca_levels}


def _acceleration(fit: Fit, gradient: np.ndarray) -> float:
    """A sixth of the skewness of the quantity's influence over the runs or groups; 0 where there is none."""
    geometry = fit.geometry
    if geometry.bread is None or geometry.leverage is None:
        return 0.0
    influence = -geometry.scores @ geometry.bread @ gradient
    size = np.sum(influence**2)
    return float(np.sum(influence**3) / (6 * size**1.5)) if size > 0 else 0.0
