"""What each part contributes to a total that is known."""

import functools
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.data.inputs import input_columns
from lawjax.decisions.answer import Answer, Solve, decide
from lawjax.decisions.held import not_negative, number, numbers
from lawjax.draws import Draws, as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law, Params, over_draws
from lawjax.laws.gaussian import condition_linear
from lawjax.planning.source import usable_draws
from lawjax.precision import in_float64

NOTHING = 1e-12
"""Share of the sum of their sizes below which contributions that cancel have no whole to be shares of."""


def shares_of_total(
    source: Any,
    total: float,
    parts: Mapping[str, Any],
    *,
    weights: Any = 1.0,
    variance: float = 0.0,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    r"""What each part contributes to a known total, where a law predicts the parts with uncertainty.

    The predictions of all draws, with mean $\bar u$ and covariance $\Sigma$, are taken as one Gaussian and moved to
    the mean and covariance that it has given the total:

    $$u' = u + K\,(b - w \cdot \bar u) - \kappa K\, w \cdot (u - \bar u), \qquad
      K = \frac{\Sigma w}{w^\top \Sigma w + s^2}, \qquad
      \kappa = \Big(1 + \frac{s}{\sqrt{w^\top \Sigma w + s^2}}\Big)^{-1}$$

    What is missing is laid on the parts that are least certain; with an exact total every draw meets it. Parts may
    come out negative where they are as uncertain as they are large.

    Args:
        source: a bootstrap, draws or a posterior, with at least as many draws as there are parts.
        total: b, the known total, in the unit of the response times that of the weights.
        parts: the law's inputs, each with one value per part, or one for all: {"N": [1e8, 1e9], "D": 1e10}.
        weights: w, weight of each part in the total, one number or one per part.
        variance: $s^2$, variance of the total; 0 where it is exact.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `part`, the prediction of each part given the total; `share`, what it contributes to the total, summing to 1,
        NaN where what they contribute comes to nothing; both of shape (draw, part).
    Raises:
        InputError: too few draws, inputs that do not fit the law, weights that do not fit the parts, or a negative
            variance.
    References:
        Hansen et al. 2023, arXiv:2302.11002 (the update); the law of the parts is the source's.
    Example:
        >>> import lawjax as lj
        >>> draws = lj.draws.as_draws(dict(A=[1.0, 2.0, 3.0], alpha=[0.5, 0.4, 0.6]), lj.laws.POWER_LAW)
        >>> answer = shares_of_total(draws, 3.0, {"x": [1.0, 4.0]})
        >>> round(float(answer["part"].sum()), 6)
        3.0
    """
    draws = as_draws(source)
    columns = input_columns(draws.law, parts)
    num_parts = len(next(iter(columns.values())))
    weights = _weights(weights, num_parts)
    total, variance = number("total", total), not_negative("variance", variance)
    return decide(
        draws,
        _solve_for(draws.law),
        question="What does each part contribute to the total?",
        laws=(),
        units=dict(part="unit of the response", share="share of the total"),
        held=dict(total=total, variance=variance, weights=weights)
        | {f"{name} of the parts": column for name, column in columns.items()},
        aside=_update(draws, columns, weights, variance, force),
        vectors=("weights", *(f"{name} of the parts" for name in columns)),
        method="Gaussian conditioned on its weighted sum",
        prob=prob,
        force=force,
    )


@in_float64
def _update(
    draws: Draws, columns: Mapping[str, np.ndarray], weights: np.ndarray, variance: float, force: bool
) -> dict[str, Any]:
    """The update that the spread of the draws asks for: K (the mean of the parts, were it 0, for a total of 1), the
    mean, and kappa, which is how far a draw's own deviation from it is taken back."""
    usable, _ = usable_draws(draws, None, "shares_of_total", force)
    if len(usable) <= len(weights):
        raise InputError(
            f"`source` has {len(usable)} draws for {len(weights)} parts, too few to tell how sure each part is. "
            "Pass a bootstrap or a posterior, not one set of coefficients."
        )
    spread = np.asarray(over_draws(usable.law, usable.params, columns))
    cov = np.cov(spread, rowvar=False).reshape(len(weights), len(weights))
    gain, _ = condition_linear(np.zeros(len(weights)), cov, weights[None, :], np.ones(1), variance)
    told = weights @ cov @ weights + variance
    kept = 1.0 / (1.0 + np.sqrt(variance / told)) if told > 0 else 1.0
    return dict(gain=np.asarray(gain), middle=spread.mean(axis=0), narrowing=kept)


@functools.cache
def _solve_for(law: Law) -> Solve:
    """The decision of one draw of a law; the same function for the same law, so that it compiles once."""

    def solve(params: Params, held: Params) -> dict[str, Any]:
        inputs = [held[f"{name} of the parts"] for name in law.inputs]
        predicted = jax.vmap(lambda *run: law.fn(*run, **params))(*inputs)
        missing = held["total"] - held["weights"] @ held["middle"]
        astray = held["weights"] @ (predicted - held["middle"])
        moved = predicted + held["gain"] * (missing - held["narrowing"] * astray)
        contributed = held["weights"] * moved
        whole, size = jnp.sum(contributed), jnp.sum(jnp.abs(contributed))
        return dict(part=moved, share=contributed / jnp.where(jnp.abs(whole) > NOTHING * size, whole, jnp.nan))

    return solve


def _weights(weights: Any, num_parts: int) -> np.ndarray:
    array = numbers("weights", weights)
    if array.shape not in ((), (num_parts,)):
        raise InputError(f"`weights` must be one number or {num_parts}, one per part, got {weights!r}.")
    return np.broadcast_to(array, (num_parts,)).copy()
