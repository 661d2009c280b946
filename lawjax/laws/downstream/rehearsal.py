"""Continual learning: how a learned task is forgotten, and from which past tasks to rehearse."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, ScalarLike

from lawjax.errors import check_whole
from lawjax.laws.base import Law, Scalar, Variable, positive, unit_interval
from lawjax.laws.terms import lag_weights, shifted_power

SINCE = Variable(unit="tasks learned since", kind="real", usual=(0.0, 20.0))
LAG = Variable(unit="tasks back, 1 for the last", kind="number", usual=(1.0, 12.0))
LEARNED = Variable(unit="tasks learned", kind="number", usual=(12.0, 100.0))
MOST_TASKS = 1000
"""Most tasks whose weights are summed one by one."""


def retention(k: ScalarLike, *, a: ScalarLike, c: ScalarLike, psi: ScalarLike) -> Scalar:
    r"""Accuracy on a task when k other tasks were learned since, forgotten by a power law.

    A form of our own: Gandhi et al. say that the chance to meet a task again is a power of the time since, and
    measure accuracies without a law for them.

    $$\text{acc}(k) = c + (a - c)\, (1 + k)^{-\psi}$$

    Args:
        k: tasks learned since, 0 or more [count].
        a: accuracy when it has just been learned.
        c: accuracy of chance, to which it falls.
        psi: exponent of forgetting.
    Returns:
        Accuracy.
    References:
        Gandhi et al. 2024, arXiv:2401.10393 (the setting).
    """
    left = shifted_power(k, 1.0, psi)
    return a * left + c * (1.0 - left)


def retention_exponential(k: ScalarLike, *, a: ScalarLike, c: ScalarLike, tau: ScalarLike) -> Scalar:
    r"""Accuracy on a task when k other tasks were learned since, forgotten at a constant rate.

    A form of our own, and the rival of `retention`.

    $$\text{acc}(k) = c + (a - c)\, e^{-k / \tau}$$

    Args:
        k: tasks learned since, 0 or more [count].
        a: accuracy when it has just been learned.
        c: accuracy of chance, to which it falls.
        tau: tasks after which 1/e of what was above chance is left [count].
    Returns:
        Accuracy.
    References:
        Gandhi et al. 2024, arXiv:2401.10393 (the setting).
    """
    left: Any = jnp.exp(-jnp.asarray(k) / tau)
    return a * left + c * (1.0 - left)


def rehearsal_weight(k: ScalarLike, n: ScalarLike, *, beta: ScalarLike) -> Scalar:
    r"""Share of rehearsal for the task k back of n, in an environment where tasks recur by a power law.

    A form of our own; Gandhi et al. name the power law and not its exponent.

    $$w(k, n) = k^{-\beta} \Big/ \sum_{j=1}^{n} j^{-\beta}$$

    Args:
        k: how many tasks back, 1 for the last, to n.
        n: how many tasks were learned, at most 1000 [count].
        beta: exponent: 0 rehearses all alike, a large one the last task only.
    Returns:
        Share of rehearsal, from 0 to 1; not a number for more tasks.
    References:
        Gandhi et al. 2024, arXiv:2401.10393 (the setting).
    """
    lags = jnp.arange(1.0, MOST_TASKS + 1.0)
    total = jnp.sum(jnp.where(lags <= n, shifted_power(lags, 0.0, beta), 0.0))
    return shifted_power(k, 0.0, beta) / jnp.where(jnp.asarray(n) <= MOST_TASKS, total, jnp.nan)


def rehearsal_weight_exponential(k: ScalarLike, n: ScalarLike, *, tau: ScalarLike) -> Scalar:
    r"""Share of rehearsal for the task k back of n, in an environment where tasks recur at a constant rate.

    A form of our own, and the rival of `rehearsal_weight`.

    $$w(k, n) = e^{-k / \tau} \Big/ \sum_{j=1}^{n} e^{-j / \tau}
    = e^{-(k - 1) / \tau}\, \frac{1 - e^{-1 / \tau}}{1 - e^{-n / \tau}}$$

    Args:
        k: how many tasks back, 1 for the last, to n.
        n: how many tasks were learned [count].
        tau: tasks after which a share has fallen to 1/e [count].
    Returns:
        Share of rehearsal, from 0 to 1.
    References:
        Gandhi et al. 2024, arXiv:2401.10393 (the setting).
    """
    fallen: Any = jnp.exp((1.0 - jnp.asarray(k)) / tau)
    return fallen * jnp.expm1(-1.0 / jnp.asarray(tau)) / jnp.expm1(-jnp.asarray(n) / tau)


def rehearsal_weights(num_tasks: int, beta: ScalarLike) -> Array:
    r"""Shares of rehearsal for all past tasks at once: `rehearsal_weight` of each.

    A form of our own.

    $$w_k = k^{-\beta} \Big/ \sum_{j=1}^{n} j^{-\beta}$$

    Args:
        num_tasks: n, how many tasks were learned [count].
        beta: exponent: 0 rehearses all alike, a large one the last task only.
    Returns:
        Shares, the last task first, shape (lag,); they sum to 1.
    References:
        Gandhi et al. 2024, arXiv:2401.10393.
    Example:
        >>> [round(float(w), 4) for w in rehearsal_weights(3, 1.0)]
        [0.5455, 0.2727, 0.1818]
    """
    check_whole("num_tasks", num_tasks, 1)
    return lag_weights(num_tasks, lambda lag: shifted_power(lag, 0.0, beta))


def rehearsal_weights_exponential(num_tasks: int, tau: ScalarLike) -> Array:
    r"""Shares of rehearsal for all past tasks at once: `rehearsal_weight_exponential` of each.

    A form of our own.

    $$w_k = e^{-k / \tau} \Big/ \sum_{j=1}^{n} e^{-j / \tau}$$

    Args:
        num_tasks: n, how many tasks were learned [count].
        tau: tasks after which a share has fallen to 1/e [count].
    Returns:
        Shares, the last task first, shape (lag,); they sum to 1.
    References:
        Gandhi et al. 2024, arXiv:2401.10393.
    Example:
        >>> [round(float(w), 4) for w in rehearsal_weights_exponential(3, 1.0)]
        [0.6652, 0.2447, 0.09]
    """
    check_whole("num_tasks", num_tasks, 1)
    return lag_weights(num_tasks, lambda lag: jnp.exp((1.0 - lag) / tau))


RETENTION = Law(
    fn=retention,
    response="accuracy",
    inputs=dict(k=SINCE),
    falls=("k",),
    unit="share of cases",
    support="unit",
    params=dict(a=unit_interval(0.6, 0.98), c=unit_interval(0.05, 0.5), psi=positive(0.05, 2.0)),
    reference="gandhi2024",
)
RETENTION_EXPONENTIAL = Law(
    fn=retention_exponential,
    response="accuracy",
    inputs=dict(k=SINCE),
    falls=("k",),
    unit="share of cases",
    support="unit",
    params=dict(a=unit_interval(0.6, 0.98), c=unit_interval(0.05, 0.5), tau=positive(0.5, 50.0)),
    reference="gandhi2024",
)
REHEARSAL_WEIGHT = Law(
    fn=rehearsal_weight,
    response="weight",
    inputs=dict(k=LAG, n=LEARNED),
    falls=("k", "n"),
    unit="share of rehearsal",
    support="unit",
    params=dict(beta=positive(0.1, 3.0)),
    reference="gandhi2024",
)
REHEARSAL_WEIGHT_EXPONENTIAL = Law(
    fn=rehearsal_weight_exponential,
    response="weight",
    inputs=dict(k=LAG, n=LEARNED),
    falls=("k", "n"),
    unit="share of rehearsal",
    support="unit",
    params=dict(tau=positive(0.5, 50.0)),
    reference="gandhi2024",
)
