"""Repeated data: how many passes are worth it, how to spend a budget on few unique tokens, what repeats cost."""

import functools
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Solve, Source, decide
from lawjax.decisions.held import above_zero, between
from lawjax.decisions.solving.least import least
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law
from lawjax.laws.data_quality.repetition import DATA_CONSTRAINED, REPEATED_DATA, data_constrained, repeated_data
from lawjax.laws.roots import invert

__all__ = ["best_epochs", "epochs_worth_repeating", "repeats_to_avoid", "size_left_by_repeats"]

SMALLEST = 1e3
"""Parameters, and tokens, below which no run is looked for."""
FARTHEST = 1e18
"""Size beyond which none is looked for."""


def epochs_worth_repeating(source: Source, share: float = 0.5, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Passes over the data until the next one is worth only a share of the first.

    $$\text{epochs} = 1 + R_D^* \ln(1 / \text{share}), \qquad \text{worth} = 1 + R_D^* (1 - \text{share})$$

    Args:
        source: a fit, draws, a posterior, published coefficients or their name of `data_constrained`, or a dict of
            its parameters.
        share: the share of a first pass that the next one must be worth, from 0 to 1.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with epochs; worth, what they are worth together, in first passes; and limit, what endless passes
        would be worth.
    Raises:
        InputError: a source of another law, or a share that cannot be.
    References:
        Muennighoff et al. 2023, arXiv:2305.16264, equation 5.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.epochs_worth_repeating("muennighoff2023", 0.5)
        >>> f"{answer['epochs']:.1f} {answer['worth']:.1f} {answer['limit']:.1f}"
        '11.7 8.7 16.4'
    """
    share = between("share", share, 0.0, 1.0)
    return decide(
        source,
        _worth,
        question=f"After how many epochs is the next worth {share:g} of the first?",
        laws=(DATA_CONSTRAINED,),
        units=dict.fromkeys(("epochs", "worth", "limit"), "passes over the unique data"),
        held={"share": share},
        method="closed form",
        prob=prob,
        force=force,
    )


def best_epochs(source: Source, C: float, unique: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """How to spend 6ND FLOP on a limited number of unique tokens: size, tokens and epochs.

    Args:
        source: as for `epochs_worth_repeating`.
        C: training compute [FLOP].
        unique: unique tokens that there are [tokens].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with N [parameters], D [tokens], epochs, loss, and cost: what the lack of unique tokens adds to
        the loss [nats/token].
    Raises:
        InputError: a source of another law, or a number that is not above 0.
    References:
        Muennighoff et al. 2023, arXiv:2305.16264, section 5.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.best_epochs("muennighoff2023", 1e22, 25e9)
        >>> f"{answer['N']:.2e} {answer['epochs']:.1f}"
        '7.03e+09 9.5'
    """
    C, unique = above_zero("C", C), above_zero("unique", unique)
    return decide(
        source,
        _best_epochs,
        question=f"How is {C:g} FLOP best spent on {unique:g} unique tokens?",
        laws=(DATA_CONSTRAINED,),
        units={
            "N": "parameters",
            "D": "tokens",
            "epochs": "passes over the unique data",
            "loss": "nats/token",
            "cost": "nats/token",
        },
        held={"C": C, "unique": unique},
        method="least loss along the budget",
        prob=prob,
        force=force,
    )


def size_left_by_repeats(
    source: Source,
    loss: float,
    N: float,
    *,
    law: Law | None = None,
    prob: float = 0.9,
    force: bool = False,
    **others: Any,
) -> Answer:
    """The size that a model trained on repeated data is worth: the one that reaches its loss without repeats.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or a dict of parameters with `law`,
            of a law of loss in N, made of runs without repeats.
        loss: loss that the model reached, in the unit of the law.
        N: its parameters [count].
        law: the law of plain parameters.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
        others: the other inputs of the law by name, as D=1e11.
    Returns:
        An `Answer` with N_eff [parameters] and size_ratio, N_eff / N.
    Raises:
        InputError: a law without the input N, or an input that is not held.
    References:
        Hernandez et al. 2022, arXiv:2205.10487.
    Example:
        >>> import lawjax as lj
        >>> loss = float(lj.laws.KAPLAN_N(400e6, **lj.laws.published("kaplan2020-n").params))
        >>> round(lj.decisions.size_left_by_repeats("kaplan2020-n", loss, 800e6)["size_ratio"], 4)
        0.5
    """
    loss = above_zero("loss", loss)
    draws = as_draws(source, law)
    if "N" not in draws.law.inputs or set(others) != set(draws.law.inputs) - {"N"}:
        wanted = [name for name in draws.law.inputs if name != "N"]
        raise InputError(
            f"law {draws.law.name!r} must have the input `N`, its others must be held: {wanted}, got {list(others)}."
        )
    return decide(
        draws,
        _size_left(draws.law),
        question=f"Which size without repeats has a {draws.law.response} of {loss:g}?",
        laws=(),
        units={"N_eff": "parameters", "size_ratio": "N_eff / N"},
        held={"loss": loss, "N": N, **others},
        method="law inverted",
        prob=prob,
        force=force,
    )


def repeats_to_avoid(
    source: Source, N: float, *, tolerance: float = 0.1, prob: float = 0.9, force: bool = False
) -> Answer:
    r"""The band of repeats in which a model of size N loses more than a share of its size.

    $$\ln R = \ln R^*(N) \pm w \sqrt{2 \ln\big(h / -\!\ln(1 - \text{tolerance})\big)}$$

    Args:
        source: a fit, draws, a posterior or parameters of `repeated_data`.
        N: model parameters [count].
        tolerance: share of its size that it may lose.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with low and high, the ends of the band; worst, the number of repeats that harms most; and
        size_ratio there. The ends are NaN where even the worst stays within the tolerance.
    Raises:
        InputError: a source of another law, or a tolerance that cannot be.
    References:
        A form of our own after Hernandez et al. 2022, arXiv:2205.10487.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.repeats_to_avoid(dict(h=0.7, w=1.0, c=0.01, k=0.5), 1e8)
        >>> f"{answer['low']:.0f} {answer['worst']:.0f} {answer['high']:.0f} {answer['size_ratio']:.2f}"
        '14 100 700 0.50'
    """
    N, tolerance = above_zero("N", N), between("tolerance", tolerance, 0.0, 1.0)
    return decide(
        source,
        _band,
        question=f"Which repeats cost a model of {N:g} parameters more than {tolerance:g} of its size?",
        laws=(REPEATED_DATA,),
        units={"low": "times seen", "worst": "times seen", "high": "times seen", "size_ratio": "N_eff / N"},
        held={"N": N, "tolerance": tolerance},
        method="closed form",
        prob=prob,
        force=force,
    )


def _worth(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    decay, share = params["R_D_star"], held["share"]
    return {"epochs": 1.0 - decay * jnp.log(share), "worth": 1.0 + decay * (1.0 - share), "limit": 1.0 + decay}


def _best_epochs(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    per_size = held["C"] / 6.0

    def loss(log_N: Any, unique: Any) -> Any:
        D = per_size / jnp.exp(log_N)
        return data_constrained(jnp.exp(log_N), D, D / unique, **params)

    low, high = jnp.log(SMALLEST), jnp.log(per_size / SMALLEST)
    at = least(lambda x: loss(x, held["unique"]), low, high)
    free = least(lambda x: loss(x, per_size), low, high)
    D, reached = per_size / jnp.exp(at), loss(at, held["unique"])
    epochs = jnp.maximum(D / held["unique"], 1.0)
    return {"N": jnp.exp(at), "D": D, "epochs": epochs, "loss": reached, "cost": reached - loss(free, per_size)}


@functools.cache
def _size_left(law: Law) -> Solve:
    """The decision for one law; the same function for the same law, so that it compiles once."""

    def solve(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
        def reached(N: Any) -> Any:
            return law.fn(*(N if name == "N" else held[name] for name in law.inputs), **params)

        size = invert(reached, held["loss"], 1.0, FARTHEST)
        return {"N_eff": size, "size_ratio": size / held["N"]}

    return solve


def _band(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    worst = params["c"] * held["N"] ** params["k"]
    depth = params["h"] / -jnp.log1p(-held["tolerance"])
    reach = params["w"] * jnp.sqrt(2.0 * jnp.where(depth >= 1.0, jnp.log(depth), jnp.nan))
    ratio = repeated_data(held["N"], worst, **params)
    return {"low": worst * jnp.exp(-reach), "worst": worst, "high": worst * jnp.exp(reach), "size_ratio": ratio}
