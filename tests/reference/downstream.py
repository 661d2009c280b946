"""Downstream laws as NumPy, with the equation each was read from."""

import numpy as np
from scipy import special


def weakest_link_2(scores, *, offset, sharpness):
    """Softmin of two scores; ours, after Zhong et al. 2024."""
    return offset - np.log(np.mean(np.exp(-sharpness * np.asarray(scores)))) / sharpness


def weakest_link_2_pairs_3(scores, pair, *, offset, sharpness):
    """Softmin of two scores with an offset per kind of task."""
    return weakest_link_2(scores, offset=float(np.sum(pair * offset)), sharpness=sharpness)


def ranked_link_2(scores, *, offset, weight):
    """Weighted lower and higher score; ours."""
    return offset + weight[0] * min(scores) + weight[1] * max(scores)


def ranked_link_2_pairs_3(scores, pair, *, offset, weight):
    """The same with an offset per kind of task."""
    return ranked_link_2(scores, offset=float(np.sum(pair * offset)), weight=weight)


def coverage(k, *, a, b):
    """Beta-binomial: one less the mean of (1 - p)^k over Beta(a, b)."""
    return -np.expm1(special.betaln(a, b + k) - special.betaln(a, b))


def few_shot_error(n, *, e, a, c):
    """Floor and power of the number of labels; ours."""
    return e + a * n**-c


def few_shot_error_shifted(n, *, e, a, n0, c):
    """The same, shifted by what the untuned model is worth."""
    return e + a * (n + n0) ** -c


def pass_rate(n, *, a, b):
    """Log odds linear in log n; ours, after Zeng et al. 2025."""
    return 1.0 / (1.0 + np.exp(-(a + b * np.log(n))))


def parallel_languages(X, *, alpha, beta):
    """Yang et al. 2025, form of the abstract."""
    return alpha * X**beta


def retention(k, *, a, c, psi):
    """Power-law forgetting towards chance; ours."""
    return c + (a - c) * (1 + k) ** -psi


def retention_exponential(k, *, a, c, tau):
    """Exponential forgetting towards chance; ours."""
    return c + (a - c) * np.exp(-k / tau)


def rehearsal_weight(k, n, *, beta):
    """Share of lag k in a power-law environment of n tasks; ours."""
    return k**-beta / (np.arange(1, np.floor(n) + 1) ** -beta).sum()


def rehearsal_weight_exponential(k, n, *, tau):
    """Share of lag k in an exponential environment of n tasks, the geometric series summed; ours."""
    ratio = np.exp(-1 / tau)
    return ratio ** (k - 1) * (1 - ratio) / (1 - ratio**n)


def group_disagreement(replicates, *, between, within):
    """Variance components: between groups, and within over replicates; ours."""
    return np.sqrt(between**2 + within**2 / replicates)


def transfer_score(D_p, *, s, D_0, beta):
    """Isik et al. 2024: (log(A D^alpha))^beta with the paper's own A and alpha."""
    alpha = s ** (1 / beta)
    return (alpha * np.log(D_p) - alpha * np.log(D_0)) ** beta


def transfer_loss(D_p, *, E, A, alpha):
    """Isik et al. 2024, downstream cross-entropy."""
    return E + A / D_p**alpha


def loss_to_score(L, *, floor, ceiling, gamma, L_0):
    """Xiao et al. 2024, equation 3, with the printed sign: its gamma is the negative of ours."""
    return (ceiling - floor) / (1 + np.exp(gamma * (L - L_0))) + floor


def task_loss(N, D, *, a, alpha, b, beta):
    """Xiao et al. 2024, equation 2."""
    return a * N**-alpha + b * D**-beta


def task_loss_score(N, D, *, a, alpha, b, beta, **link):
    """Xiao et al. 2024, equation 3 of equation 2."""
    return loss_to_score(a * N**-alpha + b * D**-beta, **link)


def chinchilla_score(N, D, *, E, A, alpha, B, beta, **link):
    """Bhagia et al. 2024: both steps of the ladder."""
    return loss_to_score(E + A * N**-alpha + B * D**-beta, **link)


def density_trend(t, *, A, B):
    """Xiao et al. 2024: log density is a line in time."""
    return np.exp(A * t + B)


def bounded_score(N, *, floor, ceiling, slope, location):
    """A sigmoid in log N; ours, after Heim et al. 2025."""
    odds = (N / np.exp(location)) ** slope
    return (floor + ceiling * odds) / (1 + odds)


def family_score_2(N, family, *, floor, ceiling, slope, location):
    """The same with a place for each family."""
    return bounded_score(N, floor=floor, ceiling=ceiling, slope=slope, location=np.sum(family * location))


def saturating_auc(x, *, A_inf, B, alpha):
    """Ours, after Lai et al. 2025."""
    return A_inf - B * x**-alpha


def overoptimisation(d, *, alpha, beta):
    """Rafailov et al. 2024; Gao et al. 2022, reinforcement learning."""
    return alpha * d - beta * d * np.log(d)


def overoptimisation_best_of_n(d, *, alpha, beta):
    """Gao et al. 2022, best of n."""
    return alpha * d - beta * d**2


def capacity_gap(S, *, slope, intercept):
    """Zhang et al. 2023: the line of the best teacher, over S."""
    return (slope * S + intercept) / S


def distilled_score(T, S, *, peak, slope, k, rho):
    """Ours, after Zhang et al. 2023: a parabola in the log ratio of teacher to student."""
    return peak + slope * np.log(S) - k * np.log(T / (rho * S)) ** 2


def power_law_floor_gain(x, treated, *, E, A, alpha, m):
    """Ours, after Tay et al. 2022: the input of treated runs times m."""
    return E + A / (x * m**treated) ** alpha


def agent_complexity(theta, u, *, d, k):
    """Ours, after Dai et al. 2025."""
    return 1 / (1 + np.exp(-(theta + u - d * np.exp(-k * theta))))


TRUTHS = {"transfer-score": {"D_0": 1e6}}
