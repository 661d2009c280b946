"""Conditioning a Gaussian on linear constraints: parts whose weighted totals are known."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from lawjax.errors import InputError
from lawjax.precision import in_float64

JITTER = 1e-15
"""Relative variance that keeps a singular covariance inside the reach of Cholesky."""
IMMOVABLE = 1e-6
"""Standard deviation of a total, relative to those of its parts, below which no part can move it."""
REDUNDANT = 1e-10
"""Singular value, of rows of norm 1, below which a constraint repeats the others."""


@in_float64
def condition_linear(mean: Any, cov: Any, rows: Any, totals: Any, variance: Any = 0.0) -> tuple[Array, Array]:
    r"""Mean and covariance of Gaussian parts once weighted totals of them are known.

    For $u \sim N(\mu, \Sigma)$ and $b = G u + s\, e$ with standard normal e,

    $$\mu' = \mu - \Sigma G^\top (G \Sigma G^\top + s^2 I)^{-1} (G \mu - b), \qquad
      \Sigma' = \Sigma - \Sigma G^\top (G \Sigma G^\top + s^2 I)^{-1} G \Sigma$$

    Each total is met at the expense of the parts that were least certain; at variance 0 it is met exactly. It is
    computed as a projection of the standard normal variables behind u and e, with rows scaled to norm 1, and the
    covariance of the totals is never formed: small variances and rows that nearly repeat each other do no harm. Rows
    that repeat others are dropped, and totals that contradict each other are met in the sense of least squares. A
    total that its parts cannot move, because they are certain or move as one, stays as it is.

    Computes in float64. Batches by `jax.vmap`, differentiates in every argument; in a variance of 0 once, towards
    variances above 0, of totals that do not repeat others.

    Args:
        mean: of the parts, shape (part,).
        cov: covariance of the parts, shape (part, part); may be singular.
        rows: G, weights of the parts in each total, shape (total, part).
        totals: b, the known totals, shape (total,).
        variance: $s^2$ of the totals, one number or one per total; 0 where they are exact.
    Returns:
        The mean, shape (part,), and the covariance, shape (part, part).
    Raises:
        InputError: shapes that do not go together, or a variance below 0.
    References:
        Hansen et al. 2023, arXiv:2302.11002 (ProbConserv, the update).
    Example:
        >>> import numpy as np
        >>> mean, _ = condition_linear([0.0, 1.0, 2.0], np.diag([1.0, 1.0, 4.0]), [[0.5, 1.0, 0.5]], [3.0])
        >>> [round(float(x), 4) for x in mean]
        [0.2222, 1.4444, 2.8889]
    """
    arrays = [jnp.asarray(array, jnp.float64) for array in (mean, cov, rows, totals, variance)]
    _check(*arrays)
    return _conditioned(*arrays)


def _check(mean: Any, cov: Any, rows: Any, totals: Any, variance: Any) -> None:
    shapes = {"mean": mean.shape, "cov": cov.shape, "rows": rows.shape, "totals": totals.shape}
    if any(len(shape) != size for shape, size in zip(shapes.values(), (1, 2, 2, 1), strict=True)):
        raise InputError(
            f"`mean` and `totals` must be vectors, `cov` and `rows` matrices, got the shapes {shapes}. One total has "
            "one row: rows=[[...]], totals=[...]."
        )
    num_parts, num_totals = len(mean), len(totals)
    if cov.shape != (num_parts, num_parts) or rows.shape != (num_totals, num_parts):
        raise InputError(
            f"{num_parts} parts and {num_totals} totals need `cov` of shape ({num_parts}, {num_parts}) and `rows` of "
            f"shape ({num_totals}, {num_parts}), got {cov.shape} and {rows.shape}."
        )
    if variance.shape not in ((), (1,), (num_totals,)):
        raise InputError(f"`variance` must be one number or one per total, {num_totals}, got shape {variance.shape}.")
    if not isinstance(variance, Tracer) and np.any(np.asarray(variance) < 0):
        raise InputError(f"`variance` must not be below 0, got {variance}. It is a square: s squared.")


@jax.jit
def _conditioned(mean: Any, cov: Any, rows: Any, totals: Any, variance: Any) -> tuple[Array, Array]:
    spread = _square_root(cov)
    noise = jnp.broadcast_to(_safe_sqrt(variance), totals.shape)
    constraint = jnp.concatenate([rows @ spread, jnp.diag(noise)], axis=1)
    norm = _safe_sqrt(jnp.sum(constraint**2, axis=1))
    free = norm > IMMOVABLE * (jnp.abs(rows) @ _safe_sqrt(jnp.diagonal(cov)))
    scale = jnp.where(free, 1.0 / jnp.where(free, norm, 1.0), 0.0)
    constraint, missing = scale[:, None] * constraint, scale * (totals - rows @ mean)
    inverse = jnp.linalg.pinv(constraint, rtol=REDUNDANT)
    moved = inverse @ missing
    moved += inverse @ (missing - constraint @ moved)  # one refinement: rows that nearly repeat lose digits in pinv
    num_parts = len(mean)
    kept = spread @ (jnp.eye(len(moved)) - inverse @ constraint)[:num_parts]
    mean_moved, cov_kept = mean + spread @ moved[:num_parts], kept @ kept.T
    # The derivative in a variance of 0, which its square root does not have: dK^-1 = -K^-1 dV K^-1, and nothing else.
    change = jnp.broadcast_to(jnp.where(variance > 0, 0.0, variance - jax.lax.stop_gradient(variance)), totals.shape)
    gain = spread @ inverse[:num_parts] * scale[None]
    precision = scale[:, None] * (inverse.T @ inverse) * scale[None]
    return (
        mean_moved - gain @ (change * (precision @ (totals - rows @ mean))),
        cov_kept + (gain * change[None]) @ gain.T,
    )


def _square_root(cov: Any) -> Any:
    """A lower triangle L with L L' = cov, also where some parts are certain or move as one."""
    scale = _safe_sqrt(jnp.diagonal(cov))
    safe = jnp.where(scale > 0, scale, 1.0)
    correlation = jnp.where(jnp.eye(len(scale), dtype=bool), 1.0 + JITTER * len(scale), cov / jnp.outer(safe, safe))
    return scale[:, None] * jnp.linalg.cholesky(correlation)


def _safe_sqrt(x: Any) -> Any:
    """A square root whose derivative at 0 is 0."""
    return jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1.0)), 0.0)
