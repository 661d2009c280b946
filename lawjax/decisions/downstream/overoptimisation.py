"""Over-optimisation: how far to move from the first policy, and how many samples to choose from."""

from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.laws.downstream import OVEROPTIMISATION, OVEROPTIMISATION_BEST_OF_N
from lawjax.laws.downstream.overoptimisation import overoptimisation_best_of_n
from lawjax.laws.roots import root

UNITS = {"d": "nats^(1/2)", "kl": "nats", "reward": "reward", "zero": "nats^(1/2)"}


def kl_budget(source: Source, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Distance from the first policy at which the true reward peaks: where to stop, or what the penalty should allow.

    $$d^* = e^{\alpha/\beta - 1}, \qquad \mathrm{KL}^* = {d^*}^2, \qquad R^* = \beta d^*, \qquad R(e\, d^*) = 0$$

    The distance is a ratio inside an exponential, so its interval is skewed: where beta is small the peak may lie far
    beyond the runs. Of several algorithms, the one with the best reward is to be chosen.

    Args:
        source: a fit, posterior or draws of `overoptimisation`, or a dict of its parameters.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with d and kl at the peak [nats^(1/2), nats], reward there, and zero, the distance at which all
        of it is lost again [nats^(1/2)].
    Raises:
        InputError: a source of another law.
    References:
        Rafailov et al. 2024, arXiv:2406.02900; Gao et al. 2022, arXiv:2210.10760.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.kl_budget(dict(alpha=0.3, beta=0.1))
        >>> [round(answer[name], 4) for name in ("d", "kl", "reward", "zero")]
        [7.3891, 54.5982, 0.7389, 20.0855]
    """
    return decide(
        source,
        _peak,
        question="At which KL divergence does the true reward peak?",
        laws=(OVEROPTIMISATION,),
        units=UNITS,
        method="closed form",
        prob=prob,
        force=force,
    )


def best_of_n_samples(source: Source, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Number of samples of which the best by a proxy reward has the most true reward.

    $$d^* = \frac{\alpha}{2 \beta}, \qquad R^* = \frac{\alpha^2}{4 \beta}, \qquad
    \log n - \frac{n - 1}{n} = {d^*}^2$$

    Args:
        source: a fit, posterior or draws of `overoptimisation_best_of_n`, or a dict of its parameters.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with n, the whole number of samples with the most reward; d and kl at the peak of the law
        [nats^(1/2), nats], which lies between whole numbers; reward there; and zero, the distance at which all of it
        is lost again [nats^(1/2)]. No answer in a draw whose reward only falls.
    Raises:
        InputError: a source of another law.
    References:
        Gao et al. 2022, arXiv:2210.10760.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.best_of_n_samples(dict(alpha=0.8, beta=0.2))
        >>> [round(answer[name], 2) for name in ("n", "d", "reward", "zero")]
        [147.0, 2.0, 0.8, 4.0]
    """
    return decide(
        source,
        _best_of_n,
        question="Of how many samples is the best one truly best?",
        laws=(OVEROPTIMISATION_BEST_OF_N,),
        units={"n": "samples", **UNITS},
        method="closed form; n by a root, and the better whole number beside it",
        prob=prob,
        force=force,
    )


def _peak(params: Any, held: Any) -> dict[str, Any]:
    d = jnp.exp(params["alpha"] / params["beta"] - 1.0)
    return {"d": d, "kl": d**2, "reward": params["beta"] * d, "zero": jnp.e * d}


def _best_of_n(params: Any, held: Any) -> dict[str, Any]:
    alpha, beta = jnp.where(params["alpha"] > 0, params["alpha"], jnp.nan), params["beta"]
    d = alpha / (2.0 * beta)
    kl = d**2
    log_n = root(lambda x: x + jnp.expm1(-x) - kl, 0.0, kl + 1.0, logarithmic=False)
    fewer = jnp.floor(jnp.exp(log_n))
    more = fewer + 1.0
    n = jnp.where(_reward(more, params) > _reward(fewer, params), more, fewer)
    return {"n": n, "d": d, "kl": kl, "reward": alpha**2 / (4.0 * beta), "zero": 2.0 * d}


def _reward(n: Any, params: Any) -> Any:
    """True reward of the best of n samples."""
    # Rounding may put the divergence of one sample below 0.
    return overoptimisation_best_of_n(jnp.sqrt(jnp.maximum(jnp.log(n) - (n - 1.0) / n, 0.0)), **params)
