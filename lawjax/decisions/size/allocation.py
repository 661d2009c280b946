"""How large a model and on how many tokens: the best of a compute budget, and the least budget for a loss."""

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Solve, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.decisions.targets import with_reach
from lawjax.draws import as_draws
from lawjax.laws.base import Law
from lawjax.laws.size import (
    CHINCHILLA,
    COUPLED,
    KAPLAN_ND,
    OPTIMAL_SIZE_POWER,
    OPTIMAL_TOKENS_POWER,
    OVERTRAINED,
)
from lawjax.laws.size.generative import optimal_size_power, optimal_tokens_power

__all__ = ["compute_for_target", "optimal_size_and_tokens"]

Params = Mapping[str, Any]
SIZE_UNITS = {"N": "parameters", "D": "tokens", "tokens_per_parameter": ""}


def optimal_size_and_tokens(source: Source, C: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The model size and number of tokens that make the best of a compute budget of 6 N D.

    For a loss with the terms $a N^{-\alpha} + b D^{-\beta}$, $N^* = G\, (C/6)^{\beta / (\alpha + \beta)}$ with
    $G = (\alpha a / \beta b)^{1 / (\alpha + \beta)}$. For laws of the optimum itself, the other one follows from C.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or parameters of Chinchilla; of that,
            the coupled law, Kaplan's L(N, D), the over-training law, or a law of the optimal size or tokens.
        C: training compute [FLOP].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `N` [parameters], `D` [tokens] and `tokens_per_parameter`, one per draw.
    Raises:
        InputError: a law of something else, or a compute that is not above 0.
        VerdictError: the source's verdict forbids a decision.
    References:
        Hoffmann et al. 2022, arXiv:2203.15556, equation 4; Henighan et al. 2020, arXiv:2010.14701, equation 1.4.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.optimal_size_and_tokens("besiroglu2024", 5.76e23)
        >>> f"{answer['N']:.3e} {answer['D']:.3e} {answer['tokens_per_parameter']:.1f}"
        '7.235e+10 1.327e+12 18.3'
    """
    C = above_zero("C", C)
    return _by_formula(
        source,
        OPTIMA,
        question=f"best size and tokens for {C:.3g} FLOP",
        units=SIZE_UNITS,
        held={"C": C},
        prob=prob,
        force=force,
    )


def compute_for_target(source: Source, target: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""The least compute that reaches a loss, and how it is spent.

    With a reducible loss of R = $a N^{-\alpha} + b D^{-\beta}$ the best model spends the share
    $\beta / (\alpha + \beta)$ of R on size and the rest on data, which gives N, D and C = 6 N D in closed form.

    Args:
        source: a fit, draws, a posterior, published coefficients or their name, or parameters of Chinchilla; of
            Chinchilla, the coupled law, Kaplan's L(N, D) or the over-training law.
        target: the loss to reach [nats/token].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `C` [FLOP], `N` [parameters], `D` [tokens] and `tokens_per_parameter`; NaN in draws whose floor is higher.
    Raises:
        InputError: a law of something else, or a target that is not above 0.
        VerdictError: the source's verdict forbids a decision.
    References:
        Hoffmann et al. 2022, arXiv:2203.15556, equation 4.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.compute_for_target("besiroglu2024", 2.0)
        >>> f"{answer['C']:.2e} {answer['N']:.2e} {answer['D']:.2e}"
        '2.44e+23 4.66e+10 8.73e+11'
    """
    target = above_zero("target", target)
    return _by_formula(
        source,
        LEAST,
        question=f"least compute for a loss of {target:g}",
        units={"C": "FLOP", **SIZE_UNITS},
        held={"target": target},
        prob=prob,
        force=force,
    )


# ------------------------------------------------------------------------------- terms of the loss, law by law

Terms = Callable[[Params], tuple[Any, Any, Any, Any]]


def _two_terms(p: Params) -> tuple[Any, Any, Any, Any]:
    """Log scale and exponent of the size term, then of the data term."""
    return jnp.log(p["A"]), p["alpha"], jnp.log(p["B"]), p["beta"]


def _kaplan_terms(p: Params) -> tuple[Any, Any, Any, Any]:
    alpha = p["alpha_N"] / p["alpha_D"]
    return alpha * jnp.log(p["N_c"]), alpha, jnp.log(p["D_c"]), jnp.ones_like(alpha)


def _overtrained_terms(p: Params) -> tuple[Any, Any, Any, Any]:
    six = p["eta"] * jnp.log(6.0)
    return jnp.log(p["a"]) - six, 2 * p["eta"], jnp.log(p["b"]) - six, 2 * p["eta"]


def _reducible(p: Params, loss: Any) -> Any:
    return loss - p["E"]


def _coupled_reducible(p: Params, loss: Any) -> Any:
    # An even power of a loss below the floor would be above zero.
    return jnp.power(jnp.where(loss > p["E"], loss - p["E"], jnp.nan), 1.0 / p["gamma"])


def _kaplan_reducible(p: Params, loss: Any) -> Any:
    return jnp.power(loss, 1.0 / p["alpha_D"])


def _by_terms(terms: Terms) -> Solve:
    """The optimum on 6 N D = C of a loss that falls with a sum of two powers."""

    def solve(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
        log_a, alpha, log_b, beta = terms(params)
        log_product = jnp.log(held["C"] / 6.0)
        log_g = (jnp.log(alpha / beta) + log_a - log_b) / (alpha + beta)
        log_n = log_g + beta / (alpha + beta) * log_product
        return _sizes(jnp.exp(log_n), jnp.exp(log_product - log_n))

    return solve


def _by_share(terms: Terms, reducible: Callable[[Params, Any], Any]) -> Solve:
    """The least compute for a loss: each term gets its share of what may be left."""

    def solve(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
        log_a, alpha, log_b, beta = terms(params)
        log_left = jnp.log(reducible(params, held["target"]))
        N = jnp.exp((log_a + jnp.log((alpha + beta) / beta) - log_left) / alpha)
        D = jnp.exp((log_b + jnp.log((alpha + beta) / alpha) - log_left) / beta)
        return {"C": 6.0 * N * D, **_sizes(N, D)}

    return solve


def _by_size(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
    N = optimal_size_power(held["C"], **params)
    return _sizes(N, held["C"] / (6.0 * N))


def _by_tokens(params: Params, held: Mapping[str, Any]) -> Mapping[str, Any]:
    D = optimal_tokens_power(held["C"], **params)
    return _sizes(held["C"] / (6.0 * D), D)


def _sizes(N: Any, D: Any) -> dict[str, Any]:
    return {"N": N, "D": D, "tokens_per_parameter": D / N}


OPTIMA: dict[Law, Solve] = {
    CHINCHILLA: _by_terms(_two_terms),
    COUPLED: _by_terms(_two_terms),
    KAPLAN_ND: _by_terms(_kaplan_terms),
    OVERTRAINED: _by_terms(_overtrained_terms),
    OPTIMAL_SIZE_POWER: _by_size,
    OPTIMAL_TOKENS_POWER: _by_tokens,
}
LEAST: dict[Law, Solve] = {
    CHINCHILLA: _by_share(_two_terms, _reducible),
    COUPLED: _by_share(_two_terms, _coupled_reducible),
    KAPLAN_ND: _by_share(_kaplan_terms, _kaplan_reducible),
    OVERTRAINED: _by_share(_overtrained_terms, _reducible),
}


def _by_formula(source: Any, solves: Mapping[Law, Solve], **more: Any) -> Answer:
    """`decide` with the formula of the source's law."""
    draws = as_draws(source, CHINCHILLA)
    solve = solves.get(draws.law, solves[CHINCHILLA])
    return with_reach(decide(draws, solve, laws=tuple(solves), method="closed form", **more), draws.observed)
