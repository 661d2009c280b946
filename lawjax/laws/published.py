"""Coefficients from papers, each with its source and its unit convention."""

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from lawjax.errors import choose
from lawjax.laws.base import Law
from lawjax.laws.loss import CHINCHILLA, KAPLAN_D, KAPLAN_N, KAPLAN_ND


@dataclasses.dataclass(frozen=True, eq=False)
class Published:
    """A law with the coefficients of a paper.

    Attributes:
        law: the law.
        params: one value per parameter, for inputs in single counts.
        source: where the numbers are printed.
        note: what a user must know of them.
    """

    name: str
    law: Law
    params: Mapping[str, float]
    source: str
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))


_TABLE = (
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
PUBLISHED: Mapping[str, Published] = MappingProxyType({entry.name: entry for entry in _TABLE})


def published(name: str) -> Published:
    """The coefficients of a paper, ready for `predict`, `allocate` and `sweep`.

    Args:
        name: a key of `PUBLISHED`, such as "hoffmann2022".
    Raises:
        InputError: no such entry.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.published("hoffmann2022").params["E"]
        1.69
    """
    return PUBLISHED[choose("published law", name, PUBLISHED)]
