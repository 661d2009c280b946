"""Size, data and compute. Open `loss.py` first: it shows the whole idea of a law."""

from lawjax.laws.base import Law
from lawjax.laws.size.curves import (
    GENERALISATION_GAP,
    POWER_LAW,
    POWER_LAW_FLOOR,
    SHIFTED_POWER_LAW,
    broken_power_law,
)
from lawjax.laws.size.extrapolation import LEVELLING_POWER_LAW, SIGMOIDAL_POWER_LAW
from lawjax.laws.size.generative import (
    INFORMATION_GAIN,
    IRREDUCIBLE_POWER_LAW,
    OPTIMAL_SIZE_POWER,
    OPTIMAL_TOKENS_POWER,
    SCALE_POWER_LAW,
)
from lawjax.laws.size.loss import CHINCHILLA, COUPLED, KAPLAN_D, KAPLAN_N, KAPLAN_ND
from lawjax.laws.size.overtraining import ERROR_OF_LOSS, OVERTRAINED
from lawjax.laws.size.steps import CRITICAL_BATCH_SIZE, KAPLAN_NS, KAPLAN_NSB
from lawjax.laws.size.translation import LOG_LINEAR_COMPUTE, LOG_LINEAR_SIZE, MULTILINGUAL

BROKEN_POWER_LAW = broken_power_law(1)
"""The smoothly broken power law with one break; `broken_power_law(n)` gives n."""

LAWS: tuple[Law, ...] = (
    CHINCHILLA,
    COUPLED,
    KAPLAN_ND,
    KAPLAN_N,
    KAPLAN_D,
    KAPLAN_NS,
    KAPLAN_NSB,
    CRITICAL_BATCH_SIZE,
    OVERTRAINED,
    ERROR_OF_LOSS,
    POWER_LAW,
    POWER_LAW_FLOOR,
    SHIFTED_POWER_LAW,
    BROKEN_POWER_LAW,
    broken_power_law(2),
    LEVELLING_POWER_LAW,
    SIGMOIDAL_POWER_LAW,
    SCALE_POWER_LAW,
    IRREDUCIBLE_POWER_LAW,
    OPTIMAL_SIZE_POWER,
    OPTIMAL_TOKENS_POWER,
    INFORMATION_GAIN,
    MULTILINGUAL,
    LOG_LINEAR_COMPUTE,
    LOG_LINEAR_SIZE,
    GENERALISATION_GAP,
)
"""Every law of the family."""

__all__ = [
    "BROKEN_POWER_LAW",
    "CHINCHILLA",
    "COUPLED",
    "CRITICAL_BATCH_SIZE",
    "ERROR_OF_LOSS",
    "GENERALISATION_GAP",
    "INFORMATION_GAIN",
    "IRREDUCIBLE_POWER_LAW",
    "KAPLAN_D",
    "KAPLAN_N",
    "KAPLAN_ND",
    "KAPLAN_NS",
    "KAPLAN_NSB",
    "LEVELLING_POWER_LAW",
    "LOG_LINEAR_COMPUTE",
    "LOG_LINEAR_SIZE",
    "MULTILINGUAL",
    "OPTIMAL_SIZE_POWER",
    "OPTIMAL_TOKENS_POWER",
    "OVERTRAINED",
    "POWER_LAW",
    "POWER_LAW_FLOOR",
    "SCALE_POWER_LAW",
    "SHIFTED_POWER_LAW",
    "SIGMOIDAL_POWER_LAW",
    "broken_power_law",
]
