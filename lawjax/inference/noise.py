"""How single runs scatter about the law: the distribution of a response, given the law's value.

Every family adds its scatter in the residual space (log, raw or logit) or draws right answers out of a number of
trials; a scale may follow an input, and a response may be known only to an interval.
"""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro.distributions as dist
from numpyro.distributions import constraints
from numpyro.distributions.transforms import ExpTransform, IdentityTransform, SigmoidTransform

from lawjax.data.checks import row_numbers
from lawjax.data.runs import Runs
from lawjax.errors import InputError
from lawjax.fitting.centring import Centring
from lawjax.fitting.given import check_rounding
from lawjax.fitting.residuals import slack_of
from lawjax.inference.options import PREDICTION, Options
from lawjax.inference.priors import Priors, default_prior
from lawjax.laws.base import Law, Param, positive
from lawjax.spaces import to_space

SCALE = "noise_scale"
FREEDOM = "noise_freedom"
SLOPE = "noise_slope"
DISPERSION = "noise_dispersion"

SITES = {
    SCALE: positive(0.002, 0.2),
    FREEDOM: Param(4.5, 50.0, edges=(1.0, math.inf)),
    SLOPE: Param(-0.5, 0.5),
    DISPERSION: Param(1e-4, 0.1, edges=(0.0, 1.0)),
}
"""What is sampled beside the law's parameters, with its usual range."""

OF_FAMILY = {
    "student_t": (SCALE, FREEDOM),
    "normal": (SCALE,),
    "binomial": (),
    "beta_binomial": (DISPERSION,),
}

FROM_SPACE = {"log": ExpTransform, "raw": IdentityTransform, "logit": SigmoidTransform}

NUM_NODES = 24
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(NUM_NODES)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Likelihood:
    """The scatter of single runs.

    Attributes:
        along: log of what the scale follows, 0 in the middle of the runs, shape (run,), or None.
        level: size of the response about which a scale that follows the prediction turns.
        slack: how far below and above its recorded value a response may lie in the residual space, shape (2, run).
        trials: number of questions behind each accuracy, shape (run,), or None.
        family: "student_t", "normal", "binomial" or "beta_binomial".
        space: "log", "raw" or "logit".
        follows: the input that the scale follows, "prediction", or None.
        unit: what a relative scatter is multiplied by: 1 where residuals are logarithms, else the response's level.
    """

    along: Any = None
    level: Any = 1.0
    slack: Any = None
    trials: Any = None
    family: str = dataclasses.field(metadata={"static": True})
    space: str = dataclasses.field(metadata={"static": True})
    follows: str | None = dataclasses.field(default=None, metadata={"static": True})
    unit: Any = 1.0

    @classmethod
    def of(cls, law: Law, runs: Runs, centring: Centring, options: Options) -> "Likelihood":
        """The scatter that was asked for, with what it needs of the table."""
        follows = options.scale_along
        width = check_rounding(runs, options.rounding)
        response = np.asarray(runs[law.response], dtype=np.float64)
        return cls(
            along=log_about_middle(runs[follows]) if follows and follows in law.inputs else None,
            level=np.float64(centring.level),
            slack=None if width is None else np.stack(slack_of(options.space, response, width)),
            trials=None if options.trials is None else trials_of(law, runs, options.trials),
            family=options.noise,
            space=options.space,
            follows=follows,
            unit=np.float64(centring.level if options.space == "raw" else 1.0),
        )

    @property
    def sites(self) -> tuple[str, ...]:
        """Names of what is sampled."""
        return (*OF_FAMILY[self.family], *((SLOPE,) if self.follows else ()))

    def priors(self) -> Priors:
        """Priors of what is sampled; the scale's is in the unit of the residual space."""
        units = {SCALE: float(self.unit)}
        usual = {name: (SITES[name], units.get(name, 1.0)) for name in self.sites}
        return {
            name: default_prior(param, param.low * unit, param.high * unit) for name, (param, unit) in usual.items()
        }

    def distribution(self, middle: Any, latent: Any) -> dist.Distribution:
        """Of the response itself, so that residual spaces can be compared, shape (run,).

        Args:
            middle: the law's value, shifts included, in the residual space, shape (run,).
            latent: values of the sites.
        """
        if self.trials is not None:
            return Share(middle, self.trials, latent.get(DISPERSION))
        scattered = scatter(self.space, middle, self.scale(middle, latent), latent.get(FREEDOM))
        return scattered if self.slack is None else Rounded(scattered, self.space, self.slack)

    def scale(self, middle: Any, latent: Any) -> Any:
        """Scale of the scatter of each run, shape () or (run,)."""
        if not self.follows:
            return latent[SCALE]
        along = self.along
        if self.follows == PREDICTION:
            along = jnp.log(jnp.abs(FROM_SPACE[self.space]()(middle)) / self.level)
        return latent[SCALE] * jnp.exp(latent[SLOPE] * along)

    def take(self, rows: Any) -> "Likelihood":
        """The same of some of the rows."""
        held = {"along": self.along, "slack": self.slack, "trials": self.trials}
        return dataclasses.replace(self, **{n: jnp.asarray(a)[..., rows] for n, a in held.items() if a is not None})

    def residual(self, response: Any, middle: Any) -> Any:
        """How far responses lie off the middle in the residual space, for shares of answers to first order."""
        if self.trials is None:
            return to_space(self.space, response) - middle
        right = jax.nn.sigmoid(middle)
        return (response - right) / (right * (1 - right))

    def precision(self, middle: Any, residual: Any, latent: Any) -> Any:
        """What each run says of its middle: one over the variance of the normal that stands for it, shape (run,).

        A Student-t is a normal whose variance grows with the residual; an interval adds the variance of its width.
        """
        if self.trials is not None:
            right = jax.nn.sigmoid(middle)
            return self.trials * right * (1 - right) / self._crowding(latent)
        variance = self.scale(middle, latent) ** 2
        if self.slack is not None:
            variance = variance + (self.slack[0] + self.slack[1]) ** 2 / 12
        if FREEDOM not in latent:
            return jnp.broadcast_to(1 / variance, residual.shape)
        freedom = latent[FREEDOM]
        return (freedom + 1) / (freedom * variance + residual**2)

    def working(self, response: Any, shift: Any, latent: Any) -> tuple[Any, Any]:
        """The responses less their shifts, and the scale of their scatter in their own unit, each shape (run,).

        What the law's value is compared with by weighted least squares, were the scatter small.
        """
        if self.trials is not None:
            response = (response * self.trials + 0.5) / (self.trials + 1.0)
        middle = to_space(self.space, response) - shift
        value = FROM_SPACE[self.space]()(middle)
        slope = {"raw": 1.0, "log": value, "logit": value * (1 - value)}[self.space]
        if self.trials is None:
            return value, jnp.broadcast_to(self.scale(middle, latent), jnp.shape(value)) * jnp.abs(slope)
        return value, jnp.sqrt(value * (1 - value) * self._crowding(latent) / self.trials)

    def _crowding(self, latent: Any) -> Any:
        """How much more than by chance alone the share of right answers varies: 1 for a binomial."""
        return 1 + (self.trials - 1) * latent.get(DISPERSION, 0.0)


def log_about_middle(column: Any) -> np.ndarray:
    """Logarithms of a column less their mean."""
    logs = np.log(np.asarray(column, dtype=np.float64))
    return logs - np.mean(logs)


def trials_of(law: Law, runs: Runs, trials: float | str) -> np.ndarray:
    """Number of questions behind each accuracy, shape (run,).

    Raises:
        InputError: an unknown column, a number below 1, or accuracies that no count of right answers gives.
    """
    if isinstance(trials, str) and trials not in runs:
        raise InputError(f"`trials` names the column `{trials}`, which is not in the table: {', '.join(runs.columns)}.")
    given = runs[trials] if isinstance(trials, str) else trials
    number = np.broadcast_to(np.asarray(given, dtype=np.float64), len(runs))
    if not np.all(np.isfinite(number) & (number >= 1)):
        raise InputError(f"`trials` must be whole numbers from 1 up, got {number.min():g}.")
    response = np.asarray(runs[law.response], dtype=np.float64)
    odd = np.flatnonzero((response < 0) | (response > 1))
    if len(odd):
        row = row_numbers(runs)[odd[0]]
        raise InputError(f"an accuracy must lie from 0 to 1; `{law.response}` is {response[odd[0]]:g} in row {row}.")
    return np.round(number)


def scatter(space: str, middle: Any, scale: Any, freedom: Any = None) -> dist.Distribution:
    """How single runs scatter about a prediction, as a distribution of the response itself.

    Args:
        space: "log", "raw" or "logit": where the scatter is added.
        middle: the prediction in that space.
        scale: scale of the scatter in that space.
        freedom: degrees of freedom of a Student-t, or None for normal noise.
    """
    in_space = dist.Normal(middle, scale) if freedom is None else HeavyTails(freedom, middle, scale)
    return dist.TransformedDistribution(in_space, FROM_SPACE[space]())


class HeavyTails(dist.StudentT):
    """NumPyro's Student-t with a density that XLA compiles, and runs, in half the time.

    Its height needs two log-gammas half a step apart, whose difference is far shorter to write than either.
    """

    def log_prob(self, value: Any, intermediates: Any = None) -> Any:
        """Log density."""
        freedom, scale = jnp.asarray(self.df), jnp.asarray(self.scale)
        off, spread = value - self.loc, freedom * scale**2
        height = log_gamma_step(freedom / 2) - 0.5 * jnp.log(math.pi * spread)
        return height - 0.5 * (freedom + 1) * jnp.log1p(off * off * (1 / spread))


def log_gamma_step(x: Any) -> Any:
    r"""$\log \Gamma(x + 1/2) - \log \Gamma(x)$ to twelve digits for x from 1/2 up.

    The asymptotic series in $w = x - 1/4$, whose coefficients are Euler's numbers, taken eight steps further on.

    References:
        NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/5.11 (5.11.8).
    Example:
        >>> import math
        >>> math.isclose(log_gamma_step(2.5), math.log(math.gamma(3.0) / math.gamma(2.5)), rel_tol=1e-5)
        True
    """
    x = jnp.asarray(x)
    steps = jnp.arange(8, dtype=x.dtype).reshape(8, *[1] * x.ndim)
    w = x + (8 - 0.25)
    square = w**-2
    series = square * (1 / 64 - square * (5 / 2048 - square * (61 / 49152 - square * (1385 / 1048576))))
    return 0.5 * jnp.log(w) + series - jnp.sum(jnp.log1p(0.5 / (x[None] + steps)), axis=0)


class Rounded(dist.Distribution):
    """A response of which only the interval about its recorded value is known: the mass of that interval."""

    support = constraints.real  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType]
    pytree_data_fields = ("scattered", "slack")
    pytree_aux_fields = ("space",)

    def __init__(self, scattered: Any, space: str, slack: Any) -> None:
        self.scattered, self.space, self.slack = scattered, space, slack
        super().__init__(batch_shape=scattered.batch_shape)

    def sample(self, key: Any, sample_shape: tuple[int, ...] = ()) -> Any:
        """Before rounding."""
        return self.scattered.sample(key, sample_shape)

    def log_prob(self, value: Any, intermediates: Any = None) -> Any:
        r"""Log of the integral of the density over the interval.

        The change of variable $r = s \sinh u$, s the scale, makes the integrand smooth in u however wide the interval
        is, so that a fixed Gauss-Legendre rule serves both narrow intervals and wide ones.
        """
        base = self.scattered.base_dist
        there = to_space(self.space, value) - base.loc
        low, high = (jnp.arcsinh((there + side) / base.scale) for side in (-self.slack[0], self.slack[1]))
        wide = high > low
        half = jnp.where(wide, 0.5 * (high - low), 1.0)
        u = (0.5 * (low + high))[..., None] + half[..., None] * NODES[None]
        shape = (*jnp.shape(half), 1)
        column = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, shape[:-1])[..., None], base)
        density = column.log_prob(column.loc + column.scale * jnp.sinh(u))
        stretched = density + jnp.log(column.scale) + jnp.log(jnp.cosh(u))
        mass = jax.scipy.special.logsumexp(stretched, axis=-1, b=NODE_WEIGHTS[None]) + jnp.log(half)
        return jnp.where(wide, mass, self.scattered.log_prob(value))


class Share(dist.Distribution):
    """The share of right answers among a number of trials, with more spread than chance where `dispersion` is given."""

    support = constraints.unit_interval  # pyright: ignore[reportIncompatibleMethodOverride, reportAssignmentType]
    pytree_data_fields = ("logits", "trials", "dispersion")

    def __init__(self, logits: Any, trials: Any, dispersion: Any = None) -> None:
        self.logits, self.trials, self.dispersion = logits, trials, dispersion
        super().__init__(batch_shape=jnp.shape(logits))

    def _answers(self, trials: Any) -> dist.Distribution:
        if self.dispersion is None:
            return dist.Binomial(total_count=trials, logits=self.logits)
        strength = (1 - self.dispersion) / self.dispersion
        right, wrong = jax.nn.sigmoid(self.logits), jax.nn.sigmoid(-self.logits)
        return dist.BetaBinomial(right * strength, wrong * strength, total_count=trials)

    def sample(self, key: Any, sample_shape: tuple[int, ...] = ()) -> Any:
        """Shares of right answers."""
        # NumPyro counts by whole numbers alone.
        return self._answers(jnp.asarray(self.trials).astype(int)).sample(key, sample_shape) / self.trials

    def log_prob(self, value: Any, intermediates: Any = None) -> Any:
        """Of the number of right answers that a share stands for."""
        return self._answers(self.trials).log_prob(jnp.round(value * self.trials))
