"""Size, data and compute. Open `loss.py` first: it shows the whole idea of a law."""

from lawjax.laws.base import Law
from lawjax.laws.size.curves import POWER_LAW, POWER_LAW_FLOOR, SHIFTED_POWER_LAW, broken_power_law
from lawjax.laws.size.loss import CHINCHILLA, COUPLED, KAPLAN_D, KAPLAN_N, KAPLAN_ND

BROKEN_POWER_LAW = broken_power_law(1)
"""The smoothly broken power law with one break; `broken_power_law(n)` gives n."""

LAWS: tuple[Law, ...] = (
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
"""Every law of the family."""

__all__ = [
    "BROKEN_POWER_LAW",
    "CHINCHILLA",
    "COUPLED",
    "KAPLAN_D",
    "KAPLAN_N",
    "KAPLAN_ND",
    "POWER_LAW",
    "POWER_LAW_FLOOR",
    "SHIFTED_POWER_LAW",
    "broken_power_law",
]
