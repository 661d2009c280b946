"""Priors: the usual range of each parameter as its central 90 %, unless the caller says otherwise.

All priors are on the centred scale, where the sampler works (`fitting.centring`).
"""

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from numpyro.distributions import constraints
from numpyro.distributions.transforms import Transform, biject_to

from lawjax.errors import InputError
from lawjax.fitting.centring import Centring, usual_box
from lawjax.fitting.transforms import from_line, to_line
from lawjax.laws.base import Law, Param

Priors = dict[str, dist.Distribution]

QUANTILE_95 = 1.6448536269514722
FAR_ALONG_THE_LINE = 30.0


class FromLine(Transform):
    """From the whole line to a parameter's open interval of possible values, as in `fitting.transforms`."""

    def __init__(self, param: Param) -> None:
        self.param = param

    @property
    def sign(self) -> int:
        """The map rises everywhere."""
        return 1

    @property
    def falls_back(self) -> bool:
        """Whether NumPyro's line for the interval runs the other way: from an upper edge down."""
        low, high = self.param.edges
        return math.isinf(low) and not math.isinf(high)

    @property
    def codomain(self) -> constraints.Constraint:
        """The open interval."""
        low, high = self.param.edges
        if math.isinf(low) and math.isinf(high):
            return constraints.real
        if math.isinf(high):
            return constraints.greater_than(low)
        return constraints.less_than(high) if math.isinf(low) else constraints.interval(low, high)

    def __call__(self, x: Any) -> Any:
        """The value that a point of the line stands for."""
        return from_line(self.param, x)

    def _inverse(self, y: Any) -> Any:
        return to_line(self.param, y)

    def log_abs_det_jacobian(self, x: Any, y: Any, intermediates: Any = None) -> Any:
        """Log of how much the map stretches at `x`."""
        low, high = self.param.edges
        if math.isinf(low) and math.isinf(high):
            return jnp.zeros_like(x)
        if math.isinf(low) or math.isinf(high):
            return x if math.isinf(high) else -x
        return math.log(high - low) - jax.nn.softplus(x) - jax.nn.softplus(-x)

    def tree_flatten(self) -> Any:
        """No arrays; the parameter is static."""
        return (), ((), {"param": self.param})

    def eq(self, other: object, static: bool = False) -> Any:
        """Whether both map to the same interval."""
        return isinstance(other, FromLine) and self.param.edges == other.param.edges


def law_priors(law: Law, centring: Centring) -> Priors:
    """The default prior of each parameter of a law, on the centred scale."""
    return {name: default_prior(law.params[name], *box) for name, box in usual_box(law, centring).items()}


def standard_normals(*shape: int) -> dist.Distribution:
    """Independent standard normals, as one event of that shape."""
    return dist.Normal(jnp.zeros(shape), jnp.ones(shape)).to_event(len(shape))


def with_given(priors: Priors, given: Mapping[str, Any] | None, law: Law) -> Priors:
    """The priors with those that a caller gives in place of the default ones, as float64.

    Raises:
        InputError: a given prior has an unknown name, is no distribution, has another shape than what it is for, or
            reaches beyond its edges.
    """
    for name, prior in (given or {}).items():
        if name not in priors:
            raise InputError(f"`priors` names {name!r}; the priors that can be given are {', '.join(priors)}.")
        if name not in law.params and priors[name].shape() and not name.endswith("_spread"):
            raise InputError(
                f"`{name}` is standard normal by construction; give a prior for its scale or spread instead."
            )
        priors = {**priors, name: _checked(name, prior, law.params.get(name), priors[name])}
    return {name: jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), prior) for name, prior in priors.items()}


def default_prior(param: Param, low: Any, high: Any) -> dist.Distribution:
    """Normal along the parameter's line, with 90 % between `low` and `high`: log-normal for a positive parameter."""
    start, stop = (np.asarray(to_line(param, jnp.asarray(edge))) for edge in (low, high))
    on_line = dist.Normal((start + stop) / 2, (stop - start) / 2 / QUANTILE_95)
    prior = dist.TransformedDistribution(on_line, FromLine(param))
    return prior.to_event(len(param.shape))


def normal_on_line(prior: dist.Distribution) -> dist.Normal | None:
    """The normal that a prior is along the line of its support (`biject_to`), or None where it is no normal there."""
    inner: Any = prior.base_dist if isinstance(prior, dist.Independent) else prior
    if isinstance(inner, dist.TransformedDistribution):
        along = inner.transforms[0]
        # Below an upper edge alone the two lines run in opposite directions.
        inner = inner.base_dist if isinstance(along, FromLine) and not along.falls_back else None
    return inner if isinstance(inner, dist.Normal) else None


def _checked(name: str, prior: Any, param: Param | None, default: dist.Distribution) -> dist.Distribution:
    if not isinstance(prior, dist.Distribution):
        raise InputError(
            f"the prior of `{name}` must be a NumPyro distribution, got {prior!r}. "
            "Write for example numpyro.distributions.LogNormal(-1.0, 0.3)."
        )
    if prior.support is not None and prior.support.is_discrete:
        raise InputError(f"the prior of `{name}` is discrete ({type(prior).__name__}); parameters are real numbers.")
    shape = default.shape()
    if prior.shape() == () and shape:
        prior = prior.expand(shape).to_event(len(shape))
    if prior.shape() != shape:
        raise InputError(f"the prior of `{name}` has shape {prior.shape()}, the parameter has {shape}.")
    low, high = _reach(prior)
    bottom, top = _edges(default) if param is None else param.edges
    if low < bottom or high > top:
        raise InputError(
            f"the prior of `{name}` reaches from {low:g} to {high:g}, the parameter from {bottom:g} to {top:g}. "
            "Use a distribution on that interval: LogNormal, Beta, or a TruncatedNormal."
        )
    return prior


def _edges(default: dist.Distribution) -> tuple[float, float]:
    """Where a latent beside the law's parameters may lie: any positive scale or number, if its default is positive."""
    low, high = _reach(default)
    return (0.0 if low >= 0 else low), (high if high <= 1 else math.inf)


def _reach(prior: dist.Distribution) -> tuple[float, float]:
    """Lowest and highest value that a prior's support holds."""
    along = biject_to(prior.support)
    shape = along.inverse_shape(prior.shape())
    ends = [np.asarray(along(jnp.full(shape, end))) for end in (-FAR_ALONG_THE_LINE, FAR_ALONG_THE_LINE)]
    return float(np.min(ends)), float(np.max(ends))
