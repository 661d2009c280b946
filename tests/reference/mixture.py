"""Mixtures of data laws as NumPy, with the equation each was read from."""

import numpy as np


def d_cpt(N, D, r, *, E, A, alpha, B, eta, beta, C, gamma, eps):
    """Que et al. 2024, the law L3."""
    return E + A / N**alpha + B * r**eta / D**beta + C / (r + eps) ** gamma


def d_cpt_cross_domain(N, D, r, K, *, F, mu, **params):
    """Que et al. 2024, the cross-domain law."""
    return d_cpt(N, D, r, **params) + F / K**mu


def d_cpt_early_loss(N, D, r, k1, k2, *, w1, w2, **params):
    """Que et al. 2024, the cross-domain law with K3."""
    return d_cpt_cross_domain(N, D, r, w1 / k1 + w2 * k2, **params)


def cmr_loss(R, *, alpha, s, beta):
    """Gu et al. 2024, section 5.1."""
    return alpha * R**s + beta


def cmr_domain_change(T, *, a1, s1, b1):
    """Gu et al. 2024, equation 6, domain."""
    return a1 * T**s1 + b1


def cmr_general_change(T, *, a2, s2, a3, s3, b2):
    """Gu et al. 2024, equation 6, general."""
    return a2 * T**s2 + a3 * T**s3 + b2


def critical_ratio(T, *, a4, s4, b3):
    """Gu et al. 2024, equation 8."""
    return a4 * T**s4 + b3


def mixing_share(r, *, c, k, t):
    """Ye et al. 2025, two domains."""
    return c + k * np.exp(t * r)


def mixing_3(ratio, *, c, k, t):
    """Ye et al. 2025, many domains."""
    return c + k * np.prod([np.exp(slope * share) for slope, share in zip(t, ratio, strict=True)])


def mixing_5(ratio, *, c, k, t):
    """Ye et al. 2025, many domains."""
    return mixing_3(ratio, c=c, k=k, t=t)


TRUTHS = {
    "critical-ratio": {"a4": 0.02, "s4": 0.12, "b3": -0.05},
    "cmr-general-change": {"a2": 2e-3, "s2": 0.2, "a3": -2e-6, "s3": 0.45, "b2": 0.01},
    "cmr-domain-change": {"a1": -0.01, "s1": 0.15, "b1": 0.02},
    "mixing-3": {"t": np.array([-2.0, 0.3, -0.5])},
    "mixing-5": {"t": np.array([-2.0, 0.3, -0.5, 0.6, -1.0])},
}
