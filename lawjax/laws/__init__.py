"""Laws as pure JAX functions, each with the record that describes it.

Open `loss.py` first: it shows the whole idea.
"""

from collections.abc import Mapping
from types import MappingProxyType

from lawjax.errors import choose
from lawjax.laws.base import (
    Law,
    Param,
    Params,
    Variable,
    bounded,
    over_draws,
    over_runs,
    positive,
    real,
    rescale,
    unit_interval,
)
from lawjax.laws.curves import POWER_LAW, POWER_LAW_FLOOR, SHIFTED_POWER_LAW, broken_power_law
from lawjax.laws.loss import CHINCHILLA, COUPLED, KAPLAN_D, KAPLAN_N, KAPLAN_ND
from lawjax.laws.published import PUBLISHED, Published, published

BROKEN_POWER_LAW = broken_power_law(1)
"""The smoothly broken power law with one break; `broken_power_law(n)` gives n."""

ALL: Mapping[str, Law] = MappingProxyType(
    {
        law.name: law
        for law in (
            CHINCHILLA,
            COUPLED,
            KAPLAN_ND,
            KAPLAN_N,
            KAPLAN_D,
            POWER_LAW,
            POWER_LAW_FLOOR,
            SHIFTED_POWER_LAW,
            BROKEN_POWER_LAW,
            broken_power_law(2),
        )
    }
)
"""Every law of the catalogue by name."""


def get(name: str) -> Law:
    """The law of that name.

    Raises:
        InputError: no such law; the message lists them.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.get("chinchilla")
        <Law chinchilla: loss(N, D; E, A, alpha, B, beta)>
    """
    return ALL[choose("law", name, ALL)]


__all__ = [
    "ALL",
    "BROKEN_POWER_LAW",
    "CHINCHILLA",
    "COUPLED",
    "KAPLAN_D",
    "KAPLAN_N",
    "KAPLAN_ND",
    "POWER_LAW",
    "POWER_LAW_FLOOR",
    "PUBLISHED",
    "SHIFTED_POWER_LAW",
    "Law",
    "Param",
    "Params",
    "Published",
    "Variable",
    "bounded",
    "broken_power_law",
    "get",
    "over_draws",
    "over_runs",
    "positive",
    "published",
    "real",
    "rescale",
    "unit_interval",
]
