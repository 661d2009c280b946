"""Published coefficients. Mixtures of data."""

import math

from lawjax.laws.mixture.critical import CMR_LOSS
from lawjax.laws.mixture.mixing import mixing_law
from lawjax.laws.records import Published, Worked


def _gu(size: str, alpha: float, s: float, beta: float, held_out: float) -> Published:
    """The domain loss of one size against the share of domain data, from the ratios 1/3, 1/2, 3/4 and 1."""
    return Published(
        f"gu2024-domain-{size.lower()}",
        CMR_LOSS,
        dict(alpha=alpha, s=s, beta=beta),
        "recomputed by least squares from four ratios of table 2 of Gu et al. 2024, arXiv:2407.17467",
        "The paper prints losses and predictions, no coefficients. The ratio that it prints as 33 % is one third: "
        "with 0.33 the prediction at 25 % is 0.001 lower.",
        setting=f"domain loss of a {size} model after continual pre-training on 20B tokens",
        worked=(Worked(dict(R=0.25), held_out, 1e-4, "measured at the ratio left out, table 2"),),
    )


def _ye(domain: str, log_c: float, log_k: float, t: tuple[float, ...], measured: float, residual: float) -> Published:
    """The loss on one domain against the proportions of academic, prose, dialogue, symbolic and internet."""
    ratio = (0.125, 0.1875, 0.0625, 0.25, 0.375)
    return Published(
        f"ye2025-{domain}-70m",
        mixing_law(5),
        dict(c=math.exp(log_c), k=math.exp(log_k), t=t),
        "Ye et al. 2025, arXiv:2403.16952: printed by mix_5_domains.ipynb of yegcjs/mixinglaws (c and k as logarithms)",
        "Proportions in the order academic, prose, dialogue, symbolic, internet; the runs reach 0.5, 0.19, 0.09, 0.25 "
        "and 0.75 of each. Only log k + t_j is determined.",
        setting=f"loss on {domain} of a 70M model after 30000 steps of 1048576 tokens, 26 mixtures of five groups of "
        "the Pile",
        worked=(Worked(dict(ratio=ratio), measured, residual, "measured: one of the 26 mixtures of the source"),),
    )


PUBLISHED: tuple[Published, ...] = (
    _gu("460M", -0.426126, 0.178146, 1.889018, 1.5561),
    _gu("940M", -0.370955, 0.178773, 1.743286, 1.4538),
    _gu("1.6B", -0.312449, 0.198293, 1.636671, 1.3994),
    _gu("3.1B", -0.356857, 0.162698, 1.615410, 1.3305),
    _ye("academic", 0.9750, -2.1391, (-10.0864, 2.7140, 2.7106, 2.6083, 1.5866), 2.861895, 7e-3),
    _ye("prose", 1.2624, -2.1656, (1.3930, -4.6811, 0.7855, 1.8719, 0.5734), 3.646100, 2e-3),
    _ye("dialogue", 1.1375, -7.1017, (6.7135, 6.2643, -31.8621, 6.6423, 6.2053), 3.167400, 1e-3),
    _ye("symbolic", 0.4750, -3.6546, (3.3289, 3.6705, 3.1127, -16.4217, 3.1591), 1.597037, 1.1e-2),
    _ye("internet", 1.2402, -1.9510, (1.1897, 0.8697, -0.5184, 1.7122, -3.0870), 3.549005, 7e-4),
)
