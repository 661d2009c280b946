"""How many samples to draw per problem."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, between
from lawjax.decisions.solving.whole import ROUNDING, next_whole
from lawjax.laws.base import Params
from lawjax.laws.downstream.coverage import COVERAGE, coverage, log_unsolved
from lawjax.laws.roots import invert

MOST_SAMPLES = 1e6


def samples_for_coverage(source: Source, target: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The fewest samples per problem with which the expected share of solved problems reaches a target.

    Coverage counts a problem as solved when any sample is right, so it needs a check that finds the right one; with
    an imperfect choice among the samples, the share lies between that of one sample and this.

    Args:
        source: a fit, draws or posterior of `COVERAGE`, published coefficients or their name, or parameters.
        target: share of problems to solve, between 0 and 1.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `samples`, a whole number per draw, and the `coverage` it gives; no answer beyond a million samples.
    Raises:
        InputError: a target outside 0 to 1, or a source of another law.
    References:
        Shypula et al. 2023, arXiv:2302.07867.
    Example:
        >>> samples_for_coverage("shypula2023-codellama-improved", 0.7)["samples"]
        11.0
    """
    return decide(
        source,
        _samples_for_coverage,
        question="How many samples per problem reach the target?",
        laws=(COVERAGE,),
        units=dict(samples="samples per problem", coverage="share of problems"),
        held=dict(target=between("target", target, 0, 1)),
        method="inverse of the law, rounded up",
        prob=prob,
        force=force,
    )


def best_number_of_samples(
    source: Source, value: float, cost: float, *, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The number of samples per problem that is worth most after its cost: maximises $v\, \text{cov}(k) - c k$.

    Each further sample solves less, so samples are drawn as long as one more is worth its cost:
    $v\,(\text{cov}(k) - \text{cov}(k - 1)) \ge c$.

    Args:
        source: a fit, draws or posterior of `COVERAGE`, published coefficients or their name, or parameters.
        value: what a solved problem is worth, in any currency.
        cost: cost of one sample, in the same.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `samples`, a whole number per draw, 0 where none is worth its cost; the `coverage` it gives; and the `net`
        value per problem. No answer beyond a million samples.
    Raises:
        InputError: a value or a cost that is not positive, or a source of another law.
    References:
        Shypula et al. 2023, arXiv:2302.07867.
    Example:
        >>> best_number_of_samples("shypula2023-codellama-improved", value=1.0, cost=0.01)["samples"]
        12.0
    """
    return decide(
        source,
        _best_number,
        question="How many samples per problem are worth their cost?",
        laws=(COVERAGE,),
        units=dict(samples="samples per problem", coverage="share of problems", net="currency per problem"),
        held=dict(value=above_zero("value", value), cost=above_zero("cost", cost)),
        method="last sample worth its cost",
        prob=prob,
        force=force,
    )


def _samples_for_coverage(params: Params, held: Params) -> dict[str, Any]:
    a, b, target = params["a"], params["b"], held["target"]
    exact = invert(lambda k: coverage(k, a=a, b=b), target, 1.0, MOST_SAMPLES)
    samples = jnp.where(coverage(1.0, a=a, b=b) >= target, 1.0, next_whole(exact))
    return dict(samples=samples, coverage=coverage(samples, a=a, b=b))


def _best_number(params: Params, held: Params) -> dict[str, Any]:
    a, b, value, cost = params["a"], params["b"], held["value"], held["cost"]

    def gain(k: Any) -> Any:
        """What the k-th sample adds to coverage."""
        return jnp.exp(log_unsolved(k - 1.0, a, b)) * a / (a + b + k - 1.0)

    last = jnp.floor(invert(gain, cost / value, 1.0, MOST_SAMPLES) * (1.0 + ROUNDING))
    samples = jnp.where(value * gain(1.0) < cost, 0.0, last)
    reached = coverage(samples, a=a, b=b)
    return dict(samples=samples, coverage=reached, net=value * reached - cost * samples)
