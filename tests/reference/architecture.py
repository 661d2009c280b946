"""Architecture laws as NumPy, with the equation each was read from."""

import numpy as np
from scipy import special


def relu_activation(D, *, A_0, b, c, alpha):
    """Luo et al. 2024, arXiv:2411.02335, the ReLU curve of activation ratio against tokens."""
    return np.exp(-c * D**alpha + b) + A_0


def silu_activation(D, *, A_0, c, alpha):
    """Luo et al. 2024, arXiv:2411.02335, the SiLU curve of activation ratio against tokens."""
    return -c * D**-alpha + A_0


def parallel_streams(N, P, *, E, A, alpha, k):
    """Chen et al. 2025, arXiv:2505.10475, the fitted form; QwenLM/ParScale, parametric_fit.py."""
    return E + (A / (N * (k * np.log(P) + 1))) ** alpha


def parallel_streams_theory(N, P, *, E, A, alpha, rho):
    """Chen et al. 2025, arXiv:2505.10475, the proposition, with its diversity factor written out."""
    diversity = ((P - 1) * rho + 1) ** (-1 / alpha)
    return E + (A / (N * P ** (1 / alpha) * diversity)) ** alpha


def patch_size(P, *, E, A, alpha):
    """Wang et al. 2025, arXiv:2502.03738, figure 1: a straight line of L - E against P on logarithmic axes."""
    return E + A * P**alpha


def quadratic_attention(n, *, c0, c1, c2):
    """A quadratic in the length of the context."""
    return np.polyval([c2, c1, c0], n)


def linear_attention(n, *, e0, e1):
    """A line in the length of the context."""
    return np.polyval([e1, e0], n)


def retrieval_accuracy(n, *, n_50, width):
    """A logistic in the logarithm of the length of the context."""
    return special.expit((np.log(n_50) - np.log(n)) / width)


def size_accuracy(N, *, N_50, slope):
    """A logistic in the logarithm of the size."""
    return special.expit(slope * (np.log(N) - np.log(N_50)))


TRUTHS = {
    "relu-activation": {"A_0": 0.0721, "b": -3.49, "c": 6.5e-12, "alpha": 1.01},
    "silu-activation": {"A_0": 0.39, "c": 8.2e6, "alpha": 0.844},
}


def tokens_per_character(V, *, a, b, c):
    """sail-sg/scaling-with-vocab, `utils.py`, D_to_H."""
    log_V = np.log(np.minimum(V, 200_000))
    return a * log_V**2 + b * log_V + c


def vocabulary_loss_untied(N_nv, N_v, D, *, E, A1, alpha1, A2, alpha2, B, beta):
    """sail-sg/scaling-with-vocab, `approach3_isoloss.py`, before alpha1 is set to beta."""
    return -E + A1 / N_nv**alpha1 + A2 / N_v**alpha2 + B / D**beta


def vocabulary_loss(N_nv, N_v, D, *, E, A1, A2, alpha2, B, beta):
    """sail-sg/scaling-with-vocab, `approach3_isoloss.py`."""
    return A1 * N_nv ** (-beta) + A2 * N_v ** (-alpha2) + B * D ** (-beta) - E


def vocabulary_at_compute(C, *, A, alpha):
    """sail-sg/scaling-with-vocab, `approach1_isoflops.py`."""
    return np.exp(np.log(A) + alpha * np.log(C))


def vocabulary_growth(N_nv, *, N_v0, gamma):
    """sail-sg/scaling-with-vocab, `optimal_Nv_predict.py`, approach 2."""
    return N_v0 * N_nv**gamma


def leverage(A, G, C, *, a, d, gamma, beta, A_start, A_max):
    """Tian et al. 2025, equation 13, with log10 C and log2 G."""
    exponent = a + d * np.log10(C) + gamma * np.log2(G) ** 2 + beta * np.log2(G)
    return _saturated(A, A_start, A_max) ** exponent


def leverage_by_activation(A, *, a_A, A_start, A_max):
    """Tian et al. 2025, equation 10."""
    return _saturated(A, A_start, A_max) ** a_A


def leverage_by_granularity(G, *, a_G, b_G, c_G):
    """Tian et al. 2025, equation 11, with log2 G."""
    return np.exp(a_G + b_G * np.log2(G) * (np.log2(G) + c_G))


def leverage_by_compute(C, *, a_C, c_C):
    """Tian et al. 2025, equation 12."""
    return np.exp(c_C) * C**a_C


def routed(N, E, *, a, b, c, d, E_start, E_max):
    """google-deepmind/scaling_laws_for_routing, `example.ipynb`, bilinear_lines_tailoff."""
    experts = np.log10(_saturated(E - 1, E_start, E_max))
    return 10 ** (a * np.log10(N) + b * experts + c * np.log10(N) * experts + d)


def _saturated(x, start, top):
    """The saturating transform that Clark et al. and Tian et al. share."""
    return 1 / (1 / (x + 1 / (1 / start - 1 / top)) + 1 / top)
