"""What a mixture of experts is worth in a dense model, and how to lay it out."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import at_least, check_positive
from lawjax.errors import InputError
from lawjax.laws.architecture import experts
from lawjax.laws.architecture.experts import LEVERAGE, LOG_10
from lawjax.laws.architecture.routed import ROUTED
from lawjax.laws.terms import power, saturate


def leverage(source: Source, *, A: float, G: float, C: float, prob: float = 0.9, force: bool = False) -> Answer:
    """How many times the compute would a dense model need for the same loss?

    Args:
        source: fit, posterior, draws or published coefficients of `leverage`.
        A: share of the experts that a token activates, 0 to 1.
        G: granularity, twice the width of the model over the width of an expert.
        C: training compute of the mixture of experts [FLOP].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `leverage`, and `dense_compute`, the FLOP of the dense model.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 13.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.leverage("tian2025", A=0.031, G=12, C=1e22)["leverage"], 3)
        7.245
    """
    return decide(
        source,
        _leverage,
        question="How many times the compute would a dense model need for the same loss?",
        laws=(LEVERAGE,),
        units={"leverage": "dense FLOP / MoE FLOP", "dense_compute": "FLOP"},
        held={"A": A, "G": G, "C": C},
        method="closed form",
        prob=prob,
        force=force,
    )


def equivalent_dense_size(
    source: Source, *, M: float, A: float, G: float, C: float, prob: float = 0.9, force: bool = False
) -> Answer:
    """How large is the dense model that a mixture of experts equals, trained on the same tokens?

    Args:
        source: fit, posterior, draws or published coefficients of `leverage`.
        M: active parameters, or FLOP per token, of the mixture of experts.
        A: share of the experts that a token activates, 0 to 1.
        G: granularity, twice the width of the model over the width of an expert.
        C: training compute of the mixture of experts [FLOP].
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `dense_size`, in the unit of M, and `leverage`.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Tian et al. 2025, arXiv:2507.17702, section 5.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.equivalent_dense_size("tian2025", M=0.855e9, A=0.034, G=12, C=1e22)
        >>> round(answer["dense_size"] / 1e9, 2)
        5.95
    """
    check_positive(M=M)
    return decide(
        source,
        _equivalent,
        question="How large is the dense model that this mixture of experts equals?",
        laws=(LEVERAGE,),
        units={"dense_size": "as M", "leverage": "dense FLOP / MoE FLOP"},
        held={"M": M, "A": A, "G": G, "C": C},
        method="closed form",
        prob=prob,
        force=force,
    )


def best_granularity(source: Source, *, prob: float = 0.9, force: bool = False) -> Answer:
    """How finely should the experts be split?

    The granularity at which the exponent of the activation is least: 2^(-beta / (2 gamma)), whatever the activation
    and the compute. A draw with gamma at or below 0 has no best one.

    Args:
        source: fit, posterior, draws or published coefficients of `leverage`.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `G`, twice the width of the model over the width of an expert.
    Raises:
        InputError: a source of another law.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 13.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.best_granularity("tian2025")["G"], 2)
        11.34
    """
    return decide(
        source,
        _best_granularity,
        question="How finely should the experts be split?",
        laws=(LEVERAGE,),
        units={"G": "2 d_model / d_expert"},
        method="closed form",
        prob=prob,
        force=force,
    )


def best_activation(
    source: Source,
    *,
    active_experts: float,
    other: float,
    largest: float,
    C: float,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """How small a share of the experts should be active, when the whole model must fit in memory?

    With the active experts held, the experts in all grow as one over the share. Leverage grows as the share falls,
    so the memory sets it; a draw whose exponent at the best granularity is not below 0 is best off dense.

    Args:
        source: fit, posterior, draws or published coefficients of `leverage`.
        active_experts: parameters of the experts that one token activates, shared ones included [count].
        other: parameters outside the experts [count].
        largest: most parameters that memory holds [count].
        C: training compute [FLOP].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `A`, the share; `G`, the best granularity; `leverage` there; and `size`, the parameters in all.
    Raises:
        InputError: a source of another law, a value that is not positive, or a memory too small for the active part.
    References:
        Tian et al. 2025, arXiv:2507.17702, equation 13.
    Example:
        >>> import lawjax as lj
        >>> held = dict(active_experts=0.58e9, other=0.275e9, largest=17.5e9, C=1e22)
        >>> answer = lj.decisions.best_activation("tian2025", **held)
        >>> round(answer["A"], 3), round(answer["leverage"], 2)
        (0.034, 6.99)
    """
    check_positive(active_experts=active_experts, other=other, largest=largest)
    if largest < active_experts + other:
        raise InputError(
            f"`largest` = {largest:g} holds less than the active part of the model, {active_experts + other:g} "
            "parameters (`active_experts` + `other`); raise it, or hold a smaller model."
        )
    return decide(
        source,
        _best_activation,
        question="How small a share of the experts should be active in this memory?",
        laws=(LEVERAGE,),
        units={
            "A": "share of experts",
            "G": "2 d_model / d_expert",
            "leverage": "dense FLOP / MoE FLOP",
            "size": "parameters",
        },
        held={"active_experts": active_experts, "other": other, "largest": largest, "C": C},
        method="the edge of memory, granularity in closed form",
        prob=prob,
        force=force,
    )


def routed_dense_size(source: Source, *, N: float, E: float, prob: float = 0.9, force: bool = False) -> Answer:
    """How large is the dense model with the loss of a routed one?

    Args:
        source: fit, posterior, draws or published coefficients of `routed`.
        N: parameters that one token sees [count].
        E: experts per routed layer, 1 or more.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `dense_size`, the effective parameter count.
    Raises:
        InputError: a source of another law, or a held value that cannot be.
    References:
        Clark et al. 2022, arXiv:2202.01169, and google-deepmind/scaling_laws_for_routing, `example.ipynb`.
    Example:
        >>> import lawjax as lj
        >>> round(lj.decisions.routed_dense_size("clark2022-rl-r", N=3.7e8, E=64)["dense_size"] / 1e9, 2)
        1.21
    """
    return decide(
        source,
        _routed_dense_size,
        question="How large is the dense model with the loss of this routed one?",
        laws=(ROUTED,),
        units={"dense_size": "parameters"},
        held={"N": N, "E": at_least("E", E, 1)},
        method="closed form",
        prob=prob,
        force=force,
    )


def routing_cutoff(source: Source, *, prob: float = 0.9, force: bool = False) -> Answer:
    """From which size on does routing gain nothing?

    Below it more experts always help, above it they never do: the slope in experts, b + c log10 N, changes sign. So
    no number of experts in between is best. A draw in which the gain does not shrink with size has no cutoff.

    Args:
        source: fit, posterior, draws or published coefficients of `routed`.
        prob: probability of the interval.
        force: answer even if the source's verdict is an error.
    Returns:
        `N`, the parameters that one token sees.
    Raises:
        InputError: a source of another law.
    References:
        Clark et al. 2022, arXiv:2202.01169.
    Example:
        >>> import lawjax as lj
        >>> f'{lj.decisions.routing_cutoff("clark2022-hash")["N"]:.1e}'
        '8.9e+10'
    """
    return decide(
        source,
        _routing_cutoff,
        question="From which size on does routing gain nothing?",
        laws=(ROUTED,),
        units={"N": "parameters"},
        method="closed form",
        prob=prob,
        force=force,
    )


def _leverage(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    gain = experts.leverage(held["A"], held["G"], held["C"], **params)
    return {"leverage": gain, "dense_compute": gain * held["C"]}


def _equivalent(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    gain = experts.leverage(held["A"], held["G"], held["C"], **params)
    return {"leverage": gain, "dense_size": gain * held["M"]}


def _best_granularity(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    curvature = params["gamma"]
    bent = curvature > 0.0
    best = jnp.exp2(-params["beta"] / (2.0 * jnp.where(bent, curvature, 1.0)))
    return {"G": jnp.where(bent, best, jnp.nan)}


def _best_activation(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    G = _best_granularity(params, held)["G"]
    smallest = held["active_experts"] / (held["largest"] - held["other"])
    exponent = params["a"] + params["d"] * jnp.log10(held["C"]) - params["beta"] ** 2 / (4.0 * params["gamma"])
    A = jnp.where(exponent < 0.0, smallest, 1.0)
    return {
        "A": A,
        "G": G,
        "leverage": experts.leverage(A, G, held["C"], **params),
        "size": held["active_experts"] / A + held["other"],
    }


def _routed_dense_size(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    """The dense N of equal loss: log L is linear in log N with the slope a + c log E at either number of experts."""
    lowest, top = params["E_start"], params["E_max"]
    effective = saturate(held["E"] - 1.0, lowest, top)
    dense, routed = (params["a"] + params["c"] * jnp.log(e) / LOG_10 for e in (lowest, effective))
    return {"dense_size": power(held["N"], routed / dense) * power(effective / lowest, params["b"] / dense)}


def _routing_cutoff(params: Mapping[str, Any], held: Mapping[str, Any]) -> Mapping[str, Any]:
    shrinks = params["c"] > 0.0
    cutoff = jnp.exp(-LOG_10 * params["b"] / jnp.where(shrinks, params["c"], 1.0))
    return {"N": jnp.where(shrinks, cutoff, jnp.nan)}
