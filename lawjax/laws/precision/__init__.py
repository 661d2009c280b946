"""Precision: bits and number formats."""

from lawjax.laws.base import Law
from lawjax.laws.precision.floating_point import FLOATING_POINT
from lawjax.laws.precision.low_bit import QUANTISATION_GAP, QUANTISATION_GAP_AT_WIDTH, QUANTISED_LOSS
from lawjax.laws.precision.total_bits import BIT_LEVEL

LAWS: tuple[Law, ...] = (
    FLOATING_POINT,
    QUANTISATION_GAP,
    QUANTISATION_GAP_AT_WIDTH,
    QUANTISED_LOSS,
    BIT_LEVEL,
)
"""Every law of the family."""

__all__: list[str] = [
    "BIT_LEVEL",
    "FLOATING_POINT",
    "QUANTISATION_GAP",
    "QUANTISATION_GAP_AT_WIDTH",
    "QUANTISED_LOSS",
]
