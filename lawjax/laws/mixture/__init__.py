"""Mixtures of data."""

from lawjax.laws.base import Law
from lawjax.laws.mixture.continual import D_CPT, D_CPT_CROSS_DOMAIN, D_CPT_EARLY_LOSS
from lawjax.laws.mixture.critical import CMR_DOMAIN_CHANGE, CMR_GENERAL_CHANGE, CMR_LOSS, CRITICAL_RATIO
from lawjax.laws.mixture.mixing import MIXING_SHARE, mixing_law

LAWS: tuple[Law, ...] = (
    D_CPT,
    D_CPT_CROSS_DOMAIN,
    D_CPT_EARLY_LOSS,
    CMR_LOSS,
    CMR_DOMAIN_CHANGE,
    CMR_GENERAL_CHANGE,
    CRITICAL_RATIO,
    MIXING_SHARE,
    mixing_law(3),
    mixing_law(5),
)
"""Every law of the family; `mixing_law(n)` gives the mixing law of n domains."""

__all__: list[str] = [
    "CMR_DOMAIN_CHANGE",
    "CMR_GENERAL_CHANGE",
    "CMR_LOSS",
    "CRITICAL_RATIO",
    "D_CPT",
    "D_CPT_CROSS_DOMAIN",
    "D_CPT_EARLY_LOSS",
    "MIXING_SHARE",
    "mixing_law",
]
