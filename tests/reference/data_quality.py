"""Data quality laws as NumPy, with the equation each was read from."""

import numpy as np
from scipy import optimize, special


def data_constrained(N, D, epochs, *, E, A, alpha, B, beta, R_D_star, R_N_star):
    """Muennighoff et al. 2023, equations 5 and 6, as huggingface/datablations evaluates them."""
    U_D = D / max(epochs, 1)
    G = (alpha * A / (beta * B)) ** (1 / (alpha + beta))
    U_N = min(N, (U_D * G) ** (beta / alpha) * G)
    R_D, R_N = max(D / U_D - 1, 0), max(N / U_N - 1, 0)
    useful_N = U_N + U_N * R_N_star * (1 - np.exp(-R_N / R_N_star))
    useful_D = U_D + U_D * R_D_star * (1 - np.exp(-R_D / R_D_star))
    return E + A / useful_N**alpha + B / useful_D**beta


def repeated_data(N, repeats, *, h, w, c, k):
    """A form of our own."""
    return np.exp(-h * np.exp(-((np.log(repeats) - np.log(c * N**k)) ** 2) / (2 * w**2)))


def rectified(D, *, E, B, D_l, beta):
    """Lin et al. 2024, the rectified law."""
    return B / (D_l + D**beta) + E


def rectified_hill(D, *, E, A, beta, c):
    """The same as a logistic curve in log D, as in linhaowei1/Fine-tuning-Scaling-Law."""
    return E + (A - E) / (1 + np.exp(beta * (np.log(D) - c)))


def effective_utility(samples, epochs, *, a, b, tau, d):
    """Goyal et al. 2024, with the irreducible error added last."""
    return _decayed(samples, epochs, a, b, tau) + d


def effective_utility_code(samples, epochs, *, a, b, tau, d):
    """locuslab/scaling_laws_data_filtering, func_effective_utility: the later epochs multiply d too."""
    first = a * samples / max(epochs, 1)
    return (first**b + d) * _decayed(samples, epochs, a, b, tau) / first**b


def effective_data(samples, epochs, *, a, b, tau, d):
    """locuslab/scaling_laws_data_filtering, func_effective_data."""
    pool, seen, useful = samples / epochs, 0.0, 0.0
    for epoch in range(int(np.ceil(epochs))):
        now = min(samples, pool * (epoch + 1))
        useful += (now - seen) * 0.5 ** (epoch / tau)
        seen = now
    return (a * useful) ** b + d


def filtered_pools_utility_4(samples, epochs, *, a, b, tau, d):
    """locuslab/scaling_laws_data_filtering, func_effective_utility_aggregation, with d added last."""
    return _decayed(samples, epochs, a, b, len(b) * tau) + d


def filtered_pools_data_4(samples, epochs, *, a, b, tau, d):
    """locuslab/scaling_laws_data_filtering, func_effective_data_aggregation."""
    pool, seen, useful, error = samples / epochs, 0.0, 0.0, 1.0
    for epoch in range(int(np.ceil(epochs))):
        worth = 0.5 ** (epoch / (len(b) * tau))
        exponent = np.sum(b * worth) / np.sum(worth)
        now, before = min(samples, pool * (epoch + 1)), useful
        useful += (now - seen) * np.mean(worth)
        error *= (useful / before if epoch else a * useful) ** exponent
        seen = now
    return error + d


def _decayed(samples, epochs, a, b, tau):
    """The product over epochs of samples seen by their end over before, to the power of that epoch's utility."""
    pool, error = samples / epochs, 1.0
    for epoch in range(int(np.ceil(epochs))):
        now = min(samples, pool * (epoch + 1))
        error *= (now / (pool * epoch) if epoch else a * now) ** np.mean(b * 0.5 ** (epoch / tau))
    return error


def projektor_3(ratio, OT, *, c1, c2, b1, b2):
    """anitksahu/projektor_multimodal, the features of its regression at one size."""
    return np.sum(c2 * ratio**2 + c1 * ratio) + np.sum(b2 * ratio**2 + b1 * ratio) * OT


def projektor_size(n, *, P, slope):
    """A straight line in log n."""
    return P + slope * np.log(n)


def pruned_perceptron(alpha, keep, *, theta):
    """Sorscher et al. 2022: the largest margin, averaged on a grid of probe output and what is across it."""
    solution = np.array([np.log(0.6 + 0.7 * alpha**-0.75), 1 / np.tan(0.5 * np.pi / (1 + alpha)), 0.0])
    for share in np.linspace(0.0, 1.0, 7):
        solution = optimize.root(_margin_equations, solution, args=(alpha, keep**share, theta), tol=1e-12).x
    _, p, q = solution
    return np.arccos(p / np.sqrt(1 + p**2 + q**2)) / np.pi


def _margin_equations(point, alpha, keep, theta):
    K, (p, q) = np.exp(point[0]), point[1:]
    nodes, weights = np.polynomial.legendre.leggauss(64)
    gamma = min(-special.ndtri((1 - keep) / 2), 8.0)
    z = gamma * nodes
    lowest = np.clip(-z / np.tan(theta), -8.0, 8.0)
    half = (8.0 - lowest) / 2
    across = lowest[:, None] + half[:, None] * (1 + nodes)
    weight = (gamma * weights * half * _density(z))[:, None] * weights * _density(across) * 2 / keep
    y = z[:, None] * np.cos(theta) + across * np.sin(theta)
    v = z[:, None] * np.sin(theta) - across * np.cos(theta)
    x = K - p * y - q * v
    slope = 2 * (x * special.ndtr(x) + _density(x)) * weight
    second = np.sum(((1 + x**2) * special.ndtr(x) + x * _density(x)) * weight)
    pull = K / (1 + p**2 + q**2)
    pulls = [np.sum(slope * toward) / slope.sum() for toward in (y, v)]
    return [np.log(alpha * second), p * pull - pulls[0], q * pull - pulls[1]]


def _density(x):
    return np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)


TOLERANCES = {"pruned-perceptron": 1e-4}
