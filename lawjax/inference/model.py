"""The statistical model: a law, priors, and how single runs scatter about the law.

`joint` is the NumPyro model; `Target` is the same as one function of one vector on the whole line, which is what
optimisers and samplers want.
"""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.distributions.transforms import ExpTransform, IdentityTransform, SigmoidTransform, biject_to
from numpyro.infer.util import potential_energy

from lawjax.data.runs import Runs
from lawjax.fitting.centring import Centring
from lawjax.fitting.residuals import to_space
from lawjax.inference.priors import FREEDOM, SCALE, Priors
from lawjax.laws.base import Law, over_runs

FROM_SPACE = {"log": ExpTransform, "raw": IdentityTransform, "logit": SigmoidTransform}

RUN_AXIS = "run axis"
RESPONSE = "observed response"


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Target:
    """A posterior density: data and priors in centred units.

    Attributes:
        inputs: one array per input, centred, shape (run,) or (run, size).
        response: what was observed, in its own unit, shape (run,).
        weight: how often each run counts, mean 1, shape (run,).
        priors: a distribution for each parameter of the law and of the noise.
        law: the law.
        space: where the scatter is added: "log", "raw" or "logit".
        noise: "student_t" or "normal".
    """

    inputs: dict[str, Any]
    response: Any
    weight: Any
    priors: Priors
    law: Law = dataclasses.field(metadata={"static": True})
    space: str = dataclasses.field(metadata={"static": True})
    noise: str = dataclasses.field(metadata={"static": True})

    @classmethod
    def of(cls, law: Law, runs: Runs, centring: Centring, priors: Priors, space: str, noise: str) -> "Target":
        """The posterior density of a law given runs."""
        weight = np.ones(len(runs)) if runs.weight is None else np.asarray(runs.weight, dtype=np.float64)
        return cls(
            inputs=centring.inputs(runs.columns),
            response=np.asarray(runs[law.response], dtype=np.float64),
            weight=weight / np.mean(weight),
            priors=priors,
            law=law,
            space=space,
            noise=noise,
        )

    @property
    def num_dims(self) -> int:
        """Length of the vector."""
        return sum(math.prod(shape) for shape in self._shapes.values())

    @property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        # In the order of the names: JAX hands dicts back in that order, whatever it was.
        priors = dict(sorted(self.priors.items()))
        return {name: biject_to(prior.support).inverse_shape(prior.shape()) for name, prior in priors.items()}

    def potential(self, vector: Any) -> Any:
        """Minus the log of the posterior density on the line, up to a constant."""
        return potential_energy(joint, (self,), {}, self.split(vector))

    def params(self, vector: Any) -> dict[str, Any]:
        """Centred parameters, those of the noise among them, for a vector on the line."""
        return {name: biject_to(self.priors[name].support)(part) for name, part in self.split(vector).items()}

    def prior_vectors(self, key: jax.Array, num: int) -> jax.Array:
        """Draws from the priors as vectors on the line, shape (num, dim)."""
        parts = []
        for name, key_name in zip(self._shapes, jax.random.split(key, len(self.priors)), strict=True):
            prior = self.priors[name]
            drawn = biject_to(prior.support).inv(prior.sample(key_name, (num,)))
            parts.append(jnp.reshape(drawn, (num, -1)))
        return jnp.concatenate(parts, axis=1)

    def split(self, vector: Any) -> dict[str, Any]:
        """The pieces of a vector by name, each still on the line."""
        parts: dict[str, Any] = {}
        start = 0
        for name, shape in self._shapes.items():
            stop = start + math.prod(shape)
            parts[name] = jnp.reshape(vector[start:stop], shape)
            start = stop
        return parts


def joint(target: Target) -> None:
    """The NumPyro model of a target."""
    params = {name: numpyro.sample(name, prior) for name, prior in target.priors.items()}
    predicted = over_runs(target.law, params, target.inputs)
    scattered = scatter(target.space, predicted, params[SCALE], params.get(FREEDOM))
    with numpyro.plate(RUN_AXIS, len(target.response)), numpyro.handlers.scale(scale=target.weight):
        numpyro.sample(RESPONSE, scattered, obs=target.response)


def scatter(space: str, predicted: Any, scale: Any, freedom: Any = None) -> dist.Distribution:
    """How single runs scatter about a prediction, as a distribution of the response itself.

    As a density of the response, and not of its logarithm, it can be compared between residual spaces.

    Args:
        space: "log", "raw" or "logit": where the scatter is added.
        predicted: the law's value.
        scale: scale of the scatter in that space.
        freedom: degrees of freedom of a Student-t, or None for normal noise.
    """
    middle = to_space(space, predicted)
    in_space = dist.Normal(middle, scale) if freedom is None else dist.StudentT(freedom, middle, scale)
    return dist.TransformedDistribution(in_space, FROM_SPACE[space]())
