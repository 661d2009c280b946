"""Size, data and compute laws as NumPy, with the equation each was read from."""

import numpy as np


def chinchilla(N, D, *, E, A, alpha, B, beta):
    """Hoffmann et al. 2022, section D.2."""
    return E + A / N**alpha + B / D**beta


def coupled(N, D, *, E, A, alpha, B, beta, gamma):
    """Chinchilla with an exponent on the sum."""
    return E + (A / N**alpha + B / D**beta) ** gamma


def kaplan_n(N, *, N_c, alpha_N):
    """Kaplan et al. 2020, equation 1.1."""
    return (N_c / N) ** alpha_N


def kaplan_d(D, *, D_c, alpha_D):
    """Kaplan et al. 2020, equation 1.2."""
    return (D_c / D) ** alpha_D


def kaplan_nd(N, D, *, N_c, alpha_N, D_c, alpha_D):
    """Kaplan et al. 2020, equation 1.5."""
    return ((N_c / N) ** (alpha_N / alpha_D) + D_c / D) ** alpha_D


def power_law(x, *, A, alpha):
    """A plain power law."""
    return A / x**alpha


def power_law_floor(x, *, E, A, alpha):
    """A power law with a floor."""
    return E + A / x**alpha


def shifted_power_law(x, *, E, A, x0, alpha):
    """Nezhurina et al. 2025, the form that saturates at both ends."""
    return E + A / (x + x0) ** alpha


def broken_power_law_1(x, *, a, b, c0, c1, d1, f1):
    """Caballero et al. 2023, equation 1 with one break."""
    return a + b * x**-c0 * (1 + (x / d1) ** (1 / f1)) ** (-c1 * f1)


def broken_power_law_2(x, *, a, b, c0, c1, d1, f1, c2, d2, f2):
    """Caballero et al. 2023, equation 1 with two breaks."""
    return broken_power_law_1(x, a=0, b=b, c0=c0, c1=c1, d1=d1, f1=f1) * (1 + (x / d2) ** (1 / f2)) ** (-c2 * f2) + a


def levelling_power_law(x, *, A, gamma, c):
    """Alabdulmohsin et al. 2022, estimator M3, as in google-research/google-research."""
    return A * (1 / x + gamma) ** c


def sigmoidal_power_law(x, *, E, drop, alpha, A, c):
    """Alabdulmohsin et al. 2022, estimator M4: w = f (b - w)^alpha with w the excess, by bisection."""
    f = A * x**-c
    low, high = 0.0, float(drop)
    for _ in range(2000):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if middle < f * (drop - middle) ** alpha else (low, middle)
    return E + 0.5 * (low + high)


def scale_power_law(x, *, x_0, alpha):
    """Yao et al. 2024, as in Qingrenn/TSFM-ScalingLaws."""
    return np.exp(alpha * np.log(x_0) - alpha * np.log(x))


def irreducible_power_law(x, *, L_inf, x_0, alpha):
    """Henighan et al. 2020, equation 1.1."""
    return L_inf + (x_0 / x) ** alpha


def optimal_size_power(C, *, C_N, beta):
    """Henighan et al. 2020, equation 1.4."""
    return (C / C_N) ** beta


def optimal_tokens_power(C, *, A, alpha):
    """Grattafiori et al. 2024, section 3.2.1."""
    return A * C**alpha


def information_gain(N, *, slope, N_c):
    """Henighan et al. 2020, equation 4.1."""
    return slope * np.log(N / N_c)


def kaplan_ns(N, S_min, *, N_c, alpha_N, S_c, alpha_S):
    """Kaplan et al. 2020, equation 1.6."""
    return (N_c / N) ** alpha_N + (S_c / S_min) ** alpha_S


def critical_batch_size(loss, *, B_star, alpha_B):
    """Kaplan et al. 2020, equation 1.4."""
    return B_star / loss ** (1 / alpha_B)


def kaplan_nsb(N, S, B, *, N_c, alpha_N, S_c, alpha_S, B_star, alpha_B):
    """Kaplan et al. 2020, equations 1.4, 1.6 and 5.4 together, by bisection in the loss."""
    least = (N_c / N) ** alpha_N

    def right_side(loss):
        return least + (S_c * (1 + critical_batch_size(loss, B_star=B_star, alpha_B=alpha_B) / B) / S) ** alpha_S

    low, high = least, right_side(least)
    for _ in range(2000):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if right_side(middle) > middle else (low, middle)
    return 0.5 * (low + high)


def overtrained(C, M, *, E, a, b, eta):
    """Gadre et al. 2024, through sizes and tokens as in mlfoundations/scaling."""
    N = (C / (6 * M)) ** 0.5
    return E + a * 6**-eta * N ** (-2 * eta) + b * 6**-eta * (M * N) ** (-2 * eta)


def error_of_loss(loss, *, epsilon, k, gamma):
    """Gadre et al. 2024, through perplexity as in mlfoundations/scaling."""
    return epsilon - k * np.exp(loss) ** -gamma


def multilingual(N, p, *, E, A, alpha, c1, c2, c3):
    """Fernandes et al. 2023, equations 11 and 12."""
    fraction = p + c1 * p**c2 * (1 - p) ** c3
    return E + A * (fraction * N) ** -alpha


def log_linear_compute(C, *, alpha0, alpha1):
    """Spravil et al. 2025, equation 1."""
    return 10 ** (alpha0 + alpha1 * np.log10(C))


def log_linear_size(N, S, *, beta0, beta1, beta2):
    """Spravil et al. 2025, equation 3."""
    return 10 ** (beta0 + beta1 * np.log10(N) + beta2 * np.log10(S))


def generalisation_gap(X, *, beta, alpha):
    """Lin et al. 2024, legends of the figure of fits."""
    return beta * X**-alpha


TRUTHS = {"broken-power-law-2": {"d2": 1e5}}
