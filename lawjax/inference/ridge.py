r"""Jumps along the ridge of a law: other values of the curved parameters, with the linear ones drawn to suit them.

Most laws are affine in some parameters, as $L = E + A N^{-\alpha}$ is in $E$ and $A$. Data that hardly bend leave a
ridge on which the exponent trades against both: long, narrow and bent, so that no single change of scales makes it
short, and chains turn back where its far end begins. But given the exponent, the linear parameters have a posterior
that weighted least squares tells nearly exactly. So a jump proposes the curved parameters freely, at times the scatter
in their place, and the linear parameters from there; shared effects and discrepancies stay as they are. The idea is
variable projection (Golub and Pereyra 2003, Inverse Problems 19, R1), used to propose instead of to fit.
"""

import dataclasses
import itertools
from statistics import NormalDist
from typing import Any, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np
from numpyro.distributions.transforms import biject_to

from lawjax.inference.jumps import PAIR, log_uniform
from lawjax.inference.mixture import FREEDOM, Mixture, student_t
from lawjax.inference.mode import Density, Whitening
from lawjax.inference.model import Target
from lawjax.inference.noise import FREEDOM as NOISE_FREEDOM
from lawjax.inference.priors import normal_on_line
from lawjax.laws.structure.linearity import linear_params

STEP, STEP_SPREAD = 0.45, 0.85
"""Steps from where the chain is, in units of the scales at the peak: their median, and the spread of the logarithm."""
CURVED_SHARE = 0.625
"""How often the curved parameters are moved; else the scatter is."""
NUM_PRIOR_DRAWS = 256
QUANTILES = np.array([NormalDist().inv_cdf((place + 0.5) / NUM_PRIOR_DRAWS) for place in range(NUM_PRIOR_DRAWS)])


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class Block:
    """Some entries of the vector, moved to anywhere or from where they are, half of the time each: a `Jump`.

    Attributes:
        free: where they are proposed whatever their place; its first component has the scales at the peak.
        at: their places on the vector.
    """

    free: Mixture
    at: tuple[int, ...] = dataclasses.field(metadata={"static": True})

    @classmethod
    def of(cls, whitening: Whitening, at: tuple[int, ...]) -> Self:
        """Entries that at the peak scatter as the whitening says."""
        place = jnp.asarray(at, dtype=int)
        # A factor with fewer rows than columns has the covariance of those entries all the same.
        return cls(Mixture.about(Whitening(whitening.centre[place], whitening.factor[place])), at)

    @property
    def num_normals(self) -> int:
        """Standard normals that a proposal takes: for the side, the size of the step, its direction and a far draw."""
        return 2 + len(self.at) + self.free.num_normals

    def propose(self, normals: Any, vector: Any) -> tuple[Any, Any]:
        """The vector with other entries, and log q(old | new) - log q(new | old)."""
        (side, size), direction, far = jnp.split(normals, (2, 2 + len(self.at)))
        place = jnp.asarray(self.at, dtype=int)
        old = vector[place]
        anywhere, balance = self.free.propose(far, old)
        near = old + STEP * jnp.exp(STEP_SPREAD * size) * (jnp.asarray(self.free.factors)[0] @ direction)
        return vector.at[place].set(jnp.where(side > 0, anywhere, near)), jnp.where(side > 0, balance, 0.0)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True, eq=False)
class RidgeJump:
    """A jump that keeps to the ridge.

    Attributes:
        target: the posterior.
        row_weight: how much each run counts for the linear parameters: less the farther it lies from the peak's law in
            units of a Student-t's scale, shape (run,).
        prior_middle, prior_sd: of the linear parameters under their priors, centred units, shape (linear,).
        blocks: what is moved before the linear parameters are drawn: the curved parameters, or the scatter.
        linear: names of the linear parameters.
        linear_at: their places on the vector.
    """

    target: Target
    row_weight: Any
    prior_middle: Any
    prior_sd: Any
    blocks: tuple[Block, ...]
    linear: tuple[str, ...] = dataclasses.field(metadata={"static": True})
    linear_at: tuple[int, ...] = dataclasses.field(metadata={"static": True})

    @classmethod
    def of(cls, target: Target, whitening: Whitening) -> Self:
        """The jump for a posterior that peaks there."""
        linear = linear_params(target.law)
        at = target.places
        curved = [name for name in target.law.params if name not in linear]
        blocks = [tuple(itertools.chain(*(at[name] for name in names))) for names in (curved, target.likelihood.sites)]
        middle, sd = _prior_moments(target, linear)
        return cls(
            target=target,
            row_weight=_row_weight(target, whitening.centre),
            prior_middle=middle,
            prior_sd=sd,
            blocks=tuple(Block.of(whitening, block) for block in blocks if block),
            linear=linear,
            linear_at=tuple(itertools.chain(*(at[name] for name in linear))),
        )

    @property
    def num_normals(self) -> int:
        """Standard normals that a proposal takes: for the choice of a block, each block, and the linear parameters."""
        return PAIR + sum(block.num_normals for block in self.blocks) + FREEDOM + len(self.linear)

    def propose(self, normals: Any, vector: Any) -> tuple[Any, Any]:
        """A vector farther along the ridge, and log q(old | new) - log q(new | old)."""
        straight = FREEDOM + len(self.linear)
        moved, balance = self._moved(normals[:-straight], vector)
        both = jax.vmap(self._about)(jnp.stack([vector, moved]))
        here, there = (jax.tree.map(lambda array, side=side: array[side], both) for side in (0, 1))
        values = there.centre + there.factor @ student_t(normals[-straight:])
        inside = self._inside(values)
        old = self._values(vector)
        line, stretch = self._line(jnp.where(inside, values, old))
        new = moved.at[jnp.asarray(self.linear_at)].set(line)
        _, old_stretch = self._line(old)
        back = here.log_density(old) + jnp.sum(old_stretch)
        onward = there.log_density(values) + jnp.sum(stretch)
        return new, jnp.where(jnp.all(inside), balance + back - onward, -jnp.inf)

    def _moved(self, normals: Any, vector: Any) -> tuple[Any, Any]:
        """The vector with one of its blocks moved."""
        if not self.blocks:
            return vector, jnp.zeros(())
        stops = tuple(itertools.accumulate((block.num_normals for block in self.blocks), initial=PAIR))
        pair, *parts = jnp.split(normals, stops[:-1])
        moves = [block.propose(part, vector) for block, part in zip(self.blocks, parts, strict=True)]
        vectors, balances = (jnp.stack(each) for each in zip(*moves, strict=True))
        chosen = jnp.where(jnp.exp(log_uniform(pair)) < CURVED_SHARE, 0, len(moves) - 1)
        return vectors[chosen], balances[chosen]

    def _about(self, vector: Any) -> "Suited":
        """How the linear parameters are distributed, all else as in the vector: by least squares."""
        target, latent = self.target, self.target.params(vector)

        def predicted(values: Any) -> Any:
            return target.predicted({**latent, **dict(zip(self.linear, values, strict=True))})

        rest, slopes = predicted(jnp.zeros(len(self.linear))), jax.jacfwd(predicted)(self.prior_middle)
        shift = sum((part.shift(latent) for part in target.parts), jnp.zeros(()))
        response, sd = target.likelihood.working(target.response, shift, latent)
        weight = self.row_weight / sd**2
        precision = (slopes * weight[:, None]).T @ slopes + jnp.diag(self.prior_sd**-2)
        side = slopes.T @ (weight * (response - rest)) + self.prior_middle / self.prior_sd**2
        return Suited.of(precision, side)

    def _values(self, vector: Any) -> Any:
        latent = self.target.params(vector)
        return jnp.stack([latent[name] for name in self.linear])

    def _inside(self, values: Any) -> Any:
        supports: list[Any] = [self.target.priors[name].support for name in self.linear]
        return jnp.stack([support(value) for support, value in zip(supports, values, strict=True)])

    def _line(self, values: Any) -> tuple[Any, Any]:
        """The values on the line, and the logarithm of the stretch from the line to the values."""
        lines, stretches = [], []
        for name, value in zip(self.linear, values, strict=True):
            to_value = biject_to(self.target.priors[name].support)
            lines.append(to_value.inv(value))
            stretches.append(to_value.log_abs_det_jacobian(lines[-1], value))
        return jnp.stack(lines), jnp.stack(stretches)


class Suited(NamedTuple):
    """The Student-t that linear parameters are drawn from, given all else.

    Attributes:
        centre: its middle, shape (linear,).
        factor: square root of its scale matrix.
        inverse: the inverse of that.
        log_volume: log of the determinant of the factor.
    """

    centre: Any
    factor: Any
    inverse: Any
    log_volume: Any

    @classmethod
    def of(cls, precision: Any, side: Any) -> Self:
        """That of least squares with normal equations `precision @ centre = side`."""
        # The root of a matrix with a diagonal of ones, however far apart the parameters' scales are.
        scale = jnp.sqrt(jnp.diag(precision))
        root = jnp.linalg.cholesky(precision / jnp.outer(scale, scale))
        factor = jax.scipy.linalg.solve_triangular(root, jnp.eye(len(scale)), lower=True).T / scale[:, None]
        log_volume = -jnp.sum(jnp.log(jnp.diag(root) * scale))
        return cls(factor @ (factor.T @ side), factor, root.T * scale[None], log_volume)

    def log_density(self, values: Any) -> Any:
        """Log density, up to a constant."""
        white = self.inverse @ (values - self.centre)
        return -(FREEDOM + len(values)) / 2 * jnp.log1p(jnp.sum(white**2) / FREEDOM) - self.log_volume


def ridge_jumps(target: Density, whitening: Whitening) -> tuple[RidgeJump, ...]:
    """The jump for a posterior that peaks there; none for a law without linear parameters, or with pooled ones."""
    ridged = isinstance(target, Target) and linear_params(target.law) and not target.pooled
    return (_made(target, whitening),) if ridged else ()


_made = jax.jit(RidgeJump.of)
"""Compiled as one program: step by step its dozens of small operations take seconds the first time."""


def _prior_moments(target: Target, linear: tuple[str, ...]) -> tuple[Any, Any]:
    """Mean and standard deviation of the linear parameters under their priors, in a normal that stands for them."""
    values = [_prior_values(target.priors[name]) for name in linear]
    return jnp.stack([jnp.mean(each) for each in values]), jnp.stack([jnp.std(each) for each in values])


def _prior_values(prior: Any) -> Any:
    """Values that stand for a prior: its quantiles where they are known, else draws."""
    normal: Any = normal_on_line(prior)
    if normal is None:
        return jax.vmap(prior.sample)(jax.random.split(jax.random.key(0), NUM_PRIOR_DRAWS))
    return biject_to(prior.support)(normal.loc + normal.scale * jnp.asarray(QUANTILES, jnp.result_type(normal.loc)))


def _row_weight(target: Target, centre: Any) -> Any:
    """What robust least squares at the peak would weigh each run by; 1 where the scatter is normal."""
    latent = target.params(centre)
    freedom = latent.get(NOISE_FREEDOM)
    if freedom is None:
        return jnp.asarray(target.weight)
    middle = target.middle(latent)
    off = target.likelihood.residual(jnp.asarray(target.response), middle)
    apart = off / target.likelihood.scale(middle, latent)
    return target.weight * (freedom + 1) / (freedom + apart**2)
