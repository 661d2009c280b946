"""Training laws as NumPy, with the equation each was read from."""

import numpy as np


def learning_rate_by_size(N, D, *, c, alpha, beta):
    """Li et al. 2025, arXiv:2503.04715, the learning rate of Step Law."""
    return c * N**-alpha * D**beta


def batch_by_tokens(D, *, A, alpha):
    """Li et al. 2025, arXiv:2503.04715, the batch size of Step Law."""
    return A * D**alpha


def learning_rate_by_compute(C, *, c, alpha):
    """Tian et al. 2025, arXiv:2507.17702, the learning rate."""
    return c * C**-alpha


def batch_by_compute(C, *, A, alpha):
    """Tian et al. 2025, arXiv:2507.17702, the batch size."""
    return A * C**alpha


def annealed_loss(S1, S2, *, L_0, A, alpha, C):
    """Tissue et al. 2024, arXiv:2408.11029, the equation of the abstract."""
    return L_0 + A * S1**-alpha - C * S2


def draft_acceptance(D, N, B, *, c0, c1, c2, c3):
    """Yan et al. 2025, arXiv:2505.07858, one log-linear term for each of its three theorems."""
    return c0 + c1 * np.log(D) + c2 * np.log(N) + c3 * np.log(B)


def tokens_per_verification(g, *, p):
    """Leviathan et al. 2023, arXiv:2211.17192, equation 1."""
    return (1 - p ** (g + 1)) / (1 - p)


def speculative_speedup(g, *, p, c):
    """Leviathan et al. 2023, arXiv:2211.17192, theorem 3.8."""
    return (1 - p ** (g + 1)) / ((1 - p) * (g * c + 1))
