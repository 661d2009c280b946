"""Published coefficients of size, data and compute laws."""

from lawjax.laws.records import Published
from lawjax.laws.size.loss import CHINCHILLA, KAPLAN_D, KAPLAN_N, KAPLAN_ND

PUBLISHED: tuple[Published, ...] = (
    Published(
        "hoffmann2022",
        CHINCHILLA,
        dict(E=1.69, A=406.4, alpha=0.34, B=410.7, beta=0.28),
        "Hoffmann et al. 2022, arXiv:2203.15556, section D.2, as printed (rounded)",
        "Rounding the exponents moves the optimal tokens per parameter by 1.6 times at 5.76e23 FLOPs; "
        "compare `hoffmann2022-unrounded` and `besiroglu2024`.",
    ),
    Published(
        "hoffmann2022-unrounded",
        CHINCHILLA,
        dict(E=1.6933754, A=406.4009, alpha=0.33917084, B=410.7228, beta=0.2849083),
        "the same fit with more digits, recovered from the paper's source files by Besiroglu et al. 2024",
    ),
    Published(
        "besiroglu2024",
        CHINCHILLA,
        dict(E=1.81686, A=482.00572, alpha=0.34781, B=2085.43420, beta=0.36585),
        "Besiroglu et al. 2024, arXiv:2404.10102 (a least-absolute-deviations fit of 240 digitised runs)",
    ),
    Published(
        "kaplan2020-n",
        KAPLAN_N,
        dict(N_c=8.8e13, alpha_N=0.076),
        "Kaplan et al. 2020, arXiv:2001.08361, equation 1.1",
        "N counts non-embedding parameters.",
    ),
    Published(
        "kaplan2020-d",
        KAPLAN_D,
        dict(D_c=5.4e13, alpha_D=0.095),
        "Kaplan et al. 2020, arXiv:2001.08361, equation 1.2",
    ),
    Published(
        "kaplan2020-nd",
        KAPLAN_ND,
        dict(N_c=6.4e13, alpha_N=0.076, D_c=1.8e13, alpha_D=0.103),
        "Kaplan et al. 2020, arXiv:2001.08361, table 2",
        "N counts non-embedding parameters.",
    ),
)
