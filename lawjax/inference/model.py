"""The statistical model: a law, priors, how single runs scatter about it, and what they share.

`Target` is one function of one vector on the whole line, which is what optimisers and samplers want; `joint` is the
same as a NumPyro model, for whoever would hand it to NumPyro.
"""

import dataclasses
import itertools
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.distributions.transforms import biject_to

from lawjax.data.runs import Runs
from lawjax.fitting.centring import Centring
from lawjax.inference.discrepancy import discrepancies
from lawjax.inference.effects import shared_effects, uncertain_inputs
from lawjax.inference.hierarchy import Hierarchy, Rows
from lawjax.inference.noise import Likelihood
from lawjax.inference.options import Options
from lawjax.inference.parts import Part
from lawjax.inference.pooling import Pooled, pooled_params
from lawjax.inference.priors import Priors, law_priors, normal_on_line, with_given
from lawjax.laws.base import Law, over_runs
from lawjax.laws.structure.powers import with_fast_powers
from lawjax.spaces import inside_unit, to_space

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
        priors: a distribution for each latent: the law's parameters, the noise's, those of the parts.
        likelihood: how single runs scatter.
        parts: what else the model has: pooled parameters, shared effects, uncertain inputs, a discrepancy.
        law: the law.
    """

    inputs: dict[str, Any]
    response: Any
    weight: Any
    priors: Priors
    likelihood: Likelihood
    parts: tuple[Part, ...] = ()
    law: Law = dataclasses.field(metadata={"static": True})

    @classmethod
    def of(
        cls, law: Law, runs: Runs, centring: Centring, options: Options, given: Mapping[str, Any] | None = None
    ) -> "Target":
        """The posterior density of a law given runs.

        Args:
            law: the law.
            runs: the table.
            centring: the change of units; priors depend on the response through its `level` alone.
            options: what the model is made of.
            given: priors in place of the default ones, by site.
        """
        likelihood = Likelihood.of(law, runs, centring, options)
        unit = float(likelihood.unit)
        parts: tuple[Part, ...] = (
            *pooled_params(runs, centring, options),
            *uncertain_inputs(runs, options),
            *shared_effects(law, runs, options, unit),
            *discrepancies(law, runs, options, unit),
        )
        priors = law_priors(law, centring) | likelihood.priors()
        for part in parts:
            priors |= part.priors()
        weight = np.ones(len(runs)) if runs.weight is None else np.asarray(runs.weight, dtype=np.float64)
        return cls(
            inputs=centring.inputs(runs.columns),
            response=np.asarray(runs[law.response], dtype=np.float64),
            weight=weight / np.mean(weight),
            priors=with_given(priors, given, law),
            likelihood=likelihood,
            parts=parts,
            law=law,
        )

    @property
    def space(self) -> str:
        """ "log", "raw" or "logit": where the scatter is added."""
        return self.likelihood.space

    @property
    def pooled(self) -> tuple[Pooled, ...]:
        """The parts whose parameters vary between members."""
        return tuple(part for part in self.parts if isinstance(part, Pooled))

    @property
    def num_dims(self) -> int:
        """Length of the vector."""
        return sum(math.prod(shape) for shape in self._shapes.values())

    @property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        # In the order of the names: JAX hands dicts back in that order, whatever it was.
        priors = dict(sorted(self.priors.items()))
        return {name: biject_to(prior.support).inverse_shape(prior.shape()) for name, prior in priors.items()}

    @property
    def places(self) -> dict[str, tuple[int, ...]]:
        """Where the entries of each site stand on the vector."""
        sizes = [math.prod(shape) for shape in self._shapes.values()]
        stops = itertools.accumulate(sizes)
        return {name: tuple(range(stop - size, stop)) for name, size, stop in zip(self._shapes, sizes, stops)}

    def potential(self, vector: Any) -> Any:
        """Minus the log of the posterior density on the line, up to a constant."""
        lines, log_volume = self.placed(vector)
        return log_volume - self._log_density(lines)

    def _log_density(self, lines: dict[str, Any]) -> Any:
        """What NumPyro's `log_density` of `joint` is, changes of variables included; traced in a third of the time."""
        latent = self._values(lines)
        normal = self._normal
        total = normal.log_density(lines)
        for name in (name for name in self._shapes if name not in normal.shapes):
            stretched = biject_to(self.priors[name].support).log_abs_det_jacobian(lines[name], latent[name])
            total += jnp.sum(self.priors[name].log_prob(latent[name])) + jnp.sum(stretched)
        return total + jnp.sum(self.weight * self.responses(latent).log_prob(self.response))

    @property
    def _normal(self) -> "NormalLines":
        """The sites whose priors are normal along their lines."""
        found = {name: normal_on_line(self.priors[name]) for name in self._shapes}
        return NormalLines.of({name: normal for name, normal in found.items() if normal is not None}, self._shapes)

    def params(self, vector: Any) -> dict[str, Any]:
        """Centred values of all latents for a vector on the line."""
        return self._values(self.split(vector))

    def vector(self, latent: Mapping[str, Any]) -> Any:
        """The vector on the line for centred values of all latents."""
        lines = {name: biject_to(self.priors[name].support).inv(jnp.asarray(latent[name])) for name in self._shapes}
        return self._joined(lines)

    def _joined(self, lines: dict[str, Any]) -> Any:
        latent = self._values(lines)
        seen, white = latent | self._held(latent), {}
        for part in self._placing:
            own = {name: latent[name] for name in part.offset_sites}
            white |= part.white(seen, own, self._rows(part, seen))
            seen |= own
        return jnp.concatenate([jnp.ravel((lines | white)[name]) for name in self._shapes])

    def prior_vectors(self, key: jax.Array, num: int) -> jax.Array:
        """Draws from the priors as vectors on the line, shape (num, dim)."""
        normal = self._normal
        key_normal, *keys = jax.random.split(key, 1 + len(self.priors))
        lines = normal.sample(key_normal, num)
        for name, key_name in zip(self._shapes, keys, strict=True):
            if name not in lines:
                prior = self.priors[name]
                with jax.numpy_rank_promotion("allow"):  # NumPyro adds the axis of draws so.
                    lines[name] = biject_to(prior.support).inv(prior.sample(key_name, (num,)))
        return jax.vmap(self._joined)(lines)

    def split(self, vector: Any) -> dict[str, Any]:
        """The pieces of a vector by name, each on the line of its prior."""
        return self.placed(vector)[0]

    def placed(self, vector: Any) -> tuple[dict[str, Any], Any]:
        """The pieces of a vector by name, each on the line of its prior; and the log of the change of volume.

        Members' offsets are standard normals on the vector, given all else and were the law its tangent.
        """
        lines, log_volume = self._cut(vector), jnp.zeros(())
        if not self._placing:
            return lines, log_volume
        seen = self._values(lines)
        seen |= self._held(seen)
        for part in self._placing:
            own, log = part.offsets(seen, lines, self._rows(part, seen))
            lines, seen, log_volume = lines | own, seen | own, log_volume + log
        return lines, log_volume

    def about(self, latent: Mapping[str, Any]) -> "Target":
        """The same density, with coordinates of members made for the neighbourhood of a point."""
        middle = self.middle(latent)
        rows = self._rows_about(middle, self._residual(middle), latent)
        parts = (
            dataclasses.replace(part, tangent=part.tangent_at(latent, rows)) if isinstance(part, Hierarchy) else part
            for part in self.parts
        )
        return dataclasses.replace(self, parts=tuple(parts))

    @property
    def _placing(self) -> tuple[Hierarchy, ...]:
        """Those whose members have coordinates of their own; each sees the offsets of the ones before it."""
        return tuple(part for part in self.parts if isinstance(part, Hierarchy) and part.tangent is not None)

    def _held(self, latent: Mapping[str, Any]) -> dict[str, Any]:
        """The offsets at which each hierarchy is held until it is placed."""
        return {name: site for part in self._placing for name, site in part.held(latent).items()}

    def _values(self, lines: Mapping[str, Any]) -> dict[str, Any]:
        return {name: biject_to(self.priors[name].support)(line) for name, line in lines.items()}

    def _rows(self, part: Hierarchy, latent: Mapping[str, Any]) -> Rows:
        """What the coordinates of a part's members ask; the scatter is that about its tangent."""
        assert part.tangent is not None
        return self._rows_about(part.tangent.middle, part.tangent.residual, latent)

    def _rows_about(self, middle: Any, residual: Any, latent: Mapping[str, Any]) -> Rows:
        precision = self.weight * self.likelihood.precision(middle, residual, latent)
        return Rows(self.middle, self._residual, precision)

    def _residual(self, middle: Any) -> Any:
        return self.likelihood.residual(jnp.asarray(self.response), middle)

    def alone(self) -> "Target":
        """The law and its scatter, without the other parts."""
        sites = (*self.law.params, *self.likelihood.sites)
        return dataclasses.replace(self, parts=(), priors={name: self.priors[name] for name in sites})

    def take(self, rows: Any) -> "Target":
        """The same of some of the rows; for a target without other parts."""
        return dataclasses.replace(
            self,
            inputs={name: jnp.asarray(values)[rows] for name, values in self.inputs.items()},
            response=jnp.asarray(self.response)[rows],
            weight=jnp.asarray(self.weight)[rows],
            likelihood=self.likelihood.take(rows),
        )

    def _cut(self, vector: Any) -> dict[str, Any]:
        """The pieces of a vector by name."""
        parts: dict[str, Any] = {}
        start = 0
        for name, shape in self._shapes.items():
            stop = start + math.prod(shape)
            parts[name] = jnp.reshape(vector[start:stop], shape)
            start = stop
        return parts

    def predicted(self, latent: Mapping[str, Any]) -> Any:
        """The law's value at each run, shape (run,), for centred values of the latents."""
        inputs = self.inputs
        by_run: dict[str, Any] = {}
        for part in self.parts:
            inputs = part.inputs(latent, inputs)
            by_run |= part.params(latent)
        return _law_values(self.law, latent, inputs, by_run)

    def middle(self, latent: Mapping[str, Any]) -> Any:
        """The law's value with its shifts at each run, in the residual space, shape (run,)."""
        predicted = self.predicted(latent)
        if self.likelihood.trials is not None:
            predicted = inside_unit(predicted)
        return to_space(self.space, predicted) + sum(part.shift(latent) for part in self.parts)

    def responses(self, latent: Mapping[str, Any]) -> dist.Distribution:
        """How the responses are distributed, shape (run,), for centred values of the latents."""
        return self.likelihood.distribution(self.middle(latent), latent)

    def log_likelihood(self, vector: Any) -> Any:
        """Log density of each run's response, unweighted, shape (run,)."""
        return self.responses(self.params(vector)).log_prob(self.response)

    def simulate(self, key: jax.Array, vector: Any) -> Any:
        """Responses that the model gives at the same inputs, groups and members, shape (run,)."""
        return self.responses(self.params(vector)).sample(key)


class NormalLines(NamedTuple):
    """Sites whose priors are normal along their lines, as one density of all: a few operations whatever their number.

    Attributes:
        shapes: of each site on its line.
        middle, scale: of their lines, one after the other.
    """

    shapes: dict[str, tuple[int, ...]]
    middle: Any
    scale: Any

    @classmethod
    def of(cls, normals: Mapping[str, dist.Normal], shapes: Mapping[str, tuple[int, ...]]) -> Self:
        """Those of some of the sites."""
        own = {name: shapes[name] for name in normals}

        def joined(attribute: str) -> Any:
            return _row([jnp.broadcast_to(getattr(normals[name], attribute), own[name]) for name in own])

        return cls(own, joined("loc"), joined("scale"))

    def log_density(self, lines: Mapping[str, Any]) -> Any:
        """Of all their lines together."""
        row = _row([lines[name] for name in self.shapes])
        return jnp.sum(dist.Normal(self.middle, self.scale, validate_args=False).log_prob(row))

    def sample(self, key: jax.Array, num: int) -> dict[str, Any]:
        """Draws along each line, shape (num, ...)."""
        normals = jax.random.normal(key, (num * self.middle.size,)).reshape(num, -1)
        drawn = self.middle[None] + self.scale[None] * normals
        pieces = jnp.split(drawn, list(itertools.accumulate(map(math.prod, self.shapes.values())))[:-1], axis=1)
        return {name: jnp.reshape(piece, (num, *self.shapes[name])) for name, piece in zip(self.shapes, pieces)}


def _row(parts: list[Any]) -> Any:
    """Arrays of any shapes one after the other."""
    return jnp.concatenate([jnp.ravel(part) for part in parts]) if parts else jnp.zeros(0)


def joint(target: Target) -> None:
    """The NumPyro model of a target."""
    latent = {name: numpyro.sample(name, prior) for name, prior in target.priors.items()}
    responses = target.responses(latent)
    with numpyro.plate(RUN_AXIS, len(target.response)), numpyro.handlers.scale(scale=target.weight):
        numpyro.sample(RESPONSE, responses, obs=target.response)


def _law_values(law: Law, params: Mapping[str, Any], inputs: Mapping[str, Any], by_run: Mapping[str, Any]) -> Any:
    """The law at each run, with parameters of its own where `by_run` has them."""
    fn = with_fast_powers(law)
    if not by_run:
        return over_runs(law, params, inputs, fn=fn)
    shared = {name: params[name] for name in law.params if name not in by_run}

    def one(run: Mapping[str, Any], own: Mapping[str, Any]) -> Any:
        return fn(*(run[name] for name in law.inputs), **shared, **own)

    return jax.vmap(one)({name: jnp.asarray(inputs[name]) for name in law.inputs}, by_run)
