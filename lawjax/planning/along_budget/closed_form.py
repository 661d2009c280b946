r"""Optima that have a formula: Chinchilla's, the coupled law's and Kaplan's, under 6 N D in any unit.

All three minimise $a N^{-\alpha} + b D^{-\beta}$ on $\kappa N D = C$, whose optimum is
$N^* = G (C/\kappa)^{\beta/(\alpha+\beta)}$ with $G = (\alpha a / \beta b)^{1/(\alpha+\beta)}$ (Hoffmann et al. 2022,
equation 4, with $\kappa = 6$). In device-hours or money, $\kappa$ is 6 times what a FLOP takes of them.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lawjax.costs import SIX_ND, Cost
from lawjax.costs.combining import Scaled
from lawjax.laws import CHINCHILLA, COUPLED, KAPLAN_ND
from lawjax.laws.base import Law

Params = Mapping[str, np.ndarray]


def two_terms(params: Params) -> tuple[np.ndarray, ...]:
    """Log scales and exponents of the two terms of Chinchilla, and of the coupled law: its outer power is monotone."""
    return np.log(params["A"]), params["alpha"], np.log(params["B"]), params["beta"]


def kaplan_terms(params: Params) -> tuple[np.ndarray, ...]:
    """The same for Kaplan's law, which raises (N_c/N)^(alpha_N/alpha_D) + D_c/D to alpha_D."""
    alpha = params["alpha_N"] / params["alpha_D"]
    return alpha * np.log(params["N_c"]), alpha, np.log(params["D_c"]), np.ones_like(alpha)


TERMS: dict[Law, Callable[[Params], tuple[np.ndarray, ...]]] = {
    CHINCHILLA: two_terms,
    COUPLED: two_terms,
    KAPLAN_ND: kaplan_terms,
}


def has_closed_form(law: Law, cost: Cost, fixed: Mapping[str, Any]) -> bool:
    """Whether the optimum of this law under this cost has a formula."""
    return law in TERMS and per_product(cost) is not None and not fixed


def per_product(cost: Cost) -> float | None:
    """What one N times one D costs, in the cost's unit; None where the cost is no multiple of 6 N D."""
    if cost.fn is SIX_ND.fn:
        return 6.0
    return 6.0 * cost.fn.factor if isinstance(cost.fn, Scaled) and cost.fn.cost.fn is SIX_ND.fn else None


def closed_form(law: Law, params: Params, budgets: np.ndarray, cost: Cost = SIX_ND) -> dict[str, np.ndarray]:
    """The optimum of every draw at every budget, shape (budget, draw).

    Args:
        law: a law for which `has_closed_form`.
        params: one array per parameter, shape (draw,).
        budgets: what can be spent, in the cost's unit, shape (budget,).
        cost: one for which `has_closed_form`.
    """
    log_a, alpha, log_b, beta = TERMS[law](params)
    each = per_product(cost)
    assert each is not None
    log_tokens_times_size = np.log(budgets / each)[:, None]
    scale = (np.log(alpha / beta) + log_a - log_b) / (alpha + beta)
    log_n = scale + beta / (alpha + beta) * log_tokens_times_size
    return {"N": np.exp(log_n), "D": np.exp(log_tokens_times_size - log_n)}
