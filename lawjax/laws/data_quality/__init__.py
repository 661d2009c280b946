"""Data quality: repetition, filtering, pruning, synthetic data."""

from lawjax.laws.base import Law
from lawjax.laws.data_quality.filtering import (
    EFFECTIVE_DATA,
    EFFECTIVE_UTILITY,
    EFFECTIVE_UTILITY_CODE,
    filtered_pools,
)
from lawjax.laws.data_quality.projektor import PROJEKTOR_SIZE, line_through, noise_amplification, projektor
from lawjax.laws.data_quality.pruning import PRUNED_PERCEPTRON
from lawjax.laws.data_quality.rectified import RECTIFIED, RECTIFIED_HILL
from lawjax.laws.data_quality.repetition import DATA_CONSTRAINED, REPEATED_DATA

FILTERED_POOLS = filtered_pools("utility", 4)
"""Four pools mixed, by effective utility; `filtered_pools` gives other forms and numbers."""
FILTERED_POOLS_DATA = filtered_pools("data", 4)
"""Four pools mixed, by effective data."""
PROJEKTOR = projektor(3)
"""Performance of mixtures of three sources; `projektor` gives other numbers."""

LAWS: tuple[Law, ...] = (
    DATA_CONSTRAINED,
    REPEATED_DATA,
    RECTIFIED,
    RECTIFIED_HILL,
    EFFECTIVE_UTILITY,
    EFFECTIVE_UTILITY_CODE,
    EFFECTIVE_DATA,
    FILTERED_POOLS,
    FILTERED_POOLS_DATA,
    PROJEKTOR,
    PROJEKTOR_SIZE,
    PRUNED_PERCEPTRON,
)
"""Every law of the family."""

__all__ = [
    "DATA_CONSTRAINED",
    "EFFECTIVE_DATA",
    "EFFECTIVE_UTILITY",
    "EFFECTIVE_UTILITY_CODE",
    "FILTERED_POOLS",
    "FILTERED_POOLS_DATA",
    "PROJEKTOR",
    "PROJEKTOR_SIZE",
    "PRUNED_PERCEPTRON",
    "RECTIFIED",
    "RECTIFIED_HILL",
    "REPEATED_DATA",
    "filtered_pools",
    "line_through",
    "noise_amplification",
    "projektor",
]
