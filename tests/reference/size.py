"""Size, data and compute laws as NumPy, with the equation each was read from."""


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


TRUTHS = {"broken-power-law-2": {"d2": 1e5}}
