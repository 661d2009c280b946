"""Precision laws as NumPy, with the equation each was read from."""

import numpy as np


def floating_point(N, D, E, M, B, *, n, alpha, d, beta, eps, gamma, delta, nu):
    """Sun et al. 2025, the unified law."""
    cost = D**beta / N**alpha * np.log2(B) / (gamma * (E + 0.5) ** delta * (M + 0.5) ** nu)
    return n / N**alpha + d / D**beta + eps + cost


def quantisation_gap(N, D, P, *, k, alpha, beta, gamma):
    """Ouyang et al. 2024, figure 6."""
    return k * D**beta / (N**alpha * P**gamma)


def quantisation_gap_at_width(N, D, *, k, alpha, beta):
    """Ouyang et al. 2024, one bit width."""
    return k * D**beta / N**alpha


def quantised_loss(N, D, P, *, N_c, alpha_N, D_c, alpha_D, k, alpha, beta, gamma):
    """Ouyang et al. 2024, figures 6 and 7."""
    in_16_bits = ((N_c / N) ** (alpha_N / alpha_D) + D_c / D) ** alpha_D
    return in_16_bits + k * D**beta / N**alpha / P**gamma


def bit_level(N, b, *, E, A, alpha, G, kappa, rate):
    """A form of our own: a power of size plus rounding that falls geometrically in bits."""
    return E + A * N**-alpha + G * N**kappa * 2.0 ** (-rate * b)
